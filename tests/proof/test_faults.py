"""Each fault of section 6 once, at its worst point: nothing is lost, doubled or called what it is not (P1 to P13)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.proof.faults import MOST, STRIKES, WORST

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[str, str], list[str]]]:
    """Runs a fault in a process forked from one that is warm; answers what it broke."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.proof.faults"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        orders, answers = parent.stdin, parent.stdout
        assert orders is not None and answers is not None

        def strike(name: str, point: str) -> list[str]:
            orders.write(f"{name}\t{point}\n")
            orders.flush()
            found: list[str] = json.loads(answers.readline())
            return found

        yield strike
        orders.close()


@pytest.mark.parametrize("name", [name for name in STRIKES if name != MOST])
def test_after_a_fault_everything_is_in_order(name: str, run: Callable[[str, str], list[str]]) -> None:
    assert run(name, WORST[name]) == []
