"""The person in Sage, played by a thread: sees an import file, runs the import, leaves the journal, may post."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import PROGRAMS, Program, Withdrawn, post_entries, post_invoices, run_import

POSTED_BY: Mapping[str, str] = {
    "import_estimates": "entries",
    "import_direct_costs": "entries",
    "import_ap": "invoices",
}
"""What waits after an import: entries in new.jct, invoices in new.api."""


class SandboxOperator(threading.Thread):
    """Looks into the mailbox every ``interval`` seconds until stopped; imports what has no journal yet.

    ``posts``: also posts what an import left waiting. ``options``: what the person ticks, by program.
    """

    def __init__(
        self,
        company: SandboxCompany,
        interval: float = 0.5,
        on_step: Callable[[str], None] = lambda step: None,
        *,
        posts: bool = False,
        options: Mapping[str, Mapping[str, bool]] | None = None,
    ) -> None:
        super().__init__(name="stand-in Sage", daemon=True)
        self.company = company
        self.interval = interval
        self.posts = posts
        self.options = options or {}
        self.last_error: Exception | None = None
        """What kept the last round from ending, such as a folder that is gone; None after a good round."""
        self.paused = False
        """Whether the person leaves the mailbox alone for now, because somebody else runs the imports."""
        self._on_step = on_step
        self._ended = threading.Event()
        self._done: dict[str, tuple[int, int]] = {}

    def run(self) -> None:
        """Rounds until ``stop``; an error of one round waits for the next."""
        while not self._ended.wait(self.interval):
            if self.paused:
                continue
            try:
                self.step()
                self.last_error = None
            except (OSError, sqlite3.Error) as error:
                self.last_error = error

    def step(self) -> bool:
        """One round, here and now: True when an import ran. Raises OSError or sqlite3.Error when it could not end."""
        ran, failed = False, None
        for name, program in PROGRAMS.items():
            try:
                ran |= self._import(name, program)
            except (OSError, sqlite3.Error) as error:
                # One file that cannot be imported keeps no other file waiting.
                failed = failed or error
        if failed:
            raise failed
        return ran

    def _import(self, name: str, program: Program) -> bool:
        imports = self.company.imports
        # A journal that lies there means: done, and not yet taken away. It is looked for first, because whoever takes
        # both away takes the import file first.
        if (imports / program.print).exists():
            return False
        try:
            seen = (imports / program.file).stat()
        except FileNotFoundError:
            return False
        # A file that was imported without a word is not imported again: the person believes that it went in.
        if self._done.get(name) == (seen.st_mtime_ns, seen.st_size):
            return False
        try:
            run_import(
                self.company,
                name,
                options=self.options.get(name),
                on_step=self._on_step,
                give_up=self._ended.is_set,
            )
        except Withdrawn:
            return False
        self._done.pop(name, None)
        if not (imports / program.print).exists():
            self._done[name] = (seen.st_mtime_ns, seen.st_size)
        if self.posts:
            self._post(POSTED_BY.get(name, ""))
        return True

    def _post(self, what: str) -> None:
        if what == "entries":
            post_entries(self.company)
        elif what == "invoices":
            post_invoices(self.company)

    def stop(self, timeout: float = 5.0) -> None:
        """Ends the rounds and waits until an import that runs is through, at most ``timeout`` seconds."""
        self._ended.set()
        if self.is_alive():
            self.join(timeout)
