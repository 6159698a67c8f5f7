"""The company directory, and the Sage vendor each company is linked to."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from erpdesk.models.base import Base, new_id


class DirectoryCompany(Base):
    """A company one does business with. One vendor, one company."""

    __tablename__ = "directory_company"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    sage_vendor: Mapped[str | None] = mapped_column(String(10), unique=True)
