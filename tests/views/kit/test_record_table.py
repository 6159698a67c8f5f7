"""Sort, filter, selection by id, totals and the empty state of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.record_table import RecordTable
from tests.views.kit.lists import COLUMNS, CREDIT, DOORS, PAPERS, STEEL, WALL, D, Paper, ids, middle, shown


@pytest.fixture
def table(qtbot: QtBot) -> RecordTable:
    made = RecordTable("papers", COLUMNS, empty_title="No papers yet", empty_hint="Make one.", noun=("paper", "papers"))
    made.set_rows(PAPERS)
    shown(qtbot, made)
    made.setFocus()
    return made


def click_title(qtbot: QtBot, table: RecordTable, column: int) -> None:
    header = table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(column) + header.sectionSize(column) // 2, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)


def many(count: int) -> list[Paper]:
    return [Paper(f"SC-{number}", f"Part-{number % 97}", D(number % 1000)) for number in range(count)]


# Sort


def test_rows_come_in_the_order_given(table: RecordTable) -> None:
    assert ids(table) == ["SC-1", "SC-2", "PO-1", "PO-2"]


def test_a_click_on_a_title_sorts_and_a_second_turns_it_round(qtbot: QtBot, table: RecordTable) -> None:
    click_title(qtbot, table, 2)
    assert ids(table) == ["PO-1", "SC-2", "SC-1", "PO-2"]
    assert table.model().headerData(2, Qt.Orientation.Horizontal) == "Amount ↑"
    click_title(qtbot, table, 2)
    assert ids(table) == ["SC-1", "SC-2", "PO-1", "PO-2"], "an empty amount stands last either way"
    assert table.model().headerData(2, Qt.Orientation.Horizontal) == "Amount ↓"


def test_dates_states_and_words_sort_as_what_they_are(table: RecordTable) -> None:
    table.sort_by("sent")
    assert ids(table) == ["PO-2", "SC-2", "SC-1", "PO-1"]
    table.sort_by("state")
    assert ids(table) == ["SC-2", "SC-1", "PO-2", "PO-1"]
    table.sort_by("title", descending=True)
    assert ids(table) == ["PO-1", "SC-1", "PO-2", "SC-2"]
    table.sort_by("")
    assert ids(table) == ["SC-1", "SC-2", "PO-1", "PO-2"]


def test_sorting_many_rows_keeps_equals_in_their_order(qtbot: QtBot, table: RecordTable) -> None:
    rows = many(9000)
    table.set_rows(rows)
    table.sort_by("amount", descending=True)
    qtbot.waitUntil(table.settled)
    assert table.shown_rows() == sorted(rows, key=lambda row: row.amount or D(0), reverse=True)


# Filter


def test_all_words_must_occur_in_any_column_and_any_case(table: RecordTable) -> None:
    table.set_filter("STEEL sent")
    assert ids(table) == ["SC-1"]
    table.set_filter("11/20/2026")
    assert ids(table) == ["SC-2"]
    table.set_filter("(41,980.50)")
    assert ids(table) == ["PO-1"]
    table.set_filter("  ")
    assert len(ids(table)) == 4


def test_a_condition_and_a_filter_hold_together(table: RecordTable) -> None:
    table.set_where(lambda row: row.id.startswith("SC"))
    table.set_filter("wall")
    assert ids(table) == ["SC-2"]
    table.set_where(None)
    table.set_filter("hardware")
    assert ids(table) == ["PO-2"]


def test_the_numbers_shown_and_all_are_told(qtbot: QtBot, table: RecordTable) -> None:
    with qtbot.waitSignal(table.shown_changed) as told:
        table.set_filter("sent")
    assert told.args == [2, 4]
    assert table.footer.texts()[0].startswith("2 papers shown of 4")


def test_the_filter_stays_when_rows_are_read_again(table: RecordTable) -> None:
    table.set_filter("steel")
    table.set_rows([*PAPERS, Paper("SC-9", "More steel")])
    assert ids(table) == ["SC-1", "SC-9"]


def test_many_rows_come_in_slices_and_the_last_wish_wins(qtbot: QtBot, table: RecordTable) -> None:
    busy: list[bool] = []
    table.busy_changed.connect(busy.append)
    table.set_filter("s")
    table.set_rows(many(20000))
    assert not table.settled() and len(ids(table)) == 4, "the old rows stay until the new ones are ready"
    table.set_filter("part-1")
    table.set_filter("part-96")
    qtbot.waitUntil(table.settled)
    assert {row.title for row in table.shown_rows()} == {"Part-96"}
    assert busy == [True, False]


def test_two_rows_of_one_id_are_a_bug(table: RecordTable) -> None:
    with pytest.raises(ValueError, match="same id"):
        table.set_rows([STEEL, STEEL])


# Selection


def test_the_selection_is_of_records_and_outlives_sort_filter_and_reload(table: RecordTable) -> None:
    table.select_ids(("SC-2", "PO-1"))
    assert table.selected_ids() == ("SC-2", "PO-1")
    table.sort_by("number")
    assert table.selected_ids() == ("PO-1", "SC-2")
    table.set_filter("wall")
    assert table.selected_ids() == ("SC-2",)
    table.set_filter("")
    assert set(table.selected_ids()) == {"SC-2", "PO-1"}
    table.set_rows([replace(row, title=row.title.upper()) for row in reversed(PAPERS)])
    assert [row.title for row in table.selected_rows()] == ["SWITCHGEAR CREDIT", "CURTAIN WALL"]


def test_a_record_that_is_gone_is_not_selected_any_more(qtbot: QtBot, table: RecordTable) -> None:
    table.select_ids(("SC-1", "SC-2"))
    with qtbot.waitSignal(table.selection_changed) as told:
        table.set_rows([STEEL])
    assert told.args == [("SC-1",)]


def test_clicks_with_ctrl_and_shift(qtbot: QtBot, table: RecordTable) -> None:
    left, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier
    qtbot.mouseClick(table.viewport(), left, pos=middle(table, 0, 1))
    assert table.selected_ids() == ("SC-1",) and table.current_id() == "SC-1"
    qtbot.mouseClick(table.viewport(), left, keys.ControlModifier, middle(table, 2, 1))
    assert table.selected_ids() == ("SC-1", "PO-1")
    qtbot.mouseClick(table.viewport(), left, pos=middle(table, 1, 1))
    qtbot.mouseClick(table.viewport(), left, keys.ShiftModifier, middle(table, 3, 1))
    assert table.selected_ids() == ("SC-2", "PO-1", "PO-2")


def test_a_row_is_told_once_when_columns_were_moved(qtbot: QtBot, table: RecordTable) -> None:
    table.horizontalHeader().moveSection(0, 2)
    table.horizontalHeader().moveSection(4, 0)
    left, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier
    qtbot.mouseClick(table.viewport(), left, pos=middle(table, 0, 1))
    qtbot.mouseClick(table.viewport(), left, keys.ShiftModifier, middle(table, 2, 3))
    assert table.selected_ids() == ("SC-1", "SC-2", "PO-1")
    assert table.selected_rows() == [STEEL, WALL, CREDIT]


def test_a_box_takes_a_row_into_the_selection(qtbot: QtBot) -> None:
    table = RecordTable("boxed", COLUMNS, checkboxes=True)
    table.set_rows(PAPERS)
    shown(qtbot, table)

    def box(row: int) -> QPoint:
        return table.visualRect(table.model().index(row, 0)).topLeft() + QPoint(14, 12)

    for row in (0, 2):
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box(row))
    assert table.selected_ids() == ("SC-1", "PO-1")
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box(0))
    assert table.selected_ids() == ("PO-1",)


def test_keys_move_open_and_select_all(qtbot: QtBot, table: RecordTable) -> None:
    opened: list[Any] = []
    table.opened.connect(opened.append)
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.current_id() == "PO-2"
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert table.selected_ids() == ("PO-1",)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    qtbot.keyClick(table, Qt.Key.Key_Home)
    qtbot.keyClick(table, Qt.Key.Key_Enter)
    assert opened == [CREDIT, STEEL]
    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert table.selected_ids() == ("SC-1", "SC-2", "PO-1", "PO-2")


def test_a_double_click_opens(qtbot: QtBot, table: RecordTable) -> None:
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=middle(table, 1, 1))
    with qtbot.waitSignal(table.opened) as told:
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=middle(table, 1, 1))
    assert told.args == [WALL]


def test_letters_are_told_and_not_searched(qtbot: QtBot, table: RecordTable) -> None:
    with qtbot.waitSignal(table.typed) as told:
        qtbot.keyClick(table, "h")
    assert told.args == ["h"]


def test_stepping_to_the_next_record_ends_at_the_ends(table: RecordTable) -> None:
    assert table.set_current_id("PO-1") and table.move_current(1)
    assert table.current_id() == "PO-2"
    assert not table.move_current(1)
    assert not table.set_current_id("SC-404")
    assert table.row("SC-2") is WALL and table.row("SC-404") is None


def test_the_scroll_place_is_kept_over_a_reload(qtbot: QtBot, table: RecordTable) -> None:
    table.set_rows(many(500))
    table.verticalScrollBar().setValue(1000)
    table.set_rows(many(500))
    assert table.verticalScrollBar().value() == 1000
    table.sort_by("title")
    assert table.verticalScrollBar().value() == 0


# Totals


def test_the_footer_adds_up_what_is_shown_exactly(table: RecordTable) -> None:
    assert table.footer.texts() == ["4 papers  302,919.50"]
    table.set_filter("credit")
    assert table.footer.texts() == ["1 paper shown of 4  (41,980.50)"]


@pytest.mark.parametrize(
    ("chosen", "line", "summary"),
    [
        ((), None, ""),
        (("SC-1",), None, "1 selected, $248,500.00"),
        (("SC-1", "PO-1"), "2 selected  206,519.50", "2 selected, $206,519.50"),
        (("PO-1", "PO-2"), "2 selected  (41,980.50)", "2 selected, ($41,980.50)"),
    ],
)
def test_the_selection_is_added_up(table: RecordTable, chosen: Sequence[str], line: str | None, summary: str) -> None:
    table.select_ids(("SC-2",))
    told: list[str] = []
    table.summary_changed.connect(told.append)
    table.select_ids(chosen)
    assert told[-1] == summary
    assert table.footer.texts()[1:] == ([line] if line else [])


def test_a_column_may_stay_out_of_the_sums_and_the_footer_out_of_the_list(qtbot: QtBot) -> None:
    bare = RecordTable("bare", COLUMNS, totals=False)
    single = RecordTable("single", [replace(column, total=False) for column in COLUMNS])
    for table in (bare, single):
        qtbot.addWidget(table)
        table.set_rows(PAPERS)
    assert bare.footer.texts() == []
    assert single.footer.texts() == ["4 items"]


# Nothing there


def test_an_empty_list_says_why(table: RecordTable) -> None:
    table.set_filter("zebra")
    assert (table.empty_title, table.empty_hint) == ("Nothing matches “zebra”", "Clear the filter to see all 4 papers.")
    table.set_rows([])
    assert (table.empty_title, table.empty_hint) == ("No papers yet", "Make one.")
    assert table.footer.texts() == []
    table.set_empty("No papers of this kind", "")
    assert table.empty_title == "No papers of this kind"
    table.set_filter("")
    table.set_rows(PAPERS)
    table.set_where(lambda _row: False)
    assert table.empty_title == "Nothing here matches the choice above"


# For screen readers


def test_a_cell_is_read_with_its_title(table: RecordTable) -> None:
    role = Qt.ItemDataRole.AccessibleTextRole
    assert table.model().index(2, 2).data(role) == "Amount: minus 41,980.50"
    assert table.model().index(3, 2).data(role) == "Amount: empty"
    table.sort_by("amount")
    assert table.model().headerData(2, Qt.Orientation.Horizontal, role) == "Amount, sorted ascending"
    assert table.accessibleName() == "Papers"
    assert table.footer.accessibleDescription().startswith("4 papers")
    assert DOORS in table.all_rows()


def test_a_double_click_opens_what_its_first_press_selected(qtbot: QtBot, table: RecordTable) -> None:
    """The detail that the first click brings moves the list: another row lies under the second click."""
    opened: list[str] = []
    table.opened.connect(lambda row: opened.append(row.id))
    at = middle(table, 1, 1)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    table.set_rows((CREDIT, DOORS, WALL, STEEL))
    assert ids(table)[1] == DOORS.id and table.current_id() == WALL.id
    second = QMouseEvent(
        QEvent.Type.MouseButtonDblClick,
        QPointF(at),
        QPointF(table.viewport().mapToGlobal(at)),
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(table.viewport(), second)
    assert opened == [WALL.id] and table.selected_ids() == (WALL.id,)
