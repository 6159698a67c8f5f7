"""The entries of the audit trail for a windowed list: only what is on screen is read, and never much at once.

The trail may hold millions of entries, and a long read of SQLite would hold up whoever writes: the list is searched in
stretches of numbers, each a short read of its own.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select, true
from sqlalchemy.orm import Session

from erpdesk.core.lists import ListAsk, ListSpine, ListTest, ListWords, Sorts
from erpdesk.database import Store
from erpdesk.models.audit import AuditEntry
from erpdesk.models.commitments import Commitment
from erpdesk.workflows.history import ACT_WORDS, act_words, known_names
from erpdesk.workflows.trail_rows import KIND_WORDS, TrailFilter, TrailRow, kind_words

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
"""Columns that sort by what they hold."""
_NUMBERED = ("id", "at")
"""Columns that stand in the order of the chain."""
_RENAMED = ("who", "act", "kind")
"""Columns that show other words than they hold."""
_MOST = 2**31 - 1
"""No entry has a higher number."""
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

    narrows: ClassVar[frozenset[str]] = frozenset({*_SORTS, *_NUMBERED} - {"record"})
    """What a record is called and what changed in it are worked out for each entry: words find them, no test does."""

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
        plain = not ask.words and not ask.tests and self.wanted == TrailFilter()
        if total == high - low + 1 and plain and not _gathered(ask):
            # Nothing narrows the list: its numbers are known without reading one of them.
            down = _down(ask)
            return ListSpine(array("q", range(high, low - 1, -1) if down else range(low, high + 1)), {}, total)
        ids = array("q")
        for part in self._parts(ask):
            with self.store.reading() as session:
                inner = part.subquery()
                # In one text: a row at a time would make this thread wait for the window over and over.
                text = session.scalar(select(func.aggregate_strings(cast(inner.c.seq, String), ",")))
            numbers = map(int, text.split(",")) if text else ()
            ids.extend(numbers if _gathered(ask) else sorted(numbers, reverse=_down(ask)))
        return ListSpine(ids, {}, total)

    def words(self, key: str, part: str, most: int) -> ListWords:
        """The words of a column in which a part occurs, each with how many entries hold it."""
        column, wanted = _SORTS[key], part.casefold()
        low, high, _total = self._extent()
        with self.store.reading() as session:
            said = _said(session, key)
        counts: Counter[str] = Counter()
        for start in range(low, high + 1, STRETCH):
            within = and_(AuditEntry.seq >= start, AuditEntry.seq < start + STRETCH)
            with self.store.reading() as session:
                for held, count in session.execute(select(column, func.count()).where(within).group_by(column)):
                    counts[said(held or "")] += count
        fitting = [(word, count) for word, count in counts.items() if wanted in word.casefold()]
        fitting.sort(key=lambda pair: (not pair[0], pair[0].casefold()))
        return ListWords(tuple(fitting[:most]), max(0, len(fitting) - most))

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
            kept = and_(self._condition(session, ask.words), *(_tested(session, test) for test in ask.tests))
        if _gathered(ask):
            order: list[Any] = []
            for key, down in _known(ask):
                column = _SORTS.get(key)
                if column is None:
                    # No two entries have one number: nothing after it sorts any more.
                    order.append(AuditEntry.seq.desc() if down else AuditEntry.seq)
                    break
                order += [column == "", column.desc() if down else column]
            else:
                order.append(AuditEntry.seq.desc() if ask.descending else AuditEntry.seq)
            yield select(AuditEntry.seq).where(kept).order_by(*order)
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
        wanted, kept = self.wanted, list[ColumnElement[bool]]()
        for column, value in (
            (AuditEntry.who, wanted.person),
            (AuditEntry.act, wanted.act),
            (AuditEntry.kind, wanted.kind),
        ):
            if value:
                kept.append(column == value)
        kept += _days(wanted.since, wanted.until)
        if words:
            names = known_names(session)
            kept += [_holds(session, word, names) for word in words]
        return and_(true(), *kept)


def _known(ask: ListAsk) -> Sorts:
    """The columns that sort: those of no use are passed over."""
    return tuple((key, down) for key, down in ask.sorts if key in _SORTS or key in _NUMBERED)


def _gathered(ask: ListAsk) -> bool:
    """Whether all entries have to be gathered before the first is known: the chain is not in this order."""
    known = _known(ask)
    return bool(known) and known[0][0] in _SORTS


def _down(ask: ListAsk) -> bool:
    known = _known(ask)
    return known[0][1] if known else True


def _said(session: Session, key: str) -> Callable[[str], str]:
    """How a column says what it holds."""
    if key == "who":
        names = known_names(session)
        return lambda held: names.get(held, held)
    return {"act": act_words, "kind": kind_words}.get(key, str)


def _tested(session: Session, test: ListTest) -> ColumnElement[bool]:
    """The condition for what one column must hold."""
    if test.key == "id":
        low, high = (end if isinstance(end, Decimal) else None for end in (test.low, test.high))
        kept = [] if low is None else [AuditEntry.seq >= _number(low, ROUND_CEILING)]
        kept += [] if high is None else [AuditEntry.seq <= _number(high, ROUND_FLOOR)]
        return and_(true(), *kept)
    if test.key == "at":
        return and_(true(), *_days(_day(test.low), _day(test.high)))
    column = _SORTS.get(test.key)
    if column is None or test.key not in TrailSource.narrows:
        return true()
    if test.key not in _RENAMED:
        found: ColumnElement[bool] = column.in_(test.words)
        return or_(found, column.is_(None)) if "" in test.words else found
    said = _said(session, test.key)
    if test.key == "who":
        held: Iterable[str] = [*known_names(session), *test.words]
    else:
        # Words come from what is held, by a rule that can be turned round.
        rule = [word.lower().replace(" ", "_") for word in test.words] + [word.lower() for word in test.words]
        held = [*(ACT_WORDS if test.key == "act" else KIND_WORDS), *rule, *test.words]
    matching: ColumnElement[bool] = column.in_({each for each in held if said(each) in test.words})
    return matching


def _number(end: Decimal, rounding: str) -> int:
    return int(max(Decimal(0), min(end.to_integral_value(rounding), Decimal(_MOST))))


def _day(end: object) -> date | None:
    return end if isinstance(end, date) else None


def _days(since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    """From the first moment of one day to the last of another, as days are on this workstation."""
    kept: list[ColumnElement[bool]] = []
    if since and since > date.min:
        kept.append(AuditEntry.at >= datetime.combine(since, time()).astimezone())
    if until and until < date.max:
        kept.append(AuditEntry.at < datetime.combine(until + timedelta(days=1), time()).astimezone())
    return kept


def _holds(session: Session, word: str, names: Mapping[str, str]) -> ColumnElement[bool]:
    """Whether a word occurs in what an entry shows: also in the name of a person or record, and of its act."""
    # What no entry can hold is asked for in other signs: PostgreSQL takes no NUL, neither database half a character.
    word = word.replace("\0", "\\0").encode(errors="backslashreplace").decode()
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
