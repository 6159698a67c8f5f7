"""What the console keeps beside the items: drafts that were not saved yet, attachments, and mail on its way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from erpdesk.models.base import Base, UtcTime, Word, new_id


class Draft(Base):
    """What somebody typed into a form and has not saved yet: kept by itself, offered again after a crash.

    ``ref`` is the record ('' = a new one), ``version`` the one that was being edited.
    """

    __tablename__ = "draft"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(30), primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, default=0)
    body: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(UtcTime)


class Attachment(Base):
    """A file that belongs to a record; the bytes lie once by hash in the company's folder, whoever attached them."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    bytes: Mapped[int] = mapped_column(Integer)
    added_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime] = mapped_column(UtcTime)
    removed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    removed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index(None, "kind", "ref"),)


class MailState(StrEnum):
    """How far a mail got. UNSURE = the program ended while the server was taking it; it is not sent again by itself."""

    WAITING = "WAITING"
    SENDING = "SENDING"
    SENT = "SENT"
    UNSURE = "UNSURE"
    GIVEN_UP = "GIVEN_UP"


class Mail(Base):
    """A notice to one person; ``key`` says what it is about, so that the same notice is never made twice."""

    __tablename__ = "mail"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    address: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[MailState] = mapped_column(Word(MailState, 12), index=True)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    problem: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    next_at: Mapped[datetime] = mapped_column(UtcTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  # SQLAlchemy reads this name
