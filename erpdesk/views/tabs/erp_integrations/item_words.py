"""What is said of one item: its vendor, where it stands, and what to look at in Sage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erpdesk.views.banner import Banner
from erpdesk.views.erp_words import DRIFTED, LOOK_THERE
from erpdesk.workflows.doubt_rows import DoubtPage
from erpdesk.workflows.review import STATE_TEXT
from erpdesk.workflows.rows import CommitmentDetail, ErpState, PersonRow, QueueRow, Review

if TYPE_CHECKING:
    from erpdesk.workflows.desk import Desk

NOTHING = "–"
NEEDS_PERSON = (ErpState.IN_DOUBT, ErpState.FAILED, ErpState.CLOSED)
TWICE = "Twice in Sage"


def vendor_words(row: QueueRow) -> str:
    """The vendor with its Sage ID: ``HOLLIS · Hollis Steel``."""
    return " · ".join(dict.fromkeys(part for part in (row.vendor, row.vendor_name) if part)) or NOTHING


def say_where_it_stands(banner: Banner, row: QueueRow) -> None:
    """What became of an item, and what to do next; nothing while it waits for a decision."""
    if row.state is ErpState.FAILED:
        again = " Where nothing of it left and the cause is mended, Try again sends it as it is." * (
            row.state_text == STATE_TEXT[ErpState.FAILED]
        )
        banner.show_words("error", row.message, f"Reject it, so that it can be corrected and sent again.{again}")
    elif row.state is ErpState.IN_DOUBT:
        banner.show_words("error" if row.state_text == TWICE else "warning", row.message)
    elif row.state is ErpState.CLOSED or row.state is ErpState.EXPORTING:
        banner.show_words("info", row.message)
    elif row.state is ErpState.SYNCED and row.state_text in DRIFTED:
        banner.show_words("warning", f"{row.state_text}.", row.message, LOOK_THERE)
    elif row.state is ErpState.SYNCED and row.message:
        banner.show_words("success", f"{row.state_text}.", row.message)
    else:
        banner.clear()


def why_closed(review: Review, person: PersonRow | None) -> str:
    """Why the acting person can not accept the item, whatever its ID; '' when they can."""
    barred = person is not None and (not person.can_push or review.row.sent_by == person.name)
    reasons = (reason for offer in review.offers for reason in offer.reasons)
    return next(reasons, "") if barred else ""


Read = tuple[Review, CommitmentDetail | None, DoubtPage | None]
"""The page of an item, what Sage holds of it when it is synced, and what a person has to do when it is not."""


def read_review(desk: Desk, item: str, sage_id: str | None, actor: str) -> Read:
    """Reads an item for its page. Call it off the GUI thread."""
    review = desk.console.review(item, sage_id, actor)
    held = review.row.state is ErpState.SYNCED and review.row.kind == "commitment"
    doubt = desk.doubts.of(item, actor) if review.row.state in NEEDS_PERSON else None
    return review, desk.queries.commitment(review.item_id, actor) if held else None, doubt
