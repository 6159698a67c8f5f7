"""Records of Sage as they stand this moment: every ID of a table in one read, then the rows of some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from erpdesk.core.errors import BadSageData
from erpdesk.sync.sage.clean import Batch, Cleaner
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session, Unfetchable
from erpdesk.sync.sage.tables import Column, Table, table
from erpdesk.sync.sage.values import slow

Key = tuple[str, ...]
"""What a record goes by, without padding: a commitment; a commitment and its change order; a vendor and its invoice."""
Fields = dict[str, Any]
"""A clean row by the names of the mirror's columns; columns that this Sage lacks are left out."""

_SIZE = 500
_MOST_VALUES = 100
"""Values that one query asks for."""


@dataclass(frozen=True)
class Held:
    """The IDs of all records of a table. ``count`` holds also those whose ID cannot be read."""

    count: int = 0
    written: Mapping[Key, tuple[tuple[Any, ...], ...]] = field(default_factory=dict)
    """How Sage wrote each ID, once for each record that has it."""
    _alike: Mapping[Key, list[Key]] = field(default_factory=dict)

    def like(self, key: Key, *, either_case: bool = False) -> list[Key]:
        """The ID of every record under this one, padding aside; with ``either_case`` capitals do not count."""
        found = self._alike.get(_folded(key), []) if either_case else [bare(key)]
        return [each for each in found for _ in self.written.get(each, ())]

    def other_case(self, key: Key) -> str:
        """An ID that differs from this one by capital letters only; '' when there is none."""
        return next((" ".join(each) for each in self._alike.get(_folded(key), []) if each != bare(key)), "")

    def without(self, keys: Iterable[Key]) -> Held:
        """The same without the records of these IDs."""
        gone = set(keys) & self.written.keys()
        kept = {key: raw for key, raw in self.written.items() if key not in gone}
        alike = {key: left for key, each in self._alike.items() if (left := [one for one in each if one not in gone])}
        return Held(self.count - sum(len(self.written[key]) for key in gone), kept, alike)


@dataclass
class Rows:
    """The rows that were asked for, by ID, and for which of them a row stands in Sage that cannot be read."""

    rows: dict[Key, list[Fields]] = field(default_factory=dict)
    problems: dict[Key, str] = field(default_factory=dict)


def bare(key: Iterable[str]) -> Key:
    """The ID without blanks on either side."""
    return tuple(part.strip(" ") for part in key)


def held(session: Session, known: Capabilities, name: str, columns: Sequence[str]) -> Held:
    """Every ID in a table, made of these columns of its key; no condition, since "not there" must be certain.

    A query for one spelling would overlook the others. Raises BadSageData when the company has no such table.
    """
    source = existing(known, name)
    parts = [_column(source, each) for each in columns]
    sql = f"SELECT {_list(known, source, parts)} FROM {known.source(source)}"
    count = 0
    written: dict[Key, tuple[tuple[Any, ...], ...]] = {}
    alike: dict[Key, list[Key]] = {}
    cursor = session.select(sql, table=name)
    try:
        while rows := session.fetch(cursor, _SIZE, table=name):
            count += len(rows)
            for raw in map(tuple, rows):
                readings = [slow(part, value) for part, value in zip(parts, raw, strict=True)]
                if any(reading.fatal for reading in readings):
                    continue
                key = tuple(str(reading.value) for reading in readings)
                if key not in written:
                    alike.setdefault(_folded(key), []).append(key)
                written[key] = (*written.get(key, ()), raw)
    finally:
        cursor.close()
    return Held(count, written, alike)


def count(session: Session, known: Capabilities, name: str) -> int:
    """How many rows a table shows."""
    source = existing(known, name)
    cursor = session.select(f"SELECT COUNT(*) FROM {known.source(source)}", table=name)
    try:
        return int(session.fetch(cursor, 1, table=name)[0][0])
    finally:
        cursor.close()


def rows_of(
    session: Session, known: Capabilities, name: str, by: str, wanted: Iterable[Key], written: Held | None = None
) -> Rows:
    """The rows of these IDs in a table whose key begins with the ID, in the order of its key.

    ``by`` is the column that is asked for: one of the ID's. Rows may spell it as ``written`` does, plain, or padded to
    either side. A row that cannot be read is a problem of its ID only.
    """
    source = existing(known, name)
    column = _column(source, by)
    at = source.key.index(column)
    spelled: dict[Key, list[Any]] = {}
    for key in wanted:
        own = [raw[at] for raw in written.written.get(key, ())] if written else []
        text = key[at]
        spelled[key] = list(dict.fromkeys([*own, text, text.ljust(column.width), text.rjust(column.width)]))
    asked = _Asked(session, known, source, column)
    found = Rows()
    for some in _pieces(spelled):
        asked.read(some, found)
    return found


def existing(known: Capabilities, name: str) -> Table:
    """The table, if the company has it; raises BadSageData."""
    source = table(name)
    if not known.has(source):
        raise BadSageData(f"This Sage company has no table {name} ({source.title}).")
    return source


class _Asked:
    def __init__(self, session: Session, known: Capabilities, source: Table, by: Column) -> None:
        self._session = session
        self._source = source
        self._columns = known.columns[source.name]
        self._cleaner = Cleaner(source, self._columns)
        order = ", ".join(known.expression(source, column.name) for column in source.key)
        self._sql = (
            f"SELECT {_list(known, source, self._columns)} FROM {known.source(source)} "
            f"WHERE {known.expression(source, by.name)} IN ({{}}) ORDER BY {order}"
        )

    def read(self, spelled: Mapping[Key, Sequence[Any]], found: Rows) -> None:
        """Adds the rows of these IDs."""
        try:
            batches = self._batches(list(dict.fromkeys(each for some in spelled.values() for each in some)))
            asides = [aside for batch in batches for aside in batch.set_aside]
            problem = next((aside.reason for aside in asides if aside.key is None), "")
        except Unfetchable as error:
            batches, asides, problem = [], [], f"Its driver cannot hand over a value ({error})."
        if problem and len(spelled) > 1:
            # Nobody knows whose row it is: each is asked for by itself, so that it stands in the way of one only.
            for key, own in spelled.items():
                self.read({key: own}, found)
            return
        width = len(next(iter(spelled), ()))
        for key in spelled if problem else ():
            found.problems[key] = problem
        for aside in asides:
            if aside.key is not None:
                found.problems.setdefault(tuple(map(str, aside.key[:width])), aside.reason)
        names = [column.field for column in self._source.columns]
        has = {column.field for column in self._columns}
        keys = [column.field for column in self._source.key[:width]]
        for batch in batches:
            for row in batch.rows:
                fields = {name: value for name, value in zip(names, row, strict=False) if name in has}
                key = tuple(str(fields[name]) for name in keys)
                if key in spelled:
                    found.rows.setdefault(key, []).append(fields)

    def _batches(self, values: Sequence[Any]) -> list[Batch]:
        batches = []
        cursor = self._session.select(self._sql.format(", ".join("?" * len(values))), values, table=self._source.name)
        try:
            while rows := self._session.fetch(cursor, _SIZE, table=self._source.name):
                batches.append(self._cleaner.batch(rows))
        finally:
            cursor.close()
        return batches


def _pieces(spelled: Mapping[Key, list[Any]]) -> Iterable[dict[Key, list[Any]]]:
    piece: dict[Key, list[Any]] = {}
    for key, values in spelled.items():
        if piece and sum(map(len, piece.values())) + len(values) > _MOST_VALUES:
            yield piece
            piece = {}
        piece[key] = values
    if piece:
        yield piece


def _list(known: Capabilities, source: Table, columns: Iterable[Column]) -> str:
    return ", ".join(known.expression(source, column.name) for column in columns)


def _column(source: Table, name: str) -> Column:
    return next(column for column in source.key if column.name == name)


def _folded(key: Iterable[str]) -> Key:
    return tuple(part.upper() for part in bare(key))


def lacking(known: Capabilities, name: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Which of these columns the company does not show; the table itself when it has no such table."""
    source = table(name)
    if not known.has(source):
        return (name,)
    return tuple(f"{each} in {name}" for each in columns if not known.has_column(source, each))
