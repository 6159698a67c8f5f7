"""Long work on the GUI thread cut into slices, so that the window goes on answering."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Slot

T = TypeVar("T")
Steps = Generator[None, None, T]
BUDGET_S = 0.012


def finished(steps: Steps[T]) -> T:
    """The result of such work done in one go, off the GUI thread."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


class Sliced(QObject, Generic[T]):
    """Runs one generator at a time, some milliseconds per turn of the event loop.

    A generator yields where it may pause (each step well below 20 ms) and returns its result. Starting another drops
    the one under way. Slices on the GUI thread beat a thread here: the work is pure Python, and a thread would hold the
    interpreter just as long without ever being told to let the window paint.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Steps[T] | None = None
        self._then: Callable[[T], object] | None = None
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._on_turn)

    @property
    def busy(self) -> bool:
        """True while work is under way."""
        return self._steps is not None

    def start(self, steps: Steps[T], then: Callable[[T], object], at_once: bool = False) -> None:
        """Begins the work and calls ``then(result)`` at its end; ``at_once`` does all of it before returning."""
        self.stop()
        self._steps, self._then = steps, then
        if self._advance(None if at_once else BUDGET_S):
            self._timer.start()

    def stop(self) -> None:
        """Drops the work under way."""
        self._timer.stop()
        if self._steps is not None:
            self._steps.close()
        self._steps = self._then = None

    @Slot()
    def _on_turn(self) -> None:
        if not self._advance(BUDGET_S):
            self._timer.stop()

    def _advance(self, budget_s: float | None) -> bool:
        """Works until the budget is spent; True when there is more to do."""
        if self._steps is None or self._then is None:
            return False
        until = None if budget_s is None else time.perf_counter() + budget_s
        ended: StopIteration | None = None
        try:
            while until is None or time.perf_counter() < until:
                next(self._steps)
        except StopIteration as end:
            ended = end
        except Exception:
            self.stop()
            raise
        if ended is None:
            return True
        # Outside of the handler: an error in ``then`` must not drag the whole result into its traceback.
        then = self._then
        self._timer.stop()
        self._steps = self._then = None
        then(ended.value)
        return self._timer.isActive()
