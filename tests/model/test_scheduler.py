"""The whole protocol, in every order in which its actors can take turns within a bound; a soak looks further."""

from __future__ import annotations

from math import inf

import pytest

from tests.model.scheduler import Bound, explore
from tests.model.world import Setting, World

NOTHING = Bound(cuts=0, crashes=0, rejects=0, stops=0)
CASES = {
    # Two items in one file, between whole rounds: time passes at any moment, also while Sage is importing.
    "batch": (Setting(items=2, again=True), NOTHING),
    # Sage may refuse the first record; the file can be moved while the import is under way.
    "rejected": (Setting(holds_open=False), Bound(cuts=0, crashes=0, rejects=1, stops=0)),
    "died": (Setting(again=True), Bound(cuts=0, crashes=1, rejects=0, stops=0, jumps=0)),
    "suspended": (Setting(again=True, holds_open=False), Bound(cuts=1, crashes=0, rejects=0, stops=0, jumps=0)),
}


@pytest.mark.parametrize("case", CASES)
def test_no_schedule_doubles_loses_or_misreports_an_item(world: World, case: str) -> None:
    setting, bound = CASES[case]
    outcome = explore(world, setting, bound, inf)
    print(outcome)
    assert outcome.violation is None, str(outcome)
    assert outcome.complete and outcome.states > 50
