"""What was typed into a commitment as text to keep, and back again, exact to the last decimal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from erpdesk.views.tabs.commitments.lines import draft_of
from erpdesk.workflows.rows import CommitmentDetail, CommitmentDraft, LineDraft

FORM = "commitment"


@dataclass(frozen=True)
class Typed:
    """What was typed (``mine``), and the saved commitment that it was typed over (``base``; None for a new one)."""

    mine: CommitmentDraft
    base: CommitmentDraft | None

    @property
    def name(self) -> str:
        """What to call it: the number it was saved under, else what it is."""
        if self.base is not None:
            return self.base.number or self.base.title or "a commitment without a number"
        words = " ".join(part for part in (self.mine.number, self.mine.title) if part)
        return f"a new {self.mine.type.lower()}" + (f" ({words})" if words else "")


def draft_of_detail(detail: CommitmentDetail) -> CommitmentDraft:
    """A saved commitment as if it had been typed."""
    row = detail.row
    return CommitmentDraft(
        type=row.type,
        project_id=detail.project_id,
        number=row.number,
        title=row.title,
        company_id=detail.company_id,
        description=detail.description,
        date=row.date,
        retainage_percent=row.retainage_percent,
        method=detail.method,
        lines=tuple(map(draft_of, detail.lines)),
        id=row.id,
        version=detail.version,
    )


def same(one: CommitmentDraft, other: CommitmentDraft) -> bool:
    """Whether two drafts hold the same, whatever version they are of."""
    return replace(one, version=0) == replace(other, version=0)


def to_body(typed: Typed) -> dict[str, Any]:
    """As JSON; decimals are text."""
    return {"mine": _draft_out(typed.mine), "base": _draft_out(typed.base) if typed.base else None}


def from_body(body: Mapping[str, Any]) -> Typed:
    """What ``to_body`` made; raises KeyError or ValueError for anything else."""
    return Typed(_draft_in(body["mine"]), _draft_in(body["base"]) if body["base"] else None)


def _draft_out(draft: CommitmentDraft) -> dict[str, Any]:
    texts = {name: getattr(draft, name) for name in _TEXTS}
    return {
        **texts,
        "version": draft.version,
        "date": draft.date.isoformat() if draft.date else None,
        "retainage_percent": str(draft.retainage_percent),
        "lines": [_line_out(line) for line in draft.lines],
    }


def _draft_in(body: Mapping[str, Any]) -> CommitmentDraft:
    return CommitmentDraft(
        **{name: str(body[name]) for name in _TEXTS},
        version=int(body["version"]),
        date=date.fromisoformat(body["date"]) if body["date"] else None,
        retainage_percent=Decimal(body["retainage_percent"]),
        lines=tuple(_line_in(line) for line in body["lines"]),
    )


def _line_out(line: LineDraft) -> dict[str, Any]:
    numbers = {name: None if (value := getattr(line, name)) is None else str(value) for name in _NUMBERS}
    return {**{name: getattr(line, name) for name in _LINE_TEXTS}, **numbers, "amount": str(line.amount)}


def _line_in(body: Mapping[str, Any]) -> LineDraft:
    numbers = [None if body[name] is None else Decimal(body[name]) for name in _NUMBERS]
    return LineDraft(
        extra=str(body["extra"]),
        cost_code=str(body["cost_code"]),
        category=str(body["category"]),
        description=str(body["description"]),
        quantity=numbers[0],
        unit=str(body["unit"]),
        unit_cost=numbers[1],
        amount=Decimal(body["amount"]),
        id=str(body["id"]),
    )


_TEXTS = ("type", "project_id", "number", "title", "company_id", "description", "method", "id")
_LINE_TEXTS = ("extra", "cost_code", "category", "description", "unit", "id")
_NUMBERS = ("quantity", "unit_cost")
