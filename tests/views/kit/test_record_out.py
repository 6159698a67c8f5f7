"""What leaves a list: the clipboard and CSV files."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.columns import Column, plain_value
from erpdesk.views.kit.record_table import RecordTable
from erpdesk.views.kit.table_files import guarded, write_csv
from tests.views.kit.lists import COLUMNS, CREDIT, DOORS, PAPERS, STEEL, D, Paper, shown

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def table(qtbot: QtBot) -> RecordTable:
    made = RecordTable("papers", COLUMNS)
    made.set_rows(PAPERS)
    shown(qtbot, made)
    return made


def clipboard() -> list[list[str]]:
    return [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]


def test_amounts_are_copied_as_plain_numbers(qtbot: QtBot, table: RecordTable) -> None:
    table.select_ids(("SC-1", "PO-1"))
    qtbot.keyClick(table, Qt.Key.Key_C, CTRL)
    assert clipboard() == [
        ["SC-1", "Structural steel", "248500.00", "2026-11-21", "Sent"],
        ["PO-1", "Switchgear credit", "-41980.50", "", ""],
    ]


def test_titles_are_copied_when_asked_and_only_columns_in_sight(qtbot: QtBot, table: RecordTable) -> None:
    table.show_column("sent", False)
    table.horizontalHeader().moveSection(2, 0)
    table.set_current_id("SC-2")
    qtbot.keyClick(table, Qt.Key.Key_C, CTRL | SHIFT)
    assert clipboard() == [["Amount", "Number", "Title", "Status"], ["96400.00", "SC-2", "Curtain wall", "In Sage"]]


def test_without_a_selection_nothing_is_copied(qtbot: QtBot, table: RecordTable) -> None:
    QGuiApplication.clipboard().setText("kept")
    table.set_rows([])
    table.copy()
    assert QGuiApplication.clipboard().text() == "kept"


def test_a_cell_stays_one_cell_in_the_clipboard(qtbot: QtBot, table: RecordTable) -> None:
    table.set_rows([replace(STEEL, title="Steel\nand\tbolts"), replace(CREDIT, title="=1+1")])
    table.selectAll()
    table.copy()
    assert [line[1] for line in clipboard()] == ["Steel and bolts", "'=1+1"]


def test_many_rows_are_copied_in_slices(qtbot: QtBot, table: RecordTable) -> None:
    table.set_rows([Paper(f"SC-{place}", "Part", D(place)) for place in range(5000)])
    qtbot.waitUntil(table.settled)
    table.selectAll()
    with qtbot.waitSignal(table.copied) as told:
        table.copy()
    assert told.args == [5000]
    assert clipboard()[-1][:3] == ["SC-4999", "Part", "4999.00"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+SUM(A1)", "'+SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("-41980.50", "-41980.50"),
        ("+1", "+1"),
        ("-inf", "'-inf"),
        ("03-0041", "03-0041"),
        ("", ""),
    ],
)
def test_formulas_are_guarded_and_numbers_are_not(text: str, kept: str) -> None:
    assert guarded(text) == kept


def test_a_csv_file_holds_what_is_on_screen(table: RecordTable, tmp_path: Path) -> None:
    pipe = replace(STEEL, id="SC-9", title='6" pipe, steel')
    table.set_rows([STEEL, DOORS, replace(CREDIT, title='=HYPERLINK("x")'), pipe])
    table.sort_by("amount")
    table.set_where(lambda row: row is not DOORS)
    columns, take = table.visible_columns(), table.taking()
    table.set_rows([])
    assert write_csv(tmp_path / "list.csv", columns, take().rows) == 3
    assert (tmp_path / "list.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert lines == [
        ["Number", "Title", "Amount", "Sent", "Status"],
        ["PO-1", '\'=HYPERLINK("x")', "-41980.50", "", ""],
        ["SC-1", "Structural steel", "248500.00", "2026-11-21", "Sent"],
        ["SC-9", '6" pipe, steel', "248500.00", "2026-11-21", "Sent"],
    ]


def test_a_refused_file_leaves_the_old_one_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "list.csv").mkdir()
    with pytest.raises(ForPeople) as caught:
        write_csv(tmp_path / "list.csv", COLUMNS, PAPERS)
    assert "list.csv could not be written" in caught.value.what and caught.value.next_step
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_values_keep_their_own_words_for_copies() -> None:
    column = Column("q", "Quantity", kind="quantity", value=lambda row: row)
    assert column.shown(D("1234.5000")) == "1,234.5"
    assert column.copied(D("1234.5000")) == "1234.5"
    assert column.copied(D("100")) == "100"
    own = replace(column, text=lambda value: f"{value} ea", plain=lambda value: f"{value:.1f}")
    assert (own.shown(D(2)), own.copied(D(2))) == ("2 ea", "2.0")
    at = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
    assert plain_value("date", at) == f"{at.astimezone():%Y-%m-%d %H:%M}"
