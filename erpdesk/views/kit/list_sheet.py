"""A list as it leaves the program: the columns, rows and sums that are on screen, and what is said above them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from erpdesk.core.errors import ForPeople
from erpdesk.core.money import ZERO
from erpdesk.views.kit.columns import Column, show_date
from erpdesk.views.kit.list_words import Noun, count_words

Progress = Callable[[int, int], bool]
"""Told how many of how many rows are done, now and then; answers False when the person no longer wants the file."""


class Stopped(ForPeople):
    """The person stopped the work."""


def go_on(_done: int, _of: int) -> bool:
    """The progress of work that nobody stops."""
    return True


Foot = Callable[[], str]
"""Tells what stands at the foot of every page; asked off the GUI thread when rows are taken."""
_foot: list[Foot] = []


def print_at_foot(foot: Foot | None) -> None:
    """Sets what all lists of the program print at the foot of their pages, unless they have a foot of their own."""
    _foot[:] = [] if foot is None else [foot]


def common_foot() -> str:
    """What all lists print at the foot of their pages now; empty when nothing was set."""
    return _foot[0]() if _foot else ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The rows of a sheet in order, how many these and all unfiltered rows are, and the sums of its money columns.

    ``foot`` stands at the foot of each page.
    """

    rows: Iterable[Any]
    count: int
    total: int
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    foot: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known on the GUI thread; ``take`` gives the rows and may be called on any thread.

    ``heading`` tells company or project, in one line or several, ``narrowed`` all that narrows the list, ``sorted_by``
    its order. ``widths`` are those of the columns on screen, ``locked`` is how many of them stay in sight. ``printed``
    is an aware time.
    """

    title: str
    heading: str
    narrowed: tuple[str, ...]
    sorted_by: str
    printed: datetime
    columns: tuple[Column, ...]
    widths: tuple[int, ...]
    locked: int
    noun: Noun
    take: Callable[[], Taken]

    def filter_words(self) -> str:
        """``Filter: Sent, Amount from 1,000.00``; empty when all rows are shown."""
        return f"Filter: {', '.join(self.narrowed)}" if self.narrowed else ""

    def printed_words(self) -> str:
        """``Printed 11/24/2026 8:05 AM`` in the time of this workstation."""
        local = self.printed.astimezone()
        hour = local.hour % 12 or 12
        return f"Printed {show_date(local.date())} {hour}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"

    def counted(self, rows: Iterable[Any], found: dict[str, Decimal]) -> Iterator[Any]:
        """Lets rows go by and adds them up: what stands below a file is the sum of what is in it."""
        money = [(column.key, column.value) for column in self.columns if column.adds_up]
        for row in rows:
            for key, value in money:
                amount = value(row)
                if isinstance(amount, Decimal):
                    found[key] = found.get(key, ZERO) + amount
            yield row

    def gathered(self, taken: Taken) -> Taken:
        """All rows in memory, with their own count and sums: some may have gone since they were asked for."""
        found: dict[str, Decimal] = {}
        rows = list(self.counted(taken.rows, found))
        return replace(taken, rows=rows, count=len(rows), sums={key: found.get(key, ZERO) for key in taken.sums})

    def lines_above(self) -> list[str]:
        """What stands below the title and above the rows."""
        order = f"Sorted by {self.sorted_by}" if self.sorted_by else ""
        lines = (*self.heading.splitlines(), self.filter_words(), order, self.printed_words())
        return [line for line in lines if line]

    def totals(self, taken: Taken) -> tuple[str, dict[str, Decimal]]:
        """The words and the sums of the row of totals: of the columns on this sheet."""
        keys = {column.key for column in self.columns if column.adds_up}
        sums = {key: sum_ for key, sum_ in taken.sums.items() if key in keys}
        return count_words(taken.count, taken.total, self.noun), sums
