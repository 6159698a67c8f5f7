"""Estimates, change orders, direct costs and invoices: what does not hold together is a sentence and no file."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.render import Renderer
from erpdesk.workflows.documents import (
    Address,
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
    LineTerms,
    TaxLine,
    Terms,
)
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot

DAY = date(2026, 11, 24)


def money(text: str) -> Decimal:
    return Decimal(text)


BASE = EstimateLine("03-100", "LAB", DAY, money("5400.00"), money("120"), "hour", "Forms")
OWN = EstimateLine("05-100", "SUB", DAY, money("7500.00"), description="Steel", extra="CO-01")
ESTIMATE = EstimateFile("14-091", "Union Station canopy", (OWN, BASE), {"CO-01": "Added canopy"})
CHANGE = CommitmentChange(
    "S-4001",
    "1",
    "Added beams",
    DAY,
    (
        ChangeLine(1, "Beams", money("1500.00")),
        ChangeLine(2, "20 m more", money("1000.00"), money("20"), money("50")),
    ),
)
COST = DirectCost(
    "14-241", "01-100", "LAB", DAY, DAY, money("2500.00"), "5-1000", "", "Week 44", money("40"), money("62.5")
)
COSTS = DirectCosts("week 44", (COST,), (LedgerLine(DAY, DAY, money("12.40"), "6-2000", "1-1000", "Stamps"),))
LINE = Distribution(
    money("8250.50"), "S-6001", 1, "14-211", "", "05-100", "SUB", "5-1000", "", "Steel", money("825.05")
)
INVOICE = InvoiceFile("STEELCO", "A-2", money("8250.50"), DAY, DAY, (LINE,), "Application 2")
LAYOUT = {
    EstimateFile: "jce",
    Commitment: "jcc",
    CommitmentChange: "jcc",
    DirectCosts: "dc",
    InvoiceFile: "ap_fixed",
}
SNAPSHOT = CommitmentSnapshot(
    "SC-1",
    "Purchase order",
    "Steel",
    "STEELCO",
    "21-001",
    DAY,
    money("10"),
    (LineSnapshot(1, "Bolts", "", "05-100", "MAT", money("10"), "each", money("100"), money("1087.00")),),
)
TERMS = Terms(
    Address("410 Dock Road", "", "Tacoma", "WA", "98421"), lines={1: LineTerms(money("5"), DAY, "WATAC", money("87"))}
)
COMMITMENT = Commitment(SNAPSHOT, TERMS)


def preview(document: Document, *more: Document) -> Any:
    return Renderer(load_layout(LAYOUT[type(document)])).preview(document, *more)


def test_the_very_lines() -> None:
    assert preview(ESTIMATE).lines == (
        '"*","14-091","Union Station canopy"',
        '"C","03-100","Forms","LAB",11242026,120.00,"hour",5400.00,,,"",""',
        '"E","CO-01","Added canopy"',
        '"C","05-100","Steel","SUB",11242026,0.00,"",7500.00,,,"","","CO-01"',
    )
    assert preview(CHANGE).lines == (
        '"CCO","S-4001","1","Added beams",,11/24/2026,,,5',
        '"CCOI","S-4001","1",1,"Beams",,1500.00',
        '"CCOI","S-4001","1",2,"20 m more",20,1000.00',
    )
    assert preview(COSTS).lines == (
        '"DC","14-241","","01-100","LAB",2,"11/24/2026","11/24/2026","Week 44",40,62.50,2500.00,"5-1000"',
        '"GL","11/24/2026","11/24/2026","Stamps",12.40,"6-2000","1-1000"',
    )
    assert preview(INVOICE).lines == (
        '"APIF","STEELCO","A-2","Application 2",8250.50,,,,11/24/2026,,,,11/24/2026,,,,,,,,',
        '"APDF","S-6001",1,,,"14-211",,"05-100","SUB",,,"5-1000",,,,,,8250.50,,,,825.05,,,,,,,,,,"Steel",,',
    )
    assert preview(COMMITMENT).lines == (
        '"C","SC-1",2,"Steel","STEELCO",11/24/2026,10,1,0,0,"410 Dock Road","","Tacoma","WA","98421"',
        '"CI","SC-1",1,"Bolts",5,11/24/2026,,"21-001","","05-100","MAT","WATAC",87.00,10,100.00,"each",1087.00',
    )


def test_the_line_map_follows_the_file_and_not_the_document() -> None:
    mapped = Renderer(load_layout("jce")).line_map(ESTIMATE)
    assert [(each.line, each.letters, each.sage_id, each.number) for each in mapped] == [
        (1, "*", "14-091", 0),
        (2, "C", "14-091", 2),
        (3, "E", "14-091", 0),
        (4, "C", "14-091", 1),
    ]
    invoice = Renderer(load_layout("ap_fixed")).line_map(INVOICE)
    assert [(each.sage_id, each.part, each.number) for each in invoice] == [
        ("STEELCO", "A-2", 0),
        ("STEELCO", "A-2", 1),
    ]


def test_the_kind_of_a_document_says_what_to_tick() -> None:
    jce = Renderer(load_layout("jce"))
    assert jce.record_type(ESTIMATE).name == "original estimate" and not jce.record_type(ESTIMATE).tick
    change = jce.record_type(replace(ESTIMATE, approved_change=True))
    assert change.tick == ("Import as an Approved Estimate Change",)
    jcc = Renderer(load_layout("jcc"))
    assert (jcc.record_type(CHANGE).name, jcc.record_type(SNAPSHOT).name) == ("commitment change order", "commitment")
    assert Renderer(load_layout("ap_fixed")).record_type(INVOICE).repeated == "A"


def changed(**change: Any) -> CommitmentChange:
    return replace(CHANGE, lines=(replace(CHANGE.lines[0], **change),))


def cost(**change: Any) -> DirectCosts:
    return DirectCosts("week 44", (replace(COST, **change),))


def invoice(**change: Any) -> InvoiceFile:
    line = replace(LINE, **change)
    return replace(INVOICE, distributions=(line,), amount=line.amount)


def estimate(**change: Any) -> EstimateFile:
    return EstimateFile("14-091", "Canopy", (replace(BASE, **change),))


NEW = {"new": True, "job": "14-091", "cost_code": "05-100", "category": "SUB"}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (replace(ESTIMATE, lines=(), extras={}), "The estimate has no line."),
        (replace(ESTIMATE, extras={}), "Extra CO-01: the extra description is missing."),
        (replace(ESTIMATE, lines=(BASE,)), "The extra CO-01 has a description but no line."),
        (replace(ESTIMATE, job="14-091-0001"), "The job '14-091-0001' has 11 characters; Sage takes at most 10."),
        (estimate(unit="bundles"), "Line 1: the unit 'bundles' has 7 characters; Sage takes at most 6."),
        (estimate(amount=money("100000000")), "the amount 100,000,000 is too large; Sage takes at most 99,999,999.99."),
        (estimate(quantity=money("1.234")), "the quantity 1.234 has too many decimals; Sage takes at most 2 decimals."),
        (estimate(quantity=None), "the quantity is missing"),
        (
            replace(estimate(amount=money("0"), quantity=money("0")), approved_change=True),
            "Line 1: it changes nothing. Take it out.",
        ),
        (replace(CHANGE, lines=()), "The change order has no line."),
        (replace(CHANGE, lines=CHANGE.lines[:1] * 2), "Line 1: the number stands twice in this change order"),
        (replace(CHANGE, status="Draft"), "The status must be Approved, not 'Draft'."),
        (replace(CHANGE, change_order="ABCDEFGHIJK"), "has 11 characters; Sage takes at most 10."),
        (changed(amount=money("0.00")), "Line 1: it changes nothing."),
        (changed(quantity=money("2")), "it has a quantity, but Sage holds no unit cost for this line."),
        (changed(unit_cost=money("50")), "a change order cannot change it. Fill in the quantity"),
        (
            changed(unit_cost=money("50"), quantity=money("10"), amount=money("600.00")),
            "10 at the unit cost 50 that Sage holds is 500.00, but the amount is 600.00.",
        ),
        (changed(cost_code="05-200"), "a change order cannot give a line of the commitment another job"),
        (changed(**{**NEW, "job": ""}), "Line 1: a new line needs a job."),
        (changed(**NEW, quantity=money("2")), "it has a quantity but no unit cost."),
        (DirectCosts("week 44"), "The batch has no line."),
        (cost(amount=money("0.00"), quantity=None, unit_cost=None), "Line 1: its amount is 0.00."),
        (cost(amount=money("2500.01")), "Line 1: 40 × 62.5 is 2,500.00, but the amount is 2,500.01."),
        (cost(credit_account="5-1000"), "debit and credit are the same account"),
        (cost(debit_account="5" * 26), "has 26 characters; Sage takes at most 25."),
        (cost(type="AP cost"), "the transaction type must be JC cost, not 'AP cost'."),
        (replace(INVOICE, distributions=()), "The invoice has no distribution."),
        (
            replace(INVOICE, amount=money("900.00")),
            "The amount of the invoice is 900.00, but its lines sum to 8,250.50.",
        ),
        (replace(INVOICE, tax=money("8.00")), "The tax of the invoice is 8.00, but its lines sum to 0.00."),
        (replace(INVOICE, invoice="x" * 16), "has 16 characters; Sage takes at most 15."),
        (replace(INVOICE, discount=money("12345678")), "Sage takes at most 9,999,999.99."),
        (
            replace(INVOICE, accounting_date=date(1949, 1, 1)),
            "The accounting date must be a day between 1950 and 2098.",
        ),
        (invoice(commitment_line=None), "a commitment and its line number stand together."),
        (invoice(category=""), "a job cost needs a job, a cost code and a category."),
        (invoice(retainage=money("9000")), "the retainage 9,000.00 cannot be held from the amount 8,250.50."),
        (invoice(retainage=money("-1")), "the retainage (1.00) cannot be held"),
        (invoice(amount=money("0.00"), retainage=None), "Line 1: its amount is 0.00."),
        (invoice(exempt_1099="yes"), "the 1099 exempt must be yes or no, not 'yes'."),
        (
            replace(INVOICE, distributions=(Distribution(money("8250.50")),)),
            "it goes to no commitment, job or account.",
        ),
        (replace(INVOICE, taxes=(TaxLine("ST", money("5")),)), "The tax of the invoice is 0.00, but its tax records"),
        (Commitment(SNAPSHOT), "10 × 100 is 1,000.00, but the amount is 1,087.00."),
        (Commitment(SNAPSHOT, replace(TERMS, lines={1: LineTerms(tax=money("87"))})), "it has tax but no tax group."),
        (Commitment(SNAPSHOT, Terms(lines={2: LineTerms()})), "Line 2: it has terms, but"),
        (Commitment(SNAPSHOT, replace(TERMS, ordered_by="x" * 16)), "has 16 characters; Sage takes at most 15."),
    ],
)
def test_what_does_not_hold_together_is_refused(document: Document, sentence: str) -> None:
    seen = preview(document)
    assert any(sentence in each for each in seen.refusals), seen.refusals
    assert seen.data == b"" and seen.sha256 == ""


def test_credits_are_written_with_their_sign() -> None:
    back = changed(amount=money("-250.00"))
    assert preview(back).lines[1].endswith(",-250.00")
    assert preview(invoice(amount=money("-5.00"), retainage=money("-0.50"))).refusals == ()
    assert ",-2,62.50,-125.00," in preview(cost(quantity=money("-2"), amount=money("-125.00"))).lines[0]


def test_a_value_without_a_place_in_the_layout_is_refused_and_not_lost() -> None:
    seen = Renderer(load_layout("ap_variable_minimal")).preview(INVOICE)
    assert seen.data == b""
    for words in ("job 14-211", "commitment S-6001", "cost code 05-100", "retainage 825.05"):
        assert any(f"has no place for the {words}. Clear it." in each for each in seen.refusals), seen.refusals
    assert "no record APIF" in Renderer(load_layout("jcc")).preview(INVOICE).refusals[0]


def test_documents_that_share_a_file() -> None:
    other = replace(INVOICE, vendor="DOORPRO")
    assert preview(INVOICE, other).refusals == ()
    assert preview(INVOICE, other).data == preview(INVOICE).data + preview(other).data
    twice = preview(INVOICE, replace(INVOICE, invoice="a-2"))
    assert twice.refusals == ("Invoice a-2 of STEELCO stands twice in this file. Send it once.",)
    wrong = preview(INVOICE, replace(other, amount=money("1.00")))
    assert wrong.refusals[0].startswith("Invoice A-2 of DOORPRO: the amount of the invoice is 1.00")
    assert "stands twice" in preview(ESTIMATE, ESTIMATE).refusals[0]
    mixed = preview(ESTIMATE, replace(estimate(), job="14-092", approved_change=True))
    assert "cannot share a file" in mixed.refusals[0]
    both = Renderer(load_layout("jcc")).preview(CHANGE, COMMITMENT)
    assert [line.split(",")[0] for line in both.lines] == ['"C"', '"CI"', '"CCO"', '"CCOI"', '"CCOI"']


def test_figures_on_which_the_sources_disagree_are_warnings() -> None:
    big = estimate(amount=money("1000000.00"))
    assert preview(big).refusals == ()
    assert Renderer(load_layout("jce")).warnings(big) == (
        "Line 1: the amount 1,000,000.00 is over 999,999.99, which some Sage installations do not take in one line.",
    )


wild = st.one_of(
    st.none(),
    st.text(max_size=32),
    # A signalling NaN has no hash and comes out of no database, file or field.
    st.decimals(allow_nan=True, allow_infinity=True).filter(lambda value: not value.is_snan()),
    st.integers(-2, 100_000),
    st.dates(),
    st.booleans(),
    st.floats(),
)


def muddled(thing: Any, data: st.DataObject) -> Any:
    """A document with some of its values replaced by anything at all."""
    change: dict[str, Any] = {}
    for each in fields(thing):
        held = getattr(thing, each.name)
        if isinstance(held, tuple):
            change[each.name] = tuple(muddled(part, data) for part in held)
        elif is_dataclass(held):
            change[each.name] = muddled(held, data)
        elif not isinstance(held, dict) and data.draw(st.integers(0, 4)) == 0:
            change[each.name] = data.draw(wild)
    return replace(thing, **change)


@given(st.sampled_from([ESTIMATE, CHANGE, COSTS, INVOICE, COMMITMENT, changed(**NEW)]), st.data())
@settings(max_examples=250, deadline=None)
def test_no_value_makes_it_raise(document: Document, data: st.DataObject) -> None:
    seen = preview(muddled(document, data))
    assert bool(seen.data) is not bool(seen.refusals)
