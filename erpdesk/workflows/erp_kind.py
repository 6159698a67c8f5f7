"""What a kind of item tells the console about itself: how its rows are read, its own paper's road, Sage's steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause

from erpdesk.core.steps import StepTable
from erpdesk.workflows.console_rows import View

SUB_TABS = (
    "Jobs",
    "Sub Jobs",
    "Vendors",
    "Budgets",
    "Prime Contracts",
    "Commitments",
    "Commitment Change Orders",
    "PCCOs",
    "Subcontractor Invoices",
    "Job Costs",
)
"""The sub-tabs of ERP Integrations from left to right; a kind stands at the place of its title."""

TO_SAGE = (
    "Vendors",
    "Jobs",
    "Sub Jobs",
    "Budgets",
    "Prime Contracts",
    "Commitments",
    "Commitment Change Orders",
    "PCCOs",
    "Subcontractor Invoices",
    "Job Costs",
)
"""The order in which kinds go to Sage: what comes later may name what comes before."""

ITS_TOOL = "its own tool"
"""Where a step is taken that belongs to the kind's own tool; ``Kind.where`` says which that is."""


@dataclass(frozen=True)
class Listed:
    """Where the console finds what it shows of an item: a source with one row an item, and a column for each cell.

    ``table`` alone holds ``id``, ``project_id`` and ``status``, which is all that counting and choosing need.

    None of them reads a payload: an item is locked from send on, so its own rows say the same at less cost.
    """

    table: FromClause
    source: FromClause
    id: ColumnElement[Any]
    project_id: ColumnElement[Any]
    number: ColumnElement[Any]
    title: ColumnElement[Any]
    type: ColumnElement[Any]
    status: ColumnElement[Any]
    vendor: ColumnElement[Any]
    vendor_name: ColumnElement[Any]
    job: ColumnElement[Any]
    amount: ColumnElement[Any]


@dataclass(frozen=True)
class Document:
    """Where an item's own paper stands: its step table, its status, the road to a status that can be sent.

    ``road`` begins with the status of a new item; those in ``optional`` may be left out.
    """

    steps: StepTable[Any]
    status: str
    road: tuple[str, ...]
    sendable: frozenset[str]
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Need:
    """Another item that has to go to Sage first: its kind, its id, and what people call it."""

    kind: str
    item_id: str
    label: str


@dataclass(frozen=True)
class InSage:
    """A synced item: its Sage ID, the approved amount, and since when Sage holds it."""

    sage_id: str
    amount: Decimal
    since: datetime


@dataclass(frozen=True)
class SageStep:
    """Something that a person does inside Sage: its words and where. ``after`` = only when the item is in Sage."""

    title: str
    where: str
    after: bool = False


EXPORT_VIEWS = (
    View.READY_TO_EXPORT,
    View.FAILED_TO_EXPORT,
    View.SYNCED,
    View.ARCHIVED,
    View.EXPORTING,
    View.IN_DOUBT,
)
"""The views of a kind that only goes to Sage."""
