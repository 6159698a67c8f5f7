"""How a company writes its IDs: from Sage's control rows, or as a person entered it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.core.errors import Refused
from erpdesk.sync.sage.masks import DEFAULT_VENDOR_TYPES, Mask, Masks, Section


def row(
    code: int, section: Any, length: Any, separator: str = "", caption: str = "", capitals: int = 0
) -> dict[str, Any]:
    return {
        "FLDCODE": code,
        "SECTION": section,
        "CSLEN": length,
        "CNPUNCT": separator,
        "CNDESC": caption,
        "CNTCAP": capitals,
    }


ROWS = [
    row(18, 2, 3, "."),
    row(18, 1, 2, "-"),
    row(18, 3, 1),
    row(16, 1, 2, "-"),
    row(16, 2, 4),
    row(20, 1, 11, capitals=1),
    row(9, 1, 2, "-"),
    row(9, 4, 4),
    row(9, 5, 3),
    row(69, 1, 6),
    row(50, 0, 0, caption="Subcontractors"),
    row(52, 1, 0, caption=" Suppliers "),
]
MASKS = Masks.from_control(ROWS)


def test_the_control_rows_give_the_masks() -> None:
    """Sections in their order with separators, capitals, captions of the vendor types; a GL suffix after a point."""
    shown = {name: mask.text for name, mask in MASKS.by_field.items()}
    assert shown == {
        "cost_code": "XX-XXX.X",
        "job": "XX-XXXX",
        "commitment": "A" * 11,
        "gl_account": "XX-XXXX.XXX",
        "equipment": "XXXXXX",
    }
    assert MASKS.vendor_types == ("Subcontractors", "vendor type 2", "Suppliers", "vendor type 4", "summary")
    assert MASKS.from_sage and "cost code XX-XXX.X" in MASKS.sentences()[0]


def test_odd_control_rows_are_left_out() -> None:
    """Sections without length or number, and fields that nobody knows, spoil nothing."""
    masks = Masks.from_control([row(18, 1, 0), row(18, None, 3), row(18, 2, None), row(777, 1, 5), row(18, 3, 4)])
    assert {name: mask.text for name, mask in masks.by_field.items()} == {"cost_code": "XXXX"}
    nothing = Masks.from_control([])
    assert not nothing.from_sage and nothing.vendor_types == DEFAULT_VENDOR_TYPES
    assert "cannot be read from Sage" in nothing.sentences()[0]


def test_control_rows_of_another_kind_are_read_too() -> None:
    """A driver that hands numbers over as text, padded, with left-overs, and yes as a letter: the same masks."""
    rows: list[dict[str, Any]] = [
        {"FLDCODE": "18 ", "SECTION": "1", "CSLEN": 2.0, "CNPUNCT": "-\0x", "CNDESC": b"Division ", "CNTCAP": "N"},
        {"FLDCODE": 18, "SECTION": 2, "CSLEN": "3", "CNPUNCT": None, "CNDESC": None, "CNTCAP": "Y"},
    ]
    mask = Masks.from_control(rows).by_field["cost_code"]
    assert mask.text == "XX-AAA" and mask.sections[0].caption == "Division"


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("cost_code", "01-100.0"),
        ("cost_code", "1-100.0"),
        ("cost_code", "01-100"),
        ("cost_code", ""),
        ("job", "24-0101"),
        ("commitment", "SC-24-001"),
        ("gl_account", "01-5000.100"),
        ("gl_account", "01-5000"),
        ("gl_account", "5000"),
        ("gl_account", "5000.100"),
        ("eq_cost_code", "any thing at all"),
    ],
)
def test_what_fits(field: str, written: str) -> None:
    """An ID in its form, with a shorter or missing last section, or of a field without a known form."""
    assert MASKS.fits(field, written) == ""


@pytest.mark.parametrize(
    ("field", "written", "reason"),
    [
        ("cost_code", "011000", "written as 01-100.0 it would"),
        ("cost_code", "01.100-0", "form XX-XXX.X"),
        ("cost_code", "001-100.0", "form XX-XXX.X"),
        ("cost_code", "01-100.00", "form XX-XXX.X"),
        ("cost_code", "01-1000", "form XX-XXX.X"),
        ("cost_code", "-100.0", "form XX-XXX.X"),
        ("cost_code", " 01-100.0", "written as 01-100.0 it would"),
        ("job", "24-01012", "form XX-XXXX"),
        ("gl_account", "50000", "form XX-XXXX.XXX"),
        ("commitment", "sc-1", "must be in capitals: SC-1"),
        ("commitment", "SC-123456789", "form AAAAAAAAAAA"),
    ],
)
def test_what_does_not_fit(field: str, written: str, reason: str) -> None:
    """The reason names the form, and the ID as it would be right where that is plain."""
    assert reason in MASKS.fits(field, written)


def test_formatted_and_unformatted_codes_are_one() -> None:
    """A code without separators, or padded, is the same code; another one is not."""
    assert MASKS.canonical("cost_code", "  011000") == "01-100.0" and MASKS.canonical("commitment", "sc-1 ") == "SC-1"
    assert MASKS.same("cost_code", "011000", "01-100.0") and not MASKS.same("cost_code", "011001", "01-100.0")
    assert MASKS.canonical("gl_account", "5000100") == "5000.100"
    assert MASKS.canonical("gl_account", "015000100") == "01-5000.100"
    assert MASKS.same("eq_cost_code", "A ", "A") and MASKS.canonical("cost_code", "no code") == "no code"


@pytest.mark.parametrize(
    ("code", "group"),
    [("01-000.0", True), ("01-100.0", True), ("010000", True), ("01-100.5", False), ("01-100", False), ("x", False)],
)
def test_group_codes(code: str, group: bool) -> None:
    """Several sections, the last all zeros."""
    assert MASKS.is_group(code) == group
    assert not Masks.from_control([row(18, 1, 3)]).is_group("000") and not Masks().is_group("01-000")


def test_a_person_may_enter_masks() -> None:
    """In any order and with any of the signs; what Sage tells goes first, and the two are compared."""
    entered = Masks.from_text("Cost code: 99-999.9\njob = XX-XXXXX; GL account: ##-####.###\nequipment cost code: AA9")
    assert {name: mask.text for name, mask in entered.by_field.items()} == {
        "cost_code": "XX-XXX.X",
        "job": "XX-XXXXX",
        "gl_account": "XX-XXXX.XXX",
        "eq_cost_code": "AAA",
    }
    assert MASKS.compare(entered) == (
        "Cost code: sections match.",
        "Job: sections do not match; Sage has XX-XXXX, entered is XX-XXXXX.",
        "GL account: sections match.",
        "Equipment cost code: Sage does not tell its format, so AAA could not be compared.",
    )
    both = MASKS.or_else(entered)
    assert both.by_field["job"].text == "XX-XXXX" and both.fits("eq_cost_code", "ab1") and both.from_sage


@pytest.mark.parametrize(
    "text", ["cost code", "cost code: ", "cost code: 99-", "colour: 99", "job: 9!!9", ": 99", "job: -9"]
)
def test_what_is_no_mask_is_refused(text: str) -> None:
    """The line is named, and the form that it should have."""
    with pytest.raises(Refused, match=r"is not a mask\..*99-999\.9"):
        Masks.from_text(f"job: 99\n{text}")


SECTIONS = st.lists(st.tuples(st.integers(1, 5), st.sampled_from("-./"), st.booleans()), min_size=1, max_size=4).map(
    lambda parts: Mask(tuple(Section(length, sign, "", capitals) for length, sign, capitals in parts))
)


@given(mask=SECTIONS, written=st.text(st.sampled_from("AbZ09-./ é"), max_size=20))
def test_a_canonical_id_stays_as_it_is(mask: Mask, written: str) -> None:
    """Twice is as once, and what has sections fits when it is written in its canonical form."""
    once = mask.canonical(written)
    assert mask.canonical(once) == once
    if mask.split(written.strip(" ")):
        assert mask.fits(once) == ""


@given(mask=SECTIONS, data=st.data())
def test_a_full_code_is_found_without_its_separators(mask: Mask, data: st.DataObject) -> None:
    """Sage's own form and the same code run together are one ID."""
    parts = [data.draw(st.text("ABZ059", min_size=each.length, max_size=each.length)) for each in mask.sections]
    formatted = "".join(part + each.separator for part, each in zip(parts, mask.sections, strict=True))[:-1]
    assert mask.fits(formatted) == "" and mask.canonical("".join(parts)) == formatted


ANY = st.one_of(st.none(), st.integers(-2, 700), st.text(max_size=3), st.floats())
CODES = st.sampled_from([9, 16, 18, 20, 50, 69, 187, 500, 3])


@given(
    rows=st.lists(
        st.tuples(st.one_of(CODES, st.none()), ANY, st.one_of(st.integers(-1, 12), st.none()), ANY, ANY, ANY)
    ),
    written=st.text(max_size=14),
)
def test_no_control_record_breaks_the_masks(rows: list[tuple[Any, ...]], written: str) -> None:
    """Whatever the control records hold, each field has a mask that answers, or none."""
    named = ("FLDCODE", "SECTION", "CSLEN", "CNPUNCT", "CNDESC", "CNTCAP")
    masks = Masks.from_control([dict(zip(named, each, strict=True)) for each in rows])
    assert len(masks.vendor_types) == 5 and masks.sentences()
    for name in ("job", "cost_code", "gl_account", "equipment"):
        assert masks.fits(name, masks.canonical(name, written)) == masks.fits(name, masks.canonical(name, written))
        assert masks.same(name, written, written)
