"""The faults of disks, drives and people who touch files in the mailbox."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import event

from tests.proof.site import Site
from tests.proof.strikes import Strike, fault, once, require, unsafe
from tests.sync.export.faulty_disk import Fault, ShareGone, WinError, broken, full


def _full(name: str, op: str, glob: str, error: Callable[[], OSError]) -> Strike:
    def strike(site: Site, point: str) -> None:
        site.accept()
        once(site, point, lambda: site.disk.faults.append(Fault(op, glob, error())))
        site.rounds()
        require(site, not {"POSTED", "IN_SAGE"} & unsafe(site), "something is called done that Sage does not hold")
        site.disk.heal()

    strike.__doc__ = f"{name}: {op} fails on {glob}."
    return strike


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
    engine, tight = site.yard.store.engine, False

    @event.listens_for(engine, "begin")
    def limit(connection: object) -> None:
        raw = connection.connection.driver_connection  # type: ignore[attr-defined]
        pages = raw.execute("PRAGMA page_count").fetchone()[0] if tight else 2**30
        raw.execute(f"PRAGMA max_page_count={pages}")

    def tighten() -> None:
        nonlocal tight
        tight = True

    once(site, point, tighten)
    site.rounds(10)
    tight = False
    require(site, not {"POSTED", "IN_SAGE"} & unsafe(site), "something is called done that Sage does not hold")


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
