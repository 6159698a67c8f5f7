"""The schedule of values as pure functions: codes, arithmetic, pasted blocks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.core.money import cents
from erpdesk.views.tabs.commitments import lines as schedule
from erpdesk.views.tabs.commitments.codes import CodeBook
from erpdesk.workflows.rows import CodeRow, LineDraft

ZERO = Decimal("0.00")


def code(cost_code: str, category: str, description: str, words: str = "Subcontracts", extra: str = "") -> CodeRow:
    return CodeRow(extra, cost_code, category, description, words, Decimal("240000.00"), Decimal("1500.00"))


BOOK = CodeBook(
    [
        code("05-1200", "S", "Structural steel"),
        code("05-1200", "M", "Structural steel", "Materials"),
        code("05-5000", "S", "Metal fabrications"),
        code("08-4100", "S", "Storefronts"),
    ]
)
WITH_EXTRAS = CodeBook([code("05-1200", "S", "Structural steel"), code("05-1200", "S", "Structural steel", extra="01")])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("05-1200", "05-1200"),
        (" 05-5000 ", "05-5000"),
        ("storefronts", "08-4100"),
        ("metal fab", "05-5000"),
        ("05-1200  Structural steel", "05-1200"),
        ("05-1200 structural STEEL", "05-1200"),
        ("st", None),
        ("xyz", None),
        ("", None),
    ],
)
def test_a_cost_code_is_found_by_number_or_words(typed: str, found: str | None) -> None:
    choice = BOOK.find_code(typed)
    assert (choice.value if choice else None) == found


def test_the_base_job_comes_before_an_extra_with_the_same_code() -> None:
    choice = WITH_EXTRAS.find_code("05-1200")
    assert choice is not None and choice.extra == ""
    choice = WITH_EXTRAS.find_code("01 · 05-1200 Structural steel")
    assert choice is not None and choice.extra == "01"


def test_categories_say_what_is_left_of_the_budget() -> None:
    choices = BOOK.category_choices("", "05-1200")
    assert [(choice.label, choice.hint) for choice in choices] == [
        ("S  Subcontracts", "budget left 238,500.00"),
        ("M  Materials", "budget left 238,500.00"),
    ]
    assert BOOK.find_category("", "05-1200", "mat") == "M"
    assert BOOK.find_category("", "05-1200", "M") == "M"
    assert BOOK.find_category("", "05-1200", "q") is None


def test_a_chosen_code_brings_its_description_and_its_only_category() -> None:
    line = schedule.with_cell(schedule.EMPTY, "cost_code", "05-5000", BOOK, schedule.AMOUNT)
    assert (line.cost_code, line.category, line.description) == ("05-5000", "S", "Metal fabrications")
    line = schedule.with_cell(replace(line, description="Stairs"), "cost_code", "05-1200", BOOK, schedule.AMOUNT)
    assert (line.category, line.description) == ("S", "Stairs")


def test_an_unknown_code_stays_as_typed_and_is_pointed_out() -> None:
    line = schedule.with_cell(schedule.EMPTY, "cost_code", "99-9999", BOOK, schedule.AMOUNT)
    assert line.cost_code == "99-9999"
    assert schedule.problem(line, "cost_code", BOOK) == "The job has no cost code 99-9999. Choose one from the list."


def test_quantity_times_unit_cost_is_exact() -> None:
    line = schedule.with_cell(schedule.EMPTY, "quantity", "3", BOOK, schedule.UNIT)
    assert line.amount == ZERO
    line = schedule.with_cell(line, "unit_cost", "0.3350", BOOK, schedule.UNIT)
    assert line.amount == Decimal("1.01")


@given(
    st.decimals(min_value=0, max_value=99999, places=4),
    st.decimals(min_value=0, max_value=99999, places=4),
)
def test_any_quantity_times_any_unit_cost_rounds_half_up(quantity: Decimal, unit_cost: Decimal) -> None:
    line = replace(schedule.EMPTY, quantity=quantity, unit_cost=unit_cost)
    assert schedule.computed(line, schedule.UNIT).amount == cents(quantity * unit_cost)


def test_a_computed_amount_can_not_be_typed_over() -> None:
    line = replace(schedule.EMPTY, quantity=Decimal(2), unit_cost=Decimal(5), amount=Decimal("10.00"))
    with pytest.raises(schedule.CellProblem, match="quantity × unit cost"):
        schedule.with_cell(line, "amount", "12", BOOK, schedule.UNIT)
    half = schedule.with_cell(line, "quantity", "", BOOK, schedule.UNIT)
    cleared = schedule.with_cell(half, "unit_cost", "", BOOK, schedule.UNIT)
    assert schedule.with_cell(cleared, "amount", "12", BOOK, schedule.UNIT).amount == Decimal("12.00")


@pytest.mark.parametrize("typed", ["abc", "1.005", "12..", "1e5", "9" * 20])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(schedule.CellProblem):
        schedule.with_cell(schedule.EMPTY, "amount", typed, BOOK, schedule.AMOUNT)


def test_a_block_from_a_spreadsheet_fills_and_adds_lines() -> None:
    block = schedule.block_of('05-1200\tS\tSteel\t"231,500.00"\r\n05-5000\tS\t"Stairs, ""B"""\t(1,000.00)\r\n\r\n')
    columns = schedule.cells(schedule.AMOUNT, False)
    lines = schedule.pasted((), block, 0, 0, columns, BOOK, schedule.AMOUNT)
    assert [(line.cost_code, line.description, line.amount) for line in lines] == [
        ("05-1200", "Steel", Decimal("231500.00")),
        ("05-5000", 'Stairs, "B"', Decimal("-1000.00")),
    ]


def test_a_block_is_taken_as_a_whole_or_not_at_all() -> None:
    block = schedule.block_of("05-1200\tS\tSteel\t1.00\n05-5000\tS\tStairs\tten")
    columns = schedule.cells(schedule.AMOUNT, False)
    with pytest.raises(schedule.CellProblem, match="Nothing was pasted: row 2, Amount, “ten”"):
        schedule.pasted((), block, 0, 0, columns, BOOK, schedule.AMOUNT)


def test_a_block_wider_than_the_schedule_is_refused() -> None:
    columns = schedule.cells(schedule.AMOUNT, False)
    with pytest.raises(schedule.CellProblem, match="wider than the schedule"):
        schedule.pasted((), [["1.00", "2.00"]], 0, 3, columns, BOOK, schedule.AMOUNT)


def test_a_pasted_amount_must_agree_with_its_quantity() -> None:
    columns = schedule.cells(schedule.UNIT, False)
    good = schedule.block_of("05-1200\tM\tBeams\t10\tea\t4.25\t42.50")
    (line,) = schedule.pasted((), good, 0, 0, columns, BOOK, schedule.UNIT)
    assert (line.quantity, line.unit, line.amount) == (Decimal(10), "ea", Decimal("42.50"))
    bad = schedule.block_of("05-1200\tM\tBeams\t10\tea\t4.25\t43.00")
    with pytest.raises(schedule.CellProblem, match=r"says 43\.00, but its quantity × unit cost is 42\.50"):
        schedule.pasted((), bad, 0, 0, columns, BOOK, schedule.UNIT)


def test_copies_can_be_pasted_back() -> None:
    line = LineDraft("", "05-1200", "S", "Steel", amount=Decimal("-1234.50"))
    columns = schedule.cells(schedule.AMOUNT, False)
    text = "\t".join(schedule.plain(line, column.key) for column in columns)
    assert schedule.pasted((), schedule.block_of(text), 0, 0, columns, BOOK, schedule.AMOUNT) == (line,)


def test_problems_name_their_line() -> None:
    lines = (LineDraft("", "05-1200", "", "Steel"), LineDraft("", "", "", "Only words"), schedule.EMPTY)
    assert schedule.problems(lines, BOOK, schedule.AMOUNT) == (
        "Line 1: choose a category of 05-1200.",
        "Line 2: choose a cost code.",
    )


def test_a_small_sum_may_be_typed() -> None:
    assert schedule.with_cell(schedule.EMPTY, "amount", "=1200*3", BOOK, schedule.AMOUNT).amount == Decimal("3600.00")
    assert schedule.with_cell(schedule.EMPTY, "quantity", "=10/4", BOOK, schedule.UNIT).quantity == Decimal("2.5000")
    with pytest.raises(schedule.CellProblem, match="can not be worked out"):
        schedule.with_cell(schedule.EMPTY, "amount", "=two", BOOK, schedule.AMOUNT)
