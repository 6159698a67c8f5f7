"""What a long list asks of whoever holds its rows: which of them, in which order, and their ids before the rows."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class ListAsk:
    """Which rows of a list, in which order: each word must occur somewhere in a row, capitals aside.

    ``sort`` is the key of a column; empty cells stand last either way. Equal rows stand as they were posted, and
    ``descending`` is the exact reverse.
    """

    words: tuple[str, ...] = ()
    sort: str = ""
    descending: bool = False

    @classmethod
    def of(cls, text: str, sort: str, descending: bool) -> ListAsk:
        """The ask of what a person typed."""
        return cls(tuple(text.casefold().split()), sort, descending)


@dataclass(frozen=True)
class ListSpine:
    """The backbone of a list: the ids of all its rows in order, the sums of its amounts, and ``total`` rows unfiltered.

    Ids name the same rows as long as ``mark`` stays the same.
    """

    ids: array[int] = field(default_factory=lambda: array("q"))
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    total: int = 0
    mark: object = None
