"""A clock that runs fast and is one for all processes: minutes of a delivery pass in moments."""

from __future__ import annotations

import mmap
import struct
import time
from datetime import UTC, datetime, timedelta

from erpdesk.core.clock import Clock

RATE = 2400.0
"""How many seconds of the clock pass in one second."""

LONGEST_IMPORT = 240.0
"""Longest import at Sage, in seconds of the clock: the settle time of the protocol is more than twice that (5.7)."""

_HELD, _BEGAN, _BEGUN_AT = range(3)
_SIZE = 8


class SharedTime:
    """The hands of the clock in memory that forked processes share; make it before the first fork.

    While an import runs at Sage, at most ``LONGEST_IMPORT`` passes, however busy the computer is: the protocol rests on
    that bound, so a slow computer must not be able to break it.
    """

    def __init__(self, rate: float = RATE) -> None:
        self.rate = rate
        self._memory = mmap.mmap(-1, mmap.PAGESIZE)
        self._put(_BEGUN_AT, time.monotonic())

    def _get(self, slot: int) -> float:
        value: float = struct.unpack_from("d", self._memory, slot * _SIZE)[0]
        return value

    def _put(self, slot: int, value: float) -> None:
        struct.pack_into("d", self._memory, slot * _SIZE, value)

    def _running(self) -> float:
        return (time.monotonic() - self._get(_BEGUN_AT)) * self.rate - self._get(_HELD)

    def passed(self) -> float:
        """Seconds of the clock since it was made."""
        began, now = self._get(_BEGAN), self._running()
        return min(now, began + LONGEST_IMPORT) if began else now

    def import_begins(self) -> None:
        """An import at Sage has begun; only the process of Sage says so."""
        self._put(_BEGAN, self._running())

    def import_ended(self) -> None:
        """It has ended, or its process was killed: time runs on from where it stood."""
        began = self._get(_BEGAN)
        if began:
            self._put(_HELD, self._get(_HELD) + max(0.0, self._running() - began - LONGEST_IMPORT))
            self._put(_BEGAN, 0.0)

    def skip(self, seconds: float) -> None:
        """Lets time pass at once; only while nobody else works."""
        self._put(_HELD, self._get(_HELD) - seconds)


class FastClock(Clock):
    """The shared time as one workstation shows it; ``apart`` is how far its wall clock is wrong."""

    START = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)

    def __init__(self, shared: SharedTime, apart: timedelta = timedelta(0)) -> None:
        super().__init__(self._wall, wait_scale=1 / shared.rate)
        self.apart = apart
        self._shared = shared

    def _wall(self) -> datetime:
        return self.START + self.apart + timedelta(seconds=self._shared.passed())

    def monotonic(self) -> float:
        return 1000.0 + self._shared.passed()
