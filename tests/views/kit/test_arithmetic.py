"""Sums typed into number fields are exact and know nothing but arithmetic."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.views.kit import forms
from erpdesk.views.kit.arithmetic import evaluate


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("=1200*3", "3600"),
        ("1200*3", "3600"),
        ("= (1,250 + 80.50) / 2", "665.25"),
        ("=0.1+0.2", "0.3"),
        ("=-5--3", "-2"),
        ("=$1,200,000.00-.5", "1199999.5"),
        ("=007*2", "14"),
        ("=100×1.075", "107.5"),
        ("=10÷4", "2.5"),
    ],
)
def test_a_sum_is_exact(typed: str, answer: str) -> None:
    assert evaluate(typed) == Decimal(answer)


def test_it_is_offered_beside_the_form() -> None:
    assert forms.evaluate is evaluate


@pytest.mark.parametrize(
    "typed",
    ["", "=", "=1+", "=2**9", "=7//2", "=7%2", "=1(2)", "=1e9", "=0x10", "=abs(1)", "=a+1", "=1,2", "=(1", "=1 2",
     "=" + "(" * 200 + "1" + ")" * 200, "=1\n+1"],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match="can not be worked out"):
        evaluate(typed)


def test_dividing_by_zero_is_refused() -> None:
    for typed in ("=1/0", "=0/0", "=5/(2-2)"):
        with pytest.raises(ValueError, match="divide by zero"):
            evaluate(typed)


def test_numbers_no_ledger_holds_are_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        evaluate("=9999999999*9999999999")


@given(st.integers(-(10**8), 10**8), st.integers(-(10**8), 10**8))
def test_cents_add_up_as_whole_numbers_do(first: int, second: int) -> None:
    one, two = Decimal(first).scaleb(-2), Decimal(second).scaleb(-2)
    assert evaluate(f"={one}+{two}") == Decimal(first + second).scaleb(-2)
