"""Brings a staged reading into the mirror in one transaction: INSERT, UPDATE, TOMBSTONE, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import apsw

from erpdesk.sync.mirror import hashes
from erpdesk.sync.mirror.guard import Guard, group
from erpdesk.sync.mirror.intake import Intake, doubles
from erpdesk.sync.mirror.ledger import live_rows, missing, owed_rows
from erpdesk.sync.mirror.tables import MARKS, body, fields, index_changed, key_fields, names
from erpdesk.sync.sage.tables import Table
from erpdesk.workflows.sage_acts import Loss

STAGE = "temp.stage"
MAYBE = "temp.maybe"
"""The mirror's rows that may be gone: all others were seen in Sage as they are."""
_ASIDE = "temp.aside"
_GONE = "temp.gone"
_WORK = "temp.work"
_MOST_NEWS = 50_000


@dataclass(frozen=True)
class Merged:
    """How many rows of the mirror came, changed and went; with a ``problem`` nothing was touched, for the ``loss``.

    ``hidden`` rows had changed although their stamp is from before the window.
    """

    inserted: int = 0
    updated: int = 0
    gone: int = 0
    hidden: int = 0
    problem: str = ""
    loss: Loss | None = None


def open_stage(db: apsw.Connection, table: Table) -> None:
    """Empty tables for the rows that may have changed, and for what the merge needs to know about the others."""
    close_stage(db)
    db.execute(f"CREATE TEMP TABLE stage ({body(table)}, print INTEGER)")
    keys = ", ".join(f'"{column.field}" {column.sql_type}' for column in table.key)
    db.execute(f"CREATE TEMP TABLE aside ({keys}, PRIMARY KEY ({names(key_fields(table))})) WITHOUT ROWID")
    db.execute(f"CREATE TEMP TABLE met ({keys})")
    for name in ("maybe", "gone"):
        db.execute(f'CREATE TEMP TABLE {name} ("row" INTEGER PRIMARY KEY)')
    db.execute('CREATE TEMP TABLE work ("row" INTEGER PRIMARY KEY, staged INTEGER, returned INTEGER)')


def close_stage(db: apsw.Connection) -> None:
    """Removes these tables."""
    for name in ("stage", "aside", "met", "maybe", "gone", "work"):
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")


def merge(
    db: apsw.Connection, table: Table, intake: Intake, run: int, guard: Guard, *, accepted: Loss | None
) -> Merged:
    """Applies the staged rows inside the caller's transaction, unless the guard objects to more than was accepted."""
    if not intake.whole and not intake.by_stamps:
        # By stamps, rows of the window come whether they changed or not.
        _set_known_doubles_aside(db, table, intake)
    marks = ", ".join("?" * len(table.key))
    keys = (each.key for each in intake.set_aside if each.key is not None)
    db.executemany(f"INSERT OR IGNORE INTO {_ASIDE} VALUES ({marks})", keys)
    lost = _find_gone(db, table, intake)
    if 0 < lost <= sum(each.key is None for each in intake.set_aside):
        # A row whose key cannot be read may be the one that seems gone; an ID that Sage still holds must not look free.
        db.execute(f"DELETE FROM {_GONE}")
        lost = 0
    groups = _groups(db, table, lost, guard)
    loss = _loss(db, table, intake, lost)
    problem = guard.verdict(table, loss, intake.read, groups, accepted)
    if problem:
        return Merged(problem=problem, loss=loss)
    _find_changed(db, table)
    changed, returned = next(iter(db.execute(f"SELECT COUNT(*), COALESCE(SUM(returned), 0) FROM {_WORK}")))
    last: int = db.execute(f"SELECT COALESCE(MAX(rowid), 0) FROM {table.mirror}").get
    if changed:
        _update(db, table, run)
    inserted = _insert(db, table, run)
    if lost:
        where = f'rowid IN (SELECT "row" FROM {_GONE})'
        db.execute(f"UPDATE {table.mirror} SET run_changed = ?, gone_run = ? WHERE {where}", (run, run))
    if inserted or changed:
        # Not by the mark of the run: to find it, every row would be looked at.
        news = f"SELECT rowid FROM {table.mirror} WHERE rowid > {last}"
        index_changed(db, table, f'SELECT "row" FROM {_WORK} UNION ALL {news}')
    hidden = _hidden(db, table, intake, last)
    _keep_hashes(db, table, intake, last)
    return Merged(inserted + returned, changed - returned, lost, hidden)


def _loss(db: apsw.Connection, table: Table, intake: Intake, lost: int) -> Loss:
    """What this reading takes away; rows of an earlier mirror that this one never held count as far as none came."""
    live, owed = live_rows(db, table), owed_rows(db, table)
    return Loss(lost + missing(owed, live, intake.rows), live + owed, len(intake.set_aside))


def _set_known_doubles_aside(db: apsw.Connection, table: Table, intake: Intake) -> None:
    """A staged row whose key belongs to a row that was seen in Sage as it is must be a second one with that key."""
    double = (
        f"SELECT s.rowid FROM {STAGE} s CROSS JOIN {table.mirror} m ON {_same(table, 's')} "
        f'WHERE m.gone_run IS NULL AND m.rowid NOT IN (SELECT "row" FROM {MAYBE})'
    )
    columns = f"{names(key_fields(table))}, {names(fields(table))}"
    found = db.execute(f"SELECT {columns} FROM {STAGE} WHERE rowid IN ({double})").fetchall()
    if found:
        intake.set_aside += doubles(table, found)
        db.execute(f"DELETE FROM {STAGE} WHERE rowid IN ({double})")


def _find_gone(db: apsw.Connection, table: Table, intake: Intake) -> int:
    gone = f"m.gone_run IS NULL AND NOT EXISTS (SELECT 1 FROM {STAGE} s WHERE {_same(table, 's')})"
    # A row that Sage still holds under this key but that cannot be read is not gone.
    gone += f" AND NOT EXISTS (SELECT 1 FROM {_ASIDE} a WHERE {_same(table, 'a')})"
    source = f"{table.mirror} m" if intake.whole else f'{MAYBE} y CROSS JOIN {table.mirror} m ON m.rowid = y."row"'
    db.execute(f"INSERT INTO {_GONE} SELECT m.rowid FROM {source} WHERE {gone}")
    return db.changes()


def _groups(db: apsw.Connection, table: Table, lost: int, guard: Guard) -> tuple[int, int]:
    """How many jobs (or commitments) the table speaks of, and how many of them lose every row; 0, 0 when too few."""
    column = group(table).lower()
    if lost <= guard.small or not column:
        return 0, 0
    gone = f'SELECT "row" FROM {_GONE}'
    hit = {each for (each,) in db.execute(f'SELECT DISTINCT "{column}" FROM {table.mirror} WHERE rowid IN ({gone})')}
    if len(hit) <= guard.small:
        return 0, 0
    # What the staged rows bring counts as well: a renumbered row is no loss of its job.
    left = f'SELECT DISTINCT "{column}" FROM {table.mirror} WHERE gone_run IS NULL AND rowid NOT IN ({gone})'
    stay = {each for (each,) in db.execute(f'{left} UNION SELECT DISTINCT "{column}" FROM {STAGE}')}
    return len(hit | stay), len(hit - stay)


def _data_fields(table: Table) -> list[str]:
    key = key_fields(table)
    return [field for field in fields(table) if field not in key]


def _find_changed(db: apsw.Connection, table: Table) -> None:
    data = _data_fields(table)
    differs = " OR ".join(["m.gone_run IS NOT NULL", *(f'm."{field}" IS NOT s."{field}"' for field in data)])
    db.execute(
        f"INSERT INTO {_WORK} SELECT m.rowid, s.rowid, m.gone_run IS NOT NULL "
        f"FROM {STAGE} s CROSS JOIN {table.mirror} m ON {_same(table, 's')} WHERE {differs}"
    )


def _update(db: apsw.Connection, table: Table, run: int) -> None:
    """Writes only columns that differ in some row: an index over any other is left in peace."""
    data = _data_fields(table)
    rows = f"{_WORK} w CROSS JOIN {STAGE} s ON s.rowid = w.staged"
    differs = ", ".join(f'MAX(m."{field}" IS NOT s."{field}")' for field in data)
    look = f'SELECT MAX(w.returned), {differs} FROM {rows} CROSS JOIN {table.mirror} m ON m.rowid = w."row"'
    returned, *found = next(iter(db.execute(look)))
    settings = "".join(f'"{field}" = s."{field}", ' for field, differ in zip(data, found, strict=True) if differ)
    back = ", gone_run = NULL" if returned else ""
    db.execute(
        f'UPDATE {table.mirror} AS m SET {settings}run_changed = ?{back} FROM {rows} WHERE m.rowid = w."row"',
        (run,),
    )


def _insert(db: apsw.Connection, table: Table, run: int) -> int:
    columns = names(fields(table))
    db.execute(
        f"INSERT INTO {table.mirror} ({columns}, {names(MARKS)}) SELECT {columns}, ?, ?, NULL FROM {STAGE} s "
        f"WHERE NOT EXISTS (SELECT 1 FROM {table.mirror} m WHERE {_same(table, 's')}) ORDER BY s.rowid",
        (run, run),
    )
    return db.changes()


def _hidden(db: apsw.Connection, table: Table, intake: Intake, last: int) -> int:
    if intake.window is None or "date_stamp" not in fields(table):
        return 0
    day = intake.window.isoformat()
    found: int = db.execute(
        f"SELECT (SELECT COUNT(*) FROM {_WORK} w JOIN {STAGE} s ON s.rowid = w.staged WHERE s.date_stamp < ?) "
        f"+ (SELECT COUNT(*) FROM {table.mirror} WHERE rowid > ? AND date_stamp < ?)",
        (day, last, day),
    ).get
    return found


def _keep_hashes(db: apsw.Connection, table: Table, intake: Intake, last: int) -> None:
    """Brings the hashes in line with the rows as they are now."""
    placed = f"SELECT m.rowid, s.print FROM {STAGE} s CROSS JOIN {table.mirror} m ON {_same(table, 's')}"
    if intake.by_stamps:
        news = f'SELECT rowid AS "row" FROM {table.mirror} WHERE rowid > {last}'
        hashes.touch(db, table, f'SELECT "row" FROM {_WORK} UNION SELECT "row" FROM {_GONE} UNION {news}')
    elif intake.whole:
        writer = hashes.Writer(db, table, intake.columns)
        cursor: Iterator[Any] = iter(db.execute(f"{placed} ORDER BY s.rowid"))
        while some := list(islice(cursor, 1000)):
            writer.add([row for row, _ in some], [print_ for _, print_ in some])
        writer.close()
        if intake.set_aside:
            # Rows kept for their key's sake have no hash; without a mark nobody would miss them once they are gone.
            left = f"NOT EXISTS (SELECT 1 FROM {STAGE} s WHERE {_same(table, 's')})"
            rows = f'SELECT m.rowid AS "row" FROM {table.mirror} m WHERE m.gone_run IS NULL AND {left}'
            hashes.touch(db, table, rows)
    elif intake.staged > _MOST_NEWS:
        # So much changed that a whole reading next time costs less than sorting this out.
        hashes.forget(db, table)
    else:
        gone = frozenset(row for (row,) in db.execute(f'SELECT "row" FROM {_GONE}'))
        hashes.bring_up_to_date(db, table, dict(db.execute(placed)), gone)


def _same(table: Table, other: str) -> str:
    """The rows of the mirror (m) and of another table have the same key."""
    return " AND ".join(f'{other}."{field}" = m."{field}"' for field in key_fields(table))
