"""The two long searches of the soak, each in a process of its own: ``python -m tests.proof.apart cuts|orders SECONDS``.

A line that begins with ``broken`` is a property that does not hold; all else tells what was tried.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from tests.proof.properties import Violation

BROKEN = "broken "


def cuts(seconds: float) -> Iterator[str]:
    """Power cuts at every moment of the real operations."""
    from tests.proof.power.cut import run

    result = run(seconds)
    yield f"{result.cuts} power cuts at {result.moments} moments"
    yield from (f"{BROKEN}{each}" for each in result.broken)


def orders(seconds: float) -> Iterator[str]:
    """Every order of the steps of two workers and Sage, within each bound or its share of the time."""
    from tests.model.scheduler import soak

    for outcome in soak(seconds):
        yield str(outcome)
        if outcome.violation is not None:
            yield f"{BROKEN}{outcome.violation}"


def searched(what: str, seconds: float) -> list[Violation]:
    """Runs one of them, shows what it says, and answers what it found broken."""
    command = [sys.executable, "-m", "tests.proof.apart", what, str(max(1.0, seconds))]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="", flush=True)
    found = [Violation(what, line) for line in done.stdout.splitlines() if line.startswith(BROKEN)]
    if done.returncode:
        found.append(Violation(what, f"the search itself broke off with {done.returncode}"))
    return found


if __name__ == "__main__":
    for line in {"cuts": cuts, "orders": orders}[sys.argv[1]](float(sys.argv[2])):
        print(line, flush=True)
