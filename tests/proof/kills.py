"""Workers are killed and suspended at random while others go on; then all goes well again, and must be in order."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from sqlite3 import OperationalError

from tests.proof import properties
from tests.proof.books import Books
from tests.proof.ground import CANARY, KINDS, TIMING, Ground
from tests.proof.properties import Violation
from tests.proof.workers import (
    CALM,
    AtSage,
    Hazard,
    Leash,
    Manners,
    accept,
    export,
    fork,
    operate,
    warm,
)
from tests.sync.export.yard import Yard

EXPORTERS = 3
MOST_WAITING = 12
LONGEST_LIFE = 4.0
"""Seconds after which a process is ended even if it only waited."""

LOOK_EVERY = 2.5
"""Seconds between two looks at everything while all are suspended."""

_TICKS = os.sysconf("SC_CLK_TCK")

STEPS_TO_REST = 400
"""Rounds in which everything must come to rest once nothing goes wrong any more (P9)."""


@dataclass
class Outcome:
    """What came of it."""

    seed: int
    kills: int = 0
    suspensions: int = 0
    items: int = 0
    states: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    def count(self, *names: str) -> int:
        """How many violations of these properties."""
        return sum(each.property in names for each in self.violations)


@dataclass
class _Process:
    who: str
    again: Callable[[], None]
    lives: float
    """How many seconds it may work before the killer ends it, unless it met its fate before."""
    ends_at: float
    """When it ends at the latest, worked or not."""
    wakes_at: float = 0.0
    """When it goes on, if it is suspended."""


class Killer:
    """Keeps the processes of one ground alive and kills them; the parent of all, which itself opens nothing."""

    def __init__(self, ground: Ground, seed: int, manners: Manners | None = None) -> None:
        self.ground = ground
        self.outcome = Outcome(seed)
        self._chance = random.Random(seed)
        self._manners = manners or Manners()
        self._leash = Leash()
        self._running: dict[int, _Process] = {}
        self._accepted = 100
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})

    def run(self, seconds: float, kills: int = 0) -> None:
        """Kills for so long, and until there were so many; ends early when something is found broken.

        Leaves no process behind.
        """
        now = time.monotonic()
        until, look = now + seconds, now + LOOK_EVERY
        for number in range(EXPORTERS):
            self._exporter(f"erpdesk-{number}")
        self._sage()
        self._accepting()
        try:
            while not self.outcome.violations:
                now = time.monotonic()
                if now >= until and self.outcome.kills >= kills:
                    break
                self._due(now)
                if now >= look:
                    look = now + LOOK_EVERY
                    self._look()
                signal.sigtimedwait({signal.SIGCHLD}, 0.02)
                self._gather()
        finally:
            self._end()

    def _fork(self, who: str, work: Callable[[], None], again: Callable[[], None], lives: float) -> None:
        child = fork(self.ground, self._leash, work)
        self._running[child] = _Process(who, again, lives, time.monotonic() + LONGEST_LIFE)

    def _exporter(self, who: str) -> None:
        chance, apart = self._chance, timedelta(minutes=self._chance.choice((0, 0, 0, -10, 10)))
        fate, lives = Hazard(chance.randrange(2**32)), chance.uniform(0.02, 0.7)
        if chance.random() < 0.15:
            lives += 1
        ground, leash = self.ground, self._leash
        self._fork(who, lambda: export(ground, leash, who, fate, apart), lambda: self._exporter(who), lives)

    def _sage(self) -> None:
        chance, ground, leash, manners = self._chance, self.ground, self._leash, self._manners
        fate = Hazard(chance.randrange(2**32), dies=0.08, suspended=0.0)
        seed = chance.randrange(2**32)
        self._fork("Sage", lambda: operate(ground, leash, seed, fate, manners), self._sage, chance.uniform(1, 4))

    def _accepting(self) -> None:
        chance, ground, leash = self._chance, self.ground, self._leash
        seed, first = chance.randrange(2**32), self._accepted
        self._accepted += 500
        self._fork(
            "the approver",
            lambda: accept(ground, leash, seed, first, MOST_WAITING),
            self._accepting,
            chance.uniform(0.5, 1.5),
        )

    def _due(self, now: float) -> None:
        """Who is due is killed; who was suspended long enough goes on."""
        for child, process in self._running.items():
            if process.wakes_at and now >= process.wakes_at:
                process.wakes_at, process.ends_at = 0.0, now + LONGEST_LIFE
                self.ground.say(f"{process.who} goes on")
                os.kill(child, signal.SIGCONT)
            # Who writes Sage's tables is killed at its steps only: between them a person could not tell either.
            elif process.who != "Sage" and (now >= process.ends_at or worked(child) >= process.lives):
                process.lives, process.ends_at = 60.0, now + 60
                self.ground.say(f"{process.who} is killed")
                os.kill(child, signal.SIGKILL)

    def _gather(self) -> None:
        """Everybody who ended is followed by another; who suspended itself is noted."""
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return
            if not child:
                return
            process = self._running[child]
            if os.WIFSTOPPED(status):
                self.outcome.suspensions += 1
                process.wakes_at = time.monotonic() + self._chance.uniform(0.1, 0.8)
                continue
            del self._running[child]
            if process.who == "Sage":
                self.ground.time.import_ended()
            if os.WIFSIGNALED(status):
                self.outcome.kills += 1
            else:
                code = os.waitstatus_to_exitcode(status)
                self.outcome.violations.append(Violation("P9", f"{process.who} ended by itself with {code}"))
            process.again()

    def _look(self) -> None:
        """All stand still, and what holds at any moment is looked at."""
        awake = [child for child, process in self._running.items() if not process.wakes_at]
        for child in awake:
            os.kill(child, signal.SIGSTOP)
        stopped = {child for child in awake if _stands(child)}
        try:
            books = self.ground.books()
        except (OperationalError, FileNotFoundError):
            # Somebody was stopped inside a commit or a rename; the next look sees more.
            pass
        else:
            self.outcome.violations += properties.broken(books, properties.ALWAYS)
        for child in stopped:
            os.kill(child, signal.SIGCONT)

    def _end(self) -> None:
        for child in list(self._running):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        self.ground.time.import_ended()
        self._running.clear()
        self._leash.let_go()
        self._leash.close()


def worked(child: int) -> float:
    """How many seconds of work a process has done: a busy computer must not make lives shorter."""
    fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _stands(child: int) -> bool:
    """Waits until a process stands still; False when it has ended instead, which is left for the gathering."""
    info = os.waitid(os.P_PID, child, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    if info is None or info.si_code not in (os.CLD_STOPPED, os.CLD_TRAPPED):
        return False
    os.waitid(os.P_PID, child, os.WSTOPPED)
    return True


def come_to_rest(ground: Ground, *, rounds: int = STEPS_TO_REST) -> None:
    """Nothing goes wrong any more: one erpdesk and a person at Sage go on until nothing moves.

    Runs in a process of its own, since it opens the store.
    """
    yard, clock = Yard.open(ground.folder), ground.clock()
    sage = AtSage(ground, yard, random.Random(0), CALM, lambda step: None)
    yard.sage.recover()
    exporter = yard.exporter(timing=TIMING, clock=clock, worker="the last one", kinds=KINDS)
    quiet = 0
    exporter.recover()
    for _ in range(rounds):
        report = exporter.step()
        moved = sage.step() or report.progress
        quiet = 0 if moved else quiet + 1
        if not moved:
            sage.settle_posting()
            ground.time.skip(180)
        if quiet % 4 == 3:
            exporter.recover()
        if quiet > 12 and not any(line.state in properties.MOVING for line in ground.books(30).lines):
            break
        if quiet > 40:
            break
    twice(ground, exporter.recover)
    yard.store.close()


def twice(ground: Ground, recover: Callable[[], object]) -> None:
    """Recovering once more changes nothing (P10); what does is noted."""
    recover()
    before = _print_of(ground.books())
    recover()
    after = _print_of(ground.books())
    if before != after:
        ground.note("twice.txt", "a second recovery changed what the first had left")


def _print_of(books: Books) -> tuple[object, ...]:
    return books.lines, books.sent, len(books.audit), books.evidence, sorted(books.live())


def finish(ground: Ground, outcome: Outcome) -> Outcome:
    """Lets all come to rest in a process of its own, then looks at everything."""
    leash = Leash()
    child = fork(ground, leash, lambda: come_to_rest(ground))
    _, status = os.waitpid(child, 0)
    leash.let_go()
    leash.close()
    if os.waitstatus_to_exitcode(status) != 0:
        outcome.violations.append(Violation("P9", "erpdesk could not come to rest; errors.txt says more"))
    books = ground.books()
    outcome.violations += properties.broken(books, (*properties.AT_REST, *properties.UNTOUCHED))
    outcome.violations += properties.p17_no_secret(books, (CANARY,))
    if (ground.folder / "twice.txt").exists():
        outcome.violations.append(Violation("P10", (ground.folder / "twice.txt").read_text().strip()))
    outcome.items = len(books.lines)
    outcome.states = Counter(line.state for line in books.lines)
    return outcome


def proven(seconds: float, seed: int, kills: int = 0, ground: Ground | None = None) -> tuple[Ground, Outcome]:
    """Kills for so long, and so often, on a new ground, then rest, then every property."""
    warm()
    ground = ground or Ground.build()
    killer = Killer(ground, seed)
    killer.run(seconds, kills)
    return ground, finish(ground, killer.outcome)
