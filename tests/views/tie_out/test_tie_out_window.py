"""The tie-out window over a real company: verdict, drill-down to the item, filters, Excel, PDF, and nothing to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QStyle, QStyleOptionComboBox

from erpdesk.core.clock import CLOCK
from erpdesk.core.money import ZERO
from erpdesk.models.erp import ExportState
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.list_export import write_list
from erpdesk.views.kit.theme import Theme
from erpdesk.views.tie_out.columns import ACCEPTED, BOTH, IN_SAGE
from erpdesk.views.tie_out.page import TieOutPage
from erpdesk.views.tie_out.window import TieOutWindow
from erpdesk.workflows.tie_out_rows import Level, Part
from tests.town import Town, copy_of
from tests.views.house import House, open_house, wait_until
from tests.workflows.tie_out_town import Office


@dataclass
class Room:
    """The window, and the company behind it."""

    office: Office
    house: House
    window: TieOutWindow

    @property
    def page(self) -> TieOutPage:
        return self.window.page

    def settle(self) -> None:
        page = self.page
        wait_until(
            lambda: not page.waiting and self.house.jobs.idle and page.lines.settled() and page.items.settled(),
            "the report is added up",
        )
        QApplication.processEvents()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        table = self.page.items if self.page.level is Level.ITEM else self.page.lines
        table.setFocus()
        QTest.keyClick(table, key, modifier)
        self.settle()

    def write(self, bar: ListBar, kind: str, path: Path) -> None:
        work = write_list(bar, kind, path)
        work.wait()
        QApplication.processEvents()

    def up_to_today(self) -> None:
        """Counts what was accepted since the last reading too."""
        self.page.accepted_to.set_value(CLOCK.today())
        self.page.accepted_to.value_changed.emit(CLOCK.today())
        self.settle()


@pytest.fixture(scope="module")
def prepared_room(prepared_town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company with an item in Sage, one that was changed there, and one on its way; made once, tests copy it."""
    folder = tmp_path_factory.mktemp("room")
    town = copy_of(prepared_town, folder)
    office = Office(town)
    office.accepted("SC-EQUAL", "100.01", "200.02")
    office.accepted("SC-CHANGED", "300.00")
    office.accepted("SC-EXPORT", "60.00")
    office.import_all("SC-EQUAL", "SC-CHANGED")
    office.stand("SC-EQUAL", ExportState.POSTED)
    office.stand("SC-CHANGED", ExportState.POSTED)
    office.change_in_sage("SC-CHANGED", "350.00")
    office.watch()
    office.read_sage()
    town.store.close()
    return folder


@pytest.fixture
def room(prepared_room: Path, tmp_path: Path, theme: Theme) -> Iterator[Room]:
    town = copy_of(prepared_room, tmp_path)
    with open_house(town, theme) as house:
        house.act_as(town.both)
        house.trigger("tie_out.show")
        made = Room(Office(town), house, house.dialog(TieOutWindow))
        made.settle()
        yield made
        made.window.close()
    town.store.close()


def added(cells: Iterable[Any]) -> float:
    """The sum of cells, as Excel adds them up; empty ones count nothing."""
    return round(sum(cell or 0 for cell in cells), 2)


def combo_option(combo: QComboBox) -> QStyleOptionComboBox:
    option = QStyleOptionComboBox()
    option.initFrom(combo)
    return option


def titles(page: TieOutPage) -> list[str]:
    return [column.title for column in page.lines.visible_columns()]


def test_the_verdict_stands_above_a_line_for_each_kind(room: Room) -> None:
    page = room.page
    assert page.verdict.text() == "Ties out, with 1 known difference: Sage holds 50.00 more than it should."
    accepted, in_sage = page.equations.text().splitlines()
    assert accepted == "Accepted 660.03 = equal in Sage 300.03 + changed or gone in Sage 300.00 + exporting 60.00"
    assert in_sage.startswith("Sage holds ") and "made by erpdesk 300.03 + made or changed in Sage 350.00" in in_sage
    (row,) = page.lines.all_rows()
    assert (row.name, row.accepted, row.sage_differs) == ("Commitments", Decimal("660.03"), Decimal("50.00"))
    assert "Sage's figures as read from" in page.read_line.text()
    assert not page.back.isEnabled() and page.trail.text() == "All kinds"
    assert page.back.toolTip() == "This is the whole report: there is nothing above it."


def test_enter_goes_down_to_the_items_and_the_item_opens_in_its_tool(room: Room) -> None:
    page = room.page
    for level in (Level.JOB, Level.CODE, Level.CATEGORY, Level.ITEM):
        room.press(Qt.Key.Key_Home)
        table = page.lines
        table.set_current_id(next(row.id for row in table.shown_rows() if not row.ties))
        room.press(Qt.Key.Key_Return)
        assert page.level is level and page.levels.value() == level.name
    assert len(page.scope) == 4 and page.trail.text().startswith("All kinds > Commitments > ")
    first = page.items.shown_rows()[0]
    assert (first.item.sage_id, first.differs) == ("SC-CHANGED", Decimal("50.00"))
    page.items.set_current_id(first.id)
    room.press(Qt.Key.Key_Return)
    room.house.settle()
    assert room.house.window.strip.current() == "commitments"
    assert room.house.commitments.page.header_form.title.text() == "Work SC-CHANGED"


def test_alt_left_goes_back_up_and_what_is_only_in_sage_says_so(room: Room) -> None:
    page = room.page
    page.drill(("commitment",))
    room.settle()
    page.levels.setCurrentIndex(list(Level).index(Level.ITEM))
    room.settle()
    assert page.scope == ("commitment",) and page.level is Level.ITEM
    theirs = next(row for row in page.items.shown_rows() if not row.item.item_id)
    page.items.set_current_id(theirs.id)
    room.press(Qt.Key.Key_Return)
    assert page.messages.texts() == [
        f"{theirs.item.sage_id} is only in Sage, not in erpdesk. Look there under Job Cost > Inquiry."
    ]
    room.press(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert (page.trail.text(), page.levels.value()) == ("All kinds", Level.KIND.name)


def test_filters_narrow_both_sides_and_leave_a_place_that_is_outside(room: Room) -> None:
    page = room.page
    mine = room.office.town.project().sage_job
    other = room.office.town.project(1).sage_job
    page.drill(("commitment", mine))
    room.settle()
    page.job.set_value(other)
    page.job.value_changed.emit(other)
    room.settle()
    assert page.scope == () and page.summary is not None
    assert page.summary.total.accepted == ZERO and page.summary.total.in_sage > ZERO
    assert page.verdict.text() == "Ties out."
    page.since.set_value(CLOCK.today().replace(year=2990))
    page.since.value_changed.emit(None)
    room.settle()
    assert page.lines.records.rowCount() == 0 and page.lines.empty_title == "Nothing to tie out"
    assert page.verdict.text() == "Nothing to tie out." and page.equations.text() == ""


def test_the_keyboard_goes_along_into_the_items_and_names_are_never_cut(room: Room) -> None:
    page = room.page
    page.window().activateWindow()
    page.drill(("commitment", *page.lines.all_rows()[0].place[1:]))
    room.settle()
    page.levels.setCurrentIndex(list(Level).index(Level.CATEGORY))
    room.settle()
    page.lines.set_current_id(next(row.id for row in page.lines.shown_rows() if not row.ties))
    room.press(Qt.Key.Key_Return)
    assert page.level is Level.ITEM
    focused = QApplication.focusWidget()
    assert focused is not None and (focused is page.items or page.items.isAncestorOf(focused))
    columns = {column.title: column for column in page.items.visible_columns()}
    assert columns["Sage ID"].is_whole and columns["State now"].is_whole
    job = room.office.town.project().sage_job
    assert {columns["Job"].value(row) for row in page.items.shown_rows()} == {job}


def test_no_two_fields_or_buttons_share_a_letter_and_every_choice_has_room(room: Room) -> None:
    page = room.page
    labels = [label.text() for label in page.findChildren(QLabel) if label.buddy() is not None]
    keys = [
        text[text.index("&") + 1].upper() for text in (*labels, page.refresh.text(), page.back.text()) if "&" in text
    ]
    assert len(keys) == len(set(keys)) == 9
    for combo in (page.sides, page.levels):
        widest = max(combo.fontMetrics().horizontalAdvance(combo.itemText(at)) for at in range(combo.count()))
        room_for_words = combo.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, combo_option(combo), QStyle.SubControl.SC_ComboBoxEditField, combo
        )
        assert room_for_words.width() >= widest


def test_only_what_needs_a_look_and_only_one_side(room: Room) -> None:
    page = room.page
    assert "Unlinked" not in titles(page) and "Exporting" in titles(page) and "Before first sync" in titles(page)
    page.levels.setCurrentIndex(list(Level).index(Level.JOB))
    room.settle()
    assert page.lines.records.rowCount() > 1
    page.lines_bar.set_chip("off")
    page.lines_bar.chip_changed.emit("off")
    room.settle()
    assert [row.job for row in page.lines.shown_rows()] == [room.office.town.project().sage_job]
    page.sides.setCurrentIndex([BOTH, ACCEPTED, IN_SAGE].index(ACCEPTED))
    assert {"Unlinked", "Closed by hand", "Left over"} < set(titles(page)) and "Sage holds" not in titles(page)
    page.sides.setCurrentIndex([BOTH, ACCEPTED, IN_SAGE].index(IN_SAGE))
    assert {"After the cut-off", "Left over in Sage", "Left over between"} < set(titles(page))
    assert "Accepted" not in titles(page)


def test_excel_holds_numbers_that_add_up_and_text_and_says_what_they_are(room: Room, tmp_path: Path) -> None:
    page = room.page
    page.levels.setCurrentIndex(list(Level).index(Level.CATEGORY))
    room.settle()
    page.sides.setCurrentIndex([BOTH, ACCEPTED, IN_SAGE].index(ACCEPTED))
    room.write(page.lines_bar, "excel", tmp_path / "tie.xlsx")
    sheet = load_workbook(tmp_path / "tie.xlsx").active
    assert sheet is not None
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    above = "\n".join(str(row[0]) for row in cells[:12])
    town = room.office.town
    assert town.settings.company in above and "Accepted up to" in above and "Sage's figures as read from" in above
    assert "Ties out, with 1 known difference" in above and "By Lee Okafor" in above and "Period: everything" in above
    head = next(at for at, row in enumerate(cells) if "Equal in Sage" in row)
    assert sheet.freeze_panes == f"A{head + 2}"
    lines = cells[head + 1 : head + 1 + len(page.lines.all_rows())]
    total = cells[head + 1 + len(lines)]
    for title, expected in (("Accepted", 660.03), ("Equal in Sage", 300.03), ("Exporting", 60.0), ("Left over", 0.0)):
        at = cells[head].index(title)
        assert added(row[at] for row in lines) == expected == added([total[at]])
    page.levels.setCurrentIndex(list(Level).index(Level.ITEM))
    room.settle()
    room.write(page.items_bar, "excel", tmp_path / "items.xlsx")
    sheet = load_workbook(tmp_path / "items.xlsx").active
    assert sheet is not None
    types = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "f" not in types and "n" in types


def test_paper_says_company_period_cut_off_reading_and_who(room: Room, tmp_path: Path) -> None:
    page = room.page
    room.write(page.lines_bar, "pdf", tmp_path / "tie.pdf")
    # Type sets “fi” as one sign.
    text = " ".join(normalize("NFKC", PdfReader(tmp_path / "tie.pdf").pages[0].extract_text()).split())
    for words in (
        room.office.town.settings.company,
        "Tie-out report",
        "Period: everything",
        "Accepted up to",
        "Sage's figures as read from",
        "Ties out, with 1 known difference",
        "Accepted 660.03 = equal in Sage 300.03 + changed or gone in Sage 300.00 + exporting 60.00",
        "By Lee Okafor",
        "660.03",
        "Audit trail entry",
    ):
        assert words in text, words


def test_it_says_when_its_figures_are_no_longer_those_of_now_and_reads_them_anew(room: Room) -> None:
    page = room.page
    assert not page.stale.isVisible()
    room.office.accepted("SC-NEW", "5.00")
    room.house.reload()
    assert page.stale.isVisible() and "Press Refresh" in page.stale.text()
    page.refresh.click()
    room.settle()
    assert not page.stale.isVisible()
    room.up_to_today()
    assert page.summary is not None and page.summary.total.accepted == Decimal("665.03")
    assert page.summary.total.parts[Part.EXPORTING] == Decimal("65.00")


def test_whoever_may_not_look_sees_why_and_no_figure(room: Room) -> None:
    page = room.page
    room.house.act_as(room.office.town.manager)
    room.settle()
    assert page.lines.records.rowCount() == 0 and page.summary is None
    assert "ERP Integrations" in page.lines.empty_title
    assert page.equations.text() == "" and not page.verdict.isVisible()


def test_without_a_reading_of_sage_it_says_that_nothing_is_proven(town: Town, theme: Theme) -> None:
    number = town.mirror.store.current()
    assert number is not None
    town.mirror.store.path(number).unlink()
    with open_house(town, theme) as house:
        house.act_as(town.both)
        house.trigger("tie_out.show")
        room = Room(Office(town), house, house.dialog(TieOutWindow))
        room.settle()
        assert room.page.verdict.text().startswith("Does not tie out: not everything could be read.")
        assert "never read" in room.page.verdict.text()
        assert room.page.lines.empty_title == "Nothing to tie out"
        room.window.close()
