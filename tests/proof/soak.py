"""Kills, and the faults at every crash point, with the figures of both: ``python -m tests.proof.soak [--seconds N]``.

``--kills N`` leaves the faults out: it kills until N are dead and the seconds are over. On a violation it prints the
seed and the history, and keeps the folder.
"""

from __future__ import annotations

import argparse
import secrets
import time
from collections.abc import Sequence

from bench.common import Figure, emit
from tests.proof.apart import searched
from tests.proof.kills import Outcome, proven
from tests.proof.properties import Violation, no_state_without_exit

DEFAULT_SECONDS = 1800
ONE_RUN = 60.0
"""Seconds of kills on one ground; then all must come to rest, and the next begins on a new one."""

LEAST = 150
"""Kills in a minute that a run must come to (8.3, L6)."""

LAST_LINES = 60


def figures(kills: int, items: int, violations: Sequence[Violation], least: int = LEAST) -> tuple[Figure, ...]:
    """What is printed: how much was tried, and how much of it broke a property."""

    def broken(*names: str) -> int:
        return sum(each.property in names for each in violations)

    known = {"P1": "soak_doubles", "P2": "soak_lost", "P9": "soak_stuck"}
    wrong = sum(each.property not in known for each in violations)
    return (
        Figure("soak_kills", kills, "", "", least, at_least=True),
        Figure("soak_items", items, "", "", None),
        Figure("soak_doubles", broken("P1"), "", "", 0),
        Figure("soak_lost", broken("P2"), "", "", 0),
        Figure("soak_wrong", wrong, "", "", 0),
        Figure("soak_stuck", broken("P9"), "", "", 0),
    )


def kill_for(seconds: float, kills: int, seed: int) -> Outcome:
    """One run on a new ground; what is found is printed with its history, and then the folder stays."""
    ground, outcome = proven(seconds, seed, kills)
    if outcome.violations:
        history = (ground.folder / "history.txt").read_text().splitlines()
        print(f"seed {seed}, folder {ground.folder}", *outcome.violations, *history[-LAST_LINES:], sep="\n", flush=True)
    else:
        ground.remove()
    return outcome


def soak(seconds: float) -> int:
    """The full matrix once, then kills for the rest of the time; 1 when a property was broken."""
    from tests.proof.faults import matrix

    until = time.monotonic() + seconds
    violations: list[Violation] = list(no_state_without_exit())
    kills = items = 0
    for name, point, found in matrix(until):
        if found:
            print(f"fault {name} at {point}:", *found, sep="\n  ", flush=True)
            violations += found
    left = max(0.0, until - time.monotonic())
    violations += [*searched("cuts", left / 8), *searched("orders", left / 4)]
    while (left := until - time.monotonic()) > 0 or not kills:
        outcome = kill_for(min(ONE_RUN, max(left, 1.0)), 1, secrets.randbits(32))
        kills, items = kills + outcome.kills, items + outcome.items
        violations += outcome.violations
        print(f"{kills} kills, {items} items, {len(violations)} violations", flush=True)
    for each in figures(kills, items, violations, least=1):
        emit(each)
    return 1 if violations else 0


def main() -> int:
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(prog="soak", description="Kill workers and break things, and see that all holds.")
    parser.add_argument("--seconds", type=float, default=DEFAULT_SECONDS, help="how long; half an hour by default")
    parser.add_argument("--kills", type=int, default=0, help="only kills, and at least so many")
    parser.add_argument("--seed", type=int, default=None, help="the seed of a run that found something")
    chosen = parser.parse_args()
    if not chosen.kills:
        return soak(chosen.seconds)
    outcome = kill_for(chosen.seconds, chosen.kills, chosen.seed if chosen.seed is not None else secrets.randbits(32))
    violations = [*no_state_without_exit(), *outcome.violations]
    for each in figures(outcome.kills, outcome.items, violations, chosen.kills):
        emit(each)
    print(", ".join(f"{count} {state}" for state, count in sorted(outcome.states.items())), flush=True)
    return 1 if violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
