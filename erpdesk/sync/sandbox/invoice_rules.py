"""What Sage asks of an AP invoice before it waits for posting: vendor, number, period, lines that make the header."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from erpdesk.sync.sandbox.company import Settings
from erpdesk.sync.sandbox.places import PLACE, Places
from erpdesk.sync.sandbox.reader import Record, Refusal

HEADERS = ("API", "APIF")
CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass
class Bill:
    """An invoice with its distributions, which go in together or not at all; a line without a header stands alone."""

    header: Record | None
    lines: list[Record] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        """Header and lines in file order."""
        return ([self.header] if self.header else []) + self.lines

    @property
    def total(self) -> Decimal:
        """What the distributions come to."""
        return sum((line.number("amount") for line in self.lines), ZERO)


def bills(records: Iterable[Record]) -> Iterator[Bill]:
    """Puts distributions under their headers; a line that nothing can read belongs to the invoice it stands in."""
    current: Bill | None = None
    for record in records:
        if record.letters in HEADERS:
            if current:
                yield current
            current = Bill(record)
        elif current:
            current.lines.append(record)
        else:
            yield Bill(None, [record])
    if current:
        yield current


class InvoiceRules:
    """The checks of one import, against the company as it is inside the import's own transaction."""

    def __init__(self, connection: sqlite3.Connection, settings: Settings) -> None:
        self._places = Places(connection)
        self._settings = settings

    def refusals(self, bill: Bill) -> dict[int, Refusal]:
        """Why records of this invoice are refused, by line number; empty when all of it may go in."""
        header = bill.header
        if header is None:
            alone = Refusal("header_not_lines", "the line does not follow the header of its invoice.")
            return {record.line: record.refusal or alone for record in bill.lines}
        refusal = header.refusal or self._header(header)
        if refusal:
            return self._fallen(bill, {header.line: refusal})
        own: dict[int, Refusal] = {}
        for record in bill.lines:
            bad = record.refusal or self._line(record)
            if bad:
                own[record.line] = bad
        if not own:
            refusal = self._sums(bill, header)
            own = {header.line: refusal} if refusal else {}
        return self._fallen(bill, own) if own else {}

    def _fallen(self, bill: Bill, own: dict[int, Refusal]) -> dict[int, Refusal]:
        first = min(own)
        others = Refusal("with_its_header", f"line {first} of the same invoice was rejected.")
        return {record.line: own.get(record.line, others) for record in bill.records}

    def _header(self, header: Record) -> Refusal | None:
        vendor, invoice = header.text("vendor"), header.text("invoice")
        if not self._places.row("SELECT 1 FROM APM_MASTER__VENDOR WHERE Vendor = ?", vendor):
            return Refusal("vendor_unknown", f"vendor {vendor} does not exist.")
        for table, where in (("API_NEW__INVOICE", "waits to be posted"), ("APM_MASTER__INVOICE", "is posted")):
            if self._places.row(f"SELECT 1 FROM {table} WHERE Vendor = ? AND Invoice = ?", vendor, invoice):
                what = f"invoice {invoice} of vendor {vendor} already exists and {where}."
                return Refusal("duplicate_invoice", what)
        for name, usage in (
            ("date_received", self._settings.ap_date_received_usage),
            ("payment_date", self._settings.ap_payment_date_usage),
        ):
            if usage == "Required" and header.day(name) is None:
                return Refusal("bad_date", f"the {name.replace('_', ' ')} is missing.")
        day = header.day("accounting_date")
        if day and self._settings.closed("AP", day) == "stop":
            return Refusal("closed_period", f"the accounting date {day} is in a closed period of Accounts Payable.")
        return None

    def _line(self, record: Record) -> Refusal | None:
        job, account = record.text("job"), record.text("expense_account")
        if job:
            refusal = self._places.refusal(record)
            if refusal:
                return refusal
        elif any(record.text(name) for name in ("extra", "cost_code", "category")):
            return Refusal("unknown_job", "the job is missing.")
        elif not account:
            return Refusal("layout_mismatch", "the line has neither a job nor an expense account.")
        for name in ("expense_account", "ap_account"):
            refusal = self._places.account(record.text(name))
            if refusal:
                return refusal
        return self._commitment(record) or self._figures(record)

    def _commitment(self, record: Record) -> Refusal | None:
        name, number = record.text("commitment"), int(record.number("commitment_line"))
        if not name:
            return Refusal("commitment_unknown", "a commitment line without its commitment.") if number else None
        row = self._places.row("SELECT Closed FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?", name)
        if row is None:
            return Refusal("commitment_unknown", f"commitment {name} does not exist.")
        if row[0]:
            return Refusal("closed_commitment", f"commitment {name} is closed.")
        sql = "SELECT Job, Extra, Cost_Code, Category FROM JCM_MASTER__COMMITMENT_ITEM"
        place = self._places.row(f"{sql} WHERE Commitment = ? AND Item_Number = ?", name, number)
        if place is None:
            return Refusal("commitment_unknown", f"commitment {name} has no item {number}.")
        if tuple(place) != tuple(record.text(part) for part in PLACE):
            return Refusal("commitment_place", f"item {number} of commitment {name} is on another cost code.")
        return None

    def _figures(self, record: Record) -> Refusal | None:
        amount, retainage = record.number("amount"), record.number("retainage")
        if retainage and (abs(retainage) > abs(amount) or (retainage < 0) != (amount < 0)):
            return Refusal("number_range", f"the retainage {retainage} is not a part of the amount {amount}.")
        units, cost = record.number("units"), record.number("unit_cost")
        worth = (units * cost).quantize(CENT, ROUND_HALF_UP) + record.number("tax")
        if self._settings.ap_validate_units and record.text("job") and abs(worth - amount) > CENT:
            return Refusal("number_range", f"units times unit cost and tax come to {worth}, not to the amount.")
        group = record.text("tax_group")
        if self._settings.taxes and group:
            if self._places.row("SELECT 1 FROM TXM_MASTER__TAX_GROUP WHERE Tax_Group = ?", group):
                return None
            return Refusal("unknown_tax_group", f"tax group {group} does not exist.")
        return None

    def _sums(self, bill: Bill, header: Record) -> Refusal | None:
        if not bill.lines:
            return Refusal("header_not_lines", "the header is not followed by its lines.")
        if not header.given("amount") and bill.total:
            return Refusal("header_not_lines", f"the amount is missing; the lines come to {bill.total}.")
        if header.number("amount") != bill.total:
            what = f"the amount is {header.number('amount')}, its lines come to {bill.total}."
            return Refusal("header_not_lines", what)
        taxes = sum((line.number("tax") for line in bill.lines), ZERO)
        if header.given("tax") and header.number("tax") != taxes:
            return Refusal("header_not_lines", f"the tax is {header.number('tax')}, its lines come to {taxes}.")
        return None
