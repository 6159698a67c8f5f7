"""The way to Sage: what was sent, what was decided, what was written, and what was seen afterwards."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from erpdesk.models.base import Base, UtcTime, Word, new_id


class SubmissionState(StrEnum):
    """What became of an item that was sent."""

    PENDING = "PENDING"
    RETRIEVED = "RETRIEVED"
    REJECTED = "REJECTED"
    ACCEPTED = "ACCEPTED"


class ExportState(StrEnum):
    """How far an accepted item is on its way into Sage."""

    INTENT = "INTENT"
    STAGED = "STAGED"
    ARMED = "ARMED"
    DELIVERED = "DELIVERED"
    IN_SAGE = "IN_SAGE"
    POSTED = "POSTED"
    REFUSED = "REFUSED"
    SAGE_REJECTED = "SAGE_REJECTED"
    IN_DOUBT = "IN_DOUBT"
    CONFLICT = "CONFLICT"
    DUPLICATE_ALARM = "DUPLICATE_ALARM"
    CLOSED_IN_SAGE = "CLOSED_IN_SAGE"
    CLOSED_ABSENT = "CLOSED_ABSENT"


class Saw(StrEnum):
    """What the person saw in Sage who closes a doubt by hand."""

    IN_SAGE = "IN_SAGE"
    ABSENT = "ABSENT"


class ClosingState(StrEnum):
    """What became of a statement about a doubt."""

    STATED = "STATED"
    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    OVERTAKEN = "OVERTAKEN"


class Source(StrEnum):
    """Where evidence comes from."""

    JOURNAL = "journal"
    REJECTED = "rejected"
    ODBC_NEW = "odbc_new"
    ODBC_MASTER = "odbc_master"
    LISTING = "listing"
    PERSON = "person"


class Submission(Base):
    """An item as it was sent: an unchanging snapshot, and the decision on it (P6)."""

    __tablename__ = "submission"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    company: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(30))
    item_id: Mapped[str] = mapped_column(String(32), index=True)
    natural_key: Mapped[str] = mapped_column(String(60))
    revision: Mapped[int]
    payload: Mapped[str] = mapped_column(Text)
    payload_sha: Mapped[str] = mapped_column(String(64))
    state: Mapped[SubmissionState] = mapped_column(Word(SubmissionState, 12))
    version: Mapped[int] = mapped_column()
    sent_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    comment: Mapped[str] = mapped_column(Text, default="")
    archived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When accounting put it aside; it stands under Archived until it is taken back."""

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy reads this name
    __table_args__ = (
        CheckConstraint("state <> 'ACCEPTED' or (decided_by is not null and decided_by <> sent_by)", name="two_people"),
        Index(
            "uq_submission_live",
            "company",
            "kind",
            "item_id",
            unique=True,
            sqlite_where=text("state in ('PENDING', 'ACCEPTED')"),
            postgresql_where=text("state in ('PENDING', 'ACCEPTED')"),
        ),
        Index(
            "uq_submission_key_revision",
            "company",
            "kind",
            "natural_key",
            "revision",
            "item_id",
            unique=True,
            sqlite_where=text("state in ('PENDING', 'ACCEPTED')"),
            postgresql_where=text("state in ('PENDING', 'ACCEPTED')"),
        ),
        # Counts and the oldest of a view are answered from this alone, without the rows and their payloads.
        Index("ix_submission_standing", "kind", "state", "archived_at", "sent_at", "id", "item_id", "sent_by"),
    )


# One by one: PostgreSQL writes a list of values differently each time it is put back from a dump.
NOT_FAILED = "state <> 'REFUSED' and state <> 'SAGE_REJECTED' and state <> 'CLOSED_ABSENT'"


class Outbox(Base):
    """The intent to export one accepted submission; only an accept makes one.

    ``natural_key`` is the Sage ID that the approver kept or typed, ``approved_sha256`` the hash of the
    file the approver saw (P5).
    """

    __tablename__ = "outbox"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"), unique=True)
    company: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(30))
    natural_key: Mapped[str] = mapped_column(String(60))
    export_key: Mapped[str] = mapped_column(String(10), unique=True)
    approved_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[ExportState] = mapped_column(Word(ExportState, 16), index=True)
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    idempotency: Mapped[str] = mapped_column("class", String(1))
    row_version: Mapped[int] = mapped_column()
    accepted_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    message: Mapped[str] = mapped_column(Text, default="")
    strikes: Mapped[int] = mapped_column(Integer, default=0)
    """How often writing its file was begun and not ended; 0 again once a file is whole."""
    acknowledged_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    """Who has seen that Sage holds it more than once, so that the exports of the others go on."""
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  # SQLAlchemy reads this name
    __table_args__ = (
        Index(
            "uq_outbox_live_key",
            "company",
            "kind",
            "natural_key",
            unique=True,
            sqlite_where=text(NOT_FAILED),
            postgresql_where=text(NOT_FAILED),
        ),
    )


class ExportFile(Base):
    """One import file: the token that is moved, fenced and taken back, for one item or for several of a kind.

    ``line_map`` says which record each line stands for. ``worker`` and ``lease_epoch`` say who has it now.
    """

    __tablename__ = "export_file"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    company: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(80), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int]
    line_map: Mapped[str] = mapped_column(Text)
    staged_at: Mapped[datetime | None] = mapped_column(UtcTime)
    armed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)
    worker: Mapped[str] = mapped_column(String(40))
    lease_epoch: Mapped[int] = mapped_column(Integer, default=1)


class Attempt(Base):
    """One numbered try at delivering one intent: the file in which it went.

    ``sha256`` is the hash of the item's own part of the file: the one that was approved (P5).
    """

    __tablename__ = "attempt"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    outbox_id: Mapped[str] = mapped_column(ForeignKey("outbox.id"), index=True)
    n: Mapped[int]
    file_id: Mapped[str] = mapped_column(ForeignKey("export_file.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))

    __table_args__ = (Index("uq_attempt_outbox_n", "outbox_id", "n", unique=True),)


class Closing(Base):
    """A doubt that people close: one states what was seen in Sage, another confirms it (5.7)."""

    __tablename__ = "closing"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    outbox_id: Mapped[str] = mapped_column(ForeignKey("outbox.id"), index=True)
    saw: Mapped[Saw] = mapped_column(Word(Saw, 12))
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[ClosingState] = mapped_column(Word(ClosingState, 12))
    stated_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    stated_at: Mapped[datetime] = mapped_column(UtcTime)
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answer: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        CheckConstraint(
            "state <> 'CONFIRMED' or (answered_by is not null and answered_by <> stated_by)", name="second_person"
        ),
        Index(
            "uq_closing_open",
            "outbox_id",
            unique=True,
            sqlite_where=text("state = 'STATED'"),
            postgresql_where=text("state = 'STATED'"),
        ),
    )


class Evidence(Base):
    """An observation of what Sage holds or said; only ever added to."""

    __tablename__ = "evidence"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), index=True)
    source: Mapped[Source] = mapped_column(Word(Source, 12))
    read_began: Mapped[datetime] = mapped_column(UtcTime)
    read_ended: Mapped[datetime] = mapped_column(UtcTime)
    result: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text)
    detail_sha: Mapped[str] = mapped_column(String(64))


class Op(Base):
    """One press of a button, so that a lost answer is read here instead of pressing again."""

    __tablename__ = "op"

    op_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    who: Mapped[str] = mapped_column(String(32))
    what: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcTime)
    result: Mapped[str] = mapped_column(Text)


class MirrorFile(Base):
    """Which ``mirror-<n>.db`` is current; one row."""

    __tablename__ = "mirror_file"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int]
