"""What the console of ERP Integrations shows: kinds, views, counts, the home page; frozen, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from erpdesk.workflows.rows import QueueRow


class View(StrEnum):
    """The views of a kind, in the order in which they stand on screen."""

    READY_TO_IMPORT = "Ready to import"
    READY_TO_EXPORT = "Ready to export"
    READY_TO_UPDATE = "Ready to update"
    FAILED_TO_EXPORT = "Failed to export"
    SYNCED = "Synced"
    ARCHIVED = "Archived"
    EXPORTING = "Exporting"
    IN_DOUBT = "In doubt"


FIRST_ROWS = 500
"""So many items of a view are read before all others, for a list to show something at once."""


@dataclass(frozen=True)
class KindRow:
    """A kind of item as a sub-tab: its key, its title, what one and many are called, and the views it has."""

    key: str
    title: str
    noun: tuple[str, str]
    views: tuple[View, ...]


@dataclass(frozen=True)
class ConsoleCounts:
    """How many items stand in each view of each kind; ``closed`` says why a person may not look at a kind at all."""

    of: Mapping[str, Mapping[View, int]] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)

    def count(self, kind: str, view: View) -> int:
        """How many items of one kind stand in one view."""
        return self.of.get(kind, {}).get(view, 0)

    def total(self, view: View) -> int:
        """How many items stand in one view, whatever their kind."""
        return sum(views.get(view, 0) for views in self.of.values())

    def waiting(self, kind: str) -> int:
        """How many items of a kind wait for an approver: to decide on, or to look into."""
        asks = (View.READY_TO_IMPORT, View.READY_TO_EXPORT, View.READY_TO_UPDATE, View.FAILED_TO_EXPORT, View.IN_DOUBT)
        return sum(self.count(kind, view) for view in asks)


@dataclass(frozen=True)
class Pick:
    """One item of a bulk accept: what the approver saw, under which Sage ID."""

    submission_id: str
    sage_id: str
    sha256: str


@dataclass(frozen=True)
class BulkPreview:
    """What one confirmation says before a bulk act: how many, their total, and each that can not be done.

    ``needs_reason`` says why one reason for all is asked ('' = none is).
    """

    picks: tuple[Pick, ...]
    total: Decimal
    cannot: tuple[tuple[QueueRow, tuple[str, ...]], ...]
    order: tuple[str, ...]
    """The ids in the order in which they go to Sage."""
    needs_reason: str = ""


@dataclass(frozen=True)
class FieldChange:
    """One difference from the version that was sent last: the field, how it was, how it is."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class MapNode:
    """One step of the live map: its words, who takes it and in which tool, and how far it is.

    ``state`` is done, current, later or failed; at most one is current: who must act next.
    ``optional`` steps are drawn dashed, Sage's own (``who`` is Sage) stand apart. ``by`` took it, ``at`` that time.
    """

    title: str
    state: str
    who: str
    where: str
    optional: bool = False
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True)
class WaitingRow:
    """An item that waits for the acting person: the oldest first."""

    id: str
    kind: str
    kind_title: str
    item_id: str
    number: str
    title: str
    amount: Decimal
    why: str
    """What is asked: decide, correct, look into."""
    view: View | None
    since: datetime
    by: str
    project: str


@dataclass(frozen=True)
class TableAge:
    """How old the mirror of one Sage table is; ``stale`` when older than the limit."""

    title: str
    read_began: datetime | None
    rows: int
    problem: str
    stale: bool


@dataclass(frozen=True)
class HomePage:
    """What a person sees first: what waits for them, what went wrong, how fresh Sage's data is, today's exports.

    ``more`` items wait besides those listed.
    """

    waiting: tuple[WaitingRow, ...]
    failed: int
    in_doubt: int
    exporting: int
    exported_today: int
    exported_today_amount: Decimal
    tables: tuple[TableAge, ...]
    more: int = 0
