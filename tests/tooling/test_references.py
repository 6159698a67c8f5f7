"""PySide6 must not lose references of the singletons: 6.12.0 does on Python 3.11, and the process dies of it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

CALLS = 200
# Other code may drop a few references meanwhile; the defect loses at least one a call.
NOISE = CALLS // 4


class Switch(QObject):
    flipped = Signal(bool)


def losses(act: Callable[[], None]) -> dict[str, int]:
    """How many references of None, True and False are gone after the act ran 200 times."""
    singletons = (None, True, False)
    act()
    gc.collect()
    before = [sys.getrefcount(each) for each in singletons]
    for _ in range(CALLS):
        act()
    gc.collect()
    after = [sys.getrefcount(each) for each in singletons]
    return {str(each): was - now for each, was, now in zip(singletons, before, after, strict=True)}


def test_turns_of_the_event_loop_keep_references(qapp: QApplication) -> None:
    lost = losses(QApplication.processEvents)
    assert max(lost.values()) < NOISE, lost


def test_showing_and_hiding_keeps_references(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)

    def act() -> None:
        widget.setVisible(True)
        widget.setVisible(False)

    lost = losses(act)
    assert max(lost.values()) < NOISE, lost


def test_clicks_keep_references(qtbot: QtBot) -> None:
    button = QPushButton("Send")
    qtbot.addWidget(button)
    heard = 0

    def hear(checked: bool) -> None:
        nonlocal heard
        heard += 1

    button.clicked.connect(hear)
    lost = losses(button.click)
    assert heard == CALLS + 1
    assert max(lost.values()) < NOISE, lost


def test_an_emitted_bool_keeps_references(qapp: QApplication) -> None:
    switch = Switch()
    heard = 0

    def hear(on: bool) -> None:
        nonlocal heard
        heard += 1

    def act() -> None:
        switch.flipped.emit(True)
        switch.flipped.emit(False)

    switch.flipped.connect(hear)
    lost = losses(act)
    assert heard == 2 * (CALLS + 1)
    assert max(lost.values()) < NOISE, lost
