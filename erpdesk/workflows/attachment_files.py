"""Files as they come from people's folders: names made harmless, links and folders refused, copies whole or not."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import time
import unicodedata
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from erpdesk.core.errors import Refused

LARGEST = 100 * 1024 * 1024
"""The largest attachment, in bytes."""
LONGEST_NAME = 120
"""Characters of a name; a longer one is cut before its ending."""
MOST_BYTES = 200
LONGEST_ENDING = 16
COPY_LIVES = 86_400
"""Seconds after which a copy that was made to be looked at is cleared away."""
_AT_ONCE = 1 << 20
_FORBIDDEN = set('<>:"/\\|?*')
_RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"
}
_PROGRAMS = frozenset(
    {
        "accde",
        "ade",
        "appinstaller",
        "application",
        "appref-ms",
        "appx",
        "appxbundle",
        "bat",
        "chm",
        "cmd",
        "com",
        "cpl",
        "desktop",
        "diagcab",
        "dll",
        "dqy",
        "exe",
        "gadget",
        "hlp",
        "hta",
        "img",
        "inf",
        "iqy",
        "iso",
        "jar",
        "jnlp",
        "js",
        "jse",
        "library-ms",
        "lnk",
        "mde",
        "msc",
        "msi",
        "msix",
        "msixbundle",
        "msp",
        "mst",
        "msu",
        "one",
        "oqy",
        "pif",
        "ps1",
        "ps1xml",
        "psm1",
        "py",
        "pyw",
        "pyz",
        "pyzw",
        "rdp",
        "reg",
        "rqy",
        "scf",
        "scr",
        "sct",
        "search-ms",
        "settingcontent-ms",
        "sh",
        "slk",
        "theme",
        "url",
        "vb",
        "vbe",
        "vbs",
        "vhd",
        "vhdx",
        "website",
        "ws",
        "wsc",
        "wsf",
        "wsh",
        "xbap",
        "xla",
        "xlam",
        "xll",
    }
)
"""Endings of what runs, leads to something that runs, or mounts as a disk when it is opened.

Workbooks and documents with macros (xlsm, docm) are not among them: accountants keep their records in them, and Office
asks before it lets a macro run.
"""
KEPT = "Nothing was attached."


def safe_name(name: str) -> str:
    """A file name that names a plain file in any folder: no folders, no devices, no streams, nothing invisible."""
    name = name.encode("utf-8", "replace").decode().replace("\\", "/").rsplit("/", 1)[-1]
    name = unicodedata.normalize("NFC", name)
    # Categories C: control characters, and marks that turn the direction of reading and so hide the ending.
    name = "".join("_" if each in _FORBIDDEN else each for each in name if unicodedata.category(each)[0] != "C")
    name = name.strip().rstrip(". ")
    if not name.strip("."):
        return "attachment"
    if name.split(".", 1)[0].strip().casefold() in _RESERVED:
        name = f"_{name}"
    return _cut(name)


def _cut(name: str) -> str:
    stem, ending = os.path.splitext(name)
    if len(ending) > LONGEST_ENDING:
        stem, ending = name, ""
    stem = stem[: LONGEST_NAME - len(ending)]
    while len((stem + ending).encode()) > MOST_BYTES:
        stem = stem[:-1]
    return stem.rstrip(". ") + ending


def is_program(name: str) -> bool:
    """Whether opening a file of this name could run something."""
    ending = os.path.splitext(name)[1].removeprefix(".").casefold()
    return ending in _PROGRAMS


def size_words(size: int) -> str:
    """A size as people read it: ``812 bytes``, ``1.4 MB``."""
    if size < 1000:
        return f"{size} bytes"
    for unit, part in (("KB", 1024), ("MB", 1024**2)):
        if size < 1000 * part:
            return f"{size / part:.1f} {unit}".replace(".0 ", " ")
    return f"{size / 1024**3:.1f} GB"


def open_plain(path: Path, name: str) -> BinaryIO:
    """Opens a plain file for reading; raises Refused for a folder, a link or a device, OSError when it can not."""
    seen = os.lstat(path)
    _check_plain(seen, name)
    # A name that became a link after the look is not followed either.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | _NO_WAIT)
    try:
        opened = os.fstat(handle)
        _check_plain(opened, name)
        if opened.st_size > LARGEST:
            raise Refused(
                [f"{name} has {size_words(opened.st_size)}; an attachment has at most {size_words(LARGEST)}."],
                kept=KEPT,
            )
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def open_kept(path: Path) -> BufferedReader:
    """Opens a file of the company's folder for reading, without waiting; raises OSError for what is no plain file."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | _NO_WAIT)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "something else stands in its place")
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_REPARSE = 0x400


def _check_plain(seen: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(seen.st_mode):
        raise Refused([f"{name} is a folder. Attach its files one by one, or a ZIP file of it."], kept=KEPT)
    linked = stat.S_ISLNK(seen.st_mode) or (
        getattr(seen, "st_file_attributes", 0) & _REPARSE and getattr(seen, "st_reparse_tag", 0) in _LINK_TAGS
    )
    if linked:
        raise Refused([f"{name} is a link to another place. Attach the file itself."], kept=KEPT)
    if not stat.S_ISREG(seen.st_mode):
        raise Refused([f"{name} is no file that can be attached."], kept=KEPT)


_LINK_TAGS = (0xA000000C, 0xA0000003)
"""Windows' tags of a symbolic link and of a junction; files of a cloud folder bear other tags and are plain files."""


def copy_whole(source: BinaryIO, target: Path, most: int) -> tuple[str, int]:
    """Copies up to one byte more than ``most`` and reaches the disk; answers hash and size, raises OSError.

    A file that grows or shrinks while it is copied is an error.
    """
    expected = _size(source)
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as out:
        while size <= most and (part := source.read(_AT_ONCE)):
            digest.update(part)
            out.write(part)
            size += len(part)
        out.flush()
        os.fsync(out.fileno())
    if expected is not None and size <= most and size != expected:
        raise OSError("it was changed while it was read")
    return digest.hexdigest(), size


def _size(source: BinaryIO) -> int | None:
    try:
        return os.fstat(source.fileno()).st_size
    except OSError:
        return None


def clear_old_copies(folder: Path, prefix: str) -> None:
    """Clears away the copies and half copies of a day ago or longer whose names begin so, those that can be."""
    for old in folder.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if old.lstat().st_mtime >= time.time() - COPY_LIVES or old.is_symlink():
                continue
            if old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.unlink()
