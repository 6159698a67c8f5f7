"""The faults of section 6: how one joins, and those in which programs die, sleep or meet; each strikes at a point."""

from __future__ import annotations

import os
import random
import signal
import traceback
from collections.abc import Callable

from tests.proof.ground import TIMING, Ground, commitment
from tests.proof.site import Site
from tests.proof.workers import Fate, Leash, export, fork

MANY, MOST = 10_000, "25 10,000 pending"
Strike = Callable[[Site, str], None]

STRIKES: dict[str, Strike] = {}
"""Every fault by its number and name."""

WORST: dict[str, str] = {}
"""The point at which each does most harm."""


def fault(name: str, worst: str) -> Callable[[Strike], Strike]:
    """A fault joins by this: its number and name, and its worst point."""

    def join(strike: Strike) -> Strike:
        STRIKES[name], WORST[name] = strike, worst
        return strike

    return join


def once(site: Site, point: str, act: Callable[[], object]) -> None:
    """Lets something happen the first time that a point is met."""

    def at(met: str) -> None:
        if met == point and not site.struck:
            site.struck = True
            act()

    site.on_point = at


def require(site: Site, holds: bool, sentence: str) -> None:
    """Something that this fault must lead to."""
    if not holds:
        told = "; ".join(f"{line.key} {line.state}: {line.message}" for line in site.lines())
        raise AssertionError(f"{sentence} ({told})")


def in_processes(site: Site, *fates: Fate) -> list[int]:
    """Workers that meet their fates one after the other, on this ground; the codes with which they ended."""
    codes = []
    for fate in fates:
        leash = Leash()
        child = fork(site.ground, leash, lambda fate=fate, leash=leash: _until_quiet(site.ground, leash, fate))  # type: ignore[misc]
        _, status = os.waitpid(child, 0)
        leash.let_go()
        leash.close()
        codes.append(os.waitstatus_to_exitcode(status))
    return codes


def _until_quiet(ground: Ground, leash: Leash, fate: Fate) -> None:
    """A worker and its Sage in one process, on the clock's own time, until nothing moves."""
    meets = fate.fate()

    def at(point: str) -> None:
        if met := meets(point) or meets("any"):
            os.kill(os.getpid(), met)

    site = Site.open(ground)
    site.on_point = at
    site.exporter.recover()
    for _ in range(14):
        site.round()


def unsafe(site: Site) -> set[str]:
    """The states of the items of which Sage holds nothing."""
    books = site.ground.books(30)
    return {line.state for line in books.lines if not books.holding(books.witness[line.id]).times}


@fault("1 kill -9", "linked")
def killed(site: Site, point: str) -> None:
    """kill -9 at the point."""
    site.accept()
    site.struck = in_processes(site, Fate(point)) == [-signal.SIGKILL]


@fault("2 kill -9 in recovery", "delivered_file")
def killed_again(site: Site, point: str) -> None:
    """kill -9 at the point, then three times at the first point that the next start comes to."""
    site.accept()
    codes = in_processes(site, Fate(point), Fate("any"), Fate("any"), Fate("any"))
    site.struck = codes == [-signal.SIGKILL] * 4


@fault("3 suspended past the lease", "journalled")
def suspended(site: Site, point: str) -> None:
    """A worker sleeps between its mark and its rename; another takes over, Sage imports; then the first wakes up."""
    site.accept()
    leash = Leash()
    fate = Fate(point, 1, signal.SIGSTOP)
    child = fork(site.ground, leash, lambda: export(site.ground, leash, "sleeper", fate))
    _, status = os.waitpid(child, os.WUNTRACED)
    site.struck = os.WIFSTOPPED(status)
    if not site.struck:
        leash.let_go()
        return
    site.exporter = site.another("other")
    site.rounds(14)
    os.kill(child, signal.SIGCONT)
    leash.let_go()
    _, status = os.waitpid(child, 0)
    leash.close()
    require(site, os.waitstatus_to_exitcode(status) == 0, "who woke up late broke")


@fault("4 two programs on one store", "checked")
def two_programs(site: Site, point: str) -> None:
    """Another erpdesk does a round whenever the first comes to the point; it never waits for it."""
    site.accept()
    other = site.another("other", at=lambda met: None)
    busy = False

    def at(met: str) -> None:
        nonlocal busy
        if met == point and not busy and met != "journalled_once":
            busy = site.struck = True
            (other.step if other.recovered else other.recover)()
            busy = False

    site.on_point = at
    site.rounds(10)


@fault("4 delivered by another between two looks", "journalled")
def between(site: Site, point: str) -> None:
    """Where the file is was looked at, and before Sage is read another program delivers it, and Sage imports it."""
    site.accept(2, 0)
    in_processes(site, Fate(point))
    sent = [each for each in site.ground.books(30).sent if each.armed]
    staging, place = site.yard.imports / "staging", site.yard.imports / "commitments.jcc"

    def deliver() -> None:
        if sent and (staging / sent[0].file).exists():
            site.struck = True
            (staging / sent[0].file).rename(place)
            site.sage.step()

    site.exporter = site.another("other")
    site.door.mode, site.door.word, site.door.change = "changes", "COMMITMENT", deliver
    site.exporter.recover()
    site.door.mode = ""
    site.rounds()


@fault("25 poison item", "rendered")
def poison(site: Site, point: str) -> None:
    """One item kills erpdesk each time that its file is written: after three times the others go on without it."""
    items = site.accept(3, 0)
    site.struck = True
    for _ in range(12):
        leash = Leash()
        child = fork(site.ground, leash, lambda: _poisoned(site.ground, items[1]))
        _, status = os.waitpid(child, 0)
        leash.let_go()
        leash.close()
        if os.waitstatus_to_exitcode(status) == 0:
            break
    states = [site.yard.state(item).value for item in items]
    require(site, (states[0], states[2]) == ("POSTED", "POSTED"), "the queue did not go on")
    require(site, states[1] == "REFUSED", "the poison was not put aside")


def _poisoned(ground: Ground, item: str) -> None:
    site = Site.open(ground)
    document = site.exporter.document

    def of(each: object) -> object:
        # What makes the document dies with it, as a renderer does that the system ends for want of memory.
        if each.id == item and _writes():  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGKILL)
        return document(each)  # type: ignore[arg-type]

    site.exporter.document = of  # type: ignore[method-assign,assignment]
    site.rounds(10)


def _writes() -> bool:
    """Whether a file is being written at this moment."""
    return any("_staged" in frame.name or "_write" in frame.name for frame in traceback.extract_stack())


@fault(MOST, "rendered")
def many(site: Site, point: str) -> None:
    """Ten thousand wait: files of many go out one after the other, and nobody waits for ever."""
    chance = random.Random(5)
    once(site, point, lambda: None)
    site.ground.accept_many(site.yard, [commitment(number, chance) for number in range(1_000, 1_000 + MANY)])
    site.rounds(3)
    books = site.ground.books(30)
    gone = [line for line in books.lines if line.state != "INTENT"]
    require(site, len(gone) >= 2 * TIMING.most, f"only {len(gone)} are on their way after three rounds")
