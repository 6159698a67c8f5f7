"""What the decision store answers about many items at once: which went out, which share an ID, how much Sage showed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, sessionmaker

from erpdesk.models.erp import Attempt, Evidence, ExportFile, ExportState, Outbox, Source, Submission
from erpdesk.sync.export.items import Item
from erpdesk.sync.export.states import FAILED, WAITING
from erpdesk.sync.export.store import item_of, tries_of

_READS = 200
"""Newest reads of Sage among which the fullest counts."""


@dataclass(frozen=True)
class Row:
    """A waiting item in short: what decides which file it goes in, without its payload."""

    id: str
    submission_id: str
    record_id: str
    sage_id: str
    state: ExportState
    strikes: int
    message: str
    accepted_at: datetime
    tries: int
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Late:
    """An item that has not moved for long."""

    id: str
    kind: str
    sage_id: str
    message: str


class Overview:
    """Reads about all items of one company; changes nothing."""

    def __init__(self, sessions: sessionmaker[Session], company: str) -> None:
        self._sessions = sessions
        self._company = company

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self._sessions() as session:
            session.connection(execution_options={"reading": True})
            yield session

    def waiting(self, kind: str) -> tuple[Row, ...]:
        """The items of a kind of which nothing has left yet, first accepted first, with their last try."""
        last = select(func.max(Attempt.n)).where(Attempt.outbox_id == Outbox.id).correlate(Outbox).scalar_subquery()
        query = (
            select(
                *(Outbox.id, Outbox.submission_id, Submission.item_id, Outbox.natural_key, Outbox.state),
                *(Outbox.strikes, Outbox.message, Outbox.accepted_at),
                func.coalesce(Attempt.n, 0),
                ExportFile.withdrawn_at,
            )
            .join(Submission, Submission.id == Outbox.submission_id)
            .outerjoin(Attempt, (Attempt.outbox_id == Outbox.id) & (Attempt.n == last))
            .outerjoin(ExportFile, ExportFile.id == Attempt.file_id)
            .where(Outbox.company == self._company, Outbox.kind == kind, Outbox.state.in_(WAITING))
            .order_by(Outbox.accepted_at, Outbox.id)
        )
        with self._reading() as session:
            rows: Sequence[Any] = session.execute(query).all()
            return tuple(Row(*each) for each in rows)

    def late(self, states: Sequence[ExportState], before: datetime) -> tuple[Late, ...]:
        """The items in these states that have not moved since ``before``, the oldest first."""
        query = (
            select(Outbox.id, Outbox.kind, Outbox.natural_key, Outbox.message)
            .where(Outbox.company == self._company, Outbox.state.in_(states), Outbox.changed_at < before)
            .order_by(Outbox.changed_at, Outbox.id)
        )
        with self._reading() as session:
            return tuple(Late(*each) for each in session.execute(query))

    def count(self, states: Sequence[ExportState]) -> int:
        """How many items of the company are in these states."""
        query = (
            select(func.count()).select_from(Outbox).where(Outbox.company == self._company, Outbox.state.in_(states))
        )
        with self._reading() as session:
            return int(session.scalar(query) or 0)

    def keys(self, kind: str, states: Sequence[ExportState]) -> tuple[tuple[str, str], ...]:
        """Id and Sage ID of every item of a kind in these states, however many and however old."""
        return self._pairs(Outbox.kind == kind, Outbox.state.in_(states))

    def failed_after_sending(self, kind: str) -> tuple[tuple[str, str], ...]:
        """Id and Sage ID of every failed item of which a file had gone out: somebody may import that file yet."""
        return self._pairs(Outbox.kind == kind, Outbox.state.in_(FAILED), _armed().exists())

    def _pairs(self, *where: ColumnElement[bool]) -> tuple[tuple[str, str], ...]:
        query = select(Outbox.id, Outbox.natural_key).where(Outbox.company == self._company, *where)
        with self._reading() as session:
            return tuple((id_, sage_id) for id_, sage_id in session.execute(query))

    def armed_files(self, kinds: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
        """The file name of every file that may have reached Sage, and its items; newest last."""
        found: dict[str, tuple[str, ...]] = {}
        query = (
            select(ExportFile.name, Attempt.outbox_id)
            .join(Attempt, Attempt.file_id == ExportFile.id)
            .where(ExportFile.company == self._company, ExportFile.armed_at.is_not(None))
            .order_by(ExportFile.armed_at, Attempt.id)
        )
        if kinds:
            query = query.where(ExportFile.kind.in_(kinds))
        with self._reading() as session:
            for name, outbox in session.execute(query):
                found[name] = (*found.get(name, ()), outbox)
        return found

    def delivered_files(self) -> frozenset[str]:
        """The file names of every file that lay in Sage's mailbox."""
        query = select(ExportFile.name).where(ExportFile.company == self._company, ExportFile.delivered_at.is_not(None))
        with self._reading() as session:
            return frozenset(session.scalars(query))

    def earlier(self, item: Item) -> tuple[Item, ...]:
        """Other sendings of the same record of which a file had gone out."""
        with self._reading() as session:
            rows = session.execute(
                select(Outbox, Submission)
                .join(Submission, Submission.id == Outbox.submission_id)
                .where(
                    Outbox.company == self._company,
                    Outbox.kind == item.kind,
                    Outbox.id != item.id,
                    Submission.item_id == item.record_id,
                    _armed().exists(),
                )
            ).all()
            return _with_tries(session, rows)

    def claimed(self, item: Item) -> bool:
        """Whether another item that did not fail goes by the same Sage ID: what Sage shows is then that one."""
        with self._reading() as session:
            found = session.scalar(
                select(Outbox.id).where(
                    Outbox.company == self._company,
                    Outbox.kind == item.kind,
                    Outbox.natural_key == item.sage_id,
                    Outbox.id != item.id,
                    Outbox.state.not_in(FAILED),
                )
            )
            return found is not None

    def most_shown(self, kind: str, since: datetime | None) -> int:
        """The most records of a kind that Sage showed in any of the newest reads (after ``since``); 0 = not known."""
        query = (
            select(Evidence.detail)
            .join(Attempt, Attempt.id == Evidence.attempt_id)
            .join(Outbox, Outbox.id == Attempt.outbox_id)
            .where(
                Outbox.company == self._company,
                Outbox.kind == kind,
                Evidence.source.in_((Source.ODBC_MASTER, Source.ODBC_NEW)),
            )
        )
        if since is not None:
            query = query.where(Evidence.read_ended > since)
        with self._reading() as session:
            details = session.scalars(query.order_by(Evidence.read_ended.desc()).limit(_READS))
            return max((int(json.loads(detail).get("count", 0)) for detail in details), default=0)

    def settled(self, item: Item, kinds: Sequence[str]) -> tuple[Item, ...]:
        """Other items of these kinds that are in Sage."""
        with self._reading() as session:
            rows = session.execute(
                select(Outbox, Submission)
                .join(Submission, Submission.id == Outbox.submission_id)
                .where(
                    Outbox.company == self._company,
                    Outbox.attempt > 0,
                    Outbox.kind.in_(kinds),
                    Outbox.id != item.id,
                    Outbox.state.in_((ExportState.POSTED, ExportState.IN_SAGE, ExportState.CLOSED_IN_SAGE)),
                )
            ).all()
            return _with_tries(session, rows)


def _with_tries(session: Session, rows: Sequence[Any]) -> tuple[Item, ...]:
    tries = tries_of(session, Outbox.id.in_([outbox.id for outbox, _ in rows]))
    return tuple(item_of(outbox, submission, tries.get(outbox.id, ())) for outbox, submission in rows)


def _armed() -> Select[str]:
    """The tries of an item of which the file may have reached Sage."""
    return (
        select(Attempt.id)
        .join(ExportFile, ExportFile.id == Attempt.file_id)
        .where(Attempt.outbox_id == Outbox.id, ExportFile.armed_at.is_not(None))
    )
