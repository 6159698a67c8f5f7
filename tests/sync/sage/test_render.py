"""The writer of commitment import files: what the documents show, byte for byte, or a sentence and no file."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpdesk.core.errors import ForPeople
from erpdesk.sync.sage.layouts import Limit, load_layout
from erpdesk.sync.sage.render import JccPreview
from erpdesk.sync.sage.tables import table
from erpdesk.sync.sage.values import slow
from erpdesk.sync.sandbox.jcc_reader import read
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot

LINE = LineSnapshot(1, "Furnish and erect", "", "05-100", "SUB", None, "", None, Decimal("1500.00"))
UNITS = LineSnapshot(2, "Bolts", "X1", "05-100", "MAT", Decimal("120.5"), "each", Decimal("2.25"), Decimal("271.13"))
GOOD = CommitmentSnapshot(
    "SC-1", "Subcontract", "Steel", "STEELCO", "21-001", date(2026, 11, 4), Decimal("7.5"), (LINE, UNITS)
)


def test_the_very_lines() -> None:
    seen = JccPreview().preview(GOOD)
    assert seen.refusals == ()
    assert seen.lines == (
        '"C","SC-1",1,"Steel","STEELCO",11/04/2026,7.5,1,0,0',
        '"CI","SC-1",1,"Furnish and erect",,,,"21-001","","05-100","SUB","",,,,"",1500.00',
        '"CI","SC-1",2,"Bolts",,,,"21-001","X1","05-100","MAT","",,120.5,2.25,"each",271.13',
    )
    assert seen.data == ("\r\n".join(seen.lines) + "\r\n").encode("cp1252")
    assert seen.sha256 == hashlib.sha256(seen.data).hexdigest()
    assert [(each.line, each.letters, each.number) for each in JccPreview().line_map(GOOD)] == [
        (1, "C", 0),
        (2, "CI", 1),
        (3, "CI", 2),
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"sage_id": "ABCDEFGHIJ013"},
            "The Sage commitment ID 'ABCDEFGHIJ013' has 13 characters; Sage takes at most 12.",
        ),
        ({"sage_id": ""}, "The Sage commitment ID is missing. Fill it in."),
        ({"sage_id": " SC-1"}, "begins or ends with a blank"),
        ({"title": "x" * 31}, "has 31 characters; Sage takes at most 30. Shorten it."),
        ({"title": 'Pipe 3/4"'}, 'The title holds a double quotation mark (")'),
        ({"title": "Steel\nand more"}, "The title holds a line break or tab, which Sage cannot read."),
        ({"title": "Steel\x00"}, "a character that cannot be seen"),
        ({"title": "Βήτα"}, "(greek small letter tau)"),
        ({"title": "Steel \u2033"}, "(instead of in.)"),
        ({"title": "Steel \ud800"}, "U+D800"),
        ({"type": "Work order"}, "The commitment type must be Subcontract or Purchase order"),
        ({"vendor": ""}, "The vendor is missing."),
        ({"sage_id": "SC\xad1"}, "a character that cannot be seen"),
        ({"sage_id": "SC\xa01"}, "U+00A0 (no-break space), which only looks like a blank. Type it again."),
        ({"title": "Struc\xadtural"}, "a character that cannot be seen"),
        ({"date": date(1949, 12, 31)}, "The date must be a day between 1950 and 2098."),
        ({"date": date(2099, 1, 1)}, "The date must be a day between 1950 and 2098."),
        ({"retainage_percent": Decimal("100.5")}, "The retainage percent 100.5 is too large; Sage takes at most 100."),
        ({"retainage_percent": Decimal("-1")}, "too small"),
        ({"retainage_percent": Decimal("NaN")}, "The retainage percent is not a number."),
        ({"lines": ()}, "The commitment has no line."),
        ({"lines": (LINE, LINE)}, "Line 1: the number stands twice"),
    ],
)
def test_what_does_not_fit_is_a_sentence_and_no_file(change: dict[str, Any], sentence: str) -> None:
    seen = JccPreview().preview(replace(GOOD, **change))
    assert any(sentence in refusal for refusal in seen.refusals), seen.refusals
    assert seen.data == b"" and seen.sha256 == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount": Decimal("1500.005")}, "Line 1: the amount 1500.005 has too many decimals"),
        ({"amount": Decimal("Infinity")}, "Line 1: the amount is not a number"),
        ({"amount": None}, "Line 1: the amount is missing"),
        ({"amount": 1500.0}, "Line 1: the amount is not a number"),
        ({"quantity": Decimal("2")}, "Line 1: it has a quantity but no unit cost. Fill in both, or clear both."),
        ({"unit_cost": Decimal("2")}, "Line 1: it has a unit cost but no quantity."),
        ({"unit": "each"}, "Line 1: it has a unit but no quantity."),
        (
            {"quantity": Decimal("10"), "unit_cost": Decimal("12.5")},
            "Line 1: 10 × 12.5 is 125.00, but the amount is 1,500.00.",
        ),
        (
            {"quantity": Decimal("1"), "unit_cost": Decimal("1500000"), "amount": Decimal("1500000.00")},
            "Line 1: the unit cost 1,500,000 is too large; Sage takes at most 999,999.",
        ),
        ({"unit": "bundles", "quantity": Decimal(1), "unit_cost": Decimal(1500)}, "Sage takes at most 6."),
        ({"quantity": Decimal("1.00001"), "unit_cost": Decimal(1500)}, "at most 4 decimals"),
        ({"number": 0}, "Line 0: the line number 0 is too small"),
        ({"cost_code": ""}, "Line 1: the cost code is missing."),
    ],
)
def test_a_line_that_does_not_fit_is_named(change: dict[str, Any], sentence: str) -> None:
    seen = JccPreview().preview(replace(GOOD, lines=(replace(LINE, **change),)))
    assert any(sentence in refusal for refusal in seen.refusals), seen.refusals
    assert seen.data == b""


def test_text_stays_text_and_the_code_page_is_sages() -> None:
    title = "=1+1, Façade – ½ œuvre €"
    seen = JccPreview().preview(replace(GOOD, title=title))
    assert f'"{title}"'.encode("cp1252") in seen.data
    assert seen.data.decode("cp1252").split("\r\n")[0] == seen.lines[0]


@pytest.mark.parametrize(
    ("style", "text"),
    [("mm/dd/yyyy", "11/04/2026"), ("dd/mm/yyyy", "04/11/2026"), ("mmddyyyy", "11042026"), ("mm/dd/yy", "11/04/26")],
)
def test_the_date_style_is_the_sites(style: str, text: str) -> None:
    assert f",{text}," in JccPreview(load_layout("jcc", date_style=style)).preview(GOOD).lines[0]


@pytest.mark.parametrize("year", [1926, 1999, 2050])
def test_two_digits_stand_for_no_year_of_another_century(year: int) -> None:
    preview = JccPreview(load_layout("jcc", date_style="mm/dd/yy"))
    seen = preview.preview(replace(GOOD, date=date(year, 1, 2)))
    assert seen.refusals == (
        "The date must be a day between 2000 and 2049, since this company's dates (mm/dd/yy) have two digits for the "
        "year. Correct it.",
    )
    assert preview.preview(replace(GOOD, date=date(2026, 1, 2))).refusals == ()


def test_a_date_that_is_written_can_be_read_back() -> None:
    column = next(each for each in table("JCM_MASTER__COMMITMENT").columns if each.kind == "date")
    for day in (date(1950, 1, 1), date(2098, 12, 31)):
        assert JccPreview().preview(replace(GOOD, date=day)).refusals == ()
        assert slow(column, day.isoformat()).value == day.isoformat()


def test_an_amount_with_ten_digits_is_refused_before_sage_does_it() -> None:
    for amount, words in (
        ("1000000000.00", "too large; Sage takes at most 999,999,999.99"),
        ("-1000000000", "too small"),
    ):
        seen = JccPreview().preview(replace(GOOD, lines=(replace(LINE, amount=Decimal(amount)),)))
        assert words in seen.refusals[0] and seen.refusals[0].startswith("Line 1: the amount"), seen.refusals
    most = replace(GOOD, lines=(replace(LINE, amount=Decimal("999999999.99")),))
    assert JccPreview().preview(most).refusals == ()
    loose = load_layout("jcc", limits={"line_amount": Limit(Decimal("1e12"), True)})
    assert JccPreview(loose).preview(replace(GOOD, lines=(replace(LINE, amount=Decimal("1e9")),))).refusals


def test_an_unknown_date_style_is_refused_when_the_layout_is_read() -> None:
    with pytest.raises(ForPeople, match="date style 'm-d-y'"):
        load_layout("jcc", date_style="m-d-y")


def test_a_layout_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "jcc.toml").write_text("name = 1\n")
    with pytest.raises(ForPeople, match=r"jcc.toml"):
        load_layout("jcc", folder=tmp_path)
    with pytest.raises(ForPeople, match="cannot be read"):
        load_layout("nothing", folder=tmp_path)


def test_the_line_amount_is_a_warning_and_the_site_sets_it() -> None:
    big = replace(GOOD, lines=(replace(LINE, amount=Decimal("1000000.00")),))
    assert JccPreview().preview(big).refusals == ()
    assert JccPreview().warnings(big) == (
        "Line 1: the amount 1,000,000.00 is over 999,999.99, which some Sage installations do not take in one line.",
    )
    strict = load_layout("jcc", limits={"line_amount": Limit(Decimal("999999.99"), True)})
    assert "too large" in JccPreview(strict).preview(big).refusals[0]
    assert JccPreview(strict).warnings(big) == ()


def test_a_credit_line_keeps_its_sign() -> None:
    line = replace(UNITS, number=1, quantity=Decimal("-2"), unit_cost=Decimal("10"), amount=Decimal("-20.00"))
    assert JccPreview().preview(replace(GOOD, lines=(line,))).lines[1].endswith(',-2,10.00,"each",-20.00')


texts = st.text(max_size=34)
numbers = st.one_of(st.none(), st.decimals(allow_nan=True, allow_infinity=True), st.integers(), st.text(max_size=3))
wild_lines = st.builds(
    LineSnapshot, st.integers(-2, 100_000), texts, texts, texts, texts, numbers, texts, numbers, numbers
)
wild = st.builds(
    CommitmentSnapshot, texts, texts, texts, texts, texts, st.dates() | texts, numbers, st.lists(wild_lines, max_size=3)
)
cents = st.integers(-10_000_000, 10_000_000).map(lambda whole: Decimal(whole).scaleb(-2))
printable = st.text(st.characters(codec="cp1252", exclude_categories=["C"], exclude_characters='"'), max_size=30)
good_lines = st.lists(st.tuples(printable, cents), min_size=1, max_size=6).map(
    lambda rows: tuple(
        replace(LINE, number=at, description=text, amount=sum_) for at, (text, sum_) in enumerate(rows, 1)
    )
)


@given(wild)
@settings(max_examples=200, deadline=None)
def test_no_value_makes_it_raise(snapshot: CommitmentSnapshot) -> None:
    seen = JccPreview().preview(snapshot)
    assert bool(seen.data) is not bool(seen.refusals)
    assert all(refusal[0].isupper() for refusal in seen.refusals)


@given(printable.filter(str.strip), good_lines, st.dates(date(1950, 1, 1), date(2098, 12, 31)))
@settings(max_examples=100, deadline=None)
def test_what_is_written_reads_back_as_it_was(title: str, lines: tuple[LineSnapshot, ...], on: date) -> None:
    """The stand-in's reader is another program with a layout of its own."""
    snapshot = replace(GOOD, title=title, lines=lines, date=on)
    seen = JccPreview().preview(snapshot)
    assert seen.refusals == () and JccPreview().preview(snapshot) == seen
    records = read(seen.data, "mm/dd/yyyy")
    assert [record.refusal for record in records] == [None] * len(records)
    assert (records[0].text("description"), records[0].day("date")) == (title, on)
    assert [record.number("amount") for record in records[1:]] == [line.amount for line in lines]
