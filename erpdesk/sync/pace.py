"""How often the sync thread does what, and how it notices that the machine has slept."""

from __future__ import annotations

from dataclasses import dataclass

from erpdesk.core.clock import Clock


@dataclass(frozen=True)
class Pace:
    """How often the worker does what, in seconds."""

    recover: float = 300
    watch: float = 1
    """Between two looks at the mailbox while an item is on its way."""
    watch_in_trouble: float = 10
    back_off: float = 5
    """The first pause when Sage cannot be reached; it doubles each time, with some chance in it."""
    longest_back_off: float = 300
    quiet_tries: int = 5
    """Failures in a row before it is shown as trouble."""
    rounds: int = 100
    """Export rounds in one go, before the mirror gets its turn."""
    look: float = 30
    """Between two looks at the clocks while there is nothing to do."""
    slept: float = 60
    """How far the time of day runs ahead of this machine's own seconds before it is taken for a sleep."""


class SleepWatch:
    """Compares the time of day with the machine's own seconds, each time it is asked."""

    def __init__(self, clock: Clock, most: float) -> None:
        self._clock = clock
        self._most = most
        self._seen = (clock.now(), clock.monotonic())

    def slept(self) -> bool:
        """Whether the time of day ran on by more than ``most`` seconds while the machine's own stood still.

        A clock that is put forward looks the same and only makes for one more reading. Waits are counted in seconds
        that only grow, so a clock that is put back delays nothing.
        """
        (day, seconds), self._seen = self._seen, (self._clock.now(), self._clock.monotonic())
        ran = self._clock.wait_seconds((self._seen[0] - day).total_seconds())
        return ran - (self._seen[1] - seconds) > self._clock.wait_seconds(self._most)
