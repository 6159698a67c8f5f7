"""Finds any record of the company: the index catches up with both stores before it is asked."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import apsw
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from erpdesk.core.clock import CLOCK, Clock
from erpdesk.database import Store
from erpdesk.models.audit import AuditEntry
from erpdesk.models.erp import Outbox
from erpdesk.models.jobs import Project
from erpdesk.models.people import Person
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.search.index import SearchIndex
from erpdesk.sync.search.sage_records import SageRecords
from erpdesk.workflows import rights
from erpdesk.workflows.search_rows import Found
from erpdesk.workflows.search_sources import SEARCHED

AS_A_WHOLE = 2000
"""Records that changed from which reading a kind as a whole is quicker."""
PAUSE_SECONDS = 5.0
"""Records that leave no trace in the audit trail are read again this long after the last time."""
RIGHTS = {"sage_commitment": "commitment.read", "company": "vendor.read", "job": "console.read"}
"""The right that finds a kind, where it is not the kind’s own: that of the tool in which it is shown."""
AT_ONCE = 50
"""So many of what the index names are read again at once: as many as a window shows."""
TRAIL = "trail"
SAGE = "sage"


def sight_of(person: Person) -> Callable[[Found], bool]:
    """What a person may find: records of their projects, of the kinds that they may look at."""
    known: dict[tuple[str, str], bool] = {}

    def may(found: Found) -> bool:
        key = found.kind, found.project
        if key not in known:
            right = RIGHTS.get(found.kind, f"{found.kind}.read")
            allowed = rights.why_not(person, right, found.project or None) is None
            known[key] = allowed and (not found.project or person.member_of(found.project))
        return known[key]

    return may


class CompanyFinder:
    """The search of one company, from any thread; one at a time looks, the next waits.

    What changed since the last search is known from the audit trail, record by record, whichever program changed it;
    what Sage holds is read again after each reading of Sage. The index only tells where to look: what is shown, and to
    whom, is read again where it is kept, so that an old or forged index shows nothing false. A file that is broken or
    locked for good is left for an index in memory.
    """

    def __init__(self, store: Store, facts: MirrorFacts, path: Path, *, clock: Clock = CLOCK) -> None:
        self._store, self._facts, self._path, self._clock = store, facts, path, clock
        self._lock = threading.Lock()
        self._index: SearchIndex | None = None
        self._whole_at: float | None = None

    def find(self, actor: str, text: str, limit: int = 50) -> tuple[Found, ...]:
        """The records that hold every word, best first; only those that the person may look at."""
        if any("\ud800" <= each <= "\udfff" for each in text):
            return ()  # Half of a pasted character: no record holds one.
        with self._lock:
            try:
                return self._look(actor, text, limit)
            except apsw.Error:
                self._start_over()
                return self._look(actor, text, limit)

    def close(self) -> None:
        """Lets the file go."""
        with self._lock:
            if self._index is not None:
                self._index.close()
                self._index = None

    def _look(self, actor: str, text: str, limit: int) -> tuple[Found, ...]:
        index = self._index = self._index or SearchIndex(self._path)
        with self._store.reading() as session:
            person = session.get(Person, actor)
            if person is None or not person.active:
                return ()
            self._catch_up(session, index)
            may = sight_of(person)
            named = (each for each in index.find(text) if may(each))
            found: list[Found] = []
            while len(found) < limit and (part := list(islice(named, AT_ONCE))):
                found += filter(may, self._as_kept(session, part))
            return tuple(found[:limit])

    def _as_kept(self, session: Session, named: Sequence[Found]) -> Iterator[Found]:
        """What the index named, in its order, as it is now; without what is gone. One query for each kind."""
        refs: dict[str, list[str]] = defaultdict(list)
        for each in named:
            refs[each.kind].append(each.ref)
        sage = SageRecords(session, self._facts)
        kept = {
            (each.kind, each.ref): each
            for kind, mine in refs.items()
            for each in (SEARCHED[kind].read(session, mine) if kind in SEARCHED else sage.read(kind, mine))
        }
        return (kept[each.kind, each.ref] for each in named if (each.kind, each.ref) in kept)

    def _start_over(self) -> None:
        if self._index is not None:
            with suppress(apsw.Error):
                self._index.close()
        try:
            for end in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + end).unlink(missing_ok=True)
            self._index = SearchIndex(self._path)
        except (OSError, apsw.Error):
            # Another program holds it, or the disk refuses: this program searches in an index of its own.
            self._index = SearchIndex("")
        self._whole_at = None

    def _catch_up(self, session: Session, index: SearchIndex) -> None:
        self._follow_trail(session, index)
        now = self._clock.monotonic()
        if self._whole_at is None or now >= self._whole_at + PAUSE_SECONDS:
            for searched in SEARCHED.values():
                if not searched.audited:
                    index.put(searched.kind, searched.read(session, None), {})
            self._whole_at = now
        self._follow_sage(session, index)

    def _follow_trail(self, session: Session, index: SearchIndex) -> None:
        """Reads again what the audit trail names since the last time."""
        head = session.execute(select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)).first()
        now = f"{head[0]} {head[1]}" if head else "0 "
        before = index.mark(TRAIL)
        if before == now:
            return
        seq, _, known = before.partition(" ")
        # After a restore from a backup the trail has another entry in that place, or none.
        same = bool(seq) and (
            seq == "0" or session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == int(seq))) == known
        )
        touched: dict[str, set[str]] = defaultdict(set)
        many = True
        if same:
            since = AuditEntry.seq > int(seq)
            many = (session.scalar(select(func.count()).select_from(AuditEntry).where(since)) or 0) > AS_A_WHOLE
            if not many:
                for kind, ref in session.execute(select(AuditEntry.kind, AuditEntry.ref).where(since).distinct()):
                    touched[kind].add(ref)
        for searched in SEARCHED.values():
            if searched.audited and (many or touched[searched.kind]):
                refs = None if many else touched[searched.kind]
                index.put(searched.kind, searched.read(session, refs), {}, refs)
        # The mark comes last: a stop in between reads the same records once more.
        index.put(TRAIL, (), {TRAIL: now}, ())

    def _follow_sage(self, session: Session, index: SearchIndex) -> None:
        """Reads again what Sage holds, when Sage was read since."""
        reads = " ".join(
            f"{each.table}={each.read_began.isoformat() if each.read_began else ''}"
            for each in self._facts.freshness()
            if each.table in ("Vendors", "Jobs", "Commitments")
        )
        ours = session.scalar(select(func.count()).select_from(Outbox)) or 0
        jobs = session.scalar(select(func.count(Project.sage_job))) or 0
        now = f"{reads} {ours} {jobs}"
        if index.mark(SAGE) == now:
            return
        sage = SageRecords(session, self._facts)
        for kind in ("vendor", "job", "sage_commitment"):
            index.put(kind, sage.read(kind, None), {})
        index.put(SAGE, (), {SAGE: now}, ())
