"""A disk that fails where a test says: full, torn, held by a scanner, out of reach, or lying about what it did."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from erpdesk.sync.export.disk import Disk

OPS = ("open", "write", "fsync", "read", "rename", "link", "unlink", "replace", "list", "stat", "mkdir", "chmod")
"""What can fail. ``fsync`` is that of a file and that of a folder; ``open`` also that of a lock file."""


T = TypeVar("T")


class WinError(PermissionError):
    """What Windows says while another program holds a file: 5 (access denied), 32 (sharing), 33 (locked)."""

    def __init__(self, code: int) -> None:
        super().__init__(errno.EACCES, "The process cannot access the file because it is being used by another process")
        self.winerror = code


class ShareGone(FileNotFoundError):
    """What a drive answers that lost its share: the same as for a file that is not there (WinError 53)."""

    def __init__(self) -> None:
        super().__init__(errno.ENOENT, "The network path was not found")
        self.winerror = 53


def full() -> OSError:
    """The disk is full."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def broken() -> OSError:
    """The disk cannot write what it took."""
    return OSError(errno.EIO, os.strerror(errno.EIO))


@dataclass
class Fault:
    """One thing that goes wrong: ``Fault("rename", "*/staging/*", WinError(32), times=3)``.

    ``op`` is one of ``OPS`` or "*" for each of them. ``path_glob`` is matched against the whole path, with forward
    slashes; of a rename, link or replace either path may match. ``error`` is raised, at the next ``times`` (None = for
    ever) deeds that match, after ``skip`` that are let through. ``after``: it is done first, and then the error raised:
    the answer was lost. ``torn``: only of ``write``; half of the bytes reach the disk and nobody is told. A ``write``
    with an error leaves half of the bytes as well. ``slow`` seconds pass on the disk's clock before it is done.
    """

    op: str
    path_glob: str = "*"
    error: OSError | None = None
    times: int | None = None
    skip: int = 0
    after: bool = False
    torn: bool = False
    slow: float = 0.0

    def __post_init__(self) -> None:
        if self.op != "*" and self.op not in OPS:
            raise ValueError(f"no such deed: {self.op}")

    def strikes(self, op: str, paths: tuple[Path, ...]) -> bool:
        """Whether it happens now; counts."""
        named = any(fnmatchcase(path.as_posix(), self.path_glob) for path in paths)
        if self.op not in (op, "*") or not named or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class FaultyDisk(Disk):
    """The real disk with faults: ``FaultyDisk([Fault(op, path_glob, error, times=...)])``; hand it in as ``disk=``.

    ``faults`` may be changed at any time, also from the ``at`` hook of a named point; of several that match the first
    happens. ``pause`` is called with the seconds of each wait (by default nobody waits; ``waited`` has them all).
    ``halves``: a disk that cannot rename without overwriting, so that a move is a link and an unlink. ``done`` has each
    deed that was tried, in order, with the name of its (first) file. Not a fault, but told by it: ``volumes``, the
    volume number of a folder by its name.
    """

    def __init__(
        self,
        faults: Iterable[Fault] = (),
        *,
        pause: Callable[[float], None] = lambda seconds: None,
        halves: bool = False,
        volumes: dict[str, int] | None = None,
    ) -> None:
        super().__init__(self._pass)
        self.faults = list(faults)
        self.waited: list[float] = []
        self.done: list[tuple[str, str]] = []
        self._on_pause = pause
        self._halves = halves
        self._volumes = volumes or {}

    def lose(self, folder: Path, error: OSError | None = None) -> None:
        """From now on nothing in or below a folder, nor the folder itself, can be reached."""
        for glob in (folder.as_posix(), f"{folder.as_posix()}/*"):
            self.faults.append(Fault("*", glob, error or ShareGone()))

    def heal(self) -> None:
        """No fault any more."""
        self.faults.clear()

    def _pass(self, seconds: float) -> None:
        self.waited.append(seconds)
        self._on_pause(seconds)

    def _next(self, op: str, *paths: Path) -> Fault | None:
        self.done.append((op, paths[0].name))
        fault = next((each for each in self.faults if each.strikes(op, paths)), None)
        if fault is not None and fault.slow:
            self._pass(fault.slow)
        return fault

    def _do(self, op: str, act: Callable[[], T], *paths: Path) -> T:
        fault = self._next(op, *paths)
        error = fault.error if fault else None
        if error and fault and not fault.after:
            raise error
        result = act()
        if error:
            if isinstance(result, io.FileIO):
                result.close()
            raise error
        return result

    def open(self, path: Path, mode: str) -> io.FileIO:
        return self._do("open", lambda: Disk.open(self, path, mode), path)

    def read(self, path: Path, most: int = -1) -> bytes:
        return self._do("read", lambda: Disk.read(self, path, most), path)

    def sha_of(self, path: Path) -> str:
        return self._do("read", lambda: Disk.sha_of(self, path), path)

    def rename_once(self, source: Path, target: Path) -> bool:
        return self._do("rename", lambda: not self._halves and Disk.rename_once(self, source, target), source, target)

    def link(self, source: Path, target: Path) -> None:
        self._do("link", lambda: Disk.link(self, source, target), source, target)

    def unlink(self, path: Path) -> None:
        self._do("unlink", lambda: Disk.unlink(self, path), path)

    def sync_folder(self, folder: Path) -> None:
        self._do("fsync", lambda: Disk.sync_folder(self, folder), folder)

    def mkdir(self, folder: Path) -> None:
        self._do("mkdir", lambda: Disk.mkdir(self, folder), folder)

    def make_read_only(self, path: Path) -> None:
        self._do("chmod", lambda: Disk.make_read_only(self, path), path)

    def listing(self, folder: Path) -> tuple[str, ...]:
        return self._do("list", lambda: Disk.listing(self, folder), folder)

    def volume(self, path: Path) -> int:
        return self._volumes.get(path.name, super().volume(path))

    def _write(self, file: io.FileIO, data: bytes) -> None:
        fault = self._next("write", _path(file))
        half = fault is not None and (fault.torn or (fault.error is not None and not fault.after))
        super()._write(file, data[: len(data) // 2] if half else data)
        if fault and fault.error:
            raise fault.error

    def _flush(self, file: io.FileIO) -> None:
        self._do("fsync", lambda: Disk._flush(self, file), _path(file))

    def _replace(self, source: Path, target: Path) -> None:
        self._do("replace", lambda: Disk._replace(self, source, target), source, target)

    def _stat(self, path: Path, *, follow: bool = True) -> os.stat_result:
        return self._do("stat", lambda: Disk._stat(self, path, follow=follow), path)


def tear(path: Path) -> None:
    """A power cut left half of a file on disk."""
    os.truncate(path, path.stat().st_size // 2)


def _path(file: io.FileIO) -> Path:
    return Path(os.fsdecode(file.name))
