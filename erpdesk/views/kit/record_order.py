"""Which rows a list shows and in which order, worked out in small steps."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.list_conditions import Condition
from erpdesk.views.kit.sliced import Steps

CHUNK = 1000
RUN = 4000

Where = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked a list for: words to find, a further test, conditions on columns, columns to sort by.

    ``sorts`` holds columns with whether descending, the most important first.
    """

    words: tuple[str, ...] = ()
    where: Where | None = None
    conditions: tuple[Condition, ...] = ()
    sorts: tuple[tuple[Column, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a list shows: rows in order, their ids, the place of each id, and the sums of its money columns."""

    rows: list[Any] = field(default_factory=list)
    ids: list[Hashable] = field(default_factory=list)
    places: dict[Hashable, int] = field(default_factory=dict)
    sums: dict[str, Decimal] = field(default_factory=dict)


def runs_of(shown: Shown, ids: Iterable[Hashable]) -> list[tuple[int, int]]:
    """First and last place of each run of neighbours among these records, top to bottom; unknown ids do not count."""
    marks = bytearray(len(shown.ids))
    for record_id in ids:
        place = shown.places.get(record_id)
        if place is not None:
            marks[place] = 1
    runs = []
    top = marks.find(1)
    while top >= 0:
        end = marks.find(0, top)
        runs.append((top, (end if end >= 0 else len(marks)) - 1))
        top = marks.find(1, end) if end >= 0 else -1
    return runs


def haystacks(rows: Sequence[Any], columns: Sequence[Column], known: list[str]) -> Steps[None]:
    """Appends to ``known`` the lower-case text of each row that has none yet; survives being dropped half way."""
    shows = [column.shown for column in columns]
    while len(known) < len(rows):
        start = len(known)
        known.extend("\n".join([show(row) for show in shows]).casefold() for row in rows[start : start + CHUNK // 2])
        yield


def shown_rows(
    rows: Sequence[Any],
    columns: Sequence[Column],
    row_id: Callable[[Any], Hashable],
    known: list[str],
    wish: Wish,
    seen: Sequence[Column] | None = None,
) -> Steps[Shown]:
    """The rows that fit the wish, in its order; raises ValueError when two rows have one id.

    Words are looked for in the ``seen`` columns, or in all; ``known`` holds what was gathered from them before.
    """
    kept: list[Any] = list(rows)
    if wish.words:
        yield from haystacks(rows, columns if seen is None else seen, known)
        kept = []
        for start in range(0, len(rows), CHUNK):
            texts = zip(rows[start : start + CHUNK], known[start : start + CHUNK], strict=True)
            kept += [row for row, text in texts if all(word in text for word in wish.words)]
            yield
    named = {column.key: column for column in columns}
    tests = [] if wish.where is None else [wish.where]
    tests += [condition.fits(named[condition.key]) for condition in wish.conditions if condition.key in named]
    for test in tests:
        narrowed: list[Any] = []
        for start in range(0, len(kept), CHUNK):
            narrowed += [row for row in kept[start : start + CHUNK] if test(row)]
            yield
        kept = narrowed
    for column, descending in reversed(wish.sorts):
        # Equal rows keep their order, so the most important column is sorted by last.
        kept = yield from sorted_rows(kept, column, descending)
    shown = Shown(rows=kept)
    for start in range(0, len(kept), CHUNK):
        ids = [row_id(row) for row in kept[start : start + CHUNK]]
        shown.ids.extend(ids)
        shown.places.update(zip(ids, range(start, start + len(ids)), strict=True))
        yield
    if len(shown.places) != len(shown.ids):
        raise ValueError("Two rows of a list have the same id.")
    shown.sums.update((yield from sums(kept, columns)))
    return shown


def sorted_rows(rows: list[Any], column: Column, descending: bool) -> Steps[list[Any]]:
    """Sorted by a column in runs that are merged; equal rows keep their order, empty cells stand last either way."""
    keys: list[Any] = []
    for start in range(0, len(rows), CHUNK):
        keys += [column.sort_key(row) for row in rows[start : start + CHUNK]]
        yield
    full = [place for place, key in enumerate(keys) if key is not None]
    empty = [rows[place] for place, key in enumerate(keys) if key is None]
    yield
    runs = []
    for start in range(0, len(full), RUN):
        runs.append(sorted(full[start : start + RUN], key=keys.__getitem__, reverse=descending))
        yield
    while len(runs) > 1:
        merged = []
        for first in range(0, len(runs), 2):
            both = [place for run in runs[first : first + 2] for place in run]
            # Python's sort finds the two runs and only merges them.
            both.sort(key=keys.__getitem__, reverse=descending)
            merged.append(both)
            yield
        runs = merged
    return [rows[place] for place in (runs[0] if runs else [])] + empty


def sums(rows: Sequence[Any], columns: Sequence[Column]) -> Steps[dict[str, Decimal]]:
    """The exact sum of each money column that adds up."""
    found: dict[str, Decimal] = {}
    for column in columns:
        if not column.adds_up:
            continue
        total = Decimal("0.00")
        for start in range(0, len(rows), CHUNK):
            values = (column.value(row) for row in rows[start : start + CHUNK])
            total = sum((value for value in values if isinstance(value, Decimal)), total)
            yield
        found[column.key] = total
    return found
