"""A rename that never overwrites, and of which exactly one succeeds for one file: the fence of every delivery (5.5)."""

from __future__ import annotations

import ctypes
import errno
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

PASSING = frozenset({5, 32, 33})
"""Windows errors that pass: scanners and indexers open new files for a moment (access denied, sharing, lock)."""

_WINDOWS = os.name == "nt"
_TRIES = 8
_HERE = -100  # AT_FDCWD: paths are as they stand
_KEEP_TARGET = 1  # RENAME_NOREPLACE
# What a file system answers that cannot rename without overwriting.
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})


def move_once(source: Path, target: Path, between: Callable[[], None] = lambda: None) -> None:
    """Renames without ever overwriting; raises FileExistsError or FileNotFoundError, and then nothing has moved."""
    if _WINDOWS:
        _rename_patiently(source, target)
    elif not _rename_exclusively(source, target):
        _link_and_unlink(source, target, between)
        return
    between()


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder durable, where the system has that."""
    if _WINDOWS:
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _rename_patiently(source: Path, target: Path) -> None:
    for attempt in range(_TRIES):
        try:
            os.rename(source, target)
            return
        except OSError as error:
            if getattr(error, "winerror", 0) not in PASSING or attempt == _TRIES - 1:
                raise
            time.sleep(0.02 * 2**attempt)


@cache
def _renameat2() -> Callable[..., int] | None:
    try:
        call: Callable[..., int] = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    return call


def _rename_exclusively(source: Path, target: Path) -> bool:
    """Linux' own rename without overwriting; False when this system or this disk does not have it."""
    call = _renameat2()
    if call is None:
        return False
    if call(_HERE, os.fsencode(source), _HERE, os.fsencode(target), _KEEP_TARGET) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    if code == errno.EEXIST and source.exists() and source.samefile(target):
        # Two names of one file, left by a system that moves in two halves: end that move.
        source.unlink()
        return True
    raise OSError(code, os.strerror(code), str(source), None, str(target))


def _link_and_unlink(source: Path, target: Path, between: Callable[[], None]) -> None:
    """Two halves where there is no such rename; the second half of a move that lost fails, and takes its name back."""
    ours = True
    try:
        os.link(source, target)
    except FileExistsError:
        # A crash between the two halves of this very move left both names on one file, or another program is between
        # them now, on its way to the same place.
        if not source.samefile(target):
            raise
        ours = False
    between()
    try:
        source.unlink()
    except FileNotFoundError:
        # Somebody else moved it between the two halves: it is theirs, and so is a name that was there before.
        if ours:
            target.unlink()
        raise
