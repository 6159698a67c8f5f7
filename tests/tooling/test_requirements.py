"""The requirements: what was asked for is locked, hashed, the same everywhere, and free of hosts."""

from __future__ import annotations

import re
from pathlib import Path

import PySide6
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "requirements"
LOCKS = ["run", "dev", "build", "bench"]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(name: str) -> dict[str, str]:
    """Package to version range, as the .in file and what it includes ask for."""
    wanted: dict[str, str] = {}
    for line in (FOLDER / f"{name}.in").read_text().splitlines():
        if line.startswith("-r "):
            wanted |= asked(line.removeprefix("-r ").removesuffix(".in"))
        elif match := re.match(r"([A-Za-z0-9_.-]+)(?:\[\w+\])?(.*)", line):
            wanted[canonical(match[1])] = match[2]
    return wanted


def locked(name: str) -> dict[str, str]:
    """Package to version, as the lock file pins it."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", (FOLDER / f"{name}.lock").read_text(), re.M))


@pytest.mark.parametrize("name", LOCKS)
def test_everything_asked_for_is_locked(name: str) -> None:
    assert asked(name).keys() <= locked(name).keys()


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (FOLDER / f"{name}.lock").read_text().strip())
    assert len(blocks) == len(locked(name))
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", ["dev", "build", "bench"])
def test_what_runs_is_the_same_version_everywhere(name: str) -> None:
    assert locked("run").items() <= locked(name).items()


@pytest.mark.parametrize("name", LOCKS)
def test_windows_gets_what_only_windows_needs(name: str) -> None:
    text = (FOLDER / f"{name}.lock").read_text()
    assert re.search(r"^pywin32-ctypes==\S+ ; sys_platform == 'win32'", text, re.M)


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_requirements_name_no_host(path: Path) -> None:
    assert re.findall(r"://|--index-url|--find-links|--extra-index-url|^-e ", path.read_text(), re.M) == []


def test_qt_stays_below_the_release_that_kills_the_process() -> None:
    """6.12.0 loses references of None on Python 3.11: test_references shows it."""
    assert asked("run")["pyside6-essentials"] == ">=6.11,<6.12"
    assert locked("run")["pyside6-essentials"].startswith("6.11.")
    assert PySide6.__version_info__[:2] == (6, 11)
