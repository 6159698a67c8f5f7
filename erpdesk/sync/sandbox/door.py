"""The door through which other programs read the company: read only, with the faults of a real site."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import Any, Self

from erpdesk.sync.sandbox.faults import Faults


class Door(sqlite3.Connection):
    """A read-only connection that is slow, hangs or misses a table when the company says so."""

    faults: Callable[[], Faults] = staticmethod(Faults)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._woken = threading.Event()

    def cursor(self, factory: Any = None) -> Any:
        """A cursor whose queries pass the gate."""
        return super().cursor(factory or DoorCursor)

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Runs one query through a cursor of the door."""
        cursor: sqlite3.Cursor = self.cursor().execute(sql, parameters)
        return cursor

    def interrupt(self) -> None:
        """Ends a query that runs, waits or hangs in another thread: it raises ``OperationalError: interrupted``."""
        self._woken.set()
        super().interrupt()

    def close(self) -> None:
        """Closes the connection and wakes a query that hangs."""
        self._woken.set()
        super().close()

    def gate(self, sql: str) -> None:
        """Lets a query pass, late, never, or not at all."""
        faults = self.faults()
        if faults.missing_table and faults.missing_table in sql:
            raise sqlite3.OperationalError(f"no such table: {faults.missing_table}")
        if faults.hang and (faults.hang == "*" or faults.hang in sql):
            self._wait(None)
        if faults.slow:
            self._wait(faults.slow)

    def _wait(self, seconds: float | None) -> None:
        if self._woken.wait(seconds):
            self._woken.clear()
            raise sqlite3.OperationalError("interrupted")


class DoorCursor(sqlite3.Cursor):
    """A cursor of the door."""

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        """Runs one query after the gate let it pass."""
        door = self.connection
        if isinstance(door, Door):
            door.gate(sql)
        return super().execute(sql, parameters)
