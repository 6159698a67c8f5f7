"""Counts and sums: what came over is compared with what Sage itself says, and with what the mirror holds afterwards.

What is proven: as many rows came as Sage counts; the numbers received add up to what Sage says, and to what the mirror
holds, to the cent. Sage adds doubles one by one, so its own total of n numbers may be off by n rounding errors of their
sizes; only as much is allowed beside half a cent. Two readings that lose one row and gain another of the same amount
would pass; the keys and hashes find those.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from erpdesk.sync.sage.reader import Totals
from erpdesk.sync.sage.tables import Column, Table

_ROUNDING = 2.0**-53
_HALF_CENT = 0.005
AGAIN = "The earlier rows are kept; the table is read again at the next sync."


class Tally:
    """Adds up the checked amounts of a table as the driver hands them over, without rounding on the way."""

    def __init__(self, table: Table, columns: Sequence[Column]) -> None:
        self._places = [(at, each.name) for at, each in enumerate(columns) if each.name in table.sums]
        self._parts: dict[str, list[float]] = {name: [] for _, name in self._places}
        self._sizes = dict.fromkeys(self._parts, 0.0)
        self._unknown: set[str] = set()
        self.rows = 0

    def add(self, rows: Sequence[Any]) -> None:
        """These rows came."""
        self.rows += len(rows)
        for at, name in self._places:
            values = [row[at] for row in rows]
            try:
                part, size = math.fsum(values), sum(map(abs, values))
            except (TypeError, ValueError, ArithmeticError):
                part, size = self._with_gaps(values)
            if not math.isfinite(self._sizes[name] + size):
                self._unknown.add(name)
            else:
                self._parts[name].append(part)
                self._sizes[name] += float(size)

    def lost(self) -> None:
        """A row that the driver could not hand over: its amounts are in no sum."""
        self.rows += 1
        self._unknown.update(self._parts)

    def sums(self) -> dict[str, tuple[float, float]]:
        """Each amount with its total and the total of its sizes, as far as every number could be read."""
        return {
            name: (math.fsum(parts), self._sizes[name])
            for name, parts in self._parts.items()
            if name not in self._unknown
        }

    def disagreement(self, table: Table, totals: Totals) -> str:
        """A sentence when this is not what Sage says, else ""."""
        if self.rows != totals.rows:
            return f"{table.title}: {self.rows:,} rows came, but Sage counts {totals.rows:,}. {AGAIN}"
        for name, (total, size) in self.sums().items():
            if apart(total, totals.sums[name], totals.rows, size):
                told = f"{name} adds up to {total:,.2f}, but Sage says {totals.sums[name]:,.2f}"
                return f"{table.title}: {told}. {AGAIN}"
        return ""

    @staticmethod
    def _with_gaps(values: Sequence[Any]) -> tuple[float, float]:
        try:
            numbers = [float(value) for value in values if value is not None and not isinstance(value, str | bytes)]
            if len(numbers) + values.count(None) < len(values):
                return math.nan, math.nan
            return math.fsum(numbers), math.fsum(map(abs, numbers))
        except (TypeError, ValueError, ArithmeticError):
            return math.nan, math.nan


def apart(ours: float, theirs: float, rows: int, size: float) -> bool:
    """Whether two totals differ by more than half a cent and what adding ``rows`` doubles one by one may cost."""
    return not abs(ours - theirs) <= _HALF_CENT + (rows + 8) * _ROUNDING * size


@dataclass(frozen=True)
class Held:
    """The rows of the mirror, and for each checked amount its total and the total of its sizes, exact, in dollars."""

    rows: int
    sums: dict[str, tuple[float, float]]


def held(db: apsw.Connection, table: Table) -> Held:
    """What the mirror says Sage holds."""
    checked = [column for column in table.columns if column.name in table.sums]
    parts = ", ".join(f'COALESCE(SUM("{each.field}"), 0), COALESCE(SUM(ABS("{each.field}")), 0)' for each in checked)
    sql = f"SELECT {', '.join(['COUNT(*)', *([parts] if parts else [])])} FROM {table.mirror} WHERE gone_run IS NULL"
    try:
        rows, *found = next(iter(db.execute(sql)))
    except apsw.SQLError:
        # Whole numbers this large (9 * 10**18 in all) are added as doubles; that may cost a cent, and no run.
        rows, *found = next(iter(db.execute(sql.replace("SUM(", "TOTAL("))))
    sums = {}
    for at, column in enumerate(checked):
        whole = 10 ** (column.scale or 0)
        sums[column.name] = (found[2 * at] / whole, found[2 * at + 1] / whole)
    return Held(rows, sums)


def disagreement(table: Table, after: Held, read: int, sums: Mapping[str, tuple[float, float]]) -> str:
    """A sentence when the mirror does not hold as many rows, or not the same amounts, as came from Sage; else ""."""
    if after.rows != read:
        return f"{table.title}: Sage holds {read:,} rows, but {after.rows:,} would stand in the mirror. {AGAIN}"
    for name, (total, size) in sums.items():
        ours, own_size = after.sums[name]
        if apart(ours, total, read, max(size, own_size)):
            told = f"{name} adds up to {total:,.2f} in Sage, but would add up to {ours:,.2f} in the mirror"
            return f"{table.title}: {told}. {AGAIN}"
    return ""
