"""How Sage names its tables and columns to other programs: three naming modes, and wide tables in parts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from erpdesk.sync.sandbox.tables import Column, Table, declared, tables

STANDARD, CUSTOM, DICTIONARY = "standard", "custom", "dictionary"
MODES = (STANDARD, CUSTOM, DICTIONARY)
MOST_COLUMNS = 1536

Captions = tuple[tuple[str, str], ...]


class HasData(Protocol):
    """A company folder with its file of tables and its own captions."""

    @property
    def data_file(self) -> Path:
        """The file with the tables under their standard names."""

    @property
    def captions(self) -> Captions:
        """The company's Custom Descriptions."""


@dataclass(frozen=True)
class Seen:
    """One table, or one part of a wide one, as another program sees it.

    ``columns`` are pairs (name that is seen, Sage's standard column); a part after the first one begins with the key.
    """

    name: str
    table: Table
    columns: tuple[tuple[str, Column], ...]
    part: int = 0

    @property
    def is_physical(self) -> bool:
        """Whether it is seen exactly as it is stored."""
        return self.name == self.table.name and all(name == column.name for name, column in self.columns)

    def standard(self, column: str) -> str | None:
        """The standard name of a column that is seen as ``column`` in any case; None when there is none."""
        return next((each.name for name, each in self.columns if name.upper() == column.upper()), None)

    def select(self, source: str) -> str:
        """The query that shows it from the stored table, which is named ``source`` with its schema."""
        shown = ", ".join(f'"{column.name}" AS "{name}"' for name, column in self.columns)
        return f"SELECT {shown} FROM {source}"

    def ddl(self) -> str:
        """The statement that creates it as a table of its own, with Sage's kinds and key."""
        parts = [f'"{name}" {declared(column)}' for name, column in self.columns]
        keys = [name for name, column in self.columns if column.name in self.table.key]
        key = ", ".join(f'"{name}"' for name in keys)
        return f'CREATE TABLE "{self.name}" ({", ".join(parts)}, PRIMARY KEY ({key}))'


@cache
def seen(naming: str = STANDARD, max_columns: int = MOST_COLUMNS, captions: Captions = ()) -> Mapping[str, Seen]:
    """Every table by its name in capitals, as a program sees it that asked for this naming mode and this many columns.

    ``captions`` are a company's own words for columns, pairs such as ("JCM_MASTER__JOB.Misc_Title_1", "Lot"); they
    count in custom mode only. Raises ValueError for an unknown mode or fewer columns than a key and one more.
    """
    if naming not in MODES:
        raise ValueError(f"{naming} is no naming mode of Sage.")
    widest = max(len(table.key) for table in tables().values())
    if max_columns <= widest:
        raise ValueError(f"A table needs more than {widest} columns.")
    own = dict(captions)
    found = (each for table in tables().values() for each in _parts(table, naming, max_columns, own))
    return {each.name.upper(): each for each in found}


def _parts(table: Table, naming: str, most: int, captions: Mapping[str, str]) -> Iterator[Seen]:
    columns = _columns(table, naming, captions)
    name = _name(table, naming)
    if len(columns) <= most:
        yield Seen(name, table, columns)
        return
    # The internal name of the job table names its first part already: RECORD_1_1 goes on as RECORD_1_2.
    stem = re.sub(r"(_RECORD_\d+)_1$", r"\1", name)
    keys = tuple(column for column in columns if column[1].name in table.key)
    yield Seen(f"{stem}_1", table, columns[:most], 1)
    room = most - len(keys)
    for part, start in enumerate(range(most, len(columns), room), 2):
        rest = tuple(column for column in columns[start : start + room] if column not in keys)
        yield Seen(f"{stem}_{part}", table, keys + rest, part)


def _name(table: Table, naming: str) -> str:
    if naming == DICTIONARY:
        # Some record numbers are not known; such a table keeps its custom name, which has the same form.
        return table.dictionary or table.custom
    return table.custom if naming == CUSTOM else table.name


def _columns(table: Table, naming: str, captions: Mapping[str, str]) -> tuple[tuple[str, Column], ...]:
    shown: list[tuple[str, Column]] = []
    for column in table.columns:
        name = column.name
        if naming == DICTIONARY:
            name = column.dictionary or name
        elif naming == CUSTOM:
            name = _caption(captions.get(f"{table.name}.{name}", "")) or name
        shown.append((name, column))
    return tuple(shown)


def _caption(words: str) -> str:
    """A caption as a column name: blanks and signs become underscores."""
    return re.sub(r"\W+", "_", words.strip(), flags=re.ASCII)


def show(connection: sqlite3.Connection, which: Mapping[str, Seen]) -> None:
    """Gives a connection to the stored tables a view for each table that is seen under another name or in parts."""
    for each in which.values():
        if not each.is_physical:
            query = each.select(f'main."{each.table.name}"')
            sqlite3.Connection.execute(connection, f'CREATE TEMP VIEW "{each.name}" AS {query}').close()


def as_seen(company: HasData, target: Path, *, naming: str = STANDARD, max_columns: int = MOST_COLUMNS) -> Path:
    """Copies a company's tables into a new file where they have the names, columns and parts of a naming mode.

    The file holds plain tables only, so that a real ODBC driver opens it and lists what Sage would list. Raises
    FileExistsError when ``target`` is there already.
    """
    if target.exists():
        raise FileExistsError(target)
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS sage", (str(company.data_file),))
        connection.execute("BEGIN")
        for each in seen(naming, max_columns, company.captions).values():
            connection.execute(each.ddl())
            connection.execute(f'INSERT INTO main."{each.name}" ' + each.select(f'sage."{each.table.name}"'))
        connection.execute("COMMIT")
    return target
