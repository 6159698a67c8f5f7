"""Takes one table from Sage into the mirror or its staging table, and checks that it came over whole."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw

from erpdesk.sync.mirror.tables import fields, index_key, names
from erpdesk.sync.sage.clean import Note, SetAside
from erpdesk.sync.sage.reader import SageReader, Totals
from erpdesk.sync.sage.tables import Table

Progress = Callable[[str, int, int], None]
"""Told while a table is read: its title, rows done, rows in all."""

TRIES = 3
_NOTES_KEPT = 200


class Stopped(Exception):
    """Somebody asked to stop; whoever holds a half-done table undoes it."""


@dataclass
class Intake:
    """What came over of one table. ``problem`` is a sentence when it does not agree with what Sage itself counts."""

    rows: int = 0
    set_aside: list[SetAside] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    noted: int = 0
    problem: str = ""

    @property
    def read(self) -> int:
        return self.rows + len(self.set_aside)


def take(
    reader: SageReader,
    table: Table,
    db: apsw.Connection,
    stored: str,
    run: int | None,
    progress: Progress,
    stop: Callable[[], bool],
) -> Intake:
    """Reads a table into ``stored`` and indexes it by its key; reads again when Sage changed meanwhile.

    With a ``run`` the rows are marked with it (the mirror's own table), else they are bare (the staging table).
    """
    tail = "" if run is None else f", {run}, {run}, NULL"
    insert = f"INSERT INTO {stored} VALUES ({', '.join('?' * len(fields(table)))}{tail})"
    for _ in range(TRIES):
        db.execute(f"DELETE FROM {stored}")
        intake = _read(reader, table, db, insert, progress, stop)
        if not intake.problem:
            break
    index_key(db, table, stored)
    _set_doubles_aside(db, table, stored, intake)
    return intake


def _read(
    reader: SageReader,
    table: Table,
    db: apsw.Connection,
    insert: str,
    progress: Progress,
    stop: Callable[[], bool],
) -> Intake:
    totals = reader.count_and_sum(table)
    intake = Intake()
    sums: dict[str, list[float | None]] = {name: [] for name in totals.sums}
    progress(table.title, 0, totals.rows)
    for batch in reader.rows(table):
        if stop():
            raise Stopped
        db.executemany(insert, batch.rows)
        intake.rows += len(batch.rows)
        intake.set_aside += batch.set_aside
        intake.noted += len(batch.notes)
        intake.notes += batch.notes[: _NOTES_KEPT - len(intake.notes)]
        for name, kept in sums.items():
            kept.append(batch.sums.get(name))
        progress(table.title, intake.read, totals.rows)
    intake.problem = _disagreement(table, intake, sums, totals)
    return intake


def _disagreement(table: Table, intake: Intake, sums: dict[str, list[float | None]], totals: Totals) -> str:
    again = "The earlier rows are kept; the table is read again at the next sync."
    if intake.read != totals.rows:
        return f"{table.title}: {intake.read:,} rows came, but Sage counts {totals.rows:,}. {again}"
    for name, parts in sums.items():
        known = [part for part in parts if part is not None]
        # An amount that cannot be read is in no sum that can be compared; its row is set aside and shown.
        if len(known) < len(parts):
            continue
        total = math.fsum(known)
        if abs(total - totals.sums[name]) > 0.005 + 1e-9 * abs(total):
            told = f"{name} adds up to {total:,.2f}, but Sage says {totals.sums[name]:,.2f}"
            return f"{table.title}: {told}. {again}"
    return ""


def _set_doubles_aside(db: apsw.Connection, table: Table, stored: str, intake: Intake) -> None:
    """Of rows with the same key the first stays; the others are set aside, for nobody can tell them apart."""
    keys = names(tuple(column.field for column in table.key))
    if not db.execute(f"SELECT 1 FROM {stored} GROUP BY {keys} HAVING COUNT(*) > 1 LIMIT 1").fetchall():
        return
    later = f"rowid NOT IN (SELECT MIN(rowid) FROM {stored} GROUP BY {keys})"
    width = len(table.key)
    for row in db.execute(f"SELECT {keys}, {names(fields(table))} FROM {stored} WHERE {later}").fetchall():
        intake.set_aside.append(SetAside(tuple(row[:width]), repr(tuple(row[width:])), "Sage holds this key twice."))
    db.execute(f"DELETE FROM {stored} WHERE {later}")
    intake.rows -= db.changes()


def keep_odd_rows(db: apsw.Connection, run: int, table: Table, intake: Intake) -> None:
    """Keeps the rows set aside and the notes of this run, in place of those of the run before."""
    db.execute('DELETE FROM set_aside WHERE "table" = ?', (table.name,))
    db.execute('DELETE FROM note WHERE "table" = ?', (table.name,))
    db.executemany(
        "INSERT INTO set_aside VALUES (?, ?, ?, ?, ?)",
        ((run, table.name, key_text(each.key), safe(each.raw), safe(each.reason)) for each in intake.set_aside),
    )
    db.executemany("INSERT INTO note VALUES (?, ?, ?, ?, ?, ?)", _note_rows(run, table, intake.notes))


def _note_rows(run: int, table: Table, notes: Iterable[Note]) -> Iterable[tuple[Any, ...]]:
    for note in notes:
        yield run, table.name, key_text(note.key), note.column, safe(note.raw), safe(note.reason)


def key_text(key: Sequence[Any] | None) -> str | None:
    """A key as text that can be looked up."""
    return None if key is None else json.dumps(list(key), ensure_ascii=False)


def safe(text: str) -> str:
    """Text that any database takes: bytes that are no letters appear as backslash and number."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
