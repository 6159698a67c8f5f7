"""The frame stands before anything is loaded, in the theme's own colours, and hands over to the content."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from erpdesk.views.frame import COLOURS, Frame
from erpdesk.views.kit.tokens import DARK, LIGHT
from erpdesk.views.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_first_picture_has_the_colours_of_the_theme(tokens: object) -> None:
    assert {name: getattr(tokens, name) for name in COLOURS[tokens is DARK]} == COLOURS[tokens is DARK]


def test_the_content_takes_the_place_of_the_first_picture(qtbot: QtBot, tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat)
    frame = Frame(store)
    qtbot.addWidget(frame)
    with qtbot.waitSignal(frame.first_painted):
        frame.show()
    window = MainWindow(store)
    frame.furnish(window)
    assert window.isVisible()
    assert window.window() is frame
    with qtbot.waitSignal(window.about_to_close):
        frame.close()
    assert store.value("window/geometry") is not None


def test_a_frame_without_content_closes(qtbot: QtBot, tmp_path: Path) -> None:
    frame = Frame(QSettings(str(tmp_path / "layout.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(frame)
    frame.show()
    assert frame.close()


def test_the_start_loads_nothing_that_the_frame_does_not_need() -> None:
    heavy = "sqlalchemy alembic apsw pyodbc keyring PySide6.QtNetwork erpdesk.workflows erpdesk.sync erpdesk.views.kit"
    asked = f"import sys, erpdesk.app; print([name for name in {heavy.split()!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
