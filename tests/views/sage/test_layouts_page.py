"""The page about import files, over a real company: what it says, what it allows, and what its acts do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from erpdesk.core.changes import Changes
from erpdesk.models.sage import SiteLayout
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.dialogs import ConfirmDialog
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.pills import Pill, pill_size
from erpdesk.views.kit.record_delegate import PAD
from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.kit.theme import Theme
from erpdesk.views.sage.layouts_choice import FieldsDialog
from erpdesk.views.sage.layouts_page import LayoutsPage
from erpdesk.views.sage.layouts_paste import PasteDialog
from erpdesk.views.sage.layouts_words import LAYOUT_COLUMNS, field_pill, layout_pill
from erpdesk.views.sage.window import NAV_WIDTH
from erpdesk.workflows.layout_acts import LayoutActs
from erpdesk.workflows.layout_ports import EmptyShelf
from tests.town import Town
from tests.views.house import wait_until
from tests.workflows.layout_town import ORDER, admin, with_layouts

D = TypeVar("D", bound=QDialog)


@dataclass
class Desk:
    """The page with the company behind it, and who acts."""

    town: Town
    page: LayoutsPage
    jobs: Jobs
    who: list[str]
    heard: list[Changes] = field(default_factory=list)

    def settle(self) -> None:
        calm: list[int] = []

        def rested() -> bool:
            calm[:] = [*calm, 1] if self.jobs.idle else []
            return len(calm) > 2

        wait_until(rested, "the page comes to rest")

    def choose(self, layout: str) -> None:
        self.page.layouts.set_current_id(layout)
        self.settle()
        assert self.page.card.title.text() == {each.id: each for each in self.page.layouts.all_rows()}[layout].title

    def press(self, button: object) -> None:
        for each in (self.page.confirm, self.page.withdraw, self.page.paste, self.page.back):
            if each is button:
                each.pressed_ok.emit()
        QApplication.processEvents()

    def dialog(self, kind: type[D]) -> D:
        found = [each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()]
        assert len(found) == 1
        return found[0]


@pytest.fixture
def desk(town: Town, theme: Theme) -> Iterator[Desk]:
    with_layouts(town)
    problems: list[BaseException] = []
    jobs = Jobs(Bridge(), problems.append)
    who = [admin(town)]
    page = LayoutsPage(town.desk.layouts, jobs, lambda: who[0], MemoryStore())
    made = Desk(town, page, jobs, who)
    page.changed.connect(made.heard.append)
    page.resize(1024, 640)
    page.show()
    made.settle()
    yield made
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog):
            widget.reject()
    made.settle()
    jobs.close()
    page.close()
    page.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    assert not problems


def test_the_list_says_which_files_may_go_to_a_live_company(desk: Desk) -> None:
    rows = {each.id: each for each in desk.page.layouts.all_rows()}
    assert layout_pill(rows["jce"]).text == "Ready for a live company"
    assert layout_pill(rows["jcc"]).text == "Ready in part"
    assert layout_pill(rows["ap_fixed"]).text == "Preview and test only"
    assert rows["jcc"].menu == "Job Cost > Tools > Import POs/Commitments"
    assert [each.key for each in LAYOUT_COLUMNS] == ["title", "menu", "order", "state"]
    assert desk.page.layouts.current_id() == "jce"


def test_the_fields_stand_in_file_order_with_how_sure_they_are(desk: Desk) -> None:
    desk.choose("ap_fixed")
    rows = desk.page.fields.shown_rows()
    assert [each.position for each in rows if each.record == "APIF"] == list(range(2, 22))
    sure = {each.label: field_pill(each).text for each in rows if each.record == "APIF"}
    assert sure["vendor"] == "Documented by Sage" and sure["accounting date"] == "Inferred"
    assert {field_pill(each).text for each in rows if not each.used} == {"Left blank"}
    assert "Not settled: APIF (12 fields)" in desk.page.about.text()
    desk.page.fields.set_current_id("APIF/13")
    assert "Import Format > Print Preview" in desk.page.note.text()
    desk.choose("dc")
    assert {field_pill(each).text for each in desk.page.fields.shown_rows() if not each.open} == {
        "Seen in working programs"
    }


def test_confirming_needs_a_tick_and_a_comment_and_tells_the_window(desk: Desk) -> None:
    desk.choose("ap_fixed")
    desk.page.fields.select_ids(["APIF/12", "APIF/13"])
    desk.press(desk.page.confirm)
    dialog = desk.dialog(FieldsDialog)
    assert [each.id for each in dialog.ticked()] == ["APIF/12", "APIF/13"]
    assert dialog.yes.reasons() == ("Write the comment; it is kept in the audit trail.",)
    QTest.keyClicks(dialog.comment, "Printout of today")
    assert dialog.yes.allowed
    dialog.table.select_ids([])
    assert dialog.yes.reasons() == ("Tick at least one field.",)
    dialog.table.select_ids(["APIF/12", "APDF/2"])
    dialog.yes.pressed_ok.emit()
    desk.settle()
    assert desk.page.messages.texts() == ["2 fields are confirmed."]
    assert desk.heard and ("layout", "ap_fixed") in desk.heard[0].touched
    rows = {each.id: each for each in desk.page.fields.shown_rows()}
    assert field_pill(rows["APIF/12"]).text == field_pill(rows["APDF/2"]).text == "Confirmed here"
    assert field_pill(rows["APIF/13"]).text == "Inferred"
    desk.page.fields.set_current_id("APIF/12")
    assert "Printout of today" in desk.page.note.text()


def test_a_refused_act_keeps_the_dialog_and_what_was_typed(desk: Desk) -> None:
    desk.choose("ap_fixed")
    desk.press(desk.page.confirm)
    dialog = desk.dialog(FieldsDialog)
    dialog.table.select_ids(["APIF/12"])
    dialog.comment.setPlainText("Printout")
    desk.town.desk.layouts.confirm(desk.who[0], "ap_fixed", "APIF", [12], "Somebody was faster")
    dialog.yes.pressed_ok.emit()
    desk.settle()
    assert dialog.isVisible() and "confirmed already" in dialog.problem.text()
    assert dialog.comment.value() == "Printout" and dialog.yes.allowed


def test_withdrawing_opens_a_field_again(desk: Desk) -> None:
    desk.town.desk.layouts.confirm(desk.who[0], "ap_fixed", "APIF", [12], "Printout")
    desk.page.reload()
    desk.settle()
    desk.choose("ap_fixed")
    desk.press(desk.page.withdraw)
    dialog = desk.dialog(FieldsDialog)
    assert [each.id for each in dialog.table.all_rows()] == ["APIF/12"]
    dialog.table.select_ids(["APIF/12"])
    dialog.comment.setPlainText("Another company's printout")
    dialog.yes.pressed_ok.emit()
    desk.settle()
    assert {each.id: each for each in desk.page.fields.shown_rows()}["APIF/12"].open
    assert desk.page.messages.texts() == ["One field is open again."]


def test_a_pasted_order_is_shown_before_it_is_used(desk: Desk) -> None:
    desk.choose("ap_fixed")
    desk.press(desk.page.paste)
    dialog = desk.dialog(PasteDialog)
    assert not dialog.use.allowed and not dialog.sample.isVisible()
    dialog.text.setPlainText("APIF, Vendor, Invoice")
    assert dialog.use.reasons() == ("The text is being read just now.",)
    wait_until(lambda: bool(dialog.checks.checks()), "the order is read")
    assert dialog.checks.checks()[0].state == "error" and "lacks the" in dialog.use.reasons()[0]
    dialog.text.setPlainText(f"Page 1\n{ORDER}, Web code")
    wait_until(lambda: dialog.use.allowed, "the order is understood")
    said = [each.text for each in dialog.checks.checks()]
    assert any("“Web code”" in each for each in said) and any("Page 1" in each for each in said)
    assert dialog.sample.toPlainText().startswith('"APIF","VENDOR1","INV-1001","Furnish and erect",11/24/2026')
    dialog.use.pressed_ok.emit()
    desk.settle()
    assert "This site’s own field order" in desk.page.about.text()
    assert desk.page.messages.texts() == ["This site’s own field order is in use."]
    desk.press(desk.page.back)
    desk.dialog(ConfirmDialog).on_yes()
    desk.settle()
    assert "Field order as shipped, again since" in desk.page.about.text()
    assert desk.page.back.reasons() == ("The shipped order is in use already.",)


def test_an_order_of_another_file_is_named(desk: Desk) -> None:
    desk.choose("jcc")
    desk.press(desk.page.paste)
    dialog = desk.dialog(PasteDialog)
    dialog.text.setPlainText(ORDER)
    wait_until(lambda: bool(dialog.checks.checks()), "the order is read")
    title = next(each.title for each in desk.page.layouts.all_rows() if each.id == "ap_fixed")
    (said,) = dialog.checks.checks()
    assert said.text.startswith(f"This is the order of {title}.") and said.state == "error"
    assert dialog.use.reasons() == (said.text,)


def test_nothing_is_cut_in_a_window_as_it_opens(desk: Desk) -> None:
    page = desk.page
    page.resize(1120 - NAV_WIDTH, 680)
    desk.choose("ap_fixed")
    QApplication.processEvents()
    for table in (page.layouts, page.fields):
        assert table.horizontalScrollBar().maximum() == 0
        for place, column in enumerate(table.records.columns):
            if column.kind == "status":
                pills = [pill for row in table.all_rows() if isinstance(pill := column.value(row), Pill)]
                needed = max(pill_size(pill, table.fontMetrics()).width() for pill in pills) + 2 * PAD
                assert table.columnWidth(place) >= needed, column.title


def test_without_the_right_every_act_says_why(desk: Desk) -> None:
    desk.choose("ap_fixed")
    for person in (desk.town.viewer, "nobody"):
        desk.who[0] = person
        desk.page.reload()
        desk.settle()
        for button in (desk.page.confirm, desk.page.withdraw, desk.page.paste, desk.page.back):
            assert not button.allowed and button.reasons()
        assert desk.page.fields.shown_rows(), "the fields stay readable"
    assert "not known" in desk.page.paste.reasons()[0]


def test_an_order_that_no_longer_fits_says_so_and_leaves_the_way_back(desk: Desk) -> None:
    with desk.town.store.writing() as session:
        now = desk.town.desk.office.clock.now()
        session.add(SiteLayout(layout="dc", version=1, text="DC\n1  Record ID\n2  gone", by=desk.who[0], at=now))
    desk.page.reload()
    desk.settle()
    desk.choose("dc")
    row = {each.id: each for each in desk.page.layouts.all_rows()}["dc"]
    assert layout_pill(row).text == "Cannot be used" and row.title == "Direct cost import file"
    assert "cannot be used" in desk.page.problem.text() and desk.page.back.allowed


def test_a_company_without_layouts_says_what_to_do(town: Town, theme: Theme) -> None:
    jobs = Jobs(Bridge(), lambda error: None)
    page = LayoutsPage(LayoutActs(town.desk.office, EmptyShelf()), jobs, lambda: town.manager, MemoryStore())
    wait_until(lambda: jobs.idle, "the layouts are read")
    assert page.card.title.text() == "No import file chosen" and not page.layouts.all_rows()
    assert all(not each.allowed for each in (page.confirm, page.withdraw, page.paste, page.back))
    jobs.close()
    page.deleteLater()


@pytest.mark.parametrize(("dress", "points"), [("light", 10), ("dark", 14)])
def test_it_fits_a_small_window_in_large_letters(desk: Desk, theme: Theme, dress: str, points: int) -> None:
    theme.set_mode(dress)
    theme.set_points(points)
    desk.choose("ap_fixed")
    page = desk.page
    assert (page.width(), page.height()) == (1024, 640)
    assert page.minimumSizeHint().width() <= 1024 and page.minimumSizeHint().height() <= 640
    right = max(each.mapTo(page, each.rect().bottomRight()).x() for each in (page.confirm, page.back))
    bottom = max(each.mapTo(page, each.rect().bottomRight()).y() for each in (page.confirm, page.back))
    assert right <= 1024 and bottom <= 640
    assert page.fields.viewport().height() >= 3 * page.fields.rowHeight(0)


def test_the_keyboard_reaches_lists_and_buttons(desk: Desk) -> None:
    page = desk.page
    page.activateWindow()
    page.setFocus()
    reached = set()
    for _ in range(16):
        reached.add(QApplication.focusWidget())
        QTest.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
    assert {page.layouts, page.fields, page.paste, page.confirm} <= reached
