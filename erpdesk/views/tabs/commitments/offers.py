"""What the page of a commitment allows now, with a reason for each act that is not possible."""

from __future__ import annotations

from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.tabs.commitments.actions import OF_DETAIL, OF_LINES
from erpdesk.views.tabs.commitments.page import CommitmentPage
from erpdesk.workflows.rows import CommitmentDetail, ErpState

SAVE_FIRST = ("Save or revert your changes first.",)
WORKING = ("This is being done just now.",)
NONE_OPEN = ("Open a commitment first.",)
UNSAVED_NEW = ("Save it first, then set its status to Approved.",)


def show_offers(registry: ActionRegistry, page: CommitmentPage, *, is_open: bool, running: bool) -> None:
    """Allows and forbids what the page offers."""
    detail = page.detail if is_open else None
    offers = {offer.verb: offer for offer in detail.offers} if detail else {}
    for verb in OF_DETAIL:
        allowed = False
        reasons: tuple[str, ...] = NONE_OPEN
        if running:
            reasons = WORKING
        elif is_open and page.no_right and (detail is None or page.dirty):
            reasons = (page.no_right,)
        elif is_open and detail is None:
            reasons = UNSAVED_NEW
        elif page.dirty and is_open:
            reasons = SAVE_FIRST
        elif verb in offers:
            allowed, reasons = offers[verb].allowed, offers[verb].reasons
        registry.set_offer(f"commitment.{verb}", allowed, reasons)
    page.status.block(_why_no_status(page, is_open, running))
    can_save = is_open and (page.dirty or detail is None) and not running and not page.held
    why = WORKING if running else NONE_OPEN if not is_open else (page.held or _why_nothing_to_save(page),)
    registry.set_offer("commitment.save", can_save and not page.no_right, why)
    registry.set_offer("commitment.revert", can_save and page.dirty, why)
    for verb in ("duplicate", "print", "save_next", "next", "previous"):
        reasons = NONE_OPEN if not is_open else ()
        if verb in ("duplicate", "print") and is_open and detail is None:
            reasons = ("Save it first.",)
        if verb == "duplicate" and page.no_right:
            reasons = (page.no_right,)
        registry.set_offer(f"commitment.{verb}", not reasons, reasons)
    closed = "" if is_open else NONE_OPEN[0]
    closed = closed or page.no_right or page.held or (detail.lines_locked if detail else "")
    for key in OF_LINES:
        registry.set_offer(key, not closed, (closed,))
    _show_buttons(page, detail, is_open=is_open)


def _why_no_status(page: CommitmentPage, is_open: bool, running: bool) -> str:
    if running:
        return WORKING[0]
    if is_open and page.no_right:
        return page.no_right
    if page.dirty:
        return SAVE_FIRST[0]
    return "" if page.detail else "Save it first; it begins as a draft."


def _why_nothing_to_save(page: CommitmentPage) -> str:
    detail = page.detail
    return (detail.locked if detail else "") or page.no_right or "Nothing has changed since it was saved."


def _show_buttons(page: CommitmentPage, detail: CommitmentDetail | None, *, is_open: bool) -> None:
    state = detail.row.erp_state if detail else ErpState.NOT_SENT
    waits = state in (ErpState.SENT, ErpState.EXPORTING)
    leading = "retrieve" if waits else "resend" if state is ErpState.REJECTED else "send"
    past = state in (ErpState.SYNCED, ErpState.CLOSED, ErpState.FAILED, ErpState.IN_DOUBT)
    open_ = not (detail and detail.locked) and not page.no_right
    seen = {verb: verb == leading and not past for verb in ("send", "resend", "retrieve")}
    seen |= {"save": open_, "revert": open_ or (is_open and page.dirty)}
    # Left to Qt, the keyboard would go from a button that goes away to Delete.
    focus_lost = any(page.buttons[verb].hasFocus() for verb, shown in seen.items() if not shown)
    if focus_lost:
        page.focus_given_up.emit()
    for verb, shown in seen.items():
        set_shown(page.buttons[verb], shown)
