"""A batch of Sage's rows becomes clean rows, notes and rows set aside; nothing gets lost on the way."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from erpdesk.sync.sage.clean import Cleaner
from erpdesk.sync.sage.tables import table

ITEMS = table("JCM_MASTER__COMMITMENT_ITEM")
NAMES = ("Commitment", "Item_Number", "Description", "Units", "Amount", "Amount_Invoiced", "Delivery_Date")
COLUMNS = tuple(next(column for column in ITEMS.columns if column.name == name) for name in NAMES)


def cleaner() -> Cleaner:
    return Cleaner(ITEMS, COLUMNS)


def test_a_row_has_a_place_for_every_declared_column() -> None:
    """Columns that this Sage lacks stay empty; the last place is for the key as it stood."""
    (row,) = cleaner().batch([("SC-1        ", 1, "Steel", 2.5, 100.0, 0.0, date(2026, 1, 2))]).rows
    named = dict(zip([*(column.name for column in ITEMS.columns), "raw"], row, strict=True))
    assert named == dict.fromkeys(named) | {
        "Commitment": "SC-1",
        "Item_Number": 1,
        "Description": "Steel",
        "Units": 25000,
        "Amount": 10000,
        "Amount_Invoiced": 0,
        "Delivery_Date": "2026-01-02",
    }


def test_good_and_bad_rows_of_one_batch_part_ways() -> None:
    """Each row keeps its own fate: clean, clean with a note, or set aside with key, raw form and reason."""
    batch = cleaner().batch(
        [
            ("SC-1", 1, "Good", 1.0, 1.0, 0.0, "2026-01-02"),
            ("SC-1", 2, "Noted\0junk", 1.0, 2.0, 0.0, "1899-12-30"),
            ("SC-1", 3, "No amount", 1.0, "three", 0.0, None),
            (None, 4, "No key", 1.0, 4.0, 0.0, None),
            ("SC-1", 5, "Good", 1.0, 5.0, 0.0, None),
        ]
    )
    assert [row[1] for row in batch.rows] == [1, 2, 5] and batch.read == 5
    assert [(note.key, note.column) for note in batch.notes] == [
        (("SC-1", 2), "Description"),
        (("SC-1", 2), "Delivery_Date"),
    ]
    assert batch.notes[0].raw == "'Noted\\x00junk'"
    assert [row.key for row in batch.set_aside] == [("SC-1", 3), None]
    assert "Amount: 'three' is not a number." in batch.set_aside[0].reason and "No amount" in batch.set_aside[0].raw
    assert "Commitment: is empty." in batch.set_aside[1].reason


def test_the_key_as_it_stood_is_kept_where_it_differs() -> None:
    """Right padding is no difference; leading blanks and left-overs behind a NUL are."""
    batch = cleaner().batch(
        [
            ("SC-1    ", 1, "", 0.0, 0.0, 0.0, None),
            ("    SC-1", 2, "", 0.0, 0.0, 0.0, None),
            ("SC-1", 3, "", 0.0, 0.0, 0.0, None),
        ]
    )
    assert [(row[0], row[-1]) for row in batch.rows] == [
        ("SC-1", None),
        ("SC-1", "Commitment='    SC-1'"),
        ("SC-1", None),
    ]


def test_bytes_that_are_no_letters_can_be_looked_at() -> None:
    """A row that is set aside, and a note, show such a text as the bytes that Sage holds."""
    batch = cleaner().batch(
        [
            ("SC\udc81-1", 1, "", 0.0, 0.0, 0.0, None),
            ("SC-2", 2, "B\udc90 é", 0.0, 0.0, 0.0, None),
            ("SC-3", 3, bytearray(b"\x8d"), 0.0, "?", 0.0, None),
        ]
    )
    assert batch.set_aside[0].key is None and batch.set_aside[0].raw.startswith(r"(b'SC\x81-1', 1, ")
    assert "code page" in batch.set_aside[0].reason
    assert batch.set_aside[1].key == ("SC-3", 3) and r"b'\x8d'" in batch.set_aside[1].raw
    assert batch.notes[0].raw == r"b'B\x90 \xe9'" and batch.rows[0][2] == r"B\x90 é"


def test_a_very_long_raw_row_is_cut() -> None:
    """A row of megabytes does not fill the list of rows set aside."""
    (aside,) = cleaner().batch([("SC-1", 1, "x" * 100_000, 0.0, "?", 0.0, None)]).set_aside
    assert len(aside.raw) == 2000


ANY = st.one_of(st.none(), st.text(max_size=5), st.floats(), st.integers(-9, 9), st.binary(max_size=3), st.dates())


@given(st.lists(st.tuples(*[ANY] * len(COLUMNS)), max_size=20))
def test_every_row_is_in_one_place(rows: list[tuple[Any, ...]]) -> None:
    """Whatever comes: as many rows out as in, clean or set aside with a reason."""
    batch = cleaner().batch(rows)
    assert batch.read == len(rows)
    assert all(each.reason for each in batch.set_aside) and all(each.reason for each in batch.notes)
    assert all(len(row) == len(ITEMS.columns) + 1 for row in batch.rows)
