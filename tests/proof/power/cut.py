"""Fault 22, a power cut: the store as it may be found after one, at every write that the real acts make.

The acts of ``acts`` are said again, word by word, through a disk that tells what is written when. For each moment the
files are laid down as they may be after a power cut, and opened by Python's own SQLite module, as the program does.
"""

from __future__ import annotations

import hashlib
import pickle
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from erpdesk.workflows.audit_check import verify
from tests.proof.ground import memory
from tests.proof.power.acts import START, TAPE
from tests.proof.power.disk import Op, Platter, RecordingDisk, keeping
from tests.proof.power.tape import Said, play

ROOT = Path(__file__).parents[3]
FILE = "erpdesk.db"
HOWS = ("nothing", "everything", "by chance")
"""How much of what was not synced is found after the cut."""


@dataclass(frozen=True)
class Recording:
    """What the disk was asked during the acts; ``contents`` holds the store after each commit, the first before any."""

    start: bytes
    ops: tuple[Op, ...]
    contents: tuple[str, ...]
    guards: frozenset[str]

    @property
    def moments(self) -> int:
        """How many moments there are to cut the power at: before each thing that was asked, and after the last."""
        return len(self.ops) + 1


@dataclass
class Result:
    """How many power cuts were tried, at how many moments, and what was found broken, by seed."""

    moments: int = 0
    cuts: int = 0
    broken: list[str] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)


def replay(start: Path, said: Sequence[Said], folder: Path, pragmas: dict[str, str] | None = None) -> Recording:
    """Says everything again on a copy in ``folder``; ``pragmas`` replaces some of the program's own by weaker ones."""
    file = folder / FILE
    shutil.copyfile(start, file)
    disk = RecordingDisk(f"power-{folder.name}")
    contents = [content(file)]

    def around(one: Said, do: Callable[[], object]) -> None:
        if one.sql != "COMMIT":
            do()
            return
        disk.ops.append(Op("committing"))
        do()
        disk.ops.append(Op("committed"))
        contents.append(content(file))

    weaker = [Said(each.connection, (pragmas or {}).get(each.sql, each.sql), each.values) for each in said]
    play(weaker, lambda: apsw.Connection(str(file), vfs=disk.name), around)
    disk.unregister()
    if not verify(file).whole:
        raise AssertionError("the acts themselves left no whole audit trail")
    return Recording(start.read_bytes(), tuple(disk.ops), tuple(contents), guards(file))


def content(file: Path) -> str:
    """Everything that a store holds, as one hash."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(file)) as db:
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
            digest.update(repr([table, *sorted(db.execute(f'SELECT * FROM "{table}"').fetchall(), key=repr)]).encode())
    return digest.hexdigest()


def guards(file: Path) -> frozenset[str]:
    """The names of the triggers that stand in a store."""
    with closing(sqlite3.connect(file)) as db:
        return frozenset(name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"))


def what_is_broken(folder: Path, allowed: Sequence[str], stand: frozenset[str]) -> str:
    """What a person finds who opens the store after the cut; '' when it is as it has to be."""
    file = folder / FILE
    try:
        with closing(sqlite3.connect(file)) as db:
            sound = db.execute("PRAGMA integrity_check").fetchall()
            lost = db.execute("PRAGMA foreign_key_check").fetchall()
        if sound != [("ok",)]:
            return f"damaged: {sound[:3]}"
        if lost:
            return f"records name others that are not there: {lost[:3]}"
        held = content(file)
        if held not in allowed:
            return "lost or half there: what was committed is not what is found"
        if guards(file) != stand:
            return "guards are gone"
        if not verify(file).whole:
            return "the audit trail is not whole"
    except sqlite3.Error as error:
        return f"damaged: {error}"
    return ""


def cuts(recording: Recording, moments: Sequence[int], hows: Sequence[str], seed: int, folder: Path) -> Iterator[str]:
    """Cuts the power at these moments in each of these ways; answers what each left broken, '' for nothing."""
    wanted, platter = set(moments), Platter({FILE: bytearray(recording.start)})
    committing = committed = 0
    for at, op in enumerate((*recording.ops, Op("end"))):
        if at in wanted:
            allowed = recording.contents[committed : committing + 1]
            for how in hows:
                seeded = f"{seed}/{at}/{how}"
                files = platter.after_power_cut(op, keeping(how, random.Random(seeded)))
                found = _open(files, folder, allowed, recording.guards)
                yield f"{found} (seed {seeded}, before {op.what} {op.file})" if found else ""
        platter.do(op)
        committing += op.what == "committing"
        committed += op.what == "committed"


def _open(files: dict[str, bytes], folder: Path, allowed: Sequence[str], stand: frozenset[str]) -> str:
    for old in folder.iterdir():
        old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return what_is_broken(folder, allowed, stand)


def recorded(folder: Path) -> tuple[Path, list[Said]]:
    """The start and the tape, made in a process of its own."""
    subprocess.run([sys.executable, "-m", "tests.proof.power.acts", str(folder)], cwd=ROOT, check=True)
    return folder / START, pickle.loads((folder / TAPE).read_bytes())


def run(seconds: float, seed: int = 0) -> Result:
    """Every moment in each way, then by chance with other seeds for the rest of the time; no store is open here."""
    until, folder, result = time.monotonic() + seconds, memory(), Result()
    work, image = folder / "work", folder / "image"
    work.mkdir()
    image.mkdir()
    try:
        recording = replay(*recorded(folder), work)
        result.moments = recording.moments
        hows: Sequence[str] = HOWS
        while not result.cuts or time.monotonic() < until:
            for found in cuts(recording, range(recording.moments), hows, seed, image):
                result.cuts += 1
                if found:
                    result.broken.append(found)
                if time.monotonic() > until and result.cuts >= recording.moments * len(HOWS):
                    break
            hows, seed = HOWS[-1:], seed + 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result
