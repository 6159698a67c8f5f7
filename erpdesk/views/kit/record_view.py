"""How a list looks and is handled: header, rows, footer, empty state, menus, mouse."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QScrollBar, QTableView, QWidget

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.record_delegate import PAD, RecordDelegate
from erpdesk.views.kit.record_frozen import FrozenColumns
from erpdesk.views.kit.record_layout import RecordLayout
from erpdesk.views.kit.record_model import BOX_ROOM, RecordModel
from erpdesk.views.kit.table_layout import LayoutStore, TableLayout, load_layout
from erpdesk.views.kit.tokens import tokens_for
from erpdesk.views.kit.totals_footer import TotalsFooter

ROW_PAD = 13
NARROWEST = 36


class RecordView(RecordLayout):
    """The visible side of a list, however its rows are held."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        store: LayoutStore,
        checkboxes: bool,
        parent: QWidget | None,
        model: RecordModel | None = None,
    ) -> None:
        super().__init__(name, columns, store, checkboxes, parent, model)
        self.empty_title = ""
        self.empty_hint = ""
        self._pressed: tuple[Hashable, int] | None = None
        """The id under the last press, and when that was in milliseconds."""
        self._delegate = RecordDelegate(self.records, self)
        for header in (self._header, self.verticalHeader()):
            # A header asks of each row whether it is selected before it paints; nobody shows that in these headers.
            header.setSelectionModel(QItemSelectionModel(self.records, header))
        self.setItemDelegate(self._delegate)
        self.footer = TotalsFooter(self, self.records.columns)
        self._frozen = FrozenColumns(self)
        self._dress()
        self._header.sectionClicked.connect(self._on_title)
        self._header.customContextMenuRequested.connect(self._on_header_menu)
        self.horizontalScrollBar().valueChanged.connect(self.footer.update)
        self._placing = False
        self.use_layout(load_layout(store, name) or TableLayout())

    @Slot(int)
    def _on_title(self, section: int) -> None:
        """A click sorts by a column alone, and with Shift after those that sort already."""
        key = self.records.columns[section].key
        if QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.add_sort(key)
        else:
            self.sort_by(key, descending=self.sorts() == ((key, False),))

    def updateGeometries(self) -> None:
        """Keeps room for the footer below the rows and gives the room that is left over to one column.

        It takes the place of Qt's own, which knows no footer: the two would show and hide a scroll bar for ever.
        """
        if self._placing or self._unseen:
            return
        self._placing = True
        foot, high = self.footer.wanted_height(), self._header.sizeHint().height()
        self.setViewportMargins(0, high, 0, foot)
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        length = self.verticalHeader().length()
        # Everything follows from the room without scroll bars, not from those that happen to be there now.
        room = self.maximumViewportSize()
        tall, wide = room.height(), room.width()
        least = self._least_width()
        if length > tall and least <= wide:
            wide -= _thickness(self, down)
        if least > wide:
            tall -= _thickness(self, across)
            if length > tall:
                wide = room.width() - _thickness(self, down)
        down.setRange(0, max(0, length - tall))
        down.setPageStep(tall)
        self._stretch(wide)
        across.setRange(0, max(0, self._header.length() - wide))
        across.setPageStep(wide)
        port = self.viewport().geometry()
        self._header.setGeometry(port.left(), port.top() - high, port.width(), high)
        # Qt paints only as many rows as its hidden header is high.
        self.verticalHeader().setGeometry(0, port.top(), 0, port.height())
        below = port.top() + min(port.height(), length)
        self.footer.setGeometry(QRect(port.left(), below, port.width(), foot))
        self.footer.setVisible(foot > 0)
        self.footer.update()
        self._placing = False
        self._frozen.place()

    @property
    def _unseen(self) -> bool:
        return not self.isVisible() and not self.isWindow()

    def showEvent(self, event: QShowEvent) -> None:
        """Places everything before it is seen for the first time."""
        super().showEvent(event)
        self.updateGeometries()

    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """A click into the box of a row takes it into the selection or out of it."""
        if isinstance(event, QMouseEvent) and self._in_box(event.position().toPoint()):
            flags = QItemSelectionModel.SelectionFlag
            pressed = event.type() == QEvent.Type.MouseButtonPress
            return flags.Toggle | flags.Rows if pressed else flags.NoUpdate
        return super().selectionCommand(index, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Notes which record is pressed, before that moves the list."""
        key = self._key_at(self.indexAt(event.position().toPoint()))
        self._pressed = None if key is None else (key, event.timestamp())
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Opens the record of the first press: what its selection brought may have moved the list under the mouse."""
        pressed, most = self._pressed, QGuiApplication.styleHints().mouseDoubleClickInterval()
        recent = pressed is not None and event.timestamp() - pressed[1] <= most
        in_box = self._in_box(event.position().toPoint())
        if pressed is None or not recent or in_box or event.button() != Qt.MouseButton.LeftButton:
            super().mouseDoubleClickEvent(event)
            return
        self._pressed = None
        event.accept()
        self._open_key(pressed[0])

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The cell at a place of the list: a locked column where one stands over another."""
        index = super().indexAt(point)
        place = self._frozen.place_at(point.x()) if index.isValid() else -1
        return index.siblingAtColumn(place) if place >= 0 else index

    def _key_at(self, index: QModelIndex) -> Hashable | None:
        """The id of the row at a place; None where there is none."""
        return None

    def _open_key(self, key: Hashable) -> None:
        """Tells that a record is to be opened, if it is still on screen."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the rows, or says why there are none."""
        super().paintEvent(event)
        self._paint_empty()

    def _paint_empty(self) -> None:
        if self.records.rowCount() or not (self.empty_title or self.empty_hint):
            return
        tokens = tokens_for(self.palette())
        painter = QPainter(self.viewport())
        room = self.viewport().rect().adjusted(24, 12, -24, -12)
        strong = self.font()
        strong.setBold(True)
        line = QFontMetrics(strong).lineSpacing()
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        middle = max(room.top(), room.center().y() - line - 8)
        painter.setFont(strong)
        painter.setPen(QColor(tokens.text))
        used = painter.drawText(QRect(room.left(), middle, room.width(), room.height()), flags, self.empty_title)
        painter.setFont(self.font())
        painter.setPen(QColor(tokens.muted))
        painter.drawText(QRect(room.left(), used.bottom() + 7, room.width(), room.height()), flags, self.empty_hint)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Follows the text size of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and not self._placing:
            self._fit_rows()
            self._fit_columns()

    def _dress(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.setVisible(False)
        # Measuring each row would read all of them: every row has one height.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._fit_rows()
        header = self._header
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(NARROWEST)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def _fit_rows(self) -> None:
        height = self.fontMetrics().height() + ROW_PAD
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.verticalScrollBar().setSingleStep(height)
        self.horizontalScrollBar().setSingleStep(height)

    def _in_box(self, point: QPoint) -> bool:
        index = self.indexAt(point)
        if not self._checkboxes or index.column() != self._delegate.boxed:
            return False
        return point.x() - self._frozen.left_of(index.column()) < PAD + BOX_ROOM - 4

    def _mark_boxed(self) -> None:
        super()._mark_boxed()
        self._delegate.boxed = self._boxed

    @Slot(QPoint)
    def _on_header_menu(self, at: QPoint) -> None:
        self.open_header_menu(self._header.logicalIndexAt(at), self._header.mapToGlobal(at))

    def open_header_menu(self, section: int, at: QPoint) -> None:
        """Opens the menu of a column (-1 for none) at a place of the screen."""
        from erpdesk.views.kit.list_header_menu import header_menu

        header_menu(self, self.records.columns[section] if section >= 0 else None).popup(at)


def _thickness(view: QTableView, bar: QScrollBar) -> int:
    """The room a scroll bar takes when it is there."""
    down = bar.orientation() == Qt.Orientation.Vertical
    policy = view.verticalScrollBarPolicy() if down else view.horizontalScrollBarPolicy()
    if policy == Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
        return 0
    return bar.sizeHint().width() if down else bar.sizeHint().height()
