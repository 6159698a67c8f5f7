"""Lays a test file into Sage's mailbox, has it imported by whoever is at Sage, and puts the evidence away."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from erpdesk.core.errors import ForPeople
from erpdesk.models.base import new_id
from erpdesk.sync.export.moves import move_once
from erpdesk.sync.sage.layouts import Layout, RecordType
from erpdesk.sync.sage.results import LONGEST

Wait = Callable[[Callable[[], bool]], bool]
"""Waits until something is so; False when it gave up. Whoever gives it decides how long and how often to look."""


@dataclass(frozen=True)
class Task:
    """One import that is run in Sage: where, of which file, what to tick and to clear, where the journal goes.

    ``after`` is the menu that posts what the import leaves waiting ('' = nothing waits). ``about`` says which of the
    three imports of a record type it is.
    """

    menu: str
    file: Path
    journal: Path
    rejects: Path
    layout: str
    tick: tuple[str, ...] = ()
    clear: tuple[str, ...] = ()
    after: str = ""
    about: str = ""

    def sentence(self) -> str:
        """What the person at Sage does now."""
        steps = [f"choose {self.file}"]
        steps += [f"tick “{each}”" for each in self.tick]
        steps += [f"clear “{each}”" for each in self.clear]
        start = f"{self.about}: in" if self.about else "In"
        return f"{start} Sage, run {self.menu}, {', '.join(steps)}, and print the journal to {self.journal.name} there."

    def posting(self) -> str:
        """What the person at Sage does when a record shows only after it was posted."""
        return f"In Sage, run {self.after}: erpdesk cannot see this record before it is posted."


class Person(Protocol):
    """Who runs Sage's programs during a self-test."""

    def imports(self, task: Task, done: Callable[[], bool]) -> bool:
        """Has one import run; True once ``done`` says that its journal is there, False when it gave up."""
        ...

    def posts(self, task: Task, done: Callable[[], bool]) -> bool:
        """Has what waits posted; True once ``done`` says that it shows, False when it gave up."""
        ...


class AtSage:
    """A person at Sage, who hears what to do next and is waited for."""

    def __init__(self, tell: Callable[[str], object], wait: Wait) -> None:
        self._tell, self._wait = tell, wait

    def imports(self, task: Task, done: Callable[[], bool]) -> bool:
        """Says which import to run, and waits for its journal."""
        self._tell(task.sentence())
        return self._wait(done)

    def posts(self, task: Task, done: Callable[[], bool]) -> bool:
        """Says what to post, and waits until it shows."""
        self._tell(task.posting())
        return self._wait(done)


@dataclass(frozen=True)
class Printed:
    """What Sage printed of one import, and what it rejected; None = nothing was there."""

    journal: bytes | None
    rejects: bytes | None


class TrialMailbox:
    """The mailbox places of one company, used for the files of a self-test; nothing is overwritten or deleted."""

    def __init__(self, imports: Path) -> None:
        self._imports = imports
        self._kept = imports / "archive" / f"self-test-{new_id()}"

    def task(self, layout: Layout, kind: RecordType, about: str = "") -> Task:
        """The import of one file of this layout and record type."""
        stem = layout.mailbox.rpartition(".")[0]
        target, journal, rejects = (self._imports / each for each in (layout.mailbox, f"{stem}.prn", f"{stem}.rej"))
        return Task(
            layout.menu, target, journal, rejects, layout.name, kind.tick, kind.clear, layout.after, about=about
        )

    def bring_in(self, task: Task, data: bytes, person: Person) -> Printed:
        """One import: the file goes into its place, somebody imports it, file and results are put away.

        Raises ForPeople when the place is taken, or when nobody imported the file in time; it is then taken back.
        """
        taken = [path.name for path in self._places(task) if path.exists()]
        if taken:
            raise ForPeople(
                f"In Sage's mailbox lies {' and '.join(taken)} already.",
                kept="Nothing was imported.",
                next_step="See in Sage whether it was imported, move it out of the folder, then start again.",
            )
        # Not in staging, where a running erpdesk takes away what it does not know.
        staged = self._kept / new_id()
        staged.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(data)
        try:
            move_once(staged, task.file)
        except FileExistsError as error:
            raise ForPeople(
                f"Another program laid a file into Sage's mailbox in the same moment ({task.file.name}).",
                kept="Nothing was imported.",
                next_step="Start the self-test again when that file was imported.",
            ) from error
        came = False
        try:
            came = person.imports(task, task.journal.exists)
            printed = Printed(_read(task.journal), _read(task.rejects))
        finally:
            # Another file in that place is somebody else's, and so are the results beside it.
            if _sha(task.file) in ("", hashlib.sha256(data).hexdigest()):
                self._put_away(self._places(task))
        if not came:
            raise ForPeople(
                f"Sage printed no journal about {task.file.name} in time.",
                kept="The file was taken out of the mailbox.",
                next_step="See in Sage whether it was imported after all, then start the self-test again.",
            )
        return printed

    def _places(self, task: Task) -> Sequence[Path]:
        return (task.file, task.journal, task.rejects)

    def _put_away(self, paths: Sequence[Path]) -> None:
        folder = self._kept / new_id()
        folder.mkdir(parents=True)
        for path in paths:
            with suppress(FileNotFoundError):
                move_once(path, folder / path.name)


def _sha(path: Path) -> str:
    """The hash of a file; '' when it is not there."""
    with suppress(FileNotFoundError):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return ""


def _read(path: Path) -> bytes | None:
    with suppress(FileNotFoundError), path.open("rb") as file:
        return file.read(LONGEST)
    return None
