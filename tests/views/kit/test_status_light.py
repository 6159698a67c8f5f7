"""The light of the status bar in words, and what it asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.icons import ICON_NAMES
from erpdesk.views.kit.status_light import LOOKS, LightState, StatusLight, describe
from erpdesk.views.kit.theme import Theme
from tests.views.kit.lists import shown

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
AGO = NOW - timedelta(minutes=2)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def light(qtbot: QtBot, clock: Clock) -> StatusLight:
    made = StatusLight(clock)
    shown(qtbot, made, 700, 40)
    return made


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (LightState("starting"), "Starting"),
        (LightState("synced", AGO, total=1204551), "Sage read 2 min ago · 1,204,551 rows"),
        (LightState("synced", NOW, total=1), "Sage read just now · 1 row"),
        (LightState("synced"), "Sage not read yet"),
        (
            LightState("syncing", done=1200, total=40000, what="cost codes"),
            "Reading Sage · cost codes · 1,200 of 40,000",
        ),
        (LightState("syncing", done=1200, what="vendors"), "Reading Sage · vendors · 1,200"),
        (LightState("syncing"), "Reading Sage"),
        (LightState("waiting", NOW + timedelta(seconds=125)), "Sage cannot be reached · trying again in 2 min"),
        (LightState("waiting", NOW + timedelta(seconds=30)), "Sage cannot be reached · trying again in 30 s"),
        (LightState("waiting", AGO), "Sage cannot be reached · trying again now"),
        (LightState("waiting"), "Sage cannot be reached"),
        (LightState("paused"), "Paused · nothing is read or sent"),
        (LightState("paused", AGO), "Paused · nothing is read or sent · last read 2 min ago"),
        (LightState("issues", AGO, issues=1), "Sage read 2 min ago · 1 problem"),
        (LightState("issues", AGO, issues=1200), "Sage read 2 min ago · 1,200 problems"),
        (LightState("off"), "Not connected to Sage"),
    ],
)
def test_every_state_in_words(state: LightState, words: str, light: StatusLight) -> None:
    assert describe(state, NOW) == words
    light.set_state(state)
    assert light.text() == words
    assert light.state() is state
    spoken = light.issues.text() if state.kind == "issues" else light.words.accessibleName()
    assert spoken.endswith(words)


def test_an_unknown_kind_is_a_bug() -> None:
    with pytest.raises(ValueError, match="purple"):
        LightState("purple")


def test_each_state_has_its_own_look() -> None:
    assert {icon for _tone, icon in LOOKS.values()} <= set(ICON_NAMES)
    assert len(set(LOOKS.values())) == len(LOOKS)


def test_ago_grows_while_nothing_happens(light: StatusLight, clock: Clock, qtbot: QtBot) -> None:
    light.set_state(LightState("synced", AGO, total=5))
    clock.at = NOW + timedelta(minutes=3)
    light.refresh()
    assert light.text() == "Sage read 5 min ago · 5 rows"


def test_pause_and_resume_are_asked_for(qtbot: QtBot, light: StatusLight) -> None:
    asked: list[bool] = []
    light.pause_asked.connect(asked.append)
    light.set_state(LightState("synced", AGO))
    qtbot.mouseClick(light.pause, Qt.MouseButton.LeftButton)
    assert light.text().startswith("Sage read"), "it asks and does not act"
    light.set_state(LightState("paused"))
    assert light.pause.text() == "Resume"
    light.pause.setFocus()
    qtbot.keyClick(light.pause, Qt.Key.Key_Space)
    assert asked == [True, False]


def test_sync_now_is_asked_for(qtbot: QtBot, light: StatusLight) -> None:
    asked: list[bool] = []
    light.sync_asked.connect(lambda: asked.append(True))
    light.set_state(LightState("waiting", detail="The Sage folder is not there."))
    assert light.sync.text() == "Try now"
    assert light.toolTip() == "Sage cannot be reached\nThe Sage folder is not there."
    qtbot.mouseClick(light.sync, Qt.MouseButton.LeftButton)
    light.set_state(LightState("syncing"))
    qtbot.mouseClick(light.sync, Qt.MouseButton.LeftButton)
    assert asked == [True]
    assert light.sync.toolTip() == "Sage is being read just now"


def test_problems_are_a_button(qtbot: QtBot, light: StatusLight) -> None:
    light.set_state(LightState("issues", AGO, issues=3))
    assert light.issues.isVisible() and not light.words.isVisible()
    with qtbot.waitSignal(light.issues_asked):
        qtbot.mouseClick(light.issues, Qt.MouseButton.LeftButton)
    light.set_state(LightState("synced", AGO))
    assert not light.issues.isVisible() and light.words.isVisible()


@pytest.mark.parametrize("kind", ["starting", "off"])
def test_without_a_worker_there_is_nothing_to_press(light: StatusLight, kind: str) -> None:
    light.set_state(LightState("synced"))
    light.set_state(LightState(kind))
    assert not light.pause.isVisible() and not light.sync.isVisible()


def test_long_words_are_cut_and_give_room_back(qtbot: QtBot, clock: Clock, theme: Theme) -> None:
    bar, light, rest = QWidget(), StatusLight(clock), QLabel("1 selected · $248,500.00")
    across = QHBoxLayout(bar)
    across.addWidget(light)
    across.addStretch(1)
    across.addWidget(rest)
    light.set_state(LightState("syncing", done=1200, total=40000, what="a table with a very long name indeed " * 2))
    shown(qtbot, bar, 1400, 40)
    assert light.words.width() >= light.words.sizeHint().width()
    bar.resize(620, 40)
    qtbot.waitUntil(lambda: light.words.width() < light.words.sizeHint().width())
    assert rest.geometry().right() < 620 and rest.width() >= rest.sizeHint().width()
    assert not bar.grab().isNull()
    theme.set_mode("dark")
    assert not bar.grab().isNull()
