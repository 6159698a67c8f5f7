"""What a site settled about its Sage: confirmed fields, pasted field orders, proven record classes; only added to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from erpdesk.models.base import Base, UtcTime


class LayoutConfirmation(Base):
    """Somebody settled one field of an import file on this site, or took that back; the later row wins.

    It holds for one field order only: ``order_sha`` is the hash of the record's fields as they stood at that time.
    ``position`` counts from 1 with the record's letters as the first field. ``how`` says how it was settled.
    """

    __tablename__ = "layout_confirmation"

    id: Mapped[int] = mapped_column(primary_key=True)
    layout: Mapped[str] = mapped_column(String(30))
    order_sha: Mapped[str] = mapped_column(String(64))
    record: Mapped[str] = mapped_column(String(10))
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(80))
    confirmed: Mapped[bool]
    how: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint("position >= 1", name="position"),
        Index(None, "layout", "record"),
    )


class SiteLayout(Base):
    """The field order that a site took from its own Sage; the highest version is in use.

    ``text`` is the order in its canonical form, '' the order that erpdesk ships.
    """

    __tablename__ = "site_layout"

    id: Mapped[int] = mapped_column(primary_key=True)
    layout: Mapped[str] = mapped_column(String(30))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index("uq_site_layout_layout_version", "layout", "version", unique=True),)


class RecordClass(Base):
    """What a self-test in a test company proved of one record type: what Sage does with the same record once more.

    A = refuses it, B = adds it again, C = overwrites. The later row wins; a type without a row counts as B.
    """

    __tablename__ = "record_class"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str] = mapped_column(String(30), index=True)
    idempotency: Mapped[str] = mapped_column("class", String(1))
    evidence: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (CheckConstraint("class in ('A', 'B', 'C')", name="class"),)
