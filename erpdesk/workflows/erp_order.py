"""In which order kinds stand on screen, in which order their items go to Sage, and what an item waits for."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from erpdesk.workflows.erp_item import Kind, state_of
from erpdesk.workflows.erp_kind import SUB_TABS, TO_SAGE
from erpdesk.workflows.rows import ErpState

ON_ITS_WAY = (ErpState.EXPORTING, ErpState.SYNCED, ErpState.CLOSED)
"""States of an item that another one may follow: it is in Sage, or goes there first."""


def place_on_screen(kind: Kind) -> int:
    """Where the kind's sub-tab stands; raises ValueError for a title that is not in the list of sub-tabs."""
    return SUB_TABS.index(kind.title)


def place_to_sage(kind: Kind) -> int:
    """When the kind's items go to Sage, counted from the first."""
    return TO_SAGE.index(kind.title)


def waits_for(session: Session, kind: Kind, item: Any, going: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """A sentence for each item that has to go to Sage before this one and does not yet; empty when none is left.

    ``going`` are ids of items that go ahead of it in the same bulk act.
    """
    sentences: list[str] = []
    for need in kind.needs(session, item):
        state = state_of(session, need.kind, need.item_id)
        if state not in ON_ITS_WAY and not (state is ErpState.SENT and need.item_id in going):
            sentences.append(f"It waits for {need.label}, {_WHERE[state]}. {_NEXT[state]}")
    return tuple(sentences)


_WHERE: dict[ErpState, str] = {
    ErpState.NOT_SENT: "which was not sent to accounting yet",
    ErpState.SENT: "which waits for a decision",
    ErpState.RETRIEVED: "which the project side took back",
    ErpState.REJECTED: "which accounting rejected",
    ErpState.FAILED: "which failed to export",
    ErpState.IN_DOUBT: "of which it is not certain whether Sage has it",
}
_NEXT: dict[ErpState, str] = {
    ErpState.NOT_SENT: "Have that sent and accepted first.",
    ErpState.SENT: "Accept that first.",
    ErpState.RETRIEVED: "Have that sent again and accepted first.",
    ErpState.REJECTED: "Have that corrected, sent again and accepted first.",
    ErpState.FAILED: "Reject that, have it corrected and sent again, then accept it first.",
    ErpState.IN_DOUBT: "Settle that first.",
}
