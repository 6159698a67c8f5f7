"""The tables of the stand-in company, made from Sage's own table and column names."""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from erpdesk.paths import resources

# Dates and times may be missing; everything else that Sage holds is blank or zero, never null.
_TYPES = {
    "char": "CHAR({width}) NOT NULL DEFAULT ''",
    "text": "TEXT NOT NULL DEFAULT ''",
    "float": "DOUBLE NOT NULL DEFAULT 0",
    "bit": "BIT NOT NULL DEFAULT 0",
    "int": "INTEGER NOT NULL DEFAULT 0",
    "date": "DATE",
    "time": "TIME",
}


@dataclass(frozen=True)
class Column:
    """One column: Sage's name, its kind (char, text, float, bit, int, date, time), width, internal name if known."""

    name: str
    kind: str
    width: int
    dictionary: str = ""


@dataclass(frozen=True)
class Table:
    """One table under Sage's standard name; ``custom`` and ``dictionary`` are its names in the other two modes."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    custom: str = ""
    dictionary: str = ""

    def ddl(self) -> str:
        """The statement that creates the table; names are quoted, since Sage has columns like Check."""
        parts = [f'"{column.name}" {declared(column)}' for column in self.columns]
        parts.append("PRIMARY KEY (" + ", ".join(f'"{name}"' for name in self.key) + ")")
        return f'CREATE TABLE "{self.name}" (' + ", ".join(parts) + ")"


def declared(column: Column) -> str:
    """How a column is declared, such as ``CHAR(10) NOT NULL DEFAULT ''``."""
    return _TYPES[column.kind].format(width=column.width)


@cache
def tables() -> Mapping[str, Table]:
    """All tables by standard name, with every column that is known of them."""
    text = (resources() / "sage" / "tables.toml").read_text("utf-8")
    return {entry["standard"]: _table(entry) for entry in tomllib.loads(text)["table"]}


def _table(entry: Mapping[str, Any]) -> Table:
    columns = tuple(Column(c["name"], c["kind"], c["width"], c.get("dictionary", "")) for c in entry["columns"])
    return Table(entry["standard"], tuple(entry["key"]), columns, entry["custom"], entry["dictionary"])


def create_tables(connection: sqlite3.Connection) -> None:
    """Creates every table, empty."""
    for statement in _statements():
        connection.execute(statement)


@cache
def _statements() -> tuple[str, ...]:
    return tuple(table.ddl() for table in tables().values())


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Adds rows; all rows name the same columns as the first one, the other columns stay blank."""
    rows = list(rows)
    if not rows:
        return
    names = list(rows[0])
    insert_values(connection, table, names, ([row[name] for name in names] for row in rows))


def insert_values(
    connection: sqlite3.Connection, table: str, names: Iterable[str], values: Iterable[Iterable[object]]
) -> None:
    """Adds rows given as plain values in the order of ``names``; for many rows at once."""
    names = list(names)
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    connection.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', [tuple(row) for row in values])
