"""What the decision store answers about many items at once: which went out, which share an ID, how much Sage showed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, sessionmaker

from erpdesk.models.erp import Attempt, Evidence, ExportState, Outbox, Source, Submission
from erpdesk.sync.export.items import Item
from erpdesk.sync.export.states import FAILED
from erpdesk.sync.export.store import item_of

_READS = 200
"""Newest reads of Sage among which the fullest counts."""


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

    def keys(self, states: Sequence[ExportState]) -> tuple[tuple[str, str], ...]:
        """Id and Sage ID of every item in these states, however many and however old."""
        return self._pairs(Outbox.state.in_(states))

    def failed_after_sending(self) -> tuple[tuple[str, str], ...]:
        """Id and Sage ID of every failed item of which a file had gone out: somebody may import that file yet."""
        armed = select(Attempt.id).where(Attempt.outbox_id == Outbox.id, Attempt.armed_at.is_not(None))
        return self._pairs(Outbox.state.in_(FAILED), armed.exists())

    def _pairs(self, *where: ColumnElement[bool]) -> tuple[tuple[str, str], ...]:
        query = select(Outbox.id, Outbox.natural_key).where(Outbox.company == self._company, *where)
        with self._reading() as session:
            return tuple((id_, sage_id) for id_, sage_id in session.execute(query))

    def armed_files(self) -> dict[str, str]:
        """The file name of every try that may have reached Sage, and its item; newest last."""
        with self._reading() as session:
            rows = session.execute(
                select(Attempt.file_name, Attempt.outbox_id)
                .join(Outbox, Outbox.id == Attempt.outbox_id)
                .where(Outbox.company == self._company, Attempt.armed_at.is_not(None))
                .order_by(Attempt.armed_at)
            )
            return {name: outbox for name, outbox in rows}

    def delivered_files(self) -> frozenset[str]:
        """The file names of every try that lay in Sage's mailbox."""
        with self._reading() as session:
            return frozenset(
                session.scalars(
                    select(Attempt.file_name)
                    .join(Outbox, Outbox.id == Attempt.outbox_id)
                    .where(Outbox.company == self._company, Attempt.delivered_at.is_not(None))
                )
            )

    def earlier(self, item: Item) -> tuple[Item, ...]:
        """Other sendings of the same record of which a file had gone out."""
        armed = select(Attempt.id).where(Attempt.outbox_id == Outbox.id, Attempt.armed_at.is_not(None))
        with self._reading() as session:
            rows = session.execute(
                select(Outbox, Submission)
                .join(Submission, Submission.id == Outbox.submission_id)
                .where(
                    Outbox.company == self._company,
                    Outbox.kind == item.kind,
                    Outbox.id != item.id,
                    Submission.item_id == item.record_id,
                    armed.exists(),
                )
            ).all()
            return tuple(item_of(session, outbox, submission) for outbox, submission in rows)

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

    def most_shown(self, since: datetime | None) -> int:
        """The most commitments that Sage showed in any of the newest reads (after ``since``); 0 when none is known."""
        query = (
            select(Evidence.detail)
            .join(Attempt, Attempt.id == Evidence.attempt_id)
            .join(Outbox, Outbox.id == Attempt.outbox_id)
            .where(Outbox.company == self._company, Evidence.source == Source.ODBC_MASTER)
        )
        if since is not None:
            query = query.where(Evidence.read_ended > since)
        with self._reading() as session:
            details = session.scalars(query.order_by(Evidence.read_ended.desc()).limit(_READS))
            return max((int(json.loads(detail)["count"]) for detail in details), default=0)
