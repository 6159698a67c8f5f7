"""The export's side of the decision store: frozen items out, and one function through which every state changes.

Each change is one transaction of its own, holds the audit entry, and is refused when somebody else was faster (5.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from erpdesk.core.clock import CLOCK, Clock
from erpdesk.models.base import new_id
from erpdesk.models.erp import Attempt, Evidence, ExportState, Outbox, Submission, SubmissionState
from erpdesk.sync.export.items import Item, Observation, Try
from erpdesk.sync.export.states import EXPORT_STEPS
from erpdesk.workflows import audit

SETTLED = (ExportState.IN_SAGE, ExportState.POSTED)
"""States of an item that may stay in the archive."""


class Overtaken(Exception):
    """Another worker moved the item on since it was read; read it again."""


class ExportStore:
    """Reads and moves the items of one company."""

    def __init__(self, sessions: sessionmaker[Session], company: str, worker: str, *, clock: Clock = CLOCK) -> None:
        self.company = company
        self.worker = worker[:40]
        self._sessions = sessions
        self._clock = clock

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        """A short read that holds up no writer."""
        with self._sessions() as session:
            session.connection(execution_options={"reading": True})
            yield session

    def items(self, states: Sequence[ExportState]) -> tuple[Item, ...]:
        """The company's items in these states, first accepted first."""
        with self._reading() as session:
            rows = session.execute(
                select(Outbox, Submission)
                .join(Submission, Submission.id == Outbox.submission_id)
                .where(Outbox.company == self.company, Outbox.state.in_(states))
                .order_by(Outbox.accepted_at, Outbox.id)
            ).all()
            return tuple(item_of(session, outbox, submission) for outbox, submission in rows)

    def item(self, outbox_id: str) -> Item:
        """One item as it is now."""
        with self._reading() as session:
            outbox = session.get_one(Outbox, outbox_id)
            return item_of(session, outbox, session.get_one(Submission, outbox.submission_id))

    def advance(
        self,
        item: Item,
        verb: str,
        message: str,
        *,
        also: Callable[[Session, Outbox], None] | None = None,
        seen: Sequence[Observation] = (),
        **body: object,
    ) -> Item:
        """Takes one step of the table, with its audit entry and the evidence it rests on, in one transaction.

        ``also`` changes the attempt inside that transaction. Raises Overtaken when the item is not as it was read.
        """
        now = self._clock.now()
        try:
            with self._sessions.begin() as session:
                row = session.get_one(Outbox, item.id, with_for_update=True)
                if row.state is not item.state or row.attempt != item.attempt:
                    raise Overtaken(item.id)
                before = row.state
                row.state = EXPORT_STEPS.apply(verb, before, None)
                row.message = message
                row.changed_at = now
                if row.state not in SETTLED:
                    _take_from_archive(session, row.submission_id)
                if also:
                    also(session, row)
                witnessed = _witness(session, item.current.id, seen) if item.current else []
                tried = session.scalar(select(Attempt.id).where(Attempt.outbox_id == row.id, Attempt.n == row.attempt))
                audit.append(
                    session,
                    at=now,
                    who=audit.SYSTEM,
                    act=verb,
                    kind=item.kind,
                    ref=item.record_id,
                    before={"export": before.value},
                    after={"export": row.state.value},
                    reason=message,
                    evidence={"submission": item.submission_id, "attempt": tried, "seen": witnessed, **body},
                    body={"sage_id": item.sage_id, "attempt": row.attempt},
                )
        except StaleDataError as error:
            raise Overtaken(item.id) from error
        return self.item(item.id)

    def stage(self, item: Item, number: int, *, size: int, file_name: str, sha256: str, line_map: str) -> Item:
        """The file of the try ``number`` is whole and on disk: records it and the state with it."""
        now = self._clock.now()

        def add(session: Session, row: Outbox) -> None:
            row.attempt = number
            session.add(
                Attempt(
                    outbox_id=row.id,
                    n=number,
                    file_name=file_name,
                    file_sha256=sha256,
                    bytes=size,
                    line_map=line_map,
                    staged_at=now,
                    worker=self.worker,
                )
            )

        message = "The import file is written; erpdesk checks Sage once more, then lays it into the mailbox."
        return self.advance(item, "stage", message, also=add, file=file_name, file_sha256=sha256)

    def arm(self, item: Item, message: str, seen: Sequence[Observation]) -> Item:
        """From here on the file may reach Sage; refused when another worker has taken the try over (Overtaken)."""
        return self.advance(item, "arm", message, also=self._stamp(item, "armed_at"), seen=seen)

    def deliver(self, item: Item, message: str) -> Item:
        """The file lies in the mailbox."""
        return self.advance(item, "deliver", message, also=self._stamp(item, "delivered_at"))

    def _stamp(self, item: Item, column: str) -> Callable[[Session, Outbox], None]:
        current = item.current
        if current is None:
            raise AssertionError("an item on its way has a try")

        def stamp(session: Session, row: Outbox) -> None:
            attempt = session.get_one(Attempt, current.id)
            if attempt.lease_epoch != current.lease_epoch or attempt.worker != current.worker:
                raise Overtaken(item.id)
            setattr(attempt, column, self._clock.now())

        return stamp

    def withdrawn(self, item: Item) -> Item:
        """Notes when the live file left Sage's reach; the time counts from the first note."""
        return self._note(item, lambda attempt: setattr(attempt, "withdrawn_at", self._clock.now()))

    def take_over(self, item: Item) -> Item:
        """Makes the live try this worker's, so that an older worker that wakes up late cannot arm or deliver it."""

        def take(attempt: Attempt) -> None:
            attempt.worker, attempt.lease_epoch = self.worker, attempt.lease_epoch + 1

        return item if item.current is None or item.current.worker == self.worker else self._note(item, take)

    def _note(self, item: Item, change: Callable[[Attempt], None]) -> Item:
        if item.current:
            with self._sessions.begin() as session:
                change(session.get_one(Attempt, item.current.id))
        return self.item(item.id)

    def say(self, item: Item, message: str) -> Item:
        """Tells people what an item waits for; no state changes."""
        if not message or message == item.message:
            return item
        with self._sessions.begin() as session:
            session.get_one(Outbox, item.id).message = message
        return self.item(item.id)

    def witness(self, item: Item, seen: Sequence[Observation]) -> None:
        """Keeps observations of the live try that differ from the last of their source."""
        if item.current:
            with self._sessions.begin() as session:
                _witness(session, item.current.id, seen, only_new=True)

    def evidence(self, item: Item) -> tuple[Observation, ...]:
        """Everything observed about the live try, in order."""
        if item.current is None:
            return ()
        with self._reading() as session:
            rows = session.scalars(
                select(Evidence).where(Evidence.attempt_id == item.current.id).order_by(Evidence.read_ended)
            )
            return tuple(
                Observation(row.source, row.read_began, row.read_ended, row.result, row.detail) for row in rows
            )

    def audit_head(self) -> tuple[int, str]:
        """Number and hash of the newest audit entry, to anchor it outside of the database."""
        with self._reading() as session:
            return audit.head(session)

    def reopen(self, item: Item, verb: str, message: str, seen: Sequence[Observation]) -> Item:
        """Moves a failed item that is in Sage after all; Overtaken when it was rejected meanwhile.

        The submission is written too, so that a reject at the same moment finds it changed.
        """

        def hold(session: Session, row: Outbox) -> None:
            submission = session.get_one(Submission, row.submission_id, with_for_update=True)
            if submission.state is not SubmissionState.ACCEPTED:
                raise Overtaken(item.id)
            flag_modified(submission, "comment")

        return self.advance(item, verb, message, also=hold, seen=seen)

    def note_reconciled(self, who: str, files: Sequence[str]) -> None:
        """Puts into the audit trail that a person cleared a lock of the export journal."""
        with self._sessions.begin() as session:
            audit.append(
                session,
                at=self._clock.now(),
                who=who,
                act="reconcile",
                kind="export journal",
                ref="",
                reason="Compared with Sage by a person; exports go on.",
                evidence={"files": list(files)},
                body={},
            )


def _take_from_archive(session: Session, submission_id: str) -> None:
    """What goes wrong after somebody put it aside stands where it is seen."""
    submission = session.get_one(Submission, submission_id)
    if submission.archived_at is not None:
        submission.archived_at = None


def item_of(session: Session, outbox: Outbox, submission: Submission) -> Item:
    """The frozen item that these rows stand for, with all its tries."""
    attempts = session.scalars(select(Attempt).where(Attempt.outbox_id == outbox.id).order_by(Attempt.n))
    return Item(
        id=outbox.id,
        submission_id=submission.id,
        record_id=submission.item_id,
        company=outbox.company,
        kind=outbox.kind,
        sage_id=outbox.natural_key,
        export_key=outbox.export_key,
        approved_sha256=outbox.approved_sha256,
        idempotency=outbox.idempotency,
        state=outbox.state,
        attempt=outbox.attempt,
        message=outbox.message,
        accepted_at=outbox.accepted_at,
        changed_at=outbox.changed_at,
        payload=submission.payload,
        payload_sha=submission.payload_sha,
        open=submission.state is SubmissionState.ACCEPTED,
        tries=tuple(
            Try(
                id=each.id,
                n=each.n,
                file_name=each.file_name,
                sha256=each.file_sha256,
                staged_at=each.staged_at,
                armed_at=each.armed_at,
                delivered_at=each.delivered_at,
                withdrawn_at=each.withdrawn_at,
                worker=each.worker,
                lease_epoch=each.lease_epoch,
            )
            for each in attempts
        ),
    )


def _witness(session: Session, attempt_id: str, seen: Sequence[Observation], *, only_new: bool = False) -> list[str]:
    """Keeps what was seen of a try; the ids of the rows that keep it."""
    kept: list[str] = []
    for each in seen:
        last = session.execute(
            select(Evidence.result, Evidence.detail_sha)
            .where(Evidence.attempt_id == attempt_id, Evidence.source == each.source)
            .order_by(Evidence.read_ended.desc())
            .limit(1)
        ).first()
        if only_new and last is not None and (last.result, last.detail_sha) == (each.result, each.sha):
            continue
        row = Evidence(
            id=new_id(),
            attempt_id=attempt_id,
            source=each.source,
            read_began=each.began,
            read_ended=each.ended,
            result=each.result,
            detail=each.detail,
            detail_sha=each.sha,
        )
        session.add(row)
        kept.append(row.id)
    return kept
