"""Estimates as Sage holds them this moment: what they come to by category, and whether another may go in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from erpdesk.core.errors import BadSageData
from erpdesk.sync.sage import shapes
from erpdesk.sync.sage.fresh_entries import Spot
from erpdesk.sync.sage.fresh_rows import held, rows_of
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.standing import Standing
from erpdesk.sync.sage.tables import table
from erpdesk.workflows.documents import EstimateFile

CATEGORIES, STANDARD = "JCM_MASTER__CATEGORY", "JCM_MASTER__STANDARD_CATEGORY"
ORIGINAL, CHANGES = "original_estimate", "approved_estimate_changes"


@dataclass(frozen=True)
class Totals:
    """What a category's estimate comes to; None where this Sage does not show the column."""

    original: Decimal | None
    changes: Decimal | None


@dataclass
class Sums:
    """The totals of categories; one that Sage does not show is left out. ``problems`` says of a job why not."""

    totals: dict[Spot, Totals] = field(default_factory=dict)
    problems: dict[str, BadSageData] = field(default_factory=dict)


def read_totals(session: Session, known: Capabilities, spots: Iterable[Spot]) -> Sums:
    """The totals of these categories as they stand."""
    wanted = set(spots)
    jobs = sorted({(spot[0],) for spot in wanted})
    names = held(session, known, "JCM_MASTER__JOB", ("Job",))
    read = rows_of(session, known, CATEGORIES, "Job", jobs, names)
    found = Sums()
    for job in jobs:
        for row in read.rows.get(job, ()):
            spot = (row["job"], row["extra"], row["cost_code"], row["category"])
            if spot in wanted:
                found.totals[spot] = Totals(
                    *(shapes.money(row[name]) if name in row else None for name in (ORIGINAL, CHANGES))
                )
        lacking = any(spot not in found.totals for spot in wanted if spot[0] == job[0])
        if lacking and (why := read.problems.get(job)):
            found.problems[job[0]] = BadSageData(
                f"Sage holds categories of job {job[0]} that erpdesk cannot read: {why}",
                kept="Nothing was changed.",
                next_step="Correct them in Sage; erpdesk tries again by itself.",
            )
    return found


def estimate_reasons(session: Session, known: Capabilities, document: EstimateFile) -> tuple[str, ...]:
    """Every reason why this budget, or change of one, may not go in now; one sentence each, empty when none.

    Sage itself would create a job, a cost code or a category that it does not have: nothing is sent that would.
    """
    noun = "budget change" if document.approved_change else "budget"
    standing = Standing(session, known)
    reasons = list(standing.job(document.job, noun))
    if not any(line.amount or line.quantity for line in document.lines):
        reasons.append(f"Every line of the {noun} is 0.00, so Sage would keep nothing of it. Fill in an amount.")
    categories = _standard_categories(session, known)
    for at, line in enumerate(document.lines, 1):
        where = f"Line {at}: "
        reasons += standing.place(where, document.job, (line.extra, line.cost_code, line.category))
        if categories is not None and line.category not in categories:
            reasons.append(
                f"{where}{line.category} is not a standard category in Sage, which stops the whole import for it. "
                "Choose another, or ask accounting to add it."
            )
    return tuple(dict.fromkeys(reasons))


def _standard_categories(session: Session, known: Capabilities) -> frozenset[str] | None:
    """None where the company does not show its standard categories."""
    if not known.has(table(STANDARD)):
        return None
    names = held(session, known, STANDARD, ("Category",))
    return frozenset(key[0] for key in names.written)
