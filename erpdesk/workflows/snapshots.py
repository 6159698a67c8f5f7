"""A sent item as canonical text and back: the same item always gives the same text and the same hash (P6)."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot

FORMAT = 1


def to_text(snapshot: CommitmentSnapshot) -> str:
    """The snapshot as canonical JSON: sorted keys, amounts as text. The Sage ID is the proposed one."""
    body = {
        "format": FORMAT,
        "sage_id": snapshot.sage_id,
        "type": snapshot.type,
        "title": snapshot.title,
        "vendor": snapshot.vendor,
        "job": snapshot.job,
        "date": snapshot.date.isoformat(),
        "retainage_percent": str(snapshot.retainage_percent),
        "lines": [
            {
                "number": line.number,
                "description": line.description,
                "extra": line.extra,
                "cost_code": line.cost_code,
                "category": line.category,
                "quantity": _text(line.quantity),
                "unit": line.unit,
                "unit_cost": _text(line.unit_cost),
                "amount": str(line.amount),
            }
            for line in snapshot.lines
        ],
    }
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str, *, sage_id: str | None = None) -> CommitmentSnapshot:
    """The snapshot that ``to_text`` wrote; ``sage_id`` puts the decided ID in the place of the proposed one."""
    body: dict[str, Any] = json.loads(text)
    return CommitmentSnapshot(
        sage_id=body["sage_id"] if sage_id is None else sage_id,
        type=body["type"],
        title=body["title"],
        vendor=body["vendor"],
        job=body["job"],
        date=date.fromisoformat(body["date"]),
        retainage_percent=Decimal(body["retainage_percent"]),
        lines=tuple(
            LineSnapshot(
                number=line["number"],
                description=line["description"],
                extra=line["extra"],
                cost_code=line["cost_code"],
                category=line["category"],
                quantity=_decimal(line["quantity"]),
                unit=line["unit"],
                unit_cost=_decimal(line["unit_cost"]),
                amount=Decimal(line["amount"]),
            )
            for line in body["lines"]
        ),
    )


def sha256(text: str) -> str:
    """The hash of a snapshot's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
