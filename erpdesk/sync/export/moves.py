"""A rename that never overwrites, and of which exactly one succeeds for one file: the fence of every delivery (5.5)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from erpdesk.sync.export.disk import DISK, Disk


def move_once(source: Path, target: Path, between: Callable[[], None] = lambda: None, *, disk: Disk = DISK) -> None:
    """Renames without ever overwriting; raises FileExistsError or FileNotFoundError, and then nothing has moved.

    After any other error the file may have moved all the same, as when a share goes away before it answers: only a look
    into the folders tells. A file that another program holds is waited for.
    """
    try:
        whole = disk.patiently(lambda: disk.rename_once(source, target))
    except FileExistsError:
        if not disk.same(source, target):
            raise
        # Two names of one file, left by a system that moves in two halves: end that move.
        disk.unlink(source)
        whole = True
    if not whole:
        _link_and_unlink(source, target, between, disk)
        return
    between()


def _link_and_unlink(source: Path, target: Path, between: Callable[[], None], disk: Disk) -> None:
    """Two halves where there is no such rename; the second half of a move that lost fails, and takes its name back."""
    ours = True
    try:
        disk.link(source, target)
    except FileExistsError:
        # A crash between the two halves of this very move left both names on one file, or another program is between
        # them now, on its way to the same place.
        if not disk.same(source, target):
            raise
        ours = False
    between()
    try:
        disk.unlink(source)
    except FileNotFoundError:
        # Somebody else moved it between the two halves: it is theirs, and so is a name that was there before.
        if ours:
            disk.unlink(target)
        raise
