"""The stand-in Sage against 24 golden cases: tiny companies, import files as raw bytes, what the documents say.

The cases are data and never adjusted to a program; what a case lists as open stays open.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from erpdesk.sync.sandbox.spec import create_from_spec
from tests.sync.sandbox.golden import GoldenRun

CASES = Path(__file__).resolve().parents[2] / "golden" / "sage"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir() and path.name[:2].isdigit())


def test_there_are_24_cases() -> None:
    """None was lost on the way."""
    assert [name[:2] for name in NAMES] == [f"{number:02}" for number in range(1, 25)]


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, tmp_path: Path) -> None:
    """One case: build the company, do the steps in order, compare verdicts, reject file and state after each."""
    company = create_from_spec(tmp_path / "sage", tomllib.loads((CASES / name / "company.toml").read_text("utf-8")))
    expect = tomllib.loads((CASES / name / "expect.toml").read_text("utf-8"))
    run = GoldenRun(CASES / name, company)
    for step in expect["step"]:
        run.step(step)


def test_the_cases_agree_with_themselves() -> None:
    """Their own checker, which knows no program, finds nothing."""
    command = [sys.executable, str(CASES / "check_cases.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("consistent\n24 cases, ")
