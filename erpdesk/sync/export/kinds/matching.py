"""Which of the entries that are new in Sage are an item's own: exact lines first, then those that are nearly so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from erpdesk.core.money import show_amount, show_quantity
from erpdesk.sync.sage.fresh_entries import Entry, Spot
from erpdesk.sync.sage.verify import Difference

Exact = tuple[Spot, str, str, Decimal, Decimal]


@dataclass(frozen=True)
class Line:
    """One line of an item as an entry would show it; a blank ``accounting_day`` is not compared."""

    spot: Spot
    day: str
    accounting_day: str
    units: Decimal
    amount: Decimal

    @property
    def exact(self) -> Exact:
        return self.spot, self.day, self.accounting_day, self.units, self.amount

    @property
    def name(self) -> str:
        """What people call it: its cost code and category, and its extra."""
        return named(self.spot)


@dataclass
class Match:
    """How an item's lines show in the entries that are new.

    ``copies`` is how often the whole of them is there. ``own`` are the entries of the first copy, or as many lines as
    there are; ``near`` are entries that share so much with a missing line that they may be it; ``missing`` have none.
    ``again`` are entries that equal a line once more, without being another copy of the whole.
    """

    copies: int = 0
    own: list[tuple[Line, Entry]] = field(default_factory=list)
    near: list[tuple[Line, Entry]] = field(default_factory=list)
    missing: list[Line] = field(default_factory=list)
    again: list[Entry] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether not one entry is, or may be, of the item."""
        return not self.own and not self.near


Rank = Callable[[Entry], int]
"""How likely an entry is of the item's own kind: 0 = it is, 1 = of the opposite kind, 2 = nobody knows."""
OWN, OPPOSITE, UNKNOWN = 0, 1, 2


def match(lines: Sequence[Line], new: Iterable[Entry], rank: Rank) -> Match:
    """Puts each line beside its entry. Of equal entries the likeliest kind is taken first, and then posted ones.

    An entry of which nobody knows the kind is taken for a line only when no other one equals it, and counts as nearly
    the line only when day and amount agree.
    """
    accounting = {line.spot: bool(line.accounting_day) for line in lines}
    free: dict[Exact, list[Entry]] = {}
    rest: list[Entry] = []
    wanted = Counter(line.exact for line in lines)
    for entry in sorted(new, key=lambda each: (rank(each), not each.posted)):
        exact = _exact(entry, accounting.get(entry.spot, False))
        same = free.setdefault(exact, [])
        if exact in wanted and (rank(entry) != UNKNOWN or not same or rank(same[0]) == UNKNOWN):
            same.append(entry)
        else:
            rest.append(entry)
    found = Match(copies=min((len(free.get(exact, ())) // times for exact, times in wanted.items()), default=0))
    open_lines = []
    for line in lines:
        if free.get(line.exact):
            found.own.append((line, free[line.exact].pop(0)))
        else:
            open_lines.append(line)
    left = [entry for same in free.values() for entry in same]
    found.again = left
    for line in open_lines:
        alike = _likest(line, [*left, *rest], rank)
        if alike is None:
            found.missing.append(line)
            continue
        found.near.append((line, alike))
        (left if alike in left else rest).remove(alike)
    return found


def without(new: Iterable[Entry], lines: Iterable[Line], rank: Rank) -> list[Entry]:
    """The entries without those that a later item of erpdesk brought: an equal entry of its kind for each line."""
    left = sorted(new, key=lambda each: (rank(each), each.posted))
    for line in lines:
        entry = next((each for each in left if _exact(each, bool(line.accounting_day)) == line.exact), None)
        if entry is not None and rank(entry) != OPPOSITE:
            left.remove(entry)
    return left


def differences(found: Match) -> Iterator[Difference]:
    """Field by field, how the lines that are not exactly there differ, and which of them are there more than once."""
    for line, entry in found.near:
        yield from _fields(line, entry)
    for line in found.missing:
        yield Difference(line.name, show_amount(line.amount), "nothing")
    for entry in found.again:
        yield Difference(f"{named(entry.spot)}, {show_amount(entry.amount)}", "once", "more than once")


def named(spot: Spot) -> str:
    """A cost code and category for people: "03-100 SUB", "03-100 SUB of extra X1"."""
    _, extra, code, category = spot
    return f"{code} {category}" + (f" of extra {extra}" if extra else "")


def _exact(entry: Entry, accounting: bool) -> Exact:
    return entry.spot, entry.day, entry.accounting_day if accounting else "", entry.units, entry.amount


def _likest(line: Line, entries: Sequence[Entry], rank: Rank) -> Entry | None:
    """The entry that shares most with a line, and enough to be it: two of place, day and amount, in its job."""
    best: tuple[int, Entry] | None = None
    for entry in entries:
        place, day = entry.spot == line.spot, entry.day == line.day
        amount = entry.amount == line.amount
        if rank(entry) == UNKNOWN and not (place and day and amount):
            continue
        if place + day + amount < 2 or entry.spot[0] != line.spot[0]:
            continue
        worth = 4 * place + 2 * amount + day
        if best is None or worth > best[0]:
            best = worth, entry
    return best and best[1]


def _fields(line: Line, entry: Entry) -> Iterator[Difference]:
    name = line.name
    for title, approved, in_sage in (
        ("cost code and category", name, named(entry.spot)),
        ("amount", show_amount(line.amount), show_amount(entry.amount)),
        ("date", line.day, entry.day or "none"),
        ("accounting date", line.accounting_day, (entry.accounting_day or "none") if line.accounting_day else ""),
        ("quantity", show_quantity(line.units), show_quantity(entry.units)),
    ):
        if approved != in_sage:
            yield Difference(f"{name}, {title}", approved, in_sage)
