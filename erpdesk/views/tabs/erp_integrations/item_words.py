"""What is said of one item: its vendor, where it stands, and what to look at in Sage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erpdesk.core.money import show_amount
from erpdesk.views.banner import Banner
from erpdesk.views.erp_words import DRIFTED, LOOK_THERE
from erpdesk.workflows.rows import CommitmentDetail, ErpState, PersonRow, QueueRow, Review

if TYPE_CHECKING:
    from erpdesk.workflows.desk import Desk

NOTHING = "–"


def vendor_words(row: QueueRow) -> str:
    """The vendor with its Sage ID: ``HOLLIS · Hollis Steel``."""
    return " · ".join(dict.fromkeys(part for part in (row.vendor, row.vendor_name) if part)) or NOTHING


def look_in_sage(row: QueueRow) -> str:
    """What to look at inside Sage when it is not certain whether Sage has an item."""
    job = f" of job {row.job}" if row.job else ""
    vendor = f", vendor {row.vendor}" if row.vendor else ""
    return (
        f"Look in Sage whether {row.sage_id}{job}{vendor} is there, once, with {show_amount(row.amount)}. erpdesk "
        "looks at every read and settles it by itself; until then it is not sent a second time."
    )


def say_where_it_stands(banner: Banner, row: QueueRow) -> None:
    """What became of an item, and what to do next; nothing while it waits for a decision."""
    if row.state is ErpState.FAILED:
        banner.show_words("error", row.message, "Reject it, so that it can be corrected and sent again.")
    elif row.state is ErpState.IN_DOUBT:
        banner.show_words("warning", row.message, look_in_sage(row))
    elif row.state is ErpState.EXPORTING:
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


def read_review(desk: Desk, item: str, sage_id: str | None, actor: str) -> tuple[Review, CommitmentDetail | None]:
    """The page of an item, and what Sage holds of it when it is synced. Call it off the GUI thread."""
    review = desk.console.review(item, sage_id, actor)
    held = review.row.state is ErpState.SYNCED and review.row.kind == "commitment"
    return review, desk.queries.commitment(review.item_id, actor) if held else None
