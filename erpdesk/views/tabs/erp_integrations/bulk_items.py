"""The items of a bulk accept as a table: what each is, for how much, under which Sage ID, and what is odd about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.workflows.console_rows import BulkPreview
from erpdesk.workflows.rows import Level, QueueRow

if TYPE_CHECKING:
    from erpdesk.workflows.erp_console import Console

Warned = Mapping[str, tuple[str, ...]]
"""What is odd about items, in sentences, by the id of the submission."""
MOST_ROWS = 8


@dataclass(frozen=True)
class BulkItem:
    """One item that would be accepted."""

    id: str
    number: str
    vendor: str
    amount: Decimal
    sage_id: str
    warnings: tuple[str, ...]


def _warning(item: BulkItem) -> Pill:
    return Pill("; ".join(item.warnings), "yellow", "warning") if item.warnings else Pill("None", "grey", "")


COLUMNS: tuple[Column, ...] = (
    Column("number", "Number", width=114, bold=True, value=lambda item: item.number),
    Column("vendor", "Vendor", width=150, value=lambda item: item.vendor),
    Column("amount", "Amount", kind="money", width=104, value=lambda item: item.amount),
    Column("sage_id", "Sage ID", width=110, value=lambda item: item.sage_id),
    Column("warnings", "Warnings", kind="status", width=250, stretch=True, value=_warning),
)


def warnings_of(console: Console, actor: str, preview: BulkPreview) -> Warned:
    """What the checks warn of, item by item; old data are asked about once for all. Call it off the GUI thread."""
    found: dict[str, tuple[str, ...]] = {}
    for pick in preview.picks:
        try:
            review = console.review(pick.submission_id, pick.sage_id, actor)
        except ForPeople:
            # It went meanwhile; the accept itself says so.
            continue
        found[pick.submission_id] = tuple(
            check.text for check in review.checks if check.level is Level.WARNING and check.text != review.needs_reason
        )
    return found


def items_table(preview: BulkPreview, rows: Sequence[QueueRow], warned: Warned) -> RecordTable:
    """A scrolling table of what would be accepted, in the order of the list, with the total below."""
    picked = {pick.submission_id: pick.sage_id for pick in preview.picks}
    items = [
        BulkItem(row.id, row.number, row.vendor_name or row.vendor, row.amount, picked[row.id], warned.get(row.id, ()))
        for row in rows
        if row.id in picked
    ]
    table = RecordTable("erp-bulk-items", COLUMNS, noun=("item", "items"))
    table.setAccessibleName("What will be accepted")
    table.set_rows(items)
    shown = max(2, min(len(items), MOST_ROWS))
    height = table.horizontalHeader().sizeHint().height() + shown * table.verticalHeader().defaultSectionSize()
    table.setFixedHeight(height + table.footer.wanted_height() + table.horizontalScrollBar().sizeHint().height() + 4)
    return table
