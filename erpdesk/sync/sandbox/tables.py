"""The tables of the stand-in company, made from Sage's own table and column names."""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from erpdesk.paths import resources

# What a commitment company needs; the list of names knows more tables than these.
KEPT = (
    "JCM_MASTER__JOB",
    "JCM_MASTER__EXTRA",
    "JCM_MASTER__COST_CODE",
    "JCM_MASTER__CATEGORY",
    "JCM_MASTER__STANDARD_COST_CODE",
    "JCM_MASTER__STANDARD_CATEGORY",
    "JCM_MASTER__COMMITMENT",
    "JCM_MASTER__COMMITMENT_ITEM",
    "JCM_MASTER__COMMITMENT_CO",
    "JCM_MASTER__COMMITMENT_CO_ITEM",
    "JCT_CURRENT__TRANSACTION",
    "APM_MASTER__VENDOR",
    "APM_MASTER__INVOICE",
    "APM_MASTER__DISTRIBUTION",
    "TS_CTL_RECORD_3",
)

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
    """One column: Sage's name, its kind (char, text, float, bit, int, date, time), its width in characters."""

    name: str
    kind: str
    width: int


@dataclass(frozen=True)
class Table:
    """One table under Sage's standard name."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def ddl(self) -> str:
        """The statement that creates the table; names are quoted, since Sage has columns like Check."""
        parts = [f'"{column.name}" {_TYPES[column.kind].format(width=column.width)}' for column in self.columns]
        parts.append("PRIMARY KEY (" + ", ".join(f'"{name}"' for name in self.key) + ")")
        return f'CREATE TABLE "{self.name}" (' + ", ".join(parts) + ")"


@cache
def tables() -> Mapping[str, Table]:
    """The kept tables by standard name, with every column that is known of them."""
    text = (resources() / "sage" / "tables.toml").read_text("utf-8")
    listed = {entry["standard"]: entry for entry in tomllib.loads(text)["table"]}
    return {
        name: Table(
            name,
            tuple(listed[name]["key"]),
            tuple(Column(c["name"], c["kind"], c["width"]) for c in listed[name]["columns"]),
        )
        for name in KEPT
    }


def create_tables(connection: sqlite3.Connection) -> None:
    """Creates every kept table, empty."""
    for table in tables().values():
        connection.execute(table.ddl())


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
