"""What lists show of the audit trail: frozen rows, one for each field that an act changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from erpdesk.workflows.rows import HistoryRow


@dataclass(frozen=True)
class FieldChangeRow:
    """One field of one act: how it was, how it is since, and why. An act without fields has one row, empty there."""

    id: str
    at: datetime
    who: str
    act: str
    field: str = ""
    before: str = ""
    after: str = ""
    why: str = ""


def change_rows(history: Iterable[HistoryRow]) -> tuple[FieldChangeRow, ...]:
    """A record's history field by field, in the order of its entries."""
    return tuple(
        change
        for row in history
        for change in (row.changes or (FieldChangeRow(row.id, row.at, row.who, row.act, why=row.text),))
    )
