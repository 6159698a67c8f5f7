"""Macro mode: erpdesk starts Sage's own launcher, which runs a recorded import; each file is started at most once.

Sage's launcher answers nothing that proves anything, so its end decides nothing: only the evidence does. What is
written down before it starts keeps a second start from happening, whatever crashes in between (5.5 step 6).
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from erpdesk.core.clock import CLOCK, Clock, from_iso
from erpdesk.core.errors import ForPeople
from erpdesk.sync.export.journal import Entry, ExportJournal
from erpdesk.sync.export.mailbox import no_hook

STARTING = "macro starting"
NOT_STARTED = "macro not started"
MACRO_POINTS = ("macro_written", "macro_started")
"""Where a test can kill the process: before and after the launcher starts."""
PLACES = ("login", "password", "folder", "file")


@dataclass(frozen=True)
class Run:
    """What is known of the start for one file: whether its launcher lives, and whether its time is over.

    A launcher may end before the import does, so its end alone says nothing.
    """

    began: datetime
    alive: bool
    over: bool
    failed: str = ""

    def running(self, printed: bool) -> bool:
        """Whether an import may be under way, so that "not there" proves nothing; Sage prints at the end of one."""
        return not self.failed and (self.alive or not (self.over or printed))

    def late(self) -> bool:
        """Whether an import had all its time, and its launcher is gone."""
        return not self.failed and self.over and not self.alive

    def sentence(self, minutes: int, today: datetime) -> str:
        """What to tell the person who waits."""
        local = self.began.astimezone()
        day = "" if local.date() == today.astimezone().date() else f" {local:%m/%d/%Y}"
        when = f"{day} {local:%H:%M}"
        if self.failed:
            return (
                f"Sage's macro could not be started ({self.failed}). Correct the macro command in the settings, or run "
                "the import in Sage by hand."
            )
        if self.alive or not self.over:
            return (
                f"Sage's import macro was started at{when}; erpdesk waits for its journal, at most {minutes} minutes."
            )
        return (
            f"Sage's import macro was started at{when} and has not printed a journal. See in Sage whether it waits "
            "for an answer."
        )


class Macro:
    """Starts Sage's launcher for one delivered file at a time.

    ``command`` is the launcher with its macro; ``{login}``, ``{password}``, ``{folder}`` and ``{file}`` stand for the
    Sage login, its password, the data folder and the import file. The data folder is its current folder. ``password``
    is asked for at each start and kept nowhere; on a command line other programs of this computer can see it.
    """

    def __init__(
        self,
        command: str,
        folder: Path,
        *,
        minutes: int,
        login: str = "",
        password: Callable[[], str] = lambda: "",
        clock: Clock = CLOCK,
        at: Callable[[str], None] = no_hook,
    ) -> None:
        self._at = at
        self.minutes = minutes
        self._command, self._folder = command, Path(folder)
        self._login, self._password = login, password
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._file = ""

    def start(self, journal: ExportJournal, name: str, file: Path) -> None:
        """Starts the launcher for a delivered file, unless it was started for this file before.

        Raises JournalTrouble when the start cannot be written down first; then nothing is started. A launcher that
        cannot be started is written down too, and the next call tries again.
        """
        if self._told(journal, name) not in (None, NOT_STARTED) or self._alive():
            return
        try:
            words = self.words(file)
        except ForPeople as error:
            journal.append(NOT_STARTED, file=name, why=str(error))
            return
        journal.append(STARTING, file=name)
        self._at("macro_written")
        try:
            self._process = subprocess.Popen(
                words,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Sage's import goes on when erpdesk ends: it must never be cut off in the middle.
                start_new_session=True,
            )
        except OSError as error:
            journal.append(NOT_STARTED, file=name, why=error.strerror or type(error).__name__)
            return
        self._file = name
        self._at("macro_started")

    def run(self, journal: ExportJournal, name: str) -> Run | None:
        """What is known of the start for this file; None when it was never tried."""
        entry = self._entry(journal, name)
        if entry is None:
            return None
        began = from_iso(entry.at)
        if entry.what == NOT_STARTED:
            return Run(began, alive=False, over=False, failed=str(entry.body.get("why", "")))
        over = not began <= self._clock.now() < began + timedelta(minutes=self.minutes)
        # Whether one that an earlier run of erpdesk started still lives cannot be seen from here.
        return Run(began, alive=self._file == name and self._alive(), over=over)

    def words(self, file: Path) -> list[str]:
        """The command as it is started; raises ForPeople when the command or the password cannot be used."""
        try:
            words = shlex.split(self._command, posix=False)
        except ValueError as error:
            raise ForPeople(f"The macro command has a quotation mark without its partner ({error}).") from error
        if not words:
            raise ForPeople("No macro command is set.")
        given = {"login": self._login, "folder": str(self._folder), "file": str(file)}
        if "{password}" in self._command:
            given["password"] = self._password()
        made = []
        for word in words:
            plain = word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word
            for place in PLACES:
                # One pass a place: what a password holds is never looked at again.
                if plain == "{" + place + "}":
                    plain = given.get(place, "")
                    break
                if place != "password":
                    plain = plain.replace("{" + place + "}", given.get(place, ""))
            made.append(plain)
        return made

    def ended(self, timeout: float) -> bool:
        """Waits until the launcher of this run has ended; for a quiet close and for tests."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def process_id(self) -> int | None:
        """The running launcher of this run of erpdesk."""
        return self._process.pid if self._process is not None and self._alive() else None

    def _alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _told(self, journal: ExportJournal, name: str) -> str | None:
        entry = self._entry(journal, name)
        return entry.what if entry else None

    def _entry(self, journal: ExportJournal, name: str) -> Entry | None:
        """The newest line about the start for this file."""
        return next(
            (
                entry
                for entry in reversed(journal.entries)
                if entry.what in (STARTING, NOT_STARTED) and entry.body.get("file") == name
            ),
            None,
        )


def warning(command: str) -> str:
    """What a person must know before macro mode is chosen; '' when the command holds no password."""
    if "{password}" not in command:
        return ""
    system = "Windows" if os.name == "nt" else "this system"
    return (
        f"The macro command hands the Sage password to the launcher on its command line, where other users of {system} "
        "can see it while it runs. Use a Sage login of its own with few rights, on a computer that nobody else uses."
    )
