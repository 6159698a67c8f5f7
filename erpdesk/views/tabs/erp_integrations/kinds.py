"""The kinds of items in ERP Integrations and the views of each; a kind stands here when its workflow exists."""

from __future__ import annotations

from dataclasses import dataclass

from erpdesk.workflows.rows import QueueCounts


@dataclass(frozen=True)
class KindSpec:
    """One kind of item: its key, its name at the left, what one and many are called."""

    key: str
    title: str
    noun: tuple[str, str]


@dataclass(frozen=True)
class ViewSpec:
    """One view of a kind: its key for the desk, its chip, and what is said when it is empty."""

    key: str
    title: str
    empty_title: str
    empty_hint: str


KINDS = (KindSpec("commitment", "Commitments", ("item", "items")),)
VIEWS = (
    ViewSpec(
        "ready",
        "Ready to export",
        "Nothing waits for a decision",
        "What the project side sends to ERP appears here, to be accepted or rejected.",
    ),
    ViewSpec("failed", "Failed to export", "Nothing failed", "What Sage refuses appears here with Sage's reason."),
    ViewSpec(
        "in_doubt",
        "In doubt",
        "Nothing is in doubt",
        "If it is ever uncertain whether Sage took an item, it waits here. It is never sent a second time by itself.",
    ),
    ViewSpec(
        "exporting", "Exporting", "Nothing is under way", "Accepted items pass through here on their way to Sage."
    ),
    ViewSpec(
        "synced", "Synced", "Nothing synced yet", "Items appear here after they were read back from Sage and agree."
    ),
)


def counts_by_view(counts: QueueCounts) -> dict[str, int]:
    """How many items stand in each view, by its key."""
    return {view.key: int(getattr(counts, view.key)) for view in VIEWS}


def waiting(counts: QueueCounts) -> int:
    """How many items wait for an approver: to decide on, or to look into."""
    return counts.ready + counts.failed + counts.in_doubt
