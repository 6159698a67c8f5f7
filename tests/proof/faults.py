"""The faults of section 6, each at a named point of a delivery; afterwards everything must be in order again.

``python -m tests.proof.faults`` reads lines "name<TAB>point" and answers each with a JSON list of what was broken; each
runs in a process that is forked from this one, which has imported everything and opened nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator

from erpdesk.sync.export.exporter import CRASH_POINTS, SIDE_POINTS
from tests.proof import strikes_files, strikes_sage
from tests.proof.ground import CANARY, Ground
from tests.proof.properties import UNTOUCHED, Violation, p17_no_secret
from tests.proof.properties import broken as broken_properties
from tests.proof.site import Site
from tests.proof.strikes import MOST, STRIKES, WORST
from tests.proof.workers import Leash, fork, warm

__all__ = ["MOST", "STRIKES", "WORST", "matrix", "points_of", "run", "strike"]

TOUCHED = ("10", "15")
"""Faults in which a person takes or edits a file."""

JOINED = (strikes_files, strikes_sage)
"""Further faults join when they are imported."""


def strike(name: str, point: str, ground: Ground) -> list[Violation]:
    """One fault at one point on its own ground, in this process; then rest, and every property."""
    site = Site.open(ground)
    site.yard.alter("UPDATE APM_MASTER__VENDOR SET Address_1 = ?", CANARY)
    try:
        STRIKES[name](site, point)
    except AssertionError as error:
        return [Violation("expected", str(error))]
    found = site.always()
    if not site.struck and point == WORST[name]:
        found.append(Violation("expected", f"the fault never struck at {point}"))
    if name == MOST:
        # All of them would take many minutes; those that wait have moved on, and nothing of the others is broken.
        return found
    found += site.rest()
    if name.split()[0] not in TOUCHED:
        found += broken_properties(site.ground.books(30), UNTOUCHED)
    if name.startswith("11"):
        # The second one is a person's; that it is in alarm was asked for above.
        found = [each for each in found if each.property not in ("P1", "P7")]
    found += p17_no_secret(ground.books(30), (CANARY,))
    site.close()
    return found


def run(name: str, point: str, prepared: Ground) -> list[Violation]:
    """The same in a process of its own; the ground is kept when something was found."""
    ground, leash = prepared.copy(), Leash()
    told = ground.folder / "found.json"

    def work() -> None:
        told.write_text(json.dumps([vars(each) for each in strike(name, point, ground)]))

    child = fork(ground, leash, work)
    _, status = os.waitpid(child, 0)
    leash.let_go()
    leash.close()
    if os.waitstatus_to_exitcode(status) != 0:
        errors = ground.folder / "errors.txt"
        return [Violation("broken", errors.read_text()[-2000:] if errors.exists() else f"ended with {status}")]
    found = [Violation(**each) for each in json.loads(told.read_text())]
    if found:
        found.append(Violation("kept", str(ground.folder)))
    else:
        ground.remove()
    return found


def points_of(name: str) -> tuple[str, ...]:
    """The points at which a fault is tried in the full matrix; some faults are of one point only."""
    one = ("11", "12", "13", "14", "15", "25")
    if name.split()[0] in one:
        return (WORST[name],)
    if name.startswith("10"):
        return ("delivered_file", "delivered", "evidence")
    every = (*CRASH_POINTS, *SIDE_POINTS)
    return tuple(point for point in every if name[0] != "3" or point in ("armed", "journalled", "delivered_file"))


def matrix(until: float) -> Iterator[tuple[str, str, list[Violation]]]:
    """Every fault at every point that it can strike at, while there is time; what each broke."""
    warm()
    prepared = Ground.build()
    for name in sorted(STRIKES, key=lambda name: name == MOST):
        for point in points_of(name):
            if time.monotonic() > until:
                return
            yield name, point, run(name, point, prepared)
    prepared.remove()


def main() -> None:
    """Answers orders until there are none."""
    warm()
    prepared = Ground.build()
    for line in sys.stdin:
        name, point = line.rstrip("\n").split("\t")
        print(json.dumps([str(each) for each in run(name, point, prepared)]), flush=True)
    prepared.remove()


if __name__ == "__main__":
    main()
