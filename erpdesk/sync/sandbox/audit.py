"""The stand-in's own audit: do commitments, invoices, transactions and all totals agree, to the cent?"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from erpdesk.sync.sandbox.books import ABOVE, AMOUNTS, OF_EXTRAS, cents_of, families

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


def ties(connection: sqlite3.Connection) -> list[str]:
    """Every disagreement as a sentence; an empty list means that the company's books tie."""
    found: list[str] = []
    for keys, total, column, detail, amount, which in _sums():
        found += _compare(connection, keys, total, column, detail, amount, which)
    for table, left, right in (
        (_CATEGORY, "Total_Estimate", ("Original_Estimate", "Approved_Estimate_Changes")),
        (_CATEGORY, "Revised_Commitment", ("Original_Commitment", "Approved_Commitment_Changes")),
    ):
        wrong = f"{cents_of(left)} <> {cents_of(right[0])} + {cents_of(right[1])}"
        rows = connection.execute(f"SELECT {', '.join(PLACE)} FROM {table} WHERE {wrong}").fetchall()
        found += [f"{table} {'/'.join(map(str, row))}: {left} is not {right[0]} plus {right[1]}." for row in rows]
    return found


Sum = tuple[tuple[str, ...], str, str, str, str, str]
"""Keys, table with the total, its column, table with the details, their column, which details count."""


def _sums() -> list[Sum]:
    approved, pending = _APPROVED.format(test="="), _APPROVED.format(test="<>")
    item = ("Commitment", "Item_Number")
    distribution = "(SELECT Commitment, Commitment_Line_Item AS Item_Number, Amount FROM APM_MASTER__DISTRIBUTION)"
    invoiced = f"(SELECT {', '.join(PLACE)}, Commitment, Amount FROM APM_MASTER__DISTRIBUTION)"
    sums: list[Sum] = [
        (("Commitment",), _COMMITMENT, "Amount", _ITEM, "Amount", "1"),
        (("Commitment",), _COMMITMENT, "Approved_Commitment_CO_Amount", _ITEM, "Approved_Commitment_CO_Amount", "1"),
        (("Commitment",), _COMMITMENT, "Amount_Invoiced", _ITEM, "Amount_Invoiced", "1"),
        (("Commitment", "Commitment_CO"), "JCM_MASTER__COMMITMENT_CO", "Amount", _CHANGE, "Amount", "1"),
        (item, _ITEM, "Approved_Commitment_CO_Amount", _CHANGE, "Amount", approved),
        (item, _ITEM, "Amount_Invoiced", distribution, "Amount", "d.Commitment <> ''"),
        (("Vendor", "Invoice"), "APM_MASTER__INVOICE", "Amount", "APM_MASTER__DISTRIBUTION", "Amount", "1"),
        (("Vendor", "Invoice"), "APM_MASTER__INVOICE", "Amount_Paid", "APM_MASTER__DISTRIBUTION", "Amount_Paid", "1"),
        (PLACE, _CATEGORY, "Original_Commitment", _ITEM, "Amount", f"d.{_COMMITTED}"),
        (PLACE, _CATEGORY, "Approved_Commitment_Changes", _CHANGE, "Amount", f"{approved} AND d.{_COMMITTED}"),
        (PLACE, _CATEGORY, "Pending_Commitment_Changes", _CHANGE, "Amount", f"{pending} AND d.{_COMMITTED}"),
        (PLACE, _CATEGORY, "Commitment_Invoiced", invoiced, "Amount", f"d.{_COMMITTED}"),
        (PLACE, _CATEGORY, "JTD_Cost", "JCT_CURRENT__TRANSACTION", "Amount", "d.Transaction_Type LIKE '% cost'"),
    ]
    code = "JCM_MASTER__COST_CODE"
    for name in AMOUNTS:
        above = ABOVE.get(name, name)
        sums.append((("Job", "Extra", "Cost_Code"), code, above, _CATEGORY, name, "1"))
        sums.append((("Job",), "JCM_MASTER__JOB", above, code, above, "d.Extra = ''"))
        sums.append((("Job", "Extra"), "JCM_MASTER__EXTRA", above, code, above, "d.Extra <> ''"))
    for column, (amount, family) in families(code).items():
        sums.append((("Job", "Extra", "Cost_Code"), code, column, _CATEGORY, amount, f"d.Accumulate_As = '{family}'"))
    for column, (amount, family) in families("JCM_MASTER__JOB").items():
        which = f"d.Accumulate_As = '{family}' AND d.Extra"
        sums.append((("Job",), "JCM_MASTER__JOB", column, _CATEGORY, amount, f"{which} = ''"))
        sums.append((("Job", "Extra"), "JCM_MASTER__EXTRA", column, _CATEGORY, amount, f"{which} <> ''"))
    for column, amount in OF_EXTRAS.items():
        sums.append((("Job",), "JCM_MASTER__JOB", column, "JCM_MASTER__EXTRA", amount, "1"))
    return sums


def _compare(
    connection: sqlite3.Connection,
    keys: Sequence[str],
    total: str,
    column: str,
    detail: str,
    amount: str,
    which: str,
) -> list[str]:
    """Compares one total with the sum of its details, also where one of the two is missing."""
    names = ", ".join(f'"{key}"' for key in keys)
    sums = dict[tuple[object, ...], int]()
    for row in connection.execute(
        f"SELECT {names}, SUM({cents_of(amount)}) FROM {detail} AS d WHERE {which} GROUP BY {names}"
    ):
        sums[tuple(row)[:-1]] = tuple(row)[-1]
    found = []
    for row in connection.execute(f"SELECT {names}, {cents_of(column)} FROM {total}"):
        key, cents = tuple(row)[:-1], tuple(row)[-1]
        below = sums.pop(key, 0)
        if cents != below:
            where = f"{total} {'/'.join(map(str, key))}"
            found.append(f"{where}: {column} is {cents / 100:.2f}, its details come to {below / 100:.2f}.")
    found += [
        f"{total} {'/'.join(map(str, key))} is missing, its details come to {cents / 100:.2f} ({column})."
        for key, cents in sums.items()
        if cents
    ]
    return found
