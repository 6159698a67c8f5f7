"""A list that holds only what is on screen: reading, order, filter, selection, copies, and what goes wrong."""

from __future__ import annotations

import csv
import threading
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.core.errors import ForPeople
from erpdesk.core.lists import ListAsk, ListSpine, ListTest, ListWords
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.list_conditions import Condition
from erpdesk.views.kit.list_filter_editor import FilterEditor
from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.kit.table_files import write_csv
from erpdesk.views.kit.theme import Theme
from erpdesk.views.kit.window_model import GONE, KEPT, LOADING, PAGE
from erpdesk.views.kit.windowed_table import WindowedTable
from tests.views.kit.lists import shown

COUNT = 20_000
ROLE = Qt.ItemDataRole


@dataclass(frozen=True)
class Bill:
    """One row."""

    id: int
    words: str
    amount: Decimal

    @property
    def state(self) -> Pill | None:
        return Pill("Paid", "green") if self.id % 2 else None


COLUMNS = (
    Column("id", "Number", "number", value=lambda row: row.id, bold=True),
    Column("words", "Description", value=lambda row: row.words),
    Column("amount", "Amount", "money", value=lambda row: row.amount),
    Column("state", "Status", "status", value=lambda row: row.state),
)


def bills(count: int) -> dict[int, Bill]:
    return {
        number: Bill(number, f"Bill {number % 97:02d} {'odd' if number % 2 else 'even'}", Decimal(number - 50) / 100)
        for number in range(1, count + 1)
    }


def fits(row: Bill, test: ListTest) -> bool:
    value = getattr(row, test.key)
    if test.words:
        return value in test.words
    return (test.low is None or value >= test.low) and (test.high is None or value <= test.high)


@dataclass
class Drawer:
    """A source in memory; it notes what was asked, refuses the GUI thread, and can be made to wait or to fail."""

    held: dict[int, Bill] = field(default_factory=lambda: bills(COUNT))
    asked: list[str] = field(default_factory=list)
    mark: object = 1
    gate: threading.Event = field(default_factory=threading.Event)
    broken: Exception | None = None
    narrows: frozenset[str] = frozenset({"id", "words", "amount"})

    def __post_init__(self) -> None:
        self.gate.set()

    def _enter(self, what: str) -> None:
        assert threading.current_thread() is not threading.main_thread()
        self.asked.append(what)
        self.gate.wait(10)
        if self.broken is not None:
            raise self.broken

    def _ids(self, ask: ListAsk) -> list[int]:
        rows = [row for row in self.held.values() if all(word in row.words.casefold() for word in ask.words)]
        for test in ask.tests:
            rows = [row for row in rows if fits(row, test)]
        rows.sort(key=lambda row: row.id, reverse=ask.descending)
        for key, down in reversed(ask.sorts):
            rows.sort(key=lambda row: getattr(row, key or "id"), reverse=down)
        return [row.id for row in rows]

    def words(self, key: str, part: str, most: int) -> ListWords:
        self._enter("words")
        counts = Counter(getattr(row, key) for row in self.held.values() if part.casefold() in row.words.casefold())
        return ListWords(tuple(sorted(counts.items())[:most]), max(0, len(counts) - most))

    def first(self, ask: ListAsk, count: int) -> Sequence[Bill]:
        self._enter("first")
        return tuple(self.held[number] for number in self._ids(ask)[:count])

    def spine(self, ask: ListAsk) -> ListSpine:
        self._enter("spine")
        ids = array("q", self._ids(ask))
        return ListSpine(ids, self._sums(ids), len(self.held), self.mark)

    def rows(self, ids: Sequence[int]) -> Sequence[Bill | None]:
        self._enter("rows")
        return tuple(self.held.get(number) for number in ids)

    def each(self, ids: Sequence[int]) -> Iterable[Bill]:
        self._enter("each")
        return [self.held[number] for number in ids if number in self.held]

    def sums(self, ids: Sequence[int]) -> Mapping[str, Decimal]:
        self._enter("sums")
        return self._sums(ids)

    def _sums(self, ids: Sequence[int]) -> dict[str, Decimal]:
        return {"amount": sum((self.held[number].amount for number in ids), Decimal("0.00"))}


@pytest.fixture
def heard() -> list[BaseException]:
    """What went wrong and was reported."""
    return []


@pytest.fixture
def jobs(qtbot: QtBot, heard: list[BaseException]) -> Iterator[Jobs]:
    made = Jobs(Bridge(), heard.append)
    yield made
    made.close()
    assert not heard


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def table(qtbot: QtBot, theme: Theme, jobs: Jobs, drawer: Drawer) -> WindowedTable:
    """A list on screen that knows all its rows."""
    made = a_table(jobs)
    shown(qtbot, made)
    made.set_source(drawer)
    settle(qtbot, made)
    return made


def a_table(jobs: Jobs, store: MemoryStore | None = None) -> WindowedTable:
    return WindowedTable(
        "bills",
        COLUMNS,
        read=jobs.read,
        store=store,
        sort=("id", False),
        noun=("bill", "bills"),
        empty_title="No bills yet",
        empty_hint="They come from Sage.",
    )


def settle(qtbot: QtBot, table: WindowedTable) -> None:
    qtbot.waitUntil(lambda: table.settled() and not table.pages.missing(*on_screen(table)))


def on_screen(table: WindowedTable) -> tuple[int, int]:
    height, offset = table.rowHeight(0) or 1, table.verticalScrollBar().value()
    return offset // height, (offset + table.viewport().height()) // height


def text(table: WindowedTable, place: int, column: int = 1) -> str:
    return str(table.records.index(place, column).data())


def test_the_first_page_is_painted_before_anything_is_counted(
    qtbot: QtBot, theme: Theme, jobs: Jobs, drawer: Drawer
) -> None:
    painted: list[list[str]] = []

    class Watched(WindowedTable):
        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            if self.count():
                painted.append(list(drawer.asked))

    table = Watched("bills", COLUMNS, read=jobs.read, noun=("bill", "bills"))
    busy: list[bool] = []
    table.busy_changed.connect(busy.append)
    shown(qtbot, table)
    table.set_source(drawer)
    assert table.empty_title == "Loading…" and not table.settled()
    assert table.footer.texts() == ["Counting…"]
    settle(qtbot, table)
    assert painted[0] == ["first"] and text(table, 0) == "Bill 01 odd"
    assert table.count() == COUNT and drawer.asked[:2] == ["first", "spine"]
    assert table.footer.texts() == [f"20,000 bills  {sum(row.amount for row in drawer.held.values()):,.2f}"]
    assert busy[0] is True and busy[-1] is False


def test_a_list_out_of_sight_is_counted_as_well(qtbot: QtBot, jobs: Jobs, drawer: Drawer) -> None:
    table = a_table(jobs)
    qtbot.addWidget(table)
    table.set_source(drawer)
    qtbot.waitUntil(table.settled)
    assert table.count() == COUNT


def test_a_short_list_is_whole_at_once(qtbot: QtBot, theme: Theme, jobs: Jobs) -> None:
    table = a_table(jobs)
    shown(qtbot, table)
    counted: list[tuple[int, int]] = []
    table.shown_changed.connect(lambda some, all_: counted.append((some, all_)))
    table.set_source(Drawer(bills(3)))
    settle(qtbot, table)
    assert [text(table, place) for place in range(3)] == ["Bill 01 odd", "Bill 02 even", "Bill 03 odd"]
    assert counted[-1] == (3, 3)


def test_nothing_and_no_source_are_explained(qtbot: QtBot, theme: Theme, jobs: Jobs) -> None:
    table = a_table(jobs)
    shown(qtbot, table)
    assert (table.empty_title, table.empty_hint) == ("No bills yet", "They come from Sage.")
    table.set_source(Drawer({}))
    settle(qtbot, table)
    assert table.empty_title == "No bills yet" and table.footer.texts() == []
    table.set_source(Drawer(bills(5)))
    settle(qtbot, table)
    table.set_source(None)
    settle(qtbot, table)
    assert table.count() == 0 and table.empty_title == "No bills yet" and table.footer.texts() == []
    table.set_empty("Closed", "")
    assert table.empty_title == "Closed"


def test_pages_come_when_they_are_looked_at(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    drawer.gate.clear()
    table.scrollToBottom()
    place = COUNT - 1
    cell = table.records.index(place, 1)
    assert cell.data() == "" and cell.data(ROLE.AccessibleTextRole) == LOADING
    qtbot.waitUntil(lambda: drawer.asked[-1] == "rows")
    assert not table.grab().isNull()
    drawer.gate.set()
    settle(qtbot, table)
    assert text(table, place) == drawer.held[COUNT].words
    assert cell.data(ROLE.AccessibleTextRole) == f"Description: {drawer.held[COUNT].words}"


def test_only_some_pages_are_kept(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    for page in range(0, COUNT // PAGE):
        table.scrollTo(table.records.index(page * PAGE, 0), table.ScrollHint.PositionAtTop)
        settle(qtbot, table)
        assert text(table, page * PAGE) == drawer.held[page * PAGE + 1].words
    pages = [page for page in range(COUNT // PAGE) if table.pages.here(page * PAGE)]
    assert len(pages) <= KEPT and 0 not in pages
    table.scrollToTop()
    settle(qtbot, table)
    assert text(table, 0) == "Bill 01 odd"


def test_titles_sort_and_turn_round(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    table.verticalScrollBar().setValue(4000)
    for descending in (False, True):
        QTest.mouseClick(
            table.horizontalHeader().viewport(),
            Qt.MouseButton.LeftButton,
            pos=QPoint(table.columnViewportPosition(1) + 20, 8),
        )
        settle(qtbot, table)
        assert table.sorted_by() == ("words", descending)
        ids = sorted(drawer.held, key=lambda number: (drawer.held[number].words, number), reverse=descending)
        assert list(table.pages.ids) == ids
        assert table.verticalScrollBar().value() == 0
    assert "sorted descending" in table.records.headerData(1, Qt.Orientation.Horizontal, ROLE.AccessibleTextRole)
    table.reset_layout()
    settle(qtbot, table)
    assert table.sorted_by() == ("id", False)


def test_the_order_is_remembered(qtbot: QtBot, jobs: Jobs) -> None:
    store = MemoryStore()
    first = a_table(jobs, store)
    qtbot.addWidget(first)
    first.sort_by("amount", descending=True)
    second = a_table(jobs, store)
    qtbot.addWidget(second)
    assert second.sorted_by() == ("amount", True)


def test_a_filter_keeps_what_is_on_screen_until_its_first_rows_are_here(
    qtbot: QtBot, table: WindowedTable, drawer: Drawer
) -> None:
    drawer.gate.clear()
    table.set_filter("bill 13 ODD")
    assert table.count() == COUNT and not table.shows_answer()
    drawer.gate.set()
    settle(qtbot, table)
    wanted = [row.id for row in drawer.held.values() if row.words == "Bill 13 odd"]
    assert list(table.pages.ids) == wanted and table.shows_answer()
    assert table.footer.texts()[0].startswith(f"{len(wanted):,} bills shown of 20,000")
    table.set_filter("nowhere")
    settle(qtbot, table)
    assert table.count() == 0 and table.empty_title == "Nothing matches “nowhere”"
    asked = len(drawer.asked)
    table.set_filter("  nowhere ")
    assert len(drawer.asked) == asked and table.settled()
    table.set_filter("")
    settle(qtbot, table)
    assert table.count() == COUNT


def test_the_last_of_many_wishes_wins(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    drawer.gate.clear()
    for words in ("odd", "even", "bill 07", "bill 08 even"):
        table.set_filter(words)
    drawer.gate.set()
    settle(qtbot, table)
    assert {row.words for row in map(drawer.held.__getitem__, table.pages.ids)} == {"Bill 08 even"}


def test_everything_is_selected_and_added_up_without_reading_it(
    qtbot: QtBot, table: WindowedTable, drawer: Drawer
) -> None:
    told: list[array[int]] = []
    summaries: list[str] = []
    table.selection_changed.connect(told.append)
    table.summary_changed.connect(summaries.append)
    drawer.asked.clear()
    table.selectAll()
    settle(qtbot, table)
    assert list(table.selected_ids()) == list(drawer.held) == list(told[-1])
    assert drawer.asked == [] and summaries[-1].startswith("20,000 selected, $")
    assert table.footer.texts()[1].startswith("20,000 selected")


def test_a_selection_is_kept_by_id(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    table.set_current_id(9000)
    table.select_ids([5, 6, 7, 9000])
    settle(qtbot, table)
    chosen = sum((drawer.held[number].amount for number in (5, 6, 7, 9000)), Decimal(0))
    assert table.footer.texts()[1] == f"4 selected  {chosen:,.2f}"
    acts: tuple[Callable[[], object], ...] = (
        lambda: table.sort_by("amount", descending=True),
        lambda: table.set_filter("odd"),
        lambda: table.set_filter(""),
        table.reload,
    )
    for act in acts:
        act()
        settle(qtbot, table)
        left = {number for number in (5, 6, 7, 9000) if number in table.pages.ids}
        assert set(table.selected_ids()) == left
        assert table.current_id() == (9000 if 9000 in table.pages.ids else None)
    assert set(table.selected_ids()) == {5, 6, 7, 9000}


def test_what_is_chosen_while_rows_are_counted_counts(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    table.select_ids([5])
    settle(qtbot, table)
    drawer.gate.clear()
    table.reload()
    table.set_current_id(4)
    drawer.gate.set()
    settle(qtbot, table)
    assert list(table.selected_ids()) == [4] and table.current_id() == 4


def test_a_selection_scattered_too_widely_is_let_go(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    table.set_filter("odd")
    settle(qtbot, table)
    table.selectAll()
    settle(qtbot, table)
    table.set_filter("")
    settle(qtbot, table)
    assert len(table.selected_ids()) == 0


def test_other_ids_after_the_source_was_built_again(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    table.select_ids([5])
    drawer.mark = 2
    table.reload()
    settle(qtbot, table)
    assert len(table.selected_ids()) == 0 and table.count() == COUNT


def test_a_reload_keeps_the_place_on_screen(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    table.verticalScrollBar().setValue(9000)
    settle(qtbot, table)
    del drawer.held[1]
    drawer.held[400] = replace(drawer.held[400], words="Changed")
    table.reload()
    settle(qtbot, table)
    assert table.verticalScrollBar().value() == 9000 and table.count() == COUNT - 1
    assert text(table, table.pages.place(400)) == "Changed"
    assert table.footer.texts()[0].startswith("19,999 bills")


def test_a_row_that_went_meanwhile_says_so(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    del drawer.held[COUNT]
    table.scrollToBottom()
    settle(qtbot, table)
    cell = table.records.index(COUNT - 1, 1)
    assert cell.data() == "" and cell.data(ROLE.AccessibleTextRole) == GONE
    opened: list[object] = []
    table.opened.connect(opened.append)
    table.doubleClicked.emit(cell)
    at = table.visualRect(cell).center()
    assert table.viewportEvent(QHelpEvent(QHelpEvent.Type.ToolTip, at, table.viewport().mapToGlobal(at)))
    assert opened == [] and not table.grab().isNull()


def test_keys(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    opened: list[Bill] = []
    typed: list[str] = []
    table.opened.connect(opened.append)
    table.typed.connect(typed.append)
    QTest.keyClick(table, Qt.Key.Key_End)
    settle(qtbot, table)
    assert table.current_id() == COUNT and list(table.selected_ids()) == [COUNT]
    QTest.keyClick(table, Qt.Key.Key_Return)
    QTest.keyClick(table, Qt.Key.Key_Home)
    settle(qtbot, table)
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Enter)
    assert [row.id for row in opened] == [COUNT, 2]
    QTest.keyClick(table, Qt.Key.Key_X)
    assert typed == ["x"]
    settle(qtbot, table)


def test_copies_are_made_of_all_selected_rows(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    copied: list[int] = []
    table.copied.connect(copied.append)
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    settle(qtbot, table)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[:3] == [
        "Number\tDescription\tAmount\tStatus",
        "1\tBill 01 odd\t-0.49\tPaid",
        "2\tBill 02 even\t-0.48\t",
    ]
    assert len(lines) == COUNT + 1 and copied == [COUNT]
    table.selectionModel().clearSelection()
    table.selectionModel().setCurrentIndex(table.records.index(4, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
    table.copy()
    settle(qtbot, table)
    assert QGuiApplication.clipboard().text() == "5\tBill 05 odd\t-0.45\tPaid"


def test_a_file_holds_the_list_as_it_is_shown(
    qtbot: QtBot, table: WindowedTable, drawer: Drawer, jobs: Jobs, tmp_path: Path
) -> None:
    table.set_filter("bill 11")
    table.sort_by("amount", descending=True)
    settle(qtbot, table)
    table.show_column("state", False)
    written: list[int] = []
    columns, take = table.visible_columns(), table.taking()
    jobs.read(lambda: write_csv(tmp_path / "bills.csv", columns, take().rows), written.append)
    qtbot.waitUntil(lambda: bool(written))
    with (tmp_path / "bills.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["Number", "Description", "Amount"]
    assert [int(row[0]) for row in rows[1:]] == list(table.pages.ids) and written == [len(rows) - 1]


def test_a_file_is_whole_although_rows_are_not_counted_yet(
    qtbot: QtBot, theme: Theme, jobs: Jobs, drawer: Drawer, tmp_path: Path
) -> None:
    table = a_table(jobs)
    qtbot.addWidget(table)
    table.set_source(drawer)
    columns, take = table.visible_columns(), table.taking()
    written: list[int] = []
    jobs.read(lambda: write_csv(tmp_path / "all.csv", columns, take().rows), written.append)
    qtbot.waitUntil(lambda: bool(written) and table.settled())
    assert written == [COUNT]


def test_what_can_not_be_read_is_said(
    qtbot: QtBot, theme: Theme, jobs: Jobs, drawer: Drawer, heard: list[BaseException]
) -> None:
    table = a_table(jobs)
    shown(qtbot, table)
    drawer.broken = ForPeople("The disk is gone.")
    table.set_source(drawer)
    qtbot.waitUntil(table.settled)
    assert table.empty_title == "The disk is gone."
    drawer.broken = ValueError("a bug")
    table.reload()
    qtbot.waitUntil(table.settled)
    assert table.empty_title == "This list could not be read"
    assert [str(error) for error in heard] == ["a bug"]
    heard.clear()
    drawer.broken = None
    table.reload()
    settle(qtbot, table)
    assert table.count() == COUNT


def test_an_answer_for_a_closed_list_finds_nobody(qtbot: QtBot, jobs: Jobs, drawer: Drawer) -> None:
    table = a_table(jobs)
    drawer.gate.clear()
    table.set_source(drawer)
    table.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    drawer.gate.set()
    qtbot.waitUntil(lambda: jobs.idle)


def test_after_the_program_began_to_close_nothing_is_read(qtbot: QtBot, jobs: Jobs, drawer: Drawer) -> None:
    table = a_table(jobs)
    qtbot.addWidget(table)
    jobs.close()
    table.set_source(drawer)
    assert table.settled() and drawer.asked == []


def test_rows_look_like_those_of_the_other_list(qtbot: QtBot, table: WindowedTable, theme: Theme) -> None:
    """Selected rows, negatives and pills have their colours, light and dark."""
    for mode in ("light", "dark"):
        theme.set_mode(mode)
        table.set_current_id(2)
        table.setFocus()
        settle(qtbot, table)
        picture = table.grab().toImage()
        colours = {picture.pixelColor(x, y).name() for x in range(0, 700, 3) for y in range(30, 110)}
        assert len(colours) > 12


def test_several_columns_sort_and_are_kept(qtbot: QtBot, theme: Theme, jobs: Jobs, drawer: Drawer) -> None:
    store = MemoryStore()
    table = a_table(jobs, store)
    shown(qtbot, table)
    table.set_source(drawer)
    settle(qtbot, table)
    table.sort_by("words")
    table.add_sort("amount")
    table.add_sort("amount")
    settle(qtbot, table)
    assert table.sorts() == (("words", False), ("amount", True))
    wanted = sorted(drawer.held.values(), key=lambda row: (row.words, -row.amount))
    assert list(table.pages.ids) == [row.id for row in wanted]
    assert a_table(jobs, store).sorts() == table.sorts()
    table.sort_by("")
    settle(qtbot, table)
    assert table.sorts() == (("id", False),)


def test_conditions_narrow_through_the_source(qtbot: QtBot, table: WindowedTable) -> None:
    """What the source can not test is not asked of it."""
    conditions = (Condition("words", ("Bill 05 odd",)), Condition("amount", low=Decimal(1), high=Decimal(100)))
    table.set_conditions((*conditions, Condition("state", ("Paid",)), Condition("gone", ("x",))))
    settle(qtbot, table)
    assert table.conditions()[:2] == conditions and [each.key for each in table.conditions()][2:] == ["state"]
    assert table.why_not_narrowed("state") and not table.why_not_narrowed("words")
    found = [table.pages.row(place) for place in range(table.count())]
    assert found and all(row.words == "Bill 05 odd" and 1 <= row.amount <= 100 for row in found if row is not None)
    table.set_conditions(())
    settle(qtbot, table)
    assert table.count() == COUNT


def test_the_values_of_a_long_list_are_read_when_they_are_looked_at(
    qtbot: QtBot, theme: Theme, jobs: Jobs, drawer: Drawer
) -> None:
    table = a_table(jobs)
    bar = ListBar(table)
    page = QWidget()
    down = QVBoxLayout(page)
    down.addWidget(bar)
    down.addWidget(table)
    shown(qtbot, page)
    table.set_source(drawer)
    settle(qtbot, table)
    assert bar.filters_button.isVisible()
    editor = FilterEditor(bar, COLUMNS[1])
    qtbot.waitUntil(lambda: editor.words.count() == 97 * 2)
    editor.words.search.setText("bill 05")
    qtbot.waitUntil(lambda: editor.words.count() == 2)
    editor.words.tick("Bill 05 odd")
    editor.words.search.setText("bill 06")
    qtbot.waitUntil(lambda: "Bill 06" in editor.words.item(0).text())
    assert editor.words.ticked() == ("Bill 05 odd",), "what is ticked stays while something else is looked for"
    editor.on_apply()
    settle(qtbot, table)
    assert {text(table, place) for place in range(20)} == {"Bill 05 odd"}
    assert bar.words_of_filter() == ["Description: Bill 05 odd"]


def test_a_long_search_says_so(qtbot: QtBot, table: WindowedTable, drawer: Drawer) -> None:
    drawer.gate.clear()
    table.set_conditions((Condition("amount", low=Decimal(5)),))
    qtbot.waitUntil(lambda: table.footer.texts() == ["Looking through all rows…"])
    drawer.gate.set()
    settle(qtbot, table)
    assert table.footer.texts()[0].endswith(f"{sum(r.amount for r in drawer.held.values() if r.amount >= 5):,.2f}")
