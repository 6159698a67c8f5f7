"""The columns of Home: what waits for the person, and how fresh each table of Sage is."""

from __future__ import annotations

from datetime import datetime

from erpdesk.core.clock import CLOCK, ago
from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.record_table import Column
from erpdesk.workflows.console_rows import TableAge, View, WaitingRow

ASKS: dict[View | None, tuple[str, str]] = {
    View.READY_TO_IMPORT: ("blue", "retrieve"),
    View.READY_TO_EXPORT: ("blue", "accept"),
    View.READY_TO_UPDATE: ("blue", "refresh"),
    View.FAILED_TO_EXPORT: ("red", "error"),
    View.IN_DOUBT: ("yellow", "warning"),
    None: ("yellow", "edit"),
}
"""Tone and icon of what is asked; None is what the project side has to correct."""


def since(at: datetime) -> str:
    """How long it waits: ``2 d``."""
    return ago(at, CLOCK.now()).removesuffix(" ago")


def _ask(row: WaitingRow) -> Pill:
    tone, icon = ASKS.get(row.view, ("grey", "dot"))
    return Pill(row.why, tone, icon)


def _state(row: TableAge) -> Pill:
    if row.problem:
        return Pill("Problem", "red", "error")
    if row.read_began is None:
        return Pill("Not read yet", "yellow", "warning")
    return Pill("Old", "yellow", "warning") if row.stale else Pill("Fresh", "green", "check")


def _read(at: datetime) -> str:
    return ago(at, CLOCK.now())


WAITING: tuple[Column, ...] = (
    Column("since", "Waits", kind="date", width=64, tooltip="How long it waits", text=since, value=lambda r: r.since),
    Column("number", "Number", width=108, bold=True, value=lambda row: row.number),
    Column("title", "Title", width=140, stretch=True, value=lambda row: row.title),
    Column("amount", "Amount", kind="money", width=104, value=lambda row: row.amount),
    Column("why", "What is asked", kind="status", width=190, value=_ask),
    Column("kind", "Kind", width=108, whole=True, value=lambda row: row.kind_title),
    Column("project", "Project", width=84, whole=True, value=lambda row: row.project),
    Column("by", "From", width=116, whole=True, value=lambda row: row.by),
)

TABLES: tuple[Column, ...] = (
    Column("title", "Table", width=140, stretch=True, whole=True, value=lambda row: row.title),
    Column("read", "Read", kind="date", width=88, text=_read, value=lambda row: row.read_began),
    Column("rows", "Rows", kind="number", width=72, value=lambda row: row.rows),
    Column("state", "State", kind="status", width=104, value=_state),
    Column("problem", "Problem", width=220, show=False, value=lambda row: row.problem),
)
