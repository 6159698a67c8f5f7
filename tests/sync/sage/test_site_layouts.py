"""A site's own order: matched by names, refused when Sage would miss something, and confirmed field by field."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from erpdesk.core.errors import ForPeople
from erpdesk.sync.sage.layouts import NAMES, load_layout
from erpdesk.sync.sage.pasted_order import plain
from erpdesk.sync.sage.render import Renderer
from erpdesk.sync.sage.site_layouts import SitePreview, SiteShelf, aliases
from erpdesk.workflows.documents import Distribution, InvoiceFile
from erpdesk.workflows.layout_ports import SiteWord
from tests.sync.export.yard import SNAPSHOT

SHELF = SiteShelf()
ORDER = (
    "Import Format  Page 1\nAPIF Invoice\n1  Record ID  Alpha 4\n2  Vendor  Alpha 10\n3  Invoice  Alpha 15\n"
    "4  Invoice Date  Date\n5  Web code  Alpha 3\n6  Amount  Numeric 9.2\n7  Acctg Date  Date\n"
    "8  Description  Alpha 20\n"
)
INVOICE = InvoiceFile(
    vendor="STEELCO",
    invoice="A-1",
    amount=Decimal("100.00"),
    invoice_date=date(2026, 11, 24),
    accounting_date=date(2026, 11, 30),
    distributions=(Distribution(Decimal("100.00"), expense_account="5000"),),
)


def shas(name: str, text: str = "") -> dict[str, str]:
    return {each.letters: each.order_sha for each in SHELF.form(name, text).records}


def test_a_pasted_order_moves_the_fields_and_leaves_unknown_ones_blank() -> None:
    read = SHELF.pasted("ap_fixed", ORDER)
    assert read.refusals == () and read.form is not None
    assert read.form.sample[0] == '"APIF","VENDOR1","INV-1001",11/24/2026,,1250.00,11/30/2026,"Furnish and erect"'
    assert "APIF field 5 (“Web code”) is not known to erpdesk and is left blank." in read.unknown
    assert read.left_out and "tax" in read.left_out[0]
    lines = Renderer(SHELF.layout("ap_fixed", SiteWord(read.text))).preview(INVOICE).lines
    assert lines[0] == '"APIF","STEELCO","A-1",11/24/2026,,100.00,11/30/2026,'


def test_fields_that_moved_are_open_and_those_that_stayed_are_not() -> None:
    read = SHELF.pasted("ap_fixed", ORDER)
    assert read.form is not None
    certain = {each.label: each.certain for each in read.form.records[0].fields if each.used}
    assert certain["vendor"] and certain["invoice"]
    assert not certain["amount"] and not certain["invoice date"] and not certain["description"]


def test_sizes_that_sage_prints_smaller_are_kept_to() -> None:
    text = SHELF.pasted("ap_fixed", ORDER).text
    layout = SHELF.layout("ap_fixed", SiteWord(text))
    seen = Renderer(layout).preview(replace(INVOICE, description="Twenty-one characters"))
    assert "at most 20" in seen.refusals[0]
    assert {each.label: each.width for each in layout.records["APIF"]}["vendor"] == 10


@pytest.mark.parametrize(
    ("printed", "amount", "written"),
    [
        ("Numeric 7.2", "4825.10", "4825.10"),
        ("Numeric 7.2", "48250.10", "The amount 48250.10 has 8 characters; Sage's own field order has room for 7"),
        ("Numeric 7.2", "-482.10", "-482.10"),
        ("Numeric 7.2", "-4825.10", "The amount -4825.10 has 8 characters"),
        ("Numeric 9.2", "48250.10", "48250.10"),
        ("Numeric 9.1", "48250.10", "48250.1"),
        ("Numeric 9.1", "48250.15", "The amount 48250.15 has too many decimals; Sage takes at most 1 decimal."),
        ("Numeric 9.4", "48250.10", "48250.10"),
        ("Numeric", "48250.10", "48250.10"),
    ],
)
def test_the_room_that_sage_prints_for_a_number_is_kept_to(printed: str, amount: str, written: str) -> None:
    text = SHELF.pasted("ap_fixed", ORDER.replace("Numeric 9.2", printed)).text
    invoice = replace(
        INVOICE, amount=Decimal(amount), distributions=(Distribution(Decimal(amount), expense_account="5000"),)
    )
    seen = Renderer(SHELF.layout("ap_fixed", SiteWord(text))).preview(invoice)
    if written.startswith("The"):
        assert len(seen.refusals) == 1 and written in seen.refusals[0]
    else:
        assert seen.refusals == () and seen.lines[0].split(",")[5] == written


def test_a_constant_of_another_type_is_refused() -> None:
    fields = [each.label if each.source or each.value else "(blank)" for each in load_layout("jcc").records["C"]]
    lines = "".join(f"{at}  {label}\n" for at, label in enumerate(fields, 2))
    assert SHELF.pasted("jcc", f"C\n1  Record ID\n{lines}").refusals == ()
    read = SHELF.pasted("jcc", f"C\n1  Record ID\n{lines}".replace("closed flag", "closed flag  Y/N"))
    assert any("is a yes or no in Sage, but erpdesk’s closed flag" in each for each in read.refusals)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("APIF,Vendor,Invoice,Amount,Accounting Date", "lacks the invoice date"),
        (ORDER.replace("8  Description", "8  Vendor ID"), "means the same as field 2"),
        (ORDER.replace("5  Web code  Alpha 3", "5  Web code  Alpha 3  Required"), "nothing to fill it with"),
        (ORDER.replace("6  Amount  Numeric 9.2", "6  Amount  Date"), "is a date in Sage"),
        (ORDER.replace("6  Amount  Numeric 9.2", "6  Amount  Alpha 6"), "is a text in Sage, but erpdesk’s amount"),
        (ORDER.replace("6  Amount  Numeric 9.2", "6  Amount  Y/N"), "is a yes or no in Sage"),
        (ORDER.replace("4  Invoice Date  Date", "4  Invoice Date  Alpha 8"), "is a text in Sage"),
        (ORDER.replace("4  Invoice Date  Date", "4  Invoice Date  Numeric 8"), "is a number in Sage"),
        (ORDER.replace("2  Vendor  Alpha 10", "2  Vendor  Numeric 10"), "is a number in Sage, but erpdesk’s vendor"),
    ],
)
def test_an_order_that_would_lose_something_is_refused(text: str, why: str) -> None:
    read = SHELF.pasted("ap_fixed", text)
    assert read.form is None and any(why in each for each in read.refusals), read.refusals


def test_the_kept_form_of_an_order_reads_back_as_itself() -> None:
    for name in NAMES:
        form = SHELF.form(name)
        text = "\n".join(
            ",".join((record.letters, *(field.label if field.used else "" for field in record.fields)))
            for record in form.records
            if record.fields
        )
        first = SHELF.pasted(name, text)
        assert first.refusals == (), (name, first.refusals)
        again = SHELF.pasted(name, first.text)
        assert (again.text, again.form) == (first.text, first.form)
        assert again.unknown == ()


def test_no_pasted_text_raises_and_what_is_taken_reads_back() -> None:
    five = ["Vendor", "Invoice", "Amount", "Invoice Date", "Accounting date"]
    odd = ["Acctg Date", "Text", "2nd Alpha", "Misc Alpha 3", 'a "quoted" name', "blank", "", "Date  Date", "'x'"]
    words = [*five, *odd, "Tax", "Desc  Alpha 5", "n  Numeric 7.9"]
    taken = 0
    for seed in range(600):
        chance = random.Random(seed)
        chosen = chance.sample(words, chance.randrange(0, len(words)))
        if chance.random() < 0.6:
            chosen = [*five, *(each for each in chosen[:4] if each not in five)]
            chance.shuffle(chosen)
        lines = "".join(f"{at}  {word}\n" for at, word in enumerate(chosen, 2))
        read = SHELF.pasted("ap_fixed", f"APIF\n1 Record ID\n{lines}")
        if read.refusals:
            continue
        taken += 1
        again = SHELF.pasted("ap_fixed", read.text)
        assert again.refusals == () and again.text == read.text and again.form == read.form, (seed, read.text)
    assert taken > 20


def test_confirmations_hold_for_one_order_only() -> None:
    sha = shas("ap_fixed")["APIF"]
    word = SiteWord("", frozenset({("APIF", 13, sha), ("APIF", 14, "another order")}))
    assert SHELF.layout("ap_fixed", word).confirmed == {("APIF", 13)}
    text = SHELF.pasted("ap_fixed", ORDER).text
    assert SHELF.layout("ap_fixed", replace(word, text=text)).confirmed == frozenset()
    assert shas("ap_fixed", text)["APDF"] == shas("ap_fixed")["APDF"]


def test_a_confirmed_field_is_open_no_more() -> None:
    seen = Renderer(SHELF.layout("ap_fixed", SiteWord())).preview(INVOICE)
    assert ("APIF", 13) in {(each.record, each.position) for each in seen.open_fields}
    sha = shas("ap_fixed")["APIF"]
    word = SiteWord("", frozenset({("APIF", 13, sha)}))
    after = Renderer(SHELF.layout("ap_fixed", word)).preview(INVOICE)
    assert {(each.record, each.position) for each in seen.open_fields} - {
        (each.record, each.position) for each in after.open_fields
    } == {("APIF", 13)}
    assert after.data == seen.data


def test_the_preview_follows_the_site_without_a_restart() -> None:
    words = [SiteWord()]
    preview = SitePreview(SHELF, lambda _name: words[0])
    before = preview.preview(SNAPSHOT)
    assert before.refusals == () and before.open_fields == ()
    form = SHELF.form("jcc")
    (item,) = (each for each in form.records if each.letters == "CI")
    labels = [field.label if field.used else "" for field in item.fields]
    labels[6:8] = labels[7], labels[6]
    words[0] = SiteWord(SHELF.pasted("jcc", ",".join(("CI", *labels))).text)
    after = preview.preview(SNAPSHOT)
    assert after.lines != before.lines
    assert {each.record for each in after.open_fields} == {"CI"}
    words[0] = SiteWord("CI\n1  Record ID\n2  no such thing")
    assert "cannot be used" in preview.preview(SNAPSHOT).refusals[0]
    words[0] = SiteWord()
    assert preview.preview(SNAPSHOT) == before


def test_a_stored_order_that_no_longer_fits_is_explained() -> None:
    with pytest.raises(ForPeople, match="cannot be used"):
        SHELF.form("jcc", "nothing of use")


def test_every_alias_belongs_to_a_field_and_names_one_only() -> None:
    layouts = [load_layout(name) for name in NAMES]
    for table, names in aliases().items():
        if table == "sources":
            sources = {
                each.source for layout in layouts for letters in layout.records for each in layout.known(letters)
            }
            assert set(names) <= sources
            continue
        fitting = [
            each for each in layouts if table == "all" or each.name == table or each.name.startswith(f"{table}_")
        ]
        labels = {each.label for layout in fitting for letters in layout.records for each in layout.known(letters)}
        assert set(names) <= labels, (table, set(names) - labels)
        for mine, other in itertools.combinations(names.items(), 2):
            shared = {plain(each) for each in _list(mine[1])} & {plain(each) for each in _list(other[1])}
            together = [
                letters
                for layout in fitting
                for letters in layout.records
                if {mine[0], other[0]} <= {each.label for each in layout.known(letters)}
            ]
            assert not (shared and together), (table, mine, other, together)


def _list(given: object) -> list[str]:
    assert isinstance(given, list)
    return given
