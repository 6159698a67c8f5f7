"""What Sage holds of each kind, for the tie-out report: record by record, and once more added up by the database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import apsw

from erpdesk.core.clock import from_iso
from erpdesk.core.money import from_whole_cents, show_amount
from erpdesk.sync.mirror.facts import table_title
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.mirror.watch import Watch
from erpdesk.workflows.tie_out_ports import Holding, Odd
from erpdesk.workflows.tie_out_rows import Held, Key

_BROKEN = (apsw.NotADBError, apsw.CorruptError)


@dataclass(frozen=True)
class HeldKind:
    """How a kind is read from the mirror; a kind joins by declaring this.

    ``tables`` are Sage's names of what it rests on. ``lines`` answers record, date, job, extra, cost code, category and
    whole cents, added up for each record and place; ``totals`` the same without the record, straight from the lines;
    ``titles`` record and words; ``odd`` the records whose own total is not the sum of their lines or that do not count
    in Sage: record, cents apart, whether it does not count.
    """

    tables: tuple[str, ...]
    lines: str
    totals: str
    titles: str
    odd: str


_FROM_LINES = (
    "FROM commitment_item i LEFT JOIN commitment c ON c.commitment = i.commitment AND c.gone_run IS NULL "
    "WHERE i.gone_run IS NULL"
)
HELD_KINDS: dict[str, HeldKind] = {
    # The amount of a line holds its tax. Approved changes are records of their own and no part of it.
    "commitment": HeldKind(
        tables=("JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"),
        lines=(
            "SELECT i.commitment, c.date, COALESCE(i.job, ''), COALESCE(i.extra, ''), COALESCE(i.cost_code, ''), "
            f"COALESCE(i.category, ''), SUM(COALESCE(i.amount, 0)) {_FROM_LINES} GROUP BY 1, 3, 4, 5, 6"
        ),
        totals=(
            "SELECT c.date, COALESCE(i.job, ''), COALESCE(i.extra, ''), COALESCE(i.cost_code, ''), "
            f"COALESCE(i.category, ''), SUM(COALESCE(i.amount, 0)) {_FROM_LINES} GROUP BY 1, 2, 3, 4, 5"
        ),
        titles="SELECT commitment, COALESCE(description, '') FROM commitment WHERE gone_run IS NULL",
        odd=(
            "SELECT c.commitment, COALESCE(c.amount - COALESCE(l.held, 0), 0), COALESCE(c.committed, 1) = 0 "
            "FROM commitment c LEFT JOIN "
            "(SELECT commitment, SUM(COALESCE(amount, 0)) held FROM commitment_item WHERE gone_run IS NULL "
            "GROUP BY commitment) l ON l.commitment = c.commitment "
            "WHERE c.gone_run IS NULL AND (c.amount <> COALESCE(l.held, 0) OR c.committed = 0)"
        ),
    )
}


class MirrorHoldings:
    """Reads the current mirror; what was there before the first sync comes from the watch on commitments."""

    def __init__(self, mirrors: MirrorStore) -> None:
        self._mirrors = mirrors
        self._watch = Watch(mirrors)

    def hold(self, kind: str) -> Holding | None:
        """What Sage held of a kind when it was last read; nothing before the first reading."""
        declared = HELD_KINDS.get(kind)
        if declared is None:
            return None
        since, later = self._watch.since(), self._watch.later()
        try:
            with self._mirrors.reading() as db:
                return Holding() if db is None else _read(db, declared, since, later)
        except _BROKEN:
            # A damaged mirror answers nothing and is built again at the next sync.
            return Holding()


def _read(
    db: apsw.Connection,
    declared: HeldKind,
    since: Mapping[str, datetime],
    later: Mapping[str, Mapping[str, datetime]],
) -> Holding:
    began, warnings, broken = _standing(db, declared.tables)
    records: defaultdict[str, list[Held]] = defaultdict(list)
    days: dict[str | None, date | None] = {None: None}
    keys: dict[tuple[str, ...], Key] = {}
    for record, day, *place, cents in db.execute(declared.lines):
        where = tuple(place)
        key = keys.get(where) or keys.setdefault(where, Key(*where))
        before = key.job not in since or record not in later.get(key.job, {})
        records[record].append(Held(key, _day(days, day), cents, before))
    totals = {}
    for day, *place, cents in db.execute(declared.totals):
        totals[Key(*place), _day(days, day)] = cents
    titles = dict(db.execute(declared.titles))
    odd = {record: Odd(apart, bool(uncommitted)) for record, apart, uncommitted in db.execute(declared.odd)}
    apart = [each.apart for each in odd.values() if each.apart]
    notes = []
    if apart:
        notes.append(
            f"In Sage the totals of {len(apart):,} of these records are not the sum of their lines; they are "
            f"{show_amount(from_whole_cents(sum(apart)))} apart. The report counts lines."
        )
    undated = [cents for (_, day), cents in totals.items() if day is None]
    if any(undated):
        amount = show_amount(from_whole_cents(sum(undated)))
        notes.append(f"Lines for {amount} have no date in Sage; they are in no period.")
    lines = {key: tuple(held) for key, held in records.items()}
    return Holding(lines, titles, totals, began, warnings, tuple(notes), broken, odd)


def _day(days: dict[str | None, date | None], text: str | None) -> date | None:
    if text not in days:
        days[text] = date.fromisoformat(text) if text else None
    return days[text]


def _standing(db: apsw.Connection, tables: tuple[str, ...]) -> tuple[datetime | None, tuple[str, ...], tuple[str, ...]]:
    """The earliest start of the last good readings, what to bear in mind of them, and why they prove nothing."""
    wanted = (json.dumps(tables),)
    chosen = '"table" IN (SELECT value FROM json_each(?))'
    good: dict[str, tuple[int, str, int]] = {}
    for id_, name, began, aside in db.execute(
        f'SELECT MAX(id), "table", read_began, set_aside FROM run WHERE ok AND {chosen} GROUP BY "table"', wanted
    ):
        good[name] = (id_, began, aside)
    warnings, broken = [], []
    for name in tables:
        if name not in good:
            broken.append(f"{table_title(name)} were never read to the end.")
        elif good[name][2]:
            rows, are = ("1 row", "is") if good[name][2] == 1 else (f"{good[name][2]:,} rows", "are")
            broken.append(f"{table_title(name)}: {rows} could not be used and {are} in no figure (Sage > Reading).")
    for (problem,) in db.execute(
        f'SELECT problem FROM run WHERE id IN (SELECT MAX(id) FROM run WHERE {chosen} GROUP BY "table") '
        "AND problem <> '' ORDER BY id",
        wanted,
    ):
        warnings.append(problem)
    if len(good) < len(tables):
        return None, tuple(warnings), tuple(broken)
    ids = [id_ for id_, _, _ in good.values()]
    # In one pass each table is read once: another reading of one of them in between means that there were two passes.
    between = f"SELECT COUNT(*) FROM run WHERE id > ? AND id < ? AND {chosen}"
    if db.execute(between, (min(ids), max(ids), *wanted)).get:
        told = " and ".join(f"{table_title(name)} at {_clock(good[name][1])}" for name in tables)
        warnings.append(f"Not all was read in one pass: {told}. Read Sage again.")
    return from_iso(min(began for _, began, _ in good.values())), tuple(warnings), tuple(broken)


def _clock(text: str) -> str:
    return f"{from_iso(text).astimezone():%m/%d/%Y %H:%M:%S}"
