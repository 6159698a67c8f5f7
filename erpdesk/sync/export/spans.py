"""How long something has lasted, so that no step of the wall clock makes a verdict up or holds one back for a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from erpdesk.core.clock import Clock


class Spans:
    """What this process itself has watched; after a restart a span begins anew, which delays and never hurries."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._away: dict[str, float] = {}
        self._signs: dict[str, datetime] = {}

    def watch(self, attempt: str, away: bool) -> None:
        """Notes whether the file of a try is out of Sage's reach; a file that came back starts over."""
        if away:
            self._away.setdefault(attempt, self._clock.monotonic())
        else:
            self._away.pop(attempt, None)

    def went(self, attempt: str) -> None:
        """The file of a try was taken out of Sage's reach this moment."""
        self._away[attempt] = self._clock.monotonic()

    def left(self, attempt: str, span: timedelta) -> timedelta | None:
        """How much of ``span`` is left since the file went away; 0 when it is over, None while the file is there."""
        since = self._away.get(attempt)
        if since is None:
            return None
        return max(timedelta(0), span - timedelta(seconds=self._clock.monotonic() - since))

    def sign(self, attempt: str, noted: datetime | None) -> datetime | None:
        """When a sign was first noted; a time still to come was written by a clock that ran ahead: it counts as now."""
        if noted is None:
            return None
        now = self._clock.now()
        if noted > now:
            noted = min(now, self._signs.get(attempt, now))
            self._signs[attempt] = noted
        return min(noted, self._signs.get(attempt, noted))
