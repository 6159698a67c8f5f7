"""A commitment without the mouse: next, previous, save and next, duplicate, fill down, and the way by Tab."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.tabs.commitments.codes import CodeBook
from erpdesk.views.tabs.commitments.lines import UNIT
from erpdesk.views.tabs.commitments.lines_fill import filled_down
from erpdesk.views.tabs.commitments.lines_model import LinesModel
from erpdesk.views.tabs.commitments.page import CommitmentPage
from erpdesk.views.tabs.commitments.typed import draft_of_detail
from erpdesk.workflows.rows import LineDraft
from tests.views.house import House, type_into

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def page(house: House) -> CommitmentPage:
    return house.commitments.page


def press(house: House, key: Qt.Key, with_: Qt.KeyboardModifier) -> None:
    house.window.activateWindow()
    widget = QApplication.focusWidget()
    assert isinstance(widget, QWidget)
    QTest.keyClick(widget, key, with_)
    house.settle()


def three(house: House) -> list[str]:
    town = house.town
    made = [town.desk.commitments.save(town.manager, town.draft(number=f"SC-0{place}"))[0] for place in (1, 2, 3)]
    house.reload()
    house.commitments.open(made[0])
    house.settle()
    page(house).header_form.title.setFocus()
    return made


def test_next_and_previous(house: House) -> None:
    made = three(house)
    press(house, Qt.Key.Key_Down, ALT)
    assert page(house).commitment_id == made[1]
    press(house, Qt.Key.Key_Down, ALT)
    press(house, Qt.Key.Key_Down, ALT)
    assert page(house).commitment_id == made[2]
    assert any("last one" in text for text in house.window.messages.texts())
    press(house, Qt.Key.Key_Up, ALT)
    assert page(house).commitment_id == made[1]


def test_save_and_next(house: House) -> None:
    made = three(house)
    type_into(page(house).header_form.title, "Saved on the way")
    press(house, Qt.Key.Key_Return, CONTROL)
    assert page(house).commitment_id == made[1]
    assert house.town.desk.queries.commitment(made[0], house.town.manager).row.title == "Saved on the way"
    house.trigger("commitment.new_subcontract")
    type_into(page(house).header_form.title, "First of many")
    press(house, Qt.Key.Key_Return, CONTROL)
    assert page(house).commitment_id == "" and page(house).header_form.title.value() == ""
    assert "First of many" in [row.title for row in house.town.desk.queries.commitments()]


def test_save_and_next_takes_the_open_cell(house: House) -> None:
    made = three(house)
    page(house).schedule.grid.edit_cell(0, "amount")
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClicks(field, "=1200*3")
    press(house, Qt.Key.Key_Return, CONTROL)
    assert page(house).commitment_id == made[1]
    assert house.town.desk.queries.commitment(made[0], house.town.manager).row.amount == Decimal("3600.00")


def test_a_refused_save_stays(house: House) -> None:
    made = three(house)
    type_into(page(house).header_form.number, "SC-02")
    press(house, Qt.Key.Key_Return, CONTROL)
    assert page(house).commitment_id == made[0] and "already used" in page(house).banner.text()


def test_control_d_duplicates_the_commitment(house: House) -> None:
    made = three(house)
    before = draft_of_detail(house.town.desk.queries.commitment(made[0], house.town.manager))
    press(house, Qt.Key.Key_D, CONTROL)
    draft = page(house).draft()
    assert draft.id == "" and draft.number == "SC-04" and page(house).dirty
    assert (draft.title, draft.company_id, draft.retainage_percent) == (
        before.title,
        before.company_id,
        before.retainage_percent,
    )
    assert [replace(line, id="") for line in before.lines] == list(draft.lines)
    house.trigger("commitment.save")
    row = next(row for row in house.town.desk.queries.commitments() if row.number == "SC-04")
    assert (row.status, row.amount) == ("Draft", Decimal("1234.56"))


def test_control_d_in_the_lines_fills_down(house: House) -> None:
    three(house)
    grid = page(house).schedule.grid
    code = house.town.codes()[0]
    grid.setCurrentIndex(grid.lines.index(1, 0))
    grid.paste(f"{code.cost_code}\tS\tSecond\t1.00\n{code.cost_code}\tS\tThird\t2.00")
    place = grid.lines.column_of("amount")
    grid.setFocus()
    grid.setCurrentIndex(grid.lines.index(2, place))
    press(house, Qt.Key.Key_D, CONTROL)
    assert [line.amount for line in page(house).schedule.lines()] == [
        Decimal("1234.56"),
        Decimal("1.00"),
        Decimal("1.00"),
    ]
    grid.clearSelection()
    for row in range(3):
        grid.selectionModel().select(grid.lines.index(row, place), grid.selectionModel().SelectionFlag.Select)
    press(house, Qt.Key.Key_D, CONTROL)
    assert {line.amount for line in page(house).schedule.lines()} == {Decimal("1234.56")}
    press(house, Qt.Key.Key_Z, CONTROL)
    assert [line.amount for line in page(house).schedule.lines()][1:] == [Decimal("1.00"), Decimal("1.00")]
    assert page(house).commitment_id, "the commitment itself was not duplicated"


def test_filling_down_brings_the_extra_along_and_leaves_computed_amounts() -> None:
    first = LineDraft("E1", "03-1000", "M", "Doors", Decimal(2), "ea", Decimal("3.5"), Decimal(7))
    other = LineDraft("", "05-2000", "S", "Steel", Decimal(1), "ea", Decimal(10), Decimal(10))
    model = LinesModel()
    model.load((first, other), UNIT, CodeBook(), True)
    extras = {column.key: place for place, column in enumerate(model.columns)}
    made = filled_down((first, other), {extras["cost_code"]: [0, 1]}, model)
    assert (made[1].extra, made[1].cost_code) == ("E1", "03-1000")
    made = filled_down((first, other), {extras["quantity"]: [1], extras["amount"]: [1]}, model)
    assert (made[1].quantity, made[1].amount) == (Decimal(2), Decimal(20))
    assert filled_down((first,), {0: [0]}, model) == (first,)


def test_the_list_is_reached_by_tab_from_the_new_buttons(house: House) -> None:
    tab = house.commitments
    house.window.activateWindow()
    button = next(each for each in tab.findChildren(ReasonButton) if each.text() == "New subcontract")
    button.setFocus()
    seen: list[QWidget] = []
    for _ in range(40):
        widget = QApplication.focusWidget()
        assert widget is not None
        if tab.table is widget or tab.table.isAncestorOf(widget):
            break
        seen.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        QApplication.processEvents()
    reached = QApplication.focusWidget()
    assert reached is not None and (reached is tab.table or tab.table.isAncestorOf(reached))
    assert any(tab.filter.isAncestorOf(widget) for widget in seen), "the filter comes on the way"
