"""Tells what became of items that were on their way into Sage when the list was read before."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from erpdesk.workflows.rows import ErpState, QueueRow

if TYPE_CHECKING:
    from erpdesk.workflows.desk import Desk

ENDS = ("synced", "failed", "in_doubt")
UNDER_WAY = "exporting"


def read_outcomes(desk: Desk, before: Collection[str]) -> tuple[frozenset[str], tuple[QueueRow, ...]]:
    """What is under way now, and the items of ``before`` that arrived somewhere; call it off the GUI thread."""
    now = frozenset(row.id for row in desk.queries.queue(UNDER_WAY, None))
    gone = set(before) - now
    if not gone:
        return now, ()
    return now, tuple(row for view in ENDS for row in desk.queries.queue(view, None) if row.id in gone)


def outcome_words(row: QueueRow) -> tuple[bool, str]:
    """Whether an item arrived well, and in words: ``SC-03-0041 is in Sage as approved.``"""
    name = row.sage_id or row.number
    if row.state is ErpState.SYNCED:
        return True, f"{name} is in Sage as approved."
    if row.state is ErpState.FAILED:
        return False, f"{name} did not go into Sage. {row.message}".strip()
    return False, f"It is not certain whether Sage has {name}. {row.message}".strip()
