"""The chooser of columns: which are seen, in which order, and which stay in sight."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtGui import QDropEvent, QFont, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from erpdesk.views.kit.card import Muted, SectionLabel
from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.list_popup import Popup, edge_boxes
from erpdesk.views.kit.list_tip import tip
from erpdesk.views.kit.record_view import RecordView

SEARCHED_FROM = 10
KEY = Qt.ItemDataRole.UserRole
MOST_LINES = 16
NARROWEST = 300


class ColumnChooser(Popup):
    """Columns by group in their order on screen, with a box each; dragged, or moved with Alt and the arrows."""

    def __init__(self, table: RecordView, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.table = table
        self.search = QLineEdit()
        self.search.setProperty("search", True)
        self.search.setPlaceholderText("Find a column")
        self.search.setAccessibleName("Find a column")
        self.search.setClearButtonEnabled(True)
        self.search.setVisible(len(table.records.columns) >= SEARCHED_FROM)
        self.listed = _Columns(self)
        self.lock = QPushButton("&Lock")
        self.lock.setAutoDefault(False)
        self.lock.setCheckable(True)
        self.lock.setToolTip("Keep the column in sight while the list is scrolled sideways")
        set_icon(self.lock, "lock", "muted")
        self.restore = QPushButton("&Restore")
        self.restore.setAutoDefault(False)
        self.restore.setToolTip("Columns, widths and order as they were at first")
        across = QHBoxLayout()
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.lock)
        across.addStretch(1)
        across.addWidget(self.restore)
        hint = Muted("Drag to put them in order, or Alt with ↑ and ↓.")
        for part in (SectionLabel("Columns"), self.search, self.listed, hint):
            self.down.addWidget(part)
        self.down.addLayout(across)
        self.setMinimumWidth(NARROWEST)
        self.search.textChanged.connect(self._narrow)
        self.listed.itemChanged.connect(self._on_checked)
        self.listed.currentItemChanged.connect(self._on_current)
        self.lock.clicked.connect(self._on_lock)
        self.restore.clicked.connect(self._on_restore)
        self.fill()
        self.setFocusProxy(self.search if self.search.isVisibleTo(self) else self.listed)

    def fill(self, current: str = "") -> None:
        """Shows the columns as they stand now."""
        table, columns = self.table, {column.key: column for column in self.table.records.columns}
        order = table.layout_now().order
        hidden = set(table.layout_now().hidden)
        groups = list(dict.fromkeys(column.group for column in table.records.columns))
        self.listed.blockSignals(True)
        self.listed.clear()
        for group in groups:
            if len(groups) > 1:
                self.listed.addItem(_heading(group, self.listed.font()))
            for key in order:
                column = columns[key]
                if column.group != group:
                    continue
                locked = "  (locked)" if key in table.locked() else ""
                item = QListWidgetItem(f"{column.title or key}{locked}")
                item.setData(KEY, key)
                flags = Qt.ItemFlag
                item.setFlags(
                    flags.ItemIsEnabled | flags.ItemIsSelectable | flags.ItemIsUserCheckable | flags.ItemIsDragEnabled
                )
                item.setCheckState(Qt.CheckState.Unchecked if key in hidden else Qt.CheckState.Checked)
                if column.tooltip:
                    item.setToolTip(tip(column.tooltip))
                self.listed.addItem(item)
        self.listed.blockSignals(False)
        self._narrow()
        self.listed.choose(current)
        self.listed.fit(MOST_LINES)

    def key_after(self, row: int) -> str:
        """The key of the first column at or below a line of the list; empty at the end."""
        for line in range(row, self.listed.count()):
            if key := self.listed.item(line).data(KEY):
                return str(key)
        return ""

    def put_before(self, key: str, before: str) -> None:
        """Puts a column before another."""
        self.table.move_column(key, before)
        self.fill(key)

    @Slot()
    def _narrow(self) -> None:
        words = self.search.text().casefold().split()
        for line in range(self.listed.count()):
            item = self.listed.item(line)
            text = item.text().casefold()
            item.setHidden(bool(words) and not (item.data(KEY) and all(word in text for word in words)))

    def _on_checked(self, item: QListWidgetItem) -> None:
        key = str(item.data(KEY))
        self.table.show_column(key, item.checkState() == Qt.CheckState.Checked)
        # The last one on screen stays: the box says so.
        self.fill(key)

    def _on_current(self, item: QListWidgetItem | None) -> None:
        key = item.data(KEY) if item else None
        self.lock.setEnabled(bool(key))
        self.lock.setChecked(bool(key) and key in self.table.locked())

    @Slot()
    def _on_lock(self) -> None:
        item = self.listed.currentItem()
        if item is not None and item.data(KEY):
            key = str(item.data(KEY))
            self.table.set_locked(key, key not in self.table.locked())
            self.fill(key)

    @Slot()
    def _on_restore(self) -> None:
        self.table.reset_layout()
        self.fill()


class _Columns(QListWidget):
    """The lines themselves; a drop tells the chooser, which orders the list and shows it again."""

    def __init__(self, chooser: ColumnChooser) -> None:
        super().__init__()
        self._chooser = chooser
        self.setFrameShape(QFrame.Shape.NoFrame)
        edge_boxes(self)
        self.setAccessibleName("Columns")
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def choose(self, key: str) -> None:
        """Goes to a column, else to the first one."""
        lines = [line for line in range(self.count()) if self.item(line).data(KEY)]
        wanted = [line for line in lines if self.item(line).data(KEY) == key] or lines
        if wanted:
            self.setCurrentRow(wanted[0])

    def fit(self, most: int) -> None:
        """As high as its lines, up to some."""
        high = max(1, self.sizeHintForRow(0))
        self.setFixedHeight(high * min(most, max(1, self.count())) + 2 * self.frameWidth() + 4)

    def dropEvent(self, event: QDropEvent) -> None:
        """Puts the dragged column before the one it was dropped on."""
        source, target = self.currentItem(), self.indexAt(event.position().toPoint())
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if source is not None and source.data(KEY):
            self.drop(str(source.data(KEY)), target)

    def drop(self, key: str, target: QModelIndex) -> None:
        """Ends a drag of a column on a line, or below the last one."""
        below = self.dropIndicatorPosition() == QAbstractItemView.DropIndicatorPosition.BelowItem
        line = target.row() + below if target.isValid() else self.count()
        before = self._chooser.key_after(line)
        if before != key:
            self._chooser.put_before(key, before)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt with an arrow moves the column."""
        item = self.currentItem()
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if not step or event.modifiers() != Qt.KeyboardModifier.AltModifier or item is None or not item.data(KEY):
            super().keyPressEvent(event)
            return
        key, group = str(item.data(KEY)), [self.item(line).data(KEY) for line in range(self.count())]
        place = group.index(key) + step
        if not 0 <= place < len(group) or group[place] is None:
            return
        self._chooser.put_before(key, str(group[place]) if step < 0 else self._chooser.key_after(place + 1))


def _heading(text: str, usual: QFont) -> QListWidgetItem:
    item = QListWidgetItem(text)
    font = QFont(usual)
    font.setBold(True)
    item.setFont(font)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    return item
