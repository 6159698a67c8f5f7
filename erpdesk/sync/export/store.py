"""The export's side of the decision store: frozen items out, and one function through which every state changes.

Each change is one transaction of its own, holds the audit entry, and is refused when somebody else was faster (5.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy import update as sa_update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from erpdesk.core.clock import CLOCK, Clock
from erpdesk.models.base import new_id
from erpdesk.models.erp import (
    Attempt,
    Evidence,
    ExportFile,
    ExportState,
    Outbox,
    Submission,
    SubmissionState,
)
from erpdesk.sync.export.items import Item, Load, Observation, Try
from erpdesk.sync.export.states import EXPORT_STEPS
from erpdesk.workflows import audit
from erpdesk.workflows.doubts import overtake

_NEEDS_ACCEPT = ("stage", "arm")
"""Steps that nobody takes for an item that was rejected meanwhile."""
_UNPRINTABLE = {code: " " for code in range(32) if chr(code) not in "\t\n\r"}
_PORTION = 500
"""Rows that are named in one statement."""

SETTLED = (ExportState.IN_SAGE, ExportState.POSTED, ExportState.CLOSED_IN_SAGE)
"""States of an item that may stay in the archive."""


def plain(text: str) -> str:
    """A text without the control codes that a printed journal may hold; a database need not take them."""
    return text.translate(_UNPRINTABLE)


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
        wanted = (Outbox.company == self.company, Outbox.state.in_(states))
        with self._reading() as session:
            rows = session.execute(
                select(Outbox, Submission)
                .join(Submission, Submission.id == Outbox.submission_id)
                .where(*wanted)
                .order_by(Outbox.accepted_at, Outbox.id)
            ).all()
            tries = tries_of(session, *wanted)
            return tuple(item_of(outbox, submission, tries.get(outbox.id, ())) for outbox, submission in rows)

    def item(self, outbox_id: str) -> Item:
        """One item as it is now."""
        with self._reading() as session:
            outbox = session.get_one(Outbox, outbox_id)
            tries = tries_of(session, Outbox.id == outbox_id).get(outbox_id, ())
            return item_of(outbox, session.get_one(Submission, outbox.submission_id), tries)

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

        ``also`` changes what goes with it in that transaction. Raises Overtaken when the item is not as it was read.
        """
        with self._moving(), self._sessions.begin() as session:
            self._take(session, item, verb, message, also, seen, body)
        return self.item(item.id)

    def advance_all(
        self,
        items: Sequence[Item],
        verb: str,
        message: str,
        *,
        also: Callable[[Session], None] | None = None,
        seen: Mapping[str, Sequence[Observation]] | None = None,
        **body: object,
    ) -> tuple[Item, ...]:
        """The same step for every item of a file, all of them or none; ``seen`` is by item.

        Raises Overtaken when one of them is not as it was read.
        """
        with self._moving(), self._sessions.begin() as session:
            if also:
                also(session)
            for item in items:
                self._take(session, item, verb, message, None, (seen or {}).get(item.id, ()), body)
        return tuple(self.item(each.id) for each in items)

    @contextmanager
    def _moving(self) -> Iterator[None]:
        try:
            yield
        except (StaleDataError, IntegrityError) as error:
            # Of two workers on one item the slower one stumbles over a row that the other wrote.
            raise Overtaken(str(error)) from error

    def _take(
        self,
        session: Session,
        item: Item,
        verb: str,
        message: str,
        also: Callable[[Session, Outbox], None] | None,
        seen: Sequence[Observation],
        body: Mapping[str, object],
    ) -> None:
        now = self._clock.now()
        row = session.get_one(Outbox, item.id, with_for_update=True)
        if row.state is not item.state or row.attempt != item.attempt:
            raise Overtaken(item.id)
        if (
            verb in _NEEDS_ACCEPT
            and session.get_one(Submission, row.submission_id).state is not SubmissionState.ACCEPTED
        ):
            raise Overtaken(item.id)
        before = row.state
        row.state = EXPORT_STEPS.apply(verb, before, None)
        row.message = plain(message)
        row.changed_at = now
        if row.state is ExportState.DUPLICATE_ALARM:
            row.acknowledged_at = row.acknowledged_by = None
        if row.state not in SETTLED:
            _take_from_archive(session, row.submission_id)
        if before is ExportState.IN_DOUBT:
            overtake(session, row.id, now)
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

    def begin(self, items: Sequence[Item]) -> None:
        """Notes that the writing of their file begins, so that what breaks erpdesk each time is found out."""
        with self._sessions.begin() as session:
            for item in items:
                row = session.get_one(Outbox, item.id)
                row.strikes += 1

    def ended(self, items: Sequence[Item]) -> None:
        """The writing of these items came to an end, whatever became of it."""
        with self._sessions.begin() as session:
            for item in items:
                session.get_one(Outbox, item.id).strikes = 0

    def stage(
        self, items: Sequence[Item], numbers: Sequence[int], *, size: int, name: str, sha256: str, line_map: str
    ) -> tuple[Item, ...]:
        """The file with the tries ``numbers`` of these items is whole and on disk: records it and their states."""
        now, file_id = self._clock.now(), new_id()

        def add(session: Session) -> None:
            session.add(
                ExportFile(
                    id=file_id,
                    company=self.company,
                    kind=items[0].kind,
                    name=name,
                    sha256=sha256,
                    bytes=size,
                    line_map=line_map,
                    staged_at=now,
                    worker=self.worker,
                )
            )

        message = "The import file is written; erpdesk checks Sage once more, then lays it into the mailbox."
        with self._moving(), self._sessions.begin() as session:
            add(session)
            session.flush()
            for item, number in zip(items, numbers, strict=True):
                self._take(session, item, "stage", message, _tried(file_id, item, number), (), {"file": name})
        return tuple(self.item(each.id) for each in items)

    def arm(
        self, load: Load, message: str, seen: Mapping[str, Sequence[Observation]], *, kinds: Sequence[str] = ()
    ) -> Load:
        """From here on the file may reach Sage.

        Raises Overtaken when another worker has taken it over, or when another file of these ``kinds``, which share its
        place in the mailbox, is on its way.
        """
        stamp = self._stamp(load.file, "armed_at")
        with self._moving(), self._sessions.begin() as session:
            stamp(session)
            for item in load.items:
                self._take(session, item, "arm", message, None, seen.get(item.id, ()), {})
            # Looked for last: by now this transaction is the only one that adds to the audit trail, in either database.
            under_way = (
                Outbox.company == self.company,
                Outbox.kind.in_(kinds),
                Outbox.state.in_((ExportState.ARMED, ExportState.DELIVERED)),
                Outbox.id.not_in([each.id for each in load.items]),
            )
            if session.scalar(select(Outbox.id).where(*under_way).limit(1)) is not None:
                raise Overtaken(load.file.file_name)
        return Load(tuple(self.item(each.id) for each in load.items))

    def deliver(self, load: Load, message: str) -> Load:
        """The file lies in the mailbox; items that the evidence has moved on already stay where they are."""
        stamp = self._stamp(load.file, "delivered_at")
        return Load(self.advance_all(load.items, "deliver", message, also=stamp))

    def _stamp(self, file: Try, column: str) -> Callable[[Session], None]:
        def stamp(session: Session) -> None:
            row = session.get_one(ExportFile, file.file_id, with_for_update=True)
            if row.lease_epoch != file.lease_epoch or row.worker != file.worker:
                raise Overtaken(file.file_name)
            setattr(row, column, self._clock.now())

        return stamp

    def withdrawn(self, load: Load) -> Load:
        """Notes when the live file left Sage's reach; the time counts from the first note."""
        return self._note(load, lambda file: setattr(file, "withdrawn_at", self._clock.now()))

    def take_over(self, load: Load) -> Load:
        """Makes the live file this worker's, so that an older worker that wakes up late cannot arm or deliver it."""

        def take(file: ExportFile) -> None:
            file.worker, file.lease_epoch = self.worker, file.lease_epoch + 1

        return load if load.file.worker == self.worker else self._note(load, take)

    def _note(self, load: Load, change: Callable[[ExportFile], None]) -> Load:
        with self._sessions.begin() as session:
            change(session.get_one(ExportFile, load.file.file_id, with_for_update=True))
        return Load(tuple(self.item(each.id) for each in load.items))

    def say(self, item: Item, message: str) -> Item:
        """Tells people what an item waits for; no state changes."""
        message = plain(message)
        if not message or message == item.message:
            return item
        with self._sessions.begin() as session:
            session.get_one(Outbox, item.id).message = plain(message)
        return self.item(item.id)

    def say_all(self, outbox_ids: Sequence[str], message: str) -> None:
        """Tells people what many items wait for; no state changes."""
        table = cast("Table", Outbox.__table__)
        with self._sessions.begin() as session:
            for at in range(0, len(outbox_ids), _PORTION):
                some = outbox_ids[at : at + _PORTION]
                session.execute(sa_update(table).where(table.c.id.in_(some)).values(message=message))

    def witness(self, item: Item, seen: Sequence[Observation]) -> None:
        """Keeps observations of the live try that differ from the last of their source."""
        if item.current:
            with self._sessions.begin() as session:
                _witness(session, item.current.id, seen)

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

    def first_seen(self, item: Item, result: str) -> str | None:
        """The detail of the first observation with this result in any try of the item; None when there is none."""
        with self._reading() as session:
            query = select(Evidence.detail).join(Attempt, Attempt.id == Evidence.attempt_id)
            return session.scalar(
                query.where(Attempt.outbox_id == item.id, Evidence.result == result)
                .order_by(Attempt.n, Evidence.read_ended)
                .limit(1)
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


def _tried(file_id: str, item: Item, number: int) -> Callable[[Session, Outbox], None]:
    def add(session: Session, row: Outbox) -> None:
        row.attempt, row.strikes = number, 0
        session.add(Attempt(outbox_id=row.id, n=number, file_id=file_id, sha256=item.approved_sha256))
        session.flush()

    return add


def tries_of(session: Session, *where: ColumnElement[bool]) -> dict[str, tuple[Try, ...]]:
    """The tries of the items that these conditions choose, in order, by item."""
    rows = session.execute(
        select(Attempt, ExportFile)
        .join(ExportFile, ExportFile.id == Attempt.file_id)
        .join(Outbox, Outbox.id == Attempt.outbox_id)
        .where(*where)
        .order_by(Attempt.n)
    )
    found: dict[str, list[Try]] = {}
    for attempt, file in rows:
        found.setdefault(attempt.outbox_id, []).append(
            Try(
                id=attempt.id,
                n=attempt.n,
                part_sha256=attempt.sha256,
                file_id=file.id,
                file_name=file.name,
                sha256=file.sha256,
                line_map=file.line_map,
                staged_at=file.staged_at,
                armed_at=file.armed_at,
                delivered_at=file.delivered_at,
                withdrawn_at=file.withdrawn_at,
                worker=file.worker,
                lease_epoch=file.lease_epoch,
            )
        )
    return {outbox: tuple(tries) for outbox, tries in found.items()}


def item_of(outbox: Outbox, submission: Submission, tries: Sequence[Try]) -> Item:
    """The frozen item that these rows stand for, with all its tries."""
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
        strikes=outbox.strikes,
        message=outbox.message,
        accepted_at=outbox.accepted_at,
        changed_at=outbox.changed_at,
        acknowledged_at=outbox.acknowledged_at,
        payload=submission.payload,
        payload_sha=submission.payload_sha,
        open=submission.state is SubmissionState.ACCEPTED,
        tries=tuple(tries),
    )


def _witness(session: Session, attempt_id: str, seen: Sequence[Observation]) -> list[str]:
    """Keeps what was seen of a try, unless the last of its source says the same; the ids of the rows that hold it."""
    kept: list[str] = []
    for each in seen:
        last = session.execute(
            select(Evidence.id, Evidence.result, Evidence.detail_sha)
            .where(Evidence.attempt_id == attempt_id, Evidence.source == each.source)
            .order_by(Evidence.read_ended.desc())
            .limit(1)
        ).first()
        if last is not None and (last.result, last.detail_sha) == (each.result, each.sha):
            kept.append(last.id)
            continue
        row = Evidence(
            id=new_id(),
            attempt_id=attempt_id,
            source=each.source,
            read_began=each.began,
            read_ended=each.ended,
            result=each.result,
            detail=plain(each.detail),
            detail_sha=each.sha,
        )
        session.add(row)
        session.flush()
        kept.append(row.id)
    return kept
