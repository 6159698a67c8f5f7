"""What every case must show afterwards: each row where it belongs, and no number that changed without a word."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from erpdesk.sync.sage.clean import Batch
from erpdesk.sync.sage.tables import Column, Table
from tests.corpus.cases import Case, Given
from tests.sync.mirror.kit import Desk, ask

NOISE = Decimal("0.000001")
_HALF = Decimal("0.005")


@dataclass
class Outcome:
    """What became of the rows of a table: taken by their key, the form of the key as it stood, notes, set aside."""

    taken: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    raw_keys: dict[tuple[Any, ...], str] = field(default_factory=dict)
    notes: list[tuple[tuple[Any, ...], str, str, str]] = field(default_factory=list)
    aside: list[tuple[str, str]] = field(default_factory=list)

    def reasons(self, key: tuple[Any, ...]) -> dict[str, str]:
        """What the notes on one row say, by column."""
        return {column: reason for noted, column, _, reason in self.notes if noted == key}


def of_batch(table: Table, batch: Batch) -> Outcome:
    """What the cleaning alone makes of rows."""
    found = Outcome(aside=[(each.raw, each.reason) for each in batch.set_aside])
    for row in batch.rows:
        _take(found, table, row[:-1], row[-1])
    found.notes = [(each.key, each.column, each.raw, each.reason) for each in batch.notes]
    return found


def of_mirror(table: Table, desk: Desk) -> Outcome:
    """What stands in the mirror, and on the lists that people read."""
    found = Outcome()
    names = ", ".join(f'"{column.field}"' for column in table.columns)
    for *row, raw_key in desk.select(f"SELECT {names}, raw_key FROM {table.mirror} WHERE gone_run IS NULL"):
        _take(found, table, row, raw_key)
    for key, *rest in desk.select('SELECT "key", "column", raw, reason FROM note WHERE "table" = ?', table.name):
        found.notes.append((tuple(json.loads(key)), *rest))
    odd = desk.select('SELECT raw, reason FROM set_aside WHERE "table" = ?', table.name)
    found.aside = [(raw, reason) for raw, reason in odd]
    return found


def _take(found: Outcome, table: Table, row: Sequence[Any], raw_key: str | None) -> None:
    named = dict(zip((column.name for column in table.columns), row, strict=True))
    key = tuple(named[column.name] for column in table.key)
    found.taken[key] = named
    if raw_key is not None:
        found.raw_keys[key] = raw_key


def check(case: Case, table: Table, found: Outcome) -> None:
    """Every row of a case is where its verdict says, with the values, notes and reasons that it says."""
    taken = [each for each in case.rows if not each.aside]
    for each in taken:
        key = key_of(table, each)
        assert key in found.taken, f"{key} is not there"
        row = found.taken[key]
        assert {name: row[name] for name in each.take} == dict(each.take)
        said = found.reasons(key)
        assert set(said) == set(each.note), said
        for name, words in each.note.items():
            assert words in said[name] and said[name].strip()
        assert each.raw_key in found.raw_keys.get(key, "")
        for column in table.columns:
            if column.name in each.give and column.name not in said:
                _same_number(column, each.give[column.name], row[column.name])
    assert len(found.taken.keys() & {key_of(table, each) for each in taken}) == len(taken)
    odd = list(found.aside)
    for each in (each for each in case.rows if each.aside):
        met = next((at for at in odd if each.aside in at[1] and _shows(each, at[0])), None)
        assert met is not None, f"{each.give} is not among {odd}"
        odd.remove(met)
    assert not odd, odd
    assert len(found.notes) == sum(len(each.note) for each in taken), found.notes


def check_sums(case: Case, table: Table, found: Outcome, folder: Path) -> None:
    """What is shown and what was set aside add up to what Sage holds, as far as Sage holds numbers there."""
    for name in table.sums:
        column = next(each for each in table.columns if each.name == name)
        held = [value for (value,) in ask(folder, f'SELECT "{name}" FROM "{table.name}"')]
        numbers = [Decimal(repr(value)) for value in held if is_number(value)]
        shown = sum((in_dollars(column, row[name]) for row in found.taken.values()), Decimal(0))
        apart = [each.give.get(name) for each in case.rows if each.aside]
        rest = sum((Decimal(repr(value)) for value in apart if is_number(value)), Decimal(0))
        noted = sum(name in found.reasons(key) for key in found.taken)
        slack = len(held) * NOISE + noted * _HALF
        assert abs(sum(numbers, Decimal(0)) - shown - rest) <= slack, name


def key_of(table: Table, given: Given) -> tuple[Any, ...]:
    """The clean key of a row that is taken."""
    return tuple(given.take.get(column.name, "") for column in table.key)


def is_number(value: Any) -> bool:
    """Whether it is an amount that can be added up."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def in_dollars(column: Column, whole: int | None) -> Decimal:
    """A clean amount as people read it; nothing counts as zero in a sum."""
    return Decimal(whole or 0).scaleb(-(column.scale or 0))


def _same_number(column: Column, given: Any, clean: Any) -> None:
    if not isinstance(given, int | float | Decimal) or isinstance(given, bool) or column.kind not in ("float", "int"):
        return
    exact = given if isinstance(given, Decimal) else Decimal(repr(given))
    assert clean is not None and abs(exact - in_dollars(column, clean)) <= NOISE, (column.name, given, clean)


def _shows(given: Given, raw: str) -> bool:
    """Whether the row as it was kept lets a person read its numbers as Sage wrote them."""
    for value in given.give.values():
        if is_number(value) and repr(value) not in raw and repr(float(value)) not in raw:
            return False
    return True


def others(table: Table, found: Outcome, mine: Mapping[tuple[Any, ...], Any]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows that are not the case's own."""
    return {key: row for key, row in found.taken.items() if key not in mine}
