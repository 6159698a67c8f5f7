"""Which company this database belongs to, so that it is never led to another one's Sage."""

from __future__ import annotations

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from erpdesk.models.base import Base


class CompanyIdentity(Base):
    """The company, its Sage data folder and its kind, as they were when this database was opened last; one row."""

    __tablename__ = "company_identity"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    company: Mapped[str] = mapped_column(String(80))
    sage_folder: Mapped[str] = mapped_column(Text)
    odbc: Mapped[str] = mapped_column(Text)
    control_name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10), server_default="")
    """live, test or stand-in; '' in a database of an older erpdesk until it is opened."""
