"""What the window says, where it says it, and that one press on it acts once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QToolTip
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.theme import Theme
from erpdesk.workflows.rows import ErpState
from tests.town import Town
from tests.views.house import House, calm, open_house, type_into

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def house(town: Town, theme: Theme) -> Iterator[House]:
    """A shown window in which the project manager acts in Commitments."""
    with open_house(town, theme) as made:
        made.window.show_tab("commitments")
        made.settle()
        yield made


def test_a_blocked_act_says_why(house: House) -> None:
    house.commitments.open(house.town.approved(title="x" * 31))
    house.settle()
    house.window.registry.trigger("commitment.send")
    assert "30" in QToolTip.text() and house.window.messages.texts() == [], "once, beside the button"
    house.commitments.close_page()
    QToolTip.hideText()
    house.window.activateWindow()
    house.commitments.table.setFocus()
    house.settle()
    QTest.keyClick(house.commitments.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert house.window.messages.texts() == ["Open a commitment first."], "its button is not on screen"


def test_saved_is_said_in_the_status_bar(house: House) -> None:
    house.trigger("commitment.new_subcontract")
    type_into(house.commitments.page.header_form.title, "Steel")
    before = house.commitments.mapTo(house.window, house.commitments.rect().topLeft())
    house.trigger("commitment.save")
    assert house.window.status.help.text() == "Saved." and house.window.messages.texts() == []
    house.window.messages.error("Something went wrong.")
    QApplication.processEvents()
    assert house.commitments.mapTo(house.window, house.commitments.rect().topLeft()) == before, "nothing moves"


def test_messages_do_not_lie_over_the_close_button_of_a_page(house: House) -> None:
    house.commitments.open(house.town.approved())
    house.settle()
    for number in range(4):
        house.window.messages.error(f"Wrong {number}")
    QApplication.processEvents()

    def place(button: QToolButton) -> QRect:
        return QRect(button.mapTo(house.window, button.rect().topLeft()), button.size())

    buttons = [each for each in house.window.findChildren(QToolButton) if each.isVisible()]
    own = [place(each) for each in buttons if each.objectName() == "closeMessage"]
    other = [place(each) for each in buttons if each.accessibleName() == "Close this page"]
    assert len(own) == 4 and len(other) == 1
    assert not [each for each in own if each.intersects(other[0])]


def test_messages_do_not_follow_to_another_person(house: House) -> None:
    house.window.messages.warning("Choose a vendor first.")
    house.act_as(house.town.approver)
    assert house.window.messages.texts() == []


def test_a_double_click_on_send_does_not_retrieve(house: House, qtbot: QtBot) -> None:
    town = house.town
    made = town.approved()
    house.commitments.open(made)
    house.settle()
    buttons = house.commitments.page.buttons
    calm(house.window)
    QTest.mouseClick(buttons["send"], Qt.MouseButton.LeftButton)
    house.settle()
    under = buttons["retrieve"]
    assert under.isVisible() and not buttons["send"].isVisible()
    QTest.mouseDClick(under, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(under, Qt.MouseButton.LeftButton)
    QTest.mouseClick(under, Qt.MouseButton.LeftButton)
    house.settle()
    assert town.desk.queries.commitment(made, town.manager).row.erp_state is ErpState.SENT
    calm(house.window)
    QTest.mouseClick(under, Qt.MouseButton.LeftButton)
    house.settle()
    assert town.desk.queries.commitment(made, town.manager).row.erp_state is ErpState.RETRIEVED
