"""What Sage asks of a commitment and of a change order before it lets them in: ids, vendor, job, codes, arithmetic."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from erpdesk.sync.sandbox.company import Settings
from erpdesk.sync.sandbox.places import Places
from erpdesk.sync.sandbox.reader import Record, Refusal

HEADERS = {"C": "CI", "CCO": "CCOI"}
CENT = Decimal("0.01")


@dataclass
class Document:
    """A header with its lines, which go in together or not at all; a line without its header stands alone."""

    header: Record | None
    lines: list[Record] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        """Header and lines in file order."""
        return ([self.header] if self.header else []) + self.lines


def documents(records: Iterable[Record]) -> Iterator[Document]:
    """Puts lines under their headers; a line that nothing can read belongs to the document it stands in."""
    current: Document | None = None
    for record in records:
        if record.letters in HEADERS:
            if current:
                yield current
            current = Document(record)
        elif current and (not record.letters or _belongs(record, current)):
            current.lines.append(record)
        else:
            yield Document(None, [record])
    if current:
        yield current


def _belongs(record: Record, document: Document) -> bool:
    header = document.header
    if header is None or HEADERS[header.letters] != record.letters:
        return False
    return all(record.text(name) == header.text(name) for name in ("commitment", "co"))


class Rules:
    """The checks of one import, against the company as it is inside the import's own transaction."""

    def __init__(self, connection: sqlite3.Connection, settings: Settings) -> None:
        self._places = Places(connection)
        self._row = self._places.row
        self._settings = settings

    def refusals(self, document: Document) -> dict[int, Refusal]:
        """Why records of this document are refused, by line number; empty when all of it may go in."""
        header = document.header
        if header is None:
            return {record.line: self._alone(record) for record in document.lines}
        refusal = header.refusal or (self._commitment(header) if header.letters == "C" else self._change_order(header))
        if refusal is None and not document.lines:
            refusal = Refusal("header_not_lines", "the header is not followed by its lines.")
        if refusal:
            return self._with_header(document, header, refusal)
        own: dict[int, Refusal] = {}
        seen: set[Decimal] = set()
        for record in document.lines:
            number = record.number("item")
            bad = record.refusal
            if bad is None and number in seen:
                if header.letters == "CCO":
                    bad = Refusal("co_line_twice", f"item {number} is changed twice in this change order.")
                else:
                    bad = Refusal("number_range", f"item {number} stands twice in this commitment.")
            seen.add(number)
            bad = bad or (self._item(record) if header.letters == "C" else self._change(record))
            if bad:
                own[record.line] = bad
        if not own:
            return {}
        first = min(own)
        others = Refusal("with_its_header", f"line {first} of the same document was rejected.")
        return {record.line: own.get(record.line, others) for record in document.records}

    def _with_header(self, document: Document, header: Record, refusal: Refusal) -> dict[int, Refusal]:
        # A change to a commitment that is not there is wrong line by line; otherwise lines fall with their header.
        below = refusal
        if refusal.reason != "commitment_unknown":
            below = Refusal("with_its_header", f"its header on line {header.line} was rejected.")
        found = {record.line: below for record in document.lines}
        found[header.line] = refusal
        return found

    def _alone(self, record: Record) -> Refusal:
        if record.refusal:
            return record.refusal
        what = "commitment" if record.letters == "CI" else "change order"
        return Refusal("header_not_lines", f"the line does not follow the header of its {what}.")

    def _commitment(self, header: Record) -> Refusal | None:
        name, vendor = header.text("commitment"), header.text("vendor")
        length = self._settings.commitment_length
        if len(name) > length:
            return Refusal("width", f"the commitment id {name} is {len(name)} characters wide; {length} fit.")
        if self._settings.commitment_capitals and name != name.upper():
            return Refusal("id_mask", f"the commitment id {name} must be in capital letters.")
        if self._row("SELECT 1 FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?", name):
            return Refusal("duplicate_commitment", f"commitment {name} already exists.")
        if header.day("date") is None:
            return Refusal("bad_date", "the date is missing.")
        if not self._row("SELECT 1 FROM APM_MASTER__VENDOR WHERE Vendor = ?", vendor):
            return Refusal("vendor_unknown", f"vendor {vendor} does not exist." if vendor else "the vendor is missing.")
        if header.number("type") == 1 and any(header.text(f) for f in ("ordered_by", "terms", "ship_via", "fob")):
            return Refusal("layout_mismatch", "ordered by, terms, ship via and FOB are for purchase orders only.")
        return None

    def _item(self, record: Record) -> Refusal | None:
        refusal = self._places.refusal(record)
        if refusal:
            return refusal
        units, cost = record.number("units"), record.number("unit_cost")
        worth = (units * cost).quantize(CENT, ROUND_HALF_UP) + record.number("tax")
        if units and cost and abs(worth - record.number("amount")) > CENT:
            return Refusal("number_range", f"units times unit cost and tax come to {worth}, not to the amount.")
        return None

    def _change_order(self, header: Record) -> Refusal | None:
        name, order = header.text("commitment"), header.text("co")
        row = self._row("SELECT Closed FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?", name)
        if row is None:
            return Refusal("commitment_unknown", f"commitment {name} does not exist.")
        if self._row("SELECT 1 FROM JCM_MASTER__COMMITMENT_CO WHERE Commitment = ? AND Commitment_CO = ?", name, order):
            return Refusal("duplicate_co", f"change order {order} of commitment {name} already exists.")
        if row[0]:
            return Refusal("closed_commitment", f"commitment {name} is closed.")
        if header.day("date") is None:
            return Refusal("bad_date", "the date is missing.")
        return None

    def _change(self, record: Record) -> Refusal | None:
        name, number = record.text("commitment"), record.number("item")
        row = self._row(
            "SELECT Unit_Cost FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = ? AND Item_Number = ?",
            *(name, int(number)),
        )
        if row is None:
            return Refusal("commitment_unknown", f"commitment {name} has no item {number}.")
        cost, units = Decimal(str(row[0])), record.number("units")
        worth = (units * cost).quantize(CENT, ROUND_HALF_UP)
        if units and cost and worth != record.number("amount"):
            unit_cost = f"the unit cost {cost:.2f} of item {number} cannot be changed by a change order"
            return Refusal("unit_cost_changed", f"{unit_cost}; {units} units come to {worth}.")
        return None
