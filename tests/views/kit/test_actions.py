"""Acts are declared once; keys do not clash; what cannot be done says why."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QEnterEvent, QStatusTipEvent
from PySide6.QtWidgets import QLabel, QPushButton, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.actions import KIT_KEYS, ActionRegistry, ActionSpec, clashes
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.shortcut_sheet import ShortcutSheet
from erpdesk.views.window_actions import SPECS as WINDOW_SPECS
from tests.views.kit.lists import shown

SPECS = (
    ActionSpec("paper.new", "&New paper", "Ctrl+N", "add", "Start a new paper", group="Papers"),
    ActionSpec("paper.send", "&Send && close", "Ctrl+Shift+S", "send", "Send it", group="Papers"),
    ActionSpec("help.plain", "Help"),
)
WHY = ("Choose a vendor first.", "The total is 0.00.")


class Window(QWidget):
    """A window that keeps what its status bar would say."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.done: list[str] = []
        self.refused: list[tuple[str, tuple[str, ...]]] = []
        self.registry = ActionRegistry(SPECS, self)
        self.registry.refused.connect(lambda key, reasons: self.refused.append((key, reasons)))
        for spec in SPECS:
            self.registry.on(spec.key, partial(self.done.append, spec.key))
        self.first = QPushButton("First")
        self.send = self.registry.button("paper.send", primary=True)
        down = QVBoxLayout(self)
        down.addWidget(self.first)
        down.addWidget(self.send)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QStatusTipEvent):
            self.said.append(event.tip())
            return True
        return super().event(event)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window()
    shown(qtbot, made, 300, 120)
    yield made
    QToolTip.hideText()


# Declarations


def test_no_two_acts_of_the_window_share_a_key() -> None:
    own = [spec for spec in KIT_KEYS if spec.key != "kit.submit"]
    assert clashes([*WINDOW_SPECS, *own]) == []
    assert clashes(KIT_KEYS) == []


def test_clashes_are_named() -> None:
    found = clashes([*SPECS, ActionSpec("paper.new", "Other"), ActionSpec("x", "Third", "ctrl+n")])
    assert found == ["The key paper.new is declared 2 times.", "Ctrl+N is shared by New paper, Third."]


@pytest.mark.parametrize("shortcut", ["Ctrl+F", "Ctrl+C", "Ctrl+Shift+C", "Ctrl+A", "Return", "Ctrl+;", "Ctrl+N"])
def test_a_clash_stops_the_program_at_once(qtbot: QtBot, shortcut: str) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    with pytest.raises(ValueError, match="shared"):
        ActionRegistry([*SPECS, ActionSpec("x", "Third", shortcut)], window)


def test_the_main_act_of_a_window_may_have_the_key_that_ends_a_form(qtbot: QtBot) -> None:
    window = QWidget()
    registry = ActionRegistry([ActionSpec("erp.accept", "&Accept", "Ctrl+Return")], window)
    done: list[bool] = []
    registry.on("erp.accept", lambda: done.append(True))
    shown(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert done == [True]


def test_the_plain_text_has_no_marks() -> None:
    assert [spec.plain for spec in SPECS] == ["New paper", "Send & close", "Help"]


# Carrying out


def test_keys_menus_and_buttons_carry_the_same_act_out(qtbot: QtBot, window: Window) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_N, control)
    qtbot.keyClick(window, Qt.Key.Key_S, control | shift)
    qtbot.mouseClick(window.send, Qt.MouseButton.LeftButton)
    menu = window.registry.menu("Papers", ["paper.new", "", "help.plain"], window)
    menu.actions()[0].trigger()
    assert [action.isSeparator() for action in menu.actions()] == [False, True, False]
    window.registry.trigger("help.plain")
    assert window.done == ["paper.new", "paper.send", "paper.send", "paper.new", "help.plain"]
    assert window.registry.action("paper.new").toolTip() == "Start a new paper (Ctrl+N)"
    with pytest.raises(KeyError):
        window.registry.action("paper.lost")


# Not now, and why


def test_a_blocked_button_explains_itself_by_click(qtbot: QtBot, window: Window) -> None:
    window.registry.set_offer("paper.send", False, WHY)
    qtbot.mouseClick(window.send, Qt.MouseButton.LeftButton)
    assert window.done == []
    assert window.refused == [("paper.send", WHY)]
    assert QToolTip.text() == "• Choose a vendor first.\n• The total is 0.00."
    assert window.said[-1] == "Choose a vendor first. The total is 0.00."


def test_a_blocked_button_explains_itself_to_the_keyboard(qtbot: QtBot, window: Window) -> None:
    window.registry.set_offer("paper.send", False, WHY[:1])
    window.first.setFocus()
    qtbot.keyClick(window.first, Qt.Key.Key_Tab)
    assert window.send.hasFocus(), "a blocked button can be reached"
    assert (QToolTip.text(), window.said[-1]) == ("Choose a vendor first.", "Choose a vendor first.")
    qtbot.keyClick(window.send, Qt.Key.Key_Space)
    assert window.refused == [("paper.send", WHY[:1])] and window.done == []
    qtbot.keyClick(window.send, Qt.Key.Key_Backtab)
    assert window.said[-1] == ""


def test_a_blocked_button_explains_itself_to_the_pointer_and_to_screen_readers(window: Window, qtbot: QtBot) -> None:
    window.registry.set_offer("paper.send", False, WHY[:1])
    at = QPoint(5, 5).toPointF()
    window.send.event(QEnterEvent(at, at, at))
    assert window.said[-1] == "Choose a vendor first."
    assert window.send.toolTip() == "Choose a vendor first."
    assert window.send.accessibleDescription() == "Not available. Choose a vendor first."
    window.send.event(QEvent(QEvent.Type.Leave))
    assert window.said[-1] == ""


def test_keys_and_menus_are_blocked_and_explained_too(qtbot: QtBot, window: Window) -> None:
    window.registry.set_offer("paper.new", False, WHY)
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window.done == [] and window.refused == [("paper.new", WHY)]
    window.registry.trigger("paper.new")
    assert window.refused == [("paper.new", WHY)] * 2
    action = window.registry.action("paper.new")
    assert action.statusTip() == "Choose a vendor first. The total is 0.00."
    assert action.toolTip().startswith("• Choose")
    assert window.registry.reasons("paper.new") == WHY


def test_when_it_is_allowed_again_it_works_again(qtbot: QtBot, window: Window) -> None:
    window.registry.set_offer("paper.send", False, WHY)
    assert window.send.property("blocked") is True and not window.send.allowed
    window.registry.set_offer("paper.send", True)
    assert window.send.reasons() == () and window.send.toolTip() == "Send it (Ctrl+Shift+S)"
    qtbot.mouseClick(window.send, Qt.MouseButton.LeftButton)
    assert window.done == ["paper.send"]


def test_a_button_made_later_knows_the_reason(qtbot: QtBot, window: Window) -> None:
    window.registry.set_offer("paper.send", False, WHY)
    later = window.registry.button("paper.send", text="Send now")
    qtbot.addWidget(later)
    assert later.text() == "Send now" and later.reasons() == WHY


def test_a_button_that_is_gone_is_forgotten(qtbot: QtBot, window: Window) -> None:
    button = window.registry.button("paper.new", parent=window)
    gone: list[bool] = []
    button.destroyed.connect(lambda: gone.append(True))
    button.deleteLater()
    qtbot.waitUntil(lambda: gone == [True])
    window.registry.set_offer("paper.new", False, WHY)


def test_no_reason_is_never_no_words(qtbot: QtBot) -> None:
    button = ReasonButton("Send")
    qtbot.addWidget(button)
    button.set_offer(False)
    assert button.reasons() == ("This cannot be done now.",)


# The sheet of keys


def test_the_sheet_shows_every_key_in_its_group(qtbot: QtBot, window: Window) -> None:
    sheet = window.registry.show_shortcuts(window)
    assert isinstance(sheet, ShortcutSheet)
    lines = sheet.lines()
    assert lines["New paper"] == "Ctrl+N" and lines["Send & close"] == "Ctrl+Shift+S"
    assert "Help" not in lines, "an act without a key has no line"
    assert {spec.plain for spec in KIT_KEYS} <= lines.keys()
    words = [label.text() for label in sheet.findChildren(QLabel)]
    assert words.index("Papers") < words.index("New paper") < words.index("Lists")
    assert sheet.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_the_icons_come_after_the_first_paint(qtbot: QtBot, window: Window) -> None:
    new, plain = window.registry.action("paper.new"), window.registry.action("help.plain")
    qtbot.waitUntil(lambda: not new.icon().isNull())
    assert plain.icon().isNull()
