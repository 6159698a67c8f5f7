"""A connection string is read as ODBC reads it: blanks, braces, quotation marks, whatever else a person types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.core.connection_text import pairs, secrets, value_of


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("UID=op; PWD=x", [("UID", "op"), ("PWD", "x")]),
        (" uid = op ;; pwd={a;}}b} ", [("uid", "op"), ("pwd", "a;}b")]),
        ("DBQ=\"C:\\a;b\";UID='o''p'", [("DBQ", "C:\\a;b"), ("UID", "o'p")]),
        ("PWD={left open;UID=op", [("PWD", "left open;UID=op")]),
        ("", []),
    ],
)
def test_keys_and_values(text: str, read: list[tuple[str, str]]) -> None:
    assert pairs(text) == read


def test_the_first_of_two_counts_and_every_password_is_a_secret() -> None:
    text = "CODEPAGE=850; codepage=1252; pwd=one; Password={two}; PWD="
    assert value_of(text, "CODEPAGE") == "850" and value_of(text, "DBQ") == ""
    assert secrets(text) == ["one", "two"]


@given(st.lists(st.tuples(st.sampled_from(["UID", "Driver", "x y"]), st.text("ab;=}{\"' ", max_size=8)), max_size=5))
def test_what_is_written_in_braces_is_read_as_it_was(held: list[tuple[str, str]]) -> None:
    text = "; ".join(f"{key} = {{{value.replace('}', '}}')}}}" for key, value in held)
    assert pairs(text) == held
