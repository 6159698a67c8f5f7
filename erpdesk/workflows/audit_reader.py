"""Reads the audit trail for its check, without the rest of erpdesk: a SQLite file opened for reading only, or a
PostgreSQL database in a session that can not write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from erpdesk.core.errors import ForPeople
from erpdesk.workflows.audit import ORDER, START

Piece = Sequence[tuple[int, bytes, bytes, bytes | None]]
"""Entries in order: number, hash of the entry before, own hash, and what is under the hash (None: of no known form)."""

BUSY_SECONDS = 30
_COMMON = ("prev", "seq", "at", "who")
_LATER = ("login", "machine", "version", "before", "after", "reason", "evidence")


class _Cursor(Protocol):
    def fetchall(self) -> list[Any]: ...

    def fetchone(self) -> Any: ...


class _Connection(Protocol):
    def execute(self, sql: str, values: Any = ..., /) -> Any: ...


class TrailReader:
    """Short reads of one trail; each call is a transaction of its own."""

    def __init__(self, connection: _Connection, *, sqlite: bool) -> None:
        self._connection = connection
        self._sqlite = sqlite
        self._mark = "?" if sqlite else "%s"
        self.select = f"SELECT seq, {self._bytes('prev')}, {self._bytes('hash')}, {self._joined()} FROM audit"

    def extent(self) -> tuple[int, int]:
        """The highest number and how many entries there are."""
        top, total = self._one("SELECT COALESCE(MAX(seq), 0), COUNT(*) FROM audit")
        return int(top), int(total)

    def piece(self, after: int | None, top: int, count: int) -> Piece:
        """The next entries in order of their numbers, at most ``count``."""
        mark = self._mark
        above, values = (f"seq > {mark} AND ", (after, top, count)) if after is not None else ("", (top, count))
        sql = f"{self.select} WHERE {above}seq <= {mark} ORDER BY seq LIMIT {mark}"
        found: Piece = self._connection.execute(sql, values).fetchall()
        return found

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest entry."""
        found = self._one(f"SELECT seq, {self._bytes('hash')} FROM audit ORDER BY seq DESC LIMIT 1")
        return (int(found[0]), _text(found[1])) if found else (0, START)

    def times(self) -> tuple[str, str]:
        """When the first and the last entry were made; '' for an empty trail."""
        ends = (self._one(f"SELECT {self._bytes('at')} FROM audit ORDER BY seq {way} LIMIT 1") for way in ("", "DESC"))
        first, last = (_text(each[0]) if each else "" for each in ends)
        return first, last

    def place_of(self, hashed: bytes) -> int | None:
        """The number under which the entry with this hash stands now, if it does."""
        found = self._one(f"SELECT seq FROM audit WHERE hash = {self._mark}", (_text(hashed),))
        return int(found[0]) if found else None

    def describe(self, seq: int) -> str:
        """What an entry is about, in brackets: act, kind and time as they stand there now."""
        columns = ", ".join(self._bytes(name) for name in ("act", "kind", "at"))
        found = self._one(f"SELECT {columns} FROM audit WHERE seq = {self._mark}", (seq,))
        if not found:
            return ""
        act, kind, at = map(_text, found)
        return f" (“{act}” of a {kind}, {at[5:7]}/{at[8:10]}/{at[:4]} {at[11:16]} UTC)"

    def _one(self, sql: str, values: Sequence[object] = ()) -> Any:
        return self._connection.execute(sql, values).fetchone()

    def _bytes(self, column: str) -> str:
        """As bytes: text that somebody broke must not stop the check."""
        return f"CAST({column} AS BLOB)" if self._sqlite else f"convert_to({_quoted(column)}, 'UTF8')"

    def _joined(self) -> str:
        """What is under the hash, put together by the database; NULL for an entry of no form that erpdesk writes."""
        names = self._columns()
        if not names:
            raise _unreadable("it holds no audit trail")
        old = self._chain((*_COMMON, *ORDER[1]))
        if "form" not in names:
            return old
        empty = " || ".join(_quoted(name) for name in _LATER)
        # The hash of an old entry does not cover the later columns: nothing may stand in them.
        old = f"CASE WHEN {empty} = '' THEN {old} END"
        return f"CASE form WHEN 1 THEN {old} WHEN 2 THEN {self._chain((*_COMMON, *ORDER[2]))} END"

    def _chain(self, names: Sequence[str]) -> str:
        separator = "char(31)" if self._sqlite else "chr(31)"
        text = f" || {separator} || ".join(_quoted(name) for name in names)
        return f"CAST({text} AS BLOB)" if self._sqlite else f"convert_to({text}, 'UTF8')"

    def _columns(self) -> set[str]:
        if self._sqlite:
            return {_text(row[1]) for row in self._connection.execute("PRAGMA table_info(audit)").fetchall()}
        asked = "SELECT column_name FROM information_schema.columns WHERE table_name = 'audit'"
        return {
            str(row[0]) for row in self._connection.execute(f"{asked} AND table_schema = ANY(current_schemas(false))")
        }


@contextmanager
def open_trail(source: Path | str) -> Iterator[TrailReader]:
    """Opens a trail for reading only: a SQLite file by its path, PostgreSQL by its URL; raises ForPeople."""
    if isinstance(source, str) and source.startswith("postgresql"):
        with _postgresql(source) as reader:
            yield reader
    else:
        with _sqlite(Path(source)) as reader:
            yield reader


@contextmanager
def _sqlite(path: Path) -> Iterator[TrailReader]:
    if not path.is_file():
        raise _unreadable(f"there is no file {path}")
    uri = path.absolute().as_uri()
    if not uri.startswith("file:///"):
        uri = uri.replace("file://", "file:////", 1)
    try:
        connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.text_factory = bytes
            yield TrailReader(connection, sqlite=True)
        finally:
            connection.close()
    except sqlite3.Error as problem:
        raise _unreadable(f"{path}: {problem}") from problem


@contextmanager
def _postgresql(url: str) -> Iterator[TrailReader]:
    import psycopg

    plain = "postgresql" + url[url.index("://") :]
    try:
        with psycopg.connect(plain, autocommit=True, options="-c default_transaction_read_only=on") as connection:
            yield TrailReader(connection, sqlite=False)
    except psycopg.Error as problem:
        raise _unreadable(str(problem).splitlines()[0]) from problem


def _quoted(name: str) -> str:
    return f'"{name}"'


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _unreadable(why: str) -> ForPeople:
    return ForPeople(
        f"The audit trail can not be read: {why}.",
        kept="Nothing was changed.",
        next_step="Check the path, the right to read there, and that it is the database of a company of erpdesk.",
    )
