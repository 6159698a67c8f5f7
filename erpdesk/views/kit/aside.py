"""Long work beside everything else, on a thread of its own: minutes may pass, and no list or act waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from erpdesk.views.kit.bridge import Bridge


class Aside:
    """Runs one piece of long work at a time; ``done`` and ``failed`` are called on the GUI thread.

    Work gets an event that says when it shall end early.
    """

    def __init__(self, bridge: Bridge, name: str) -> None:
        self._bridge, self._name = bridge, name
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._kept: tuple[object, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether work is under way."""
        return self._thread is not None and self._thread.is_alive()

    def start(
        self,
        work: Callable[[threading.Event], Any],
        done: Callable[[Any], object],
        failed: Callable[[BaseException], object],
    ) -> bool:
        """Starts the work; False while other work is under way."""
        if self.busy:
            return False
        stop = self._stop = threading.Event()
        # Held here until the next start: the thread must not be the last to let go of a window.
        self._kept = (work, done, failed)

        def run() -> None:
            try:
                result = work(stop)
            except BaseException as error:
                self._bridge.call(failed, error)
            else:
                self._bridge.call(done, result)

        self._thread = threading.Thread(target=run, name=self._name, daemon=True)
        self._thread.start()
        return True

    def tell(self, fn: Callable[..., object], *args: object) -> None:
        """Calls ``fn`` on the GUI thread: for news from the work under way."""
        self._bridge.call(fn, *args)

    def stop(self) -> None:
        """Asks the work under way to end early."""
        self._stop.set()

    def wait(self, timeout: float) -> bool:
        """Waits until the work has ended; False when it has not by then."""
        if self._thread is not None:
            self._thread.join(timeout)
        return not self.busy

    def close(self, timeout: float) -> bool:
        """Ends the work; False when it hangs, and its thread is left behind."""
        self.stop()
        return self.wait(timeout)
