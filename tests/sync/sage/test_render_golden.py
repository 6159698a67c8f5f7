"""The golden cases asked of the writer: what they accept it writes field for field, what it must refuse it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from erpdesk.sync.sage.layouts import Layout, Site, load_layout
from erpdesk.sync.sage.render import Renderer
from erpdesk.workflows.documents import EstimateFile, EstimateLine
from tests.sync.golden_documents import GOLDEN, Wanted, split, wanted

EVERY = tuple(wanted())
PENDING = "a change order that is not approved: the numbers of the other statuses are not known"
QUOTES = "a double quotation mark within a text: no document says that Sage reads it"
LABELS = {
    "joint_payee": "joint payee",
    "expense_account": "expense account",
    "commitment_line": "commitment line",
    "cost_code": "cost code",
}
"""How the names of a case's own invoice order read in the writer's layouts; other names are the same."""


def layout_for(one: Wanted) -> Layout:
    site = Site(date_style=one.style)
    if one.case.startswith("01"):
        # The vendor's sample shows a cost code of six digits right-justified to seven.
        site = replace(site, justify={"cost_code": 7})
    if one.file.endswith("site"):
        order = tuple(LABELS.get(name, name.replace("_", " ")) for name in one.order["APD"][1:])
        site = replace(site, orders={"APD": order})
    return load_layout(one.layout, site=site)


def bare(fields: Sequence[str]) -> list[str]:
    """Blank fields at the end may be left off."""
    kept = [each.rstrip() for each in fields]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def refused_by(one: Wanted) -> str:
    if one.writer == "refuse":
        return "the case"
    if any('"' in cell for row in one.rows for cell in row):
        return QUOTES
    return PENDING if getattr(one.document, "status", "Approved") != "Approved" else ""


@pytest.mark.parametrize("one", EVERY, ids=lambda each: f"{each.case}-{each.file}-{each.numbers[0]}")
def test_a_golden_document(one: Wanted) -> None:
    renderer = Renderer(layout_for(one))
    seen = renderer.preview(one.document)
    if refused_by(one):
        assert seen.refusals and seen.data == b"" and seen.sha256 == ""
        return
    if "settled" in one.writer:
        # A new line of a commitment: no live company gets it while its fields are open.
        assert {each.position for each in seen.open_fields} >= {8, 10, 11}
        return
    if not one.verdicts <= {"accepted"}:
        return
    assert seen.refusals == ()
    lines = seen.data.decode("cp1252").split("\r\n")[:-1]
    assert lines == list(seen.lines)
    assert [bare(split(line)) for line in lines] == [bare(row) for row in one.rows]
    assert [each.line for each in renderer.line_map(one.document)] == list(range(1, len(lines) + 1))


def test_every_refusal_that_a_case_asks_for_is_met_and_many_documents_pass() -> None:
    asked = [one for one in EVERY if one.writer]
    assert {one.case[:2] for one in asked} == {"07", "16", "17", "18", "20", "21"}
    assert len(asked) >= 12
    assert sum(one.verdicts <= {"accepted"} and not refused_by(one) for one in EVERY) >= 35
    assert {one.layout for one in EVERY} == {"jce", "jcc", "dc", "ap_fixed", "ap_variable_minimal"}


def test_the_vendors_sample_line_byte_for_byte() -> None:
    layout = load_layout("jce", site=Site(justify={"cost_code": 7}))
    line = EstimateLine("318100", "LAB", date(1997, 2, 5), Decimal("9.90"), Decimal("0.66"), "hour")
    seen = Renderer(layout).preview(EstimateFile("97014", "Sample job", (line,)))
    assert seen.lines[1] == '"C"," 318100"," ","LAB",02051997,0.66,"hour",9.90,,,"",""'
    assert seen.data == (GOLDEN / "01-vendor-sample-line" / "sample.jce").read_bytes()
    assert seen.open_fields == ()
