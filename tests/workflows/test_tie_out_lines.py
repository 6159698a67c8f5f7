"""Where the amounts of every document belong, and the day that puts them into a period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest

from erpdesk.core.money import from_whole_cents
from erpdesk.workflows.documents import (
    ChangeLine,
    Commitment,
    CommitmentChange,
    DirectCost,
    DirectCosts,
    Distribution,
    Document,
    EstimateFile,
    EstimateLine,
    InvoiceFile,
    LedgerLine,
)
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot
from erpdesk.workflows.tie_out_lines import amount_of, lines_of, title_of
from erpdesk.workflows.tie_out_rows import Accepted, Key

D = Decimal
PAID, BOOKED = date(2026, 10, 28), date(2026, 11, 3)
SNAPSHOT = CommitmentSnapshot(
    "SC-1",
    "Subcontract",
    "Steel",
    "V1",
    "J1",
    PAID,
    D("10"),
    (
        LineSnapshot(1, "Furnish", "", "01-100", "S", None, "", None, D("10.01")),
        LineSnapshot(2, "Erect", "X1", "01-200", "M", None, "", None, D("-2.50")),
    ),
)
KEYS = {1: Key("J1", "", "01-100", "S"), 2: Key("J1", "X1", "01-200", "M")}
CHANGE = CommitmentChange(
    "SC-1",
    "1",
    "More steel",
    PAID,
    (
        ChangeLine(2, "Erect", D("5.00")),
        ChangeLine(3, "Crane", D("7.00"), new=True, job="J2", cost_code="01-300", category="E"),
        ChangeLine(9, "?", D("1.00")),
    ),
)
ESTIMATE = EstimateFile(
    "J1",
    "Budget",
    (EstimateLine("01-100", "S", PAID, D("1.00")), EstimateLine("01-200", "M", BOOKED, D("2.00"), extra="X1")),
)
COSTS = DirectCosts(
    "BATCH-1",
    (DirectCost("J1", "01-100", "S", PAID, BOOKED, D("3.33"), "5000"),),
    (LedgerLine(PAID, BOOKED, D("99.00"), "1000", "2000"),),
)
INVOICE = InvoiceFile(
    "V1",
    "INV-1",
    D("30.00"),
    PAID,
    BOOKED,
    (
        Distribution(D("12.00"), "SC-1", 2),
        Distribution(D("18.00"), job="J2", cost_code="01-300", category="E"),
    ),
    description="October",
)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (SNAPSHOT, (Accepted(KEYS[1], PAID, 1001), Accepted(KEYS[2], PAID, -250))),
        (Commitment(SNAPSHOT), (Accepted(KEYS[1], PAID, 1001), Accepted(KEYS[2], PAID, -250))),
        (
            CHANGE,
            (
                Accepted(KEYS[2], PAID, 500),
                Accepted(Key("J2", "", "01-300", "E"), PAID, 700),
                Accepted(Key(), PAID, 100),
            ),
        ),
        (ESTIMATE, (Accepted(KEYS[1], PAID, 100), Accepted(KEYS[2], BOOKED, 200))),
        (COSTS, (Accepted(KEYS[1], BOOKED, 333),)),
        (INVOICE, (Accepted(KEYS[2], BOOKED, 1200), Accepted(Key("J2", "", "01-300", "E"), BOOKED, 1800))),
    ],
)
def test_lines_have_their_place_their_day_and_their_cents(document: Document, expected: tuple[Accepted, ...]) -> None:
    assert lines_of(document, KEYS) == expected
    assert from_whole_cents(sum(line.cents for line in expected)) == amount_of(document)
    assert title_of(document)


def test_every_document_is_covered() -> None:
    assert {type(each) for each in (SNAPSHOT, Commitment(SNAPSHOT), CHANGE, ESTIMATE, COSTS, INVOICE)} == set(
        get_args(Document)
    )


def test_part_of_a_cent_is_refused() -> None:
    odd = EstimateFile("J1", "Budget", (EstimateLine("01-100", "S", PAID, D("1.001")),))
    with pytest.raises(ValueError, match="whole number of cents"):
        lines_of(odd)
