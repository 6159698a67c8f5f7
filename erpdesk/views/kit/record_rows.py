"""The rows of a list that holds all of them: which are shown and in which order, worked out in slices."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.list_conditions import Condition
from erpdesk.views.kit.list_sheet import Taken
from erpdesk.views.kit.list_words import nothing_matches
from erpdesk.views.kit.record_order import Shown, Where, Wish, shown_rows
from erpdesk.views.kit.record_view import RecordView
from erpdesk.views.kit.sliced import Sliced
from erpdesk.views.kit.table_layout import LayoutStore, Sorts, load_layout

AT_ONCE = 2000
"""So many rows are worked on before a method returns, more in slices."""


class RecordRows(RecordView):
    """The reading side of a ``RecordTable``."""

    busy_changed = Signal(bool)

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        row_id: Callable[[Any], Hashable],
        store: LayoutStore,
        empty: tuple[str, str],
        checkboxes: bool,
        noun: tuple[str, str],
        parent: QWidget | None,
    ) -> None:
        self._wish = Wish()
        self._rows: Sequence[Any] = ()
        super().__init__(name, columns, store, checkboxes, parent)
        self._row_id = row_id
        self.noun = noun
        self._when_empty = empty
        self._haystacks: list[str] = []
        self._to_top = False
        self._said_busy = False
        self._order: Sliced[Shown] = Sliced(self)
        self._measuring: Sliced[None] = Sliced(self)
        if stored := load_layout(self.store, name):
            self._wish = self._with_sorts(stored.sorts)
        self._mark_sort()
        self._explain_empty()

    # Rows

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Shows other rows, in the order they come unless a sort is chosen; selection and scroll place are kept."""
        self._rows = rows
        self._haystacks = []
        self._needs.forget()
        self._measuring.start(
            self._needs.learn_slowly(rows), lambda _done: self._fit_columns(), at_once=len(rows) <= AT_ONCE
        )
        self._rearrange()

    def all_rows(self) -> Sequence[Any]:
        """Every row that was set, filtered out or not."""
        return self._rows

    def shown_rows(self) -> list[Any]:
        """The rows on screen, in their order."""
        return list(self.records.shown.rows)

    def row(self, record_id: Hashable) -> Any | None:
        """The shown row with this id, or None."""
        place = self.records.place(record_id)
        return None if place < 0 else self.records.shown.rows[place]

    def set_empty(self, title: str, hint: str) -> None:
        """What stands in the middle of a list without rows."""
        self._when_empty = (title, hint)
        self._explain_empty()
        self.viewport().update()

    # Filter and sort

    def set_filter(self, text: str) -> None:
        """Shows only rows whose text holds all these words, in any column and any case."""
        words = tuple(text.casefold().split())
        if words != self._wish.words:
            self._wish = replace(self._wish, words=words)
            self._rearrange(to_top=True)

    def set_where(self, where: Where | None) -> None:
        """Shows only rows for which the condition holds, beside the filter; None shows all."""
        self._wish = replace(self._wish, where=where)
        self._rearrange(to_top=True)

    def set_conditions(self, conditions: Sequence[Condition]) -> None:
        """Shows only rows that fit every one of these conditions on columns, beside filter and ``set_where``."""
        known = {column.key for column in self.records.columns}
        held = tuple(condition for condition in conditions if condition.key in known)
        if held != self._wish.conditions:
            self._wish = replace(self._wish, conditions=held)
            self._rearrange(to_top=True)

    def conditions(self) -> tuple[Condition, ...]:
        """The conditions on columns that hold now."""
        return self._wish.conditions

    def why_not_narrowed(self, _key: str) -> str:
        """Why no condition can be set on a column: one can be set on each."""
        return ""

    def sort_by_all(self, sorts: Sorts) -> None:
        """Sorts by several columns, the most important first; none brings back the order in which the rows came."""
        self._wish = self._with_sorts(sorts)
        self._mark_sort()
        self.save_layout()
        self._rearrange(to_top=True)

    def sorts(self) -> Sorts:
        """The columns that sort the list, the most important first; none means the order in which the rows came."""
        return tuple((column.key, descending) for column, descending in self._wish.sorts)

    def _columns_changed(self) -> None:
        super()._columns_changed()
        # Words are looked for in the columns on screen.
        self._haystacks = []
        if self._wish.words:
            self._rearrange()

    # Out of the program

    def taking(self) -> Callable[[], Taken]:
        """A function that gives the rows as they are on screen now, with their sums; call it on any thread."""
        shown, total = self.records.shown, len(self._rows)
        return lambda: Taken(shown.rows, len(shown.rows), total, shown.sums)

    # Helpers

    def _with_sorts(self, sorts: Sorts) -> Wish:
        named = {column.key: column for column in self.records.columns}
        return replace(self._wish, sorts=tuple((named[key], down) for key, down in sorts if key in named))

    def _mark_sort(self) -> None:
        self.records.mark_sorts(self.sorts())
        self._fit_columns()

    def _rearrange(self, to_top: bool = False) -> None:
        self._to_top = self._to_top or to_top
        seen = self.visible_columns()
        work = shown_rows(self._rows, self.records.columns, self._row_id, self._haystacks, self._wish, seen)
        self._order.start(work, self._apply, at_once=len(self._rows) <= AT_ONCE)
        self._tell_busy()
        self._explain_empty()
        if not self.records.rowCount():
            self.viewport().update()

    def _apply(self, shown: Shown) -> None:
        """Puts the rows on screen; selection and place are the business of whoever is built on this."""
        self.records.show(shown)

    def _tell_busy(self) -> None:
        if self._order.busy != self._said_busy:
            self._said_busy = self._order.busy
            self.busy_changed.emit(self._said_busy)

    def _explain_empty(self) -> None:
        if self._order.busy:
            self.empty_title, self.empty_hint = "Loading…", ""
        elif self._rows:
            found = nothing_matches(" ".join(self._wish.words), len(self._rows), self.noun)
            self.empty_title, self.empty_hint = found
        else:
            self.empty_title, self.empty_hint = self._when_empty
