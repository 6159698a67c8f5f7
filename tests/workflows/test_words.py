"""Numbers, ID formats, export keys and snapshots: pure rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.models.commitments import CommitmentType, Method
from erpdesk.workflows import snapshots
from erpdesk.workflows.commitment_checks import fits_mask
from erpdesk.workflows.commitment_drafts import line_amount
from erpdesk.workflows.commitments import next_number
from erpdesk.workflows.erp_item import export_key
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot
from erpdesk.workflows.rows import LineDraft

MONEY = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
FINE = st.none() | st.decimals(min_value=-(10**6), max_value=10**6, places=4)
LINES = st.builds(
    LineSnapshot,
    number=st.integers(1, 999),
    description=st.text(max_size=40),
    extra=st.sampled_from(["", "1", "X-1"]),
    cost_code=st.text(max_size=12),
    category=st.sampled_from(["L", "M", "S", "E", "O"]),
    quantity=FINE,
    unit=st.text(max_size=6),
    unit_cost=FINE,
    amount=MONEY,
)
SNAPSHOTS = st.builds(
    CommitmentSnapshot,
    sage_id=st.text(max_size=12),
    type=st.sampled_from(["Subcontract", "Purchase order"]),
    title=st.text(max_size=40),
    vendor=st.text(max_size=10),
    job=st.text(max_size=10),
    date=st.dates(),
    retainage_percent=st.decimals(min_value=0, max_value=100, places=4),
    lines=st.lists(LINES, max_size=5).map(tuple),
)


@given(SNAPSHOTS)
def test_a_snapshot_survives_as_text_and_keeps_its_hash(snapshot: CommitmentSnapshot) -> None:
    text = snapshots.to_text(snapshot)
    assert snapshots.from_text(text) == snapshot
    assert snapshots.sha256(snapshots.to_text(snapshots.from_text(text))) == snapshots.sha256(text)


def test_the_decided_id_takes_the_place_of_the_proposed_one() -> None:
    snapshot = CommitmentSnapshot("SC-1", "Subcontract", "T", "V", "J", date(2026, 1, 2), Decimal(10), ())
    assert snapshots.from_text(snapshots.to_text(snapshot), sage_id="SC-2").sage_id == "SC-2"


@pytest.mark.parametrize(
    ("sage_id", "mask", "fits"),
    [
        ("SC-03-0041", "AA-99-9999", True),
        ("SC-03-004", "AA-99-9999", False),
        ("S1-03-0041", "AA-99-9999", False),
        ("SC 03-0041", "AA-99-9999", False),
        ("S1", "AX", True),
        ("Sé", "AX", False),
        ("٣", "9", False),
    ],
)
def test_id_formats(sage_id: str, mask: str, fits: bool) -> None:
    assert fits_mask(sage_id, mask) is fits


@pytest.mark.parametrize(
    ("last", "taken", "following"),
    [
        ("SC-03-0041", [], "SC-03-0042"),
        ("SC-03-0041", ["SC-03-0042"], "SC-03-0043"),
        ("SC-99", [], "SC-100"),
        ("", [], "SC-0014-001"),
        ("Steel", [], "SC-0014-001"),
        ("A1B2", [], "A1B3"),
    ],
)
def test_the_next_number_follows_the_last_pattern(last: str, taken: list[str], following: str) -> None:
    assert next_number(taken, last, CommitmentType.SUBCONTRACT, "03-0014") == following


def test_a_line_computes_its_amount_and_rounds_half_up_once() -> None:
    line = LineDraft("", "1", "M", "", quantity=Decimal("3"), unit_cost=Decimal("0.8350"), amount=Decimal("9.00"))
    assert line_amount(Method.UNIT, line) == Decimal("2.51")
    assert line_amount(Method.AMOUNT, line) == Decimal("9.00")
    assert line_amount(Method.UNIT, LineDraft("", "1", "M", "", amount=Decimal("9.00"))) == Decimal("9.00")


@given(st.uuids(), st.integers(1, 50))
def test_an_export_key_is_ten_characters_without_vowels_and_always_the_same(uuid: object, revision: int) -> None:
    key = export_key("Company", "commitment", str(uuid), revision)
    assert key == export_key("Company", "commitment", str(uuid), revision)
    assert len(key) == 10
    assert not set(key) & set("AEIOU")
    assert key != export_key("Company", "commitment", str(uuid), revision + 1)
