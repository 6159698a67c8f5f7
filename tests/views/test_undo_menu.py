"""Ctrl+Z in the window: names in the menu, the toast, typing first, and why an act can not be taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from erpdesk.core.errors import ChangedMeanwhile
from erpdesk.views.kit.dialogs import ConfirmDialog
from erpdesk.views.kit.theme import Theme
from erpdesk.views.undo_menu import REDO, UNDO
from erpdesk.workflows.rows import ErpState
from tests.town import Town
from tests.views.house import House, open_house, type_into

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def house(town: Town, qtbot: QtBot) -> Iterator[House]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    with open_house(town, Theme(app, "light")) as made:
        made.window.show_tab("commitments")
        made.settle()
        yield made


def words(house: House, key: str) -> str:
    return house.window.registry.action(key).text()


def opened(house: House, commitment: str) -> None:
    house.reload()
    house.commitments.open(commitment)
    house.settle()


def toast_button(house: House, text: str) -> QPushButton:
    (found,) = [each for each in house.window.messages.findChildren(QPushButton) if each.text() == text]
    return found


def test_nothing_to_take_back_says_so(house: House) -> None:
    assert words(house, UNDO) == "Undo" and "nothing today" in house.reasons(UNDO)[0]
    house.trigger(UNDO)
    assert any("nothing today" in text for text in house.window.messages.texts())


def test_the_menu_names_what_it_takes_back(house: House) -> None:
    made = house.town.approved(number="SC-14")
    house.reload()
    assert words(house, UNDO) == "Undo approve SC-14"
    house.trigger(UNDO)
    assert house.town.desk.queries.commitment(made, house.town.manager).row.status == "Draft"
    assert (words(house, UNDO), words(house, REDO)) == ("Undo creation of SC-14", "Redo approve SC-14")
    house.trigger(REDO)
    assert house.town.desk.queries.commitment(made, house.town.manager).row.status == "Approved"
    assert any("Done again: approve SC-14" in text for text in house.window.messages.texts())


def test_a_deleted_commitment_is_back_in_the_list_by_the_toast(house: House) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft(number="SC-15"))
    opened(house, made)
    house.trigger("commitment.delete")
    house.dialog(ConfirmDialog).findChildren(QPushButton)[-1].click()
    house.settle()
    assert not house.commitments.table.all_rows()
    toast_button(house, "Undo").click()
    house.settle()
    assert [row.id for row in house.commitments.table.all_rows()] == [made]


def test_a_send_is_taken_back_by_the_toast(house: House) -> None:
    made = house.town.approved(number="SC-16")
    opened(house, made)
    house.trigger("commitment.send")
    assert words(house, UNDO) == "Undo send of SC-16"
    toast_button(house, "Undo").click()
    house.settle()
    detail = house.town.desk.queries.commitment(made, house.town.manager)
    assert detail.row.erp_state is ErpState.RETRIEVED
    assert house.commitments.page.detail == detail


def test_why_an_accepted_act_stays(house: House) -> None:
    made, submission = house.town.sent(number="SC-17")
    house.town.accept(submission)
    house.reload()
    assert words(house, UNDO) == "Undo send of SC-17"
    assert "It was accepted at" in house.reasons(UNDO)[0]
    house.trigger(UNDO)
    assert house.town.desk.queries.commitment(made, house.town.manager).row.erp_state is ErpState.EXPORTING
    assert any("on its way to Sage" in text for text in house.window.messages.texts())


def test_typing_in_the_lines_comes_first(house: House) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft(number="SC-18"))
    opened(house, made)
    page = house.commitments.page
    page.schedule.grid.setCurrentIndex(page.schedule.grid.lines.index(0, 0))
    page.schedule.grid.delete_lines()
    assert words(house, UNDO) == "Undo typing"
    house.trigger(UNDO)
    assert len(page.schedule.lines()) == 1
    assert words(house, UNDO) == "Undo creation of SC-18" and words(house, REDO) == "Redo typing"
    house.trigger(REDO)
    assert page.schedule.lines() == ()
    assert house.town.desk.queries.commitment(made, house.town.manager).lines, "nothing was saved by that"


def test_a_text_field_keeps_its_own_undo(house: House) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft(number="SC-19"))
    opened(house, made)
    house.window.activateWindow()
    title = house.commitments.page.header_form.title
    type_into(title, "Other")
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    house.settle()
    assert title.value() != "Other"
    assert house.town.desk.queries.commitment(made, house.town.manager).row.number == "SC-19"


def test_another_person_has_other_acts(house: House) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft(number="SC-20"))
    house.reload()
    assert words(house, UNDO) == "Undo creation of SC-20"
    house.act_as(house.town.both)
    assert words(house, UNDO) == "Undo"
    house.act_as(house.town.manager)
    house.trigger(UNDO)
    with pytest.raises(ChangedMeanwhile):
        house.town.desk.queries.commitment(made, house.town.manager)


def test_an_older_act_is_taken_back_from_the_list_of_today(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-21"))
    town.accepted(number="SC-22")
    house.reload()
    acts = house.commitments.undo.today.actions()
    titles = [action.text().partition("\t")[0] for action in acts]
    assert titles[0] == "Undo send of SC-22" and "accepted" in acts[0].toolTip()
    acts[titles.index("Undo creation of SC-21")].trigger()
    house.settle()
    with pytest.raises(ChangedMeanwhile):
        town.desk.queries.commitment(made, town.manager)
    assert any("Taken back: creation of SC-21" in text for text in house.window.messages.texts())
