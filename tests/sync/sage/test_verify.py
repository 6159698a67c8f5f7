"""Approved against Sage, field by field: padding and blanks do not count, everything else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from erpdesk.sync.sage.verify import Difference, another, compare
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot, SageCommitment, SageItem

LINES = (
    LineSnapshot(1, "Furnish and erect", "", "05-100", "SUB", None, "", None, Decimal("1500.00")),
    LineSnapshot(2, "Bolts", "X1", "05-100", "MAT", Decimal("120.5"), "each", Decimal("2.25"), Decimal("271.13")),
)
APPROVED = CommitmentSnapshot(
    "SC-1", "Subcontract", "Steel", "STEELCO", "21-001", date(2026, 11, 4), Decimal("7.5"), LINES
)


def item(line: LineSnapshot) -> SageItem:
    return SageItem(
        number=line.number,
        description=line.description,
        job="21-001",
        extra=line.extra,
        cost_code=line.cost_code,
        category=line.category,
        units=line.quantity or Decimal("0.0000"),
        unit_description=line.unit,
        unit_cost=line.unit_cost or Decimal("0.0000"),
        amount=line.amount,
        retainage_percent=None,
        approved_changes=Decimal("0.00"),
        invoiced=Decimal("0.00"),
    )


FOUND = SageCommitment(
    commitment="SC-1",
    type="Subcontract",
    description="Steel",
    vendor="STEELCO",
    job="21-001",
    date=date(2026, 11, 4),
    retainage_percent=Decimal("7.5000"),
    committed=True,
    closed=False,
    amount=Decimal("1771.13"),
    approved_changes=Decimal("0.00"),
    invoiced=Decimal("0.00"),
    items=tuple(item(line) for line in LINES),
)


def with_line(**changes: Any) -> SageCommitment:
    return replace(FOUND, items=(replace(FOUND.items[0], **changes), FOUND.items[1]))


def test_equal_is_no_difference() -> None:
    assert compare(APPROVED, FOUND) == ()


@pytest.mark.parametrize(
    "found",
    [
        replace(FOUND, description="Steel   ", vendor="STEELCO\0", job=""),
        replace(FOUND, approved_changes=Decimal("10.00"), invoiced=Decimal("99.00")),
        with_line(retainage_percent=Decimal("7.5"), approved_changes=Decimal("5.00")),
        with_line(description="Furnish and erect  "),
        replace(FOUND, items=FOUND.items[::-1]),
    ],
)
def test_padding_order_and_later_bookings_do_not_count(found: SageCommitment) -> None:
    assert compare(APPROVED, found) == ()


@pytest.mark.parametrize(
    ("found", "field", "approved", "in_sage"),
    [
        (replace(FOUND, commitment="SC-2"), "Commitment ID", "SC-1", "SC-2"),
        (replace(FOUND, type="Purchase order"), "Type", "Subcontract", "Purchase order"),
        (replace(FOUND, description="Stee"), "Title", "Steel", "Stee"),
        (replace(FOUND, vendor="DOORPRO"), "Vendor", "STEELCO", "DOORPRO"),
        (replace(FOUND, job="21-002"), "Job", "21-001", "21-002"),
        (replace(FOUND, date=date(2026, 4, 11)), "Date", "2026-11-04", "2026-04-11"),
        (replace(FOUND, date=None), "Date", "2026-11-04", "nothing"),
        (replace(FOUND, retainage_percent=Decimal("10")), "Retainage percent", "7.5", "10"),
        (replace(FOUND, committed=False), "Committed to Job Cost", "yes", "no"),
        (replace(FOUND, closed=True), "Closed", "no", "yes"),
        (replace(FOUND, amount=Decimal("1771.12")), "Amount", "1,771.13", "1,771.12"),
        (with_line(description="Furnish"), "Line 1 description", "Furnish and erect", "Furnish"),
        (with_line(job="21-002"), "Line 1 job", "21-001", "21-002"),
        (with_line(extra="X1"), "Line 1 extra", "nothing", "X1"),
        (with_line(cost_code="05-200"), "Line 1 cost code", "05-100", "05-200"),
        (with_line(category="MAT"), "Line 1 category", "SUB", "MAT"),
        (with_line(units=Decimal("1")), "Line 1 quantity", "0", "1"),
        (with_line(unit_description="ls"), "Line 1 unit", "nothing", "ls"),
        (with_line(unit_cost=Decimal("0.0001")), "Line 1 unit cost", "0", "0.0001"),
        (with_line(amount=Decimal("1500.01")), "Line 1 amount", "1,500.00", "1,500.01"),
        (with_line(tax=Decimal("1.00")), "Line 1 tax", "0.00", "1.00"),
        (with_line(retainage_percent=Decimal("5")), "Line 1 retainage percent", "as the commitment", "5"),
        (replace(FOUND, items=FOUND.items[:1]), "Line 2", "Bolts, 271.13", "nothing"),
        (
            replace(FOUND, items=(*FOUND.items, replace(FOUND.items[0], number=3))),
            "Line 3",
            "nothing",
            "Furnish and erect, 1,500.00",
        ),
        (replace(FOUND, items=(*FOUND.items, FOUND.items[1])), "Line 2", "once", "more than once"),
    ],
)
def test_each_field_counts(found: SageCommitment, field: str, approved: str, in_sage: str) -> None:
    assert compare(APPROVED, found) == (Difference(field, approved, in_sage),)


def test_the_case_of_ids_is_the_companys_rule() -> None:
    found = replace(FOUND, commitment="sc-1", vendor="SteelCo")
    assert len(compare(APPROVED, found)) == 2
    assert compare(APPROVED, found, capitals=True) == ()


def test_another_commitment_is_of_another_vendor_or_on_other_codes_only() -> None:
    assert not another(APPROVED, FOUND)
    dearer = tuple(replace(each, amount=each.amount + 1, description="x") for each in FOUND.items)
    assert not another(APPROVED, replace(FOUND, items=dearer, description="Something else"))
    assert not another(APPROVED, replace(FOUND, items=()))
    assert not another(APPROVED, replace(FOUND, items=FOUND.items[:1]))
    assert not another(APPROVED, replace(FOUND, vendor="steelco  "), capitals=True)
    assert another(APPROVED, replace(FOUND, vendor="DOORPRO"))
    assert another(APPROVED, replace(FOUND, items=tuple(replace(each, job="21-002") for each in FOUND.items)))
    assert another(APPROVED, replace(FOUND, items=tuple(replace(each, cost_code="09-900") for each in FOUND.items)))
