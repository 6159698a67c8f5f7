"""Pays posted invoices by check: payments on the invoices, entries in AP's transactions, dollars paid in job cost."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from erpdesk.core.errors import Refused
from erpdesk.sync.sandbox.books import Key, add_to_category, periods_of, roll_up
from erpdesk.sync.sandbox.company import SandboxCompany, Settings
from erpdesk.sync.sandbox.posting import ZERO, Payables, PostRefused, money, posting
from erpdesk.sync.sandbox.tables import insert

FIRST_CHECK = 10_001
Row = Mapping[str, Any]


@dataclass(frozen=True)
class PaymentResult:
    """What was paid: one check for each vendor, and their sum."""

    checks: tuple[int, ...] = ()
    invoices: int = 0
    amount: Decimal = ZERO


def pay_invoices(
    company: SandboxCompany,
    invoices: Sequence[tuple[str, str]] | None = None,
    *,
    check_date: date | None = None,
    bank_account: str = "",
) -> PaymentResult:
    """Pays these posted invoices (vendor, invoice), or all that are open, all but their retainage; one check a vendor.

    ``check_date`` is the day of the books by habit. Raises ``Refused`` for an invoice that is not posted or is paid.
    """
    settings = company.settings
    day = check_date or settings.books_day
    if settings.closed("AP", day) == "stop":
        raise Refused([f"The check date {day} is in a closed period of Accounts Payable."])
    try:
        with posting(company, "master.apm", "AP") as connection:
            rows = _chosen(connection, invoices)
            return _Paying(company, connection, settings, day, bank_account).pay(rows)
    except PostRefused as refused:
        raise Refused([str(refused)]) from refused


def _chosen(connection: sqlite3.Connection, invoices: Sequence[tuple[str, str]] | None) -> list[Row]:
    sql = "SELECT * FROM APM_MASTER__INVOICE"
    if invoices is None:
        due = "ROUND((Amount - Retainage - Amount_Paid) * 100) <> 0"
        return connection.execute(f"{sql} WHERE Status = 'Not paid' AND {due} ORDER BY Vendor, Invoice").fetchall()
    found = []
    for vendor, invoice in sorted(set(invoices)):
        row = connection.execute(f"{sql} WHERE Vendor = ? AND Invoice = ?", (vendor, invoice)).fetchone()
        if row is None:
            raise Refused([f"Invoice {invoice} of vendor {vendor} is not posted."])
        if row["Status"] != "Not paid":
            raise Refused([f"Invoice {invoice} of vendor {vendor} is already paid."])
        found.append(row)
    return found


class _Paying:
    def __init__(
        self, company: SandboxCompany, connection: sqlite3.Connection, settings: Settings, day: date, bank: str
    ) -> None:
        self._connection = connection
        self._stamp = company.stamp()
        self._settings = settings
        self._day = day
        self._bank = bank or self._usual_bank()
        self._payables = Payables(connection, self._stamp)
        self._jobs: set[str] = set()
        highest = connection.execute('SELECT MAX("Check") FROM APM_MASTER__INVOICE_PAYMENT').fetchone()[0] or 0
        self._next_check = max(FIRST_CHECK, highest + 1)
        last = connection.execute("SELECT MAX(Payment_ID) FROM APM_MASTER__INVOICE_PAYMENT").fetchone()[0]
        self._payment = int(last or 0)

    def _usual_bank(self) -> str:
        row = self._connection.execute("SELECT MIN(Bank_Account) FROM CMM_MASTER__BANK_ACCOUNT").fetchone()
        return str(row[0] or "")

    def pay(self, rows: Sequence[Row]) -> PaymentResult:
        checks: dict[str, int] = {}
        total = ZERO
        for row in rows:
            if row["Vendor"] not in checks:
                checks[row["Vendor"]] = self._next_check
                self._next_check += 1
            total += self._invoice(row, checks[row["Vendor"]])
        roll_up(self._connection, self._jobs)
        return PaymentResult(tuple(checks.values()), len(rows), total)

    def _invoice(self, row: Row, check: int) -> Decimal:
        amount, retainage = money(row["Amount"]), money(row["Retainage"])
        paid = amount - retainage
        status = "Partially paid" if retainage else "Fully paid"
        self._payment += 1
        stamped = "".join(f', "{column}" = ?' for column in self._stamp)
        for table in ("APM_MASTER__INVOICE", "APM_MASTER__DISTRIBUTION"):
            self._connection.execute(
                f"UPDATE {table} SET Amount_Paid = ROUND(Amount - Retainage, 2), Retainage_Held = Retainage, "
                f"Status = ?{stamped} WHERE Vendor = ? AND Invoice = ?",
                [status, *self._stamp.values(), row["Vendor"], row["Invoice"]],
            )
        how: dict[str, object] = {
            "Vendor": row["Vendor"],
            "Invoice": row["Invoice"],
            "Payment_ID": float(self._payment),
            "Description": row["Description"],
            "Payment_Type": "Check",
            "Bank_Account": self._bank,
            "Check": check,
        }
        held: dict[str, object] = {"Amount_Paid": float(paid), "Retainage_Held": float(retainage)}
        insert(self._connection, "APM_MASTER__INVOICE_PAYMENT", [how | held | self._stamp])
        self._payables.add(
            Transaction_Type="Payment",
            Transaction_Date=str(self._day),
            Accounting_Date=str(self._day),
            Check_Date=str(self._day),
            Amount=float(paid),
            Retainage=float(retainage),
            **how,
        )
        self._job_cost(row)
        return paid

    def _job_cost(self, row: Row) -> None:
        lines = self._connection.execute(
            "SELECT * FROM APM_MASTER__DISTRIBUTION WHERE Vendor = ? AND Invoice = ? AND Job <> ''",
            (row["Vendor"], row["Invoice"]),
        )
        for line in lines.fetchall():
            key: Key = (line["Job"], line["Extra"], line["Cost_Code"], line["Category"])
            paid = money(line["Amount_Paid"])
            periods = periods_of(self._day, self._settings.books_day)
            changes = {f"{period}_Dollars_Paid": paid for period in periods}
            add_to_category(self._connection, key, self._stamp, **changes)
            self._jobs.add(line["Job"])
