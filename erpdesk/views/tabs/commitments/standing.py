"""Where a commitment stands, in the sentences of the strip above its form."""

from __future__ import annotations

from erpdesk.views.erp_words import LOOK_THERE
from erpdesk.views.tabs.commitments.columns import differs, drifted
from erpdesk.workflows.rows import CommitmentDetail, ErpState

LOOK_ONLY = "You can read this and not change it."
NEW_NOTE = "New. Nothing is compulsory yet; press Ctrl+S to keep it as a draft."
NOT_SENDABLE = "It can not be sent yet."
BACK = "Set it to Draft to correct it."

Said = tuple[str, tuple[str, ...]]
"""The look of the strip and its sentences; none = no strip."""


def where_it_stands(detail: CommitmentDetail | None, no_right: str) -> Said:
    """What to say of a saved commitment, or of a new one (None); ``no_right`` is why the person may not edit."""
    if detail is None:
        return ("lock", (LOOK_ONLY, no_right)) if no_right else ("info", (NEW_NOTE,))
    row, message, locked = detail.row, detail.message, detail.locked
    state, other_id = row.erp_state, row.sage_id if differs(row) else ""
    if state is ErpState.FAILED:
        return "error", (message, locked)
    if state is ErpState.IN_DOUBT:
        return "warning", (message, locked)
    if state is ErpState.REJECTED:
        said = f"Accounting rejected it: “{message}”" if message else "Accounting rejected it without a comment."
        return "warning", (said, no_right or "Correct it, then press Re-send to ERP.")
    if drifted(row):
        return "warning", (f"{row.erp_text}.", message, LOOK_THERE)
    if state is ErpState.SYNCED:
        return "success", (f"In Sage as {other_id}." if other_id else "", locked)
    if state is ErpState.EXPORTING:
        return "lock", (f"Goes to Sage as {other_id}." if other_id else "", locked, message)
    if locked:
        return "lock", (locked,)
    if no_right:
        return "lock", (LOOK_ONLY, no_right)
    if stops := _stops_sending(detail):
        return "warning", (NOT_SENDABLE, *stops, BACK)
    return "info", ("",)


def _stops_sending(detail: CommitmentDetail) -> tuple[str, ...]:
    """Why a commitment whose status lets it go to accounting can not go; () when it can, or is still being written."""
    if not detail.lines_locked:
        return ()
    return next((offer.reasons for offer in detail.offers if offer.verb == "send" and not offer.allowed), ())
