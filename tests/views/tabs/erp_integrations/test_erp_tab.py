"""The ERP Integrations tab on a real company: review, accept, reject, and what became of an item."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.dialogs import CommentDialog
from erpdesk.views.tabs.erp_integrations.review import ReviewPage
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import ErpState, LineDraft, QueueRow, Review
from tests.town import Town
from tests.views.house import House, calm, type_into, wait_until

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def page(house: House) -> ReviewPage:
    return house.erp.page


def review(house: House) -> Review:
    shown = page(house).review
    assert shown is not None
    return shown


def show(house: House, view: View = View.READY_TO_EXPORT) -> None:
    house.window.show_tab("erp")
    house.erp.open_at("commitment", view)
    house.settle()


def queue(town: Town, view: View) -> tuple[QueueRow, ...]:
    return town.queue(view)


def ids(house: House) -> list[str]:
    return [row.id for row in house.erp.queue.table.shown_rows()]


def close_the_job(town: Town, closed: bool) -> None:
    """Somebody closes the job inside Sage, or opens it again."""
    with town.sage.changing() as connection:
        state = "Closed" if closed else "In progress"
        connection.execute("UPDATE JCM_MASTER__JOB SET Status = ? WHERE Job = ?", (state, town.project().sage_job))


def test_the_approver_sees_exactly_what_sage_will_get(house: House) -> None:
    town = house.town
    code = next(each for each in town.codes() if each.budget > each.committed)
    over = code.budget - code.committed + Decimal("5000.00")
    _, submission = town.sent(lines=(LineDraft("", code.cost_code, "S", "Steel", amount=over),))
    house.act_as(town.approver)
    show(house)
    assert review(house).row.id == submission
    expected = town.desk.console.review(submission, None, town.approver)
    assert page(house).file.toPlainText().splitlines() == list(expected.file_lines)
    (row,) = page(house).effect.table.shown_rows()
    assert (row.this, row.left) == (over, Decimal("-5000.00"))
    states = [check.state for check in page(house).checks.checks()]
    assert states[0] == "warning" and "ok" in states and "error" not in states
    assert page(house).accept_button.isVisible() and page(house).accept_button.allowed


def test_accepting_goes_on_to_the_next_item(house: House) -> None:
    town = house.town
    for title in ("First", "Second", "Third"):
        town.sent(title=title)
    house.act_as(town.approver)
    show(house)
    first, second, third = ids(house)
    house.erp.queue.table.select_ids((second,))
    house.settle()
    rings = town.bell.rings
    house.trigger("erp.accept")
    assert town.bell.rings == rings + 1
    assert ids(house) == [first, third]
    assert review(house).row.id == third
    assert [row.id for row in queue(town, View.EXPORTING)] == [second]


def test_pressing_accept_twice_accepts_once(house: House) -> None:
    town = house.town
    town.sent()
    other = town.sent(title="Other")[1]
    house.act_as(town.approver)
    show(house)
    house.window.registry.trigger("erp.accept")
    house.window.registry.trigger("erp.accept")
    house.settle()
    assert len(queue(town, View.EXPORTING)) == 1
    assert [row.id for row in queue(town, View.READY_TO_EXPORT)] == [other]


def test_an_id_is_judged_while_it_is_typed(house: House) -> None:
    town = house.town
    taken, _ = town.accepted(number="SC-TAKEN")
    house.export()
    _, submission = town.sent()
    house.act_as(town.approver)
    show(house)
    type_into(page(house).sage_id, "SC-TAKEN")
    assert house.reasons("erp.accept") == ("The Sage commitment ID is being checked.",)
    wait_until(lambda: not page(house).id_pending, "the ID was checked")
    house.settle()
    assert any("SC-TAKEN" in reason for reason in house.reasons("erp.accept")), house.reasons("erp.accept")
    assert page(house).checks.checks()[0].state == "error"
    assert page(house).typed_id() == "SC-TAKEN"
    type_into(page(house).sage_id, "SC-NEW")
    wait_until(lambda: not page(house).id_pending, "the ID was checked")
    house.settle()
    assert "SC-NEW" in page(house).file.toPlainText()
    house.trigger("erp.accept")
    assert [(row.id, row.sage_id) for row in queue(town, View.EXPORTING)] == [(submission, "SC-NEW")]
    assert taken


def test_rejecting_asks_for_a_comment_once(house: House) -> None:
    town = house.town
    made, _ = town.sent()
    house.act_as(town.approver)
    show(house)
    house.trigger("erp.reject")
    dialog = house.dialog(CommentDialog)
    dialog.field.setPlainText("The bolts are missing.")
    dialog.yes.click()
    house.settle()
    detail = town.desk.queries.commitment(made, town.manager)
    assert (detail.row.erp_state, detail.message) == (ErpState.REJECTED, "The bolts are missing.")
    assert page(house).review is None
    assert "appears here" in house.erp.queue.table.empty_hint


def test_nobody_accepts_what_they_sent(house: House) -> None:
    town = house.town
    made = town.approved()
    house.act_as(town.both)
    house.commitments.open(made)
    house.settle()
    house.trigger("commitment.send")
    show(house)
    assert page(house).accept_button.isVisible() and not page(house).accept_button.allowed
    assert house.reasons("erp.accept") == ("You sent this item yourself; another approver has to decide on it.",)


def test_without_the_privilege_there_are_no_buttons_but_a_hint(house: House) -> None:
    house.town.sent()
    house.act_as(house.town.viewer)
    show(house)
    assert not page(house).accept_button.isVisible() and not page(house).reject_button.isVisible()
    assert "Can push to accounting" in page(house).hint.text()


def test_a_failed_item_says_why_and_only_reject_leads_on(house: House) -> None:
    town = house.town
    made, _ = town.accepted()
    close_the_job(town, True)
    house.export()
    close_the_job(town, False)
    house.act_as(town.approver)
    show(house, View.FAILED_TO_EXPORT)
    assert "closed in Sage" in page(house).banner.text()
    assert not page(house).accept_button.isVisible()
    assert page(house).reject_button.isVisible() and page(house).reject_button.allowed
    house.trigger("erp.go_to")
    assert house.window.strip.current() == "commitments"
    assert house.commitments.page.commitment_id == made
    assert "reject it before" in house.commitments.page.banner.text()


def test_a_synced_item_shows_what_sage_holds(house: House) -> None:
    town = house.town
    town.accepted()
    house.export()
    house.act_as(town.approver)
    show(house, View.SYNCED)
    held = page(house).held.values()
    assert held["Original amount"] == "1,234.56" and held["Compared with erpdesk"] == "Agrees"
    assert not page(house).effect.isVisible(), "after would count the item twice"


def test_what_was_sent_behind_the_screen_appears(house: House) -> None:
    house.act_as(house.town.approver)
    show(house)
    assert house.erp.queue.table.empty_title == "Nothing waits for a decision"
    _, submission = house.town.sent()
    house.reload()
    assert review(house).row.id == submission


def test_somebody_else_decided_first(house: House) -> None:
    town = house.town
    _, submission = town.sent()
    house.act_as(town.approver)
    show(house)
    seen = town.desk.console.review(submission, None, town.both)
    town.desk.erp.accept(town.both, submission, seen.row.sage_id, seen.sha256, "another press")
    house.trigger("erp.accept")
    assert any("already accepted by" in text for text in house.window.messages.texts())
    assert ids(house) == []


def test_next_and_previous_walk_the_list(house: House) -> None:
    for title in ("First", "Second"):
        house.town.sent(title=title)
    show(house)
    first, second = ids(house)
    house.trigger("erp.next")
    assert review(house).row.id == second
    house.trigger("erp.next")
    assert "This is the last item of the list." in house.window.messages.texts()
    house.trigger("erp.previous")
    assert review(house).row.id == first


def test_control_enter_accepts(house: House, qtbot: QtBot) -> None:
    house.town.sent()
    house.act_as(house.town.approver)
    show(house)
    calm(house.window)
    house.window.activateWindow()
    QTest.keyClick(house.erp.queue.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    house.settle()
    assert len(queue(house.town, View.EXPORTING)) == 1


def test_counts_stand_on_chips_and_the_light_of_doubt_stays_off(house: House) -> None:
    town = house.town
    town.sent()
    town.accepted(title="Other")
    house.reload()
    assert house.window.status.exporting.text() == "Exporting 1"
    assert house.window.status.doubt.isHidden()
    house.window.status.exporting.click()
    house.settle()
    assert house.window.strip.current() == "erp"
    assert [row.title for row in house.erp.queue.table.shown_rows()] == ["Other"]
