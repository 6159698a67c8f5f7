"""The layouts as data: what they hold, how sure each field is, and how a site makes them its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from erpdesk.core.errors import ForPeople
from erpdesk.paths import resources
from erpdesk.sync.sage.layouts import MARKS, NAMES, OPEN, Site, load_layout
from erpdesk.sync.sage.render import Renderer
from erpdesk.workflows.documents import (
    ChangeLine,
    CommitmentChange,
    DirectCost,
    DirectCosts,
    Distribution,
    InvoiceFile,
    TaxLine,
)

DAY = date(2026, 11, 24)
INVOICE = InvoiceFile(
    "STEELCO", "A-2", Decimal("100.00"), DAY, DAY, (Distribution(Decimal("100.00"), expense_account="5-1000"),)
)


@pytest.mark.parametrize("name", NAMES)
def test_every_layout_says_how_sure_it_is_and_how_a_person_imports_it(name: str) -> None:
    layout = load_layout(name)
    assert layout.name == name and layout.version > 0 and layout.menu and layout.title
    assert {letter for each in layout.record_types for letter in each.letters} == set(layout.records)
    for letters, fields in layout.records.items():
        assert layout.record_type(letters).repeated in "ABC"
        for each in (*fields, *layout.others[letters]):
            assert each.mark in MARKS and each.basis
            assert each.mark not in OPEN or ">" in each.settle
            assert each.width or each.kind not in ("text", "id") or not each.source
    assert {path.stem for path in (resources() / "sage" / "layouts").glob("*.toml")} == set(NAMES)


def test_the_mailbox_and_what_a_second_import_does() -> None:
    layouts = {name: load_layout(name) for name in NAMES}
    assert {each.mailbox for each in layouts.values()} == {
        "commitments.jcc",
        "estimates.jce",
        "direct.txt",
        "invoices.txt",
    }
    classes = {each.name: each.repeated for layout in layouts.values() for each in layout.record_types}
    assert classes == {
        "commitment": "B",
        "commitment change order": "B",
        "original estimate": "B",
        "approved estimate change": "B",
        "direct cost": "B",
        "general ledger line": "B",
        "invoice": "A",
    }
    assert layouts["jce"].record_types[1].tick == ("Import as an Approved Estimate Change",)
    assert layouts["ap_variable"].site_dependent and not layouts["ap_fixed"].site_dependent


def test_open_fields_are_the_used_ones_that_nobody_confirmed() -> None:
    layout = load_layout("ap_fixed")
    seen = Renderer(layout).preview(INVOICE)
    assert seen.refusals == ()
    assert [(each.record, each.position, each.mark) for each in seen.open_fields] == [
        ("APIF", 13, "I"),
        ("APDF", 12, "M"),
        ("APDF", 18, "M"),
    ]
    assert all("Import Format" in each.settle for each in seen.open_fields)
    confirmed = frozenset({("APIF", 13), ("APDF", 12), ("APDF", 18)})
    settled = Renderer(load_layout("ap_fixed", confirmed=confirmed)).preview(INVOICE)
    assert settled.open_fields == () and settled.data == seen.data


@pytest.mark.parametrize("name", ["ap_variable", "ap_variable_minimal"])
def test_a_layout_that_depends_on_the_site_is_open_until_it_is_confirmed(name: str) -> None:
    seen = Renderer(load_layout(name)).preview(INVOICE)
    assert seen.refusals == () and {each.mark for each in seen.open_fields} == {"I"}
    confirmed = frozenset((each.record, each.position) for each in seen.open_fields)
    assert Renderer(load_layout(name, confirmed=confirmed)).preview(INVOICE).open_fields == ()


def test_the_credit_account_and_a_new_commitment_line_are_open() -> None:
    cost = DirectCost("21-001", "01-100", "LAB", DAY, DAY, Decimal("5.00"), "5-1000")
    renderer = Renderer(load_layout("dc"))
    assert renderer.preview(DirectCosts("one", (cost,))).open_fields == ()
    with_credit = renderer.preview(DirectCosts("one", (replace(cost, credit_account="2-1000"),)))
    assert [(each.record, each.position) for each in with_credit.open_fields] == [("DC", 14)]
    line = ChangeLine(
        3, "Canopy", Decimal("9.00"), new=True, job="21-001", cost_code="05-100", category="SUB", unit_cost=None
    )
    change = CommitmentChange("SC-1", "1", "Canopy", DAY, (line,))
    seen = Renderer(load_layout("jcc")).preview(change)
    assert seen.lines[1] == '"CCOI","SC-1","1",3,"Canopy",,9.00,"21-001","","05-100","SUB"'
    assert [each.position for each in seen.open_fields] == [8, 10, 11]


def test_a_record_of_unknown_order_is_refused_until_the_site_gives_it() -> None:
    taxed = replace(INVOICE, tax=Decimal("8.00"), taxes=(TaxLine("ST", Decimal("8.00")),))
    taxed = replace(taxed, distributions=(replace(taxed.distributions[0], tax=Decimal("8.00")),))
    seen = Renderer(load_layout("ap_fixed")).preview(taxed)
    assert seen.data == b"" and any("the order of the record APTXF is not known" in each for each in seen.refusals)
    site = Site(orders={"APTXF": ("tax group", "", "tax")})
    given = Renderer(load_layout("ap_fixed", site=site)).preview(taxed)
    assert given.refusals == () and given.lines[-1] == '"APTXF","ST",,8.00'
    assert ("APTXF", 4) in {(each.record, each.position) for each in given.open_fields}


def test_a_sites_own_order_moves_fields_and_makes_them_open() -> None:
    site = Site(orders={"APD": ("job", "amount", "cost code", "category", "description")})
    line = Distribution(Decimal("100.00"), job="21-001", cost_code="05-100", category="SUB", description="Steel")
    layout = load_layout("ap_variable_minimal", site=site)
    seen = Renderer(layout).preview(replace(INVOICE, distributions=(line,)))
    assert seen.refusals == () and seen.lines[1] == '"APD","21-001",100.00,"05-100","SUB","Steel"'
    assert layout.position("APD", "amount") == 3 and layout.position("APD", "joint_payee") == 0
    # The amount stays where the shipped layout has it.
    assert [field.mark for field in layout.records["APD"]] == ["I", "T", "I", "I", "I"]


@pytest.mark.parametrize(
    ("site", "words"),
    [
        (Site(orders={"XX": ()}), "has no record 'XX'"),
        (Site(orders={"APD": ("colour",)}), "has no field 'colour'"),
        (Site(orders={"APD": ("amount", "amount")}), "stands twice"),
        (Site(orders={"APD": ("job",)}), "lacks amount"),
        (Site(decimal=","), "The same sign"),
        (Site(decimal="'"), "cannot be written"),
        (Site(separator="|"), "cannot be written"),
        (Site(date_style="m-d-y"), "date style"),
    ],
)
def test_a_site_that_cannot_be_written_is_refused(site: Site, words: str) -> None:
    with pytest.raises(ForPeople, match=words):
        load_layout("ap_variable", site=site)


def test_separators_are_the_sites() -> None:
    layout = load_layout("ap_variable_minimal", site=Site(separator=";", decimal=",", date_style="dd/mm/yyyy"))
    assert Renderer(layout).preview(INVOICE).lines == (
        '"API";"STEELCO";"A-2";;100,00;24/11/2026;;24/11/2026;;;;;;;',
        '"APD";"5-1000";100,00;;;',
    )


def test_estimates_have_one_style_of_dates_whatever_the_site_uses() -> None:
    assert load_layout("jce", site=Site(date_style="dd/mm/yyyy")).date_style == "mmddyyyy"


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ('mark = "P"', 'mark = "Q"', "how sure"),
        ('mark = "P"', 'mark = "I"', "how to settle"),
        ('letters = ["C", "CI"]', 'letters = ["C", "CX"]', "not known"),
        ('repeated = "B"', 'repeated = "D"', "not known"),
        ('label = "title"', 'label = "vendor"', "same label"),
        ('kind = "text"', 'kind = "note"', "'note' is not known"),
        ('from = "title"', 'from = "title", value = "x"', "either from or value"),
        ("version = 2", "version = 'two'", "cannot be read"),
    ],
)
def test_a_layout_file_that_contradicts_itself_is_refused(tmp_path: Path, was: str, now: str, words: str) -> None:
    text = (resources() / "sage" / "layouts" / "jcc.toml").read_text("utf-8")
    assert was in text
    (tmp_path / "jcc.toml").write_text(text.replace(was, now), "utf-8")
    with pytest.raises(ForPeople, match=words):
        load_layout("jcc", folder=tmp_path)
