"""The company's arithmetic: amounts on a category go up to its cost code, and from there to the job or the extra."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

Key = tuple[str, str, str, str]
"""Job, extra (blank for the base contract), cost code, category."""

PERIODS = ("JTD", "YTD", "QTD", "MTD", "LM", "NM", "WTD", "LW")

# Amounts by their name on the category; one of them is spelled differently above it.
AMOUNTS = (
    "Original_Estimate",
    "Pending_Estimate_Changes",
    "Approved_Estimate_Changes",
    "Total_Estimate",
    "Original_Commitment",
    "Pending_Commitment_Changes",
    "Approved_Commitment_Changes",
    "Revised_Commitment",
    "Commitment_Invoiced",
    *(f"{period}_Cost" for period in PERIODS),
    "JTD_Dollars_Paid",
)
ABOVE = {"Approved_Estimate_Changes": "JTD_Aprvd_Estimate_Chgs"}

FAMILIES = ("Labor", "Material", "Subcontract", "Equipment", "Overhead", "Other")

# Extras stand apart from the base job; these columns of the job show what all its extras come to.
OF_EXTRAS = {
    "Extras_Original_Estimate": "Original_Estimate",
    "Extras_Total_Estimate": "Total_Estimate",
    "Extra_Original_Commitment": "Original_Commitment",
    "Extra_Revised_Commitment": "Revised_Commitment",
    "Extra_Commitment_Invoiced": "Commitment_Invoiced",
    "Extras_JTD_Cost": "JTD_Cost",
}


def families(table: str) -> Mapping[str, tuple[str, str]]:
    """Columns split by what a category accumulates as: column to (amount, family); the spelling differs by table."""
    overhead = "Total_Overhead_Est" if table == "JCM_MASTER__COST_CODE" else "Total_Overhead_Estimate"
    odd = {"Subcontract": "Total_Subcontract_Est", "Overhead": overhead}
    columns: dict[str, tuple[str, str]] = {}
    for family in FAMILIES:
        short = "Sub" if family == "Subcontract" else family
        columns[odd.get(family, f"Total_{family}_Estimate")] = ("Total_Estimate", family)
        columns[f"Total_{short}_Commitment"] = ("Revised_Commitment", family)
        columns[f"Commitment_Invoiced__{short}"] = ("Commitment_Invoiced", family)
        columns[f"JTD_{family}_Cost"] = ("JTD_Cost", family)
    return columns


def cents_of(column: str) -> str:
    """SQL for a dollar column as whole cents: sums of cents are exact, sums of doubles are not."""
    return f'CAST(ROUND("{column}" * 100) AS INTEGER)'


def add_to_category(connection: sqlite3.Connection, key: Key, stamp: Mapping[str, object], **amounts: Decimal) -> None:
    """Adds signed amounts to columns of one category and keeps revised = original + approved; stamps it."""
    sets = [f'"{column}" = ROUND("{column}" + ?, 2)' for column in amounts]
    sets += [f'"{column}" = ?' for column in stamp]
    values = [float(amount) for amount in amounts.values()] + list(stamp.values())
    where = "WHERE Job = ? AND Extra = ? AND Cost_Code = ? AND Category = ?"
    connection.execute(f"UPDATE JCM_MASTER__CATEGORY SET {', '.join(sets)} {where}", [*values, *key])
    revised = 'SET Revised_Commitment = ROUND("Original_Commitment" + "Approved_Commitment_Changes", 2)'
    connection.execute(f"UPDATE JCM_MASTER__CATEGORY {revised} {where}", key)
    sets = [f'"{column}" = ?' for column in stamp]
    for table, names in (
        ("JCM_MASTER__COST_CODE", ("Job", "Extra", "Cost_Code")),
        ("JCM_MASTER__EXTRA", ("Job", "Extra")),
        ("JCM_MASTER__JOB", ("Job",)),
    ):
        where = " AND ".join(f"{name} = ?" for name in names)
        connection.execute(f"UPDATE {table} SET {', '.join(sets)} WHERE {where}", [*stamp.values(), *key[: len(names)]])


def roll_up(connection: sqlite3.Connection, jobs: Iterable[str]) -> None:
    """Adds the categories of these jobs up to cost codes, extras and jobs; base and extras stay apart."""
    wanted = sorted(set(jobs))
    code = "JCM_MASTER__COST_CODE"
    sums = {ABOVE.get(name, name): f"SUM({cents_of(name)})" for name in AMOUNTS}
    for column, (amount, family) in families(code).items():
        sums[column] = f"SUM(CASE WHEN Accumulate_As = '{family}' THEN {cents_of(amount)} ELSE 0 END)"
    _add_up(connection, wanted, "JCM_MASTER__CATEGORY", "", code, ("Job", "Extra", "Cost_Code"), sums)
    for table, keys, which in (
        ("JCM_MASTER__EXTRA", ("Job", "Extra"), "AND Extra <> ''"),
        ("JCM_MASTER__JOB", ("Job",), "AND Extra = ''"),
    ):
        sums = {ABOVE.get(name, name): f"SUM({cents_of(ABOVE.get(name, name))})" for name in AMOUNTS}
        for mine, below in zip(families(table), families(code), strict=True):
            sums[mine] = f"SUM({cents_of(below)})"
        _add_up(connection, wanted, code, which, table, keys, sums)
    sums = {column: f"SUM({cents_of(source)})" for column, source in OF_EXTRAS.items()}
    _add_up(connection, wanted, "JCM_MASTER__EXTRA", "", "JCM_MASTER__JOB", ("Job",), sums)


def _add_up(
    connection: sqlite3.Connection,
    jobs: Sequence[str],
    source: str,
    which: str,
    target: str,
    keys: Sequence[str],
    sums: Mapping[str, str],
) -> None:
    """Writes sums over ``source``, grouped by ``keys``, into the rows of ``target`` with the same keys."""
    group = ", ".join(f'"{key}"' for key in keys)
    sets = ", ".join(f'"{column}" = ? / 100.0' for column in sums)
    where = " AND ".join(f'"{key}" = ?' for key in keys)
    for job in jobs:
        rows = connection.execute(
            f"SELECT {', '.join(sums.values())}, {group} FROM {source} WHERE Job = ? {which} GROUP BY {group}", (job,)
        ).fetchall()
        connection.executemany(f"UPDATE {target} SET {sets} WHERE {where}", rows)
