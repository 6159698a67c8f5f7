"""Several items at once: one question, one result, and those not done stay selected."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.dialogs import ConfirmDialog
from erpdesk.views.tabs.erp_integrations.bulk_dialog import REASON_FIRST, AcceptSeveral, RejectSeveral, order_words
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import LineDraft, QueueRow
from tests.town import Town
from tests.views.house import House, calm

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
CTRL = Qt.KeyboardModifier.ControlModifier


def queue(town: Town, view: View) -> tuple[QueueRow, ...]:
    return town.queue(view)


def send(town: Town, *amounts: str) -> list[str]:
    """Items of these amounts, which wait for a decision."""
    code = town.codes()[0]
    return [
        town.sent(lines=(LineDraft("", code.cost_code, "S", "Steel", amount=Decimal(amount)),))[1] for amount in amounts
    ]


def select_all(house: House, person: str, view: View = View.READY_TO_EXPORT) -> None:
    house.act_as(person)
    house.window.show_tab("erp")
    house.erp.open_at("commitment", view)
    house.settle()
    house.window.activateWindow()
    table = house.erp.queue.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_A, CTRL)
    house.settle()


def words(dialog: ConfirmDialog | AcceptSeveral | RejectSeveral) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_the_panel_says_how_many_and_how_much(house: House) -> None:
    send(house.town, "1000.00", "2000.50", "339.50")
    select_all(house, house.town.approver)
    bulk = house.erp.bulk
    assert bulk.isVisible() and bulk.title.text() == "3 selected, $3,340.00"
    assert {verb: button.isVisible() for verb, button in bulk.buttons.items()} == {
        "accept": True,
        "reject": True,
        "archive": False,
        "unarchive": False,
    }


def test_control_a_selects_what_the_filter_leaves(house: House) -> None:
    town = house.town
    for title in ("Steel one", "Steel two", "Glass"):
        town.sent(title=title)
    house.act_as(town.approver)
    house.window.show_tab("erp")
    house.settle()
    house.erp.queue.filter.set_text("steel")
    table = house.erp.queue.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_A, CTRL)
    house.settle()
    assert house.erp.bulk.title.text().startswith("2 selected")


def test_accepting_several_asks_once_and_accepts_all(house: House) -> None:
    town = house.town
    ids = send(town, "1000.00", "2000.00", "3000.00")
    select_all(house, town.approver)
    house.trigger("erp.accept")
    dialog = house.dialog(AcceptSeveral)
    assert "3 commitments, $6,000.00" in words(dialog) and dialog.field.isHidden()
    dialog.yes.click()
    house.settle()
    assert {row.id for row in queue(town, View.EXPORTING)} == set(ids)
    assert any("3 commitments, $6,000.00: accepted." in text for text in house.window.messages.texts())
    assert house.erp.side.currentWidget() is house.erp.page


def test_what_can_not_be_accepted_is_named_before_and_stays_selected(house: House) -> None:
    town = house.town
    mine = send(town, "1000.00", "2000.00")
    made = town.approved()
    town.desk.erp.send(town.both, [made], "a press")
    others = [row.id for row in queue(town, View.READY_TO_EXPORT) if row.id not in mine]
    select_all(house, town.both)
    house.trigger("erp.accept")
    dialog = house.dialog(AcceptSeveral)
    assert "2 commitments, $3,000.00" in words(dialog)
    told = words(dialog)
    assert "1 can not be accepted and stays as it is:" in told and "You sent this item yourself" in told
    dialog.yes.click()
    house.settle()
    assert {row.id for row in queue(town, View.EXPORTING)} == set(mine)
    bulk = house.erp.bulk
    assert bulk.isVisible() and house.erp.queue.table.selected_ids() == tuple(others)
    assert bulk.outcome.text().startswith("2 accepted.")
    (left,) = bulk.left_alone.checks()
    assert "You sent this item yourself" in left.text
    house.reload()
    assert house.erp.queue.table.selected_ids() == tuple(others) and bulk.left_alone.checks() == (left,)


def test_when_none_can_be_done_nothing_is_asked(house: House) -> None:
    town = house.town
    for _ in range(2):
        town.desk.erp.send(town.both, [town.approved()], f"press {_}")
    select_all(house, town.both)
    house.trigger("erp.accept")
    assert house.no_dialog()
    assert house.erp.bulk.outcome.text().startswith("None was accepted.")
    assert len(house.erp.bulk.left_alone.checks()) == 2 and len(house.erp.queue.table.selected_ids()) == 2


def test_one_reason_for_all_when_the_data_is_old(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    town = house.town
    ids = send(town, "1000.00", "2000.00")
    town.change_settings(stale_hours=0)
    select_all(house, town.approver)
    house.trigger("erp.accept")
    dialog = house.dialog(AcceptSeveral)
    assert dialog.field.isVisible()
    dialog.yes.click()
    assert dialog.isVisible() and dialog.note.text() == REASON_FIRST
    dialog.field.setPlainText("Sage is away, the owner waits.")
    dialog.yes.click()
    house.settle()
    assert {row.id for row in queue(town, View.EXPORTING)} == set(ids)


def test_rejecting_several_sends_one_comment_to_each(house: House) -> None:
    town = house.town
    send(town, "1000.00", "2000.00")
    select_all(house, town.approver)
    house.trigger("erp.reject")
    dialog = house.dialog(RejectSeveral)
    assert "2 commitments, $3,000.00" in words(dialog)
    assert "in this order" not in words(dialog), "nothing goes to Sage"
    dialog.field.setPlainText("The bolts are missing.")
    dialog.yes.click()
    house.settle()
    assert queue(town, View.READY_TO_EXPORT) == ()
    rows = town.desk.queries.commitments(None)
    assert [town.desk.queries.commitment(row.id, town.manager).message for row in rows] == [
        "The bolts are missing."
    ] * 2


def test_the_order_is_told_when_one_needs_the_other(house: House) -> None:
    send(house.town, "1000.00", "2000.00")
    rows = queue(house.town, View.READY_TO_EXPORT)
    preview = house.town.desk.console.accept_preview(house.town.approver, [row.id for row in rows])
    names = {row.id: row.number for row in rows}
    assert order_words(preview, names) == ""
    back = replace(preview, order=tuple(reversed(preview.order)))
    assert order_words(back, names) == f"{rows[1].number}, then {rows[0].number}"


def test_archive_and_take_back(house: House) -> None:
    town = house.town
    for title in ("One", "Two"):
        town.accepted(title=title)
    house.export()
    select_all(house, town.approver, View.SYNCED)
    house.trigger("erp.archive")
    house.dialog(ConfirmDialog).yes.click()
    house.settle()
    assert queue(town, View.SYNCED) == () and len(queue(town, View.ARCHIVED)) == 2
    select_all(house, town.approver, View.ARCHIVED)
    house.trigger("erp.unarchive")
    house.dialog(ConfirmDialog).yes.click()
    house.settle()
    assert len(queue(town, View.SYNCED)) == 2


def test_who_only_looks_has_no_buttons(house: House) -> None:
    send(house.town, "1000.00", "2000.00")
    select_all(house, house.town.viewer)
    assert house.erp.bulk.isVisible() and not any(button.isVisible() for button in house.erp.bulk.buttons.values())
    house.trigger("erp.accept")
    assert house.no_dialog() and len(queue(house.town, View.READY_TO_EXPORT)) == 2


def test_several_are_accepted_without_the_mouse(house: House, qtbot: QtBot) -> None:
    town = house.town
    send(town, "1000.00", "2000.00")
    select_all(house, town.approver)
    calm(house.window)
    QTest.keyClick(house.erp.queue.table, Qt.Key.Key_Return, CTRL)
    house.settle()
    dialog = house.dialog(AcceptSeveral)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    house.settle()
    assert len(queue(town, View.EXPORTING)) == 2
