"""The index file of the search: records by number, and every three letters of their words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import apsw
import xxhash

from erpdesk.workflows.search_rows import Found

VERSION = 2
SHORTEST = 3
"""Letters from which the index of words helps; shorter ones are looked for by number first."""
MOST_NAMED = 500
_LAST = "\U0010ffff"
_COLUMNS = "kind, kind_title, ref, number, title, detail, project"
_SCHEMA = f"""
DROP TABLE IF EXISTS entry;
DROP TABLE IF EXISTS entry_find;
DROP TABLE IF EXISTS mark;
CREATE TABLE mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entry (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, kind_title TEXT NOT NULL, ref TEXT NOT NULL,
    number TEXT NOT NULL COLLATE NOCASE, title TEXT NOT NULL, detail TEXT NOT NULL, project TEXT NOT NULL,
    hash INTEGER NOT NULL, UNIQUE (kind, ref));
CREATE INDEX entry_number ON entry (number);
CREATE VIRTUAL TABLE entry_find USING fts5(number, title, detail, content='entry', content_rowid='id',
    tokenize='trigram');
CREATE TRIGGER entry_added AFTER INSERT ON entry BEGIN
    INSERT INTO entry_find (rowid, number, title, detail) VALUES (new.id, new.number, new.title, new.detail); END;
CREATE TRIGGER entry_gone AFTER DELETE ON entry BEGIN
    INSERT INTO entry_find (entry_find, rowid, number, title, detail)
    VALUES ('delete', old.id, old.number, old.title, old.detail); END;
PRAGMA user_version = {VERSION};
"""
_INSERT = f"INSERT INTO entry ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class SearchIndex:
    """One connection to the index file, for one thread at a time; '' keeps it in memory only.

    Raises apsw.Error when the file cannot be used; it can always be thrown away and filled again.
    """

    def __init__(self, path: Path | str) -> None:
        self._db = apsw.Connection(str(path) or ":memory:")
        self._db.set_busy_timeout(5000)
        self._db.pragma("journal_mode", "wal")
        self._db.pragma("synchronous", "OFF")
        if self._db.pragma("user_version") != VERSION:
            with self._db:
                self._db.execute(_SCHEMA)

    def close(self) -> None:
        """Lets the file go."""
        self._db.close()

    def mark(self, name: str) -> str:
        """Up to where a source was read; '' = never."""
        return str(self._db.execute("SELECT value FROM mark WHERE name = ?", (name,)).get or "")

    def put(
        self, kind: str, entries: Iterable[Found], marks: dict[str, str], refs: Collection[str] | None = None
    ) -> None:
        """Takes in the records of a kind as they are now, all or those with these ids, together with the marks.

        What is not among ``entries`` any more goes; what did not change is not written.
        """
        with self._db:
            known = {ref: (row, digest) for row, ref, digest in self._known(kind, refs)}
            for each in entries:
                digest = _digest(each)
                row, before = known.pop(each.ref, (None, None))
                if digest == before:
                    continue
                if row is not None:
                    self._db.execute("DELETE FROM entry WHERE id = ?", (row,))
                self._db.execute(_INSERT, (*_values(each), digest))
            self._db.executemany("DELETE FROM entry WHERE id = ?", [(row,) for row, _ in known.values()])
            self._db.executemany("INSERT OR REPLACE INTO mark VALUES (?, ?)", marks.items())

    def find(self, text: str) -> Iterator[Found]:
        """Records that hold every word somewhere: first the number itself, then numbers that begin so, then the rest.

        Each once, as this file knows it; they are looked for as they are asked for.
        """
        words = text.replace("\0", " ").split()
        known: set[tuple[str, str]] = set()
        for row in self._candidates(" ".join(words), words) if words else ():
            each = Found(*map(str, row))
            if (each.kind, each.ref) not in known:
                known.add((each.kind, each.ref))
                yield each

    def _candidates(self, whole: str, words: list[str]) -> Iterator[tuple[object, ...]]:
        yield from self._db.execute(f"SELECT {_COLUMNS} FROM entry WHERE number = ?", (whole,))
        named = f"SELECT {_COLUMNS} FROM entry WHERE number >= ? AND number < ? ORDER BY number LIMIT {MOST_NAMED}"
        yield from self._db.execute(named, (whole, whole + _LAST))
        # What erpdesk can open comes before what only Sage holds.
        for also in ("kind <> 'sage_commitment'", "kind = 'sage_commitment'"):
            yield from self._holding(words, also)

    def _holding(self, words: list[str], also: str) -> Iterator[tuple[object, ...]]:
        """The records that hold every word, the latest first."""
        tests, values = [also], []
        long = [word for word in words if len(word) >= SHORTEST]
        for word in words:
            if len(word) < SHORTEST:
                tests.append("(instr(lower(number), ?) OR instr(lower(title), ?) OR instr(lower(detail), ?))")
                values += [word.casefold()] * 3
        where = " AND ".join(tests)
        if not long:
            yield from self._db.execute(f"SELECT {_COLUMNS} FROM entry WHERE {where} ORDER BY id DESC", values)
            return
        match = " AND ".join('"' + word.replace('"', '""') + '"' for word in long)
        query = (
            f"SELECT {_COLUMNS} FROM (SELECT rowid AS found FROM entry_find WHERE entry_find MATCH ? "
            f"ORDER BY rowid DESC) JOIN entry ON id = found WHERE {where}"
        )
        yield from self._db.execute(query, (match, *values))

    def _known(self, kind: str, refs: Collection[str] | None) -> Iterator[tuple[int, str, int]]:
        if refs is None:
            yield from self._db.execute("SELECT id, ref, hash FROM entry WHERE kind = ?", (kind,))
            return
        for ref in refs:
            yield from self._db.execute("SELECT id, ref, hash FROM entry WHERE kind = ? AND ref = ?", (kind, ref))


def _values(each: Found) -> tuple[str, ...]:
    return (each.kind, each.kind_title, each.ref, each.number, each.title, each.detail, each.project)


def _digest(each: Found) -> int:
    return xxhash.xxh3_64_intdigest("\x1f".join(_values(each)).encode()) - (1 << 63)
