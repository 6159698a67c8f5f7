"""A commitment on paper: its header above the lines, the total and the retainage below, and what vouches for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from erpdesk.core.money import cents, show_amount, show_quantity
from erpdesk.views.kit.columns import Column, show_date
from erpdesk.views.kit.list_sheet import Sheet, Taken
from erpdesk.views.tabs.commitments.lines import UNIT, show_unit_cost
from erpdesk.workflows.rows import CommitmentDetail
from erpdesk.workflows.trail_rows import head_words

Head = tuple[int, str]
"""Number and hash of the newest entry of the audit trail."""
_FIRST = (
    Column("position", "Line", kind="number", value=lambda row: row.position),
    Column("extra", "Extra", value=lambda row: row.extra),
    Column("cost_code", "Cost code", value=lambda row: row.cost_code),
    Column("category", "Category", value=lambda row: row.category),
    Column("description", "Description", value=lambda row: row.description),
)
_UNITS = (
    Column("quantity", "Quantity", kind="quantity", value=lambda row: row.quantity),
    Column("unit", "Unit", value=lambda row: row.unit),
    Column("unit_cost", "Unit cost", kind="quantity", value=lambda row: row.unit_cost, text=show_unit_cost),
)
_AMOUNT = Column("amount", "Amount", kind="money", value=lambda row: row.amount)


@dataclass(frozen=True)
class CommitmentSheet(Sheet):
    """The sheet of one commitment."""

    above: tuple[str, ...] = ()
    retainage: str = ""

    def lines_above(self) -> list[str]:
        """The header of the commitment."""
        return [line for line in (*self.above, self.printed_words()) if line]

    def totals(self, taken: Taken) -> tuple[str, dict[str, Decimal]]:
        """The total of the lines, and the retainage in it."""
        words, sums = super().totals(taken)
        return f"{words} · {self.retainage}", sums


def commitment_sheet(detail: CommitmentDetail, project: str, printed: datetime, head: Head) -> CommitmentSheet:
    """The commitment as it is saved; ``project`` names its project, ``head`` is the newest entry of the audit trail."""
    row, lines = detail.row, detail.lines
    extra = any(line.extra for line in lines)
    columns = (*(each for each in _FIRST if each.key != "extra" or extra), *(_UNITS if detail.method == UNIT else ()))
    columns = (*columns, _AMOUNT)
    held = cents(row.amount * row.retainage_percent / 100)
    day = show_date(row.date) if row.date else "no date"
    above = (
        f"{row.type} · {project}" + (f" · Job {row.job}" if row.job else ""),
        f"Vendor: {row.vendor or 'none chosen'} · Date: {day}",
        f"Status: {row.status} · ERP: {row.erp_text or row.erp_state.value}"
        + (f" · Sage ID {row.sage_id}" if row.sage_id else ""),
        detail.description,
    )
    return CommitmentSheet(
        title=" ".join(part for part in (row.number, row.title) if part) or "Commitment",
        heading="",
        narrowed=(),
        sorted_by="",
        printed=printed,
        columns=columns,
        widths=tuple(column.first_width for column in columns),
        locked=0,
        noun=("line", "lines"),
        take=lambda: Taken(lines, len(lines), len(lines), {"amount": row.amount}, head_words(*head)),
        above=above,
        retainage=f"Retainage {show_quantity(row.retainage_percent)} %: {show_amount(held)}",
    )
