"""Garbage goes on the GUI thread: a cycle with a widget in it is freed there and nowhere else."""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.tidy import Tidy


class Watched(QObject):
    """Notes which thread frees it."""

    freed_on: list[str]

    def __del__(self) -> None:
        self.freed_on.append(threading.current_thread().name)


def test_a_cycle_is_freed_by_the_round_and_not_by_a_busy_thread(qapp: QApplication, qtbot: QtBot) -> None:
    tidy = Tidy(qapp)
    try:
        freed: list[str] = []
        knot = Watched()
        knot.freed_on = freed
        knot.itself = knot  # type: ignore[attr-defined]  # a cycle, as callbacks make them
        del knot

        def busy() -> None:
            for _ in range(50_000):
                [[] for _ in range(3)]

        thread = threading.Thread(target=busy)
        thread.start()
        thread.join()
        assert freed == []
        tidy.collect()
        assert freed == [threading.main_thread().name]
    finally:
        tidy.stop()
        tidy.deleteLater()


def test_the_collector_is_given_back(qapp: QApplication) -> None:
    tidy = Tidy(qapp)
    assert not gc.isenabled()
    tidy.stop()
    assert gc.isenabled()
    tidy.deleteLater()
    gc.disable()
