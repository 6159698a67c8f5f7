"""A lock between programs: one of them at a time, also across computers where the folder's drive knows locks."""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_TRIES = 50
_PAUSE = 0.1
_HELD = frozenset((errno.EACCES, errno.EAGAIN, errno.EDEADLK))

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _give(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Holds the lock file while the block runs; a lock dies with its program.

    Waits about five seconds for another program, then raises TimeoutError; a drive without locks is not locked.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        taken = _wait(file, path)
        try:
            yield
        finally:
            if taken:
                _give(file)


def _wait(file: IO[bytes], path: Path) -> bool:
    for _ in range(_TRIES):
        try:
            _take(file)
        except OSError as error:
            if error.errno not in _HELD:
                return False
            time.sleep(_PAUSE)
        else:
            return True
    raise TimeoutError(errno.EBUSY, "another program writes the export journal", str(path))
