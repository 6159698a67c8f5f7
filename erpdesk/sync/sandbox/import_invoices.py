"""AP > Tools > Import Invoices: invoices in the order of fields that the company gives; they wait in new.api."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from erpdesk.sync.sandbox.invoice_rules import HEADERS, Bill, InvoiceRules, bills
from erpdesk.sync.sandbox.journal import Verdict
from erpdesk.sync.sandbox.reader import Record, Refusal, layout_file, named, read_file
from erpdesk.sync.sandbox.running import NOTHING, Importer, Program, Run, Stopped
from erpdesk.sync.sandbox.tables import insert

PROGRAM = Program(
    "import_ap",
    "AP > Tools > Import Invoices",
    "invoices.txt",
    "invoices.prn",
    "invoices.rej",
    "Accounts Payable   Import Invoices",
)
NOT_PAID = "Not paid"


def shapes(layouts: Mapping[str, Any], name: str) -> dict[str, Any]:
    """How the records of a named layout look; raises KeyError for a name that is not set up."""
    known = layout_file("invoice_fields")
    # A company that gives layouts of its own has these and no others.
    orders = (layouts or known["layouts"])[name]
    made: dict[str, Any] = {}
    for letters, order in orders.items():
        if letters not in known["titles"]:
            continue
        fields = known["invoice" if letters in HEADERS else "distribution"]
        title = known["titles"][letters]
        made[letters] = {"title": title, "longest": len(order), "field": named(order[1:], fields)}
    return made


class InvoiceImport(Importer):
    """AP invoices in the fixed or the variable form; posted by AP > Tasks > Post Invoices."""

    def read(self, data: bytes, run: Run) -> list[Record]:
        """Cuts the file into records by the company's own order of fields."""
        settings = run.company.settings
        try:
            orders = shapes(settings.layouts, run.layout)
        except KeyError as error:
            raise Stopped(f"the import format {run.layout} is not set up. {NOTHING}") from error
        return read_file(data, orders, settings.date_format)

    def enter(self, connection: sqlite3.Connection, records: list[Record], run: Run) -> tuple[Verdict, ...]:
        """Invoice by invoice: all of it or nothing of it."""
        settings = run.company.settings
        rules = InvoiceRules(connection, settings)
        stamp = run.company.stamp()
        reject_next = run.company.faults.reject_next
        verdicts: list[Verdict] = []
        for bill in bills(records):
            refused = rules.refusals(bill)
            header = bill.header
            if reject_next and not refused and header:
                fallen = Refusal("with_its_header", f"line {header.line} of the same invoice was rejected.")
                refused = {record.line: fallen for record in bill.lines}
                refused[header.line] = Refusal("refused_by_sage", reject_next)
                reject_next = ""
            name = header.text("invoice") if header else ""
            if refused or header is None:
                for record in bill.records:
                    why = refused[record.line]
                    verdicts.append(Verdict(record.line, record.letters, name, why.reason, why.sentence))
                continue
            day = header.day("accounting_date")
            if day and settings.closed("AP", day) == "warn":
                run.warn("closed_period", f"the accounting date of line {header.line} is in a closed period.")
            _accept(connection, header, bill, stamp)
            for record in bill.records:
                amount = bill.total if record is header else None
                verdicts.append(Verdict(record.line, record.letters, name, amount=amount))
        return tuple(verdicts)


def _kept(record: Record, fields: Mapping[str, Any]) -> dict[str, object]:
    row: dict[str, object] = {}
    for name, spec in fields.items():
        value = record.values.get(name)
        if spec["column"] and value not in (None, ""):
            stored = float(value) if isinstance(value, Decimal) else str(value) if isinstance(value, date) else value
            row[spec["column"]] = stored
    return row


def _accept(connection: sqlite3.Connection, header: Record, bill: Bill, stamp: dict[str, object]) -> None:
    known = layout_file("invoice_fields")
    row: dict[str, object] = _kept(header, known["invoice"]) | {
        "Status": NOT_PAID,
        "Amount": float(bill.total),
        "Tax": float(sum((line.number("tax") for line in bill.lines), Decimal(0))),
        "Retainage": float(sum((line.number("retainage") for line in bill.lines), Decimal(0))),
        "Appl_of_Origin": "AP",
        "Batch_Source": "Import invoices",
        "Created_by": str(stamp["Operator_Stamp"]),
        "Pending_Invoice": 1,
    }
    insert(connection, "API_NEW__INVOICE", [row | stamp])
    for number, line in enumerate(bill.lines, 1):
        own: dict[str, object] = {
            "Vendor": header.text("vendor"),
            "Invoice": header.text("invoice"),
            "Dist_Seq": number,
            "Status": NOT_PAID,
        }
        insert(connection, "API_NEW__DISTRIBUTION", [own | _kept(line, known["distribution"]) | stamp])
