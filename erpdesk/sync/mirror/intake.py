"""Takes one table from Sage into the mirror or its staging table, whole, and checks that it came over whole."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import apsw

from erpdesk.sync.mirror import hashes
from erpdesk.sync.mirror.tables import fields, index_key, key_fields, names
from erpdesk.sync.mirror.totals import Tally
from erpdesk.sync.sage.clean import Note, SetAside
from erpdesk.sync.sage.reader import Fetched, SageReader
from erpdesk.sync.sage.tables import Table

Progress = Callable[[str, int, int], None]
"""Told while a table is read: its title, rows done, rows in all."""

TRIES = 3
_NOTES_KEPT = 200
_TWICE = "Sage holds this key twice."


class Stopped(Exception):
    """Somebody asked to stop; whoever holds a half-done table undoes it."""


@dataclass
class Intake:
    """What came over of one table. ``problem`` is a sentence when it does not agree with what Sage itself counts.

    ``read`` rows stand in Sage, ``staged`` of them may differ from the mirror. ``whole``: every row was staged;
    ``by_stamps``: only rows of the stamps' window were read; neither: rows were compared by their hashes. ``sums`` are
    the amounts as they came, with their sizes; ``window`` is the first day of the stamps' window.
    """

    whole: bool = True
    by_stamps: bool = False
    read: int = 0
    staged: int = 0
    set_aside: list[SetAside] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    noted: int = 0
    sums: dict[str, tuple[float, float]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    window: date | None = None
    problem: str = ""

    @property
    def rows(self) -> int:
        """The rows of Sage that can be used."""
        return self.read - len(self.set_aside)

    def note(self, notes: Sequence[Note]) -> None:
        """Values that were not read as they stand."""
        self.noted += len(notes)
        self.notes += notes[: _NOTES_KEPT - len(self.notes)]


class Stager:
    """Cleans rows and writes them, each with its hash; those that cannot be used are set aside."""

    def __init__(self, db: apsw.Connection, table: Table, stored: str, tail: str, intake: Intake) -> None:
        self._db, self._intake = db, intake
        self._insert = f"INSERT INTO {stored} VALUES ({', '.join('?' * len(fields(table)))}{tail})"

    def bare(self, fetched: Fetched) -> list[int] | None:
        """Writes rows without their hashes; answers which of them were kept, None for all."""
        batch = fetched.clean()
        if batch.set_aside and fetched.rows:
            return [at for at, row in enumerate(fetched.rows) if self._one(fetched, row)]
        self._intake.note(batch.notes)
        self._intake.set_aside += batch.set_aside
        self._db.executemany(self._insert, batch.rows)
        return None

    def hashed(self, fetched: Fetched, rows: list[Any], prints: Sequence[int]) -> None:
        """Writes rows with their hashes, as the last column."""
        self._intake.staged += len(rows)
        batch = fetched.clean(rows)
        if batch.set_aside and len(rows) > 1:
            self._intake.staged -= len(rows)
            for row, print_ in zip(rows, prints, strict=True):
                self.hashed(fetched, [row], [print_])
            return
        self._intake.note(batch.notes)
        self._intake.set_aside += batch.set_aside
        self._db.executemany(self._insert, [(*row, print_) for row, print_ in zip(batch.rows, prints, strict=False)])

    def _one(self, fetched: Fetched, row: Any) -> bool:
        batch = fetched.clean([row])
        self._intake.note(batch.notes)
        self._intake.set_aside += batch.set_aside
        self._db.executemany(self._insert, batch.rows)
        return bool(batch.rows)


def take(
    reader: SageReader,
    table: Table,
    db: apsw.Connection,
    stored: str,
    run: int | None,
    progress: Progress,
    stop: Callable[[], bool],
) -> Intake:
    """Reads a whole table into ``stored`` and indexes it by its key; reads again when Sage changed meanwhile.

    With a ``run`` the rows are marked with it (the mirror's own table), else they carry their hash (the staging table).
    """
    intake = Intake()
    for _ in range(TRIES):
        db.execute(f"DELETE FROM {stored}")
        with at_full_speed():
            intake = _read(reader, table, db, stored, run, progress, stop)
        if not intake.problem:
            break
    index_key(db, table, stored)
    set_doubles_aside(db, table, stored, intake)
    return intake


def _read(
    reader: SageReader,
    table: Table,
    db: apsw.Connection,
    stored: str,
    run: int | None,
    progress: Progress,
    stop: Callable[[], bool],
) -> Intake:
    totals = reader.count_and_sum(table)
    columns = reader.columns(table)
    intake = Intake(columns=tuple(column.name for column in columns))
    tally = Tally(table, columns)
    writer = None if run is None else hashes.Writer(db, table, intake.columns)
    stager = Stager(db, table, stored, ", ?" if run is None else f", {run}, {run}, NULL", intake)
    progress(table.title, 0, totals.rows)
    stands = 0
    for fetched in reader.fetched(table):
        if stop():
            raise Stopped
        count(tally, fetched)
        prints = hashes.fingerprints(fetched.rows)
        if writer is None:
            if fetched.lost:
                stager.bare(fetched)
            else:
                stager.hashed(fetched, fetched.rows, prints)
        else:
            kept = stager.bare(fetched)
            if kept is not None:
                prints = type(prints)("q", [prints[at] for at in kept])
            # Rows of a fresh table are numbered from one.
            writer.add(range(stands + 1, stands + 1 + len(prints)), prints)
            stands += len(prints)
        progress(table.title, tally.rows, totals.rows)
    if writer is not None:
        writer.close()
    intake.read, intake.sums = tally.rows, tally.sums()
    intake.problem = tally.disagreement(table, totals)
    return intake


def count(tally: Tally, fetched: Fetched) -> None:
    """Counts and adds up what was handed over."""
    if fetched.lost:
        tally.lost()
    else:
        tally.add(fetched.rows)


@contextmanager
def at_full_speed() -> Iterator[None]:
    """Without the collector of reference cycles: a stream of rows makes none, and looking costs a quarter more."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def set_doubles_aside(db: apsw.Connection, table: Table, stored: str, intake: Intake) -> None:
    """Of rows with the same key the first stays; the others are set aside, for nobody can tell them apart."""
    keys = names(key_fields(table))
    if not db.execute(f"SELECT 1 FROM {stored} GROUP BY {keys} HAVING COUNT(*) > 1 LIMIT 1").fetchall():
        return
    later = f"rowid NOT IN (SELECT MIN(rowid) FROM {stored} GROUP BY {keys})"
    found = db.execute(f"SELECT {keys}, {names(fields(table))} FROM {stored} WHERE {later}").fetchall()
    intake.set_aside += doubles(table, found)
    if stored == table.mirror:
        hashes.touch(db, table, f'SELECT rowid AS "row" FROM {stored} WHERE {later}')
    db.execute(f"DELETE FROM {stored} WHERE {later}")


def doubles(table: Table, rows: Sequence[Any]) -> list[SetAside]:
    """Rows (key, then fields) that nobody can tell from another one with the same key."""
    width = len(table.key)
    return [SetAside(tuple(row[:width]), repr(_as_in_sage(table, row[width:])), _TWICE) for row in rows]


def _as_in_sage(table: Table, row: Sequence[Any]) -> tuple[Any, ...]:
    """A clean row with its numbers as Sage writes them: people read it beside rows that never were cleaned."""
    pairs = zip(row, [*(column.scale for column in table.columns), None], strict=True)
    return tuple(value / 10**scale if scale and value is not None else value for value, scale in pairs)


def keep_odd_rows(db: apsw.Connection, run: int, table: Table, intake: Intake) -> int:
    """Keeps the rows set aside and the notes of this run; answers how many notes the table has.

    They take the place of those of the run before; notes on rows that were not looked at this time stay.
    """
    db.execute('DELETE FROM set_aside WHERE "table" = ?', (table.name,))
    kept = 0 if intake.whole else _drop_old_notes(db, table)
    if intake.whole:
        db.execute('DELETE FROM note WHERE "table" = ?', (table.name,))
    db.executemany(
        "INSERT INTO set_aside VALUES (?, ?, ?, ?, ?)",
        ((run, table.name, key_text(each.key), safe(each.raw), safe(each.reason)) for each in intake.set_aside),
    )
    db.executemany("INSERT INTO note VALUES (?, ?, ?, ?, ?, ?)", _note_rows(run, table, intake.notes))
    return kept + intake.noted


def _drop_old_notes(db: apsw.Connection, table: Table) -> int:
    """Forgets the notes on rows that were staged or are gone; answers how many are left."""
    same = " AND ".join(f'"{each}" = ?' for each in key_fields(table))
    stays = (
        f"SELECT EXISTS (SELECT 1 FROM {table.mirror} WHERE {same} AND gone_run IS NULL) "
        f"AND NOT EXISTS (SELECT 1 FROM temp.stage WHERE {same})"
    )
    kept = 0
    notes: list[Any] = db.execute('SELECT rowid, "key" FROM note WHERE "table" = ?', (table.name,)).fetchall()
    for row, key in notes:
        values = json.loads(key)
        if db.execute(stays, (*values, *values)).get:
            kept += 1
        else:
            db.execute("DELETE FROM note WHERE rowid = ?", (row,))
    return kept


def _note_rows(run: int, table: Table, notes: Iterable[Note]) -> Iterable[tuple[Any, ...]]:
    for note in notes:
        yield run, table.name, key_text(note.key), note.column, safe(note.raw), safe(note.reason)


def key_text(key: Sequence[Any] | None) -> str | None:
    """A key as text that can be looked up."""
    return None if key is None else json.dumps(list(key), ensure_ascii=False)


def safe(text: str) -> str:
    """Text that any database takes: bytes that are no letters appear as backslash and number."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
