"""Finds the Sage companies of a computer: registry, the list ``tl.dir`` below Sage's folder, a control file in each."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Protocol

from erpdesk.sync.sage.folders import CONTROL, read_control

_GENERAL = r"SOFTWARE\Timberline\General"
_ACCOUNTING = r"SOFTWARE\Timberline\OfficeInstalls\Accounting"
_ON_64_BIT = ("SOFTWARE\\", "SOFTWARE\\WOW6432Node\\")
_DIRECTORIES = ("System Directory", "Workstation System Directory")
_LIST = PureWindowsPath("misc", "tl.dir")
_SAMPLE = PureWindowsPath(r"C:\ProgramData\Sage\Timberline Office\Data")
_IMPOSSIBLE = re.compile(r'[<>"|?*\x00-\x1f]')
_DRIVE = re.compile(r"[A-Za-z]:")
_LONGEST = 260


class Registry(Protocol):
    """Windows' registry, as far as Sage's entries under HKEY_LOCAL_MACHINE go."""

    def value(self, key: str, name: str) -> str | None:
        """A text value, or None when key or value is not there or may not be read."""


@dataclass(frozen=True)
class DataFolder:
    """A folder that Sage's lists name: its company, or for people why it cannot be used (``problem``).

    ``listed`` says where it was found.
    """

    path: str
    company: str
    problem: str
    listed: str

    @property
    def usable(self) -> bool:
        return not self.problem


def installed_version(registry: Registry | None) -> str:
    """The version of Sage's accounting on this computer; '' when it is not known."""
    return _value(registry, _ACCOUNTING, "CurrentVersion") if registry else ""


def system_directories(registry: Registry) -> tuple[PureWindowsPath, ...]:
    """Sage's system directories, the server's first, each once."""
    found = [_value(registry, _GENERAL, name) for name in _DIRECTORIES]
    return tuple(dict.fromkeys(PureWindowsPath(each) for each in found if each))


def find_folders(registry: Registry, on_disk: Callable[[PureWindowsPath], Path] = Path) -> tuple[DataFolder, ...]:
    """Every data folder that this computer's Sage knows, usable or not, each reason in words; nothing is raised.

    ``on_disk`` says where a Windows path really lies.
    """
    found: list[DataFolder] = []
    seen: set[str] = set()
    for directory in system_directories(registry):
        listed = directory / _LIST
        for line, problem in _lines(on_disk(listed)):
            if problem:
                found.append(DataFolder(line, "", problem, str(listed)))
                continue
            found.append(_folder(_with_drive(line, directory), str(listed), seen, on_disk))
    for path in _samples(on_disk):
        if str(path).lower() not in seen:
            found.append(_folder(path, "Sage's usual place for sample data", seen, on_disk))
    return tuple(found)


def _folder(
    path: PureWindowsPath, listed: str, seen: set[str], on_disk: Callable[[PureWindowsPath], Path]
) -> DataFolder:
    if str(path).lower() in seen:
        return DataFolder(str(path), "", "It is listed more than once.", listed)
    seen.add(str(path).lower())
    try:
        there = on_disk(path).is_dir()
    except (OSError, ValueError) as error:
        return DataFolder(str(path), "", f"It cannot be reached ({error}).", listed)
    if not there:
        return DataFolder(str(path), "", "The folder is not there.", listed)
    company, problem = read_control(on_disk(path))
    return DataFolder(str(path), company, problem, listed)


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """The lines of Sage's list, each with why it names no folder ('' when it does)."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        yield str(file), f"Sage's list of folders cannot be read ({error.strerror or type(error).__name__})."
        return
    # Control-Z ended text files in the days when this list was designed.
    for line in raw.split(b"\x1a")[0].decode("cp1252", "replace").replace("\r", "\n").split("\n"):
        text = line.strip("\0 \t").strip('"')
        if not text:
            continue
        bad = _IMPOSSIBLE.search(text[2:] if _DRIVE.match(text) else text)
        if bad or "\ufffd" in text or len(text) > _LONGEST:
            yield ascii(text[:_LONGEST])[1:-1], "This line of Sage's list is no path."
        else:
            yield text, ""


def _with_drive(line: str, directory: PureWindowsPath) -> PureWindowsPath:
    """The list leaves the drive out: it is that of the system directory."""
    path = PureWindowsPath(line)
    return path if path.drive else PureWindowsPath(f"{directory.drive}\\", path)


def _samples(on_disk: Callable[[PureWindowsPath], Path]) -> Iterator[PureWindowsPath]:
    place = on_disk(_SAMPLE)
    with suppress(OSError):
        if (place / CONTROL).is_file():
            yield _SAMPLE
        if place.is_dir():
            yield from (_SAMPLE / each.name for each in sorted(place.iterdir()) if (each / CONTROL).is_file())


def _value(registry: Registry, key: str, name: str) -> str:
    """A value from either half of the registry; a 32-bit program's entries lie apart on a 64-bit Windows."""
    for start in _ON_64_BIT:
        value = registry.value(key.replace("SOFTWARE\\", start, 1), name)
        if value and value.strip("\0 "):
            return value.strip("\0 ")
    return ""


if sys.platform == "win32":
    import winreg

    class _Windows:
        """The registry of this computer."""

        def value(self, key: str, name: str) -> str | None:
            try:
                with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
                    found = winreg.QueryValueEx(opened, name)[0]
            except OSError:
                return None
            return str(found)

    def windows_registry() -> Registry | None:
        """The registry of this computer; None where there is none."""
        return _Windows()

else:

    def windows_registry() -> Registry | None:
        """The registry of this computer; None where there is none."""
        return None
