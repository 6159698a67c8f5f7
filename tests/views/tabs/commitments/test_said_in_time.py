"""What a person is told before it is too late: what stops sending, which keys count where, why a field is closed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.shortcut_sheet import ShortcutSheet
from erpdesk.views.status_strip import StatusStrip
from erpdesk.views.tabs.commitments.header import METHOD_FIXED
from tests.views.house import House

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def opened(house: House, commitment: str) -> None:
    house.reload()
    house.commitments.open(commitment)
    house.settle()


def test_an_approved_one_says_at_once_what_stops_sending(house: House) -> None:
    town = house.town
    made, _ = town.desk.commitments.save(town.manager, town.draft(title="x" * 31, company_id=""))
    opened(house, made)
    page = house.commitments.page
    assert "can not be sent" not in page.banner.text()
    page.status_chosen.emit("Approved")
    house.settle()
    said = page.banner.text()
    assert "31 characters" in said and "contract company" in said and "Set it to Draft to correct it." in said
    page.status_chosen.emit("Draft")
    house.settle()
    assert "can not be sent" not in page.banner.text()


def test_why_the_method_is_closed_stands_beside_it(house: House) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft())
    opened(house, made)
    assert METHOD_FIXED in [each.text() for each in house.commitments.page.header_form.terms.findChildren(QLabel)]


def test_enter_presses_the_button_that_has_the_keyboard(house: House) -> None:
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft())
    opened(house, made)
    house.window.activateWindow()
    panel = house.commitments.page.schedule
    add = next(each for each in panel.findChildren(ReasonButton) if each.text() == "Add line")
    add.setFocus()
    QTest.keyClick(add, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert panel.grid.currentIndex().row() == 1 and panel.grid.state() == panel.grid.State.EditingState


def test_keys_stand_in_the_column_of_the_keys(house: House) -> None:
    registry = house.window.registry
    assert registry.action("commitment.save_next").text() == "Save and ne&xt\tCtrl+Return"
    made, _ = house.town.desk.commitments.save(house.town.manager, house.town.draft())
    opened(house, made)
    assert "fills down" in registry.action("commitment.duplicate").toolTip()
    sheet = registry.show_shortcuts(house.window)
    assert isinstance(sheet, ShortcutSheet)
    assert sheet.lines()["Fill down, in the schedule of values"] == "Ctrl+D"
    assert sheet.lines()["Duplicate, outside the schedule of values"] == "Ctrl+D"
    sheet.close()


def test_a_long_reason_is_cut_with_dots_and_leaves_the_light_its_room(qapp: QApplication) -> None:
    strip = StatusStrip()
    strip.resize(700, 30)
    strip.show()
    qapp.processEvents()
    before = strip.light.width()
    strip.set_help("The vendor is not linked to Sage. " * 20)
    qapp.processEvents()
    assert strip.light.width() == before and strip.help.seen().endswith("…")
    assert strip.help.toolTip() == strip.help.text()
    strip.close()
