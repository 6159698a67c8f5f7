"""Adds the tie-out report up: what was gathered, for any period, cut-off and level; whole cents until a row is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from erpdesk.core.money import from_whole_cents, show_amount
from erpdesk.workflows.tie_out_rows import (
    Accepted,
    Held,
    Key,
    Level,
    Origin,
    Part,
    Place,
    TieAsk,
    TieItem,
    TieItemRow,
    TieRow,
    TieSummary,
    place_of,
)

NO_PLACE: Place = ()
E = TypeVar("E", Part, Origin)


@dataclass
class _Cell:
    """The amounts of one place, in whole cents."""

    accepted: int = 0
    parts: dict[Part, int] = field(default_factory=dict)
    in_sage: int = 0
    origins: dict[Origin, int] = field(default_factory=dict)
    seen: int = 0
    differs: int = 0

    def unexplained(self) -> int:
        """What does not tie here, without regard to its sign."""
        off_accepted = self.accepted - sum(self.parts.values())
        off_sage = self.in_sage - sum(self.origins.values())
        return abs(off_accepted) + abs(off_sage) + abs(self.origins.get(Origin.MADE, 0) - self.seen)


@dataclass
class _Sum:
    """A row while it is added up."""

    cell: _Cell = field(default_factory=_Cell)
    gross: int = 0
    items: int = 0
    differing: int = 0

    def add(self, cell: _Cell) -> None:
        mine = self.cell
        mine.accepted += cell.accepted
        mine.in_sage += cell.in_sage
        mine.seen += cell.seen
        mine.differs += cell.differs
        for part, cents in cell.parts.items():
            mine.parts[part] = mine.parts.get(part, 0) + cents
        for origin, cents in cell.origins.items():
            mine.origins[origin] = mine.origins.get(origin, 0) + cents
        self.gross += cell.unexplained()


@dataclass(frozen=True)
class TieBook:
    """Everything that was gathered for the report; every method may be called from any thread.

    ``totals`` are Sage's own, by kind, place and date. ``titles`` name the kinds, ``jobs`` the jobs.
    """

    items: tuple[TieItem, ...]
    totals: Mapping[str, Mapping[tuple[Key, date | None], int]]
    titles: Mapping[str, str]
    jobs: Mapping[str, str]
    read_began: datetime | None
    gathered: datetime
    warnings: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    _kept: dict[TieAsk, dict[Place, _Cell]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _told: dict[TieAsk, TieSummary] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cut_off(self, ask: TieAsk) -> datetime | None:
        """Up to when items were accepted that are in the report."""
        return ask.cut_off or self.read_began

    def all_jobs(self) -> tuple[str, ...]:
        """Every job on which there is anything."""
        found = {line.key.job for item in self.items for line in _lines(item, late=False)}
        return tuple(sorted(found - {""}))

    def summary(self, ask: TieAsk) -> TieSummary:
        """The report as a whole; the last one is kept, since every place that is opened shows it."""
        found = self._told.get(ask)
        if found is None:
            found = self._sum_up(ask)
            self._told.clear()
            self._told[ask] = found
        return found

    def _sum_up(self, ask: TieAsk) -> TieSummary:
        total = next(iter(self._rows(ask, 0, NO_PLACE)), TieRow("", NO_PLACE))
        since = self._later(ask)
        notes = (since, *self.notes) if since else self.notes
        more, less = self._more_and_less(ask)
        return TieSummary(
            *(total, ask, self.cut_off(ask), self.read_began, self.warnings, self.broken, notes),
            more=from_whole_cents(more),
            less=from_whole_cents(less),
        )

    def _more_and_less(self, ask: TieAsk) -> tuple[int, int]:
        """What Sage holds more and less than it should, item by item, so that they do not cancel out."""
        cut_off, found = self.cut_off(ask), []
        for item in self.items:
            if item.differs and not _is_late(item, cut_off):
                mine = [each for each in item.accepted if _in(ask, NO_PLACE, item, each.key, each.day)]
                held = [each for each in item.held if _in(ask, NO_PLACE, item, each.key, each.day)]
                found.append(item.off_by(mine, held))
        return sum(each for each in found if each > 0), -sum(each for each in found if each < 0)

    def rows(self, ask: TieAsk, level: Level, scope: Place = NO_PLACE) -> tuple[TieRow, ...]:
        """The lines of the report at a level within a place, by kind, job, extra, cost code and category."""
        order = list(self.titles)
        found = sorted(self._rows(ask, level.depth, scope), key=lambda row: (_at(order, row.place), row.place))
        return tuple(found)

    def item_rows(self, ask: TieAsk, scope: Place = NO_PLACE) -> tuple[TieItemRow, ...]:
        """The items with an amount in a place: first what needs a look, then what was accepted, then Sage's own."""
        cut_off, found = self.cut_off(ask), []
        for item in self.items:
            late = _is_late(item, cut_off)
            mine = [each for each in item.accepted if not late and _in(ask, scope, item, each.key, each.day)]
            held = [each for each in item.held if _in(ask, scope, item, each.key, each.day)]
            if not mine and not held:
                continue
            accepted = from_whole_cents(sum(each.cents for each in mine)) if mine else None
            in_sage = from_whole_cents(sum(each.cents for each in held)) if held else None
            origins = {_origin(item, late, each.before) for each in held}
            differs = from_whole_cents(item.off_by(mine, held)) if item.differs and not late else None
            day = mine[0].day if mine else held[0].day
            words = ", ".join(origin.value for origin in Origin if origin in origins)
            found.append(TieItemRow(item.id, item, self.titles[item.kind], day, accepted, in_sage, words, differs))
        found.sort(key=lambda row: (row.differs is None, row.accepted is None, row.kind, row.item.sage_id, row.id))
        return tuple(found)

    def _rows(self, ask: TieAsk, depth: int, scope: Place) -> Iterator[TieRow]:
        sums: defaultdict[Place, _Sum] = defaultdict(_Sum)
        within = len(scope)
        for place, cell in self._cells(ask).items():
            if place[:within] == scope:
                sums[place[:depth]].add(cell)
        cut_off = self.cut_off(ask)
        for item in self.items:
            late = _is_late(item, cut_off)
            # Where the period leaves something of it, on either side.
            places = {
                place_of(item.kind, each.key)[:depth]
                for each in _lines(item, late)
                if _in(ask, scope, item, each.key, each.day)
            }
            for place in places:
                sums[place].items += 1
                sums[place].differing += item.differs and not late
        for place, each in sums.items():
            yield self._row(place, each)

    def _row(self, place: Place, found: _Sum) -> TieRow:
        cell = found.cell
        return TieRow(
            id="\x1f".join(place),
            place=place,
            name=self._name(place),
            items=found.items,
            accepted=from_whole_cents(cell.accepted),
            parts=_amounts(cell.parts),
            in_sage=from_whole_cents(cell.in_sage),
            origins=_amounts(cell.origins),
            seen=from_whole_cents(cell.seen),
            sage_differs=from_whole_cents(cell.differs),
            differing=found.differing,
            gross=from_whole_cents(found.gross),
        )

    def _name(self, place: Place) -> str:
        if len(place) == 1:
            return self.titles.get(place[0], place[0])
        return self.jobs.get(place[1], "") if len(place) == 2 else ""

    def _cells(self, ask: TieAsk) -> dict[Place, _Cell]:
        """The finest places of an ask; the last one is kept, since drilling down asks for it again and again."""
        found = self._kept.get(ask)
        if found is None:
            found = self._add_up(ask)
            self._kept.clear()
            self._kept[ask] = found
        return found

    def _add_up(self, ask: TieAsk) -> dict[Place, _Cell]:
        cells: defaultdict[Place, _Cell] = defaultdict(_Cell)
        cut_off = self.cut_off(ask)
        for item in self.items:
            late = _is_late(item, cut_off)
            if not late:
                self._add_accepted(cells, ask, item)
            for held in item.held:
                if _in(ask, NO_PLACE, item, held.key, held.day):
                    cell, origin = cells[place_of(item.kind, held.key)], _origin(item, late, held.before)
                    cell.origins[origin] = cell.origins.get(origin, 0) + held.cents
                    cell.differs += item.off_by((), (held,)) if item.differs and not late else 0
        for kind, totals in self.totals.items():
            for (key, day), cents in totals.items():
                if ask.kind in ("", kind) and ask.job in ("", key.job) and ask.covers(day):
                    cells[place_of(kind, key)].in_sage += cents
        return dict(cells)

    def _add_accepted(self, cells: defaultdict[Place, _Cell], ask: TieAsk, item: TieItem) -> None:
        for line in item.accepted:
            if not _in(ask, NO_PLACE, item, line.key, line.day):
                continue
            cell = cells[place_of(item.kind, line.key)]
            cell.accepted += line.cents
            cell.seen += line.cents if item.equal else 0
            cell.differs += item.off_by((line,), ()) if item.differs else 0
            if item.part is not None:
                cell.parts[item.part] = cell.parts.get(item.part, 0) + line.cents
        first = item.accepted[0] if item.accepted else None
        if item.unbroken and _in(ask, NO_PLACE, item, first.key if first else Key(), first.day if first else None):
            cells[place_of(item.kind, Key())].accepted += item.unbroken

    def _later(self, ask: TieAsk) -> str:
        cut_off = self.cut_off(ask)
        late = [item for item in self.items if _is_late(item, cut_off)]
        lines = [line.cents for item in late for line in item.accepted if _in(ask, NO_PLACE, item, line.key, line.day)]
        if not lines:
            return ""
        amount = show_amount(from_whole_cents(sum(lines)))
        return f"Lines for {amount} were accepted after the cut-off and are not in the report."


def _in(ask: TieAsk, scope: Place, item: TieItem, key: Key, day: date | None) -> bool:
    if ask.kind not in ("", item.kind) or ask.job not in ("", key.job) or not ask.covers(day):
        return False
    return not scope or place_of(item.kind, key)[: len(scope)] == scope


def _lines(item: TieItem, late: bool) -> Iterator[Accepted | Held]:
    """What counts of an item on either side: accepted too late, only what Sage holds of it."""
    if not late:
        yield from item.accepted
    yield from item.held


def _is_late(item: TieItem, cut_off: datetime | None) -> bool:
    return cut_off is not None and item.accepted_at is not None and item.accepted_at > cut_off


def _origin(item: TieItem, late: bool, before: bool) -> Origin:
    if item.accepted_at is None:
        return Origin.BEFORE if before else Origin.FOREIGN
    if not item.equal:
        return Origin.FOREIGN
    return Origin.LATER if late else Origin.MADE


def _amounts(cents: Mapping[E, int]) -> dict[E, Decimal]:
    return {each: from_whole_cents(whole) for each, whole in cents.items()}


def _at(order: list[str], place: Place) -> int:
    return order.index(place[0]) if place and place[0] in order else len(order)
