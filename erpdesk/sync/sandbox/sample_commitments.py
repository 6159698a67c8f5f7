"""What the sample company has bought: subcontracts, purchase orders, their change orders, invoices against them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from erpdesk.sync.sandbox.sample_plan import Budget, Plan, as_of, told

PAID_AFTER = timedelta(days=45)


@dataclass
class Item:
    """One line of a commitment; amounts in whole cents, units whole."""

    number: int
    budget: Budget
    description: str
    amount: int
    units: int = 0
    unit_cost: int = 0
    approved: int = 0
    approved_units: int = 0
    invoiced: int = 0


@dataclass
class ChangeOrder:
    """A change order: approved ones count, others are pending; changes are (item, cents, units)."""

    id: str
    description: str
    day: date
    approved: bool
    changes: list[tuple[Item, int, int]]


@dataclass
class Commitment:
    """A subcontract or purchase order with its lines."""

    id: str
    kind: str
    description: str
    vendor: str
    job: Mapping[str, Any]
    day: date
    retainage: int
    committed: bool = True
    closed: bool = False
    items: list[Item] = field(default_factory=list)
    orders: list[ChangeOrder] = field(default_factory=list)


@dataclass
class Distribution:
    """One line of an invoice, with the cost transaction that posting it made."""

    budget: Budget
    cents: int
    retainage: int
    description: str
    commitment: Commitment | None = None
    item: int = 0


@dataclass
class Invoice:
    """A posted AP invoice."""

    vendor: str
    id: str
    description: str
    day: date
    lines: list[Distribution]

    @property
    def paid(self) -> bool:
        """Whether it was paid by the last day of the books, all but its retainage."""
        return self.check_day <= as_of()

    @property
    def check_day(self) -> date:
        """The day of the check that pays it."""
        return self.day + PAID_AFTER

    @property
    def net(self) -> int:
        """What a check pays of it, in cents: all but the retainage."""
        return sum(line.cents - line.retainage for line in self.lines)


def vendors_for(division: str, kind: str) -> list[str]:
    """Active vendors of a kind (S, M, E, P) that work in a division; any of the kind where none does."""
    rows = [row for row in told()["vendors"]["row"] if row[2] == kind and row[4]]
    return [row[0] for row in rows if division in row[3].split()] or [row[0] for row in rows]


def commitments(chance: random.Random, made: Plan) -> list[Commitment]:
    """About sixty commitments, most of them in progress, a few closed, one not yet committed to Job Cost."""
    found: list[Commitment] = []
    for job in made.jobs:
        for kind, letter, count in (("Subcontract", "S", job["subcontracts"]), ("Purchase order", "M", job["orders"])):
            groups = _groups([b for b in made.budgets if b.key[0] == job["id"] and b.key[3] == letter and b.estimate])
            for number, budgets in enumerate(groups[:count], 1):
                found.append(_commitment(chance, job, kind, number, budgets))
    found[-1].committed = False
    for commitment in found:
        _change(chance, commitment)
    return found


def _groups(budgets: Sequence[Budget]) -> list[list[Budget]]:
    """Lines that are bought together: one division of the base job or of one extra, at most six, the largest first."""
    by_place: dict[tuple[str, str], list[Budget]] = {}
    for budget in sorted(budgets, key=lambda b: -b.estimate):
        by_place.setdefault((budget.key[1], budget.division), []).append(budget)
    groups = [lines[at : at + 6] for lines in by_place.values() for at in range(0, len(lines), 6)]
    groups.sort(key=lambda lines: -sum(b.estimate for b in lines))
    # A base job is always larger than its extras: two of these come early, so that extras are bought too.
    extras = [lines for lines in groups if lines[0].key[1]][:2]
    return groups[:3] + [g for g in extras if g not in groups[:3]] + [g for g in groups[3:] if g not in extras]


def _described(work: str, kind: str) -> str:
    """A description within Sage's 30 characters."""
    return f"{work} {kind}" if len(work) + len(kind) < 30 else work


def _commitment(
    chance: random.Random, job: Mapping[str, Any], kind: str, number: int, budgets: Sequence[Budget]
) -> Commitment:
    letters, letter = ("SC", "S") if kind == "Subcontract" else ("PO", "M")
    division = budgets[0].division
    work = next(d["work"] for d in told()["division"] if d["id"] == division)
    begin = date.fromisoformat(job["begin"])
    day = min(begin + timedelta(days=chance.randrange(10, 150)), as_of() - timedelta(days=chance.randrange(20, 60)))
    found = Commitment(
        id=f"{letters}-{job['id'][3:]}-{number:03d}",
        kind=kind,
        description=_described(work, "work" if letter == "S" else "order"),
        vendor=chance.choice(vendors_for(division, letter)),
        job=job,
        day=day,
        retainage=job["retainage"] if letter == "S" else 0,
    )
    for line, budget in enumerate(budgets, 1):
        code = _code_description(budget)
        target = max(10000, round(budget.estimate * chance.uniform(0.86, 1.04) / 2500) * 2500)
        if letter == "S":
            found.items.append(Item(line, budget, code, target))
        else:
            units = chance.choice((4, 12, 20, 36, 60, 120, 250))
            cost = max(1, target // units)
            found.items.append(Item(line, budget, code, units * cost, units, cost))
    return found


def _code_description(budget: Budget) -> str:
    for division in told()["division"]:
        for code in division["code"]:
            if f"{division['id']}-{code[0]}" == budget.key[2]:
                return str(code[1])
    raise KeyError(budget.key[2])


def _change(chance: random.Random, commitment: Commitment) -> None:
    """Some commitments get change orders; by units where a line has them, else by amount."""
    reasons = ("Field conditions", "Owner request", "Design revision", "Credit, scope removed", "Schedule recovery")
    if not commitment.committed or chance.random() > 0.45:
        return
    for number in range(1, chance.randrange(2, 5)):
        reason = chance.choice(reasons)
        changes: list[tuple[Item, int, int]] = []
        for item in chance.sample(commitment.items, min(len(commitment.items), chance.randrange(1, 3))):
            sign = -1 if reason.startswith("Credit") else 1
            if item.units:
                units = sign * max(1, round(item.units * chance.uniform(0.02, 0.08)))
                changes.append((item, units * item.unit_cost, units))
            else:
                changes.append((item, sign * max(2500, round(item.amount * chance.uniform(0.01, 0.05) / 500) * 500), 0))
        room = max(1, (as_of() - commitment.day).days - 5)
        order = ChangeOrder(
            id=f"{number:03d}",
            description=reason,
            day=commitment.day + timedelta(days=chance.randrange(1, room + 1)),
            approved=chance.random() < 0.85,
            changes=sorted(changes, key=lambda change: change[0].number),
        )
        commitment.orders.append(order)


def book(found: Sequence[Commitment]) -> None:
    """Puts commitments and change orders on the budgets, as Sage's committed cost."""
    for commitment in found:
        for item in commitment.items:
            if commitment.committed:
                item.budget.original += item.amount
        for order in commitment.orders:
            for item, cents, units in order.changes:
                if order.approved:
                    item.approved += cents
                    item.approved_units += units
                    item.budget.approved += cents
                else:
                    item.budget.pending += cents


def invoices(chance: random.Random, found: Sequence[Commitment], most_lines: int) -> list[Invoice]:
    """Monthly invoices against the commitments up to the progress of each line; at most so many lines in all."""
    made: list[Invoice] = []
    lines_left = most_lines
    for commitment in found:
        months = min(18, (as_of() - commitment.day).days // 30)
        if not commitment.committed or months < 1:
            continue
        done = {item.number: _done(chance, item) for item in commitment.items}
        for month in range(1, months + 1):
            lines: list[Distribution] = []
            for item in commitment.items:
                until = round((item.amount + item.approved) * done[item.number] * month / months)
                cents = until - item.invoiced
                if cents > 0 and len(lines) < lines_left:
                    item.invoiced = until
                    retainage = round(cents * commitment.retainage / 100)
                    lines.append(Distribution(item.budget, cents, retainage, item.description, commitment, item.number))
            if lines:
                lines_left -= len(lines)
                day = min(commitment.day + timedelta(days=30 * month), as_of())
                name = f"{commitment.id[3:]}-{month:02d}"
                made.append(Invoice(commitment.vendor, name, f"Application {month}", day, lines))
        if all(item.invoiced == item.amount + item.approved for item in commitment.items):
            commitment.closed = True
    return made


def _done(chance: random.Random, item: Item) -> float:
    """The part of a line that is invoiced: near the progress of its cost code, and all of it towards the end."""
    done = item.budget.progress * chance.uniform(0.8, 1.15)
    return 1.0 if done > 0.8 else done
