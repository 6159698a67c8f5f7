"""The one place where news from other threads crosses onto the GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot

Errors = Callable[[BaseException], object]


class Bridge(QObject):
    """Carries frozen events and calls from any thread to the GUI thread, in the order they were given.

    Make it on the GUI thread. After ``close`` everything that still arrives is dropped.
    ``errors`` hears what a call raised; without it the exception goes to ``sys.excepthook`` as Qt does.
    """

    arrived = Signal(object)
    _asked = Signal(object)

    def __init__(self, parent: QObject | None = None, errors: Errors | None = None) -> None:
        super().__init__(parent)
        self._errors = errors
        self._open = True
        # Always queued: also what the GUI thread posts waits its turn, so the order is the same for everybody.
        self._asked.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def report(self, event: object) -> None:
        """Hands an event to ``arrived``; safe from any thread."""
        self._post(lambda: self.arrived.emit(event))

    def call(self, fn: Callable[..., object], *args: object) -> None:
        """Runs ``fn(*args)`` on the GUI thread; safe from any thread."""
        self._post(lambda: fn(*args))

    def close(self) -> None:
        """Drops what arrives from now on."""
        self._open = False

    def _post(self, task: Callable[[], object]) -> None:
        if not self._open:
            return
        try:
            self._asked.emit(task)
        except RuntimeError:
            # Qt has already taken the bridge down at exit; nobody is left to hear the news.
            self._open = False

    @Slot(object)
    def _run(self, task: Callable[[], object]) -> None:
        if not self._open:
            return
        try:
            task()
        except Exception as error:
            if self._errors is None:
                raise
            self._errors(error)
