"""Stages only what may have changed: by the hashes of all rows, or by Sage's stamps and the keys of all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

import apsw

from erpdesk.sync.mirror import hashes
from erpdesk.sync.mirror.intake import (
    TRIES,
    Intake,
    Progress,
    Stager,
    Stopped,
    at_full_speed,
    count,
    set_doubles_aside,
)
from erpdesk.sync.mirror.merge import MAYBE, STAGE, open_stage
from erpdesk.sync.mirror.stamps import LARGEST_SHARE
from erpdesk.sync.mirror.tables import index_key, key_fields, names
from erpdesk.sync.mirror.totals import Tally
from erpdesk.sync.sage.clean import Batch
from erpdesk.sync.sage.reader import Fetched, SageReader, Totals
from erpdesk.sync.sage.tables import Table

_PENDING = 2000
"""So many rows that differ are held in memory, however large the table."""
_BATCH = 500
_SHIFT = 64
_BACK = 8


def take_changed(
    reader: SageReader, table: Table, db: apsw.Connection, progress: Progress, stop: Callable[[], bool]
) -> Intake:
    """Reads every row of Sage and stages those whose hash is new; reads again when Sage changed meanwhile."""
    intake = Intake()
    for _ in range(TRIES):
        open_stage(db, table)
        with at_full_speed():
            intake = _Comparison(reader, table, db).run(progress, stop)
        if not intake.problem:
            break
    db.execute(f'INSERT OR IGNORE INTO {MAYBE} SELECT "row" FROM touched WHERE "table" = ?', (table.name,))
    index_key(db, table, STAGE)
    set_doubles_aside(db, table, STAGE, intake)
    return intake


class _Comparison:
    """Two streams in the same order, Sage's rows and the hashes of the last reading; what finds no partner is left.

    Both stay level, so that a row that came or went shifts nothing for long. Leftovers beyond a limit go to disk: a
    row that is staged without need, or a mirror row looked for without need, is found equal by the merge.
    """

    def __init__(self, reader: SageReader, table: Table, db: apsw.Connection) -> None:
        self._reader, self._table, self._db = reader, table, db
        columns = reader.columns(table)
        self._intake = Intake(whole=False, columns=tuple(column.name for column in columns))
        self._tally = Tally(table, columns)
        self._stager = Stager(db, table, STAGE, ", ?", self._intake)
        self._tape = hashes.Tape(db, table)
        self._new: dict[int, Any] = {}
        self._old: dict[int, int] = {}
        self._fetched: Fetched | None = None

    def run(self, progress: Progress, stop: Callable[[], bool]) -> Intake:
        totals = self._reader.count_and_sum(self._table)
        progress(self._table.title, 0, totals.rows)
        for fetched in self._reader.fetched(self._table):
            if stop():
                raise Stopped
            count(self._tally, fetched)
            if fetched.lost:
                self._stager.bare(fetched)
            else:
                self._fetched = fetched
                self._compare(fetched.rows)
            progress(self._table.title, self._tally.rows, totals.rows)
        while True:
            numbers, prints = self._tape.take(_PENDING)
            if not numbers:
                break
            self._gone(numbers, prints)
        self._spill(0)
        intake = self._intake
        intake.read, intake.sums = self._tally.rows, self._tally.sums()
        intake.problem = self._tally.disagreement(self._table, totals)
        return intake

    def _compare(self, rows: list[Any]) -> None:
        prints = hashes.fingerprints(rows)
        numbers, before = self._tape.take(self._tape.level(prints))
        if before == prints:
            return
        ours, theirs = set(prints), set(before)
        if len(ours) < len(prints):
            self._came(prints, rows)
            self._gone(numbers, before)
        else:
            new, old = ours - theirs, theirs - ours
            at_new = [at for at, print_ in enumerate(prints) if print_ in new]
            at_old = [at for at, print_ in enumerate(before) if print_ in old]
            self._came([prints[at] for at in at_new], [rows[at] for at in at_new])
            self._gone([numbers[at] for at in at_old], [before[at] for at in at_old])
        self._spill(_PENDING)

    def _came(self, prints: Iterable[int], rows: Iterable[Any]) -> None:
        new, old = self._new, self._old
        for print_, row in zip(prints, rows, strict=True):
            if old.pop(print_, None) is None:
                if print_ in new:
                    # The same row once more: it goes its own way, to be set aside.
                    self._stage([row], [print_])
                else:
                    new[print_] = row

    def _gone(self, numbers: Iterable[int], prints: Iterable[int]) -> None:
        new, old = self._new, self._old
        for number, print_ in zip(numbers, prints, strict=True):
            if print_ in new:
                del new[print_]
            else:
                old[print_] = number

    def _spill(self, most: int) -> None:
        if len(self._new) > most:
            rows, prints = list(self._new.values()), list(self._new)
            for at in range(0, len(rows), _BATCH):
                self._stage(rows[at : at + _BATCH], prints[at : at + _BATCH])
            self._new.clear()
        if len(self._old) > most:
            self._db.executemany(f"INSERT OR IGNORE INTO {MAYBE} VALUES (?)", ((row,) for row in self._old.values()))
            self._old.clear()

    def _stage(self, rows: list[Any], prints: Sequence[int]) -> None:
        if self._fetched is not None:
            self._stager.hashed(self._fetched, rows, prints)


def take_since(
    reader: SageReader, table: Table, db: apsw.Connection, since: date, progress: Progress, stop: Callable[[], bool]
) -> tuple[Intake, Totals] | None:
    """Reads the rows stamped on this day or later, then the keys of all rows; answers them with Sage's own totals.

    None when the stamps are no help: too many rows are in the window, or something needs a look at every row.
    """
    open_stage(db, table)
    columns = reader.columns(table)
    totals = reader.count_and_sum(table)
    intake = Intake(whole=False, by_stamps=True, read=totals.rows, window=since)
    intake.columns = tuple(column.name for column in columns)
    stager = Stager(db, table, STAGE, ", NULL", intake)
    progress(table.title, 0, totals.rows)
    with at_full_speed():
        for fetched in reader.fetched(table, since):
            if stop():
                raise Stopped
            stager.bare(fetched)
            intake.staged += len(fetched.rows)
            if intake.set_aside or intake.staged > totals.rows * LARGEST_SHARE:
                return None
        index_key(db, table, STAGE)
        set_doubles_aside(db, table, STAGE, intake)
        if intake.set_aside or not _find_lost(reader, table, db, totals, progress, stop):
            return None
    return intake, totals


def _find_lost(
    reader: SageReader,
    table: Table,
    db: apsw.Connection,
    totals: Totals,
    progress: Progress,
    stop: Callable[[], bool],
) -> bool:
    """Notes the mirror's rows whose keys Sage no longer has; False when Sage has a key that no reading brought."""
    mirrored = _Keys(db, table)
    new: dict[Any, None] = {}
    old: dict[Any, None] = {}
    done = 0
    for fetched in reader.keys(table):
        if stop():
            raise Stopped
        done += len(fetched.rows)
        progress(table.title, done, totals.rows)
        held = mirrored.level(fetched.rows)
        if held == fetched.rows:
            continue
        # As the driver wrote them first: most keys need no cleaning to be known again.
        there = set(held)
        rows = [row for row in map(tuple, fetched.rows) if row not in there]
        there.difference_update(map(tuple, fetched.rows))
        batch = fetched.clean(rows) if rows or fetched.lost else Batch()
        if batch.set_aside:
            return False
        _pair(new, old, (row[:-1] for row in batch.rows), there)
        _spill_keys(db, table, new, old, _PENDING)
    while held := mirrored.take(_PENDING):
        _pair(new, old, (), held)
        _spill_keys(db, table, new, old, _PENDING)
    _spill_keys(db, table, new, old, 0)
    return _all_met(db, table)


class _Keys:
    """The keys of the mirror's rows in their order."""

    def __init__(self, db: apsw.Connection, table: Table) -> None:
        keys = names(key_fields(table))
        sql = f"SELECT {keys} FROM {table.mirror} WHERE gone_run IS NULL ORDER BY {keys}"
        self._cursor: Iterator[Any] = iter(db.execute(sql))
        self._ahead: list[Any] = []

    def take(self, count: int) -> list[Any]:
        """The next keys, as many as asked for or what is left."""
        self._look_ahead(count)
        taken = self._ahead[:count]
        del self._ahead[:count]
        return taken

    def level(self, rows: list[Any]) -> list[Any]:
        """The next keys up to where these rows of the other stream end."""
        self._look_ahead(len(rows) + _SHIFT)
        for back, row in enumerate(reversed(rows[-_BACK:])):
            try:
                return self.take(self._ahead.index(tuple(row)) + 1 + back)
            except ValueError:
                continue
        return self.take(len(rows))

    def _look_ahead(self, count: int) -> None:
        if len(self._ahead) < count:
            self._ahead += islice(self._cursor, count + _BATCH - len(self._ahead))


def _pair(new: dict[Any, None], old: dict[Any, None], came: Iterable[Any], mirrored: Iterable[Any]) -> None:
    for key in came:
        if key in old:
            del old[key]
        else:
            new[key] = None
    for key in mirrored:
        if key in new:
            del new[key]
        else:
            old[key] = None


def _spill_keys(db: apsw.Connection, table: Table, new: dict[Any, None], old: dict[Any, None], most: int) -> None:
    marks = ", ".join("?" * len(table.key))
    if len(new) > most:
        db.executemany(f"INSERT INTO temp.met VALUES ({marks})", list(new))
        new.clear()
    if len(old) > most:
        same = " AND ".join(f'"{each}" = ?' for each in key_fields(table))
        find = f"INSERT OR IGNORE INTO {MAYBE} SELECT rowid FROM {table.mirror} WHERE {same} AND gone_run IS NULL"
        db.executemany(find, list(old))
        old.clear()


def _all_met(db: apsw.Connection, table: Table) -> bool:
    """Whether every key that Sage has and the mirror did not was brought by the window; and only those are missed."""
    same = " AND ".join(f't."{each}" = o."{each}"' for each in key_fields(table))
    unknown = db.execute(
        f"SELECT EXISTS (SELECT 1 FROM temp.met o WHERE NOT EXISTS (SELECT 1 FROM {STAGE} t WHERE {same}) "
        f"AND NOT EXISTS (SELECT 1 FROM {table.mirror} t WHERE {same} AND t.gone_run IS NULL))"
    ).get
    # Where both orders differ, a key may have been missed on one side and met on the other: then it is not lost.
    db.execute(
        f'DELETE FROM {MAYBE} WHERE "row" IN (SELECT t.rowid FROM temp.met o CROSS JOIN {table.mirror} t ON {same})'
    )
    return not unknown
