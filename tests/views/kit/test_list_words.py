"""The sentences around a list."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from erpdesk.views.kit import record_table
from erpdesk.views.kit.list_words import count_words, nothing_matches, summary_words
from erpdesk.views.kit.record_table import RecordTable
from tests.views.kit.lists import COLUMNS, PAPERS, Paper, ids

NOUN = ("line", "lines")


@pytest.mark.parametrize(
    ("shown", "total", "words"),
    [
        (0, 0, "0 lines"),
        (1, 1, "1 line"),
        (4, 4, "4 lines"),
        (9, 148, "9 lines shown of 148"),
        (1, 1204551, "1 line shown of 1,204,551"),
    ],
)
def test_how_many(shown: int, total: int, words: str) -> None:
    assert count_words(shown, total, NOUN) == words


def test_what_is_selected() -> None:
    sums = {"amount": Decimal("1234.00")}
    assert summary_words(2, COLUMNS, sums) == "2 selected, $1,234.00"
    assert summary_words(2, COLUMNS, {"amount": Decimal("-12.50")}) == "2 selected, ($12.50)"
    assert summary_words(1204, COLUMNS[:2], sums) == "1,204 selected"
    assert summary_words(0, COLUMNS, sums) == ""


def test_why_nothing_is_shown() -> None:
    assert nothing_matches("oak", 120, NOUN) == ("Nothing matches “oak”", "Clear the filter to see all 120 lines.")
    assert nothing_matches("oak", 1, NOUN)[1] == "Clear the filter to see it."
    assert nothing_matches("", 3, NOUN) == ("Nothing here matches the choice above", "")


def test_a_selection_scattered_too_far_is_let_go(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_table, "MOST_RUNS", 3)
    table = RecordTable("many", COLUMNS)
    qtbot.addWidget(table)
    table.set_rows([Paper(f"SC-{number:02d}", "even" if number % 2 else "odd") for number in range(20)])
    table.set_filter("even")
    table.selectAll()
    assert len(table.selected_ids()) == 10
    with qtbot.waitSignal(table.selection_changed) as told:
        table.set_filter("")
    assert told.args == [()]
    assert table.selected_ids() == ()
    assert len(ids(table)) == 20


def test_titles_do_not_ask_every_row_whether_it_is_selected(qtbot: QtBot) -> None:
    table = RecordTable("few", COLUMNS)
    qtbot.addWidget(table)
    table.set_rows(PAPERS)
    table.selectAll()
    for header in (table.horizontalHeader(), table.verticalHeader()):
        assert header.selectionModel() is not table.selectionModel()
        assert not header.selectionModel().hasSelection()
