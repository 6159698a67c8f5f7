"""A door to Sage that fails as drivers do: refused, hanging, cut off in the middle, with rows missing or told twice."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any

from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.problems import sentence

MODES = ("refused", "hangs", "drops", "nothing", "half", "twice", "changes")
"""What can go wrong; '' is nothing. ``changes``: a row changes between the count and the fetch."""

LINK_DOWN = "08S01: communication link failure"


class FaultyDoor:
    """Hands out real connections that fail in the way that ``mode`` says, from the next query on.

    ``word``: only queries that hold it. ``change`` is what somebody in Sage does between a count and a fetch.
    """

    def __init__(self, connect: Connect, *, change: Callable[[], None] = lambda: None) -> None:
        self.mode = ""
        self.word = ""
        self.struck = 0
        self._connect, self.change = connect, change

    def __call__(self) -> Any:
        if self.mode == "refused":
            self.struck += 1
            raise sentence(sqlite3.OperationalError("unable to open database file"))
        return _Connection(self, self._connect())

    def strikes(self, sql: str) -> str:
        """What goes wrong with a query."""
        counts = "COUNT(" in sql.upper() or "sqlite_master" in sql
        if not self.mode or counts or self.word not in sql:
            return ""
        self.struck += 1
        return self.mode


class _Connection:
    def __init__(self, door: FaultyDoor, real: Any) -> None:
        self._door, self._real = door, real
        self._interrupted = threading.Event()

    def cursor(self) -> _Cursor:
        return _Cursor(self._door, self._real.cursor(), self._interrupted)

    def interrupt(self) -> None:
        self._interrupted.set()
        self._real.interrupt()

    def close(self) -> None:
        self._real.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Cursor:
    def __init__(self, door: FaultyDoor, real: Any, interrupted: threading.Event) -> None:
        self._door, self._real, self._interrupted = door, real, interrupted
        self._mode = ""
        self._held: list[Any] | None = None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> _Cursor:
        self._mode = self._door.strikes(sql)
        if self._mode == "changes":
            self._door.change()
        if self._mode == "hangs":
            self._interrupted.wait()
            raise sqlite3.OperationalError("interrupted")
        self._real.execute(sql, values)
        return self

    def fetchmany(self, size: int) -> list[Any]:
        if self._mode not in ("drops", "nothing", "half", "twice"):
            rows: list[Any] = self._real.fetchmany(size)
            return rows
        if self._held is None:
            every = self._real.fetchall()
            kept = {"nothing": [], "half": every[: len(every) // 2], "twice": every * 2, "drops": every[:1]}
            self._held = kept[self._mode]
        elif self._mode == "drops":
            raise sqlite3.OperationalError(LINK_DOWN)
        taken, self._held = self._held[:size], self._held[size:]
        if self._mode == "drops" and not taken:
            raise sqlite3.OperationalError(LINK_DOWN)
        return taken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
