"""A lock between programs: one of them at a time, also across computers where the folder's drive knows locks."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from erpdesk.sync.export.disk import DISK, Disk

_TRIES = 50
_PAUSE = 0.1
_HELD = frozenset((errno.EACCES, errno.EAGAIN, errno.EDEADLK))

if sys.platform == "win32":
    import msvcrt

    def _take(file: io.FileIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _give(file: io.FileIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: io.FileIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give(file: io.FileIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)


@contextmanager
def alone(path: Path, disk: Disk = DISK) -> Iterator[None]:
    """Holds the lock file while the block runs; a lock dies with its program.

    Waits about five seconds for another program, then raises TimeoutError; a drive without locks is not locked.
    """
    disk.mkdir(path.parent)
    with disk.open(path, "ab") as file:
        taken = _wait(file, path, disk)
        try:
            yield
        finally:
            if taken:
                _give(file)


def _wait(file: io.FileIO, path: Path, disk: Disk) -> bool:
    for _ in range(_TRIES):
        try:
            _take(file)
        except OSError as error:
            if error.errno not in _HELD:
                return False
            disk.pause(_PAUSE)
        else:
            return True
    raise TimeoutError(errno.EBUSY, "another program writes the export journal", str(path))
