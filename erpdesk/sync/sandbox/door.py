"""The door through which other programs reach the company: Sage's names and SQL, with the faults of a real site."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

from erpdesk.sync.sandbox.dialect import Statement, parse
from erpdesk.sync.sandbox.faults import Faults
from erpdesk.sync.sandbox.naming import Seen, seen
from erpdesk.sync.sandbox.problems import engine_status, in_drivers_words, link_failure, refusal
from erpdesk.sync.sandbox.tables import tables
from erpdesk.sync.sandbox.writes import Write, read_write

# What stands in for a driver's list of columns; nothing else of SQLite shines through.
_COLUMNS = re.compile(r'\s*PRAGMA\s+table_info\s*\(\s*"?(\w+)"?\s*\)\s*;?\s*', re.IGNORECASE)

Writer = Callable[[Write, Any], int]


def _no_writer(write: Write, parameters: Any) -> int:
    raise refusal("42000", f"Write access is denied: {write.table}.")


class Door(sqlite3.Connection):
    """A connection that reads Sage's SQL, is slow, hangs, breaks or misses a table when the company says so.

    What may be written goes to ``writer``; the connection itself cannot write.
    """

    faults: Callable[[], Faults] = staticmethod(Faults)
    writer: Writer = staticmethod(_no_writer)
    names: Mapping[str, Seen] = {}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._woken = threading.Event()
        self.broken = False
        self.names = seen()
        sqlite3.Connection.execute(self, "PRAGMA case_sensitive_like = ON").close()

    def cursor(self, factory: Any = None) -> Any:
        """A cursor whose queries pass the gate."""
        return super().cursor(factory or DoorCursor)

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Runs one query through a cursor of the door."""
        cursor: sqlite3.Cursor = self.cursor().execute(sql, parameters)
        return cursor

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        """Refused: the driver takes one statement at a time."""
        raise refusal("S1C00", "Arrays of parameters are not supported.")

    def executescript(self, sql_script: str, /) -> sqlite3.Cursor:
        """Refused: the driver takes one statement at a time."""
        raise refusal("S1C00", "More than one statement is not supported.")

    def interrupt(self) -> None:
        """Ends a query that runs, waits or hangs in another thread: it raises ``OperationalError: interrupted``."""
        self._woken.set()
        super().interrupt()

    def close(self) -> None:
        """Closes the connection and wakes a query that hangs."""
        self._woken.set()
        super().close()

    def gate(self, sql: str, names: frozenset[str]) -> Faults:
        """Lets a query pass, late, never, or not at all; ``names`` are Sage's standard names of its tables."""
        if self.broken:
            raise link_failure()
        faults = self.faults()
        refuse(faults, asking=True)
        if faults.missing_table.upper() in names:
            raise refusal("S0002", f"no such table: {faults.missing_table}")
        if faults.hang and (faults.hang == "*" or faults.hang in sql or faults.hang.upper() in names):
            self._wait(None)
        if faults.slow:
            self._wait(faults.slow)
        return faults

    def _wait(self, seconds: float | None) -> None:
        if self._woken.wait(seconds):
            self._woken.clear()
            raise sqlite3.OperationalError("interrupted")


class DoorCursor(sqlite3.Cursor):
    """A cursor of the door; its answer breaks off after as many rows as the company's switch says."""

    _left: int | None = None
    _written: int | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        """Runs one query after the gate let it pass."""
        door = self.connection
        assert isinstance(door, Door)
        self._written = None
        listed = _COLUMNS.fullmatch(sql)
        if listed is not None:
            faults = door.gate(sql, _standard(door, frozenset({listed[1].upper()})))
            return self._run(sql, (), faults) if listed[1].upper() in door.names else self._run(_NOTHING, (), faults)
        statement = parse(sql)
        used = _standard(door, statement.names)
        faults = door.gate(sql, used)
        if statement.verb != "SELECT":
            self._written = door.writer(read_write(statement, door.names), parameters)
            return self
        _hidden(door, statement)
        return self._run(statement.sql, parameters, faults)

    def _run(self, sql: str, parameters: Any, faults: Faults) -> Self:
        self._left = faults.drop_after or None
        try:
            return super().execute(sql, parameters)
        except sqlite3.OperationalError as error:
            raise in_drivers_words(error) from error

    def executemany(self, sql: str, parameters: Any, /) -> Self:
        """Refused: the driver takes one statement at a time."""
        raise refusal("S1C00", "Arrays of parameters are not supported.")

    def executescript(self, sql_script: str, /) -> sqlite3.Cursor:
        """Refused: the driver takes one statement at a time."""
        raise refusal("S1C00", "More than one statement is not supported.")

    @property
    def rowcount(self) -> int:
        """Rows that an insert or update changed; -1 after a query."""
        return -1 if self._written is None else self._written

    def fetchone(self) -> Any:
        """The next row, or None after the last one; raises a link failure when the connection broke."""
        if self._left is None:
            return super().fetchone()
        row = super().fetchone()
        if row is not None:
            self._count()
        return row

    def __next__(self) -> Any:
        row = super().__next__()
        if self._left is not None:
            self._count()
        return row

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows, at most ``size``; those of a call in which the connection breaks are lost."""
        size = self.arraysize if size is None else size
        if self._left is None:
            return super().fetchmany(size)
        rows: list[Any] = []
        while len(rows) < size and (row := self.fetchone()) is not None:
            rows.append(row)
        return rows

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        if self._left is None:
            return super().fetchall()
        return list(iter(self.fetchone, None))

    def _count(self) -> None:
        assert self._left is not None
        if self._left == 0:
            door = self.connection
            assert isinstance(door, Door)
            door.broken = True
            raise link_failure()
        self._left -= 1


_NOTHING = "SELECT 0 AS cid, '' AS name, '' AS type WHERE 0"


def refuse(faults: Faults, asking: bool = False) -> None:
    """Raises the data engine's status while a backup or a lock keeps everybody out; ``asking`` is after connecting."""
    if faults.backup_window:
        # Whoever comes finds the files opened by another program for itself alone; whoever is in finds them locked.
        raise engine_status(85 if asking else 88)
    if faults.btrieve_status and (asking or faults.btrieve_status != 84):
        raise engine_status(faults.btrieve_status)


def _standard(door: Door, names: frozenset[str]) -> frozenset[str]:
    """The standard names of the tables that a statement names as they are seen through this door."""
    return frozenset(door.names[name].table.name for name in names if name in door.names)


def _hidden(door: Door, statement: Statement) -> None:
    """A table has its standard name only where the door shows it."""
    for name in statement.names:
        if name in tables() and name not in door.names:
            raise refusal("S0002", f"no such table: {name}")
