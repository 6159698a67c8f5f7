"""A list of records: sorted, filtered, added up, copied and remembered the same way everywhere."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.list_words import count_words, summary_words
from erpdesk.views.kit.record_model import row_ranges
from erpdesk.views.kit.record_order import Shown, runs_of, sums
from erpdesk.views.kit.record_rows import AT_ONCE, RecordRows
from erpdesk.views.kit.sliced import Sliced
from erpdesk.views.kit.table_copy import TableCopy
from erpdesk.views.kit.table_layout import LayoutStore, MemoryStore

__all__ = ["Column", "MemoryStore", "RecordTable"]

MOST_RUNS = 2000
SELECT = QItemSelectionModel.SelectionFlag


class RecordTable(RecordRows):
    """A list of frozen rows, each with an id by which its selection outlives sorting, filtering and reloading.

    Up to 2,000 rows are on screen when a method returns; more are worked on in slices while the old ones stay.
    A selection that a new order would scatter over more than 2,000 places is let go, because Qt stalls on so many.
    """

    selection_changed = Signal(object)
    current_changed = Signal(object)
    opened = Signal(object)
    shown_changed = Signal(int, int)
    summary_changed = Signal(str)
    copied = Signal(int)
    typed = Signal(str)

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        *,
        row_id: Callable[[Any], Hashable] = attrgetter("id"),
        store: LayoutStore | None = None,
        empty_title: str = "Nothing here yet",
        empty_hint: str = "",
        checkboxes: bool = False,
        noun: tuple[str, str] = ("item", "items"),
        totals: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        empty = (empty_title, empty_hint)
        super().__init__(name, columns, row_id, store or MemoryStore(), empty, checkboxes, noun, parent)
        self._totals = totals
        self._picked: tuple[Hashable, ...] = ()
        self._current: Hashable | None = None
        self._applying = False
        self._adding: Sliced[dict[str, Decimal]] = Sliced(self)
        self._copying = TableCopy(self)
        self.setAccessibleName(noun[1].capitalize())
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.selectionModel().selectionChanged.connect(self._on_selection)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self.doubleClicked.connect(self._on_double_click)
        self.customContextMenuRequested.connect(self._on_menu)

    def settled(self) -> bool:
        """True when no sliced work is under way."""
        return not (self._order.busy or self._measuring.busy or self._adding.busy or self._copying.busy)

    # Selection

    def selected_ids(self) -> tuple[Hashable, ...]:
        """The ids of the selected rows on screen, from top to bottom."""
        ids = self.records.shown.ids
        return tuple(record_id for top, bottom in self._selected_ranges() for record_id in ids[top : bottom + 1])

    def selected_rows(self) -> list[Any]:
        """The selected rows on screen, from top to bottom."""
        rows = self.records.shown.rows
        return [row for top, bottom in self._selected_ranges() for row in rows[top : bottom + 1]]

    def select_ids(self, ids: Iterable[Hashable]) -> None:
        """Selects exactly these records; those that are filtered out are selected when they come back."""
        self._picked = tuple(ids)
        before = self.selected_ids()
        self._applying = True
        self._select(self._picked)
        self._applying = False
        self._tell_selection(before)

    def current_id(self) -> Hashable | None:
        """The id of the row with the keyboard focus, or None."""
        index = self.currentIndex()
        return self.records.shown.ids[index.row()] if index.isValid() else None

    def set_current_id(self, record_id: Hashable) -> bool:
        """Goes to a record and selects it alone; False when it is not on screen."""
        place = self.records.place(record_id)
        if place < 0:
            return False
        self._go(place)
        return True

    def move_current(self, step: int) -> bool:
        """Goes to the next (1) or previous (-1) record; False at the end of the list."""
        place = self.currentIndex().row() + step
        if not 0 <= place < self.records.rowCount():
            return False
        self._go(place)
        return True

    # Out of the program

    def copy(self, headers: bool = False) -> None:
        """Copies the selected rows, or the current one, with tabs between cells; amounts as plain numbers."""
        rows = self.selected_rows()
        if not rows and self.currentIndex().isValid():
            rows = [self.records.row_at(self.currentIndex())]
        if rows:
            told, at_once = lambda: self.copied.emit(len(rows)), len(rows) <= AT_ONCE
            self._copying.start(self.visible_columns(), rows, headers, told, at_once)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C and Ctrl+Shift+C copy, Enter opens, Home and End go to the first and last row."""
        control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_C and event.modifiers() == control_shift:
            self.copy(headers=True)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.records.row_at(self.currentIndex()))
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and not event.modifiers() and self.records.rowCount():
            self._go(0 if event.key() == Qt.Key.Key_Home else self.records.rowCount() - 1)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters typed into the list are told, for the filter; Qt's own search would read every row."""
        self.typed.emit(search)

    # Helpers

    def _apply(self, shown: Shown) -> None:
        before, current_before = self.selected_ids(), self.current_id()
        scrolled = 0 if self._to_top else self.verticalScrollBar().value()
        self._applying = True
        super()._apply(shown)
        self._select(self._picked)
        place = self.records.place(self._current)
        if place >= 0:
            self.selectionModel().setCurrentIndex(self._cell(place), SELECT.NoUpdate)
        self._applying = False
        self._write_footer({})
        self.verticalScrollBar().setValue(scrolled)
        if place >= 0 and self._to_top:
            self.scrollTo(self._cell(place))
        self._to_top = False
        self._explain_empty()
        self._tell_busy()
        self.shown_changed.emit(len(shown.rows), len(self._rows))
        self._tell_selection(before, always_add_up=True)
        if self.current_id() != current_before:
            self.current_changed.emit(self.current_id())

    def _selected_ranges(self) -> list[tuple[int, int]]:
        return row_ranges(self.selectionModel().selection())

    def _select(self, ids: Sequence[Hashable]) -> None:
        runs = runs_of(self.records.shown, ids)
        model = self.selectionModel()
        # What was selected goes first and unheard: Qt compares old and new range by range.
        model.reset()
        self.viewport().update()
        if len(runs) > MOST_RUNS:
            self._picked = ()
            return
        last = len(self.records.columns) - 1
        chosen = QItemSelection()
        for top, bottom in runs:
            chosen.select(self.records.index(top, 0), self.records.index(bottom, last))
        model.select(chosen, SELECT.ClearAndSelect)

    def _cell(self, place: int) -> QModelIndex:
        seen = self.visible_columns()
        return self.records.index(place, self.place_of(seen[0].key) if seen else 0)

    def _go(self, place: int) -> None:
        self.selectionModel().setCurrentIndex(self._cell(place), SELECT.ClearAndSelect | SELECT.Rows)
        self.scrollTo(self._cell(place))

    def _tell_selection(self, before: tuple[Hashable, ...], always_add_up: bool = False) -> None:
        now = self.selected_ids()
        if always_add_up or now != before:
            self._add_up()
        if now != before:
            self.selection_changed.emit(now)

    def _add_up(self) -> None:
        rows = self.selected_rows()
        columns = self.records.columns
        self._adding.start(sums(rows, columns), self._write_footer, at_once=len(rows) <= AT_ONCE)

    def _write_footer(self, picked_sums: Mapping[str, Decimal]) -> None:
        shown = self.records.shown
        picked = sum(bottom - top + 1 for top, bottom in self._selected_ranges())
        if self._totals and shown.rows:
            words = count_words(len(shown.rows), len(self._rows), self.noun)
            self.footer.set_lines(words, shown.sums, f"{picked:,} selected" if picked > 1 else "", picked_sums)
        else:
            self.footer.clear()
        self._needs.learn_sums(shown.sums if self._totals else {})
        self._fit_columns()
        self.summary_changed.emit(summary_words(picked, self.visible_columns(), picked_sums))

    @Slot()
    def _on_selection(self) -> None:
        if self._applying:
            return
        self._picked = self.selected_ids()
        self._add_up()
        self.selection_changed.emit(self._picked)

    @Slot()
    def _on_current(self) -> None:
        if self._applying:
            return
        self._current = self.current_id()
        self.current_changed.emit(self._current)

    def _key_at(self, index: QModelIndex) -> Hashable | None:
        return self.records.shown.ids[index.row()] if index.isValid() else None

    def _open_key(self, key: Hashable) -> None:
        row = self.row(key)
        if row is not None:
            self.opened.emit(row)

    @Slot(QModelIndex)
    def _on_double_click(self, index: QModelIndex) -> None:
        self.opened.emit(self.records.row_at(index))

    @Slot(QPoint)
    def _on_menu(self, at: QPoint) -> None:
        self._copying.open_menu(at, self.copy)
