"""Where a commitment stands, in the sentences of the strip above its form."""

from __future__ import annotations

from erpdesk.views.erp_words import LOOK_THERE
from erpdesk.views.tabs.commitments.columns import differs, drifted
from erpdesk.workflows.rows import CommitmentDetail, ErpState

LOOK_ONLY = "You can read this and not change it."
NEW_NOTE = "New. Nothing is compulsory yet; press Ctrl+S to keep it as a draft."

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
    return ("lock", (LOOK_ONLY, no_right)) if no_right else ("info", ("",))
