"""How a windowed list reads its rows: a first page to paint at once, the ids of all, pages when they are looked at."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QHelpEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from erpdesk.core.errors import ForPeople
from erpdesk.core.lists import ListAsk, ListSpine, ListWords
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.jobs import JobsClosed
from erpdesk.views.kit.list_conditions import Condition
from erpdesk.views.kit.list_source import Read, Source
from erpdesk.views.kit.record_view import RecordView
from erpdesk.views.kit.row_painter import RowPainter
from erpdesk.views.kit.table_layout import LayoutStore, Sorts, load_layout
from erpdesk.views.kit.window_answer import Answer, Picks, runs_of_ids
from erpdesk.views.kit.window_model import PAGE, WindowModel

AHEAD = PAGE // 2
LOADING_WORDS = "Loading…"
_COUNTING = "Counting…"
_SEARCHING = "Looking through all rows…"
SLOW_MS = 400
"""After so long a person is told that the rows on screen are not yet those that were asked for."""


class WindowReading(RecordView):
    """The reading side of a ``WindowedTable``; nothing in it reads on the GUI thread."""

    shown_changed = Signal(int, int)
    busy_changed = Signal(bool)

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        read: Read,
        store: LayoutStore,
        sort: tuple[str, bool],
        totals: bool,
        parent: QWidget | None,
    ) -> None:
        self._sorts: Sorts = (sort,)
        self._first_sorts: Sorts = (sort,)
        self._conditions: tuple[Condition, ...] = ()
        self.pages = WindowModel(columns)
        super().__init__(name, columns, store, False, parent, self.pages)
        self._read_off = read
        self._totals = totals
        self._words = ""
        self._source: Source | None = None
        self._spine: ListSpine | None = None
        self._turn = 0
        self._waiting: set[str] = set()
        self._count_due = self._asking = self._applying = False
        self._mark: object = None
        self._painter = RowPainter(self, self.pages)
        if stored := load_layout(store, name):
            self._sorts = self._known_sorts(stored.sorts) or self._sorts
        self._mark_sort()

    def set_source(self, source: Source | None) -> None:
        """Shows the rows of another source from the top; None shows none."""
        self._source = None
        self._turn += 1
        self._needs.forget()
        self._take_first(())
        self._source = source
        if source is None:
            self._counted(Answer(ListSpine(), self._picks(), [], -1, {}), renewed=True)
            self.shown_changed.emit(0, 0)
        self._begin()

    def reload(self) -> None:
        """Reads the rows again; order, selection and place on screen stay."""
        if self._spine is None:
            self._begin()
        else:
            self._measure()

    def row(self, record_id: int) -> Any | None:
        """The row with this id when it is in memory, else None."""
        place = self.pages.place(record_id)
        return None if place < 0 else self.pages.row(place)

    def count(self) -> int:
        """How many rows are shown, as far as is known."""
        return len(self.pages.ids)

    def shows_answer(self) -> bool:
        """Whether the rows on screen answer what was asked for last, if not all of them are known yet."""
        return not self._asking

    def settled(self) -> bool:
        """True when nothing is being read."""
        return not self._waiting

    # Filter and sort

    def set_filter(self, text: str) -> None:
        """Shows only rows in which all these words occur, capitals aside."""
        if text.split() != self._words.split():
            self._words = text
            self._begin()

    def sort_by_all(self, sorts: Sorts) -> None:
        """Sorts by several columns, the most important first; none brings back the first order."""
        self._sorts = self._known_sorts(sorts) or self._first_sorts
        self._mark_sort()
        self.save_layout()
        self._begin()

    def sorts(self) -> Sorts:
        """The columns that sort the list, the most important first."""
        return tuple((key, down) for key, down in self._sorts if key)

    def set_conditions(self, conditions: Sequence[Condition]) -> None:
        """Shows only rows that fit every one of these conditions on columns, beside the filter."""
        known = {column.key for column in self.records.columns}
        held = tuple(condition for condition in conditions if condition.key in known)
        if held != self._conditions:
            self._conditions = held
            self._begin()

    def conditions(self) -> tuple[Condition, ...]:
        """The conditions on columns that hold now."""
        return self._conditions

    def why_not_narrowed(self, key: str) -> str:
        """Why no condition can be set on a column, as a sentence; empty when one can."""
        narrows = self._source is None or key in self._source.narrows
        return "" if narrows else "Look for it in the field above the list: it is worked out for each row."

    def read_words(self, key: str, part: str, most: int, done: Callable[[ListWords], object]) -> None:
        """Reads the words of a column in which a part occurs, off the GUI thread."""
        source = self._source
        if source is None:
            done(ListWords())
        else:
            self._read("words", lambda: source.words(key, part, most), done)

    # On screen

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints rows that are here, asks for those that are not, or says why there are none."""
        self._painter.paint(event.rect())
        self._paint_empty()
        self._fetch()
        if self._count_due and self.count():
            self._count_soon()

    def viewportEvent(self, event: QEvent) -> bool:
        """Shows the whole text of a cell that is cut, once its row is here."""
        if isinstance(event, QHelpEvent) and self.pages.row_at(self.indexAt(event.pos())) is None:
            return True
        return super().viewportEvent(event)

    # What the selecting side gives and takes

    def _picks(self) -> Picks:
        return Picks(array("q"))

    def _counted(self, answer: Answer, *, renewed: bool) -> None:
        """All rows are known; ``renewed`` when ids from before mean nothing any more."""

    def _explain_empty(self) -> None:
        """Why there are no rows."""

    # Reading

    def _ask(self) -> ListAsk:
        named = {column.key: column for column in self.records.columns}
        tests = [each.test(named[each.key]) for each in self._conditions if not self.why_not_narrowed(each.key)]
        return ListAsk.of(self._words, self._sorts, tests)

    def _known_sorts(self, sorts: Sorts) -> Sorts:
        known = {column.key for column in self.records.columns}
        return tuple((key, down) for key, down in sorts if key in known)

    def _read(self, what: str, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        """Reads off the GUI thread; a later read of the same thing makes the earlier answer void."""

        def answered(result: Any) -> None:
            # The window of this list may be closed by the time the answer comes.
            if shiboken6.isValid(self):
                self._mark_waiting(what, False)
                done(result)

        def failed(error: BaseException) -> None:
            if shiboken6.isValid(self):
                self._mark_waiting(what, False)
                self._when_broken(error)

        with contextlib.suppress(JobsClosed):
            self._read_off(work, answered, failed, (id(self), what))
            self._mark_waiting(what, True)

    def _begin(self) -> None:
        """Reads the first page; what is on screen stays until it is here."""
        source, ask = self._source, self._ask()
        if source is None:
            return
        self._turn += 1
        self._spine = None
        self._count_due = False
        self._mark_waiting("count", False)
        if self._totals and not self.footer.texts():
            # The footer has its room from the start, or the first rows would be painted twice.
            self.footer.set_lines(_COUNTING, {}, "", {})
            self.updateGeometries()
        self._asking = True
        self._read("list", lambda: source.first(ask, PAGE), self._take_first)
        turn = self._turn
        QTimer.singleShot(SLOW_MS, self, lambda: self._tell_slow(turn))
        self._explain_empty()

    def _tell_slow(self, turn: int) -> None:
        if turn == self._turn and self._asking and self._totals:
            self.footer.set_lines(_SEARCHING, {}, "", {})
            self.updateGeometries()

    def _take_first(self, rows: Sequence[Any]) -> None:
        self._asking = False
        self._applying = True
        self.learn(rows)
        self.pages.start(rows)
        self._applying = False
        self.verticalScrollBar().setValue(0)
        self._spine = None
        self.updateGeometries()
        self._explain_empty()
        if self._source is not None:
            self._count_due = True
            self._mark_waiting("count", True)
            if not rows or not self.isVisible():
                self._count_soon()

    def _count_soon(self) -> None:
        """Counts once the first rows are painted: whoever opens a list wants to see something first."""
        self._count_due = False
        turn = self._turn
        QTimer.singleShot(0, self, lambda: self._count(turn))

    def _count(self, turn: int) -> None:
        self._mark_waiting("count", False)
        if turn == self._turn:
            self._measure()

    def _measure(self) -> None:
        """Reads the ids of all rows and what they add up to, and with them the pages on screen."""
        source, ask, picks = self._source, self._ask(), self._picks()
        if source is None:
            return
        pages = () if self._spine is None else self._pages_on_screen()

        def work() -> Answer:
            spine = source.spine(ask)
            found = {page: source.rows(spine.ids[page * PAGE : (page + 1) * PAGE]) for page in pages}
            known = picks.current is not None and picks.current in spine.ids
            place = spine.ids.index(picks.current) if known and picks.current is not None else -1
            held = {page: rows for page, rows in found.items() if rows}
            return Answer(spine, picks, runs_of_ids(spine.ids, picks.ids), place, held)

        self._read("list", work, self._take_spine)

    def _take_spine(self, answer: Answer) -> None:
        before, spine, scrolled = self._spine, answer.spine, self.verticalScrollBar().value()
        self._spine = spine
        self._learn_pages(answer.pages.values(), spine.sums if self._totals else {})
        self._applying = True
        if before is None:
            self.pages.fill(spine.ids)
        else:
            self.pages.replace(spine.ids, answer.pages)
        self._applying = False
        self._counted(answer, renewed=self._mark not in (None, spine.mark))
        self._mark = spine.mark
        self._explain_empty()
        self.verticalScrollBar().setValue(scrolled)
        self.viewport().update()
        self.shown_changed.emit(len(spine.ids), spine.total)

    def _pages_on_screen(self) -> range:
        first, last = self._painter.visible_places(self.viewport().rect())
        return range(first // PAGE, max(first, last) // PAGE + 1)

    def _fetch(self) -> None:
        """Asks for the pages that are looked at, and when these are here for those beside them; one read at a time."""
        source = self._source
        if source is None or self._spine is None or "pages" in self._waiting:
            return
        first, last = self._painter.visible_places(self.viewport().rect())
        wanted = self.pages.missing(first, last) or self.pages.missing(first - AHEAD, last + AHEAD)
        if not wanted:
            return
        asked, known = [(page, self.pages.ids_of(page)) for page in wanted], self.pages.ids

        def take(found: list[tuple[int, Sequence[Any]]]) -> None:
            # Meanwhile the list may have been read again.
            if self.pages.ids is known:
                self._learn_pages(rows for _page, rows in found)
                for page, rows in found:
                    self.pages.put(page, rows)
            self.viewport().update()

        self._read("pages", lambda: [(page, source.rows(ids)) for page, ids in asked], take)

    def _learn_pages(self, pages: Iterable[Sequence[Any]], sums: Mapping[str, Decimal] | None = None) -> None:
        self.learn([row for rows in pages for row in rows if row is not None], sums)

    def _when_broken(self, error: BaseException) -> None:
        title = error.what if isinstance(error, ForPeople) else "This list could not be read"
        self.empty_title, self.empty_hint = title, "Close it and open it again."
        self.viewport().update()

    def _mark_waiting(self, what: str, waiting: bool) -> None:
        before = bool(self._waiting & {"list", "count"})
        (self._waiting.add if waiting else self._waiting.discard)(what)
        now = bool(self._waiting & {"list", "count"})
        if now != before:
            self.busy_changed.emit(now)

    def _mark_sort(self) -> None:
        self.pages.mark_sorts(self.sorts())
        self._fit_columns()
