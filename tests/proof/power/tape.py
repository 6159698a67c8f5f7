"""A tape of everything that a program says to its SQLite files, statement by statement, and its replay."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import apsw
from sqlalchemy import Engine, event


@dataclass(frozen=True)
class Said:
    """One statement with its values on one connection; a pragma is one as well."""

    connection: int
    sql: str
    values: tuple[Any, ...] = ()


@dataclass
class Tape:
    """What was said, in order."""

    said: list[Said] = field(default_factory=list)
    connections: int = 0

    def listen(self, engine: Engine) -> None:
        """Writes down what the connections of an engine say from their first word on; open ones are let go before."""
        engine.dispose()
        tape = self

        class Told(sqlite3.Connection):
            def __init__(self, *words: Any, **values: Any) -> None:
                super().__init__(*words, **values)
                tape.connections += 1
                self.number = tape.connections

            def cursor(self, factory: Any = None) -> Any:
                return super().cursor(factory or Pen)

            def execute(self, sql: str, values: Any = (), /) -> Any:
                return self.cursor().execute(sql, values)

            def commit(self) -> None:
                if self.in_transaction:
                    tape.said.append(Said(self.number, "COMMIT"))
                super().commit()

            def rollback(self) -> None:
                if self.in_transaction:
                    tape.said.append(Said(self.number, "ROLLBACK"))
                super().rollback()

        class Pen(sqlite3.Cursor):
            def execute(self, sql: str, values: Any = (), /) -> Any:
                connection: Any = self.connection
                tape.said.append(Said(connection.number, sql, tuple(values)))
                return super().execute(sql, values)

            def executemany(self, sql: str, rows: Iterable[Any], /) -> Any:
                connection: Any = self.connection
                rows = list(rows)
                tape.said += [Said(connection.number, sql, tuple(values)) for values in rows]
                return super().executemany(sql, rows)

        @event.listens_for(engine, "do_connect")
        def connect(_dialect: Any, _record: Any, _words: Any, values: dict[str, Any]) -> None:
            values["factory"] = Told


def play(
    said: Iterable[Said],
    connect: Callable[[], apsw.Connection],
    around: Callable[[Said, Callable[[], object]], object],
) -> None:
    """Says the same again, each on a connection of its own; ``around`` is given each statement and carries it out."""
    connections: dict[int, apsw.Connection] = {}
    for one in said:
        if one.connection not in connections:
            connections[one.connection] = connect()
        connection = connections[one.connection]
        around(one, lambda one=one, connection=connection: connection.execute(one.sql, one.values).fetchall())  # type: ignore[misc]
    for connection in connections.values():
        connection.close()
