"""60 seconds of kills, at least 150: nothing is lost, nothing goes in twice, no state lies, nothing is stuck."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.common import Figure

ROOT = Path(__file__).parents[2]
SECONDS, KILLS = 60, 150


@pytest.mark.timeout(600)
def test_whoever_is_killed_every_item_ends_in_sage_once_or_where_people_see_it() -> None:
    """In a process of its own: the workers are forked from a parent without threads and without an open store."""
    seconds = os.environ.get("ERPDESK_KILL_SECONDS", str(SECONDS))
    command = [sys.executable, "-m", "tests.proof.soak", "--kills", str(KILLS), "--seconds", seconds]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout
    figures = {each.figure: each for line in done.stdout.splitlines() if line[:1] == "{" for each in [_figure(line)]}
    assert figures["soak_kills"].value >= KILLS
    assert figures["soak_items"].value > 0
    assert [name for name, each in figures.items() if each.falls_short] == []


def _figure(line: str) -> Figure:
    return Figure.from_json(line)
