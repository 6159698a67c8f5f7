"""One press acts once: double clicks, held keys, and presses meant for what stood there a moment ago."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QStatusTipEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.actions import ActionRegistry, ActionSpec
from erpdesk.views.kit.deliberate import HOLD_MS, TOO_SOON, Pause, pause_of
from erpdesk.views.kit.reason_button import ReasonButton
from tests.views.kit.lists import shown

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier
SPECS = (
    ActionSpec("item.send", "&Send", "Ctrl+E"),
    ActionSpec("item.retrieve", "&Retrieve", "Ctrl+R"),
    ActionSpec("line.add", "&Add line", "Ctrl+L"),
)


class Page(QWidget):
    """Send gives way to Retrieve at the same place, as on the page of a commitment."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.said: list[str] = []
        self.unexplained: list[str] = []
        self.registry = ActionRegistry(SPECS, self, acts=("item.send", "item.retrieve"))
        self.registry.unexplained.connect(lambda key, _reasons: self.unexplained.append(key))
        for key, slot in (
            ("item.send", self._send),
            ("item.retrieve", lambda: self.done.append("retrieve")),
            ("line.add", lambda: self.done.append("add")),
        ):
            self.registry.on(key, slot)
        self.send, self.retrieve, self.add = (self.registry.button(spec.key) for spec in SPECS)
        down = QVBoxLayout(self)
        for button in (self.send, self.retrieve, self.add):
            down.addWidget(button)
        self.retrieve.hide()

    def _send(self) -> None:
        self.done.append("send")
        self.send.hide()
        self.retrieve.show()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QStatusTipEvent):
            self.said.append(event.tip())
            return True
        return super().event(event)


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[Page]:
    made = Page()
    shown(qtbot, made, 300, 160)
    calm(qtbot, made)
    yield made
    QToolTip.hideText()


def calm(qtbot: QtBot, page: QWidget) -> None:
    """Waits until presses count again."""
    qtbot.waitUntil(lambda: not any(pause.on for pause in page.findChildren(Pause)))


def double_click(button: QWidget) -> None:
    """The second half of a double click, as Qt tells it: not as a press."""
    QTest.mouseDClick(button, LEFT)
    QTest.mouseRelease(button, LEFT)


def held(key: Qt.Key) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, " ", True)


def test_the_second_half_of_a_double_click_acts_on_nothing(qtbot: QtBot, page: Page) -> None:
    qtbot.mouseClick(page.send, LEFT)
    double_click(page.retrieve)
    assert page.done == ["send"]


def test_a_second_press_in_the_same_moment_is_not_meant_for_what_appeared(qtbot: QtBot, page: Page) -> None:
    qtbot.mouseClick(page.send, LEFT)
    qtbot.mouseClick(page.retrieve, LEFT)
    qtbot.keyClick(page, Qt.Key.Key_R, CTRL)
    assert page.done == ["send"] and page.said[-1] == TOO_SOON
    calm(qtbot, page)
    qtbot.mouseClick(page.retrieve, LEFT)
    assert page.done == ["send", "retrieve"]


def test_a_double_click_on_one_button_acts_once(qtbot: QtBot) -> None:
    button = ReasonButton("Send")
    pressed: list[bool] = []
    button.pressed_ok.connect(lambda: pressed.append(True))
    shown(qtbot, button)
    calm(qtbot, button)
    qtbot.mouseClick(button, LEFT)
    double_click(button)
    qtbot.mouseClick(button, LEFT)
    assert pressed == [True]
    calm(qtbot, button)
    qtbot.mouseClick(button, LEFT)
    assert pressed == [True, True]


def test_a_held_key_acts_once(qtbot: QtBot, page: Page) -> None:
    assert not page.registry.action("item.send").autoRepeat()
    qtbot.keyClick(page, Qt.Key.Key_E, CTRL)
    qtbot.keyClick(page, Qt.Key.Key_E, CTRL)
    assert page.done == ["send"]
    calm(qtbot, page)
    page.retrieve.setFocus()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        QApplication.sendEvent(page.retrieve, held(key))
    assert page.done == ["send"] and not page.retrieve.isDown()


def test_space_and_enter_press_like_the_mouse(qtbot: QtBot, page: Page) -> None:
    page.send.setFocus()
    qtbot.keyClick(page.send, Qt.Key.Key_Space)
    qtbot.keyClick(page.retrieve, Qt.Key.Key_Space)
    assert page.done == ["send"]
    calm(qtbot, page)
    qtbot.keyClick(page.retrieve, Qt.Key.Key_Space)
    assert page.done == ["send", "retrieve"]


def test_a_button_that_was_just_opened_needs_a_fresh_press(qtbot: QtBot, page: Page) -> None:
    page.registry.set_offer("item.send", False, ("Wait.",))
    page.registry.set_offer("item.send", True)
    qtbot.mouseClick(page.send, LEFT)
    assert page.done == []
    calm(qtbot, page)
    qtbot.mouseClick(page.send, LEFT)
    assert page.done == ["send"]


def test_a_press_that_began_on_another_record_is_let_go(qtbot: QtBot, page: Page) -> None:
    qtbot.mousePress(page.send, LEFT)
    page.registry.renew(["item.send"])
    qtbot.mouseRelease(page.send, LEFT)
    assert page.done == [] and not page.send.isDown()
    qtbot.keyClick(page, Qt.Key.Key_E, CTRL)
    assert page.done == []
    calm(qtbot, page)
    qtbot.keyClick(page, Qt.Key.Key_E, CTRL)
    assert page.done == ["send"]


def test_what_may_be_repeated_is_not_held_up(qtbot: QtBot, page: Page) -> None:
    qtbot.mouseClick(page.send, LEFT)
    qtbot.mouseClick(page.add, LEFT)
    double_click(page.add)
    qtbot.keyClick(page, Qt.Key.Key_L, CTRL)
    assert page.done == ["send", "add", "add", "add"]
    assert page.registry.action("line.add").autoRepeat()


def test_the_moment_is_longer_than_a_double_click(page: Page) -> None:
    assert pause_of(page).interval() >= HOLD_MS > QApplication.doubleClickInterval()


def test_the_key_of_a_blocked_act_says_why_like_its_button(qtbot: QtBot, page: Page) -> None:
    page.registry.set_offer("item.send", False, ("First.", "Second."))
    qtbot.keyClick(page, Qt.Key.Key_E, CTRL)
    assert QToolTip.text() == "• First.\n• Second."
    assert page.done == [] and page.unexplained == []
    page.registry.set_offer("item.retrieve", False, ("No.",))
    qtbot.keyClick(page, Qt.Key.Key_R, CTRL)
    assert page.unexplained == ["item.retrieve"], "its button is not on screen"


def test_a_reason_vanishes_when_it_does_not_hold_any_more(qtbot: QtBot, page: Page) -> None:
    page.registry.set_offer("item.send", False, ("This is being done just now.",))
    qtbot.mouseClick(page.send, LEFT)
    assert page.said[-1] == "This is being done just now."
    page.registry.set_offer("item.send", True)
    assert page.said[-1] == ""
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
