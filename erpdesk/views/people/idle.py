"""Notices that nobody has touched the program for some minutes."""

from __future__ import annotations

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

from erpdesk.core.clock import CLOCK

TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)
LOOK_MS = 10_000


class IdleWatch(QObject):
    """``idle`` comes once after so many minutes without a key or a move of the mouse; 0 minutes: never.

    It listens at the windows themselves and not at every widget, so that typing and painting cost nothing more.
    """

    idle = Signal()

    def __init__(
        self,
        minutes: Callable[[], float],
        parent: QObject,
        look_ms: int = LOOK_MS,
        monotonic: Callable[[], float] = CLOCK.monotonic,
    ) -> None:
        super().__init__(parent)
        self._minutes = minutes
        self.monotonic = monotonic
        """The seconds of a clock that nobody sets back."""
        self._since = monotonic()
        self._heard: list[QWindow] = []
        self._timer = QTimer(self, interval=look_ms)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begins to count from now."""
        self._since = self.monotonic()
        self._listen()
        self._timer.start()

    def stop(self) -> None:
        """Counts no more."""
        self._timer.stop()
        for window in self._heard:
            if shiboken6.isValid(window):
                window.removeEventFilter(self)
        self._heard = []

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Somebody is there."""
        if event.type() in TOUCHES:
            self._since = self.monotonic()
        return False

    def _listen(self) -> None:
        self._heard = [each for each in self._heard if shiboken6.isValid(each)]
        for window in QGuiApplication.topLevelWindows():
            if window not in self._heard:
                window.installEventFilter(self)
                self._heard.append(window)

    def look(self) -> None:
        """Looks whether the time is over; the timer asks every few seconds."""
        self._listen()
        minutes = self._minutes()
        if minutes > 0 and self.monotonic() - self._since >= minutes * 60:
            self.stop()
            self.idle.emit()
