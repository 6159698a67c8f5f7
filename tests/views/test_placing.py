"""The window fits the screen at first, is kept while it runs, and never comes back out of sight."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QRect, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from erpdesk.views.frame import KEEP_MS, Frame
from erpdesk.views.placing import EDGES, FIRST_SIZE, KEY, first_room, in_sight, place_window

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
SCREEN = QRect(0, 0, 1920, 1040)


@pytest.mark.parametrize("size", [(1366, 728), (1280, 680), (1024, 600), (800, 560)])
def test_a_new_window_fits_what_the_screen_leaves_free(size: tuple[int, int]) -> None:
    free = QRect(0, 40, *size)
    room = first_room(free)
    assert free.contains(room)
    assert room.width() + EDGES.width() <= free.width() and room.top() - free.top() >= 30, "the title bar is in sight"


def test_on_a_large_screen_it_has_its_usual_size() -> None:
    assert first_room(SCREEN).size() == FIRST_SIZE


@pytest.mark.parametrize(
    ("frame", "seen"),
    [
        (QRect(100, 100, 900, 600), True),
        (QRect(-850, 100, 900, 600), False),
        (QRect(2400, 100, 900, 600), False),
        (QRect(100, -300, 900, 600), False),
        (QRect(1700, 900, 900, 600), True),
    ],
)
def test_the_title_bar_has_to_be_on_a_screen(frame: QRect, seen: bool) -> None:
    assert in_sight(frame, [SCREEN]) is seen


def test_a_window_left_on_a_screen_that_is_gone_comes_back(qtbot: QtBot) -> None:
    away = QMainWindow()
    qtbot.addWidget(away)
    away.setGeometry(9000, 9000, 1000, 700)
    back = QMainWindow()
    qtbot.addWidget(back)
    place_window(back, away.saveGeometry())
    back.show()
    free = QGuiApplication.primaryScreen().availableGeometry()
    assert in_sight(back.frameGeometry(), [free])


@pytest.mark.parametrize("kept", [None, "no geometry", QByteArray(b"broken")])
def test_nothing_kept_or_nothing_useful_is_a_new_window(qtbot: QtBot, kept: object) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    place_window(window, kept)
    assert window.geometry() == first_room(QGuiApplication.primaryScreen().availableGeometry())


def test_size_and_place_are_kept_while_the_program_runs(qtbot: QtBot, tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)
    frame = Frame(store)
    qtbot.addWidget(frame)
    frame.show()
    frame.resize(frame.minimumWidth(), frame.minimumHeight() + 20)
    wanted = frame.size()
    qtbot.waitUntil(lambda: store.value(KEY) is not None, timeout=KEEP_MS * 5)
    again = Frame(store)
    qtbot.addWidget(again)
    assert again.size() == wanted
