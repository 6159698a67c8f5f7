"""Commitments (subcontracts and purchase orders) and the lines of their schedules of values."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpdesk.models.base import Base, Cents, Fourths, UtcTime, Word, new_id


class CommitmentType(StrEnum):
    """The two kinds of commitment."""

    SUBCONTRACT = "Subcontract"
    PURCHASE_ORDER = "Purchase order"


class Method(StrEnum):
    """The accounting method: a lump sum per line, or quantity times unit cost (C2)."""

    AMOUNT = "amount"
    UNIT = "unit"


class Commitment(Base):
    """A contract with a vendor on a project."""

    __tablename__ = "commitment"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    type: Mapped[CommitmentType] = mapped_column(Word(CommitmentType, 20))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    company_id: Mapped[str | None] = mapped_column(ForeignKey("directory_company.id"))
    number: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(30))
    method: Mapped[Method] = mapped_column(Word(Method, 10))
    retainage_percent: Mapped[Decimal] = mapped_column(Fourths)
    date: Mapped[date | None]
    created_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    version: Mapped[int] = mapped_column()
    lines: Mapped[list[CommitmentLine]] = relationship(
        cascade="all, delete-orphan", order_by="CommitmentLine.position", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy reads this name
    __table_args__ = (
        Index(None, "project_id", "number"),
        CheckConstraint("retainage_percent between 0 and 1000000", name="retainage"),
    )

    @property
    def amount(self) -> Decimal:
        """The original contract amount: the sum of the lines."""
        return sum((line.amount for line in self.lines), Decimal("0.00"))


class CommitmentLine(Base):
    """One line of a schedule of values."""

    __tablename__ = "commitment_line"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    commitment_id: Mapped[str] = mapped_column(ForeignKey("commitment.id"))
    position: Mapped[int]
    extra: Mapped[str] = mapped_column(String(10), default="")
    cost_code: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(3))
    description: Mapped[str] = mapped_column(String(255))
    quantity: Mapped[Decimal | None] = mapped_column(Fourths)
    unit: Mapped[str] = mapped_column(String(20), default="")
    unit_cost: Mapped[Decimal | None] = mapped_column(Fourths)
    amount: Mapped[Decimal] = mapped_column(Cents)

    # With the amount: lists add up the lines of every commitment from this alone.
    __table_args__ = (Index(None, "commitment_id", "amount"),)
