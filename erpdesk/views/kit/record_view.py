"""How a list looks and is laid out: header, rows, footer, empty state, column chooser."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QScrollBar, QTableView, QWidget

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.record_delegate import PAD, RecordDelegate
from erpdesk.views.kit.record_frozen import FrozenColumns
from erpdesk.views.kit.record_model import BOX_ROOM, RecordModel
from erpdesk.views.kit.table_layout import LayoutStore, Sorts, TableLayout, load_layout, save_layout
from erpdesk.views.kit.tokens import tokens_for
from erpdesk.views.kit.totals_footer import TotalsFooter

ROW_PAD = 13
NARROWEST = 36


class RecordView(QTableView):
    """The visible side of a list; the layout of its columns is kept in ``store`` under ``name``."""

    layout_changed = Signal()
    sorts_by_several = True
    """Whether the list can be sorted by more than one column."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        store: LayoutStore,
        checkboxes: bool,
        parent: QWidget | None,
        model: RecordModel | None = None,
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.records = RecordModel(columns) if model is None else model
        self.empty_title = ""
        self.empty_hint = ""
        self.store = store
        self._checkboxes = checkboxes
        # Qt asks for geometry while it takes header and model, before there is a footer to place.
        self._placing = True
        self._restoring = False
        self._locked: tuple[str, ...] = ()
        self._pressed: tuple[Hashable, int] | None = None
        """The id under the last press, and when that was in milliseconds."""
        self._widths = self._first_widths()
        self._delegate = RecordDelegate(self.records, self)
        self._header = QHeaderView(Qt.Orientation.Horizontal, self)
        self.setHorizontalHeader(self._header)
        self.setModel(self.records)
        for header in (self._header, self.verticalHeader()):
            # A header asks of each row whether it is selected before it paints; nobody shows that in these headers.
            header.setSelectionModel(QItemSelectionModel(self.records, header))
        self.setItemDelegate(self._delegate)
        self.footer = TotalsFooter(self, self.records.columns)
        self._frozen = FrozenColumns(self)
        self._dress()
        self._header.sectionResized.connect(self._on_resized)
        self._header.sectionMoved.connect(self._on_moved)
        self._header.sectionClicked.connect(self._on_title)
        self._header.customContextMenuRequested.connect(self._on_header_menu)
        self.horizontalScrollBar().valueChanged.connect(self.footer.update)
        self._placing = False
        self.use_layout(load_layout(store, name) or TableLayout())

    def visible_columns(self) -> list[Column]:
        """The columns on screen, from left to right."""
        order = (self._header.logicalIndex(place) for place in range(self._header.count()))
        return [self.records.columns[column] for column in order if not self.isColumnHidden(column)]

    # Order

    def sorts(self) -> Sorts:
        """The columns that sort the list, the most important first; none means the order in which the rows came."""
        return ()

    def sort_by_all(self, sorts: Sorts) -> None:
        """Sorts by several columns, the most important first; none brings back the first order."""

    def sorted_by(self) -> tuple[str, bool]:
        """Key of the most important sorted column and whether descending; an empty key means the first order."""
        return next(iter(self.sorts()), ("", False))

    def sort_by(self, key: str, descending: bool = False) -> None:
        """Sorts by one column; an empty key brings back the first order."""
        self.sort_by_all(((key, descending),) if key else ())

    def add_sort(self, key: str) -> None:
        """Sorts by this column after those that sort already; one that sorts already is turned round."""
        sorts = dict(self.sorts())
        sorts[key] = not sorts[key] if key in sorts else False
        self.sort_by_all(tuple(sorts.items()))

    @Slot(int)
    def _on_title(self, section: int) -> None:
        """A click sorts by a column alone, and with Shift after those that sort already."""
        key = self.records.columns[section].key
        if QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.add_sort(key)
        else:
            self.sort_by(key, descending=self.sorts() == ((key, False),))

    def show_column(self, key: str, shown: bool) -> None:
        """Shows or hides a column; the last one on screen stays."""
        if not shown and [column.key for column in self.visible_columns()] == [key]:
            return
        self.setColumnHidden(self.place_of(key), not shown)
        self._columns_changed()

    def move_column(self, key: str, before: str) -> None:
        """Puts a column before another one on screen, at the end when ``before`` is empty."""
        self.use_layout(replace(self.layout_now(), order=self._order_with(key, before)))
        self._columns_changed()

    def locked(self) -> tuple[str, ...]:
        """The keys of the columns that stay in sight while the list is scrolled sideways, from left to right."""
        return self._locked

    def set_locked(self, key: str, locked: bool) -> None:
        """Locks a column behind those that are locked already, or lets it go."""
        kept = tuple(each for each in self._locked if each != key)
        self.use_layout(replace(self.layout_now(), locked=(*kept, key) if locked else kept))
        self._columns_changed()

    @Slot()
    def reset_layout(self) -> None:
        """Columns and order as they were declared."""
        self._widths = self._first_widths()
        self.use_layout(TableLayout())
        self._columns_changed()
        self.sort_by("")

    def use_layout(self, layout: TableLayout) -> None:
        """Arranges the columns; what the layout does not name stands as declared."""
        self._restoring = True
        columns = self.records.columns
        keys = [column.key for column in columns]
        order = [key for key in layout.order if key in keys] or list(keys)
        for key in keys:
            if key not in order:
                order.insert(keys.index(key), key)
        self._locked = tuple(key for key in layout.locked if key in keys)
        order = [*self._locked, *(key for key in order if key not in self._locked)]
        for place, key in enumerate(order):
            self._header.moveSection(self._header.visualIndex(keys.index(key)), place)
        hidden = [
            column.key in layout.hidden or (not column.show and column.key not in layout.shown) for column in columns
        ]
        for place, hide in enumerate(hidden):
            self.setColumnHidden(place, hide and not all(hidden))
        self._widths.update({key: width for key, width in layout.widths.items() if key in keys})
        for place, key in enumerate(keys):
            self.setColumnWidth(place, self._widths[key])
        self._restoring = False
        self._mark_boxed()
        self.updateGeometries()

    def layout_now(self) -> TableLayout:
        """The layout as it is on screen."""
        columns = self.records.columns
        order = [columns[self._header.logicalIndex(place)].key for place in range(len(columns))]
        hidden = [column.key for place, column in enumerate(columns) if self.isColumnHidden(place)]
        return TableLayout(
            order=tuple(order),
            hidden=tuple(hidden),
            shown=tuple(key for key in order if key not in hidden),
            widths=dict(self._widths),
            sorts=self.sorts(),
            locked=self._locked,
        )

    def save_layout(self) -> None:
        """Remembers the layout, and tells that it changed."""
        if not self._restoring:
            save_layout(self.store, self.name, self.layout_now())
            self.layout_changed.emit()

    def updateGeometries(self) -> None:
        """Keeps room for the footer below the rows and gives the room that is left over to one column.

        It takes the place of Qt's own, which knows no footer: the two would show and hide a scroll bar for ever.
        """
        if self._placing:
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
        if event.type() == QEvent.Type.FontChange:
            self._fit_rows()
            self.updateGeometries()

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

    def _first_widths(self) -> dict[str, int]:
        boxes = BOX_ROOM if self._checkboxes else 0
        columns = enumerate(self.records.columns)
        return {column.key: column.first_width + (0 if place else boxes) for place, column in columns}

    def place_of(self, key: str) -> int:
        return next(place for place, column in enumerate(self.records.columns) if column.key == key)

    def _elastic(self) -> int:
        """The place of the column that takes the room left over; a drag of another column does not change it."""
        seen = [place for place in range(len(self.records.columns)) if not self.isColumnHidden(place)]
        columns = self.records.columns
        declared = [place for place in seen if columns[place].stretch]
        texts = [place for place in seen if columns[place].kind == "text"]
        if declared:
            return declared[0]
        return max(texts or seen, key=lambda place: columns[place].first_width, default=-1)

    def _least_width(self) -> int:
        columns = enumerate(self.records.columns)
        return sum(self._widths[column.key] for place, column in columns if not self.isColumnHidden(place))

    def _stretch(self, room: int) -> None:
        elastic = self._elastic()
        if elastic < 0:
            return
        own = self._widths[self.records.columns[elastic].key]
        width = own + max(0, room - self._least_width())
        if width != self.columnWidth(elastic):
            before, self._restoring = self._restoring, True
            self.setColumnWidth(elastic, width)
            self._restoring = before

    def _in_box(self, point: QPoint) -> bool:
        index = self.indexAt(point)
        if not self._checkboxes or index.column() != self._delegate.boxed:
            return False
        return point.x() - self._frozen.left_of(index.column()) < PAD + BOX_ROOM - 4

    def _mark_boxed(self) -> None:
        seen = self.visible_columns()
        boxed = self.place_of(seen[0].key) if self._checkboxes and seen else -1
        self._delegate.boxed = boxed
        self.records.mark_boxed(boxed)
        self.viewport().update()

    def _columns_changed(self) -> None:
        self._mark_boxed()
        self.updateGeometries()
        self.save_layout()

    @Slot(int, int, int)
    def _on_resized(self, section: int, _old: int, new: int) -> None:
        if self._restoring or self._placing or new == 0:
            return
        self._widths[self.records.columns[section].key] = new
        self.updateGeometries()
        self.save_layout()

    @Slot(int, int, int)
    def _on_moved(self, _section: int, _old: int, _new: int) -> None:
        if self._restoring:
            return
        count = len(self._locked)
        order = self.layout_now().order
        if set(order[:count]) != set(self._locked):
            # A column that is dragged among the locked ones is locked with them; one that is dragged out is let go.
            stays = [place for place, key in enumerate(order) if key in self._locked]
            self._locked = order[: max(stays) + 1] if max(stays) < len(order) - 1 else self._locked[:-1]
            self.use_layout(self.layout_now())
        else:
            self._locked = order[:count]
        self._columns_changed()

    @Slot(QPoint)
    def _on_header_menu(self, at: QPoint) -> None:
        self.open_header_menu(self._header.logicalIndexAt(at), self._header.mapToGlobal(at))

    def open_header_menu(self, section: int, at: QPoint) -> None:
        """Opens the menu of a column (-1 for none) at a place of the screen."""
        from erpdesk.views.kit.list_header_menu import header_menu

        header_menu(self, self.records.columns[section] if section >= 0 else None).popup(at)

    def _order_with(self, key: str, before: str) -> tuple[str, ...]:
        order = [each for each in self.layout_now().order if each != key]
        order.insert(order.index(before) if before in order else len(order), key)
        return tuple(order)


def _thickness(view: QTableView, bar: QScrollBar) -> int:
    """The room a scroll bar takes when it is there."""
    down = bar.orientation() == Qt.Orientation.Vertical
    policy = view.verticalScrollBarPolicy() if down else view.horizontalScrollBarPolicy()
    if policy == Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
        return 0
    return bar.sizeHint().width() if down else bar.sizeHint().height()
