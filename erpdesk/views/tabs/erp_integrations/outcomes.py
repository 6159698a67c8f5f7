"""Tells what became of items that were on their way into Sage when the list was read before."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import ErpState, QueueRow

if TYPE_CHECKING:
    from erpdesk.views.kit.messages import Messages
    from erpdesk.workflows.erp_console import Console

ENDS = (ErpState.SYNCED, ErpState.FAILED, ErpState.IN_DOUBT)


def read_outcomes(console: Console, actor: str, before: Collection[str]) -> tuple[frozenset[str], tuple[QueueRow, ...]]:
    """What is under way now, and the items of ``before`` that arrived somewhere, of those that the person may see.

    Call it off the GUI thread.
    """
    kinds = [kind.key for kind in console.kinds()]
    now = frozenset(row.id for kind in kinds for row in console.queue(kind, View.EXPORTING, None, actor))
    gone = set(before) - now
    if not gone:
        return now, ()
    return now, tuple(row for row in console.items(sorted(gone), actor) if not row.archived and row.state in ENDS)


def outcome_words(row: QueueRow) -> tuple[bool, str]:
    """Whether an item arrived well, and in words: ``SC-03-0041 is in Sage, equal to what was approved.``"""
    name = row.sage_id or row.number
    if row.state is ErpState.SYNCED:
        return True, f"{name} is in Sage, equal to what was approved."
    if row.state is ErpState.FAILED:
        return False, f"{name} did not go into Sage. {row.message}".strip()
    return False, f"It is not certain whether Sage has {name}. {row.message}".strip()


def tell_outcomes(messages: Messages, arrived: Collection[QueueRow]) -> None:
    """Tells of each item what became of it."""
    for row in arrived:
        well, words = outcome_words(row)
        (messages.success if well else messages.warning)(words, topic=row.id)
