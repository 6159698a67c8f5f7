"""What Sage does with a record that it has already: rejects it (A), adds it again (B) or overwrites it (C)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

UNKNOWN = "B"


@dataclass(frozen=True)
class Measure:
    """How many records Sage shows at a place, and what they come to in dollars and cents."""

    count: int
    amount: Decimal


@dataclass(frozen=True)
class Proof:
    """The class of a record type. ``proven`` False means that it only counts as B; ``evidence`` says why."""

    idempotency: str
    proven: bool
    evidence: str


def classify(looks: Sequence[Measure], first: Decimal, other: Decimal) -> Proof:
    """The class from four looks into Sage: before, after the first import, after the same once more, after the altered.

    ``first`` and ``other`` are the amounts of the two files. Whatever does not fit one class whole counts as B.
    """
    before, once, again, altered = looks
    if once != Measure(before.count + 1, before.amount + first):
        return Proof(
            UNKNOWN, False, f"The first import did not show in Sage as one record of {first}: {_said(before, once)}."
        )
    if again == once and altered == once:
        return Proof("A", True, "Sage refused the same record and an altered one under its ID.")
    if again == once and altered == Measure(once.count, before.amount + other):
        return Proof("C", True, "Sage took the altered record in place of the first.")
    if again == Measure(once.count + 1, once.amount + first):
        return Proof("B", True, "Sage added the same record a second time.")
    return Proof(UNKNOWN, False, f"What Sage shows fits no class: {_said(before, once, again, altered)}.")


def _said(*looks: Measure) -> str:
    return ", then ".join(f"{each.count} records of {each.amount}" for each in looks)
