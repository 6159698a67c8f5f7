"""The one source of time: aware UTC, replaceable by a harness that runs it fast."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime


def _system() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Tells the time to the whole program; ``source`` answers aware UTC times."""

    def __init__(self, source: Callable[[], datetime] = _system, *, wait_scale: float = 1.0) -> None:
        self._source = source
        self._wait_scale = wait_scale

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        at = self._source()
        if at.tzinfo is None:
            raise ValueError("the clock must answer an aware time")
        return at.astimezone(UTC)

    def today(self) -> date:
        """The date at this workstation (local), as an accountant would write it."""
        return self.now().astimezone().date()

    def monotonic(self) -> float:
        """Seconds that only ever grow; for measuring waits, never for records."""
        return time.monotonic()

    def wait_seconds(self, seconds: float) -> float:
        """How long a wait of ``seconds`` really takes under this clock."""
        return seconds * self._wait_scale


CLOCK = Clock()


def iso(at: datetime) -> str:
    """An aware time as text that sorts: ``2026-11-24T08:15:30.123456Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_AS_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII).fullmatch


def from_iso(text: str) -> datetime:
    """The aware time that ``iso`` wrote; raises ValueError for any other way to write one."""
    # Lists read tens of thousands of times: fromisoformat is many times as fast as strptime, but takes other forms too.
    if _AS_WRITTEN(text) is None:
        raise ValueError(f"{text!r} is no time as erpdesk writes it")
    return datetime.fromisoformat(text)


def ago(then: datetime, now: datetime) -> str:
    """How long ago, in the words of a status bar: ``2 min ago``."""
    seconds = int((now - then).total_seconds())
    if seconds < 5:
        return "just now"
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {word} ago"
    return f"{seconds} s ago"
