"""The border: what Sage's drivers hand over becomes clean text, dates and whole numbers, or is set aside with a reason.

Nothing is repaired silently. A value that can be read in another way than it stands is kept with a note; a row whose
key or number cannot be read is set aside whole, and the reading goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from erpdesk.sync.sage.quick import Memory, quick
from erpdesk.sync.sage.tables import Column, Table
from erpdesk.sync.sage.values import Reading, as_it_stands, raw_bytes, slow

Row = tuple[Any, ...]
"""A clean row: the declared columns of its table in order (None where Sage lacks one), and last the key as Sage wrote
it, or None where that is the clean key or differs from it by padding only."""

_LONGEST_RAW = 2000
_WORDS = frozenset((str, type(None)))
_COMPARABLE = _WORDS | {int, float}


@dataclass(frozen=True)
class SetAside:
    """A row that could not be read: its key where that was readable, the row as the driver gave it, and why."""

    key: tuple[Any, ...] | None
    raw: str
    reason: str


@dataclass(frozen=True)
class Note:
    """A value that was not read as it stands in Sage: the row's key, the column, the value as it stood, and why."""

    key: tuple[Any, ...]
    column: str
    raw: str
    reason: str


@dataclass
class Batch:
    """Up to 500 rows of one table."""

    rows: list[Row] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many of Sage's rows this batch stands for."""
        return len(self.rows) + len(self.set_aside)


class Cleaner:
    """Cleans the rows of one table; ``columns`` are those that the query names, in its order."""

    def __init__(self, table: Table, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._places = [
            next((at for at, column in enumerate(columns) if column.name == wanted.name), None)
            for wanted in table.columns
        ]
        self._keys = [at for at, column in enumerate(columns) if column.key]
        days: Memory = {}
        times: Memory = {}
        shared = {"date": days, "time": times}
        self._memories: list[Memory] = [shared.get(column.kind, {}) for column in columns]

    def batch(self, raw: Sequence[Sequence[Any]]) -> Batch:
        """The clean rows, the rows set aside and the notes of one fetch."""
        if not raw:
            return Batch()
        given = list(zip(*raw, strict=True))
        cleaned: list[Sequence[Any]] = []
        odd: dict[int, list[tuple[int, Reading]]] = {}
        for at, column in enumerate(self._columns):
            values = self._quick(at, column, given[at])
            if values is None:
                values = self._one_by_one(at, column, given[at], odd)
            cleaned.append(values)
        result = Batch()
        nothing = [None] * len(raw)
        ordered = [nothing if at is None else cleaned[at] for at in self._places]
        rows = list(zip(*ordered, self._raw_keys(given, cleaned, len(raw)), strict=True))
        if not odd:
            result.rows = rows
            return result
        for index, row in enumerate(rows):
            self._sort_out(result, row, raw[index], odd.get(index, ()))
        return result

    def lost(self, reason: str) -> Batch:
        """A batch for one row that the driver could not hand over at all."""
        return Batch(set_aside=[SetAside(None, "", reason)])

    def _quick(self, at: int, column: Column, values: Sequence[Any]) -> Sequence[Any] | None:
        first, kind = values[0], type(values[0])
        # A third of Sage's columns hold the same everywhere, mostly nothing: then one value stands for all. A yes among
        # numbers equals 1, and is another thing; some numbers cannot even be compared.
        if (
            kind in _COMPARABLE
            and type(values[-1]) is kind
            and values[-1] == first
            and (kind in _WORDS or {kind}.issuperset(map(type, values)))
            and values.count(first) == len(values)
        ):
            one = quick(column, values[:1], self._memories[at])
            return None if one is None else list(one) * len(values)
        return quick(column, values, self._memories[at])

    def _one_by_one(
        self, at: int, column: Column, values: Sequence[Any], odd: dict[int, list[tuple[int, Reading]]]
    ) -> list[Any]:
        readings = [slow(column, value) for value in values]
        for index, reading in enumerate(readings):
            if reading.reason:
                odd.setdefault(index, []).append((at, reading))
        return [reading.value for reading in readings]

    def _sort_out(self, result: Batch, row: Row, raw: Sequence[Any], findings: Sequence[tuple[int, Reading]]) -> None:
        fatal = [(at, reading) for at, reading in findings if reading.fatal]
        key: tuple[Any, ...] | None = tuple(row[self._places.index(at)] for at in self._keys)
        if fatal:
            if any(at in self._keys for at, _ in fatal):
                key = None
            reason = " ".join(f"{self._columns[at].name}: {reading.reason}" for at, reading in fatal)
            result.set_aside.append(SetAside(key, _shown(tuple(map(_undecoded, raw))), reason))
            return
        result.rows.append(row)
        for at, reading in findings:
            result.notes.append(Note(key or (), self._columns[at].name, _shown(_undecoded(raw[at])), reading.reason))

    def _raw_keys(
        self, given: Sequence[Sequence[Any]], cleaned: Sequence[Sequence[Any]], count: int
    ) -> list[str | None]:
        """The key as Sage wrote it where more than right padding was taken away from it."""
        differ: dict[int, list[str]] = {}
        for at in self._keys:
            if self._columns[at].kind != "char" or given[at] == tuple(cleaned[at]):
                continue
            for index, (before, after) in enumerate(zip(given[at], cleaned[at], strict=True)):
                if before == after or before is None:
                    continue
                if not isinstance(before, str) or before.rstrip(" ") != after:
                    differ.setdefault(index, []).append(f"{self._columns[at].name}={_shown(_undecoded(before))}")
        if not differ:
            return [None] * count
        return [" ".join(differ[index]) if index in differ else None for index in range(count)]


def _undecoded(value: Any) -> Any:
    """Text as it was read; where bytes of it stand for no letter, the bytes, so that a person can look at them."""
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        return raw_bytes(value)
    return bytes(value) if isinstance(value, bytearray | memoryview) else value


def _shown(value: Any) -> str:
    return as_it_stands(value, _LONGEST_RAW)
