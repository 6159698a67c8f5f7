"""The mutation gate: each weaker protocol of 5.6, seeded into the real code, is caught by the scheduler."""

from __future__ import annotations

from math import inf

import pytest

from tests.model.mutants import MUTANTS
from tests.model.scheduler import Bound, explore
from tests.model.world import Setting, World

NOTHING = Bound(cuts=0, crashes=0, rejects=0, stops=0)
BENCH = {
    # The mutant, where it fails by the design, and what must be seen there: a double, or "exported" without.
    "mark_then_write": (Bound(cuts=0, crashes=1, rejects=0, stops=0), "P3:"),
    "write_then_mark": (Bound(cuts=0, crashes=1, rejects=0, stops=0), "P1:"),
    "lease_and_retry": (Bound(cuts=1, crashes=0, rejects=0, stops=0), "P1:"),
    "intent_and_read_back": (Bound(cuts=0, crashes=0, rejects=0, stops=0, timers=1), "P1:"),
    "no_import_runs": (Bound(cuts=1, crashes=0, rejects=0, stops=0, jumps=0), "P1:"),
    "absent_while_live": (Bound(cuts=0, crashes=0, rejects=0, stops=0, timers=1), "P1:"),
    "absent_in_the_mirror": (Bound(cuts=0, crashes=0, rejects=0, stops=1), "P1:"),
}


def test_every_weaker_protocol_is_on_the_bench() -> None:
    assert BENCH.keys() == MUTANTS.keys()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_weaker_protocol_is_caught(world: World, name: str) -> None:
    bound, wrong = BENCH[name]
    # Only where the others leave the file alone while it is open does it matter that one writes into it all the same.
    setting = Setting(again=True, holds_open=name == "no_import_runs", mutant=name)
    # Most go wrong at the end of a round, and are found sooner from there; this one in the middle.
    late = name != "no_import_runs"
    outcome = explore(world, setting, bound, inf, properties=(wrong,), late_first=late)
    print(outcome)
    assert outcome.violation is not None and outcome.violation.what.startswith(wrong), str(outcome)
