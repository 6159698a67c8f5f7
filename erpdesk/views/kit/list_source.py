"""What a windowed list needs from outside: rows by the piece, and a way to read off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from erpdesk.core.lists import ListAsk, ListSpine, ListWords


class Source(Protocol):
    """Holds the rows of a list, however many; every method is called off the GUI thread, several at a time.

    A row is frozen and has an ``id``, a whole number by which the spine names it.
    """

    def first(self, ask: ListAsk, count: int) -> Sequence[Any]:
        """The first rows, found without counting the rest; fewer than ``count`` only when there are no more."""

    def spine(self, ask: ListAsk) -> ListSpine:
        """The ids of all rows that were asked for, with their sums."""

    @property
    def narrows(self) -> frozenset[str]:
        """The keys of the columns that a ``ListTest`` may name."""

    def words(self, key: str, part: str, most: int) -> ListWords:
        """The words of a column in which a part occurs, capitals aside, each with how many rows hold it."""

    def rows(self, ids: Sequence[int]) -> Sequence[Any]:
        """The rows with these ids in this order; None for one that is gone."""

    def each(self, ids: Sequence[int]) -> Iterable[Any]:
        """The rows with these ids one by one, for a file or the clipboard; those that are gone are passed over."""

    def sums(self, ids: Sequence[int]) -> Mapping[str, Decimal]:
        """What the amounts of these rows add up to, by the key of the column."""


class Read(Protocol):
    """Runs ``fn`` off the GUI thread and answers on it: ``Jobs.read`` has this shape."""

    def __call__(
        self,
        fn: Callable[[], Any],
        done: Callable[[Any], object] | None = None,
        failed: Callable[[BaseException], object] | None = None,
        key: Hashable = None,
        /,
    ) -> None: ...
