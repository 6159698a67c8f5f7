"""What the project's files must not contain: a machine's paths, network hosts, waiting in tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ["erpdesk", "resources", "requirements", "bench", "dev.py", "build.spec", "pyproject.toml", ".ci"]
TEXT = {".py", ".toml", ".spec", ".in", ".lock", ".mako", ".svg", ".md", ".css", ".html", ".sql", ""}
MACHINE_PATHS = re.compile(r"/(?:work|tmp|root|home)/|[A-Za-z]:\\\\?Users\\")
# The name of the SVG language looks like a host and is none.
HOSTS = re.compile(r"https?://(?!www\.w3\.org/)")
SLEEPS = {"sleep", "qSleep", "qWait", "msleep", "usleep"}


def files(*names: str) -> Iterator[Path]:
    for name in names:
        start = ROOT / name
        for path in [start] if start.is_file() else sorted(start.rglob("*")):
            if path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts:
                yield path


def lines_with(pattern: re.Pattern[str], *names: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in files(*names)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_shipped_files_know_no_machine() -> None:
    assert lines_with(MACHINE_PATHS, *SHIPPED) == []


def test_shipped_files_name_no_host() -> None:
    assert lines_with(HOSTS, *SHIPPED) == []


def sleeps(source: str) -> list[int]:
    """Lines that wait for a fixed time instead of for what should happen."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            on_qtbot = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "qtbot"
            if name in SLEEPS or (on_qtbot and name == "wait"):
                found.append(node.lineno)
    return found


def test_no_test_waits_for_a_fixed_time() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in files("tests")
        if path.suffix == ".py" and (lines := sleeps(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import time\ntime.sleep(1)", [2]),
        ("from time import sleep\nsleep(1)", [2]),
        ("qtbot.wait(50)", [1]),
        ("event.wait(5)\nqtbot.waitUntil(ready)", []),
    ],
)
def test_fixed_waits_are_recognised(source: str, lines: list[int]) -> None:
    assert sleeps(source) == lines
