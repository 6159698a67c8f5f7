"""Projects, and the Sage job each is synced with."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from erpdesk.models.base import Base, new_id


class Project(Base):
    """A project of the firm. ``sage_job`` is the synced job's ID, None while it is not synced."""

    __tablename__ = "project"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    sage_job: Mapped[str | None] = mapped_column(String(10), unique=True)
