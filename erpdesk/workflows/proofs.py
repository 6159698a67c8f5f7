"""That somebody has just shown who they are: kept in memory only, for one minute, for one person and one act."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LASTS = 60.0
"""Seconds."""


class Proofs:
    """The last proof of this program; whoever uses it uses it up, and a later one takes its place."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._last: tuple[str, float] | None = None

    def leave(self, person_id: str) -> None:
        """Keeps that this person has just given the right password."""
        with self._lock:
            self._last = (person_id, self._monotonic())

    def take(self, person_id: str) -> bool:
        """Whether this person has just proven who they are; the proof is used up, also one of somebody else."""
        with self._lock:
            last, self._last = self._last, None
        return last is not None and last[0] == person_id and self._monotonic() - last[1] <= LASTS
