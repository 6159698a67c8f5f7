"""What is said of one item: its vendor, where it stands, and what to look at in Sage."""

from __future__ import annotations

from erpdesk.core.money import show_amount
from erpdesk.views.banner import Banner
from erpdesk.views.erp_words import DRIFTED, LOOK_THERE
from erpdesk.workflows.rows import ErpState, QueueRow

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
