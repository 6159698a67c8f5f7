"""How single values of Sage are read at the border: exactly, or with a reason that a person can follow."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.sync.sage.quick import quick
from erpdesk.sync.sage.tables import Column
from erpdesk.sync.sage.values import raw_bytes, slow


def column(kind: str, *, name: str = "Any", width: int = 0, scale: int | None = None, key: bool = False) -> Column:
    return Column(name, kind, width, scale, required=True, key=key)


TEXT = column("char", name="Description", width=10)
JOB = column("char", name="Job", width=10, key=True)
EXTRA = column("char", name="Extra", width=10, key=True)
MONEY = column("float", scale=2)
UNITS = column("float", scale=4)
WHOLE = column("int")
RUN = column("int", name="Run", key=True)
BIT = column("bit")
DAY = column("date")
TIME = column("time")
STATE = Column("Status", "char", 20, None, required=True, key=False, choices=("Unstarted", "In progress", "Closed"))
ALL = (TEXT, JOB, EXTRA, MONEY, UNITS, WHOLE, RUN, BIT, DAY, TIME, STATE)


@pytest.mark.parametrize(
    ("of", "value", "expected"),
    [
        (TEXT, "Concrete  ", "Concrete"),
        (TEXT, "  indented", "  indented"),
        (TEXT, None, ""),
        (TEXT, "   ", ""),
        (TEXT, b"caf\xe9", "café"),
        (TEXT, b"\x80 5", "€ 5"),
        (TEXT, "ends\0\0\0", "ends"),
        (JOB, "  03-0014  ", "03-0014"),
        (JOB, "a b", "a b"),
        (EXTRA, None, ""),
        (EXTRA, "          ", ""),
        (MONEY, 12.5, 1250),
        (MONEY, 0.1 + 0.2, 30),
        (MONEY, -0.0, 0),
        (MONEY, -1234.56, -123456),
        (MONEY, 9_999_999_999.99, 999_999_999_999),
        (MONEY, 7, 700),
        (MONEY, Decimal("3.30"), 330),
        (MONEY, None, None),
        (UNITS, 2.0001, 20001),
        (UNITS, 0.3333, 3333),
        (WHOLE, 7, 7),
        (WHOLE, 7.0, 7),
        (WHOLE, Decimal(7), 7),
        (WHOLE, None, None),
        (BIT, True, 1),
        (BIT, 0, 0),
        (BIT, -1, 1),
        (BIT, None, None),
        (DAY, "2026-11-24", "2026-11-24"),
        (DAY, "2026-11-24 10:11:12", "2026-11-24"),
        (DAY, "20261124", "2026-11-24"),
        (DAY, date(2026, 11, 24), "2026-11-24"),
        (DAY, datetime(2026, 11, 24, 23, 59), "2026-11-24"),  # noqa: DTZ001 - drivers hand over naive times
        (DAY, "", None),
        (DAY, None, None),
        (TIME, time(7, 5, 9), "07:05:09"),
        (TIME, "07:05:09", "07:05:09"),
        (TIME, "07:05", "07:05:00"),
        (TIME, "1899-12-30 07:05:09", "07:05:09"),
        (TIME, "1899-12-30T07:05:09\0\0", "07:05:09"),
        (TIME, datetime(1899, 12, 30, 7, 5, 9), "07:05:09"),  # noqa: DTZ001 - drivers hand over naive times
        (TIME, time(23, 59, 59, 500_000), "23:59:59.500000"),
        (TIME, "  ", None),
        (TIME, None, None),
        (STATE, "In progress  ", "In progress"),
        (STATE, "", ""),
        (JOB, "Ärea-é", "Ärea-é"),
        (JOB, "A&B §4", "A&B §4"),
        (TEXT, "d’Or “x”", "d’Or “x”"),
    ],
)
def test_ordinary_values_are_read_without_a_word(of: Column, value: Any, expected: Any) -> None:
    """Padding, doubles, blanks and the forms of different drivers: no note."""
    reading = slow(of, value)
    assert (reading.value, reading.reason, reading.fatal) == (expected, "", False)


@pytest.mark.parametrize(
    ("of", "value", "expected", "says"),
    [
        (TEXT, "good\0junk", "good", "left-over"),
        (TEXT, b"bad \x81", "bad \\x81", "no letters"),
        (TEXT, "eleven char", "eleven char", "room for 10"),
        (MONEY, 0.335, 34, "rounded to 0.34"),
        (MONEY, -0.335, -34, "rounded to -0.34"),
        (MONEY, Decimal("1.005"), 101, "rounded"),
        (UNITS, 0.33333, 3333, "rounded"),
        (DAY, "0000-00-00", None, "no date"),
        (DAY, "1899-12-30", None, "no date"),
        (DAY, date(1900, 1, 1), None, "no date"),
        (DAY, 0, None, "no date"),
        (DAY, "0025-01-01", None, "out of range"),
        (DAY, date(2099, 12, 31), None, "out of range"),
        (DAY, "2026-02-30", None, "not a date"),
        (DAY, "24.11.2026", None, "not a date"),
        (DAY, b"\xff", None, "not a date"),
        (TIME, "24:00:01", None, "not a time"),
        (TIME, "noon", None, "not a time"),
        (TIME, 71509, None, "not a time"),
        (STATE, "Sleeping", "Sleeping", "none of the words"),
        (STATE, 3, "3", "none of the words"),
        (STATE, 3.0, "3", "none of the words"),
        (JOB, "Gr„f", "Gr„f", "old code page 850 it would be “Gräf”"),
        (JOB, b"caf\x82", "caf\u201a", "“café”"),
        (JOB, "A–1", "A–1", "marks within letters"),
    ],
)
def test_odd_values_are_read_with_a_note(of: Column, value: Any, expected: Any, says: str) -> None:
    """What was not taken as it stands says so, and the row stays usable."""
    reading = slow(of, value)
    assert reading.value == expected and says in reading.reason and not reading.fatal


@pytest.mark.parametrize(
    ("of", "value", "says"),
    [
        (JOB, None, "empty"),
        (JOB, "   ", "blank"),
        (JOB, "\0junk", "blank"),
        (JOB, "twelve chars", "room for 10"),
        (JOB, b"\x81", "no letters"),
        (JOB, "a\udc81", "no letters"),
        (JOB, b"M\x81ller", "old code page 850 it would be “Müller”"),
        (JOB, b"\x90lan", "“Élan”"),
        (STATE, True, "not text"),
        (TEXT, 12, "not text"),
        (MONEY, "12.50", "not a number"),
        (MONEY, True, "not a number"),
        (MONEY, float("nan"), "too large"),
        (MONEY, float("inf"), "too large"),
        (MONEY, 1e300, "too large"),
        (WHOLE, 1.5, "not a whole number"),
        (WHOLE, "7", "not a whole number"),
        (WHOLE, float("inf"), "not a whole number"),
        (WHOLE, 2**60, "not a whole number"),
        (RUN, None, "empty"),
        (BIT, "Y", "neither yes nor no"),
        (BIT, 7, "neither yes nor no"),
    ],
)
def test_what_cannot_be_read_condemns_its_row(of: Column, value: Any, says: str) -> None:
    """A key or a number that nobody can read: the row cannot be used."""
    reading = slow(of, value)
    assert reading.fatal and says in reading.reason


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.text(max_size=14),
    st.text(st.sampled_from("A \0\udc81é\n\t"), max_size=8),
    st.binary(max_size=8),
    st.dates(),
    st.datetimes(),
    st.dates().map(date.isoformat),
    st.times(),
    st.times(timezones=st.just(UTC)),
    st.times().map(time.isoformat),
    st.sampled_from(["Closed", "In progress", "caf\u201a", "07:05:09", "24:05:09"]),
)


@given(of=st.sampled_from(ALL), values=st.lists(ODD, min_size=1))
def test_the_quick_way_never_says_anything_else_than_the_slow_way(of: Column, values: list[Any]) -> None:
    """A whole column at once is either refused, or read exactly as value by value and without a note."""
    together = quick(of, values, {})
    if together is not None:
        # The one liberty: a yes among numbers counts as 1, which no driver mixes.
        if of.kind == "float" and any(isinstance(value, bool) for value in values):
            return
        readings = [slow(of, value) for value in values]
        assert list(together) == [reading.value for reading in readings]
        assert not any(reading.reason for reading in readings)


@given(
    of=st.sampled_from([each for each in ALL if each.kind in ("char", "date", "time")]),
    batches=st.lists(st.lists(st.one_of(ODD, st.sampled_from(["A  ", "A", "", " "])), min_size=1), min_size=2),
)
def test_what_was_remembered_reads_like_the_first_time(of: Column, batches: list[list[Any]]) -> None:
    """Batch after batch with one memory: each value once more as the slow way reads it, repeated often or not."""
    memory: dict[Any, str | None] = {}
    for values in (*batches, *(batch * 3 for batch in batches)):
        together = quick(of, values, memory)
        if together is not None:
            assert list(together) == [slow(of, value).value for value in values]
            assert not any(slow(of, value).reason for value in values)


@given(values=st.lists(ODD, min_size=1))
def test_whatever_a_driver_hands_over_there_is_an_answer(values: list[Any]) -> None:
    """No value breaks the reading, and what comes out can be stored."""
    for of in ALL:
        for value in values:
            result = slow(of, value).value
            assert result is None or isinstance(result, int | str)
            if isinstance(result, str):
                result.encode("utf-8")


@given(whole=st.integers(-(10**12), 10**12), noise=st.floats(-1e-7, 1e-7))
def test_money_in_doubles_comes_back_to_the_cent(whole: int, noise: float) -> None:
    """Any amount of whole cents, with the noise that sums of doubles gather (P13)."""
    value = whole / 100 + noise
    assert slow(MONEY, value).value == whole
    assert quick(MONEY, [value], {}) == [whole]


@given(days=st.lists(st.dates(date(1950, 1, 1), date(2098, 12, 31)), min_size=1))
def test_remembered_dates_are_the_right_ones(days: list[date]) -> None:
    """The memory of dates answers what a first look answers."""
    memory: dict[Any, str | None] = {}
    for _ in range(2):
        assert quick(DAY, days, memory) == [day.isoformat() for day in days]
        assert quick(DAY, [day.isoformat() for day in days], memory) == [day.isoformat() for day in days]


@given(times=st.lists(st.times().map(lambda each: each.replace(microsecond=0)), min_size=1))
def test_stamps_are_read_alike_as_times_and_as_text(times: list[time]) -> None:
    """Drivers differ in how they hand over a time of day; the mirror holds one form."""
    texts = [each.isoformat() for each in times]
    assert quick(TIME, times, {}) == quick(TIME, texts, {}) == texts
    assert [*(quick(TIME, [None, *times], {}) or ())] == [None, *texts]


@given(raw=st.binary(max_size=20))
def test_the_bytes_of_a_text_can_be_had_back(raw: bytes) -> None:
    """What stands for no letter is kept as it was, so that a person can look at it."""
    assert raw_bytes(raw.decode("cp1252", "surrogateescape")) == raw
    assert raw_bytes("Ω" + "\udc81") == "Ω".encode() + b"\x81"
