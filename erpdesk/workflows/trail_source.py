"""The entries of the audit trail for a windowed list: only what is on screen is read, and never much at once.

The trail may hold millions of entries, and a long read of SQLite would hold up whoever writes: the list is searched in
stretches of numbers, each a short read of its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select, true
from sqlalchemy.orm import Session

from erpdesk.core.lists import ListAsk, ListSpine
from erpdesk.database import Store
from erpdesk.models.audit import AuditEntry
from erpdesk.models.commitments import Commitment
from erpdesk.workflows.history import ACT_WORDS, known_names
from erpdesk.workflows.trail_rows import KIND_WORDS, TrailFilter, TrailRow

STRETCH = 50_000
AT_ONCE = 1_000
MOST_REFS = 500

Rows = Callable[[Session, Sequence[AuditEntry]], tuple[TrailRow, ...]]

_SORTS: dict[str, Any] = {
    "who": AuditEntry.who,
    "act": AuditEntry.act,
    "kind": AuditEntry.kind,
    "record": AuditEntry.ref,
    "why": AuditEntry.reason,
    "login": AuditEntry.login,
    "machine": AuditEntry.machine,
    "version": AuditEntry.version,
}
"""Columns that sort by what they hold; every other one sorts by the number of the entry."""
_SEARCHED = (
    *(AuditEntry.kind, AuditEntry.ref, AuditEntry.login, AuditEntry.machine, AuditEntry.reason),
    *(AuditEntry.before, AuditEntry.after, AuditEntry.body, AuditEntry.evidence),
)


@dataclass(frozen=True)
class TrailSource:
    """What a filter leaves of the trail; reads from any thread. Newest first unless the list asks otherwise."""

    store: Store
    wanted: TrailFilter
    as_rows: Rows

    def first(self, ask: ListAsk, count: int) -> Sequence[TrailRow]:
        """The first rows, found without looking at the rest where the order allows."""
        found: list[int] = []
        for part in self._parts(ask):
            with self.store.reading() as session:
                found += session.scalars(part.limit(count - len(found)))
            if len(found) >= count:
                break
        return [row for row in self.rows(found) if row is not None]

    def spine(self, ask: ListAsk) -> ListSpine:
        """The numbers of all entries that are wanted, in order."""
        low, high, total = self._extent()
        if total == high - low + 1 and not ask.words and self.wanted == TrailFilter() and ask.sort not in _SORTS:
            # Nothing narrows the list: its numbers are known without reading one of them.
            up = ask.sort != "" and not ask.descending
            return ListSpine(array("q", range(low, high + 1) if up else range(high, low - 1, -1)), {}, total)
        ids = array("q")
        for part in self._parts(ask):
            with self.store.reading() as session:
                inner = part.subquery()
                # In one text: a row at a time would make this thread wait for the window over and over.
                text = session.scalar(select(func.aggregate_strings(cast(inner.c.seq, String), ",")))
            numbers = map(int, text.split(",")) if text else ()
            ids.extend(numbers if ask.sort in _SORTS else sorted(numbers, reverse=_down(ask)))
        return ListSpine(ids, {}, total)

    def rows(self, ids: Sequence[int]) -> Sequence[TrailRow | None]:
        """The rows with these numbers, in this order."""
        if not len(ids):
            return []
        with self.store.reading() as session:
            entries = session.scalars(select(AuditEntry).where(AuditEntry.seq.in_(list(ids)))).all()
            found = {row.id: row for row in self.as_rows(session, entries)}
        return [found.get(each) for each in ids]

    def each(self, ids: Sequence[int]) -> Iterator[TrailRow]:
        """The rows with these numbers one after the other."""
        for start in range(0, len(ids), AT_ONCE):
            yield from (row for row in self.rows(ids[start : start + AT_ONCE]) if row is not None)

    def sums(self, ids: Sequence[int]) -> Mapping[str, Decimal]:
        """A trail adds nothing up."""
        return {}

    def _extent(self) -> tuple[int, int, int]:
        with self.store.reading() as session:
            low, high, total = session.execute(
                select(func.min(AuditEntry.seq), func.max(AuditEntry.seq), func.count())
            ).one()
        return (low, high, total) if total else (1, 0, 0)

    def _parts(self, ask: ListAsk) -> Iterator[Any]:
        """The list in order, as selects of numbers that follow each other."""
        with self.store.reading() as session:
            kept = self._condition(session, ask.words)
        column = _SORTS.get(ask.sort)
        if column is not None:
            order = (column.desc(), AuditEntry.seq.desc()) if ask.descending else (column, AuditEntry.seq)
            yield select(AuditEntry.seq).where(kept).order_by(column == "", *order)
            return
        with self.store.reading() as session:
            low = session.scalar(select(func.min(AuditEntry.seq))) or 1
            high = session.scalar(select(func.max(AuditEntry.seq))) or 0
        down = _down(ask)
        starts = range(low, high + 1, STRETCH)
        for start in reversed(starts) if down else starts:
            within = and_(AuditEntry.seq >= start, AuditEntry.seq < start + STRETCH, kept)
            yield select(AuditEntry.seq).where(within).order_by(AuditEntry.seq.desc() if down else AuditEntry.seq)

    def _condition(self, session: Session, words: Sequence[str]) -> ColumnElement[bool]:
        wanted, kept = self.wanted, []
        for column, value in (
            (AuditEntry.who, wanted.person),
            (AuditEntry.act, wanted.act),
            (AuditEntry.kind, wanted.kind),
        ):
            if value:
                kept.append(column == value)
        if wanted.since:
            kept.append(AuditEntry.at >= datetime.combine(wanted.since, time()).astimezone())
        if wanted.until:
            kept.append(AuditEntry.at < datetime.combine(wanted.until + timedelta(days=1), time()).astimezone())
        if words:
            names = known_names(session)
            kept += [_holds(session, word, names) for word in words]
        return and_(true(), *kept)


def _down(ask: ListAsk) -> bool:
    return ask.descending or ask.sort == ""


def _holds(session: Session, word: str, names: Mapping[str, str]) -> ColumnElement[bool]:
    """Whether a word occurs in what an entry shows: also in the name of a person or record, and of its act."""
    signs = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = f"%{signs}%"
    postgresql = session.get_bind().dialect.name == "postgresql"

    def like(column: Any) -> ColumnElement[bool]:
        # In SQLite LIKE does not mind capitals by itself, and is faster than comparing small letters.
        found: ColumnElement[bool] = (column.ilike if postgresql else column.like)(pattern, escape="\\")
        return found

    ids = [key for key, name in names.items() if word in name.casefold()]
    ids += session.scalars(
        select(Commitment.id).where(or_(like(Commitment.number), like(Commitment.title))).limit(MOST_REFS)
    )
    acts = [act for act, said in ACT_WORDS.items() if word in said.casefold()]
    kinds = [kind for kind, said in KIND_WORDS.items() if word in said.casefold()]
    ways = [like(column) for column in _SEARCHED]
    ways += [AuditEntry.who.in_(ids), AuditEntry.ref.in_(ids), AuditEntry.act.in_(acts), AuditEntry.kind.in_(kinds)]
    if word.isdecimal() and len(word) < 10:
        ways.append(AuditEntry.seq == int(word))
    return or_(*ways)
