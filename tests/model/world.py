"""The smallest world in which an export can go wrong: one company, one or two items, workers, Sage, a clock by hand.

``python -m tests.model.world HANDLE FOLDER SETTING`` is the parent of its processes (see ``frozen``).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from erpdesk.core.clock import Clock
from erpdesk.models.erp import Outbox
from erpdesk.sync.export import locks, mailbox, moves
from erpdesk.sync.export.exporter import Exporter, Timing
from erpdesk.sync.sandbox import import_rules, journal, running
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import PROGRAMS, Withdrawn, run_import
from erpdesk.sync.sandbox.tables import declared, tables
from tests.model import mutants
from tests.model.frozen import Frozen, Parent, Standing, serve
from tests.model.told import JUMP, SAGE, START, Disk, age
from tests.sync.export.yard import Yard, other

TIMING = Timing(look=timedelta(0), again=timedelta(0))
HELD = "held-open"
_LOCKED_BY = ".locked-by"
SHARING_VIOLATION = 32


@dataclass(frozen=True)
class Setting:
    """What world it is. ``again``: Sage takes the same commitment a second time (a target of class B).

    ``holds_open``: Sage keeps the import file open until it has committed, so that nobody can move it (Windows); else
    it is closed after reading, and the import is through before ``Timing.settle`` is over.
    """

    items: int = 1
    again: bool = False
    holds_open: bool = True
    mutant: str = ""


class Sharing(OSError):
    """Windows' answer to a move of a file that another program holds open."""

    winerror = SHARING_VIOLATION


class Hands(Clock):
    """Shows what the scheduler says; two readings never agree."""

    def __init__(self) -> None:
        super().__init__(self._read)
        self.at, self.ticks = START, 1000.0

    def _read(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def set(self, jumps: int, steps: int) -> None:
        """So many jumps and steps of the scheduler have passed."""
        passed = JUMP * jumps + timedelta(milliseconds=steps)
        self.at, self.ticks = START + passed, 1000.0 + passed.total_seconds()


# ---- in the parent and its copies


def live(standing: Standing, folder: Path) -> None:
    """A copy's life: its first order says who it is; it ends when nobody holds it any more."""
    setting, *order = standing.wait()
    try:
        _patch(setting)
        if order[0] == "worker":
            _work(standing, folder, order)
        else:
            _import(standing, folder, setting, order)
    except BaseException:
        standing.tell("failed", traceback.format_exc())
        standing.wait()


def _work(standing: Standing, folder: Path, order: list[Any]) -> None:
    _, name, jumps, steps = order
    hands = Hands()
    yard = quick(folder)

    def next_order() -> tuple[Any, ...]:
        what, jumps, steps = standing.wait()
        hands.set(jumps, steps)
        return (what,)

    def at(point: str) -> None:
        standing.tell("at", point)
        next_order()

    exporter = yard.exporter(timing=TIMING, clock=hands, at=at, worker=name)
    _lock_by_hand(name)
    hands.set(jumps, steps)
    what = "recover"
    while True:
        getattr(exporter, what)()
        standing.tell("end", memory(exporter, hands.at))
        (what,) = next_order()


def _import(standing: Standing, folder: Path, setting: Setting, order: list[Any]) -> None:
    """One import of Sage's; ``how``: takes (what is right), rejects (the first record) or stops (before reading)."""
    _, program, how, who = order
    sage = SandboxCompany(folder / "sage")
    staged = journal.stage
    # Two programs of Sage at a time do not write their papers into one file.
    mutants.put(running, stage=lambda folder, name, data: staged(folder, f"{name}-{who}", data))
    held = sage.folder / HELD

    def at(step: str) -> None:
        if setting.holds_open and step == "read":
            held.touch()
        if step == "committed":
            held.unlink(missing_ok=True)
        if step in ("read", "committed") or (step == "rejects_written" and how == "rejects"):
            standing.tell("at", step)
            standing.wait()

    if how == "rejects":
        sage.set_faults(reject_next="vendor insurance has expired.")
    if how == "stops":
        sage.set_faults(lock=True)
    with suppress(Withdrawn):
        run_import(sage, program, on_step=at)
    held.unlink(missing_ok=True)
    sage.set_faults(reject_next="", lock=False)
    standing.tell("end", "")
    standing.wait()


def quick(folder: Path) -> Yard:
    """The yard, on a database that need not survive a power cut."""
    yard = Yard.open(folder)

    @event.listens_for(yard.store.engine, "connect")
    def no_sync(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return yard


def _lock_by_hand(name: str) -> None:
    """A lock of the system belongs to a program and all its copies; here it must belong to one of them."""

    def take(file: Any) -> None:
        held = Path(f"{file.name}{_LOCKED_BY}")
        if held.exists() and held.read_text() != name:
            raise PermissionError(13, "held by another worker", file.name)
        held.write_text(name)

    def give(file: Any) -> None:
        Path(f"{file.name}{_LOCKED_BY}").unlink()

    locks._take, locks._give, locks._TRIES, locks._PAUSE = take, give, 1, 0


def memory(exporter: Exporter, now: datetime) -> str:
    """What a worker between two rounds remembers, as text; times are told as "long ago" or "just now"."""
    return json.dumps(_told(exporter, now, set()), sort_keys=True, default=str)


# What never changes, and what only spares Sage a question that was asked a moment ago (here it may always be asked).
_FORGOTTEN = (
    *(
        "at",
        "_at",
        "clock",
        "_clock",
        "reader",
        "mailbox",
        "preview",
        "macro",
        "timing",
        "journal",
        "overview",
        "store",
    ),
    *("kinds", "places", "mailboxes", "_kind", "_checker", "_documents", "_logged", "_looked", "_exporting"),
)


def _told(value: Any, now: datetime, met: set[int]) -> Any:
    if isinstance(value, datetime):
        return age(value, now)
    if isinstance(value, float):
        return age(START + timedelta(seconds=value - 1000.0), now)
    if value is None or isinstance(value, (bool, int, str, Enum, timedelta, Path)):
        return str(value)
    if isinstance(value, dict):
        return sorted([str(key), _told(each, now, met)] for key, each in value.items())
    if isinstance(value, (tuple, list)):
        return [_told(each, now, met) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted(str(_told(each, now, met)) for each in value)
    if id(value) in met or not type(value).__module__.startswith("erpdesk.sync.export"):
        return type(value).__name__
    met.add(id(value))
    kept = {name: each for name, each in sorted(vars(value).items()) if name not in _FORGOTTEN and not callable(each)}
    if isinstance(value, Exporter):
        kept["journal"] = len([entry for entry in value.journal.entries if entry.what != "head"])
    return [type(value).__name__, *([name, _told(each, now, met)] for name, each in kept.items())]


def _patch(setting: Setting) -> None:
    if setting.again:
        strict = import_rules.Rules._commitment

        def lenient(self: Any, header: Any) -> Any:
            refusal = strict(self, header)
            return None if refusal and refusal.reason == "duplicate_commitment" else refusal

        mutants.put(import_rules.Rules, _commitment=lenient)
    move = moves.move_once

    def move_unless_open(source: Path, target: Path, *rest: Any, **others: Any) -> None:
        # Only the file of a mailbox place lies beside Sage's folder for imports itself.
        if source.parent.name == "Imports" and (source.parent.parent / HELD).exists():
            raise Sharing(13, "The process cannot access the file because it is being used by another process")
        move(source, target, *rest, **others)

    mutants.put(mailbox, move_once=move_unless_open)
    if setting.mutant:
        mutants.MUTANTS[setting.mutant]()


def warm_up(folder: Path) -> None:
    """One whole export in a copy of the company, so that the first schedule is as fast as the others."""
    copy = folder.with_name(folder.name + "-warm")
    shutil.copytree(folder, copy)
    yard = quick(copy)
    exporter = yard.exporter()
    exporter.recover()
    for _ in range(3):
        exporter.step()
        yard.sage_imports()
    yard.store.close()
    shutil.rmtree(copy)


def main() -> None:
    handle, folder = int(sys.argv[1]), Path(sys.argv[2])
    serve(handle, lambda: warm_up(folder), lambda standing: live(standing, folder))


# ---- in the scheduler


class World:
    """A company on disk, its processes, and what can be seen of it all from outside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._now: Disk = {}
        yard = Yard.build(folder)
        yard.accept(other(1))
        yard.store.close()
        for name in ("staging", "archive", "burned"):
            (folder / "sage" / "Imports" / name).mkdir()
        self._empty = self.read()
        self.parent = Parent("tests.model.world", folder)

    def begin(self, setting: Setting) -> Disk:
        """A new company with its accepted items."""
        self.setting = setting
        self.read()
        self.restore(self._empty)
        yard = quick(self.folder)
        if setting.again:
            _without_keys(yard)
        with yard.store.sessions.begin() as session:
            session.scalars(select(Outbox)).one().idempotency = "B" if setting.again else "A"
        for number in range(2, setting.items + 1):
            yard.accept(other(number), idempotency="B" if setting.again else "A")
        yard.store.close()
        return self.read()

    def standing(self) -> set[tuple[str, int]]:
        """The import files that stand in the mailbox, each as the one that it is: a rewritten one is another."""
        places = (self.folder / "sage" / "Imports" / each.file for each in PROGRAMS.values())
        return {(path.name, path.stat().st_ino) for path in places if path.exists()}

    def newborn(self, *order: object) -> tuple[Frozen, str, str]:
        """A new process, what it answers to its first order, and the answer's text."""
        process = self.parent.first.copy()
        return process, *process.go(self.setting, *order)

    def close(self) -> None:
        self.parent.close()
        shutil.rmtree(self.folder.parent)

    def read(self) -> Disk:
        """The disk as it is now; what did not change is the same object as before."""
        seen: Disk = {}
        for top, folders, files in os.walk(self.folder):
            for name in folders:
                seen[os.path.relpath(os.path.join(top, name), self.folder)] = (0, b"")
            for name in files:
                path = os.path.join(top, name)
                key = os.path.relpath(path, self.folder)
                with open(path, "rb") as file:
                    found = (os.fstat(file.fileno()).st_mode & 0o777, file.read())
                before = self._now.get(key)
                seen[key] = before if before == found and before is not None else found
        self._now = seen
        return seen

    def restore(self, disk: Disk) -> None:
        """Makes the disk as it was; files that are open stay the same files."""
        for key in sorted(self._now.keys() - disk.keys(), reverse=True):
            path = self.folder / key
            path.rmdir() if self._now[key][0] == 0 else path.unlink()
        for key in sorted(disk):
            mode, data = disk[key]
            if self._now.get(key) is disk[key]:
                continue
            path = self.folder / key
            if mode == 0:
                path.mkdir(exist_ok=True)
                continue
            with open(path, "wb") as file:
                file.write(data)
            path.chmod(mode)
        self._now = disk


def _without_keys(yard: Yard) -> None:
    """A Sage that can hold the same commitment twice."""
    for name in SAGE:
        table = tables()[name]
        columns = ", ".join(f'"{each.name}" {declared(each)}' for each in table.columns)
        yard.alter(f'DROP TABLE "{name}"')
        yard.alter(f'CREATE TABLE "{name}" ({columns})')


@contextmanager
def a_world() -> Iterator[World]:
    """A world in a folder of its own, in memory where there is such a disk."""
    in_memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="erpdesk-model-", dir=in_memory if in_memory.is_dir() else None)) / "company"
    folder.mkdir()
    world = World(folder)
    try:
        yield world
    finally:
        world.close()


if __name__ == "__main__":
    main()
