"""The sentences around a list: how many there are, what is selected, why it is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from erpdesk.core.money import show_amount
from erpdesk.views.kit.columns import Column

Noun = tuple[str, str]


def count_words(shown: int, total: int, noun: Noun) -> str:
    """``4 items``, or ``9 items shown of 148`` when some are filtered out."""
    word = noun[0] if shown == 1 else noun[1]
    return f"{shown:,} {word}" if shown == total else f"{shown:,} {word} shown of {total:,}"


def summary_words(picked: int, columns: Sequence[Column], sums: Mapping[str, Decimal]) -> str:
    """``2 selected, $1,234.00`` with the sum of the first of these columns that has one; empty for no selection."""
    if not picked:
        return ""
    first = next((sums[column.key] for column in columns if column.key in sums), None)
    if first is None:
        return f"{picked:,} selected"
    dollars = f"(${show_amount(-first)})" if first < 0 else f"${show_amount(first)}"
    return f"{picked:,} selected, {dollars}"


def nothing_matches(words: str, total: int, noun: Noun) -> tuple[str, str]:
    """Title and hint of a list that has rows but shows none."""
    if words:
        everything = "it" if total == 1 else f"all {total:,} {noun[1]}"
        return f"Nothing matches “{words}”", f"Clear the filter to see {everything}."
    return "Nothing here matches the choice above", ""
