"""What a long list asks of whoever holds its rows: which of them, in which order, and their ids before the rows."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Sorts = tuple[tuple[str, bool], ...]
"""Keys of columns with whether descending, the most important first."""


@dataclass(frozen=True)
class ListTest:
    """What one column must hold: one of these ``words`` as they stand on screen, or a value between two ends.

    The word "" is an empty cell. Both ends are in the range, None leaves one open; an empty cell is in no range.
    """

    key: str
    words: tuple[str, ...] = ()
    low: Decimal | date | None = None
    high: Decimal | date | None = None


@dataclass(frozen=True)
class ListAsk:
    """Which rows of a list, in which order: each word occurs somewhere in a row, capitals aside, and every test fits.

    In each of the ``sorts`` empty cells stand last either way. Equal rows stand as they were posted, or the other way
    round when the most important sort is descending: the key "" alone asks for that order.
    """

    words: tuple[str, ...] = ()
    sorts: Sorts = ()
    tests: tuple[ListTest, ...] = ()

    @classmethod
    def of(cls, text: str, sorts: Sorts, tests: Sequence[ListTest] = ()) -> ListAsk:
        """The ask of what a person typed and chose."""
        return cls(tuple(text.casefold().split()), sorts, tuple(tests))

    @property
    def descending(self) -> bool:
        """Whether equal rows stand the other way round."""
        return bool(self.sorts) and self.sorts[0][1]


@dataclass(frozen=True)
class ListSpine:
    """The backbone of a list: the ids of all its rows in order, the sums of its amounts, and ``total`` rows unfiltered.

    Ids name the same rows as long as ``mark`` stays the same.
    """

    ids: array[int] = field(default_factory=lambda: array("q"))
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    total: int = 0
    mark: object = None


@dataclass(frozen=True)
class ListWords:
    """The words that a column holds, each with how many rows hold it; ``left`` more words are not among them."""

    counts: tuple[tuple[str, int], ...] = ()
    left: int = 0
