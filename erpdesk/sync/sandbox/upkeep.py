"""What a person does in Sage beside importing and posting: edits a vendor, deletes a commitment, closes a month."""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

from erpdesk.core.errors import Refused
from erpdesk.sync.sandbox.books import PERIODS, Key, add_to_category, cents_of, periods_of, roll_up, units_of
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.posting import money
from erpdesk.sync.sandbox.tables import tables

VENDOR = "APM_MASTER__VENDOR"


def edit_vendor(company: SandboxCompany, vendor: str, **changes: str | float | None) -> None:
    """Changes columns of a vendor, such as ``Name`` or ``GL_Ins_Expiration_Dt`` (ISO date or None), and stamps it.

    Raises ``Refused`` for an unknown vendor, an unknown column or a text that is too wide.
    """
    known = {column.name: column for column in tables()[VENDOR].columns}
    for name, value in changes.items():
        if name not in known or name in ("Vendor", "Operator_Stamp", "Date_Stamp", "Time_Stamp"):
            raise Refused([f"A vendor has no field {name} that can be changed."])
        column = known[name]
        if column.kind == "char" and len(str(value)) > column.width:
            raise Refused([f"{name} is {len(str(value))} characters wide; {column.width} fit."])
        if column.kind == "date" and value is not None:
            try:
                date.fromisoformat(str(value))
            except ValueError as error:
                raise Refused([f"{name} {value} is not a date of the form 2026-12-31."]) from error
    values = changes | company.stamp()
    sets = ", ".join(f'"{name}" = ?' for name in values)
    with company.changing() as connection:
        done = connection.execute(f"UPDATE {VENDOR} SET {sets} WHERE Vendor = ?", [*values.values(), vendor])
        if not done.rowcount:
            raise Refused([f"Vendor {vendor} does not exist."])


def delete_commitment(company: SandboxCompany, commitment: str) -> None:
    """Deletes a commitment with its items and takes it out of committed cost.

    Raises ``Refused`` when an invoice stands against it (posted, or waiting in new.api) or a change order is posted.
    """
    stamp = company.stamp()
    with company.changing() as connection:
        header = connection.execute(
            "SELECT Committed FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?", (commitment,)
        ).fetchone()
        if header is None:
            raise Refused([f"Commitment {commitment} does not exist."])
        for table, what in (
            ("APM_MASTER__DISTRIBUTION", "An invoice is posted against it"),
            ("API_NEW__DISTRIBUTION", "An invoice against it waits to be posted"),
            ("JCM_MASTER__COMMITMENT_CO", "It has a change order"),
        ):
            if connection.execute(f"SELECT 1 FROM {table} WHERE Commitment = ?", (commitment,)).fetchone():
                raise Refused([f"Commitment {commitment} cannot be deleted. {what}."])
        items = connection.execute(
            "SELECT Job, Extra, Cost_Code, Category, Amount FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = ?",
            (commitment,),
        ).fetchall()
        for table in ("JCM_MASTER__COMMITMENT_ITEM", "JCM_MASTER__COMMITMENT"):
            connection.execute(f"DELETE FROM {table} WHERE Commitment = ?", (commitment,))
        for item in items:
            key: Key = (item[0], item[1], item[2], item[3])
            taken = -money(item[4]) if header[0] else Decimal(0)
            add_to_category(connection, key, stamp, Original_Commitment=taken)
        roll_up(connection, {item[0] for item in items})


def close_month(company: SandboxCompany, module: str) -> date:
    """Closes the month of JC or AP that is open; answers the last day of the closed period.

    Closing job cost also turns the page: this month becomes last month, next month becomes this month. Raises
    ``Refused`` for another module.
    """
    settings = company.settings
    if module == "AP":
        before = date.fromisoformat(settings.ap_closed_through) if settings.ap_closed_through else None
        end = _end_of_month(before + timedelta(days=1) if before else settings.books_day)
        company.choose(ap_closed_through=str(end))
        return end
    if module != "JC":
        raise Refused([f"Module {module} has no month to close here."])
    end = _end_of_month(settings.books_day)
    turned = end + timedelta(days=1)
    with company.changing() as connection:
        turn_periods(connection, turned, company.stamp())
        company.choose(jc_closed_through=str(end), books_date=str(turned))
    return end


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def turn_periods(connection: sqlite3.Connection, today: date, stamp: dict[str, object]) -> None:
    """Counts all costs again into this month, last month, next month and so on, seen from ``today``."""
    buckets: dict[Key, dict[str, list[int]]] = {}
    for *place, day, cents, parts in connection.execute(
        f"SELECT Job, Extra, Cost_Code, Category, Accounting_Date, SUM({cents_of('Amount')}), SUM({units_of('Units')}) "
        "FROM JCT_CURRENT__TRANSACTION WHERE Transaction_Type LIKE '% cost' GROUP BY 1, 2, 3, 4, 5"
    ):
        key: Key = (place[0], place[1], place[2], place[3])
        own = buckets.setdefault(key, {period: [0, 0] for period in PERIODS})
        for period in periods_of(date.fromisoformat(day), today):
            own[period][0] += cents
            own[period][1] += parts
    sets = ", ".join(f'"{period}_Cost" = ?, "{period}_Units" = ?' for period in PERIODS)
    stamped = "".join(f', "{name}" = ?' for name in stamp)
    connection.executemany(
        f"UPDATE JCM_MASTER__CATEGORY SET {sets}{stamped} "
        "WHERE Job = ? AND Extra = ? AND Cost_Code = ? AND Category = ?",
        (
            [
                *(part for cents, parts in own.values() for part in (cents / 100, parts / 10000)),
                *stamp.values(),
                *key,
            ]
            for key, own in buckets.items()
        ),
    )
    roll_up(connection, {key[0] for key in buckets})
