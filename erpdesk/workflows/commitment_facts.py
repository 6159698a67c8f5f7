"""A commitment as the audit trail keeps it: in words for people, and exactly, so that an act can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from erpdesk.core.clock import from_iso, iso
from erpdesk.core.money import show_amount, show_quantity
from erpdesk.models.commitments import Commitment, CommitmentLine, CommitmentType, Method

Exact = Mapping[str, Any]
"""Every field of a commitment and its lines as JSON; decimals are text, so that no digit is lost."""


def facts(commitment: Commitment) -> dict[str, object]:
    """What people read in its history: figures as people read them, so that equal ones look equal."""
    return {
        "number": commitment.number,
        "title": commitment.title,
        "status": commitment.status,
        "company": commitment.company_id,
        "retainage_percent": f"{show_quantity(commitment.retainage_percent)} %",
        "method": commitment.method.value,
        "date": commitment.date.isoformat() if commitment.date else None,
        "description": commitment.description,
        "lines": [
            [
                line.extra,
                line.cost_code,
                line.category,
                line.description,
                "" if line.quantity is None else show_quantity(line.quantity),
                "" if line.unit_cost is None else show_quantity(line.unit_cost),
                show_amount(line.amount),
            ]
            for line in commitment.lines
        ],
    }


def exact(commitment: Commitment) -> dict[str, object]:
    """Everything that is needed to bring this commitment back as it is now, to the cent and the fourth decimal."""
    return {
        "type": commitment.type.value,
        "project": commitment.project_id,
        "company": commitment.company_id,
        "number": commitment.number,
        "title": commitment.title,
        "description": commitment.description,
        "status": commitment.status,
        "method": commitment.method.value,
        "retainage": str(commitment.retainage_percent),
        "date": commitment.date.isoformat() if commitment.date else None,
        "created_by": commitment.created_by,
        "created_at": iso(commitment.created_at),
        "version": commitment.version,
        "lines": [_exact_line(line) for line in commitment.lines],
    }


def put_exact(commitment: Commitment, was: Exact) -> None:
    """Gives a commitment the header and the lines that it had; its status, which has its own act, stays."""
    commitment.company_id = was["company"]
    commitment.number = was["number"]
    commitment.title = was["title"]
    commitment.description = was["description"]
    commitment.method = Method(was["method"])
    commitment.retainage_percent = Decimal(was["retainage"])
    commitment.date = date.fromisoformat(was["date"]) if was["date"] else None
    held = {line.id: line for line in commitment.lines}
    lines: list[CommitmentLine] = []
    for position, each in enumerate(was["lines"], 1):
        line = held.get(each["id"]) or CommitmentLine(id=each["id"])
        line.position = position
        for name in ("extra", "cost_code", "category", "description", "unit"):
            setattr(line, name, each[name])
        line.quantity = None if each["quantity"] is None else Decimal(each["quantity"])
        line.unit_cost = None if each["unit_cost"] is None else Decimal(each["unit_cost"])
        line.amount = Decimal(each["amount"])
        lines.append(line)
    commitment.lines = lines


def bring_back(session: Session, commitment_id: str, was: Exact) -> Commitment:
    """Makes a deleted commitment anew under its own id, with a version above any that an open page may still hold."""
    commitment = Commitment(
        id=commitment_id,
        type=CommitmentType(was["type"]),
        project_id=was["project"],
        status=was["status"],
        created_by=was["created_by"],
        created_at=from_iso(was["created_at"]),
        lines=[],
    )
    put_exact(commitment, was)
    session.add(commitment)
    session.flush()
    session.execute(
        update(Commitment).where(Commitment.id == commitment_id).values(version=int(was["version"]) + 1),
        execution_options={"synchronize_session": False},
    )
    session.refresh(commitment)
    return commitment


def _exact_line(line: CommitmentLine) -> dict[str, object]:
    return {
        "id": line.id,
        "extra": line.extra,
        "cost_code": line.cost_code,
        "category": line.category,
        "description": line.description,
        "quantity": None if line.quantity is None else str(line.quantity),
        "unit": line.unit,
        "unit_cost": None if line.unit_cost is None else str(line.unit_cost),
        "amount": str(line.amount),
    }
