"""A reason that nobody can read is none."""

from __future__ import annotations

import pytest

from erpdesk.core.said import says_something


@pytest.mark.parametrize(
    "text",
    ["", "  ", "\t\n", ".", "–", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u2800", "\u3164", "\u115f\uffa0", "\0"],
)
def test_nothing_is_said(text: str) -> None:
    assert not says_something(text)


@pytest.mark.parametrize("text", ["ok", " 7 ", "é", "理由", "\u200bx"])
def test_something_is_said(text: str) -> None:
    assert says_something(text)
