"""Which company this database belongs to, so that it is never led to another one's Sage."""

from __future__ import annotations

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from erpdesk.models.base import Base


class CompanyIdentity(Base):
    """The company and the Sage data folder that this database was first opened with; one row."""

    __tablename__ = "company_identity"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    company: Mapped[str] = mapped_column(String(80))
    sage_folder: Mapped[str] = mapped_column(Text)
    odbc: Mapped[str] = mapped_column(Text)
    control_name: Mapped[str] = mapped_column(String(40))
