"""The faults of section 6, each at a named point of a delivery; afterwards everything must be in order again.

``python -m tests.proof.faults`` reads lines "name<TAB>point" and answers each with a JSON list of what was broken; each
runs in a process that is forked from this one, which has imported everything and opened nothing.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event

from erpdesk.sync.export.exporter import CRASH_POINTS, SIDE_POINTS
from erpdesk.sync.sandbox.programs import post_entries, run_import
from tests.proof.doors import MODES
from tests.proof.ground import CANARY, TIMING, Ground, commitment
from tests.proof.properties import UNTOUCHED, Violation, p17_no_secret
from tests.proof.properties import broken as broken_properties
from tests.proof.site import Site
from tests.proof.workers import Fate, Leash, export, fork, warm
from tests.sync.export.faulty_disk import Fault, ShareGone, WinError, broken, full

TOUCHED = ("10", "15")
"""Faults in which a person takes or edits a file."""

MANY = 10_000
Strike = Callable[[Site, str], None]
Expected = Callable[[Site], Iterator[Violation]]

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
    site.exporter = site.another("other")
    site.exporter.recover()

    def deliver() -> None:
        if sent and (staging / sent[0].file).exists():
            site.struck = True
            (staging / sent[0].file).rename(place)
            site.sage.step()

    site.exporter = site.another("a third")
    site.door.mode, site.door.word, site.door.change = "changes", "COMMITMENT", deliver
    site.exporter.recover()
    site.door.mode = ""
    site.rounds()


def _full(name: str, op: str, glob: str, error: Callable[[], OSError]) -> Strike:
    def strike(site: Site, point: str) -> None:
        site.accept()
        once(site, point, lambda: site.disk.faults.append(Fault(op, glob, error())))
        site.rounds()
        require(site, not {"POSTED", "IN_SAGE"} & _unsafe(site), "something is called done that Sage does not hold")
        site.disk.heal()

    strike.__doc__ = f"{name}: {op} fails on {glob}."
    return strike


def _unsafe(site: Site) -> set[str]:
    books = site.ground.books(30)
    return {line.state for line in books.lines if not books.holding(books.witness[line.id]).times}


for _name, _op, _glob, _point in (
    ("tmp", "write", "*/staging/*", "rendered"),
    ("fsync", "fsync", "*/staging/*", "rendered"),
    ("journal", "write", "*.jsonl", "armed"),
):
    fault(f"5 disk full, {_name}", _point)(_full("disk full", _op, _glob, full))
for _name, _glob, _point in (("file", "*/staging/*", "rendered"), ("journal", "*.jsonl", "armed")):
    fault(f"6 fsync EIO, {_name}", _point)(_full("EIO", "fsync", _glob, broken))


@fault("5 disk full, store", "staged_file")
def full_store(site: Site, point: str) -> None:
    """The store cannot grow any more when the point is met."""
    site.accept()
    engine, tight = site.yard.store.engine, True

    @event.listens_for(engine, "begin")
    def limit(connection: object) -> None:
        raw = connection.connection.driver_connection  # type: ignore[attr-defined]
        pages = raw.execute("PRAGMA page_count").fetchone()[0] if tight else 2**30
        raw.execute(f"PRAGMA max_page_count={pages}")

    tight = False

    def tighten() -> None:
        nonlocal tight
        tight = True

    once(site, point, tighten)
    site.rounds(10)
    tight = False
    require(site, not {"POSTED", "IN_SAGE"} & _unsafe(site), "something is called done that Sage does not hold")


@fault("7 torn staged file", "rendered")
def torn(site: Site, point: str) -> None:
    """Half of the bytes reach the disk, and nobody is told."""
    site.accept()
    once(site, point, lambda: site.disk.faults.append(Fault("write", "*/staging/*", torn=True, times=1)))
    site.rounds()


@fault("8 rename, held for two seconds", "journalled")
def held(site: Site, point: str) -> None:
    """A scanner holds the file for a moment."""
    site.accept()
    once(site, point, lambda: site.disk.faults.append(Fault("rename", "*", WinError(32), times=3)))
    site.rounds()


@fault("8 rename, held for ever", "journalled")
def held_for_ever(site: Site, point: str) -> None:
    """A program never lets go: it is said, and no second copy is made."""
    site.accept()
    once(site, point, lambda: site.disk.faults.append(Fault("rename", "*", WinError(5))))
    site.rounds()
    site.disk.heal()


@fault("9 share gone", "journalled")
def share_gone(site: Site, point: str) -> None:
    """The folder cannot be reached from the point on, for a while."""
    site.accept()
    once(site, point, lambda: site.disk.lose(site.yard.imports))
    site.rounds()
    site.disk.heal()


@fault("9 rename done, error answered", "journalled")
def answer_lost(site: Site, point: str) -> None:
    """The file was moved, and the answer was that it was not."""
    site.accept()
    once(site, point, lambda: site.disk.faults.append(Fault("rename", "*", ShareGone(), after=True, times=1)))
    site.rounds()
    site.disk.heal()


def _by_hand(act: Callable[[Path, Site], None]) -> Strike:
    def strike(site: Site, point: str) -> None:
        site.accept()
        file = site.yard.imports / "commitments.jcc"

        def do() -> None:
            with suppress(FileNotFoundError):
                act(file, site)

        once(site, point, do)
        site.rounds(8)

    return strike


def _edit(file: Path, site: Site) -> None:
    data = file.read_bytes()
    file.write_bytes(data.replace(b"Work", b"Wory", 1))


def _copy(file: Path, site: Site) -> None:
    site.ground.note("copied.txt", "")
    (file.parent / "copy of commitments.jcc").write_bytes(file.read_bytes())


for _what, _act in (
    ("deletes", lambda file, site: file.unlink()),
    ("edits", _edit),
    ("renames", lambda file, site: file.rename(file.with_name("mine.jcc"))),
    ("copies", _copy),
):
    fault(f"10 a person {_what} the file", "delivered")(_by_hand(_act))


@fault("11 a person imports it twice", "sage:printed")
def twice(site: Site, point: str) -> None:
    """Sage adds a budget each time: the alarm is there with the next read."""
    (item,) = site.accept(0, 1)
    file, kept = site.yard.imports / "estimates.jce", site.ground.folder / "kept.jce"
    once(site, "delivered", lambda: kept.write_bytes(file.read_bytes()))
    site.rounds(12)
    require(site, site.states() == ["POSTED"], "the first import was not taken in")
    run_import(site.yard.sage, "import_estimates", file=kept)
    post_entries(site.yard.sage)
    (site.yard.imports / "estimates.prn").unlink()
    site.exporter.recover()
    require(site, site.yard.state(item).value == "DUPLICATE_ALARM", "the second one was not seen")


@fault("12 Sage takes some of a file", "rendered")
def some(site: Site, point: str) -> None:
    """One record is rejected, the others go in: each item says its own."""
    site.accept(3, 0)
    site.struck = True
    site.yard.sage.set_faults(reject_next="vendor insurance has expired.")
    site.exporter.recover()
    site.exporter.step()
    run_import(site.yard.sage, "import_commitments")
    site.sage = site.person()
    site.rounds(8)
    require(site, sorted(site.states()) == ["POSTED", "POSTED", "SAGE_REJECTED"], "the states are not the records'")


@fault("13 no journal", "sage:printed")
def no_journal(site: Site, point: str) -> None:
    """The import went in, and its journal is missing."""
    site.accept()
    once(site, point, lambda: (site.yard.imports / "commitments.prn").unlink(missing_ok=True))
    site.rounds()


@fault("13 garbled journal", "sage:printed")
def garbled(site: Site, point: str) -> None:
    """The import went in, and its journal cannot be read."""
    site.accept()
    once(site, point, lambda: (site.yard.imports / "commitments.prn").write_bytes(b"\x00\x12page 3\r\n"))
    site.rounds()


@fault("14 accepted, never shown", "sage:printed")
def never_shown(site: Site, point: str) -> None:
    """The journal says accepted, and Sage never shows it."""
    site.accept(1, 0)

    def lose() -> None:
        for table in ("JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"):
            site.yard.alter(f"DELETE FROM {table}")

    once(site, point, lose)
    site.rounds(10)
    require(site, site.states() == ["IN_DOUBT"], "it is not in doubt")


@fault("15 recovery while an import runs", "sage:read")
def import_runs(site: Site, point: str) -> None:
    """Sage has read the file and entered nothing yet: nobody may conclude that it is not there."""
    site.accept()
    imports = site.yard.imports

    def look() -> None:
        # A person even takes the file away meanwhile, and erpdesk looks for as long as an import may take.
        for name in ("commitments.jcc", "estimates.jce"):
            with suppress(FileNotFoundError):
                os.rename(imports / name, imports / f"{name}.aside")
        after = site.another("after a start")
        after.recover()
        for _ in range(4):
            site.hands.move(minutes=2)
            after.step()
        require(site, not {"SAGE_REJECTED", "REFUSED"} & set(site.states()), "absence was concluded")
        require(site, "INTENT" not in {line.state for line in site.lines() if line.attempt}, "it is sent once more")

    once(site, point, look)
    site.rounds()


def _odbc(mode: str) -> Strike:
    def strike(site: Site, point: str) -> None:
        site.accept()
        numbers = iter(range(1, 1000))

        def change() -> None:
            site.yard.alter("UPDATE APM_MASTER__VENDOR SET Name = ? WHERE Vendor = 'DOORPRO'", f"Door {next(numbers)}")

        site.door.change = change

        def begin() -> None:
            site.door.mode = mode

        once(site, point, begin)
        site.rounds(4 if mode == "hangs" else 8)
        site.door.mode = ""
        site.struck = site.struck and site.door.struck > 0
        require(site, not {"POSTED", "IN_SAGE"} & _unsafe(site), "something is called done that Sage does not hold")

    return strike


for _mode in MODES:
    number = 17 if _mode == "changes" else 16
    fault(f"{number} ODBC {_mode}", "delivered")(_odbc(_mode))


def _clock(apart: timedelta) -> Strike:
    def strike(site: Site, point: str) -> None:
        site.accept()
        once(site, point, lambda: site.hands.set(seconds=apart.total_seconds()))
        site.rounds(8)

    return strike


for _words, _apart in (
    ("a day ahead", timedelta(days=1)),
    ("a day back", timedelta(days=-1)),
    ("an hour back", timedelta(hours=-1)),
):
    fault(f"21 clock {_words}", "armed")(_clock(_apart))


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


@fault("25 10,000 pending", "rendered")
def many(site: Site, point: str) -> None:
    """Ten thousand wait: files of many go out one after the other, and nobody waits for ever."""
    chance = random.Random(5)
    once(site, point, lambda: None)
    site.ground.accept_many(site.yard, [commitment(number, chance) for number in range(1_000, 1_000 + MANY)])
    site.rounds(3)
    books = site.ground.books(30)
    gone = [line for line in books.lines if line.state != "INTENT"]
    require(site, len(gone) >= 2 * TIMING.most, f"only {len(gone)} are on their way after three rounds")


def strike(name: str, point: str, ground: Ground) -> list[Violation]:
    """One fault at one point on its own ground, in this process; then rest, and every property."""
    site = Site.open(ground)
    site.yard.alter("UPDATE APM_MASTER__VENDOR SET Address_1 = ?", CANARY)
    try:
        STRIKES[name](site, point)
    except AssertionError as error:
        return [Violation("expected", str(error))]
    found = site.always()
    if not site.struck and point == WORST[name]:
        found.append(Violation("expected", f"the fault never struck at {point}"))
    found += site.rest()
    if name.split()[0] not in TOUCHED:
        found += broken_properties(site.ground.books(30), UNTOUCHED)
    if name.startswith("11"):
        # The second one is a person's; that it is in alarm was asked for above.
        found = [each for each in found if each.property not in ("P1", "P7")]
    found += p17_no_secret(ground.books(30), (CANARY,))
    site.close()
    return found


def run(name: str, point: str, prepared: Ground) -> list[Violation]:
    """The same in a process of its own; the ground is kept when something was found."""
    ground, leash = prepared.copy(), Leash()
    told = ground.folder / "found.json"

    def work() -> None:
        told.write_text(json.dumps([vars(each) for each in strike(name, point, ground)]))

    child = fork(ground, leash, work)
    _, status = os.waitpid(child, 0)
    leash.let_go()
    leash.close()
    if os.waitstatus_to_exitcode(status) != 0:
        errors = ground.folder / "errors.txt"
        return [Violation("broken", errors.read_text()[-2000:] if errors.exists() else f"ended with {status}")]
    found = [Violation(**each) for each in json.loads(told.read_text())]
    if found:
        found.append(Violation("kept", str(ground.folder)))
    else:
        ground.remove()
    return found


def points_of(name: str) -> tuple[str, ...]:
    """The points at which a fault is tried in the full matrix; some faults are of one point only."""
    one = ("11", "12", "13", "14", "15", "25")
    if name.split()[0] in one:
        return (WORST[name],)
    if name.startswith("10"):
        return ("delivered_file", "delivered", "evidence")
    every = (*CRASH_POINTS, *SIDE_POINTS)
    return tuple(point for point in every if name[0] != "3" or point in ("armed", "journalled", "delivered_file"))


def matrix(until: float) -> Iterator[tuple[str, str, list[Violation]]]:
    """Every fault at every point that it can strike at, while there is time; what each broke."""
    warm()
    prepared = Ground.build()
    for name in STRIKES:
        for point in points_of(name):
            if time.monotonic() > until:
                return
            yield name, point, run(name, point, prepared)
    prepared.remove()


def main() -> None:
    """Answers orders until there are none."""
    warm()
    prepared = Ground.build()
    for line in sys.stdin:
        name, point = line.rstrip("\n").split("\t")
        print(json.dumps([str(each) for each in run(name, point, prepared)]), flush=True)
    prepared.remove()


if __name__ == "__main__":
    main()

_ = (sqlite3, Expected)
