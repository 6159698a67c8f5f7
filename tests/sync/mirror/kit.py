"""What the tests of reader and mirror share: doors to a company, changes behind erpdesk's back, comparison."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

import apsw

from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.guard import Guard
from erpdesk.sync.mirror.refresh import NOTHING, Mirror
from erpdesk.sync.mirror.report import RefreshReport, TableReport
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.sage.doors import Connect, open_odbc, open_standin
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import Column, Table, catalogue
from erpdesk.workflows.sage_acts import Loss, WaitingTable

DOORS = ("file", "odbc")


def door(kind: str, folder: Path) -> Connect:
    """The same company through Python's own SQLite, or through unixODBC and its SQLite driver."""
    if kind == "file":
        return open_standin(folder)
    return open_odbc(f"DRIVER={{SQLite3}};Database=file:{folder / 'tsdata.db'}?mode=ro;Timeout=1000")


def copied(sample: Path, target: Path) -> Path:
    """A company of one's own."""
    shutil.copytree(sample, target)
    return target


def alter(folder: Path, *statements: str | tuple[str, tuple[Any, ...]]) -> None:
    """Somebody changes Sage's tables, in one transaction."""
    with closing(sqlite3.connect(folder / "tsdata.db")) as connection, connection:
        for statement in statements:
            sql, values = (statement, ()) if isinstance(statement, str) else statement
            connection.execute(sql, values)


def ask(folder: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What Sage's file holds, without erpdesk."""
    with closing(sqlite3.connect(folder / "tsdata.db")) as connection:
        return connection.execute(sql, values).fetchall()


def ignore(title: str, done: int, total: int) -> None:
    """A progress that nobody looks at."""


def never() -> bool:
    """A stop that nobody asks for."""
    return False


def report_of(report: RefreshReport, title: str) -> TableReport:
    """How one table went."""
    return next(each for each in report.tables if each.title == title)


@dataclass
class Desk:
    """A mirror in a folder, with the number of the current file kept where a test can see it."""

    folder: Path
    guard: Guard = field(default_factory=Guard)
    number: int | None = None

    def __post_init__(self) -> None:
        self.store = MirrorStore(self.folder, lambda: self.number, self._switch)
        self.mirror = Mirror(self.store, guard=self.guard)
        self.facts = MirrorFacts(self.store)

    def _switch(self, number: int) -> None:
        self.number = number

    def refresh(
        self,
        connect: Connect,
        *,
        progress: Callable[[str, int, int], None] = ignore,
        stop: Callable[[], bool] = never,
        force: Mapping[str, Loss] = NOTHING,
        full: bool = True,
        only: Collection[str] = (),
    ) -> RefreshReport:
        """Looks at every row, since the tests change Sage's file behind its stamps."""
        with SageReader(connect) as reader:
            return self.mirror.refresh(reader, progress, stop, force=force, full=full, only=only)

    def asked(self) -> dict[str, Loss]:
        """What a person is asked about: the loss of each table that waits, by its title."""
        return {each.table: each.loss for each in self.facts.freshness() if isinstance(each, WaitingTable)}

    def select(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the current mirror."""
        with self.store.reading() as db:
            assert db is not None
            return [tuple(row) for row in db.execute(sql, values)]

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        """What the mirror says Sage holds."""
        names = ", ".join(f'"{column.field}"' for column in table.columns)
        keys = ", ".join(f'"{column.field}"' for column in table.key)
        return self.select(f"SELECT {names} FROM {table.mirror} WHERE gone_run IS NULL ORDER BY {keys}")

    def all_rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """What the mirror says Sage holds, by the tables' Sage names."""
        with self.store.at_once():
            return {table.name: self.rows(table) for table in catalogue()}

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """The mirrored tables with every mark, to tell whether anything at all was touched."""
        with self.store.at_once():
            return {table.mirror: self.select(f"SELECT * FROM {table.mirror} ORDER BY rowid") for table in catalogue()}


def sage_rows(folder: Path, table: Table) -> list[tuple[Any, ...]]:
    """What Sage holds by the documents' own rule: trimmed ids, half-up cents and ten-thousandths, dates as they are."""
    return all_sage_rows(folder, [table])[table.name]


def all_sage_rows(folder: Path, tables: Sequence[Table] | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """The same of every table, or of some, by their Sage names; the file is opened once."""
    found = {}
    with closing(sqlite3.connect(folder / "tsdata.db")) as connection:
        for table in tables or catalogue():
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            sql = f'SELECT {names} FROM "{table.name}"'
            at = [table.columns.index(column) for column in table.key]
            rows = [_canonical_row(sql, table, row) for row in connection.execute(sql)]
            found[table.name] = sorted(rows, key=itemgetter(*at))
    return found


_canonical_rows: dict[tuple[str, tuple[Any, ...]], tuple[Any, ...]] = {}
"""What rows became, since most rows of a test's company are those of every other test's."""


def _canonical_row(sql: str, table: Table, row: tuple[Any, ...]) -> tuple[Any, ...]:
    known = _canonical_rows.get((sql, row))
    if known is None:
        known = tuple(_canonical(column, value) for column, value in zip(table.columns, row, strict=True))
        if len(_canonical_rows) < 50_000:
            _canonical_rows[sql, row] = known
    return known


def _canonical(column: Column, value: Any) -> Any:
    if column.kind == "char":
        return value.strip(" ") if column.identity else value.rstrip(" ")
    if column.kind == "float":
        places = Decimal(1).scaleb(-(column.scale or 0))
        return int(Decimal(repr(float(value))).quantize(places, ROUND_HALF_UP).scaleb(column.scale or 0))
    return value


def differences(desk: Desk, folder: Path) -> Iterator[str]:
    """Where mirror and Sage disagree (P12)."""
    mirror, sage = desk.all_rows(), all_sage_rows(folder)
    for table in catalogue():
        mirrored, held = mirror[table.name], sage[table.name]
        if mirrored != held:
            odd = set(mirrored) ^ set(held)
            yield f"{table.title}: {sorted(map(repr, odd))[:4]}"


def damage(path: Path, at: int, size: int = 4096) -> None:
    """A disk that lost a stretch of a file."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * size)


def open_mirror(path: Path) -> apsw.Connection:
    """A mirror file opened directly, to spoil it."""
    return apsw.Connection(str(path))
