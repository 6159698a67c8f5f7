"""The person at the stand-in Sage during a self-test: ticks what the task says, imports at once, and posts."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable

from erpdesk.sync.doctor.importing import Task
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.estimate_rules import ALLOW_CODES, AS_CHANGE
from erpdesk.sync.sandbox.operator import POSTED_BY
from erpdesk.sync.sandbox.programs import PROGRAMS, Withdrawn, post_entries, post_invoices, run_import

OPTIONS = {
    "Import as an Approved Estimate Change": AS_CHANGE,
    "Allow creation of Cost Codes not on standard Cost Code list": ALLOW_CODES,
}
"""What stands beside a box on the stand-in's screen, and the name of the box."""


class AtStandIn:
    """Runs the stand-in's own programs; an import that waits is given up after ``seconds``, or at a stop.

    ``tell`` hears what is run.
    """

    def __init__(
        self, company: SandboxCompany, tell: Callable[[str], object], seconds: float, stop: threading.Event
    ) -> None:
        self._company, self._tell, self._seconds, self._stop = company, tell, seconds, stop

    def imports(self, task: Task, done: Callable[[], bool]) -> bool:
        """Runs the import whose file this is; False when it printed no journal."""
        name = self._program(task)
        given = PROGRAMS[name].options
        options = {OPTIONS[each]: each in task.tick for each in (*task.tick, *task.clear) if OPTIONS.get(each) in given}
        self._tell(f"{task.about or 'Import'}: the stand-in runs {task.menu}.")
        own = self._company.settings.layouts
        layout = task.layout if task.layout in own else "default"
        until = time.monotonic() + self._seconds

        def give_up() -> bool:
            return self._stop.is_set() or time.monotonic() > until

        try:
            run_import(self._company, name, options=options, layout=layout, give_up=give_up)
        except (Withdrawn, OSError, sqlite3.Error):
            # As on a screen that somebody closed: nothing was imported, and nothing is printed about it.
            return False
        return done()

    def posts(self, task: Task, done: Callable[[], bool]) -> bool:
        """Posts what the import left waiting."""
        self._tell(f"The stand-in runs {task.after}: the record shows only after it is posted.")
        if POSTED_BY.get(self._program(task)) == "invoices":
            post_invoices(self._company)
        else:
            post_entries(self._company)
        return done()

    def _program(self, task: Task) -> str:
        return next(name for name, program in PROGRAMS.items() if program.file == task.file.name)
