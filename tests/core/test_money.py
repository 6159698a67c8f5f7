"""Money is exact, rounds half up once, and reads what people type."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.core import money

AMOUNTS = st.decimals(min_value=-(10**11), max_value=10**11, places=2, allow_nan=False, allow_infinity=False)
QUANTITIES = st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False, allow_infinity=False)


@given(AMOUNTS)
def test_an_amount_survives_the_database_form_and_the_screen(amount: Decimal) -> None:
    assert money.from_whole_cents(money.to_whole_cents(amount)) == amount
    assert money.parse_amount(money.show_amount(amount)) == amount


@given(QUANTITIES)
def test_a_quantity_survives_the_database_form_and_the_screen(quantity: Decimal) -> None:
    assert money.from_fourths(money.to_fourths(quantity)) == quantity
    assert money.parse_quantity(money.show_quantity(quantity)) == quantity


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("1.0049", "1.00"), ("-0.001", "0.00")],
)
def test_half_a_cent_goes_up(exact: str, rounded: str) -> None:
    assert str(money.cents(Decimal(exact))) == rounded


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1,234.56", "1234.56"),
        ("$12", "12.00"),
        ("(5.00)", "-5.00"),
        ("-5", "-5.00"),
        (" 7.5 ", "7.50"),
        (".5", "0.50"),
    ],
)
def test_reads_what_people_type(typed: str, amount: str) -> None:
    assert str(money.parse_amount(typed)) == amount


@pytest.mark.parametrize(
    "typed", ["", "abc", "1.2.3", "1e5", "nan", "inf", "١٢", "1.005", "99999999999999", "--5", "()"]
)
def test_refuses_what_is_no_amount(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        money.parse_amount(typed)


def test_a_part_of_a_cent_never_reaches_the_database() -> None:
    with pytest.raises(ValueError, match="whole number of cents"):
        money.to_whole_cents(Decimal("1.005"))
    with pytest.raises(ValueError, match="four decimals"):
        money.to_fourths(Decimal("1.00005"))


def test_negatives_stand_in_parentheses() -> None:
    assert money.show_amount(Decimal("-1234.5")) == "(1,234.50)"
    assert money.show_amount(Decimal("0")) == "0.00"
