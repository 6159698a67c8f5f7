"""The processes: who exports, who sits at Sage, who accepts; forked from a parent that has imported everything."""

from __future__ import annotations

import csv
import ctypes
import hashlib
import os
import random
import select
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import configure_mappers
from sqlalchemy.orm.exc import StaleDataError

from erpdesk.core.clock import Clock
from erpdesk.sync.export.exporter import SIDE_POINTS
from erpdesk.sync.sage.tables import catalogue
from erpdesk.sync.sandbox.operator import POSTED_BY
from erpdesk.sync.sandbox.programs import PROGRAMS, Withdrawn, post_entries, run_import
from erpdesk.sync.sandbox.reader import layout_file
from erpdesk.sync.sandbox.tables import tables
from erpdesk.workflows import document_text, snapshots
from erpdesk.workflows.documents import Document, EstimateFile
from tests.proof.books import Line
from tests.proof.ground import JOBS, KINDS, TIMING, Ground, budget, commitment
from tests.sync.export.yard import Yard

RECOVER_EVERY = 900.0
"""How often a worker looks everything through, in seconds of the clock; the program does it every few minutes."""

IDLE = 0.06
"""How many seconds a worker waits that has nothing to do; as in the program it looks again by itself."""

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def warm() -> None:
    """Reads once what every process would read for itself; opens nothing."""
    configure_mappers()
    catalogue()
    tables()
    for name in ("jcc_layout", "jce_layout", "direct_layout", "invoice_fields"):
        layout_file(name)


@dataclass(frozen=True)
class Fate:
    """Where a process meets its end, or is suspended: the ``nth`` time that it comes to a point. '' = nowhere."""

    point: str = ""
    nth: int = 1
    signal: int = signal.SIGKILL

    def fate(self) -> Callable[[str], int]:
        """What a process meets at a point: a signal, or 0."""
        met: Counter[str] = Counter()

        def at(point: str) -> int:
            met[point] += 1
            return self.signal if (point, met[point]) == (self.point, self.nth) else 0

        return at


class Leash:
    """Ends processes without killing them: all see when it is let go."""

    def __init__(self) -> None:
        self._theirs, self._ours = os.pipe()

    def let_go(self) -> None:
        """They end at the next look."""
        os.close(self._ours)

    def close(self) -> None:
        """Gives back what is left of it."""
        os.close(self._theirs)

    def taken(self) -> None:
        """In the child: only the parent holds on."""
        os.close(self._ours)

    def pause(self, seconds: float) -> bool:
        """Waits, at most so long; False when it was let go."""
        ready, _, _ = select.select([self._theirs], [], [], seconds)
        return not ready


def fork(ground: Ground, leash: Leash, work: Callable[[], None]) -> int:
    """A new process that does the work and ends; it dies with its parent. Answers its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        leash.taken()
        work()
        code = 0
    except BaseException:
        ground.note("errors.txt", traceback.format_exc())
        traceback.print_exc(file=sys.stderr)
    os._exit(code)


@dataclass(frozen=True)
class Hazard:
    """Death by chance: at each named point with these odds; points off the straight way are met seldom."""

    seed: int
    dies: float = 0.05
    dies_aside: float = 0.3
    suspended: float = 0.012

    def fate(self) -> Callable[[str], int]:
        """What a process meets at a point: a signal, or 0."""
        chance = random.Random(self.seed)

        def at(point: str) -> int:
            roll, dies = chance.random(), self.dies_aside if point in SIDE_POINTS else self.dies
            if roll < dies:
                return signal.SIGKILL
            # Nobody is suspended while it holds the lock of the journal: the others would only wait.
            suspended = roll < dies + self.suspended and point != "journalled_once"
            return signal.SIGSTOP if suspended else 0

        return at


def hook(ground: Ground, who: str, fate: Callable[[str], int]) -> Callable[[str], None]:
    """What is called at each named point: the process meets its fate there."""

    def at(point: str) -> None:
        met = fate(point)
        if met:
            ground.say(f"{who} gets {signal.Signals(met).name} at {point}")
            os.kill(os.getpid(), met)

    return at


def export(ground: Ground, leash: Leash, who: str, fate: Fate | Hazard, apart: timedelta = timedelta(0)) -> None:
    """One erpdesk: recovery, then rounds, as its worker thread does them."""
    yard, clock = Yard.open(ground.folder), ground.clock(apart)
    at = hook(ground, who, fate.fate())
    exporter = yard.exporter(timing=TIMING, clock=clock, at=at, worker=who, kinds=KINDS)
    due, said = 0.0, ""
    going = True
    while going:
        if clock.monotonic() >= due:
            due = clock.monotonic() + RECOVER_EVERY
            report = exporter.recover()
            if not exporter.recovered:
                due = 0.0
            at("recovered")
        else:
            report = exporter.step()
        troubles = " ".join(report.troubles) + (f" {report.unavailable}" if report.unavailable else "")
        if troubles != said:
            said = troubles
            ground.say(f"{who}: {troubles}")
        going = leash.pause(0 if report.progress else IDLE)
    yard.store.close()


@dataclass(frozen=True)
class Manners:
    """How the person at Sage and Sage itself behave; each is the share of imports that it happens to.

    ``rejects``: one record of the file is refused; that is about one in ten records.
    """

    rejects: float = 0.35
    no_licence: float = 0.04
    slow: float = 0.35
    silent: float = 0.04
    garbled: float = 0.04


_AMOUNT = 7

CALM = Manners(0, 0, 0, 0, 0)
MORE = Decimal(1_000_000)
"""By how much a line of a corrected budget differs, more than any item is worth."""

PATIENT = 30.0
"""How many seconds a process of people waits for a locked file."""

PATIENCE = 2400.0
"""After so many seconds of the clock a person takes a journal away that erpdesk does not."""


class AtSage:
    """The person at Sage with Sage's imports: sees a file, imports it once, posts what waits."""

    def __init__(
        self,
        ground: Ground,
        yard: Yard,
        chance: random.Random,
        manners: Manners,
        on_step: Callable[[str], None],
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or ground.clock()
        self._ground, self._yard, self._sage = ground, yard, yard.sage
        self._chance, self._manners, self._on_step = chance, manners, on_step
        self._done: dict[str, str] = {}
        self._since: dict[str, tuple[int, float]] = {}
        self._sage.set_faults(reject_next="", no_licence=False, import_timeout=False)

    def step(self) -> bool:
        """One look into the mailbox; True when something was done."""
        return any([self._look(name) for name in PROGRAMS])

    def _look(self, name: str) -> bool:
        program, imports = PROGRAMS[name], self._sage.imports
        printed, file = imports / program.print, imports / program.file
        if printed.exists():
            return self._tired_of(name)
        self._since.pop(name, None)
        try:
            stat, data = file.stat(), file.read_bytes()
        except FileNotFoundError:
            return False
        # One that erpdesk lays there anew is another file, also with the same bytes.
        this = f"{stat.st_ino}-{stat.st_mtime_ns}"
        if self._done.get(name) == this:
            return False
        if POSTED_BY.get(name) == "entries" and this in self._begun() and self._went_in(data):
            # Sage broke down over it and would add it once more; who sees that it went in leaves it alone.
            self._post(name)
            return False
        self._ground.note("begun.txt", this)
        return self._import(name, hashlib.sha256(data).hexdigest(), this)

    def _went_in(self, data: bytes) -> bool:
        """Whether Sage shows an entry of one of the file's amounts, posted or not; no two items have the same."""
        lines = csv.reader(data.decode("cp1252").splitlines())
        amounts = [float(fields[_AMOUNT]) for fields in lines if fields[0] == "C"]
        sql = "SELECT COUNT(*) FROM {} WHERE Transaction_Type LIKE '%estimate%' AND ROUND(Amount, 2) = ?"
        tables = ("JCT_NEW__TRANSACTION", "JCT_CURRENT__TRANSACTION")
        return any(self._yard.ask(sql.format(each), amount)[0][0] for each in tables for amount in amounts)

    def _begun(self) -> frozenset[str]:
        """The files of which an import was begun before, also by Sage before it broke down."""
        try:
            return frozenset((self._ground.folder / "begun.txt").read_text().split())
        except FileNotFoundError:
            return frozenset()

    def _import(self, name: str, sha: str, this: str) -> bool:
        program, imports, manners = PROGRAMS[name], self._sage.imports, self._manners
        self._sage.set_faults(
            reject_next="vendor insurance has expired." if self._happens(manners.rejects) else "",
            no_licence=self._happens(manners.no_licence),
            import_timeout=self._happens(manners.silent),
        )
        slow = self._chance.choice((0.05, 0.3, 1.5)) if self._happens(manners.slow) else 0.0
        ground = self._ground

        def at(step: str) -> None:
            if step == "read":
                ground.read_by_sage(sha)
                if slow:
                    select.select([], [], [], slow)
            self._on_step(f"sage:{step}")

        ground.time.import_begins()
        try:
            result = run_import(self._sage, name, on_step=at)
        except Withdrawn:
            return False
        finally:
            ground.time.import_ended()
            self._sage.set_faults(reject_next="", no_licence=False, import_timeout=False)
        accepted = sum(verdict.accepted for verdict in result.verdicts)
        ground.say(f"Sage imported {sha[:12]}: {accepted} of {len(result.verdicts)} records {result.stopped}")
        self._done[name] = this
        if self._happens(manners.garbled):
            with suppress(FileNotFoundError):
                (imports / program.print).write_bytes(b"\x00\xff\x13 page 2 of 2\r\n")
        self._post(name)
        return True

    def _post(self, name: str) -> None:
        if POSTED_BY.get(name) == "entries" and self._happens(0.7):
            post_entries(self._sage)

    def settle_posting(self) -> None:
        """Posts everything that waits."""
        post_entries(self._sage)

    def _tired_of(self, name: str) -> bool:
        """A journal that nobody takes away: a person moves it out, as the screens say, and imports the file again."""
        program, imports, clock = PROGRAMS[name], self._sage.imports, self._clock
        if not (imports / program.file).exists():
            return False
        try:
            stamp = (imports / program.print).stat().st_mtime_ns
        except FileNotFoundError:
            # erpdesk took it away between two looks.
            return False
        was, since = self._since.get(name, (0, 0.0))
        if was != stamp:
            self._since[name] = stamp, clock.monotonic()
            return False
        if clock.monotonic() < since + PATIENCE:
            return False
        aside = self._ground.folder / "aside"
        aside.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            os.rename(imports / program.print, aside / f"{stamp}.prn")
        with suppress(FileNotFoundError):
            os.rename(imports / program.reject, aside / f"{stamp}.rej")
        self._ground.say(f"the person at Sage took {program.print} away")
        self._done.pop(name, None)
        return True

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share


def operate(ground: Ground, leash: Leash, seed: int, fate: Fate | Hazard, manners: Manners) -> None:
    """The process of Sage: imports what lies there until it is let go or killed."""
    yard = Yard.open(ground.folder)
    yard.sage.recover()
    at_sage = AtSage(ground, yard, random.Random(seed), manners, hook(ground, "Sage", fate.fate()))
    while leash.pause(0 if at_sage.step() else 0.02):
        pass


def accept(ground: Ground, leash: Leash, seed: int, first: int, most_waiting: int) -> None:
    """The process of the accepting person: keeps some items waiting, gives back what failed and sends it anew."""
    yard, chance, number = Yard.open(ground.folder), random.Random(seed), first
    while leash.pause(0.15):
        books = ground.books(PATIENT)
        waiting = sum(line.state in ("INTENT", "STAGED") for line in books.lines)
        failed = [
            line for line in books.lines if line.state in ("REFUSED", "SAGE_REJECTED") and line.sent == "ACCEPTED"
        ]
        if failed and chance.random() < 0.2:
            again(ground, yard, chance.choice(failed), chance)
        for _ in range(chance.randrange(1, 5) if waiting < most_waiting else 0):
            number += 1
            if chance.random() < 0.3:
                ground.accept(yard, budget(number, chance, JOBS), sage_id=f"BUDGET-{number}")
            else:
                vendor = "GONE" if chance.random() < 0.05 else chance.choice(("STEELCO", "DOORPRO"))
                ground.accept(yard, commitment(number, chance, vendor))
    yard.store.close()


def corrected(document: Document) -> Document:
    """A budget with other amounts; a budget has no ID, so nobody could tell the same one from the first."""
    if not isinstance(document, EstimateFile):
        raise TypeError("only a budget is corrected here")
    return replace(document, lines=tuple(replace(each, amount=each.amount + MORE) for each in document.lines))


def again(ground: Ground, yard: Yard, line: Line, chance: random.Random) -> None:
    """An item that failed goes back, is corrected and accepted once more, under its ID or another."""
    document: Document
    if line.kind == "commitment":
        sage_id = line.key if chance.random() < 0.7 else f"{line.key[:10]}{chance.choice('ABCDEFGH')}"
        document = replace(snapshots.from_text(line.payload), sage_id=sage_id, vendor="STEELCO")
    else:
        sage_id = f"{line.key}*"
        document = corrected(document_text.from_text(line.payload))
    try:
        yard.send_back(line.id)
    except (IntegrityError, StaleDataError):
        # It is in Sage after all, and erpdesk has just seen it: it is not given back.
        return
    with suppress(IntegrityError):
        ground.accept(yard, document, again=line.id, sage_id=sage_id)
