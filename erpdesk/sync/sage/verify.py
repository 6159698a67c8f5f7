"""What was approved against what Sage holds, field by field, after both are written in the same way (5.5 step 7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erpdesk.core.money import cents, fourths, show_amount, show_quantity
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot, SageCommitment, SageItem

NOTHING = "nothing"


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
    if id_of(approved.vendor, capitals) != id_of(found.vendor, capitals):
        return True
    wanted = {(approved.job, line.extra, line.cost_code, line.category) for line in approved.lines}
    held = {(item.job, item.extra, item.cost_code, item.category) for item in found.items}
    return bool(held) and not _ids(wanted, capitals) & _ids(held, capitals)


def _ids(keys: set[tuple[str, str, str, str]], capitals: bool) -> set[tuple[str, ...]]:
    return {tuple(id_of(part, capitals) for part in key) for key in keys}


def _differences(approved: CommitmentSnapshot, found: SageCommitment, capitals: bool) -> Iterator[Difference]:
    def same_id(text: str) -> str:
        return id_of(text, capitals)

    yield from unlike("Commitment ID", same_id(approved.sage_id), same_id(found.commitment))
    yield from unlike("Type", text_of(approved.type), text_of(found.type))
    yield from unlike("Title", text_of(approved.title), text_of(found.description))
    yield from unlike("Vendor", same_id(approved.vendor), same_id(found.vendor))
    # Sage keeps a job at the header only for some commitments; the lines carry it always.
    if found.job.strip():
        yield from unlike("Job", same_id(approved.job), same_id(found.job))
    yield from unlike("Date", day_of(approved.date), day_of(found.date))
    yield from unlike(
        "Retainage percent", quantity_of(approved.retainage_percent), quantity_of(found.retainage_percent)
    )
    yield from unlike("Amount", money_of(approved.amount), money_of(found.amount))
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
            yield Difference(f"Line {line.number}", f"{line.description}, {money_of(line.amount)}", NOTHING)
        else:
            yield from _line(approved, line, item, capitals)
    for item in there.values():
        yield Difference(f"Line {item.number}", NOTHING, f"{item.description}, {money_of(item.amount)}")


def _line(approved: CommitmentSnapshot, line: LineSnapshot, item: SageItem, capitals: bool) -> Iterator[Difference]:
    where = f"Line {line.number} "
    yield from unlike(where + "description", text_of(line.description), text_of(item.description))
    for field, wanted, has in (
        ("job", approved.job, item.job),
        ("extra", line.extra, item.extra),
        ("cost code", line.cost_code, item.cost_code),
        ("category", line.category, item.category),
    ):
        yield from unlike(where + field, id_of(wanted, capitals), id_of(has, capitals))
    yield from unlike(where + "quantity", quantity_of(line.quantity), quantity_of(item.units))
    yield from unlike(where + "unit", text_of(line.unit), text_of(item.unit_description))
    yield from unlike(where + "unit cost", quantity_of(line.unit_cost), quantity_of(item.unit_cost))
    yield from unlike(where + "amount", money_of(line.amount), money_of(item.amount))
    if item.tax:
        yield Difference(where + "tax", money_of(Decimal(0)), money_of(item.tax))
    # Blank and 0 in a line mean the header's retainage.
    if item.retainage_percent and fourths(item.retainage_percent) != fourths(approved.retainage_percent):
        yield Difference(where + "retainage percent", "as the commitment", quantity_of(item.retainage_percent))


def unlike(field: str, approved: str, in_sage: str) -> Iterator[Difference]:
    """The difference between two values in words, if there is one."""
    if approved != in_sage:
        yield Difference(field, approved or NOTHING, in_sage or NOTHING)


def _times(found: SageCommitment, number: int) -> int:
    return sum(item.number == number for item in found.items)


def text_of(text: str) -> str:
    """A text without padding."""
    return text.rstrip(" \0")


def id_of(text: str, capitals: bool) -> str:
    """An ID without padding, in capitals where their case says nothing."""
    return text_of(text).upper() if capitals else text_of(text)


def day_of(day: date | None) -> str:
    """A date as ISO text; '' for none."""
    return day.isoformat() if day else ""


def money_of(amount: Decimal) -> str:
    """An amount to the cent."""
    return show_amount(cents(amount))


def quantity_of(quantity: Decimal | None) -> str:
    """A quantity, unit cost or percentage to four decimals; blank is 0, as Sage holds it."""
    return show_quantity(fourths(quantity or Decimal(0)))
