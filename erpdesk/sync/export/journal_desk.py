"""The export journal laid beside the database and a fresh read of Sage, for the people who reconcile them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from erpdesk.core.clock import CLOCK, Clock, from_iso, iso
from erpdesk.core.errors import ForPeople
from erpdesk.models.audit import AuditEntry
from erpdesk.models.erp import Attempt, ExportFile, Outbox
from erpdesk.sync.export.disk import DISK, Disk
from erpdesk.sync.export.journal import ExportJournal
from erpdesk.sync.export.kinds.all import KINDS
from erpdesk.sync.export.kinds.kind import ExportKind
from erpdesk.sync.export.overview import Overview
from erpdesk.sync.export.reach import Reach
from erpdesk.sync.export.reconcile import (
    COMPARED,
    RECONCILED,
    WITHDRAWN,
    Disagreement,
    Journalled,
    compared,
    disagreement,
    fork,
    journalled,
    last_reconciled,
    lost_sendings,
)
from erpdesk.sync.export.states import DOUBTFUL, IN_FLIGHT
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.workflows import audit
from erpdesk.workflows.erp_item import OF_EXPORT
from erpdesk.workflows.journal_rows import (
    RESTORED,
    RESTORED_KIND,
    RESTORED_REF,
    Compared,
    JournalRow,
    JournalState,
)

UNKNOWN = "Not in this database"
LIES = "Its file still lies in Sage's mailbox: do not import it. erpdesk takes it away before it notes what you found. "


class TrailMarks:
    """What the audit trail says that the export journal is compared with."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def hash_of(self, seq: int) -> str:
        """The hash of an entry; '' where there is none."""
        with self._sessions() as session:
            session.connection(execution_options={"reading": True})
            return session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == seq)) or ""

    def restores(self) -> tuple[str, ...]:
        """The hash of every entry by which this database says that it was put back from a backup."""
        where = AuditEntry.kind == RESTORED_KIND, AuditEntry.ref == RESTORED_REF, AuditEntry.act == RESTORED
        with self._sessions() as session:
            session.connection(execution_options={"reading": True})
            return tuple(session.scalars(select(AuditEntry.hash).where(*where).order_by(AuditEntry.seq)))

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest entry."""
        with self._sessions() as session:
            session.connection(execution_options={"reading": True})
            return audit.head(session)


def settle(
    journal: ExportJournal, found: Disagreement | None, marks: TrailMarks, *, company: str, who: str, note: str = ""
) -> None:
    """Writes a person's word that all which journal and database contradict each other in was compared with Sage.

    Names each file and each restore that it answers for; what turns up later locks the exports anew.
    """
    found = found or Disagreement()
    seq, anchor = marks.head()
    journal.append(
        RECONCILED,
        company=company,
        who=who,
        note=note,
        files=[*found.ahead, *found.unwritten],
        restores=list(found.restored),
        fork_seq=fork(journal.entries, marks.hash_of),
        audit_seq=seq,
        audit_hash=anchor,
    )


class JournalDesk:
    """Implements ``JournalBook``. It has the journal opened on its own, as another program would, so that it may be
    asked from any thread while the exporter works; ``reader`` makes a reader for one look at Sage.
    """

    def __init__(
        self,
        sessions: sessionmaker[Session],
        *,
        company: str,
        copies: tuple[Path, Path],
        reader: Callable[[], FreshReader],
        kinds: Sequence[ExportKind] = KINDS,
        clock: Clock = CLOCK,
        disk: Disk = DISK,
    ) -> None:
        self._sessions, self._company, self._copies, self._clock = sessions, company, copies, clock
        self._reader = reader
        self._kinds = {each.name: each for each in kinds}
        self._reach = Reach(copies[0].parent, [each.place for each in kinds], disk)
        self._overview, self._marks = Overview(sessions, company), TrailMarks(sessions)

    def state(self, *, sage: bool) -> JournalState:
        """See ``JournalBook``."""
        journal, found = self._look()
        entries = journal.entries
        known = self._overview.armed_files()
        asked = [each for each in journalled(entries, self._company) if found and each.file in found.ahead]
        asked += self._own(found, {each.id for each in asked})
        locking = len(asked)
        held = [each for each in lost_sendings(entries, known) if not self._keyed(each.kind)]
        asked += [each for each in held if each.id not in {one.id for one in asked}]
        said, since = compared(entries), last_reconciled(entries)
        states = self._states([each.export_key for each in asked])
        times, unread = self._times(asked) if sage else ({}, "")
        lying = self._reach.lying(each for each in asked if each.file not in known)
        rows = tuple(
            self._row(each, number < locking, states, times, unread, said, since, each.file in lying)
            for number, each in enumerate(asked)
        )
        head = entries[-1].seq if entries else 0
        return JournalState(found.sentence() if found else "", rows, head, unread)

    def take_out(self, rows: Sequence[JournalRow], who: str) -> tuple[JournalRow, ...]:
        """See ``JournalBook``."""
        journal, known = self._journal(), self._overview.armed_files()
        wanted = {each.file for each in rows} - known.keys()
        lost = [each for each in journalled(journal.entries, self._company) if each.file in wanted]
        lying = self._reach.lying(lost)
        if lying:
            # The line first: a move that fails, or a crash, must not leave a word standing that came too early.
            ids = [each.id for each in lost if each.file in lying]
            journal.append(WITHDRAWN, company=self._company, ids=ids, who=who)
            self._reach.take_out(lost)
        return tuple(each for each in rows if each.file in lying)

    def note_compared(self, rows: Sequence[JournalRow], found: Compared, who: str) -> None:
        """See ``JournalBook``."""
        journal = self._journal()
        ids = [each.id for each in rows]
        journal.append(COMPARED, company=self._company, ids=ids, found=found.value, who=who)

    def note_reconciled(self, rows: Sequence[JournalRow], who: str, note: str) -> None:
        """See ``JournalBook``."""
        journal, found = self._look()
        settle(journal, found, self._marks, company=self._company, who=who, note=note)

    def note_fewer(self, who: str, note: str) -> None:
        """See ``JournalBook``."""
        self._journal().append("fewer", company=self._company, who=who, note=note)

    def _journal(self) -> ExportJournal:
        journal = ExportJournal(self._copies, company=self._company, clock=self._clock)
        journal.open()
        return journal

    def _look(self) -> tuple[ExportJournal, Disagreement | None]:
        delivered = self._overview.delivered_files()
        journal = self._journal()
        return journal, disagreement(
            journal.entries,
            self._overview.armed_files(),
            delivered,
            self._marks.hash_of,
            company=self._company,
            restores=self._marks.restores(),
        )

    def _keyed(self, kind: str) -> bool:
        return kind in self._kinds and self._kinds[kind].keyed

    def _own(self, found: Disagreement | None, there: set[str]) -> list[Journalled]:
        """What the database itself cannot be sure of: files without a line, and after a restore all that is open."""
        if found is None:
            return []
        query = (
            select(ExportFile.name, Outbox, ExportFile.armed_at)
            .join(Attempt, Attempt.file_id == ExportFile.id)
            .join(Outbox, Outbox.id == Attempt.outbox_id)
            .where(ExportFile.company == self._company, ExportFile.armed_at.is_not(None))
            .order_by(ExportFile.armed_at, Outbox.natural_key)
        )
        unsure = (*IN_FLIGHT, *DOUBTFUL)
        rows: list[Journalled] = []
        with self._sessions() as session:
            session.connection(execution_options={"reading": True})
            for file, outbox, armed_at in session.execute(query):
                if file in found.unwritten or (found.restored and outbox.state in unsure):
                    each = Journalled(
                        file,
                        outbox.export_key,
                        outbox.kind,
                        outbox.natural_key,
                        "",
                        iso(armed_at) if armed_at else "",
                    )
                    if each.id not in there:
                        rows.append(each)
        return rows

    def _states(self, keys: Sequence[str]) -> dict[str, str]:
        """What the database says of each item, by its export key."""
        with self._sessions() as session:
            session.connection(execution_options={"reading": True})
            found = session.execute(select(Outbox.export_key, Outbox.state).where(Outbox.export_key.in_(keys)))
            return {key: OF_EXPORT[state].value for key, state in found}

    def _times(self, asked: Sequence[Journalled]) -> tuple[dict[tuple[str, str], int], str]:
        """How often Sage holds each, and why it could not be read."""
        found: dict[tuple[str, str], int] = {}
        wanted: dict[str, list[str]] = {}
        for each in asked:
            if self._keyed(each.kind):
                wanted.setdefault(each.kind, []).append(each.sage_id)
        if not wanted:
            return found, ""
        reader = self._reader()
        try:
            for kind, keys in wanted.items():
                times = self._kinds[kind].read_back.times(reader, keys)
                found.update({(kind, key): count for key, count in times.items()})
        except ForPeople as problem:
            return found, str(problem)
        finally:
            reader.close()
        return found, ""

    def _row(
        self,
        each: Journalled,
        locks: bool,
        states: Mapping[str, str],
        times: Mapping[tuple[str, str], int],
        unread: str,
        said: Mapping[str, Mapping[str, Any]],
        since: int,
        lies: bool,
    ) -> JournalRow:
        kind = self._kinds.get(each.kind)
        noun = kind.noun if kind else each.kind
        count = times.get((each.kind, each.sage_id))
        known = states.get(each.export_key, "")
        word = said.get(each.id, {})
        # Exports are locked anew: what was compared before that does not count.
        word = {} if locks and word and not _after(word, since) else word
        return JournalRow(
            id=each.id,
            kind=each.kind,
            noun=noun,
            sage_id=each.sage_id,
            amount=_amount(each.amount),
            file=each.file,
            journalled_at=from_iso(each.at) if each.at else None,
            database=known or UNKNOWN,
            sage=_sage_words(count, unread, bool(kind and kind.keyed)),
            times=count,
            proposal=(LIES if lies else "")
            + _proposal(noun, each.sage_id, count, bool(known), bool(kind and kind.keyed)),
            look_at=kind.look_at if kind else "",
            locks=locks,
            compared=Compared(word["found"]) if word else None,
            compared_by=str(word.get("who", "")),
            compared_at=from_iso(str(word["at"])) if word else None,
        )


def _after(word: Mapping[str, Any], since: int) -> bool:
    return int(word["seq"]) > since


def _amount(text: str) -> Decimal | None:
    with suppress(InvalidOperation):
        return Decimal(text)
    return None


def _sage_words(count: int | None, unread: str, keyed: bool) -> str:
    if not keyed:
        return "Look there yourself"
    if count is None:
        return "Cannot be read now" if unread else "Not read"
    return "Not there" if count == 0 else "There once" if count == 1 else f"There {count} times"


def _proposal(noun: str, sage_id: str, count: int | None, known: bool, keyed: bool) -> str:
    if not keyed:
        return (
            f"Sage keeps a {noun} under no ID, so erpdesk cannot find this one. It refuses another {noun} of {sage_id} "
            "until somebody says that this one is not in Sage."
        )
    if count is None:
        return "Look in Sage before you answer."
    if count > 1:
        return "Sage holds it more than once. Delete the copies in Sage."
    if count == 1:
        return (
            "erpdesk finds it there, and sends it no second time."
            if known
            else "Do not send it under another ID. Accepted under this one, it is found in Sage and not sent."
        )
    return "It may be sent again once it is accepted." if not known else "erpdesk goes on with it."
