"""Finds what differs from the last reading without looking at the mirror's rows: a 64-bit hash of each row of Sage.

The hashes stand in the order in which Sage hands its rows over, 16 bytes a row (the mirror's row number and the hash),
packed in chunks. A row whose hash is still there is as it was. One that is not is compared with the mirror field by
field, so that a hash too few costs time and never truth. Two different rows share a hash once in 10**19.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from typing import Any

import apsw
import xxhash

from erpdesk.sync.sage.tables import Table

VERSION = "xxh3-64 of marshal 2"
"""How hashes are made; those of another version, or over other columns, are not looked at."""

_DAYS = frozenset((type(None), date, time))
_CHUNK = 2000
_MOST_TOUCHED = 50_000
_SHIFT = 64
_BACK = 8


def version(columns: Iterable[str]) -> str:
    """The version of the hashes over these columns."""
    return f"{VERSION}: {' '.join(columns)}"


def fingerprints(rows: Sequence[Any]) -> array[int]:
    """The hash of each row as the driver handed it over."""
    try:
        return _hashed(rows)
    except ValueError:
        # An ODBC row is no plain tuple, and marshal knows no dates.
        columns = list(zip(*rows, strict=True))
    try:
        return _hashed(zip(*map(_dated, columns), strict=True))
    except ValueError:
        return _hashed(zip(*map(_plain, columns), strict=True))


def _hashed(rows: Iterable[Any]) -> array[int]:
    dumps, digest = marshal.dumps, xxhash.xxh3_64_digest
    return array("q", b"".join([digest(dumps(row, 2)) for row in rows]))


def _dated(column: Sequence[Any]) -> Sequence[Any]:
    """A column as it is, or with text instead of dates where it seems to hold nothing else."""
    first = next((value for value in column if value is not None), None)
    if type(first) not in _DAYS or not set(map(type, column)) <= _DAYS:
        return column
    texts = {value: None if value is None else str(value) for value in set(column)}
    return list(map(texts.__getitem__, column))


def _plain(column: Sequence[Any]) -> Sequence[Any]:
    """A column in which every value is one that marshal knows, dates and times as text."""
    return [str(value) if isinstance(value, date | time) else _simple(value) for value in column]


def _simple(value: Any) -> Any:
    try:
        marshal.dumps(value, 2)
    except ValueError:
        return repr(value)
    return value


def known(db: apsw.Connection, table: Table, columns: Iterable[str]) -> bool:
    """Whether there are hashes of this table that can be compared with."""
    found = db.execute('SELECT version FROM print_version WHERE "table" = ?', (table.name,)).get
    return bool(found == version(columns))


def forget(db: apsw.Connection, table: Table) -> None:
    """The hashes of a table no longer count."""
    for name in ("print", "print_version", "touched"):
        db.execute(f'DELETE FROM {name} WHERE "table" = ?', (table.name,))


def touch(db: apsw.Connection, table: Table, rows: str) -> None:
    """The hashes of these rows (a query for their numbers) no longer count; with too many, none does."""
    if not db.execute('SELECT 1 FROM print_version WHERE "table" = ?', (table.name,)).get:
        return
    db.execute(f'INSERT OR IGNORE INTO touched SELECT ?, "row" FROM ({rows})', (table.name,))
    if db.execute('SELECT COUNT(*) FROM touched WHERE "table" = ?', (table.name,)).get > _MOST_TOUCHED:
        forget(db, table)


class Writer:
    """Keeps the hashes of a whole reading, in its order."""

    def __init__(self, db: apsw.Connection, table: Table, columns: Iterable[str]) -> None:
        self._db, self._table, self._version = db, table, version(columns)
        self._rows: array[int] = array("q")
        self._hashes: array[int] = array("q")
        forget(db, table)

    def add(self, rows: Iterable[int], hashes: Iterable[int]) -> None:
        """The mirror's row numbers and their hashes."""
        self._rows.extend(rows)
        self._hashes.extend(hashes)
        if len(self._rows) >= _CHUNK:
            self._flush()

    def close(self) -> None:
        """From now on these hashes count."""
        self._flush()
        self._db.execute("INSERT INTO print_version VALUES (?, ?)", (self._table.name, self._version))

    def _flush(self) -> None:
        if self._rows:
            _write(self._db, self._table, self._rows, self._hashes)
            self._rows, self._hashes = array("q"), array("q")


def _write(db: apsw.Connection, table: Table, rows: array[int], hashes: array[int], number: int | None = None) -> None:
    values = (number, table.name, rows.tobytes(), hashes.tobytes())
    db.execute("INSERT OR REPLACE INTO print VALUES (?, ?, ?, ?)", values)


class Tape:
    """The hashes of the last reading, from the beginning; rows touched since are left out."""

    def __init__(self, db: apsw.Connection, table: Table) -> None:
        found = db.execute('SELECT "row" FROM touched WHERE "table" = ?', (table.name,))
        self._touched = frozenset(row for (row,) in found)
        self._chunks = _chunks(db, table)
        self._rows: array[int] = array("q")
        self._hashes: array[int] = array("q")

    def take(self, count: int) -> tuple[array[int], array[int]]:
        """The next row numbers and hashes, as many as asked for or what is left."""
        self._look_ahead(count)
        taken = self._rows[:count], self._hashes[:count]
        del self._rows[:count], self._hashes[:count]
        return taken

    def level(self, prints: array[int]) -> int:
        """How many hashes to take, so that the tape stands where these hashes of the other stream end."""
        self._look_ahead(len(prints) + _SHIFT)
        window = self._hashes[: len(prints) + _SHIFT]
        # The last row itself may be new or changed; then one before it tells.
        for back, print_ in enumerate(reversed(prints[-_BACK:])):
            try:
                return window.index(print_) + 1 + back
            except ValueError:
                continue
        return len(prints)

    def _look_ahead(self, count: int) -> None:
        while len(self._rows) < count:
            chunk = next(self._chunks, None)
            if chunk is None:
                return
            rows, hashes = chunk[1:]
            if not self._touched.isdisjoint(rows):
                kept = [(row, print_) for row, print_ in zip(rows, hashes, strict=True) if row not in self._touched]
                rows = array("q", [row for row, _ in kept])
                hashes = array("q", [print_ for _, print_ in kept])
            self._rows += rows
            self._hashes += hashes


def _chunks(db: apsw.Connection, table: Table) -> Iterator[tuple[int, array[int], array[int]]]:
    # One chunk at a time by its number: a cursor that stays open would hold up the transaction.
    at = -1
    sql = 'SELECT id, "rows", hashes FROM print WHERE "table" = ? AND id > ? ORDER BY id LIMIT 1'
    while True:
        found: list[Any] = db.execute(sql, (table.name, at)).fetchall()
        if not found:
            return
        at, rows, hashes = found[0]
        yield at, array("q", rows), array("q", hashes)


def bring_up_to_date(db: apsw.Connection, table: Table, news: dict[int, int], lost: frozenset[int]) -> None:
    """After a reading by hashes: the rows that changed get their new hash in place, new ones stand at the end.

    ``news`` are row numbers and hashes, ``lost`` the numbers of rows that Sage no longer holds.
    """
    left = dict(news)
    wanted = lost.union(news)
    for number, rows, prints in _chunks(db, table):
        found = wanted.intersection(rows)
        if not found:
            continue
        for row in found:
            at = rows.index(row)
            if row in lost:
                del rows[at], prints[at]
            else:
                prints[at] = left.pop(row)
        _write(db, table, rows, prints, number)
    # A touched row that did not come this time may still come back as it was before: its old hash must not match then.
    done = ((table.name, row) for row in wanted)
    db.executemany('DELETE FROM touched WHERE "table" = ? AND "row" = ?', done)
    if left:
        _write(db, table, array("q", left.keys()), array("q", left.values()))
