"""kill -9 at every named point: nothing is lost, nothing goes in twice, and no item is stuck (P1, P2, P3, P9)."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.exporter import CRASH_POINTS, SIDE_POINTS
from tests.sync.export.yard import Yard, other

ROOT = Path(__file__).parents[3]
KILLED = -signal.SIGKILL
IN_SAGE = ("sage:read", "sage:committed", "sage:rejects_written", "sage:printed")
TAKEN_BACK = ("withdrawn_file", "withdrawn", "archived_result", "released")
REFUSED = ("burned", "refused")
TAKEN_IN = ("evidence", "decided", "archived_input", "archived_result", "archived", "finished")

Die = Callable[[Yard, str], int]


@pytest.fixture(scope="module")
def die() -> Iterator[Die]:
    """Runs a process on a yard that is killed at a place; answers how it ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.sync.export.crash_child"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        orders, answers = parent.stdin, parent.stdout
        assert orders is not None and answers is not None

        def run(yard: Yard, place: str) -> int:
            orders.write(f"{yard.folder}\t{place}\n")
            orders.flush()
            code = int(answers.readline())
            assert code in (0, KILLED)
            return code

        yield run
        orders.close()


def sound(yard: Yard, items: list[str]) -> None:
    """Everything that must hold when all is over: once in Sage, synced, nothing lying about, both chains intact."""
    assert [yard.state(item) for item in items] == [ExportState.POSTED] * len(items)
    assert [yard.in_sage(yard.row(item).natural_key) for item in items] == [1] * len(items)
    assert yard.mailbox() == set()
    assert list((yard.imports / "staging").iterdir()) == []
    assert yard.audit().count("post") == len(items)
    copies = [yard.imports / "journal.jsonl", yard.folder / "journal" / "export.jsonl"]
    assert copies[0].read_bytes() == copies[1].read_bytes()


@pytest.mark.parametrize("place", [*CRASH_POINTS, *IN_SAGE])
def test_a_kill_at_any_point_ends_with_one_commitment_in_sage(yard: Yard, die: Die, place: str) -> None:
    item = yard.accept()
    assert die(yard, place) == KILLED
    exporter = yard.exporter()
    yard.run(exporter)
    sound(yard, [item])
    before = (yard.audit(), yard.evidence(), yard.row(item).message)
    exporter.recover()
    assert (yard.audit(), yard.evidence(), yard.row(item).message) == before, "recovering twice is like once"


@pytest.mark.parametrize("place", TAKEN_BACK)
def test_a_kill_while_a_stopped_import_is_taken_back(yard: Yard, die: Die, place: str) -> None:
    item = yard.accept()
    yard.sage.set_faults(no_licence=True)
    assert die(yard, place) == KILLED
    yard.sage.set_faults(no_licence=False)
    yard.run(yard.exporter())
    sound(yard, [item])


@pytest.mark.parametrize("place", REFUSED)
def test_a_kill_while_an_item_is_refused(yard: Yard, die: Die, place: str) -> None:
    item, after = yard.accept(other(1, vendor="GONE")), yard.accept(other(2))
    assert die(yard, place) == KILLED
    yard.run(yard.exporter())
    assert yard.state(item) is ExportState.REFUSED
    assert yard.in_sage("SC-21-001") == 0
    sound(yard, [after])


@pytest.mark.parametrize("place", TAKEN_IN)
def test_a_kill_while_a_reject_is_taken_in(yard: Yard, die: Die, place: str) -> None:
    item, after = yard.accept(), yard.accept(other(2))
    yard.sage.set_faults(reject_next="vendor insurance has expired.")
    assert die(yard, place) == KILLED
    yard.run(yard.exporter())
    assert yard.state(item) is ExportState.SAGE_REJECTED
    assert yard.row(item).message == "Sage rejected it: Vendor insurance has expired."
    assert yard.in_sage() == 0
    sound(yard, [after])


def test_killed_again_and_again_each_time_one_point_further(yard: Yard, die: Die) -> None:
    """The kills fall into recovery itself, many times in a row."""
    items = [yard.accept(other(1)), yard.accept(other(2))]
    deaths = 0
    while die(yard, f"#{deaths + 1}") == KILLED:
        deaths += 1
        assert deaths < 60
    assert deaths > 8
    yard.run(yard.exporter())
    sound(yard, items)


def test_no_named_point_is_left_out() -> None:
    assert {*CRASH_POINTS, *TAKEN_BACK, *REFUSED} == {*CRASH_POINTS, *SIDE_POINTS}
