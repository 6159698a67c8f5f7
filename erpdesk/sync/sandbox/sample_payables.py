"""The payables side of the sample company: posted and paid invoices, checks, and what waits to be posted."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from erpdesk.sync.sandbox.books import Key
from erpdesk.sync.sandbox.newjct import CHANGE_TYPE, COST_TYPE, NewEntries
from erpdesk.sync.sandbox.sample_commitments import Commitment, Distribution, Invoice
from erpdesk.sync.sandbox.sample_plan import Budget, Plan, as_of, told
from erpdesk.sync.sandbox.tables import insert, insert_values

PLACE = ("Job", "Extra", "Cost_Code", "Category")
PAYABLE = "2010"
FIRST_CHECK = 20_001
Row = dict[str, Any]


def ledger_rows() -> dict[str, list[Row]]:
    """The rows of tables around payables: ledger accounts, tax groups, the bank account."""
    accounts = [(account, title, kind) for account, title, kind in told()["account"]]
    accounts += [
        (f"5000-{d['id']}", f"Job cost, {d['description'].lower()}", "Cost of sales") for d in told()["division"]
    ]
    return {
        "GLM_MASTER__ACCOUNT": [
            {"Account": account, "Account_Title": title, "Account_Type": kind, "Allow_entry_in_GL": 1}
            for account, title, kind in sorted(accounts)
        ],
        "TXM_MASTER__TAX_GROUP": [
            {"Tax_Group": name, "Description": text, "Rate": rate, "Tax_1_Type": "Sales", "Tax_1_Rate": rate}
            for name, text, rate in told()["tax_group"]
        ],
        "CMM_MASTER__BANK_ACCOUNT": [
            {"Bank_Account": name, "Description": text} for name, text in told()["bank_account"]
        ],
    }


def _placed(budget: Budget) -> Row:
    return dict(zip(PLACE, budget.key, strict=True))


def enter_posted(connection: sqlite3.Connection, billed: Sequence[Invoice], stamp: Row) -> None:
    """The posted invoices with their distributions, payments by check, and AP's own entries for both."""
    headers: list[Row] = []
    lines: list[Row] = []
    for invoice in billed:
        header, own = _invoice(invoice)
        paid = {
            "Status": _status(header["Retainage"], invoice.paid),
            "Retainage_Held": header["Retainage"] if invoice.paid else 0.0,
        }
        headers.append(header | paid | {"Amount_Paid": invoice.net / 100 if invoice.paid else 0.0} | stamp)
        for line, told_line in zip(own, invoice.lines, strict=True):
            net = (told_line.cents - told_line.retainage) / 100 if invoice.paid else 0.0
            held = line["Retainage"] if invoice.paid else 0.0
            lines.append(line | {"Status": paid["Status"], "Amount_Paid": net, "Retainage_Held": held} | stamp)
    insert(connection, "APM_MASTER__INVOICE", headers)
    insert(connection, "APM_MASTER__DISTRIBUTION", lines)
    payments = _payments(billed)
    insert(connection, "APM_MASTER__INVOICE_PAYMENT", [payment | stamp for payment, _ in payments])
    insert_values(connection, "APT_CURRENT__TRANSACTION", [*ENTRY, *stamp], _entries(billed, payments, stamp))


def _status(retainage: float, paid: bool) -> str:
    if not paid:
        return "Not paid"
    return "Partially paid" if retainage else "Fully paid"


def _invoice(invoice: Invoice) -> tuple[Row, list[Row]]:
    header: Row = {
        "Vendor": invoice.vendor,
        "Invoice": invoice.id,
        "Description": invoice.description,
        "Status": "Not paid",
        "Amount": sum(line.cents for line in invoice.lines) / 100,
        "Retainage": sum(line.retainage for line in invoice.lines) / 100,
        "Invoice_Date": str(invoice.day),
        "Date_Received": str(invoice.day),
        "Accounting_Date": str(invoice.day),
        "Appl_of_Origin": "AP",
    }
    lines = [
        {
            "Vendor": invoice.vendor,
            "Invoice": invoice.id,
            "Dist_Seq": number,
            "Description": line.description,
            "Status": "Not paid",
            "Amount": line.cents / 100,
            "Retainage": line.retainage / 100,
            "Expense_Account": f"5000-{line.budget.division}",
            "Accounts_Payable_Account": PAYABLE,
            "Commitment": line.commitment.id if line.commitment else "",
            "Commitment_Line_Item": line.item,
        }
        | _placed(line.budget)
        for number, line in enumerate(invoice.lines, 1)
    ]
    return header, lines


def _payments(billed: Iterable[Invoice]) -> list[tuple[Row, Invoice]]:
    """One payment for each paid invoice; invoices of a vendor that are paid on one day share a check."""
    paid = sorted((i for i in billed if i.paid), key=lambda i: (i.check_day, i.vendor, i.id))
    checks: dict[tuple[object, str], int] = {}
    bank = told()["bank_account"][0][0]
    found: list[tuple[Row, Invoice]] = []
    for number, invoice in enumerate(paid, 1):
        check = checks.setdefault((invoice.check_day, invoice.vendor), FIRST_CHECK + len(checks))
        payment: Row = {
            "Vendor": invoice.vendor,
            "Invoice": invoice.id,
            "Payment_ID": float(number),
            "Description": invoice.description,
            "Payment_Type": "Check",
            "Bank_Account": bank,
            "Check": check,
            "Amount_Paid": invoice.net / 100,
            "Retainage_Held": sum(line.retainage for line in invoice.lines) / 100,
        }
        found.append((payment, invoice))
    return found


ENTRY = (
    *("Vendor", "Invoice", "Dist_Sequence", "Transaction_Type", "Run", "Sequence", "Transaction_Date"),
    *("Accounting_Date", "Description", "Amount", "Retainage", "Payment_ID", "Payment_Type", "Bank_Account", "Check"),
    *("Check_Date", "Expense_Account", "Accounts_Payable_Account", "Job", "Extra", "Cost_Code", "Category"),
    *("Commitment", "Commitment_Line_Item", "Application_of_Origin"),
)


def _entries(
    billed: Sequence[Invoice], payments: Sequence[tuple[Row, Invoice]], stamp: Row
) -> Iterator[tuple[object, ...]]:
    """AP's entries: run 1 holds the distributions, run 2 the payments with their check dates."""
    stamped = tuple(stamp.values())
    sequence = 0
    for invoice in billed:
        day = str(invoice.day)
        for number, line in enumerate(invoice.lines, 1):
            sequence += 1
            start = (invoice.vendor, invoice.id, number, "Invoice", 1, sequence, day, day, line.description)
            amounts = (line.cents / 100, line.retainage / 100, 0.0, "", "", 0, None)
            accounts = (f"5000-{line.budget.division}", PAYABLE)
            bought = (line.commitment.id if line.commitment else "", line.item, "AP")
            yield (*start, *amounts, *accounts, *line.budget.key, *bought, *stamped)
    for sequence, (payment, invoice) in enumerate(payments, 1):
        day = str(invoice.check_day)
        start = (invoice.vendor, invoice.id, 0, "Payment", 2, sequence, day, day, invoice.description)
        how = tuple(payment[name] for name in ("Payment_ID", "Payment_Type", "Bank_Account", "Check"))
        amounts = (payment["Amount_Paid"], payment["Retainage_Held"], *how, day)
        yield (*start, *amounts, "", PAYABLE, "", "", "", "", "", 0, "AP", *stamped)


def enter_waiting(
    connection: sqlite3.Connection, seed: int, made: Plan, bought: Sequence[Commitment], stamp: Row
) -> None:
    """A few invoices in new.api and a few entries in new.jct, for somebody to post."""
    chance = random.Random(seed + 1)
    closed = {(job, code) for job, code in told()["closed_cost_codes"]}
    open_budgets = [b for b in made.budgets if (b.key[0], b.key[2]) not in closed]
    for number, invoice in enumerate(_waiting(chance, open_budgets, bought), 1):
        header, lines = _invoice(invoice)
        if number == 1:
            office: Row = dict.fromkeys(PLACE, "") | {"Expense_Account": "6100", "Description": "Office supplies"}
            lines = [lines[0] | office]
        insert(connection, "API_NEW__INVOICE", [header | {"Pending_Invoice": 1} | stamp])
        insert(connection, "API_NEW__DISTRIBUTION", [line | stamp for line in lines])
    new = NewEntries(connection, "Job cost entry", stamp)
    for number, budget in enumerate(chance.sample([b for b in open_budgets if b.estimate], 9)):
        day = as_of() - timedelta(days=chance.randrange(1, 8))
        cents = chance.randrange(15_000, 420_000)
        _entry(new, budget.key, CHANGE_TYPE if number < 2 else COST_TYPE, str(day), cents)


def _entry(new: NewEntries, key: Key, kind: str, day: str, cents: int) -> None:
    text = "Budget adjustment" if kind == CHANGE_TYPE else "Job cost entry"
    values: Row = {"Transaction_Date": day, "Accounting_Date": day, "Description": text, "Amount": cents / 100}
    new.add(key, Transaction_Type=kind, **values)


def _waiting(chance: random.Random, budgets: Sequence[Budget], bought: Sequence[Commitment]) -> Iterator[Invoice]:
    """Six invoices of the last days: one for the office, two for deliveries, three against commitments."""
    deliveries = [b for b in budgets if b.family == "Material" and b.estimate]
    running = [c for c in bought if c.committed and not c.closed]
    for number, budget in enumerate(chance.sample(deliveries, 3)):
        line = Distribution(budget, chance.randrange(20_000, 900_000), 0, "Material delivered")
        vendor = chance.choice([c.vendor for c in running if c.kind == "Purchase order"] or [running[0].vendor])
        yield Invoice(vendor, f"W-{7001 + number}", "Waiting to be posted", as_of() - timedelta(days=number), [line])
    for number, commitment in enumerate(chance.sample(running, min(3, len(running)))):
        item = commitment.items[0]
        cents = max(100, (item.amount + item.approved - item.invoiced) // 20)
        retainage = round(cents * commitment.retainage / 100)
        line = Distribution(item.budget, cents, retainage, item.description, commitment, item.number)
        day = as_of() - timedelta(days=number + 1)
        yield Invoice(commitment.vendor, f"{commitment.id[3:]}-W{number + 1}", "Next application", day, [line])
