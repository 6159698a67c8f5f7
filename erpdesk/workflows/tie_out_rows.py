"""What the tie-out report is made of: the parts of each side, where an amount belongs, its items, rows and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from erpdesk.core.money import ZERO, show_amount


class Part(StrEnum):
    """Where an accepted item stands; each stands in exactly one of them."""

    EQUAL = "Equal in Sage"
    CHANGED = "Changed or gone in Sage"
    UNPOSTED = "Not posted yet"
    EXPORTING = "Exporting"
    FAILED = "Failed"
    IN_DOUBT = "In doubt"
    REJECTED = "Rejected after acceptance"
    UNLINKED = "Unlinked"
    BY_HAND = "Closed by hand"


NOT_THERE = (Part.FAILED, Part.REJECTED, Part.UNLINKED)
"""Parts whose items Sage ought not to hold: what stands there under their ID was made by somebody else."""


class Origin(StrEnum):
    """Where an amount that Sage holds comes from."""

    MADE = "Made by erpdesk"
    FOREIGN = "Made or changed in Sage"
    BEFORE = "Before the first sync"
    LATER = "Accepted after the cut-off"


class Level(StrEnum):
    """How far the report is broken down."""

    KIND = "Kind"
    JOB = "Job"
    CODE = "Cost code"
    CATEGORY = "Category"
    ITEM = "Item"

    @property
    def depth(self) -> int:
        """How many parts of a ``Place`` a row of this level has."""
        return tuple(Level).index(self) + 1

    @property
    def below(self) -> Level:
        """The next finer level."""
        levels = tuple(Level)
        return levels[min(levels.index(self) + 1, len(levels) - 1)]


class Key(NamedTuple):
    """Where an amount belongs; all blank = the document does not say."""

    job: str = ""
    extra: str = ""
    cost_code: str = ""
    category: str = ""


Place = tuple[str, ...]
"""Part of the report: () all, then kind, job, (extra and cost code), category; the cost code with its extra is one."""


def place_of(kind: str, key: Key) -> Place:
    """The finest place of an amount, whose beginnings are the coarser ones."""
    return (kind, key.job, f"{key.extra}\t{key.cost_code}", key.category)


class Accepted(NamedTuple):
    """One line's share of an accepted item: where, in which period, whole cents."""

    key: Key
    day: date
    cents: int


class Held(NamedTuple):
    """What Sage holds under one record for one key: whole cents; ``day`` None where Sage has no date."""

    key: Key
    day: date | None
    cents: int
    before: bool
    """Whether it was there at the first look at its job, or the job is not synced."""


@dataclass(frozen=True, slots=True)
class TieItem:
    """An accepted item, what Sage holds under its Sage ID, or both.

    ``part`` is None for what only Sage holds, and where no part is declared for its state. ``equal``: Sage holds the
    same amounts in the same places and the same period. ``unbroken`` are cents of its total that stand on no line.
    """

    id: str
    kind: str
    sage_id: str
    title: str = ""
    item_id: str = ""
    part: Part | None = None
    state: str = ""
    message: str = ""
    accepted_at: datetime | None = None
    accepted: tuple[Accepted, ...] = ()
    unbroken: int = 0
    held: tuple[Held, ...] = ()
    equal: bool = False
    differs: bool = False
    """Whether Sage ought to hold what was accepted, or holds something under its ID, and it is not as it should be."""
    apart: int = 0
    """Cents by which the record's own total in Sage is more than its lines."""

    @property
    def jobs(self) -> str:
        """The jobs it is on, on either side."""
        found = {line.key.job for line in self.accepted} | {line.key.job for line in self.held}
        return ", ".join(sorted(found - {""}))

    def off_by(self, accepted: Sequence[Accepted], held: Sequence[Held]) -> int:
        """By how many cents Sage differs from what it ought to hold of these lines of the item, in its place."""
        ought = 0 if self.part in NOT_THERE else sum(line.cents for line in accepted)
        # What the record's total says beyond its lines counts where its first line is.
        beyond = self.apart if held and held[0] is self.held[0] else 0
        return sum(line.cents for line in held) + beyond - ought


@dataclass(frozen=True)
class TieAsk:
    """Which part of the report: '' and None mean all. ``cut_off`` None = the start of the last good read of Sage."""

    kind: str = ""
    job: str = ""
    since: date | None = None
    until: date | None = None
    cut_off: datetime | None = None

    def covers(self, day: date | None) -> bool:
        """Whether a day is in the period; an amount without a day is in none, but in no period at all it counts."""
        if day is None:
            return self.since is None and self.until is None
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class TieRow:
    """One line of the report: a place with its amounts on both sides, in dollars and cents.

    ``off_accepted``, ``off_sage`` and ``off_link`` must be 0.00: accepted less its parts, Sage's total less its parts,
    and what Sage holds of ours less what we say it holds. ``sage_differs`` is by how much Sage differs from what was
    accepted, item by item, where it ought to be the same.
    """

    id: str
    place: Place
    name: str = ""
    items: int = 0
    accepted: Decimal = ZERO
    parts: Mapping[Part, Decimal] = field(default_factory=dict)
    in_sage: Decimal = ZERO
    origins: Mapping[Origin, Decimal] = field(default_factory=dict)
    seen: Decimal = ZERO
    """What erpdesk says Sage holds of it as accepted, whatever its state."""
    sage_differs: Decimal = ZERO
    differing: int = 0
    gross: Decimal = ZERO
    """What is unexplained in the finest places, without regard to its sign: it never cancels out."""

    @property
    def off_accepted(self) -> Decimal:
        return self.accepted - sum(self.parts.values(), ZERO)

    @property
    def off_sage(self) -> Decimal:
        return self.in_sage - sum(self.origins.values(), ZERO)

    @property
    def off_link(self) -> Decimal:
        return self.origins.get(Origin.MADE, ZERO) - self.seen

    @property
    def ties(self) -> bool:
        """Whether everything is explained and Sage holds what was accepted."""
        return not self.gross and not self.differing

    @property
    def job(self) -> str:
        return self.place[1] if len(self.place) > 1 else ""

    @property
    def extra(self) -> str:
        return self.place[2].partition("\t")[0] if len(self.place) > 2 else ""

    @property
    def cost_code(self) -> str:
        return self.place[2].partition("\t")[2] if len(self.place) > 2 else ""

    @property
    def category(self) -> str:
        return self.place[3] if len(self.place) > 3 else ""


@dataclass(frozen=True, slots=True)
class TieItemRow:
    """One item of the report within a place; amounts are those of this place and period.

    ``accepted`` is None where erpdesk has none, ``in_sage`` where Sage has none.
    """

    id: str
    item: TieItem
    kind: str
    day: date | None
    accepted: Decimal | None
    in_sage: Decimal | None
    origin: str
    differs: Decimal | None


@dataclass(frozen=True)
class TieSummary:
    """The report as a whole: its total, what is to be said above it, and whether it ties out."""

    total: TieRow
    ask: TieAsk
    cut_off: datetime | None
    read_began: datetime | None
    warnings: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    """Why nothing can be proven, whatever the amounts say."""
    notes: tuple[str, ...] = ()
    more: Decimal = ZERO
    """What Sage holds more than it should, in the items in which it holds more."""
    less: Decimal = ZERO

    @property
    def nothing(self) -> bool:
        """Whether there is nothing on either side, and that is certain."""
        return self.proven and not self.total.items and not self.total.accepted and not self.total.in_sage

    @property
    def proven(self) -> bool:
        """Whether both sides tie to the cent; known differences are listed, not hidden."""
        return not self.broken and not self.total.gross

    def verdict(self) -> str:
        """The result in one sentence."""
        total = self.total
        if total.gross:
            return f"Does not tie out: {show_amount(total.gross)} unexplained."
        if self.broken:
            return "Does not tie out: not everything could be read."
        if total.differing:
            many = "1 known difference" if total.differing == 1 else f"{total.differing:,} known differences"
            return f"Ties out, with {many}: {self._differences()}."
        return "Nothing to tie out." if self.nothing else "Ties out."

    def _differences(self) -> str:
        sides = [f"{show_amount(each)} {word}" for each, word in ((self.more, "more"), (self.less, "less")) if each]
        if not sides:
            return "no amount, but a date, a place or a mark is different in Sage"
        net = f", {show_amount(self.more - self.less)} net" if len(sides) > 1 else ""
        return f"Sage holds {' and '.join(sides)} than it should{net}"

    def equations(self) -> tuple[str, ...]:
        """Both sides in words, without the parts that are zero; nothing where there is nothing on either side."""
        if self.nothing:
            return ()
        total = self.total
        parts = [(each.value, total.parts.get(each, ZERO)) for each in Part]
        origins = [(each.value, total.origins.get(each, ZERO)) for each in Origin]
        return _equation("Accepted", total.accepted, parts), _equation("Sage holds", total.in_sage, origins)


def _equation(name: str, total: Decimal, parts: Sequence[tuple[str, Decimal]]) -> str:
    said = [f"{words[0].lower()}{words[1:]} {show_amount(amount)}" for words, amount in parts if amount]
    return f"{name} {show_amount(total)} = {' + '.join(said) or '0.00'}"
