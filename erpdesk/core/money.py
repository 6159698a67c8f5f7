"""Money is a Decimal of whole cents; quantities and unit costs have four decimals; nothing is ever a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
FOURTH = Decimal("0.0001")
ZERO = Decimal("0.00")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)


def cents(amount: Decimal) -> Decimal:
    """An amount rounded half up to whole cents, as accountants round (P13)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP) + ZERO


def fourths(quantity: Decimal) -> Decimal:
    """A quantity or unit cost rounded half up to four decimals."""
    return quantity.quantize(FOURTH, rounding=ROUND_HALF_UP) + Decimal("0.0000")


def to_whole_cents(amount: Decimal) -> int:
    """The amount as a whole number of cents; raises ValueError when it has a part of a cent."""
    scaled = amount * 100
    whole = int(scaled)
    if scaled != whole:
        raise ValueError(f"{amount} is not a whole number of cents")
    return whole


def from_whole_cents(whole: int) -> Decimal:
    """The amount that ``to_whole_cents`` turned into a number."""
    return Decimal(whole).scaleb(-2)


def to_fourths(quantity: Decimal) -> int:
    """A quantity or unit cost as a whole number of ten-thousandths; raises ValueError when finer."""
    scaled = quantity * 10000
    whole = int(scaled)
    if scaled != whole:
        raise ValueError(f"{quantity} has more than four decimals")
    return whole


def from_fourths(whole: int) -> Decimal:
    """The quantity that ``to_fourths`` turned into a number."""
    return Decimal(whole).scaleb(-4)


def parse_amount(text: str) -> Decimal:
    """Reads an amount as people type it: ``1,234.56``, ``$12``, ``(5.00)`` for a negative.

    Raises ValueError for anything else, and for more than two decimals: nothing is rounded behind a person's back.
    """
    amount = _parse(text)
    if amount != amount.quantize(CENT, rounding=ROUND_HALF_UP):
        raise ValueError("An amount has at most two decimals.")
    return cents(amount)


def parse_quantity(text: str) -> Decimal:
    """Reads a quantity or unit cost of at most four decimals; raises ValueError otherwise."""
    quantity = _parse(text)
    if quantity != quantity.quantize(FOURTH, rounding=ROUND_HALF_UP):
        raise ValueError("A quantity has at most four decimals.")
    return fourths(quantity)


def _parse(text: str) -> Decimal:
    plain = text.strip().replace(",", "").replace("$", "").replace(" ", "")
    negative = plain.startswith("(") and plain.endswith(")")
    if negative:
        plain = plain[1:-1]
    if not _NUMBER.fullmatch(plain):
        raise ValueError("Type a number such as 1,234.56.")
    value = Decimal(plain)
    if abs(value) >= Decimal("1e13"):
        raise ValueError("The number is too large.")
    return -value if negative else value


def show_amount(amount: Decimal) -> str:
    """An amount as accountants read it: ``1,234.56``, negatives in parentheses."""
    text = f"{abs(amount):,.2f}"
    return f"({text})" if amount < 0 else text


def show_quantity(quantity: Decimal) -> str:
    """A quantity with thousands separators and without needless zeros: ``1,250.5``."""
    text = f"{quantity:,.4f}".rstrip("0").rstrip(".")
    return text or "0"
