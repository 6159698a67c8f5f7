"""What an approver is shown before and after deciding: each item of a bulk accept, and whether Sage is away."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from erpdesk.views.kit.pills import Pill
from erpdesk.views.tabs.erp_integrations.away import waits_words
from erpdesk.views.tabs.erp_integrations.bulk_dialog import AcceptSeveral
from erpdesk.views.tabs.erp_integrations.differences import Differences
from erpdesk.workflows.console_rows import FieldChange, View
from erpdesk.workflows.rows import LineDraft
from tests.views.house import House

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def show(house: House) -> None:
    house.act_as(house.town.approver)
    house.window.show_tab("erp")
    house.erp.open_at("commitment", View.READY_TO_EXPORT)
    house.settle()


def accept_all(house: House) -> AcceptSeveral:
    show(house)
    house.erp.queue.table.setFocus()
    QTest.keyClick(house.erp.queue.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    house.settle()
    house.trigger("erp.accept")
    return house.dialog(AcceptSeveral)


def test_each_item_of_a_bulk_accept_is_listed_with_its_warnings(house: House) -> None:
    code = house.town.codes()[0]
    for amount in ("1.00", "90000000.00"):
        house.town.sent(lines=(LineDraft("", code.cost_code, "S", "Steel", amount=Decimal(amount)),))
    dialog = accept_all(house)
    rows = {row.amount: row for row in dialog.items.all_rows()}
    assert set(rows) == {Decimal("1.00"), Decimal("90000000.00")}
    assert all(row.number and row.vendor and row.sage_id for row in rows.values())
    column = next(each for each in dialog.items.records.columns if each.key == "warnings")
    pill = column.value(rows[Decimal("90000000.00")])
    assert isinstance(pill, Pill) and pill.icon == "warning" and "goes over its budget" in pill.text
    assert column.value(replace(rows[Decimal("1.00")], warnings=())) == Pill("None", "grey", "")
    dialog.reject()


@pytest.mark.parametrize(
    ("away", "words"),
    [
        ("", "They go to Sage next."),
        ("Syncing is paused.", "They wait; syncing is paused."),
        ("Sage can not be reached.", "They wait until Sage can be reached."),
    ],
)
def test_after_an_accept_it_is_said_where_the_items_go(house: House, away: str, words: str) -> None:
    for title in ("One", "Two"):
        house.town.sent(title=title)
    house.erp.show_away(away)
    accept_all(house).yes.click()
    house.settle()
    assert any(words in text for text in house.window.messages.texts())
    assert waits_words(away, False).startswith("It ")


def test_a_single_kind_needs_no_rail_and_an_empty_list_says_so_once(house: House) -> None:
    house.window.resize(1600, 800)
    show(house)
    assert house.erp.rail.isHidden()
    said = [label.text() for label in house.erp.page.findChildren(QLabel) if label.isVisible()]
    empty = house.erp.queue.table.empty_title
    assert empty and not any(empty in text for text in said)


def test_totals_of_every_amount_stand_below_the_effect(house: House) -> None:
    house.town.sent()
    show(house)
    table = house.erp.page.effect.table
    sums = {column.key for column in table.records.columns if column.adds_up}
    assert sums == {"budget", "committed", "this", "after", "left"}


def test_amounts_before_and_now_stand_at_the_right(house: House) -> None:
    table = Differences(house.window)
    table.set_changes([FieldChange("Total", "1,000.00", "(2,500.00)"), FieldChange("Title", "Steel", "Glass")])
    right = [bool(cell.alignment() & Qt.AlignmentFlag.AlignRight) for cell in table._cells]
    assert right == [False, True, True, False, False, False]
