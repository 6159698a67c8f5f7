"""How the columns of a list are laid out: which are seen, in which order, how wide, which stay in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.record_delegate import PAD
from erpdesk.views.kit.record_model import BOX_ROOM, RecordModel
from erpdesk.views.kit.table_layout import LayoutStore, Sorts, TableLayout, save_layout
from erpdesk.views.kit.whole_columns import Needs, scale


class RecordLayout(QTableView):
    """The columns of a list; their layout is kept in ``store`` under ``name``.

    Widths are declared and kept for the usual text size and follow it, also those that a person chose.
    """

    layout_changed = Signal()
    _placing = True
    """Qt asks for geometry while it takes header and model, before there is a footer to place."""

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
        self.store = store
        self._checkboxes = checkboxes
        self._boxed = -1
        self._restoring = False
        self._locked: tuple[str, ...] = ()
        self._widths: dict[str, float] = self._first_widths()
        self._needs = Needs(self.records.columns)
        self._header = QHeaderView(Qt.Orientation.Horizontal, self)
        self.setHorizontalHeader(self._header)
        self.setModel(self.records)
        self._header.sectionResized.connect(self._on_resized)
        self._header.sectionMoved.connect(self._on_moved)

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
        self._widths.update({key: float(width) for key, width in layout.widths.items() if key in keys})
        self._mark_boxed()
        for place, width in enumerate(self._all_widths()):
            self.setColumnWidth(place, width)
        self._restoring = False
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
            widths={key: round(width) for key, width in self._widths.items()},
            sorts=self.sorts(),
            locked=self._locked,
        )

    def save_layout(self) -> None:
        """Remembers the layout, and tells that it changed."""
        if not self._restoring:
            save_layout(self.store, self.name, self.layout_now())
            self.layout_changed.emit()

    # Widths

    def learn(self, rows: Sequence[Any], sums: Mapping[str, Decimal] | None = None) -> None:
        """Gives the columns that may not be cut the room that these rows, and the sums below, need."""
        changed = self._needs.learn(rows)
        if (sums is not None and self._needs.learn_sums(sums)) or changed:
            self._fit_columns()

    def _fit_columns(self) -> None:
        """Gives each column its width in the text size of now."""
        before, self._restoring = self._restoring, True
        elastic = self._elastic()
        for place, width in enumerate(self._all_widths()):
            if place != elastic and width != self.columnWidth(place) and not self.isColumnHidden(place):
                self.setColumnWidth(place, width)
        self._restoring = before
        self.updateGeometries()

    def _all_widths(self) -> list[int]:
        """The width of each column before the room that is left over is given away."""
        font, columns = self.font(), self.records.columns
        larger, needs = scale(font), self._needs.least(font)
        strong = QFont(font)
        strong.setBold(True)
        metrics = QFontMetrics(strong)
        found = []
        for place, column in enumerate(columns):
            width = round(self._widths[column.key] * larger)
            if column.is_whole:
                title = self.records.headerData(place, Qt.Orientation.Horizontal) or ""
                boxes = BOX_ROOM if place == self._boxed else 0
                width = max(width, needs[column.key] + boxes, metrics.horizontalAdvance(title) + 2 * PAD)
            found.append(width)
        return found

    def _first_widths(self) -> dict[str, float]:
        boxes = BOX_ROOM if self._checkboxes else 0
        columns = enumerate(self.records.columns)
        return {column.key: float(column.first_width + (0 if place else boxes)) for place, column in columns}

    def place_of(self, key: str) -> int:
        """The place of a column among all that are declared."""
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
        widths = self._all_widths()
        return sum(width for place, width in enumerate(widths) if not self.isColumnHidden(place))

    def _stretch(self, room: int) -> None:
        elastic = self._elastic()
        if elastic < 0:
            return
        widths = self._all_widths()
        least = sum(width for place, width in enumerate(widths) if not self.isColumnHidden(place))
        width = widths[elastic] + max(0, room - least)
        if width != self.columnWidth(elastic):
            before, self._restoring = self._restoring, True
            self.setColumnWidth(elastic, width)
            self._restoring = before

    def _mark_boxed(self) -> None:
        seen = self.visible_columns()
        self._boxed = self.place_of(seen[0].key) if self._checkboxes and seen else -1
        self.records.mark_boxed(self._boxed)
        self.viewport().update()

    def _columns_changed(self) -> None:
        self._mark_boxed()
        self._fit_columns()
        self.save_layout()

    @Slot(int, int, int)
    def _on_resized(self, section: int, _old: int, new: int) -> None:
        if self._restoring or self._placing or new == 0:
            return
        self._widths[self.records.columns[section].key] = new / scale(self.font())
        # What would be cut is given its room again.
        self._fit_columns()
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

    def _order_with(self, key: str, before: str) -> tuple[str, ...]:
        order = [each for each in self.layout_now().order if each != key]
        order.insert(order.index(before) if before in order else len(order), key)
        return tuple(order)
