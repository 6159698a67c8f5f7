"""The screens of doubt in the real window: what to do, by whom, and what becomes of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from erpdesk.models.erp import ExportState, Saw
from erpdesk.views.kit.dialogs import CommentDialog, ConfirmDialog
from erpdesk.views.tabs.erp_integrations.doubt.panel import DoubtPanel
from erpdesk.views.tabs.erp_integrations.doubt.parts import TextDialog
from erpdesk.views.tabs.erp_integrations.doubt.state_dialog import CHOOSE, WRITE, StateDialog
from erpdesk.workflows.console_rows import View
from tests.town import press
from tests.views.house import House, calm
from tests.workflows.doubtful import closings, doubt, export_of, in_state, stands

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
NOTE = "Job Cost > Inquiry > Commitments: it is not there."


def show(house: House, person: str, submission: str, view: View = View.IN_DOUBT) -> DoubtPanel:
    house.act_as(person)
    house.window.show_tab("erp")
    house.erp.open_at("commitment", view, submission)
    house.settle()
    assert house.erp.page.review is not None and house.erp.page.review.row.id == submission
    calm(house.window)
    return house.erp.page.doubt


def test_two_people_close_a_doubt_on_screen(house: House) -> None:
    town = house.town
    _, submission = doubt(town)
    panel = show(house, town.approver, submission)
    assert house.erp.page.map.next_words() == "Next: Settle it, by Accounting in ERP Integrations"
    house.trigger("erp.close")
    dialog = house.dialog(StateDialog)
    dialog.yes.click()
    assert dialog.problem.text() == CHOOSE and dialog.isVisible()
    QTest.keyClick(dialog.answers[Saw.ABSENT], Qt.Key.Key_Space)
    dialog.yes.click()
    assert dialog.problem.text() == WRITE and dialog.isVisible()
    QTest.keyClicks(dialog.note, NOTE)
    dialog.yes.click()
    house.settle()
    assert [(each.saw, each.note) for each in closings(town)] == [(Saw.ABSENT, NOTE)]
    buttons = panel.statement.buttons
    assert not buttons["confirm"].allowed and "yourself" in buttons["confirm"].reasons()[0]
    assert buttons["withdraw"].isVisible() and not house.erp.page.close_button.isVisible()

    panel = show(house, town.both, submission)
    assert NOTE in panel.statement.note.text() and not buttons["withdraw"].isVisible()
    calm(house.window)
    buttons["confirm"].click()
    question = house.dialog(ConfirmDialog)
    assert question.no.isDefault(), "a stray Enter closes nothing"
    question.yes.click()
    house.settle()
    assert export_of(town, submission).state is ExportState.CLOSED_ABSENT
    show(house, town.approver, submission, View.FAILED_TO_EXPORT)
    assert "closed the doubt by hand" in house.erp.page.banner.text()
    assert house.erp.page.reject_button.allowed
    assert "confirmed by Lee Okafor" in house.erp.page.doubt.earlier.text()


def test_refusing_asks_what_the_second_person_saw(house: House) -> None:
    town = house.town
    _, submission = doubt(town)
    town.desk.closing.state_seen(town.approver, submission, Saw.ABSENT, NOTE, press())
    panel = show(house, town.both, submission)
    panel.statement.buttons["refuse"].click()
    dialog = house.dialog(CommentDialog)
    dialog.field.setPlainText("It is there since 9:40.")
    dialog.yes.click()
    house.settle()
    assert export_of(town, submission).state is ExportState.IN_DOUBT
    assert not panel.statement.isVisible() and "It is there since 9:40." in panel.earlier.text()


def test_a_statement_that_sage_overtook_closes_nothing(house: House) -> None:
    town = house.town
    _, submission = doubt(town)
    town.desk.closing.state_seen(town.approver, submission, Saw.ABSENT, NOTE, press())
    panel = show(house, town.both, submission)
    stands(town, submission, ExportState.CONFLICT)
    panel.statement.buttons["confirm"].click()
    house.dialog(ConfirmDialog).yes.click()
    house.settle()
    assert export_of(town, submission).state is ExportState.CONFLICT
    assert any("settled this meanwhile" in words for words in house.window.messages.texts())
    assert "overtaken" in panel.earlier.text() and not panel.statement.isVisible()


def test_what_sage_printed_can_be_read(house: House) -> None:
    _, submission = doubt(house.town)
    panel = show(house, house.town.viewer, submission)
    assert [row[1] for row in panel.seen.rows()] == [
        *("Read of Sage", "Import folder", "Rejected records", "Sage’s journal"),
    ]
    records, journal = panel.seen.buttons()
    assert records.focusPolicy() & Qt.FocusPolicy.TabFocus
    QTest.keyClick(journal, Qt.Key.Key_Space)
    dialog = house.dialog(TextDialog)
    assert "Records read 2   accepted 2" in dialog.block.toPlainText()
    dialog.accept()
    assert not house.erp.page.close_button.isVisible(), "who may not decide has no buttons of decision"
    assert house.erp.page.look_button.isVisible()


def test_looking_again_wakes_a_sync(house: House) -> None:
    _, submission = doubt(house.town)
    show(house, house.town.approver, submission)
    house.trigger("erp.look_again")
    assert house.worker.asked == ["sync now"]


def test_a_conflict_shows_both_sides(house: House) -> None:
    _, submission = in_state(house.town, ExportState.CONFLICT)
    panel = show(house, house.town.approver, submission)
    assert panel.differences.rows() == (
        ("Title", "Structural steel", "Structural steel, east"),
        ("Line 1 amount", "1,234.56", "1,334.56"),
    )
    assert "Job Cost > Setup > Commitments" in panel.todo.steps()[0]
    assert not house.erp.page.close_button.isVisible()
    assert house.reasons("erp.close") and house.reasons("erp.acknowledge")


def test_an_alarm_stands_above_everything_until_it_is_acknowledged(house: House) -> None:
    town = house.town
    in_state(town, ExportState.DUPLICATE_ALARM)
    _, other = town.sent()
    show(house, town.approver, other, View.READY_TO_EXPORT)
    assert house.erp.alarm.isVisible() and "have stopped" in house.erp.alarm.banner.text()
    house.erp.alarm.button.click()
    house.settle()
    calm(house.window)
    assert house.erp.queue.view is View.IN_DOUBT and house.erp.page.acknowledge_button.isVisible()
    house.trigger("erp.acknowledge")
    dialog = house.dialog(CommentDialog)
    dialog.field.setPlainText("Lee deletes the second one today.")
    dialog.yes.click()
    house.settle()
    assert not house.erp.alarm.isVisible()
    assert "Acknowledged by Morgan Reyes" in house.erp.page.doubt.alarm.text()
    assert not house.erp.page.acknowledge_button.isVisible()


@pytest.mark.parametrize(
    ("reason", "place", "field"),
    [
        ("Sage rejected it: vendor V100 does not exist.", "Vendor", "vendor"),
        ("Sage rejected it: the amount 1.001 is too long; 9 digits and 2 decimals fit.", "Line 1, amount", "amount"),
    ],
)
def test_fix_jumps_to_the_field(house: House, reason: str, place: str, field: str) -> None:
    town = house.town
    made, submission = in_state(town, ExportState.SAGE_REJECTED, reason)
    panel = show(house, town.approver, submission, View.FAILED_TO_EXPORT)
    assert panel.hint.text() == f"Field to correct: {place}."
    house.trigger("erp.fix")
    assert house.window.strip.current() == "commitments"
    assert house.commitments.page.commitment_id == made
    town.desk.erp.reject(town.approver, submission, "Please correct it.", press())
    house.act_as(town.manager)
    page = house.commitments.page
    page.header_form.number.setFocus()
    assert reason in page.rejected.words.text() and place in page.rejected.words.text()
    page.rejected.fix.click()
    if field == "vendor":
        assert page.header_form.vendor.hasFocus() or page.header_form.vendor.isAncestorOf(page.focusWidget())
    else:
        grid = page.schedule.grid
        assert grid.hasFocus() and grid.lines.columns[grid.currentIndex().column()].key == field
        assert grid.currentIndex().row() == 0


def test_a_reason_that_nobody_knows_names_no_field(house: House) -> None:
    town = house.town
    made, submission = in_state(town, ExportState.SAGE_REJECTED, "Sage rejected it: not today.")
    panel = show(house, town.approver, submission, View.FAILED_TO_EXPORT)
    assert "does not name a field" in panel.hint.text()
    assert not house.erp.page.fix_button.allowed and house.reasons("erp.fix") == (panel.hint.text(),)
    house.act_as(town.manager)
    house.window.show_tab("commitments")
    house.commitments.open(made)
    house.settle()
    strip = house.commitments.page.rejected
    assert strip.isVisible() and not strip.fix.isVisible() and "does not name a field" in strip.words.text()


def test_what_was_refused_before_it_left_can_be_tried_again(house: House) -> None:
    town = house.town
    _, submission = town.accepted()
    stands(town, submission, ExportState.REFUSED, "Vendor V1 is inactive in Sage. Make it active there.", seen=False)
    show(house, town.approver, submission, View.FAILED_TO_EXPORT)
    assert house.erp.page.again_button.isVisible()
    house.trigger("erp.try_again")
    assert export_of(town, submission).state is ExportState.INTENT


def test_an_item_that_waits_for_its_file_is_sent_now(house: House) -> None:
    _, submission = house.town.accepted()
    show(house, house.town.approver, submission, View.EXPORTING)
    assert house.erp.page.send_button.isVisible() and house.erp.page.send_button.allowed
    house.trigger("erp.send_now")
    assert house.worker.asked[-1] == "close files"
    _, doubtful = doubt(house.town)
    show(house, house.town.approver, doubtful)
    assert not house.erp.page.send_button.isVisible()
