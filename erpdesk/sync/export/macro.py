"""Macro mode: erpdesk starts Sage's own launcher, which runs a recorded import; each file is started at most once.

Sage's launcher answers nothing that proves anything, so its end decides nothing: only the evidence does. What is
written down before it starts keeps a second start from happening, whatever crashes in between (5.5 step 6).
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from erpdesk.core.clock import CLOCK, Clock, from_iso
from erpdesk.core.errors import ForPeople
from erpdesk.sync.export.journal import Entry, ExportJournal
from erpdesk.sync.export.mailbox import no_hook

STARTING = "macro starting"
STARTED = "macro started"
NOT_STARTED = "macro not started"
MACRO_POINTS = ("macro_written", "macro_started")
"""Where a test can kill the process: before and after the launcher starts."""
_PLACE = re.compile(r"\{(login|password|folder|file)\}")


@dataclass(frozen=True)
class Run:
    """What is known of the start for one file: whether its launcher lives, and whether its time is over.

    A launcher may end before the import does, so its end alone says nothing. ``failed`` says why it never started.
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

    def sentence(self, minutes: int, today: datetime, by_hand: str) -> str:
        """What to tell the person who waits; ``by_hand`` says how to run the import without the macro."""
        local = self.began.astimezone()
        day = "" if local.date() == today.astimezone().date() else f" {local:%m/%d/%Y}"
        when = f"{day} {local:%H:%M}"
        if self.failed:
            # From here on it is left to a person: nobody can tell whether one has begun.
            return f"Sage's macro was not started: {self.failed} {by_hand}"
        if self.alive or not self.over:
            return f"Sage's import macro was started at{when}; erpdesk waits at most {minutes} minutes for a journal."
        return (
            f"Sage's import macro was started at{when} and has not printed a journal. See in Sage whether it waits "
            "for an answer."
        )


class Macro:
    """Starts Sage's launcher for one delivered file at a time, and for each file at most once.

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

    def start(self, journal: ExportJournal, name: str, file: Path, over: Callable[[str], bool]) -> None:
        """Starts the launcher for a delivered file, unless anything was ever noted of a start for it.

        ``over`` tells whether the import of an earlier file is known to be over. While the launcher of an earlier one
        may still wait for an answer, or when this one cannot start, the file is left to a person, for good: nobody
        could tell whether that person has begun. Raises JournalTrouble when the start cannot be written down; then
        nothing is started.
        """
        if self._entry(journal, name) is not None:
            return
        earlier = self._under_way(journal, over)
        if earlier:
            self._leave(journal, name, f"the one for {earlier} may still wait for an answer in Sage.")
            return
        try:
            words = self.words(file)
        except ForPeople as error:
            self._leave(journal, name, str(error))
            return
        # Looking and noting are one step: another program on this mailbox may do the same now.
        if not journal.claim(STARTING, lambda: self._entry(journal, name) is not None, file=name):
            return
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
        except (OSError, ValueError) as error:
            why = (getattr(error, "strerror", None) or str(error)).rstrip(".")
            journal.append(NOT_STARTED, file=name, why=f"{why}. Correct the macro command in the settings.")
            return
        self._file = name
        journal.append(STARTED, file=name, process=self._process.pid)
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
        return Run(began, alive=self._lives(entry) is True, over=over)

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
        # One pass: what a password or a folder's name holds is never looked at again.
        return [_PLACE.sub(lambda found: given.get(found[1], found[0]), _bare(word)) for word in words]

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
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def _leave(self, journal: ExportJournal, name: str, why: str) -> None:
        journal.claim(NOT_STARTED, lambda: self._entry(journal, name) is not None, file=name, why=why)

    def _under_way(self, journal: ExportJournal, over: Callable[[str], bool]) -> str:
        """The file of an earlier start whose import may not be over: neither known to be, nor its launcher gone."""
        for entry in reversed(journal.entries):
            if entry.what in (STARTING, STARTED):
                name = str(entry.body.get("file"))
                last = self._entry(journal, name)
                failed = last is None or last.what == NOT_STARTED
                if not failed and not over(name) and self._lives(last or entry) is not False:
                    return name
        return ""

    def _lives(self, entry: Entry) -> bool | None:
        """Whether the launcher of a start still lives; None when nothing can tell."""
        if self._process is not None and self._file == entry.body.get("file"):
            return self._process.poll() is None
        number = entry.body.get("process")
        return alive(int(number)) if isinstance(number, int) else None

    def _entry(self, journal: ExportJournal, name: str) -> Entry | None:
        """The newest line about the start for this file."""
        return next(
            (
                entry
                for entry in reversed(journal.entries)
                if entry.what in (STARTING, STARTED, NOT_STARTED) and entry.body.get("file") == name
            ),
            None,
        )


def alive(process: int) -> bool:
    """Whether a process with this number runs; a number that was given anew counts as running."""
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x00100000, False, process)  # may be waited for
        if not handle:
            # Not there; or not ours to ask, which counts as running.
            return bool(ctypes.windll.kernel32.GetLastError() == 5)
        try:
            return bool(ctypes.windll.kernel32.WaitForSingleObject(handle, 0) == 0x102)  # time-out: it runs
        finally:
            ctypes.windll.kernel32.CloseHandle(handle)
    try:
        if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            # It ended, and only waits for the macro that started it to ask.
            return False
    except ChildProcessError:
        pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _bare(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word


def warning(command: str) -> str:
    """What a person must know before macro mode is chosen; '' when the command holds no password."""
    if "{password}" not in command:
        return ""
    system = "Windows" if os.name == "nt" else "this system"
    return (
        f"The macro command hands the Sage password to the launcher on its command line, where other users of {system} "
        "can see it while it runs. Use a Sage login of its own with few rights, on a computer that nobody else uses."
    )
