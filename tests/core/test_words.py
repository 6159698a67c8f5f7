"""The small words: times, changes, errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.core.changes import Changes
from erpdesk.core.clock import Clock, ago, from_iso, iso
from erpdesk.core.errors import ForPeople, Refused


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # Hypothesis takes naive bounds
def test_a_time_survives_as_text(at: datetime) -> None:
    assert from_iso(iso(at)) == at


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24",
        "2026-11-24T08:15:30Z",
        "2026-11-24T08:15:30.123Z",
        "2026-11-24 08:15:30.123456Z",
        "2026-11-24T08:15:30.123456",
        "2026-11-24T08:15:30.123456+01:00",
        "20261124T081530.123456Z",
        "2026-W48-2T08:15:30.123456Z",
        "2026-11-24T08:15:30.123456Z\n",
        "٢٠٢٦-11-24T08:15:30.123456Z",
        "2026-02-30T08:15:30.123456Z",
        "2026-11-24T25:15:30.123456Z",
        "",
    ],
)
def test_only_a_time_as_it_was_written_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        from_iso(text)


def test_a_time_that_was_read_is_in_utc() -> None:
    assert from_iso("2026-11-24T08:15:30.123456Z").tzinfo is UTC


def test_a_naive_clock_is_a_bug() -> None:
    with pytest.raises(ValueError, match="aware"):
        Clock(lambda: datetime(2026, 1, 1)).now()  # noqa: DTZ001  # what the test is about


@pytest.mark.parametrize(
    ("passed", "words"), [(2, "just now"), (40, "40 s ago"), (130, "2 min ago"), (7300, "2 h ago"), (200000, "2 d ago")]
)
def test_tells_how_long_ago(passed: int, words: str) -> None:
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert ago(now - timedelta(seconds=passed), now) == words


def test_changes_add_up() -> None:
    both = Changes.of("commitment", "1") | Changes.of("submission", "2")
    assert both.kinds == {"commitment", "submission"}
    assert bool(both)
    assert not Changes()


def test_an_error_for_people_says_what_was_kept_and_what_to_do() -> None:
    error = ForPeople("The disk is full.", kept="Nothing was lost.", next_step="Free some space.")
    assert str(error) == "The disk is full. Nothing was lost. Free some space."
    assert Refused(["One.", "Two."]).what == "One. Two."
