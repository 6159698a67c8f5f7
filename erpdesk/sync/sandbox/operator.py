"""The person in Sage, played by a thread: sees an import file, runs the import, leaves the journal."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.import_commitments import FILE, PRINT, Withdrawn, import_commitments


class SandboxOperator(threading.Thread):
    """Looks into the mailbox every ``interval`` seconds until stopped; imports what has no journal yet."""

    def __init__(
        self,
        company: SandboxCompany,
        interval: float = 0.5,
        on_step: Callable[[str], None] = lambda step: None,
    ) -> None:
        super().__init__(name="stand-in Sage", daemon=True)
        self.company = company
        self.interval = interval
        self.last_error: Exception | None = None
        """What kept the last round from ending, such as a folder that is gone; None after a good round."""
        self._on_step = on_step
        self._ended = threading.Event()

    def run(self) -> None:
        """Rounds until ``stop``; an error of one round waits for the next."""
        while not self._ended.wait(self.interval):
            try:
                self.step()
                self.last_error = None
            except (OSError, sqlite3.Error) as error:
                self.last_error = error

    def step(self) -> bool:
        """One round, here and now: True when an import ran. Raises OSError or sqlite3.Error when it could not end."""
        imports = self.company.imports
        # A journal that lies there means: done, and not yet taken away. It is looked for first, because whoever takes
        # both away takes the import file first.
        if (imports / PRINT).exists() or not (imports / FILE).exists():
            return False
        try:
            import_commitments(self.company, on_step=self._on_step, give_up=self._ended.is_set)
        except Withdrawn:
            return False
        return True

    def stop(self, timeout: float = 5.0) -> None:
        """Ends the rounds and waits until an import that runs is through, at most ``timeout`` seconds."""
        self._ended.set()
        if self.is_alive():
            self.join(timeout)
