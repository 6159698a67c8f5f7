"""A disk that tells what is written to it and when, and what it may hold after the power was cut at any moment.

What was synced is there. Of what was written since, anything may be there and anything missing, sector by sector; a
file that was made or deleted may be so or not, until its folder was synced.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512

Keeps = Callable[[], bool]
"""Whether one more sector, or one more change of a folder, reached the disk."""


@dataclass(frozen=True)
class Op:
    """One thing that was asked of the disk: create, write, truncate, sync or delete; or a mark of the player."""

    what: str
    file: str = ""
    offset: int = 0
    data: bytes = b""
    folder: bool = False
    """Whether the folder is synced with it."""


class RecordingDisk(apsw.VFS):
    """SQLite's way to the disk, with every change of a named file written down."""

    def __init__(self, name: str) -> None:
        self.ops: list[Op] = []
        self.name = name
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is None:
            # A scratch file of SQLite, which nobody looks for after a power cut.
            return apsw.VFSFile("", name, flags)
        if not Path(path).exists():
            self.ops.append(Op("create", Path(path).name))
        return _Told(self, name, flags, Path(path).name)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.ops.append(Op("delete", Path(filename).name, folder=bool(syncdir)))
        super().xDelete(filename, syncdir)


class _Told(apsw.VFSFile):
    def __init__(self, disk: RecordingDisk, name: Any, flags: list[int], file: str) -> None:
        super().__init__("", name, flags)
        self._disk, self._file = disk, file

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.ops.append(Op("write", self._file, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self._disk.ops.append(Op("truncate", self._file, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        self._disk.ops.append(Op("sync", self._file))
        super().xSync(flags)


@dataclass
class Platter:
    """What certainly is on the disk, and what was asked since and may be."""

    files: dict[str, bytearray]
    pending: list[Op] = field(default_factory=list)
    new: set[str] = field(default_factory=set)
    """Files that were made and not synced since: their first sync also syncs the folder."""

    def do(self, op: Op) -> None:
        """Carries out one thing whole."""
        if op.what == "create":
            self.new.add(op.file)
        if op.what == "sync":
            if op.file in self.new:
                self._sync_folder()
                self.new.discard(op.file)
            self._settle(lambda each: each.file == op.file)
        elif op.what in ("create", "write", "truncate", "delete"):
            self.pending.append(op)
            if op.folder:
                self._sync_folder()

    def _sync_folder(self) -> None:
        gone = {each.file for each in self.pending if each.what == "delete"}
        # What was written to a file before it was deleted is deleted with it.
        self._settle(lambda each: each.what in ("create", "delete") or each.file in gone)

    def _settle(self, done: Callable[[Op], bool]) -> None:
        _apply(self.files, [each for each in self.pending if done(each)], lambda: True)
        self.pending = [each for each in self.pending if not done(each)]

    def after_power_cut(self, under_way: Op | None, keeps: Keeps) -> dict[str, bytes]:
        """The files as they may be found, when the power was cut while one more thing was asked."""
        files = {name: bytearray(data) for name, data in self.files.items()}
        _apply(files, [*self.pending, *([under_way] if under_way else [])], keeps)
        return {name: bytes(data) for name, data in files.items()}


def _apply(files: dict[str, bytearray], ops: list[Op], keeps: Keeps) -> None:
    stale: set[str] = set()
    for op in ops:
        if op.what == "delete":
            if keeps():
                files.pop(op.file, None)
            elif op.file in files:
                # The old file stands under the name; whatever is written after this goes to another one.
                stale.add(op.file)
        elif op.file in stale:
            continue
        elif op.what == "create":
            if keeps():
                files.setdefault(op.file, bytearray())
        elif op.file in files:
            _change(files[op.file], op, keeps)


def _change(data: bytearray, op: Op, keeps: Keeps) -> None:
    if op.what == "truncate":
        if keeps():
            del data[op.offset :]
        return
    if op.what != "write":
        return
    at, end = op.offset, op.offset + len(op.data)
    while at < end:
        stop = min(end, (at // SECTOR + 1) * SECTOR)
        if keeps():
            data.extend(bytes(max(0, stop - len(data))))
            data[at:stop] = op.data[at - op.offset : stop - op.offset]
        at = stop


def keeping(how: str, chance: random.Random) -> Keeps:
    """How much of the unsynced reaches the disk: nothing, everything, or by chance."""
    if how in ("nothing", "everything"):
        return lambda: how == "everything"
    odds = chance.choice((0.1, 0.5, 0.9))
    return lambda: chance.random() < odds
