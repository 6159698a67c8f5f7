"""Post Entries and Post Invoices: imports become cost, estimate and invoiced commitment; totals move only here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from erpdesk.sync.sandbox.books import Key, add_to_category, periods_of, roll_up
from erpdesk.sync.sandbox.company import SandboxCompany, Settings
from erpdesk.sync.sandbox.newjct import AP_COST_TYPE, CHANGE_TYPE, CURRENT, ESTIMATE_TYPE, LEDGER_TYPE, NEW, next_run
from erpdesk.sync.sandbox.running import refusal_to_run
from erpdesk.sync.sandbox.tables import insert, tables

ZERO = Decimal(0)
PLACE = ("Job", "Extra", "Cost_Code", "Category")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class PostResult:
    """What a posting did: entries posted and left behind, their sum, why it stopped before it did anything."""

    posted: int = 0
    left: int = 0
    amount: Decimal = ZERO
    warnings: tuple[str, ...] = ()
    stopped: str = ""


class PostRefused(Exception):
    """The posting cannot start; the text says why."""


@contextmanager
def posting(company: SandboxCompany, what: str, module: str) -> Iterator[sqlite3.Connection]:
    """One transaction of a posting, with rows by column name; raises ``PostRefused`` when Sage cannot run it now."""
    why = refusal_to_run(company, what, module)
    if why:
        raise PostRefused(f"{why} Nothing was posted.")
    with company.changing() as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def money(value: float) -> Decimal:
    """A stored amount as whole cents."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def units(value: float) -> Decimal:
    """Stored units, four decimals."""
    return Decimal(str(value)).quantize(Decimal("0.0001"))


def post_entries(company: SandboxCompany) -> PostResult:
    """Job Cost > Tasks > Post Entries: moves new.jct into current.jct and adds up, all in one transaction.

    Costs dated in a closed period stay behind (stop) or are posted with a warning (warn), by the company's setting.
    """
    try:
        with posting(company, "new.jct", "Job Cost") as connection:
            rows = connection.execute(f"SELECT * FROM {NEW} ORDER BY Run, Sequence").fetchall()
            return _Entries(company, connection).post(rows)
    except PostRefused as refused:
        return PostResult(stopped=str(refused))


class _Entries:
    def __init__(self, company: SandboxCompany, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._settings = company.settings
        self._stamp = company.stamp()
        self._current = Current(connection, self._settings, self._stamp)
        self._warnings: list[str] = []

    def post(self, rows: Sequence[Row]) -> PostResult:
        posted, amount = 0, ZERO
        for row in rows:
            if not self._may(row):
                continue
            if row["Transaction_Type"] == LEDGER_TYPE:
                _to_ledger(self._connection, row)
            else:
                self._current.add(row)
            self._connection.execute(f"DELETE FROM {NEW} WHERE Run = ? AND Sequence = ?", (row["Run"], row["Sequence"]))
            posted, amount = posted + 1, amount + money(row["Amount"])
        roll_up(self._connection, self._current.jobs)
        return PostResult(posted, len(rows) - posted, amount, tuple(self._warnings))

    def _may(self, row: Row) -> bool:
        if row["Transaction_Type"] in (ESTIMATE_TYPE, CHANGE_TYPE):
            return True
        action = self._settings.closed("JC", date.fromisoformat(row["Accounting_Date"]))
        where = f"Run {row['Run']}, sequence {row['Sequence']}: the accounting date is in a closed period"
        if action == "stop":
            self._warnings.append(f"{where}. The entry stays in new.jct.")
        elif action:
            self._warnings.append(f"{where}.")
        return action != "stop"


class Current:
    """Adds entries to current.jct, one run with its own sequence, and puts them on their categories."""

    def __init__(self, connection: sqlite3.Connection, settings: Settings, stamp: dict[str, object]) -> None:
        self._connection = connection
        self._books_day = settings.books_day
        self._stamp = stamp
        self._run = next_run(connection, CURRENT)
        self._sequence = 0
        self._columns = [column.name for column in tables()[CURRENT].columns]
        self.jobs: set[str] = set()

    def add(self, row: Row) -> None:
        """Posts one entry; ``row`` has Sage's columns, those that are missing stay blank."""
        self._sequence += 1
        known = row.keys()
        values = {name: row[name] for name in self._columns if name in known}
        insert(self._connection, CURRENT, [values | {"Run": self._run, "Sequence": self._sequence} | self._stamp])
        key: Key = (row["Job"], row["Extra"], row["Cost_Code"], row["Category"])
        self.jobs.add(key[0])
        amount, number = money(row["Amount"]), units(row["Units"])
        if row["Transaction_Type"] == ESTIMATE_TYPE:
            changes = {"Original_Estimate": amount, "Original_Estimate_Units": number}
        elif row["Transaction_Type"] == CHANGE_TYPE:
            changes = {"Approved_Estimate_Changes": amount, "Approved_Est_Unit_Changes": number}
        else:
            day = date.fromisoformat(row["Accounting_Date"])
            changes = {}
            for period in periods_of(day, self._books_day):
                changes |= {f"{period}_Cost": amount, f"{period}_Units": number}
            self._last_cost(key, row["Accounting_Date"])
        add_to_category(self._connection, key, self._stamp, **changes)

    def _last_cost(self, key: Key, day: str) -> None:
        for table, names in (
            ("JCM_MASTER__CATEGORY", PLACE),
            ("JCM_MASTER__COST_CODE", PLACE[:3]),
            ("JCM_MASTER__JOB", PLACE[:1]),
        ):
            where = " AND ".join(f"{name} = ?" for name in names)
            self._connection.execute(
                f"UPDATE {table} SET Last_Cost_Update = MAX(COALESCE(Last_Cost_Update, ''), ?) WHERE {where}",
                (day, *key[: len(names)]),
            )


def _to_ledger(connection: sqlite3.Connection, row: Row) -> None:
    """The stand-in keeps no ledger file: an entry shows in the balances of its two accounts."""
    amount = float(row["Amount"])
    for account, signed in ((row["Debit_Account"], amount), (row["Credit_Account"], -amount)):
        connection.execute(
            "UPDATE GLM_MASTER__ACCOUNT SET Current_Balance = ROUND(Current_Balance + ?, 2), "
            "Current_Period_Activity = ROUND(Current_Period_Activity + ?, 2) WHERE Account = ?",
            (signed, signed, account),
        )


def post_invoices(company: SandboxCompany) -> PostResult:
    """AP > Tasks > Post Invoices: moves new.api to the master, makes the AP costs, raises what is invoiced.

    Invoices dated in a closed period of AP or Job Cost stay behind (stop) or are posted with a warning (warn).
    """
    try:
        with posting(company, "new.api", "AP") as connection:
            rows = connection.execute("SELECT * FROM API_NEW__INVOICE ORDER BY rowid").fetchall()
            return _Invoices(company, connection).post(rows)
    except PostRefused as refused:
        return PostResult(stopped=str(refused))


class _Invoices:
    def __init__(self, company: SandboxCompany, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._settings = company.settings
        self._stamp = company.stamp()
        self._current = Current(connection, self._settings, self._stamp)
        self._payables = Payables(connection, self._stamp)
        self._warnings: list[str] = []

    def post(self, rows: Sequence[Row]) -> PostResult:
        posted, amount = 0, ZERO
        for row in rows:
            lines = self._connection.execute(
                "SELECT * FROM API_NEW__DISTRIBUTION WHERE Vendor = ? AND Invoice = ? ORDER BY Dist_Seq",
                (row["Vendor"], row["Invoice"]),
            ).fetchall()
            if not self._may(row, any(line["Job"] for line in lines)):
                continue
            self._move(row, lines)
            for line in lines:
                self._payables.invoice(row, line)
                if line["Job"]:
                    self._cost(row, line)
            posted, amount = posted + 1, amount + money(row["Amount"])
        roll_up(self._connection, self._current.jobs)
        return PostResult(posted, len(rows) - posted, amount, tuple(self._warnings))

    def _may(self, row: Row, costs: bool) -> bool:
        day = date.fromisoformat(row["Accounting_Date"])
        actions = {module: self._settings.closed(module, day) for module in (("AP", "JC") if costs else ("AP",))}
        for module, action in actions.items():
            where = f"Invoice {row['Invoice']} of vendor {row['Vendor']}: the accounting date is in a closed period"
            if action == "stop":
                self._warnings.append(f"{where} of {module}. The invoice stays in new.api.")
                return False
            if action:
                self._warnings.append(f"{where} of {module}.")
        return True

    def _move(self, row: Row, lines: Sequence[Row]) -> None:
        for source, target, found in (
            ("API_NEW__INVOICE", "APM_MASTER__INVOICE", [row]),
            ("API_NEW__DISTRIBUTION", "APM_MASTER__DISTRIBUTION", lines),
        ):
            kept = set(found[0].keys())
            names = [column.name for column in tables()[target].columns if column.name in kept]
            pending: dict[str, object] = {"Pending_Invoice": 0} if "Pending_Invoice" in names else {}
            insert(
                self._connection,
                target,
                [{name: old[name] for name in names} | pending | self._stamp for old in found],
            )
            where = (row["Vendor"], row["Invoice"])
            self._connection.execute(f"DELETE FROM {source} WHERE Vendor = ? AND Invoice = ?", where)

    def _cost(self, row: Row, line: Row) -> None:
        commitment = self._commitment(line)
        self._current.add(
            {
                **{name: line[name] for name in PLACE},
                "Transaction_Type": AP_COST_TYPE,
                "Transaction_Date": row["Invoice_Date"],
                "Accounting_Date": row["Accounting_Date"],
                "Description": line["Description"],
                "Units": line["Units"],
                "Unit_Cost": line["Unit_Cost"],
                "Amount": line["Amount"],
                "Debit_Account": line["Expense_Account"],
                "Credit_Account": line["Accounts_Payable_Account"],
                "Application_of_Origin": "AP",
                "Source": "Post invoices",
                "Vendor": row["Vendor"],
                "Invoice": row["Invoice"],
                "Dist_Sequence": line["Dist_Seq"],
                "Commitment_Type": commitment,
                "Commitment": line["Commitment"],
                "Commitment_Line_Item": line["Commitment_Line_Item"],
                "Retainage": line["Retainage"],
            }
        )

    def _commitment(self, line: Row) -> str:
        """Raises what is invoiced on the commitment of a distribution; answers the commitment's type."""
        name = line["Commitment"]
        if not name:
            return ""
        found = self._connection.execute(
            "SELECT Commitment_Type, Committed FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?", (name,)
        ).fetchone()
        stamped = "".join(f', "{column}" = ?' for column in self._stamp)
        added = "Amount_Invoiced = ROUND(Amount_Invoiced + ?, 2)"
        values = list(self._stamp.values())
        self._connection.execute(
            f"UPDATE JCM_MASTER__COMMITMENT SET {added}{stamped} WHERE Commitment = ?", [line["Amount"], *values, name]
        )
        self._connection.execute(
            f"UPDATE JCM_MASTER__COMMITMENT_ITEM SET {added}, Units_Invoiced = ROUND(Units_Invoiced + ?, 4){stamped} "
            "WHERE Commitment = ? AND Item_Number = ?",
            [line["Amount"], line["Units"], *values, name, line["Commitment_Line_Item"]],
        )
        key: Key = (line["Job"], line["Extra"], line["Cost_Code"], line["Category"])
        counted = money(line["Amount"]) if found["Committed"] else ZERO
        add_to_category(self._connection, key, self._stamp, Commitment_Invoiced=counted)
        return str(found["Commitment_Type"])


class Payables:
    """Adds entries to AP's own transaction file, one run with its own sequence."""

    TABLE = "APT_CURRENT__TRANSACTION"

    def __init__(self, connection: sqlite3.Connection, stamp: dict[str, object]) -> None:
        self._connection = connection
        self._stamp = stamp
        self._run = next_run(connection, self.TABLE)
        self._sequence = 0

    def add(self, **values: object) -> None:
        """Adds one entry; ``values`` are Sage's columns."""
        self._sequence += 1
        place: dict[str, object] = {"Run": self._run, "Sequence": self._sequence, "Application_of_Origin": "AP"}
        insert(self._connection, self.TABLE, [place | values | self._stamp])

    def invoice(self, row: Row, line: Row) -> None:
        """The entry of one distribution of a posted invoice."""
        same = {name: line[name] for name in (*PLACE, "Commitment", "Commitment_Line_Item", "Description")}
        self.add(
            Vendor=row["Vendor"],
            Invoice=row["Invoice"],
            Dist_Sequence=line["Dist_Seq"],
            Transaction_Type="Invoice",
            Transaction_Date=row["Invoice_Date"],
            Accounting_Date=row["Accounting_Date"],
            Amount=line["Amount"],
            Tax=line["Tax"],
            Retainage=line["Retainage"],
            Expense_Account=line["Expense_Account"],
            Accounts_Payable_Account=line["Accounts_Payable_Account"],
            **same,
        )
