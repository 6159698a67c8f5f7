"""The company's arithmetic: amounts on a category go up to its cost code, and from there to the job or the extra."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
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
    *(f"{period}_Dollars_Paid" for period in PERIODS),
)
ABOVE = {"Approved_Estimate_Changes": "JTD_Aprvd_Estimate_Chgs"}

# Units go up to the cost code; above it only hours of labor and equipment are kept.
UNITS = (
    "Original_Estimate_Units",
    "Pending_Est_Unit_Changes",
    "Approved_Est_Unit_Changes",
    "Total_Estimate_Units",
    *(f"{period}_Units" for period in PERIODS),
)

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
    at_code = table == "JCM_MASTER__COST_CODE"
    odd = {
        "Subcontract": "Total_Subcontract_Est",
        "Overhead": "Total_Overhead_Est" if at_code else "Total_Overhead_Estimate",
    }
    columns: dict[str, tuple[str, str]] = {}
    for family in FAMILIES:
        short = "Sub" if family == "Subcontract" else family
        columns[odd.get(family, f"Total_{family}_Estimate")] = ("Total_Estimate", family)
        columns[f"Total_{short}_Commitment"] = ("Revised_Commitment", family)
        columns[f"Commitment_Invoiced__{short}"] = ("Commitment_Invoiced", family)
        for period in ("JTD", "MTD", "LM", "NM"):
            columns[f"{period}_{family}_Cost"] = (f"{period}_Cost", family)
        paid = "Mat" if family == "Material" and at_code else short
        columns[f"JTD_{paid}_Dollars_Paid"] = ("JTD_Dollars_Paid", family)
    return columns


def hours() -> Mapping[str, tuple[str, str]]:
    """Columns of hours, the same from the cost code up: column to (units of the category, family)."""
    columns: dict[str, tuple[str, str]] = {}
    for family in ("Labor", "Equipment"):
        columns[f"Total_{family}_Units_Est"] = ("Total_Estimate_Units", family)
        for period in ("JTD", "MTD", "LM", "NM", "WTD"):
            columns[f"{period}_{family}_Units"] = (f"{period}_Units", family)
    return columns


def periods_of(day: date, today: date) -> tuple[str, ...]:
    """Which to-date columns a cost of this day belongs to, seen from ``today``, the day the books stand at.

    Job to date holds all there is, next month what is entered ahead; this year and quarter end with the month.
    """
    first = today.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    monday = today - timedelta(days=today.weekday())
    inside = {
        "JTD": True,
        "YTD": day.year == today.year and day < after,
        "QTD": day.year == today.year and (day.month - 1) // 3 == (today.month - 1) // 3 and day < after,
        "MTD": first <= day < after,
        "LM": (first - timedelta(days=1)).replace(day=1) <= day < first,
        "NM": after <= day < (after + timedelta(days=32)).replace(day=1),
        "WTD": monday <= day < monday + timedelta(days=7),
        "LW": monday - timedelta(days=7) <= day < monday,
    }
    return tuple(period for period in PERIODS if inside[period])


def cents_of(column: str) -> str:
    """SQL for a dollar column as whole cents: sums of cents are exact, sums of doubles are not."""
    return f'CAST(ROUND("{column}" * 100) AS INTEGER)'


def units_of(column: str) -> str:
    """SQL for a column of units as whole ten-thousandths, for exact sums."""
    return f'CAST(ROUND("{column}" * 10000) AS INTEGER)'


def add_to_category(connection: sqlite3.Connection, key: Key, stamp: Mapping[str, object], **amounts: Decimal) -> None:
    """Adds signed amounts and units to columns of one category, keeps its sums (revised, total) and stamps it."""
    sets = [f'"{name}" = ROUND("{name}" + ?, {4 if name in UNITS else 2})' for name in amounts]
    sets += [f'"{column}" = ?' for column in stamp]
    values = [float(amount) for amount in amounts.values()] + list(stamp.values())
    where = "WHERE Job = ? AND Extra = ? AND Cost_Code = ? AND Category = ?"
    connection.execute(f"UPDATE JCM_MASTER__CATEGORY SET {', '.join(sets)} {where}", [*values, *key])
    connection.execute(f"UPDATE JCM_MASTER__CATEGORY SET {_SUMS} {where}", key)
    stamp_above(connection, key, stamp)


_SUMS = (
    'Revised_Commitment = ROUND("Original_Commitment" + "Approved_Commitment_Changes", 2), '
    'Total_Estimate = ROUND("Original_Estimate" + "Approved_Estimate_Changes", 2), '
    'Total_Estimate_Units = ROUND("Original_Estimate_Units" + "Approved_Est_Unit_Changes", 4)'
)


def stamp_above(connection: sqlite3.Connection, key: Sequence[str], stamp: Mapping[str, object]) -> None:
    """Stamps the cost code, the extra and the job above a category, whose totals change with it."""
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
    sums = {ABOVE.get(name, name): f"SUM({cents_of(name)}) / 100.0" for name in AMOUNTS}
    sums |= {name: f"SUM({units_of(name)}) / 10000.0" for name in UNITS}
    for column, (amount, family) in families(code).items():
        sums[column] = f"SUM(CASE WHEN Accumulate_As = '{family}' THEN {cents_of(amount)} ELSE 0 END) / 100.0"
    for column, (units, family) in hours().items():
        sums[column] = f"SUM(CASE WHEN Accumulate_As = '{family}' THEN {units_of(units)} ELSE 0 END) / 10000.0"
    _add_up(connection, wanted, "JCM_MASTER__CATEGORY", "", code, ("Job", "Extra", "Cost_Code"), sums)
    for table, keys, which in (
        ("JCM_MASTER__EXTRA", ("Job", "Extra"), "AND Extra <> ''"),
        ("JCM_MASTER__JOB", ("Job",), "AND Extra = ''"),
    ):
        sums = {ABOVE.get(name, name): f"SUM({cents_of(ABOVE.get(name, name))}) / 100.0" for name in AMOUNTS}
        for mine, below in zip(families(table), families(code), strict=True):
            sums[mine] = f"SUM({cents_of(below)}) / 100.0"
        sums |= {column: f"SUM({units_of(column)}) / 10000.0" for column in hours()}
        _add_up(connection, wanted, code, which, table, keys, sums)
    sums = {column: f"SUM({cents_of(source)}) / 100.0" for column, source in OF_EXTRAS.items()}
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
    sets = ", ".join(f'"{column}" = ?' for column in sums)
    where = " AND ".join(f'"{key}" = ?' for key in keys)
    for job in jobs:
        rows = connection.execute(
            f"SELECT {', '.join(sums.values())}, {group} FROM {source} WHERE Job = ? {which} GROUP BY {group}", (job,)
        ).fetchall()
        connection.executemany(f"UPDATE {target} SET {sets} WHERE {where}", rows)
