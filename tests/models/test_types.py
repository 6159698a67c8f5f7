"""The column types keep money exact in both databases' arithmetic, and refuse to scale it in SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from erpdesk.database import open_store
from erpdesk.models.commitments import Commitment, CommitmentLine, CommitmentType, Method
from erpdesk.models.jobs import Project
from erpdesk.models.people import Person


def line(amount: str, position: int) -> CommitmentLine:
    return CommitmentLine(position=position, cost_code="01-100", category="L", description="", amount=Decimal(amount))


def test_sums_are_exact(tmp_path: Path) -> None:
    store = open_store(tmp_path / "erpdesk.db", backups=tmp_path)
    with store.sessions.begin() as session:
        person, project = Person(name="Pat"), Project(number="1", name="One")
        session.add_all([person, project])
        session.flush()
        session.add(
            Commitment(
                type=CommitmentType.SUBCONTRACT,
                project_id=project.id,
                number="1",
                title="",
                status="Draft",
                method=Method.AMOUNT,
                retainage_percent=Decimal("7.5"),
                created_by=person.id,
                created_at=datetime(2026, 1, 1, tzinfo=UTC),
                lines=[line("0.10", 1), line("0.20", 2), line("99999999999.99", 3)],
            )
        )
    with store.reading() as session:
        total = session.scalar(select(func.sum(CommitmentLine.amount)))
        assert total == Decimal("100000000000.29")
        assert session.scalar(select(func.sum(CommitmentLine.amount + CommitmentLine.amount))) == Decimal(
            "200000000000.58"
        )
        assert session.scalars(select(Commitment)).one().retainage_percent == Decimal("7.5")
    store.close()


def test_money_is_never_scaled_in_sql() -> None:
    with pytest.raises(TypeError, match="never in SQL"):
        _ = CommitmentLine.amount * 2
    with pytest.raises(TypeError, match="never in SQL"):
        _ = 2 / CommitmentLine.unit_cost


def test_a_part_of_a_cent_is_refused_on_the_way_in(tmp_path: Path) -> None:
    store = open_store(tmp_path / "erpdesk.db", backups=tmp_path)
    with pytest.raises(StatementError, match="whole number of cents"), store.sessions.begin() as session:
        session.execute(select(CommitmentLine).where(CommitmentLine.amount == Decimal("0.001"))).all()
    store.close()
