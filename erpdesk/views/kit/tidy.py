"""Collects garbage on the GUI thread only: a widget that another thread happened to free would end the program."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 3000
WHOLE_EVERY = 20
"""After how many rounds everything is looked at, not only what came lately."""


class Tidy(QObject):
    """Takes Python's own collector out of the other threads' hands for as long as it lives."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        # What the program is made of stays; there is no need to look at it again and again.
        gc.freeze()
        self._rounds = 0
        self._clock = QTimer(self, interval=EVERY_MS)
        self._clock.timeout.connect(self.collect)
        self._clock.start()

    def collect(self) -> None:
        """One round; for the timer and for tests."""
        self._rounds += 1
        gc.collect(2 if self._rounds % WHOLE_EVERY == 0 else 1)

    def stop(self) -> None:
        """Gives the collector back to Python."""
        self._clock.stop()
        gc.unfreeze()
        gc.enable()
