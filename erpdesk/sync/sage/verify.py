"""What was approved against what Sage holds, field by field, after both are written in the same way (5.5 step 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erpdesk.core.money import cents, fourths, show_amount, show_quantity
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot, SageCommitment, SageItem

_NOTHING = "nothing"


@dataclass(frozen=True)
class Difference:
    """One field that is not in Sage as it was approved; both values in words."""

    field: str
    approved: str
    in_sage: str

    def __str__(self) -> str:
        return f"{self.field}: approved {self.approved}, in Sage {self.in_sage}"


def compare(approved: CommitmentSnapshot, found: SageCommitment, *, capitals: bool = False) -> tuple[Difference, ...]:
    """Every difference between an approved commitment and the one in Sage; empty means equal.

    Padding is ignored, and with ``capitals`` (the company forces capital letters) the case of IDs. Amounts are compared
    to the cent, quantities and unit costs to four decimals. Change orders and invoices made in Sage since do not count.
    """
    return tuple(_differences(approved, found, capitals))


def another(approved: CommitmentSnapshot, found: SageCommitment, *, capitals: bool = False) -> bool:
    """Whether what Sage holds is plainly another commitment: of another vendor, or with all its lines on other codes.

    An approved commitment that somebody changed in Sage is not: a person changes amounts and words, not all of this.
    """
    if _id(approved.vendor, capitals) != _id(found.vendor, capitals):
        return True
    wanted = {(approved.job, line.extra, line.cost_code, line.category) for line in approved.lines}
    held = {(item.job, item.extra, item.cost_code, item.category) for item in found.items}
    return bool(held) and not _ids(wanted, capitals) & _ids(held, capitals)


def _ids(keys: set[tuple[str, str, str, str]], capitals: bool) -> set[tuple[str, ...]]:
    return {tuple(_id(part, capitals) for part in key) for key in keys}


def _differences(approved: CommitmentSnapshot, found: SageCommitment, capitals: bool) -> Iterator[Difference]:
    def same_id(text: str) -> str:
        return _id(text, capitals)

    yield from _unlike("Commitment ID", same_id(approved.sage_id), same_id(found.commitment))
    yield from _unlike("Type", _text(approved.type), _text(found.type))
    yield from _unlike("Title", _text(approved.title), _text(found.description))
    yield from _unlike("Vendor", same_id(approved.vendor), same_id(found.vendor))
    # Sage keeps a job at the header only for some commitments; the lines carry it always.
    if found.job.strip():
        yield from _unlike("Job", same_id(approved.job), same_id(found.job))
    yield from _unlike("Date", _day(approved.date), _day(found.date))
    yield from _unlike("Retainage percent", _quantity(approved.retainage_percent), _quantity(found.retainage_percent))
    yield from _unlike("Amount", _money(approved.amount), _money(found.amount))
    if not found.committed:
        yield Difference("Committed to Job Cost", "yes", "no")
    if found.closed:
        yield Difference("Closed", "no", "yes")
    there = {item.number: item for item in found.items}
    for number in sorted({item.number for item in found.items if _times(found, item.number) > 1}):
        yield Difference(f"Line {number}", "once", "more than once")
    for line in approved.lines:
        item = there.pop(line.number, None)
        if item is None:
            yield Difference(f"Line {line.number}", f"{line.description}, {_money(line.amount)}", _NOTHING)
        else:
            yield from _line(approved, line, item, capitals)
    for item in there.values():
        yield Difference(f"Line {item.number}", _NOTHING, f"{item.description}, {_money(item.amount)}")


def _line(approved: CommitmentSnapshot, line: LineSnapshot, item: SageItem, capitals: bool) -> Iterator[Difference]:
    where = f"Line {line.number} "
    yield from _unlike(where + "description", _text(line.description), _text(item.description))
    for field, wanted, has in (
        ("job", approved.job, item.job),
        ("extra", line.extra, item.extra),
        ("cost code", line.cost_code, item.cost_code),
        ("category", line.category, item.category),
    ):
        yield from _unlike(where + field, _id(wanted, capitals), _id(has, capitals))
    yield from _unlike(where + "quantity", _quantity(line.quantity), _quantity(item.units))
    yield from _unlike(where + "unit", _text(line.unit), _text(item.unit_description))
    yield from _unlike(where + "unit cost", _quantity(line.unit_cost), _quantity(item.unit_cost))
    yield from _unlike(where + "amount", _money(line.amount), _money(item.amount))
    if item.tax:
        yield Difference(where + "tax", _money(Decimal(0)), _money(item.tax))
    # Blank and 0 in a line mean the header's retainage.
    if item.retainage_percent and fourths(item.retainage_percent) != fourths(approved.retainage_percent):
        yield Difference(where + "retainage percent", "as the commitment", _quantity(item.retainage_percent))


def _unlike(field: str, approved: str, in_sage: str) -> Iterator[Difference]:
    if approved != in_sage:
        yield Difference(field, approved or _NOTHING, in_sage or _NOTHING)


def _times(found: SageCommitment, number: int) -> int:
    return sum(item.number == number for item in found.items)


def _text(text: str) -> str:
    return text.rstrip(" \0")


def _id(text: str, capitals: bool) -> str:
    return _text(text).upper() if capitals else _text(text)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _money(amount: Decimal) -> str:
    return show_amount(cents(amount))


def _quantity(quantity: Decimal | None) -> str:
    # Sage holds 0 where the file was blank.
    return show_quantity(fourths(quantity or Decimal(0)))
