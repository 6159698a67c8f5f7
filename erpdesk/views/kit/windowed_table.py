"""A list of more rows than memory should hold: the first page is painted at once, the rest is read when looked at."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.list_sheet import Taken
from erpdesk.views.kit.list_source import Read, Source
from erpdesk.views.kit.list_words import count_words, nothing_matches, summary_words
from erpdesk.views.kit.record_model import row_ranges
from erpdesk.views.kit.sliced import finished
from erpdesk.views.kit.table_copy import TableCopy
from erpdesk.views.kit.table_files import table_text
from erpdesk.views.kit.table_layout import LayoutStore, MemoryStore
from erpdesk.views.kit.window_answer import Answer, Picks, runs_of_ids
from erpdesk.views.kit.window_reading import LOADING_WORDS, WindowReading

__all__ = ["WindowedTable"]

MOST_RUNS = 2000
SELECT = QItemSelectionModel.SelectionFlag


class WindowedTable(WindowReading):
    """A list over a ``Source``, with the look and the keys of ``RecordTable``; reads go through ``read`` (Jobs.read).

    Selection and current row are kept by id. A selection that a new order would scatter over more than 2,000 places is
    let go, because Qt stalls on so many.
    """

    selection_changed = Signal(object)
    current_changed = Signal(object)
    opened = Signal(object)
    summary_changed = Signal(str)
    copied = Signal(int)
    typed = Signal(str)

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        *,
        read: Read,
        store: LayoutStore | None = None,
        sort: tuple[str, bool] = ("", False),
        empty_title: str = "Nothing here yet",
        empty_hint: str = "",
        noun: tuple[str, str] = ("item", "items"),
        totals: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        self.noun = noun
        self._when_empty = (empty_title, empty_hint)
        self._picked: array[int] = array("q")
        self._current: int | None = None
        super().__init__(name, columns, read, store or MemoryStore(), sort, totals, parent)
        self._copying = TableCopy(self)
        self.setAccessibleName(noun[1].capitalize())
        self._explain_empty()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.selectionModel().selectionChanged.connect(self._on_selection)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self.doubleClicked.connect(self._on_double_click)
        self.customContextMenuRequested.connect(self._on_menu)

    def set_source(self, source: Source | None) -> None:
        """Shows the rows of another source from the top, none of them selected; None shows none."""
        self._picked, self._current = array("q"), None
        super().set_source(source)

    def set_empty(self, title: str, hint: str) -> None:
        """What stands in the middle of a list without rows."""
        self._when_empty = (title, hint)
        self._explain_empty()
        self.viewport().update()

    # Selection

    def selected_ids(self) -> array[int]:
        """The ids of the selected rows on screen, from top to bottom."""
        found, ids = array("q"), self.pages.ids
        for top, bottom in row_ranges(self.selectionModel().selection()):
            found.extend(ids[top : bottom + 1])
        return found

    def select_ids(self, ids: Sequence[int]) -> None:
        """Selects exactly these records; those that are filtered out are selected when they come back."""
        self._picked = array("q", ids)
        self._select(runs_of_ids(self.pages.ids, self._picked))
        self._tell_selection()

    def current_id(self) -> int | None:
        """The id of the row with the keyboard focus, or None."""
        index = self.currentIndex()
        return self.pages.ids[index.row()] if index.isValid() else None

    def set_current_id(self, record_id: int) -> bool:
        """Goes to a record and selects it alone; False when it is not on screen."""
        place = self.pages.place(record_id)
        if place < 0:
            return False
        self._go(place)
        return True

    # Out of the program

    def copy(self, headers: bool = False) -> None:
        """Copies the selected rows, or the current one, with tabs between cells; amounts as plain numbers."""
        ids, current, source, columns = self.selected_ids(), self.current_id(), self._source, self.visible_columns()
        if not ids and current is not None:
            ids.append(current)
        if source is None or not ids:
            return

        def work() -> tuple[str, int]:
            rows = list(source.each(ids))
            return finished(table_text(columns, rows, headers)), len(rows)

        def done(answer: tuple[str, int]) -> None:
            QGuiApplication.clipboard().setText(answer[0])
            self.copied.emit(answer[1])

        self._read("copy", work, done)

    def taking(self) -> Callable[[], Taken]:
        """A function that gives the rows as they are asked for now, with their sums; call it off the GUI thread."""
        source, ask = self._source, self._ask()

        def take() -> Taken:
            if source is None:
                return Taken((), 0, 0)
            # Read anew: what the list knew may be of before the last read of Sage.
            spine = source.spine(ask)
            return Taken(source.each(spine.ids), len(spine.ids), spine.total, spine.sums)

        return take

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C and Ctrl+Shift+C copy, Enter opens, Home and End go to the first and last row."""
        control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_C and event.modifiers() == control_shift:
            self.copy(headers=True)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._on_double_click(self.currentIndex())
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and not event.modifiers() and self.count():
            self._go(0 if event.key() == Qt.Key.Key_Home else self.count() - 1)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters typed into the list are told, for the filter; Qt's own search would read every row."""
        self.typed.emit(search)

    # Helpers

    def _picks(self) -> Picks:
        return Picks(self._picked, self._current)

    def _counted(self, answer: Answer, *, renewed: bool) -> None:
        runs, place = answer.runs, answer.current
        if renewed:
            # The same ids may now name other rows.
            self._picked, self._current, runs, place = array("q"), None, [], -1
        elif answer.picks.ids is not self._picked or answer.picks.current != self._current:
            # Something else was chosen while the rows were counted.
            runs = runs_of_ids(self.pages.ids, self._picked)
            place = -1 if self._current is None else self.pages.place(self._current)
        self._select(runs)
        if place >= 0:
            self._applying = True
            self.selectionModel().setCurrentIndex(self._cell(place), SELECT.NoUpdate)
            self._applying = False
        self._write_footer({})
        self._tell_selection()
        self.current_changed.emit(self.current_id())

    def _select(self, runs: Sequence[tuple[int, int]]) -> None:
        model, before = self.selectionModel(), self._applying
        self._applying = True
        current = self.currentIndex()
        # What was selected goes first and unheard: Qt compares old and new range by range.
        model.reset()
        if current.isValid():
            model.setCurrentIndex(current, SELECT.NoUpdate)
        if len(runs) > MOST_RUNS:
            self._picked = array("q")
        elif runs:
            last, chosen = len(self.pages.columns) - 1, QItemSelection()
            for top, bottom in runs:
                chosen.select(self.pages.index(top, 0), self.pages.index(bottom, last))
            model.select(chosen, SELECT.ClearAndSelect)
        self._applying = before
        self.viewport().update()

    def _cell(self, place: int) -> QModelIndex:
        seen = self.visible_columns()
        return self.pages.index(place, self.place_of(seen[0].key) if seen else 0)

    def _go(self, place: int) -> None:
        self.selectionModel().setCurrentIndex(self._cell(place), SELECT.ClearAndSelect | SELECT.Rows)
        self.scrollTo(self._cell(place))

    def _tell_selection(self) -> None:
        ids, source = self.selected_ids(), self._source
        if self._spine is not None and len(ids) == len(self._spine.ids):
            self._write_footer(self._spine.sums)
        elif ids and source is not None and self._totals:
            self._read("sums", lambda: source.sums(ids), self._write_footer)
        else:
            self._write_footer({})
        self.selection_changed.emit(ids)

    def _write_footer(self, picked_sums: Mapping[str, Decimal]) -> None:
        picked = sum(bottom - top + 1 for top, bottom in row_ranges(self.selectionModel().selection()))
        spine = self._spine
        if spine is not None and self._totals and len(spine.ids):
            words = count_words(len(spine.ids), spine.total, self.noun)
            self.footer.set_lines(words, spine.sums, f"{picked:,} selected" if picked > 1 else "", picked_sums)
        elif spine is not None or self._source is None:
            self.footer.clear()
        self.updateGeometries()
        self.summary_changed.emit(summary_words(picked, self.visible_columns(), picked_sums))

    def _explain_empty(self) -> None:
        if self._source is not None and self._spine is None:
            self.empty_title, self.empty_hint = LOADING_WORDS, ""
        elif self._spine is not None and self._spine.total:
            self.empty_title, self.empty_hint = nothing_matches(self._words, self._spine.total, self.noun)
        else:
            self.empty_title, self.empty_hint = self._when_empty

    @Slot()
    def _on_selection(self) -> None:
        if not self._applying:
            self._picked = self.selected_ids()
            self._tell_selection()

    @Slot()
    def _on_current(self) -> None:
        if not self._applying:
            self._current = self.current_id()
            self.current_changed.emit(self._current)

    def _key_at(self, index: QModelIndex) -> Hashable | None:
        return self.pages.ids[index.row()] if index.isValid() else None

    def _open_key(self, key: Hashable) -> None:
        place = self.pages.place(key) if isinstance(key, int) else -1
        if place >= 0:
            self._on_double_click(self._cell(place))

    @Slot(QModelIndex)
    def _on_double_click(self, index: QModelIndex) -> None:
        row = self.pages.row_at(index)
        if row is not None:
            self.opened.emit(row)

    @Slot(QPoint)
    def _on_menu(self, at: QPoint) -> None:
        self._copying.open_menu(at, self.copy)
