"""The status button and its list."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from erpdesk.core.steps import Offer
from erpdesk.views.tabs.commitments.status_button import StatusButton, StatusMenu

OPEN = tuple(
    Offer(f"status:{word}", word, True, ())
    for word in ("Draft", "Out for Bid", "Out for Signature", "Complete", "Terminated")
)
LOCKED = tuple(Offer(each.verb, each.title, False, ("Synced with Sage.",)) for each in OPEN)


@pytest.fixture
def button(qtbot: QtBot) -> StatusButton:
    made = StatusButton()
    made.set_statuses("Approved", OPEN)
    qtbot.addWidget(made)
    made.show()
    return made


def opened(qtbot: QtBot, button: StatusButton) -> StatusMenu:
    menu = button.menu_of_offers()
    qtbot.addWidget(menu)
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    return menu


def chosen_by(qtbot: QtBot, menu: StatusMenu, letters: str) -> str:
    qtbot.keyClicks(menu, letters)
    action = menu.activeAction()
    return action.text() if action else ""


@pytest.mark.parametrize(
    ("letters", "entry"),
    [("c", "Complete"), ("T", "Terminated"), ("o", "Out for Bid"), ("oo", "Out for Signature"), ("ooo", "Out for Bid")],
)
def test_letters_go_to_an_entry(qtbot: QtBot, button: StatusButton, letters: str, entry: str) -> None:
    assert chosen_by(qtbot, opened(qtbot, button), letters) == entry


def test_words_narrow_it_down_and_enter_chooses(qtbot: QtBot, button: StatusButton) -> None:
    heard: list[str] = []
    button.chosen.connect(heard.append)
    menu = opened(qtbot, button)
    assert chosen_by(qtbot, menu, "out for s") == "Out for Signature"
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert heard == ["Out for Signature"]


def test_a_locked_status_looks_locked_and_says_why(qtbot: QtBot, button: StatusButton) -> None:
    assert not button.property("blocked") and button.icon().isNull()
    button.set_statuses("Approved", LOCKED)
    assert button.property("blocked") and not button.icon().isNull()
    assert button.toolTip() == "Synced with Sage."
    assert button.accessibleDescription() == "Not available. Synced with Sage."
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QToolTip.text() == "Synced with Sage."
    QToolTip.hideText()
