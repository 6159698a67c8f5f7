"""The job-cost transactions of the sample company: payroll, equipment, job cost entries, invoices."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from erpdesk.sync.sandbox.sample_commitments import Distribution, Invoice, vendors_for
from erpdesk.sync.sandbox.sample_plan import Budget, Plan, as_of

# Columns of JCT_CURRENT__TRANSACTION in the order of the rows that ``post`` makes.
COLUMNS = (
    "Job",
    "Extra",
    "Cost_Code",
    "Category",
    "Transaction_Type",
    "Run",
    "Sequence",
    "Transaction_Date",
    "Accounting_Date",
    "Description",
    "Units",
    "Unit_Cost",
    "Amount",
    "Debit_Account",
    "Credit_Account",
    "Application_of_Origin",
    "Batch",
    "Source",
    "Vendor",
    "Invoice",
    "Dist_Sequence",
    "Commitment_Type",
    "Commitment",
    "Commitment_Line_Item",
    "Employee",
    "Equipment",
    "Retainage",
    "Operator_Stamp",
    "Date_Stamp",
    "Time_Stamp",
)

# Where costs of a category come from, and its share of the transactions that are no invoice against a commitment.
SOURCES = {
    "Labor": ("PR", 62),
    "Equipment": ("EQ", 11),
    "Other": ("JC", 9),
    "Material": ("AP", 14),
    "Subcontract": ("AP", 4),
}
WORDS = {"PR": "Weekly payroll", "EQ": "Equipment usage", "JC": "Job cost entry"}
ACCOUNTS = {"PR": "2200", "EQ": "1950", "JC": "5900", "AP": "2010"}
OPERATORS = {"PR": "TREYES", "EQ": "TREYES", "JC": "SAGEOPER", "AP": "MHALL"}


@dataclass(frozen=True)
class Cost:
    """One cost that is not an invoice; amount in whole cents, labor and equipment in quarter hours."""

    budget: Budget
    source: str
    day: date
    cents: int
    quarters: int
    who: str


def spread(
    chance: random.Random, made: Plan, billed: Sequence[Invoice], transactions: int
) -> tuple[list[Cost], list[Invoice]]:
    """Fills the books up to the wanted number of transactions; each category ends near its progress."""
    left = transactions - sum(len(invoice.lines) for invoice in billed)
    counts = _counts(made, left)
    days = {job["id"]: _workdays(date.fromisoformat(job["begin"])) for job in made.jobs}
    costs: list[Cost] = []
    direct: list[tuple[date, Distribution]] = []
    for budget, count in counts:
        source = SOURCES[budget.family][0]
        mean = max(1.0, _target(budget) / count)
        for day in chance.choices(days[budget.key[0]], k=count):
            if source == "AP":
                cents = max(1, round(mean * chance.uniform(0.5, 1.5)))
                direct.append((day, Distribution(budget, cents, 0, "")))
            else:
                costs.append(_cost(chance, budget, source, day, mean))
    return costs, _direct_invoices(chance, direct)


def _target(budget: Budget) -> float:
    return max(0.0, (budget.estimate + budget.change) * budget.progress)


def _counts(made: Plan, left: int) -> list[tuple[Budget, int]]:
    """How many transactions each category gets: by source and size, together exactly ``left``."""
    pools: dict[str, list[Budget]] = {family: [] for family in SOURCES}
    for budget in made.budgets:
        # What is bought by a commitment is invoiced against it and not entered beside it.
        if _target(budget) and not budget.original:
            pools[budget.family].append(budget)
    whole = sum(share for family, (_, share) in SOURCES.items() if pools[family])
    found: list[tuple[Budget, int]] = []
    for family, budgets in pools.items():
        total = sum(_target(budget) for budget in budgets)
        for budget in budgets:
            found.append((budget, int(left * SOURCES[family][1] / whole * _target(budget) / total)))
    missing = left - sum(count for _, count in found)
    for at in range(missing):
        budget, count = found[at % len(found)]
        found[at % len(found)] = (budget, count + 1)
    return [(budget, count) for budget, count in found if count]


def _workdays(begin: date) -> list[date]:
    days = (begin + timedelta(days=number) for number in range((as_of() - begin).days + 1))
    return [day for day in days if day.weekday() < 5]


def _cost(chance: random.Random, budget: Budget, source: str, day: date, mean: float) -> Cost:
    if source == "JC":
        return Cost(budget, source, day, max(1, round(mean * chance.uniform(0.5, 1.5))), 0, "")
    rate = chance.choice((4800, 5400, 6200, 6950, 7800)) if source == "PR" else chance.choice((6500, 9500, 14000))
    quarters = max(1, round(mean * chance.uniform(0.5, 1.5) * 4 / rate))
    who = f"{chance.randrange(101, 162)}" if source == "PR" else f"EQ{chance.randrange(1, 25):02d}"
    return Cost(budget, source, day, rate * quarters // 4, quarters, who)


def _direct_invoices(chance: random.Random, lines: list[tuple[date, Distribution]]) -> list[Invoice]:
    """Puts costs of one job that are near in time on one invoice of a vendor, one to four lines each."""
    lines.sort(key=lambda entry: (entry[1].budget.key[0], entry[0], entry[1].budget.key))
    found: list[Invoice] = []
    at = 0
    while at < len(lines):
        day, first = lines[at]
        size = chance.randrange(1, 5)
        together = [line for _, line in lines[at : at + size] if line.budget.key[0] == first.budget.key[0]]
        vendor = chance.choice(vendors_for(first.budget.division, "S" if first.budget.family == "Subcontract" else "M"))
        for line in together:
            line.description = "Material delivered" if line.budget.family == "Material" else "Work performed"
        found.append(Invoice(vendor, f"{400_000 + len(found)}", together[0].description, day, together))
        at += len(together)
    return found


def post(costs: Sequence[Cost], billed: Sequence[Invoice]) -> Iterator[tuple[object, ...]]:
    """Puts all costs on the budgets and answers the transactions in posting order: one run a week."""
    entries: list[tuple[date, int, Cost | tuple[Invoice, int, Distribution]]] = []
    for cost in costs:
        cost.budget.spend(cost.cents, cost.quarters, cost.day)
        entries.append((cost.day, len(entries), cost))
    for invoice in billed:
        for number, line in enumerate(invoice.lines, 1):
            line.budget.spend(line.cents, 0, invoice.day)
            if invoice.paid:
                line.budget.pay(line.cents - line.retainage, invoice.check_day)
            entries.append((invoice.day, len(entries), (invoice, number, line)))
    entries.sort(key=lambda entry: entry[:2])
    return _rows(entries)


def _rows(
    entries: Sequence[tuple[date, int, Cost | tuple[Invoice, int, Distribution]]],
) -> Iterator[tuple[object, ...]]:
    first_monday = date(2025, 1, 6)
    run = sequence = 0
    for day, _, entry in entries:
        week = (day - first_monday).days // 7 + 1
        run, sequence = (run, sequence + 1) if week == run else (week, 1)
        posted = str(min(as_of(), first_monday + timedelta(days=week * 7 - 2)))
        if isinstance(entry, Cost):
            hours = entry.quarters / 4
            rate = round(entry.cents / entry.quarters * 4) / 100 if entry.quarters else 0.0
            source, budget, cents, text = entry.source, entry.budget, entry.cents, WORDS[entry.source]
            bill: tuple[object, ...] = ("", "", 0, "", "", 0)
            who = (entry.who, "") if source == "PR" else ("", entry.who)
            retainage = 0
        else:
            invoice, number, line = entry
            hours = rate = 0.0
            source, budget, cents, text = "AP", line.budget, line.cents, line.description
            bought = line.commitment
            bill = (
                invoice.vendor,
                invoice.id,
                number,
                bought.kind if bought else "",
                bought.id if bought else "",
                line.item,
            )
            who = ("", "")
            retainage = line.retainage
        stamp = (OPERATORS[source], posted, "17:05:00")
        dates = (str(day), str(day))
        accounts = (f"5000-{budget.division}", ACCOUNTS[source], source, f"{source}{week:04d}", f"{source} post")
        amounts = (hours, rate, cents / 100)
        place = (*budget.key, f"{source} cost", run, sequence)
        yield (*place, *dates, text, *amounts, *accounts, *bill, *who, retainage / 100, *stamp)
