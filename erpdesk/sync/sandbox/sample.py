"""Makes the sample company: three jobs, their budgets, purchases, invoices and thousands of job-cost transactions.

Everything is invented and the same for the same seed; all totals tie to the cent.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from erpdesk.sync.sandbox.audit import ties
from erpdesk.sync.sandbox.books import PERIODS, roll_up
from erpdesk.sync.sandbox.company import SandboxCompany, Settings
from erpdesk.sync.sandbox.sample_commitments import Commitment, book, commitments, invoices
from erpdesk.sync.sandbox.sample_costs import COLUMNS, post, spread
from erpdesk.sync.sandbox.sample_payables import enter_posted, enter_waiting, ledger_rows
from erpdesk.sync.sandbox.sample_plan import Budget, as_of, plan, structure_rows, told, vendor_rows
from erpdesk.sync.sandbox.tables import insert, insert_values

__all__ = ["make_sample", "ties"]


def make_sample(folder: Path, *, seed: int = 300, transactions: int = 20_000) -> SandboxCompany:
    """Makes the company "Cascade Ridge Builders" in an empty folder, with exactly so many job-cost transactions."""
    chance = random.Random(seed)
    made = plan(chance)
    vendors = vendor_rows(chance)
    bought = commitments(chance, made)
    book(bought)
    billed = invoices(chance, bought, transactions * 2 // 5)
    for invoice in billed:
        for line in invoice.lines:
            line.budget.invoiced += line.cents
    costs, direct = spread(chance, made, billed, transactions)
    rows = post(costs, [*billed, *direct])
    company = SandboxCompany.create(folder, told()["company"], Settings(books_date=str(as_of()), taxes=True))
    stamp: dict[str, object] = {"Operator_Stamp": "SAGEOPER", "Date_Stamp": str(as_of()), "Time_Stamp": "16:45:00"}
    with company.changing() as connection:
        for table, structure in structure_rows(made).items():
            insert(connection, table, [row | stamp for row in structure])
        insert(connection, "APM_MASTER__VENDOR", [row | stamp for row in vendors])
        _commitments(connection, bought, stamp)
        for table, around in ledger_rows().items():
            insert(connection, table, around)
        enter_posted(connection, [*billed, *direct], stamp)
        insert_values(connection, "JCT_CURRENT__TRANSACTION", COLUMNS, rows)
        insert(connection, "JCM_MASTER__CATEGORY", [_category(budget) | stamp for budget in made.budgets])
        for job, code in told()["closed_cost_codes"]:
            connection.execute(
                "UPDATE JCM_MASTER__COST_CODE SET Status = 'Closed' WHERE Job = ? AND Cost_Code = ?", (job, code)
            )
        roll_up(connection, [job["id"] for job in made.jobs])
        enter_waiting(connection, seed, made, bought, stamp)
    return company


def _category(budget: Budget) -> dict[str, object]:
    job, extra, code, category = budget.key
    hours = budget.estimate // 6200 if budget.family in ("Labor", "Equipment") else 0
    row: dict[str, object] = {
        "Job": job,
        "Extra": extra,
        "Cost_Code": code,
        "Category": category,
        "Description": budget.description,
        "Status": "In progress",
        "Accumulate_As": budget.family,
        "Cost_Unit_Description": budget.unit,
        "Original_Estimate": budget.estimate / 100,
        "Approved_Estimate_Changes": budget.change / 100,
        "Total_Estimate": (budget.estimate + budget.change) / 100,
        "Original_Estimate_Units": hours,
        "Total_Estimate_Units": hours,
        "Original_Commitment": budget.original / 100,
        "Pending_Commitment_Changes": budget.pending / 100,
        "Approved_Commitment_Changes": budget.approved / 100,
        "Revised_Commitment": (budget.original + budget.approved) / 100,
        "Commitment_Invoiced": budget.invoiced / 100,
        "Bought_Out": int(budget.original > 0),
        "Last_Cost_Update": str(budget.last_cost) if budget.last_cost else None,
    }
    row |= {f"{period}_Cost": budget.cost[period] / 100 for period in PERIODS}
    row |= {f"{period}_Dollars_Paid": budget.paid[period] / 100 for period in PERIODS}
    return row | {f"{period}_Units": budget.hours[period] / 4 for period in PERIODS}


def _commitments(connection: sqlite3.Connection, bought: Iterable[Commitment], stamp: dict[str, object]) -> None:
    for commitment in bought:
        places = {item.budget.key[0] for item in commitment.items}
        header: dict[str, object] = {
            "Commitment": commitment.id,
            "Commitment_Type": commitment.kind,
            "Description": commitment.description,
            "Vendor": commitment.vendor,
            "Job": places.pop(),
            "Date": str(commitment.day),
            "Retainage_Percent": commitment.retainage,
            "Committed": int(commitment.committed),
            "Closed": int(commitment.closed),
            "Printed": 1,
            "Amount": sum(item.amount for item in commitment.items) / 100,
            "Approved_Commitment_CO_Amount": sum(item.approved for item in commitment.items) / 100,
            "Amount_Invoiced": sum(item.invoiced for item in commitment.items) / 100,
        }
        insert(connection, "JCM_MASTER__COMMITMENT", [header | stamp])
        for item in commitment.items:
            line: dict[str, object] = {
                "Commitment": commitment.id,
                "Item_Number": item.number,
                "Description": item.description,
                "Units": item.units,
                "Unit_Description": "ea" if item.units else "",
                "Unit_Cost": item.unit_cost / 100,
                "Amount": item.amount / 100,
                "Amount_Invoiced": item.invoiced / 100,
                "Approved_Commitment_CO_Amount": item.approved / 100,
                "Approved_Commitment_CO_Units": item.approved_units,
            }
            insert(connection, "JCM_MASTER__COMMITMENT_ITEM", [line | _place(item.budget) | stamp])
        for order in commitment.orders:
            change: dict[str, object] = {
                "Commitment": commitment.id,
                "Commitment_CO": order.id,
                "Description": order.description,
                "Date": str(order.day),
                "Status": "Approved" if order.approved else "Not issued",
                "Release_to_Accounting": int(order.approved),
                "Amount": sum(cents for _, cents, _ in order.changes) / 100,
            }
            insert(connection, "JCM_MASTER__COMMITMENT_CO", [change | stamp])
            for item, cents, units in order.changes:
                part: dict[str, object] = {
                    "Commitment": commitment.id,
                    "Commitment_CO": order.id,
                    "Item_Number": item.number,
                    "Description": item.description,
                    "Units": units,
                    "Unit_Cost": item.unit_cost / 100,
                    "Amount": cents / 100,
                }
                insert(connection, "JCM_MASTER__COMMITMENT_CO_ITEM", [part | _place(item.budget) | stamp])


def _place(budget: Budget) -> dict[str, object]:
    return dict(zip(("Job", "Extra", "Cost_Code", "Category"), budget.key, strict=True))
