"""The stand-in's own audit: do commitments, invoices, transactions and all totals agree, to the cent?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from erpdesk.sync.sandbox.books import ABOVE, AMOUNTS, OF_EXTRAS, UNITS, cents_of, families, hours, units_of

PLACE = ("Job", "Extra", "Cost_Code", "Category")
_COMMITTED = "Commitment IN (SELECT Commitment FROM JCM_MASTER__COMMITMENT WHERE Committed = 1)"
_APPROVED = (
    "EXISTS (SELECT 1 FROM JCM_MASTER__COMMITMENT_CO o WHERE o.Commitment = d.Commitment"
    " AND o.Commitment_CO = d.Commitment_CO AND o.Status {test} 'Approved')"
)
_ITEM = "JCM_MASTER__COMMITMENT_ITEM"
_CHANGE = "JCM_MASTER__COMMITMENT_CO_ITEM"
_CATEGORY = "JCM_MASTER__CATEGORY"
_COMMITMENT = "JCM_MASTER__COMMITMENT"
_NEW_LINES = "API_NEW__DISTRIBUTION"
_CHANGED = "Approved_Commitment_CO_Amount"


def ties(connection: sqlite3.Connection) -> list[str]:
    """Every disagreement as a sentence; an empty list means that the company's books tie."""
    found: list[str] = []
    for total in (*_details(), *_roll_ups()):
        found += _compare(connection, total)
    for left, right in _IDENTITIES.items():
        exact = units_of if left in UNITS else cents_of
        wrong = f"{exact(left)} <> {exact(right[0])} + {exact(right[1])}"
        rows = _ask(connection, f"SELECT {', '.join(PLACE)} FROM {_CATEGORY} WHERE {wrong}").fetchall()
        found += [f"{_CATEGORY} {'/'.join(map(str, row))}: {left} is not {right[0]} plus {right[1]}." for row in rows]
    return found + _waiting(connection)


_IDENTITIES = {
    "Total_Estimate": ("Original_Estimate", "Approved_Estimate_Changes"),
    "Total_Estimate_Units": ("Original_Estimate_Units", "Approved_Est_Unit_Changes"),
    "Revised_Commitment": ("Original_Commitment", "Approved_Commitment_Changes"),
}


def _waiting(connection: sqlite3.Connection) -> list[str]:
    """What waits to be posted can be posted: its places exist, and no invoice waits that is posted already."""
    same = " AND ".join(f"c.{name} = n.{name}" for name in PLACE)
    homeless = f"NOT EXISTS (SELECT 1 FROM {_CATEGORY} c WHERE {same})"
    found = []
    for table, which in (("JCT_NEW__TRANSACTION", "n.Transaction_Type <> 'GL entry'"), (_NEW_LINES, "n.Job <> ''")):
        places = ", ".join(f"n.{name}" for name in PLACE)
        for row in _ask(connection, f"SELECT {places} FROM {table} n WHERE {which} AND {homeless}"):
            found.append(f"{table} {'/'.join(map(str, row))} waits for a category that does not exist.")
    both = "SELECT n.Vendor, n.Invoice FROM API_NEW__INVOICE n JOIN APM_MASTER__INVOICE USING (Vendor, Invoice)"
    found += [f"Invoice {row[1]} of vendor {row[0]} waits and is posted." for row in _ask(connection, both)]
    return found


def _ask(connection: sqlite3.Connection, sql: str) -> sqlite3.Cursor:
    # The audit is the stand-in's own: it stands behind the door, where all of SQLite's words are known.
    return sqlite3.Cursor(connection).execute(sql)


@dataclass(frozen=True)
class Total:
    """A column that holds the sum of another one: where it stands, what it adds up, which details count."""

    keys: tuple[str, ...]
    table: str
    column: str
    details: str
    amount: str
    which: str = "1"
    counts: str = "1"
    """Which rows of ``table`` have such a total; the others are zero."""


def _details() -> Iterator[Total]:
    """Totals of documents: commitments, invoices, payments, and the categories they stand on."""
    approved, pending = _APPROVED.format(test="="), _APPROVED.format(test="<>")
    item, bill = ("Commitment", "Item_Number"), ("Vendor", "Invoice")
    lines = "(SELECT *, Commitment_Line_Item AS Item_Number FROM APM_MASTER__DISTRIBUTION WHERE Commitment <> '')"
    yield Total(("Commitment",), _COMMITMENT, "Amount", _ITEM, "Amount")
    yield Total(("Commitment",), _COMMITMENT, _CHANGED, _ITEM, _CHANGED)
    yield Total(("Commitment",), _COMMITMENT, "Amount_Invoiced", _ITEM, "Amount_Invoiced")
    yield Total(("Commitment", "Commitment_CO"), "JCM_MASTER__COMMITMENT_CO", "Amount", _CHANGE, "Amount")
    yield Total(item, _ITEM, _CHANGED, _CHANGE, "Amount", approved)
    yield Total(item, _ITEM, "Approved_Commitment_CO_Units", _CHANGE, "Units", approved)
    yield Total(item, _ITEM, "Amount_Invoiced", lines, "Amount")
    yield Total(item, _ITEM, "Units_Invoiced", lines, "Units")
    yield Total(bill, "API_NEW__INVOICE", "Amount", _NEW_LINES, "Amount")
    yield Total(bill, "API_NEW__INVOICE", "Retainage", _NEW_LINES, "Retainage")
    for column in ("Amount", "Amount_Paid", "Retainage", "Retainage_Held"):
        yield Total(bill, "APM_MASTER__INVOICE", column, "APM_MASTER__DISTRIBUTION", column)
    payment = (*bill, "Payment_ID")
    yield Total(bill, "APM_MASTER__INVOICE", "Amount_Paid", "APM_MASTER__INVOICE_PAYMENT", "Amount_Paid")
    entered = "APT_CURRENT__TRANSACTION"
    paid = "d.Transaction_Type = 'Payment'"
    yield Total(payment, "APM_MASTER__INVOICE_PAYMENT", "Amount_Paid", entered, "Amount", paid)
    posted = "(SELECT *, Dist_Sequence AS Dist_Seq FROM {} WHERE {})"
    booked = posted.format(entered, "Transaction_Type = 'Invoice'")
    yield Total((*bill, "Dist_Seq"), "APM_MASTER__DISTRIBUTION", "Amount", booked, "Amount")
    costs = posted.format("JCT_CURRENT__TRANSACTION", "Transaction_Type = 'AP cost'")
    yield Total((*bill, "Dist_Seq"), "APM_MASTER__DISTRIBUTION", "Amount", costs, "Amount", counts="Job <> ''")
    yield Total(PLACE, _CATEGORY, "Original_Commitment", _ITEM, "Amount", f"d.{_COMMITTED}")
    yield Total(PLACE, _CATEGORY, "Approved_Commitment_Changes", _CHANGE, "Amount", f"{approved} AND d.{_COMMITTED}")
    yield Total(PLACE, _CATEGORY, "Pending_Commitment_Changes", _CHANGE, "Amount", f"{pending} AND d.{_COMMITTED}")
    yield Total(PLACE, _CATEGORY, "Commitment_Invoiced", lines, "Amount", f"d.{_COMMITTED}")
    cost = "d.Transaction_Type LIKE '% cost'"
    yield Total(PLACE, _CATEGORY, "JTD_Cost", "JCT_CURRENT__TRANSACTION", "Amount", cost)
    yield Total(PLACE, _CATEGORY, "JTD_Units", "JCT_CURRENT__TRANSACTION", "Units", cost)
    yield Total(PLACE, _CATEGORY, "JTD_Dollars_Paid", "APM_MASTER__DISTRIBUTION", "Amount_Paid", "d.Job <> ''")


def _roll_ups() -> Iterator[Total]:
    """Category to cost code to job and extra, base and extras apart, and the families of cost."""
    code, job, extra = "JCM_MASTER__COST_CODE", "JCM_MASTER__JOB", "JCM_MASTER__EXTRA"
    for name in AMOUNTS:
        above = ABOVE.get(name, name)
        yield Total(PLACE[:3], code, above, _CATEGORY, name)
        yield Total(("Job",), job, above, code, above, "d.Extra = ''")
        yield Total(("Job", "Extra"), extra, above, code, above, "d.Extra <> ''")
    for name in UNITS:
        yield Total(PLACE[:3], code, name, _CATEGORY, name)
    for column, (amount, family) in {**families(code), **hours()}.items():
        yield Total(PLACE[:3], code, column, _CATEGORY, amount, f"d.Accumulate_As = '{family}'")
    for column, (amount, family) in {**families(job), **hours()}.items():
        which = f"d.Accumulate_As = '{family}' AND d.Extra"
        yield Total(("Job",), job, column, _CATEGORY, amount, f"{which} = ''")
        yield Total(("Job", "Extra"), extra, column, _CATEGORY, amount, f"{which} <> ''")
    for column, amount in OF_EXTRAS.items():
        yield Total(("Job",), job, column, extra, amount)


def _compare(connection: sqlite3.Connection, total: Total) -> list[str]:
    """Compares one total with the sum of its details, also where one of the two is missing."""
    names = ", ".join(f'"{key}"' for key in total.keys)
    exact, scale = (units_of, 10000) if "Units" in total.amount else (cents_of, 100)
    sums = dict[tuple[object, ...], int]()
    for row in _ask(
        connection,
        f"SELECT {names}, SUM({exact(total.amount)}) FROM {total.details} AS d WHERE {total.which} GROUP BY {names}",
    ):
        sums[tuple(row)[:-1]] = tuple(row)[-1]
    found = []
    there = f"SELECT {names}, {exact(total.column)} FROM {total.table} WHERE {total.counts}"
    for row in _ask(connection, there):
        key, held = tuple(row)[:-1], tuple(row)[-1]
        below = sums.pop(key, 0)
        if held != below:
            where = f"{total.table} {'/'.join(map(str, key))}"
            says = f"{total.column} is {held / scale:.2f}, its details come to {below / scale:.2f}"
            found.append(f"{where}: {says}.")
    found += [
        f"{total.table} {'/'.join(map(str, key))} is missing, its details come to {held / scale:.2f} ({total.column})."
        for key, held in sums.items()
        if held
    ]
    return found
