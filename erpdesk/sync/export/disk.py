"""Everything that the mailbox and the export journal do to a disk, one deed a method, so that a test can make it fail.

Raises OSError as the system does. A file that could not be flushed counts as not written: its descriptor is closed and
never tried again, and the next try writes a new file. Only plain files are read and protected: no link is followed, and
no pipe is waited for.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import io
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

from erpdesk.core.clock import CLOCK
from erpdesk.models.base import new_id

PASSING = frozenset({5, 32, 33})
"""Windows errors that pass: scanners and indexers open new files for a moment (access denied, sharing, lock)."""

PAUSES = tuple(0.02 * 2**attempt for attempt in range(7))
"""Seconds between the tries at something that another program holds; two and a half in all."""

_WINDOWS = os.name == "nt"
_HERE = -100  # AT_FDCWD: paths are as they stand
_KEEP_TARGET = 1  # RENAME_NOREPLACE
# What a file system answers that cannot rename without overwriting.
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})
_JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT
_REPARSE = 0x400  # FILE_ATTRIBUTE_REPARSE_POINT
# The bit of a tag by which a name stands for another one; deduplicated and synchronized files are without it.
_SURROGATE = 0x20000000
# Where the system has them: a name that became a link or a pipe between look and open is not followed or waited for.
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_PLAINLY = _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0)
_WORDS = {stat.S_IFREG: "", stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe"}

T = TypeVar("T")


def _sleep(seconds: float) -> None:
    time.sleep(CLOCK.wait_seconds(seconds))


class NotPlain(OSError):
    """Something else than a plain file stands under a name; ``what`` says what, as "a folder"."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(errno.EINVAL, f"{path.name} is {what}", str(path))
        self.what = what


class Disk:
    """The files of an export. ``pause`` waits a number of seconds for another program to let go of a file."""

    def __init__(self, pause: Callable[[float], None] = _sleep) -> None:
        self.pause = pause

    def write_new(self, path: Path, data: bytes) -> None:
        """Writes a new file, whole and on disk; what an error leaves of it is taken away."""
        with self.open(path, "xb") as file:
            try:
                self._write(file, data)
                self._flush(file)
            except BaseException:
                file.close()
                with suppress(OSError):
                    self.unlink(path)
                raise

    def append(self, path: Path, data: bytes) -> None:
        """Adds to a file, whole and on disk; an error takes back what was added, as far as the disk lets it."""
        with self.open(path, "ab") as file:
            before = os.fstat(file.fileno()).st_size
            try:
                self._write(file, data)
                self._flush(file)
            except BaseException:
                with suppress(OSError):
                    os.ftruncate(file.fileno(), before)
                raise
        if not before:
            self.sync_folder(path.parent)

    def cut(self, path: Path, size: int) -> None:
        """Takes away what a file holds beyond a size in bytes, on disk."""
        with self.open(path, "r+b") as file:
            os.ftruncate(file.fileno(), size)
            self._flush(file)

    def replace(self, path: Path, data: bytes) -> None:
        """Writes a file anew under its name, whole and on disk or not at all; nothing of an older one is kept."""
        half = path.with_name(f".{path.name}.{new_id()}.tmp")
        self.write_new(half, data)
        try:
            self.patiently(lambda: self._replace(half, path))
        except BaseException:
            with suppress(OSError):
                self.unlink(half)
            raise
        self.sync_folder(path.parent)

    def read(self, path: Path, most: int = -1) -> bytes:
        """What a plain file holds, at most so many bytes of it."""
        self.must_be_plain(path)
        with self.open(path, "rb") as file:
            if most < 0:
                return file.readall()
            with io.BufferedReader(file) as reader:
                return reader.read(most)

    def sha_of(self, path: Path) -> str:
        """The sha256 of a plain file; '' when it is not there."""
        self.must_be_plain(path)
        try:
            with self.open(path, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return ""

    def rename_once(self, source: Path, target: Path) -> bool:
        """One try at renaming without overwriting; False when this disk cannot do that in one go, and nothing moved.

        Raises FileExistsError or FileNotFoundError; of several programs that move one file one at most succeeds.
        """
        if _WINDOWS:
            os.rename(source, target)
            return True
        call = _renameat2()
        if call is None:
            return False
        if call(_HERE, os.fsencode(source), _HERE, os.fsencode(target), _KEEP_TARGET) == 0:
            return True
        code = ctypes.get_errno()
        if code in _CANNOT:
            return False
        raise OSError(code, os.strerror(code), str(source), None, str(target))

    def patiently(self, act: Callable[[], T]) -> T:
        """Tries again for about two seconds while another program holds the file; then the error comes through."""
        for pause in PAUSES:
            try:
                return act()
            except OSError as error:
                if getattr(error, "winerror", 0) not in PASSING:
                    raise
            self.pause(pause)
        return act()

    def link(self, source: Path, target: Path) -> None:
        """Gives a file a second name; raises FileExistsError when it is taken."""
        os.link(source, target)

    def unlink(self, path: Path) -> None:
        """Takes a name away."""
        path.unlink()

    def sync_folder(self, folder: Path) -> None:
        """Makes renames in a folder durable, where the system has that."""
        if _WINDOWS:
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def mkdir(self, folder: Path) -> None:
        """Makes a folder and those above it, unless it is there."""
        folder.mkdir(parents=True, exist_ok=True)

    def make_read_only(self, path: Path) -> None:
        """Protects a plain file from being changed by mistake; what a link leads to stays as it is."""
        self.must_be_plain(path)
        if not _NO_FOLLOW:
            path.chmod(0o444)
            return
        handle = os.open(path, os.O_RDONLY | _PLAINLY)
        try:
            os.fchmod(handle, 0o444)
        finally:
            os.close(handle)

    def listing(self, folder: Path) -> tuple[str, ...]:
        """The names in a folder, sorted; raises FileNotFoundError when it is not there."""
        return tuple(sorted(os.listdir(folder)))

    def lists(self, path: Path) -> bool:
        """Whether its folder lists a file, in one look that fails when the folder is out of reach."""
        wanted = os.path.normcase(path.name)
        return any(os.path.normcase(name) == wanted for name in self.listing(path.parent))

    def exists(self, path: Path) -> bool:
        """Whether something stands there; raises FileNotFoundError when its folder is not there either.

        A share that is gone shows nothing, which must not be taken for a file that is gone.
        """
        try:
            self._stat(path)
        except FileNotFoundError:
            self._stat(path.parent)
            return False
        return True

    def is_dir(self, path: Path) -> bool:
        """Whether a folder stands there."""
        try:
            return stat.S_ISDIR(self._stat(path).st_mode)
        except FileNotFoundError:
            return False

    def is_link(self, path: Path) -> bool:
        """Whether a name leads elsewhere: a symbolic link, or a junction of Windows."""
        try:
            found = self._stat(path, follow=False)
        except FileNotFoundError:
            return False
        return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == _JUNCTION

    def must_be_plain(self, path: Path) -> None:
        """Raises NotPlain when a folder, a link, a pipe or the like stands there; opens nothing."""
        try:
            found = self._stat(path, follow=False)
        except FileNotFoundError:
            return
        what = _WORDS.get(stat.S_IFMT(found.st_mode), "no plain file")
        attributes, tag = getattr(found, "st_file_attributes", 0), getattr(found, "st_reparse_tag", _SURROGATE)
        if attributes & _REPARSE and tag & _SURROGATE:
            what = "a link"
        if what:
            raise NotPlain(path, what)

    def volume(self, path: Path) -> int:
        """The number of the volume on which a file or folder lies."""
        return self._stat(path).st_dev

    def same(self, one: Path, other: Path) -> bool:
        """Whether two names belong to one file, links apart; raises FileNotFoundError when one is not there."""
        return os.path.samestat(self._stat(one, follow=False), self._stat(other, follow=False))

    def names(self, path: Path) -> int:
        """How many names a file has."""
        return self._stat(path).st_nlink

    def size(self, path: Path) -> int:
        """The size of a file in bytes; -1 when it is not there."""
        try:
            return self._stat(path).st_size
        except FileNotFoundError:
            return -1

    def open(self, path: Path, mode: str) -> io.FileIO:
        """Opens a file without a buffer: what an error kept from the disk is never written later by the way."""
        return io.FileIO(path, mode.replace("b", ""), opener=_open_plainly if mode == "rb" else None)

    def _write(self, file: io.FileIO, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]

    def _flush(self, file: io.FileIO) -> None:
        os.fsync(file.fileno())

    def _replace(self, source: Path, target: Path) -> None:
        os.replace(source, target)

    def _stat(self, path: Path, *, follow: bool = True) -> os.stat_result:
        return os.stat(path, follow_symlinks=follow)


def _open_plainly(path: str, flags: int) -> int:
    return os.open(path, flags | _PLAINLY)


@cache
def _renameat2() -> Callable[..., int] | None:
    try:
        call: Callable[..., int] = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    return call


DISK = Disk()
"""The real one."""
