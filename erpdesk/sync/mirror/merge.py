"""Brings a staged reading into the mirror in one transaction: INSERT, UPDATE, TOMBSTONE, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from erpdesk.sync.mirror.guard import Guard
from erpdesk.sync.mirror.intake import Intake
from erpdesk.sync.mirror.ledger import live_rows
from erpdesk.sync.mirror.tables import MARKS, body, fields, index_changed, names
from erpdesk.sync.sage.tables import Table

STAGE = "temp.stage"
_ASIDE = "temp.aside"


@dataclass(frozen=True)
class Merged:
    """How many rows of the mirror came, changed and went; with a ``problem`` nothing was touched."""

    inserted: int = 0
    updated: int = 0
    gone: int = 0
    problem: str = ""


def open_stage(db: apsw.Connection, table: Table) -> None:
    """An empty staging table, and one for the keys of rows that are there but cannot be read."""
    close_stage(db)
    db.execute(f"CREATE TEMP TABLE stage ({body(table)})")
    keys = ", ".join(f'"{column.field}" {column.sql_type}' for column in table.key)
    db.execute(f"CREATE TEMP TABLE aside ({keys}, PRIMARY KEY ({names(_key(table))})) WITHOUT ROWID")


def close_stage(db: apsw.Connection) -> None:
    """Removes the staging tables."""
    db.execute(f"DROP TABLE IF EXISTS {STAGE}")
    db.execute(f"DROP TABLE IF EXISTS {_ASIDE}")


def merge(db: apsw.Connection, table: Table, intake: Intake, run: int, guard: Guard, *, force: bool) -> Merged:
    """Applies the staged rows inside the caller's transaction, unless the guard objects and nobody forces it."""
    marks = ", ".join("?" * len(table.key))
    keys = (each.key for each in intake.set_aside if each.key is not None)
    db.executemany(f"INSERT OR IGNORE INTO {_ASIDE} VALUES ({marks})", keys)
    before = live_rows(db, table)
    gone = f"m.gone_run IS NULL AND NOT EXISTS (SELECT 1 FROM {STAGE} s WHERE {_same(table, 's')})"
    # A row that Sage still holds under this key but that cannot be read is not gone.
    gone += f" AND NOT EXISTS (SELECT 1 FROM {_ASIDE} a WHERE {_same(table, 'a')})"
    lost = db.execute(f"SELECT COUNT(*) FROM {table.mirror} m WHERE {gone}").get
    problem = guard.verdict(table, before, lost, intake.read, len(intake.set_aside))
    if problem and not force:
        return Merged(problem=problem)
    returned = _returned(db, table)
    changed = _update(db, table, run)
    inserted = _insert(db, table, run)
    if lost:
        db.execute(f"UPDATE {table.mirror} AS m SET run_changed = ?, gone_run = ? WHERE {gone}", (run, run))
    if inserted or changed:
        index_changed(db, table, run)
    return Merged(inserted + returned, changed - returned, lost)


def _returned(db: apsw.Connection, table: Table) -> int:
    """How many rows that were gone are in Sage again."""
    found: int = db.execute(
        f"SELECT COUNT(*) FROM {table.mirror} m JOIN {STAGE} s ON {_same(table, 's')} WHERE m.gone_run IS NOT NULL"
    ).get
    return found


def _update(db: apsw.Connection, table: Table, run: int) -> int:
    data = [field for field in fields(table) if field not in _key(table)]
    settings = ", ".join(f'"{field}" = s."{field}"' for field in data)
    differs = " OR ".join(["m.gone_run IS NOT NULL", *(f'm."{field}" IS NOT s."{field}"' for field in data)])
    db.execute(
        f"UPDATE {table.mirror} AS m SET {settings}, run_changed = ?, gone_run = NULL "
        f"FROM {STAGE} s WHERE {_same(table, 's')} AND ({differs})",
        (run,),
    )
    return db.changes()


def _insert(db: apsw.Connection, table: Table, run: int) -> int:
    columns = names(fields(table))
    db.execute(
        f"INSERT INTO {table.mirror} ({columns}, {names(MARKS)}) SELECT {columns}, ?, ?, NULL FROM {STAGE} s "
        f"WHERE NOT EXISTS (SELECT 1 FROM {table.mirror} m WHERE {_same(table, 's')}) ORDER BY s.rowid",
        (run, run),
    )
    return db.changes()


def _key(table: Table) -> tuple[str, ...]:
    return tuple(column.field for column in table.key)


def _same(table: Table, other: str) -> str:
    """The rows of the mirror (m) and of another table have the same key."""
    return " AND ".join(f'{other}."{field}" = m."{field}"' for field in _key(table))
