"""The views of ERP Integrations as the screen names them, and what is said when one is empty."""

from __future__ import annotations

from dataclasses import dataclass

from erpdesk.workflows.console_rows import ConsoleCounts, View
from erpdesk.workflows.rows import QueueCounts


@dataclass(frozen=True)
class ViewSpec:
    """One view: what is said when it is empty, and what to do there."""

    view: View
    empty_title: str
    empty_hint: str

    @property
    def key(self) -> str:
        """Its permanent key: ``ready_to_export``."""
        return self.view.name.lower()

    @property
    def title(self) -> str:
        """Its chip."""
        return self.view.value


VIEWS = (
    ViewSpec(
        View.READY_TO_IMPORT,
        "Nothing to import",
        "What was made new in Sage appears here, to be taken into erpdesk.",
    ),
    ViewSpec(
        View.READY_TO_EXPORT,
        "Nothing waits for a decision",
        "What the project side sends to ERP appears here, to be accepted or rejected.",
    ),
    ViewSpec(
        View.READY_TO_UPDATE,
        "Nothing to update",
        "Changes to items that are already in Sage appear here, to be accepted or rejected.",
    ),
    ViewSpec(
        View.FAILED_TO_EXPORT, "Nothing failed", "What Sage refuses appears here with Sage's reason, to be rejected."
    ),
    ViewSpec(View.SYNCED, "Nothing synced yet", "Items appear here after they were read back from Sage and agree."),
    ViewSpec(
        View.ARCHIVED,
        "Nothing is archived",
        "Finished items that somebody puts aside appear here. They keep their history and can be taken back.",
    ),
    ViewSpec(View.EXPORTING, "Nothing is under way", "Accepted items pass through here on their way to Sage."),
    ViewSpec(
        View.IN_DOUBT,
        "Nothing is in doubt",
        "If it is ever uncertain whether Sage took an item, it waits here. It is never sent a second time by itself.",
    ),
)
FIRST = View.READY_TO_EXPORT
"""The view with which a tool opens."""

_SPECS = {spec.view: spec for spec in VIEWS}
_KEYS = {spec.key: spec.view for spec in VIEWS}


def spec_of(view: View) -> ViewSpec:
    """What the screen says of a view."""
    return _SPECS[view]


def view_of(key: str) -> View:
    """The view with this key; raises KeyError for an unknown one."""
    return _KEYS[key]


def totals(counts: ConsoleCounts) -> QueueCounts:
    """What all kinds have together, for the tab and the status bar."""
    ready = (View.READY_TO_IMPORT, View.READY_TO_EXPORT, View.READY_TO_UPDATE)
    return QueueCounts(
        ready=sum(counts.total(view) for view in ready),
        exporting=counts.total(View.EXPORTING),
        failed=counts.total(View.FAILED_TO_EXPORT),
        in_doubt=counts.total(View.IN_DOUBT),
        synced=counts.total(View.SYNCED),
    )


def waiting(counts: QueueCounts) -> int:
    """How many items wait for an approver: to decide on, or to look into."""
    return counts.ready + counts.failed + counts.in_doubt
