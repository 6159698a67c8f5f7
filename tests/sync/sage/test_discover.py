"""Sage's companies are found as Sage itself finds them, in a made folder tree with a registry of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.sync.sage.discover import find_folders, installed_version, system_directories, windows_registry
from erpdesk.sync.sage.folders import control_name, read_control

GENERAL = r"SOFTWARE\Timberline\General"
GENERAL_32 = r"SOFTWARE\WOW6432Node\Timberline\General"
SYSTEM = r"D:\Sage\Accounting"


class Held:
    """A registry whose entries are these."""

    def __init__(self, entries: Mapping[tuple[str, str], str]) -> None:
        self._entries = entries

    def value(self, key: str, name: str) -> str | None:
        return self._entries.get((key, name))


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return tmp_path / "disk"


def place(disk: Path, windows: str | PureWindowsPath) -> Path:
    """Where a path of the made computer lies: a folder for each drive."""
    path = PureWindowsPath(windows)
    return disk.joinpath(path.drive.strip(":\\").replace("\\", "_") or "none", *path.parts[1:])


def company(disk: Path, windows: str, name: bytes, control: bool = True) -> None:
    folder = place(disk, windows)
    folder.mkdir(parents=True)
    if control:
        (folder / "tl.ctl").write_bytes(b"TLCONTROL\0\0\0\0\0\0\0" + name)


def listed(disk: Path, lines: bytes, system: str = SYSTEM) -> None:
    file = place(disk, system) / "misc" / "tl.dir"
    file.parent.mkdir(parents=True)
    file.write_bytes(lines)


def test_companies_are_found_through_the_list(disk: Path) -> None:
    """Lines without drive take that of Sage's folder; names end at NUL or padding, in code page 1252."""
    company(disk, r"D:\Data\North", b"North Builders\0\0\0junk behind it, and more of it")
    company(disk, r"D:\Data\South", "Süd Bau".encode("cp1252").ljust(34) + b"behind the name")
    company(disk, r"\\server\share\West", b"West")
    company(disk, r"E:\Far", b"Far")
    listed(disk, b'\\Data\\North\r\n\r\nData\\South\\\r\n\\\\server\\share\\West\r\n"E:\\Far"\0\0\n\x1a\\Never\\Read')
    found = find_folders(Held({(GENERAL, "System Directory"): SYSTEM}), lambda path: place(disk, path))
    assert [(each.path, each.company, each.problem) for each in found] == [
        (r"D:\Data\North", "North Builders", ""),
        (r"D:\Data\South", "Süd Bau", ""),
        (r"\\server\share\West", "West", ""),
        (r"E:\Far", "Far", ""),
    ]
    assert all(each.usable and each.listed == SYSTEM + r"\misc\tl.dir" for each in found)


def test_what_cannot_be_used_is_listed_with_its_reason(disk: Path) -> None:
    """A broken line, a folder that is gone, one twice, one without a control file, a control file that is no file."""
    company(disk, r"D:\Good", b"Good")
    company(disk, r"D:\Bare", b"", control=False)
    company(disk, r"D:\Blank", b"   \0name")
    company(disk, r"D:\Short", b"")
    company(disk, r"D:\Odd", b"", control=False)
    (place(disk, r"D:\Odd") / "tl.ctl").mkdir()
    lines = [
        b"\\Good",
        b"\\good",
        b"\\Gone",
        b"\\Bare",
        b"\\Blank",
        b"\\Short",
        b"\\Odd",
        b"\\a<b",
        b"\\a\x01b",
        b"x" * 300,
    ]
    listed(disk, b"\r\n".join(lines))
    found = find_folders(Held({(GENERAL, "System Directory"): SYSTEM}), lambda path: place(disk, path))
    assert [each.usable for each in found] == [True] + [False] * 9
    words = [each.problem for each in found]
    for at, part in enumerate(
        (
            "",
            "more than once",
            "not there",
            "no control file",
            "no company name",
            "no company name",
            "cannot be read",
            "no path",
            "no path",
            "no path",
        )
    ):
        assert part in words[at]
    assert found[8].path == r"\\a\x01b" and len(found[9].path) < 270


def test_the_list_itself_may_be_missing(disk: Path) -> None:
    """Said once for each system directory, and nothing is raised."""
    registry = Held({(GENERAL, "System Directory"): SYSTEM, (GENERAL, "Workstation System Directory"): r"C:\Client"})
    found = find_folders(registry, lambda path: place(disk, path))
    assert [each.usable for each in found] == [False, False]
    assert all("list of folders cannot be read" in each.problem for each in found)
    assert find_folders(Held({}), lambda path: place(disk, path)) == ()


def test_both_halves_of_the_registry_are_looked_at(disk: Path) -> None:
    """A 32-bit Sage writes under WOW6432Node; the ordinary place goes first, and a blank value counts as none."""
    assert system_directories(Held({(GENERAL_32, "System Directory"): SYSTEM + "\0"})) == (PureWindowsPath(SYSTEM),)
    both = Held(
        {
            (GENERAL, "System Directory"): r"C:\A",
            (GENERAL_32, "System Directory"): r"C:\B",
            (GENERAL, "Workstation System Directory"): r"c:\a",
        }
    )
    assert system_directories(both) == (PureWindowsPath(r"C:\A"),)
    assert system_directories(Held({(GENERAL, "System Directory"): "  "})) == ()


def test_sample_data_is_found_in_its_usual_place(disk: Path) -> None:
    """The folder itself or those in it, unless Sage's list names them already."""
    usual = r"C:\ProgramData\Sage\Timberline Office\Data"
    company(disk, usual + r"\Sample", b"Sample Company")
    company(disk, usual + r"\Listed", b"Listed Company")
    company(disk, usual + r"\Other", b"", control=False)
    listed(disk, rb"\ProgramData\Sage\Timberline Office\Data\LISTED", r"C:\Sage")
    found = find_folders(
        Held({(GENERAL, "System Directory"): r"C:\Sage"}),
        lambda path: place(disk, str(path).replace("LISTED", "Listed")),
    )
    assert [(each.company, each.usable) for each in found] == [("Listed Company", True), ("Sample Company", True)]
    assert "usual place" in found[1].listed


def test_the_version_of_sage(disk: Path) -> None:
    """From the registry, in either half; not known where there is none."""
    key = r"SOFTWARE\WOW6432Node\Timberline\OfficeInstalls\Accounting"
    assert installed_version(Held({(key, "CurrentVersion"): "22.1.0"})) == "22.1.0"
    assert installed_version(Held({})) == "" and installed_version(None) == ""
    assert (windows_registry() is not None) == (sys.platform == "win32")


@given(lines=st.binary(max_size=400), control=st.binary(max_size=80))
def test_whatever_the_files_hold_there_is_an_answer(
    tmp_path_factory: pytest.TempPathFactory, lines: bytes, control: bytes
) -> None:
    """No line of the list and no control file breaks the search; each line is usable or has a reason."""
    disk = tmp_path_factory.mktemp("any")
    company(disk, r"D:\Data", b"", control=False)
    (place(disk, r"D:\Data") / "tl.ctl").write_bytes(control)
    listed(disk, b"\\Data\r\n" + lines)
    found = find_folders(Held({(GENERAL, "System Directory"): SYSTEM}), lambda path: place(disk, path))
    assert found[0].path == r"D:\Data" or lines[:1] not in (b"", b"\r", b"\n")
    assert all(bool(each.company) != bool(each.problem) for each in found)


def test_the_name_in_the_control_file(tmp_path: Path) -> None:
    """It starts at the 17th byte; a folder without one has no name, and a reason."""
    (tmp_path / "tl.ctl").write_bytes(b"x" * 16 + b"Example Company" + bytes(30))
    assert control_name(tmp_path) == "Example Company" and read_control(tmp_path) == ("Example Company", "")
    assert control_name(tmp_path / "nowhere") == "" and "no control file" in read_control(tmp_path / "nowhere")[1]
