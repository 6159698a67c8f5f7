"""What leaves a list as a file: Excel, CSV and PDF hold what is on screen, and nothing in them is run."""

from __future__ import annotations

import csv
import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.list_conditions import Condition
from erpdesk.views.kit.list_export import ExportNotice, export_focused, file_name, focused_bar, sheet_of, write_list
from erpdesk.views.kit.list_sheet import Sheet, Stopped, Taken, print_at_foot
from erpdesk.views.kit.list_xlsx import STREAMED_ABOVE, write_xlsx
from erpdesk.views.kit.paper import write_pdf
from erpdesk.views.kit.paper_preview import PaperPreview
from erpdesk.views.kit.record_table import MemoryStore, RecordTable
from erpdesk.views.kit.table_files import guarded, write_csv
from tests.views.kit.lists import COLUMNS, PAPERS, STEEL, D, Paper, shown

MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
EVIL = [f"{before}{mark}cmd|' /C calc'!A0" for mark in MARKS for before in ("", " ", 'a";', "a,", "a\t", "x'", '"')]


@dataclass(frozen=True)
class Event:
    """A row with every kind of value."""

    id: int
    words: str
    amount: Decimal | None = None
    units: Decimal | None = None
    day: date | None = None
    at: datetime | None = None


EVENTS = (
    Column("id", "Number", "number", value=lambda row: row.id),
    Column("words", "=Description", value=lambda row: row.words),
    Column("amount", "Amount", "money", value=lambda row: row.amount),
    Column("units", "Units", "quantity", value=lambda row: row.units),
    Column("day", "Day", "date", value=lambda row: row.day),
    Column("at", "At", "date", value=lambda row: row.at),
    Column("hidden", "Hidden", show=False, value=lambda row: "not on the sheet"),
)
AT = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)


class Bar(ListBar):
    """A bar that keeps its page."""

    page: QWidget


def a_bar(qtbot: QtBot, columns: tuple[Column, ...] = COLUMNS, rows: Any = PAPERS, title: str = "Papers") -> Bar:
    table = RecordTable("papers", columns, store=MemoryStore(), noun=("paper", "papers"))
    table.set_rows(rows)
    qtbot.waitUntil(table.settled)
    chips = (ChipSpec("all", "All"), ChipSpec("sent", "With accounting"))
    made = Bar(table, chips, title=title, heading=lambda: "24-017 · Harbor Point")
    made.page = QWidget()
    down = QVBoxLayout(made.page)
    down.addWidget(made)
    down.addWidget(table)
    shown(qtbot, made.page)
    return made


@pytest.fixture
def bar(qtbot: QtBot) -> Bar:
    return a_bar(qtbot)


def events(qtbot: QtBot, rows: list[Event]) -> Sheet:
    return sheet_of(a_bar(qtbot, EVENTS, rows))


def opened(path: Path) -> Worksheet:
    sheet = load_workbook(path).active
    assert isinstance(sheet, Worksheet)
    return sheet


def lines(sheet: Worksheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def told(qtbot: QtBot, bar: ListBar) -> str:
    notice = bar.findChild(ExportNotice)
    assert notice is not None
    qtbot.waitUntil(lambda: bool(notice.messages.texts()))
    words = " ".join(notice.messages.texts())
    notice.messages.clear()
    return words


# Excel


def test_a_workbook_holds_the_list_as_it_is_shown(bar: ListBar, tmp_path: Path) -> None:
    bar.set_conditions((Condition("amount", high=D("100000")),))
    bar.table.sort_by("amount", descending=True)
    bar.table.show_column("sent", False)
    sheet = sheet_of(bar)
    assert write_xlsx(tmp_path / "papers.xlsx", sheet) == 2
    found = opened(tmp_path / "papers.xlsx")
    assert found.title == "Papers"
    assert lines(found)[:5] == [
        ["Papers", None, None, None],
        ["24-017 · Harbor Point", None, None, None],
        ["Filter: Amount up to 100,000.00", None, None, None],
        ["Sorted by Amount (descending)", None, None, None],
        [sheet.printed_words(), None, None, None],
    ]
    assert lines(found)[6:] == [
        ["Number", "Title", "Amount", "Status"],
        ["SC-2", "Curtain wall", 96400, "In Sage"],
        ["PO-1", "Switchgear credit", -41980.5, None],
        ["2 papers shown of 4", None, 54419.5, None],
    ]
    assert found.freeze_panes == "A8" and found.auto_filter.ref == "A7:D9"
    assert found["C8"].number_format == "#,##0.00_);(#,##0.00)" == found["C10"].number_format


def test_cells_have_the_type_of_their_value(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [
        Event(1, "Steel", D("-0.10"), D("12.5000"), date(2026, 2, 3), AT),
        Event(2, "1234", D("9999999999999.99"), None, date(1899, 1, 1), None),
    ]
    write_xlsx(tmp_path / "e.xlsx", events(qtbot, rows))
    found = opened(tmp_path / "e.xlsx")
    head = next(row[0].row for row in found.iter_rows() if row[0].value == "Number")
    first, second = tuple(found.iter_rows(min_row=head + 1, max_row=head + 2))
    assert [cell.data_type for cell in first] == ["n", "s", "n", "n", "d", "d"]
    assert first[2].value == -0.1 and first[3].value == 12.5
    assert isinstance(first[4].value, datetime) and first[4].value.date() == date(2026, 2, 3)
    assert first[4].number_format == "mm/dd/yyyy"
    assert first[5].value == AT.astimezone().replace(tzinfo=None), "the time of this workstation"
    assert second[1].value == "1234" and second[1].data_type == "s", "digits of a text stay text"
    assert D(str(second[2].value)) == D("9999999999999.99")
    assert second[4].value == "1899-01-01" and second[3].value is None


@pytest.mark.parametrize("count", [3, STREAMED_ABOVE + 5])
def test_no_cell_of_a_workbook_is_a_formula(qtbot: QtBot, tmp_path: Path, count: int) -> None:
    rows = [Event(number, EVIL[number % len(EVIL)]) for number in range(count)]
    more = [*EVIL, "http://x.example", "{=1}", "x" * 40_000]
    rows += [Event(count + place, words) for place, words in enumerate(more)]
    write_xlsx(tmp_path / "evil.xlsx", events(qtbot, rows))
    found = opened(tmp_path / "evil.xlsx")
    kinds = {cell.data_type for row in found.iter_rows() for cell in row}
    assert "f" not in kinds and "e" not in kinds
    texts = [row[1] for row in found.iter_rows() if isinstance(row[1].value, str) and row[0].data_type == "n"]
    assert len(texts) == len(rows) and all(cell.data_type == "s" and cell.hyperlink is None for cell in texts)
    assert any(cell.value == "=cmd|' /C calc'!A0" for cell in texts), "no apostrophe: the cell is text by its type"


def test_a_locked_column_stays_in_sight_in_the_workbook_too(bar: ListBar, tmp_path: Path) -> None:
    bar.table.set_locked("title", True)
    write_xlsx(tmp_path / "p.xlsx", sheet_of(bar))
    assert str(opened(tmp_path / "p.xlsx").freeze_panes).startswith("B")


def test_a_list_longer_than_a_sheet_is_refused(bar: ListBar, tmp_path: Path) -> None:
    sheet = replace(sheet_of(bar), take=lambda: Taken((), 1_048_576, 1_048_576))
    with pytest.raises(ForPeople, match="1,048,576") as caught:
        write_xlsx(tmp_path / "long.xlsx", sheet)
    assert "CSV" in caught.value.next_step and not list(tmp_path.iterdir())


def test_odd_titles_make_a_sheet_name_that_excel_takes(qtbot: QtBot, tmp_path: Path) -> None:
    bar = a_bar(qtbot, title="'A/B: [costs] & more than thirty-one letters'")
    write_xlsx(tmp_path / "odd.xlsx", sheet_of(bar))
    assert len(opened(tmp_path / "odd.xlsx").title) <= 31


# CSV


@pytest.mark.parametrize("text", EVIL)
def test_no_cell_of_a_csv_file_is_run_whatever_the_separator(qtbot: QtBot, tmp_path: Path, text: str) -> None:
    sheet = events(qtbot, [Event(1, text, D("-5.00"))])
    write_csv(tmp_path / "evil.csv", sheet.columns, sheet.take().rows)
    kept = _text(tmp_path / "evil.csv")
    for separator in ",;\t|":
        for row in csv.reader(kept.replace("\0", "\uff1d").splitlines(keepends=True), delimiter=separator):
            for cell in row:
                if cell.strip('"') != "-5.00":
                    assert not cell.lstrip(' "').startswith(MARKS), cell
    assert ",-5.00," in kept, "a negative number stays a number"


def test_every_text_column_and_title_is_guarded(tmp_path: Path) -> None:
    columns = [Column(kind, f"={kind}", kind, value=lambda row: row) for kind in ("text", "status", "date")]
    columns.append(Column("m", "@m", "money", value=lambda row: row, plain=lambda value: f"={value}"))
    write_csv(tmp_path / "all.csv", columns, ["=1+1"])
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert len(cells) == 8 and all(cell.startswith("'") for cell in cells)


@pytest.mark.parametrize("text", ["Smith, John", "A - B", "03-0041", "-12.50", "+1", "5% off", "O'Neil", "a@b.example"])
def test_harmless_text_is_left_alone(text: str) -> None:
    assert guarded(text) == text


def test_only_files_get_an_apostrophe(bar: ListBar) -> None:
    table = bar.table
    assert isinstance(table, RecordTable)
    table.set_rows([replace(STEEL, title="=1+1")])
    assert table.records.index(0, 1).data() == "=1+1"
    assert table.shown_rows()[0].title == "=1+1"


# Paper


def texts(path: Path) -> list[str]:
    """The words of each page."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(path).pages]


def test_a_pdf_has_heading_titles_totals_and_page_numbers(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [Paper(f"SC-{number:03d}", f"Part {number}", D(number), date(2026, 1, 1)) for number in range(120)]
    bar = a_bar(qtbot, rows=rows)
    bar.set_text("part")
    assert write_pdf(tmp_path / "p.pdf", sheet_of(bar)) == 120
    pages = texts(tmp_path / "p.pdf")
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert "Papers" in text and "24-017" in text and f"Page {number} of {len(pages)}" in text
        assert "Number" in text and "Amount" in text and "part" in text and "Printed" in text
    assert "120 papers" in pages[-1] and "7,140.00" in pages[-1]
    everything = "\n".join(pages)
    assert all(f"SC-{number:03d}" in everything for number in range(120))


def test_a_wide_list_lies_on_its_side_and_cuts_no_number(qtbot: QtBot, tmp_path: Path) -> None:
    columns = (
        Column("id", "Number", value=lambda row: row.id),
        *(Column(f"t{place}", f"Words {place}", value=lambda row: row.title) for place in range(5)),
        *(Column(f"m{place}", f"Amount {place}", "money", value=lambda row: row.amount) for place in range(5)),
    )
    rows = [Paper("SC-1", "A rather long title of many words", D("-12345678.90"))]
    bar = a_bar(qtbot, columns, rows)
    write_pdf(tmp_path / "wide.pdf", sheet_of(bar))
    page = PdfReader(tmp_path / "wide.pdf").pages[0]
    assert page.mediabox.width > page.mediabox.height
    assert page.extract_text().count("(12,345,678.90)") == 10, "each of five cells and five sums is whole"


def test_many_columns_of_amounts_push_nothing_off_the_page(qtbot: QtBot, tmp_path: Path) -> None:
    columns = (
        Column("id", "Kind", value=lambda _row: "Commitments"),
        *(
            Column(f"m{place}", f"Changed or gone {place}", "money", value=lambda row: row.amount)
            for place in range(14)
        ),
    )
    bar = a_bar(qtbot, columns, [Paper("SC-1", "", D("1360.03"))])
    write_pdf(tmp_path / "many.pdf", sheet_of(bar))
    page = PdfReader(tmp_path / "many.pdf").pages[0]
    lefts: list[float] = []
    page.extract_text(
        visitor_text=lambda text, cm, tm, *_: lefts.append(tm[4] * cm[0] + cm[4]) if text.strip() else None
    )
    assert min(lefts) > 0 and "Commitments" in page.extract_text()
    assert page.extract_text().count("1,360.03") == 28


def test_an_empty_list_is_one_page(qtbot: QtBot, tmp_path: Path) -> None:
    bar = a_bar(qtbot, rows=())
    assert write_pdf(tmp_path / "none.pdf", sheet_of(bar)) == 0
    assert "Page 1 of 1" in texts(tmp_path / "none.pdf")[0]


def test_the_preview_turns_its_pages(qtbot: QtBot) -> None:
    rows = [Paper(f"SC-{number:03d}", "Part", D(number)) for number in range(90)]
    bar = a_bar(qtbot, rows=rows)
    bar.export("print")
    qtbot.waitUntil(lambda: bool(bar.window().findChildren(PaperPreview)))
    preview = bar.window().findChildren(PaperPreview)[0]
    assert preview.where.text().startswith("Page 1 of ") and not preview.back.isEnabled()
    first = preview.view.picture(0)
    preview.forth.click()
    assert preview.page == 1 and preview.view.picture(1) != first
    preview.go_to(99)
    assert preview.page == preview.paper.pages - 1 and not preview.forth.isEnabled()
    preview.close()


# Whole or not at all


def write(kind: str, path: Path, sheet: Sheet, progress: Any = lambda _done, _of: True) -> int:
    if kind == "xlsx":
        return write_xlsx(path, sheet, progress)
    if kind == "pdf":
        return write_pdf(path, sheet, progress)
    taken = sheet.take()
    return write_csv(path, sheet.columns, taken.rows, progress, taken.count)


@pytest.mark.parametrize("kind", ["xlsx", "csv", "pdf"])
def test_a_file_that_is_stopped_leaves_the_old_one(qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    rows = [Paper(f"SC-{number}", "Part", D(number)) for number in range(STREAMED_ABOVE + 2000)]
    sheet = sheet_of(a_bar(qtbot, rows=rows))
    path = tmp_path / f"list.{kind}"
    path.write_bytes(b"old")
    asked: list[tuple[int, int]] = []

    def progress(done: int, of: int) -> bool:
        asked.append((done, of))
        return len(asked) < 3

    with pytest.raises(Stopped):
        write(kind, path, sheet, progress)
    assert asked[-1][1] == len(rows) and 0 < asked[-1][0] < len(rows)
    assert path.read_bytes() == b"old" and [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", ["xlsx", "csv", "pdf"])
def test_a_row_that_fails_half_way_leaves_no_file(qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    rows = [Paper(f"SC-{number}", "Part", D(number)) for number in range(50)]
    sheet = sheet_of(a_bar(qtbot, rows=rows))

    def broken() -> Iterator[Paper]:
        yield from rows[:30]
        raise OSError(errno.EIO, "the drive is gone")

    with pytest.raises((ForPeople, OSError)):
        write(kind, tmp_path / "list.out", replace(sheet, take=lambda: Taken(broken(), 50, 50)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["xlsx", "csv", "pdf"])
@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "open in another program"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
    ],
)
def test_an_error_of_the_disk_is_told_to_people(
    bar: ListBar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, problem: OSError, words: str
) -> None:
    path = tmp_path / f"list.{kind}"
    path.write_bytes(b"old")

    def refuse(_from: object, _to: object) -> None:
        raise problem

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(ForPeople, match=words) as caught:
        write(kind, path, sheet_of(bar))
    assert caught.value.next_step and path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


# From the bar


@pytest.mark.parametrize("kind", ["excel", "csv", "pdf"])
def test_the_bar_asks_where_and_tells_what_was_written(qtbot: QtBot, bar: ListBar, tmp_path: Path, kind: str) -> None:
    bar.export(kind)
    dialog = bar.findChild(QFileDialog)
    assert dialog is not None
    path = tmp_path / file_name(bar.title, f".{'xlsx' if kind == 'excel' else kind}")
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    assert told(qtbot, bar) == f"4 papers written to {path.name}."
    assert path.stat().st_size > 0


def test_a_refusal_is_told_in_the_bar(qtbot: QtBot, bar: ListBar, tmp_path: Path) -> None:
    write_list(bar, "excel", tmp_path / "nowhere" / "p.xlsx")
    assert "could not be written" in told(qtbot, bar)


def test_a_long_file_shows_how_far_it_is_and_can_be_stopped(qtbot: QtBot, tmp_path: Path) -> None:
    rows = [Paper(f"SC-{number}", "Part", D(number)) for number in range(30_000)]
    bar = a_bar(qtbot, rows=rows)
    work = write_list(bar, "excel", tmp_path / "long.xlsx")
    notice = bar.findChild(ExportNotice)
    assert notice is not None
    qtbot.waitUntil(lambda: notice.line.isVisible() and notice.line.value() > 0)
    notice.cancel.click()
    assert "you stopped it" in told(qtbot, bar)
    work.wait()
    assert not list(tmp_path.iterdir())


def test_a_key_exports_the_list_with_the_keyboard(qtbot: QtBot, bar: ListBar) -> None:
    assert focused_bar(bar) is bar
    assert export_focused(bar, "excel")
    dialog = bar.findChild(QFileDialog)
    assert dialog is not None
    dialog.reject()


def test_file_names_are_ones_that_windows_takes() -> None:
    name = file_name('Costs: "A/B" <1>?', ".csv")
    assert not set('<>:"/\\|?*') & set(name) and name.endswith(".csv")


def test_printed_times_are_those_of_the_workstation(bar: ListBar) -> None:
    sheet = replace(sheet_of(bar), printed=AT + timedelta(hours=1))
    local = (AT + timedelta(hours=1)).astimezone()
    assert f"{local:%m/%d/%Y}" in sheet.printed_words() and f":{local:%M}" in sheet.printed_words()


def _text(path: Path) -> str:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return file.read()


# The foot of every page


@pytest.fixture
def foot() -> Iterator[str]:
    """What the program prints at the foot of all lists."""
    words = "Audit trail entry 1,234 · 3f9a0c11d2e4b5a6…"
    print_at_foot(lambda: words)
    yield words
    print_at_foot(None)


def test_the_foot_stands_on_every_page_and_above_the_rows_of_excel(qtbot: QtBot, tmp_path: Path, foot: str) -> None:
    bar = a_bar(qtbot, rows=[Paper(f"SC-{number:03d}", "Part", D(number)) for number in range(120)])
    write_pdf(tmp_path / "p.pdf", sheet_of(bar))
    pages = texts(tmp_path / "p.pdf")
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert foot in page and f"Page {number} of {len(pages)}" in page
    write_xlsx(tmp_path / "p.xlsx", sheet_of(bar))
    book = opened(tmp_path / "p.xlsx")
    above = [line[0] for line in lines(book)]
    assert above.index(foot) == above.index(sheet_of(bar).printed_words()) + 1
    assert book.oddFooter is not None and foot in str(book.oddFooter.center.text)


def test_a_list_may_have_a_foot_of_its_own(qtbot: QtBot, tmp_path: Path) -> None:
    bar = a_bar(qtbot)
    bar.foot = lambda: "Checked & kept"
    write_pdf(tmp_path / "p.pdf", sheet_of(bar))
    assert "Checked & kept" in texts(tmp_path / "p.pdf")[0]
    write_xlsx(tmp_path / "p.xlsx", sheet_of(bar))
    assert [line[0] for line in lines(opened(tmp_path / "p.xlsx"))].count("Checked & kept") == 1


def test_the_preview_shows_the_whole_width_of_its_page(qtbot: QtBot) -> None:
    bar = a_bar(qtbot)
    bar.export("print")
    qtbot.waitUntil(lambda: bool(bar.window().findChildren(PaperPreview)))
    preview = bar.window().findChildren(PaperPreview)[0]
    wanted = preview.view.width()
    room = preview.screen().availableGeometry().width()
    assert preview.width() >= min(wanted, room - 40)
    preview.close()


# Lists without rows, and lists that change while they are written


@pytest.mark.parametrize("kind", ["xlsx", "csv", "pdf"])
def test_a_list_without_rows_is_a_file_with_titles(qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"none.{kind}"
    assert write(kind, path, sheet_of(a_bar(qtbot, rows=()))) == 0
    if kind == "xlsx":
        found = lines(opened(path))
        assert ["Number", "Title", "Amount", "Sent", "Status"] in found and found[-1][0] == "0 papers"
    elif kind == "csv":
        assert path.read_text(encoding="utf-8-sig").splitlines() == ['"Number","Title","Amount","Sent","Status"']
    else:
        assert "0 papers" in texts(path)[0]


@pytest.mark.parametrize("kind", ["xlsx", "csv", "pdf"])
def test_a_list_that_changes_while_it_is_written_is_written_as_it_was(qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    bar = a_bar(qtbot, rows=[Paper(f"SC-{number:04d}", "Part", D(1)) for number in range(1500)])
    table = bar.table
    assert isinstance(table, RecordTable)

    def change(_done: int, _of: int) -> bool:
        table.set_rows(PAPERS)
        return True

    assert write(kind, tmp_path / f"p.{kind}", sheet_of(bar), change) == 1500
    assert [row.id for row in table.shown_rows()] == [row.id for row in PAPERS]


@pytest.mark.parametrize("kind", ["xlsx", "pdf"])
def test_rows_that_went_meanwhile_are_not_added_up(qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    """What stands below a file is the sum of what is in it."""
    rows = [Paper(f"SC-{number}", "Part", D(10)) for number in range(5)]
    bar = a_bar(qtbot, rows=rows)
    stale = Taken(iter(rows[:3]), 5, 9, {"amount": D(50)})
    path = tmp_path / f"p.{kind}"
    assert write(kind, path, replace(sheet_of(bar), take=lambda: stale)) == 3
    if kind == "pdf":
        assert "3 papers shown of 9" in texts(path)[0] and "30.00" in texts(path)[0] and "50.00" not in texts(path)[0]
    else:
        assert lines(opened(path))[-1][:3] == ["3 papers shown of 9", None, 30]
