"""The audit trail: one entry for each act, chained by hash, only ever appended to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from erpdesk.models.base import Base, UtcTime


class AuditEntry(Base):
    """Who did what to which record, when, and how it was before and after.

    ``form`` says how the hash is made: 1 = an entry of an erpdesk that did not note where an act was done. ``before``,
    ``after``, ``evidence`` and ``body`` are JSON or ''.
    """

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    who: Mapped[str] = mapped_column(String(32))
    act: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    form: Mapped[int] = mapped_column(Integer, default=2, server_default="1")
    login: Mapped[str] = mapped_column(String(120), default="", server_default="")
    machine: Mapped[str] = mapped_column(String(80), default="", server_default="")
    version: Mapped[str] = mapped_column(String(20), default="", server_default="")
    before: Mapped[str] = mapped_column(Text, default="", server_default="")
    after: Mapped[str] = mapped_column(Text, default="", server_default="")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    evidence: Mapped[str] = mapped_column(Text, default="", server_default="")
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    __table_args__ = (Index(None, "kind", "ref", "seq"),)
