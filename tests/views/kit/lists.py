"""A list of commitments as the tests of the kit show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.record_table import Column, RecordTable

D = Decimal


@dataclass(frozen=True)
class Paper:
    """One row."""

    id: str
    title: str
    amount: Decimal | None = None
    sent: date | None = None
    state: Pill | None = None
    count: int = 0


COLUMNS = (
    Column("number", "Number", value=lambda row: row.id, width=110, bold=True),
    Column("title", "Title", value=lambda row: row.title, tooltip="What it is for"),
    Column("amount", "Amount", kind="money", value=lambda row: row.amount),
    Column("sent", "Sent", kind="date", value=lambda row: row.sent),
    Column("state", "Status", kind="status", value=lambda row: row.state),
    Column("count", "Lines", kind="number", value=lambda row: row.count, show=False),
)

STEEL = Paper("SC-1", "Structural steel", D("248500.00"), date(2026, 11, 21), Pill("Sent", "blue"), 3)
WALL = Paper("SC-2", "Curtain wall", D("96400.00"), date(2026, 11, 20), Pill("In Sage", "green", "check"), 1)
CREDIT = Paper("PO-1", "Switchgear credit", D("-41980.50"), None, None, 2)
DOORS = Paper("PO-2", "Door hardware", None, date(2025, 1, 2), Pill("Sent", "blue"), 9)
PAPERS = (STEEL, WALL, CREDIT, DOORS)


def ids(table: RecordTable) -> list[str]:
    """The ids on screen, from top to bottom."""
    return [row.id for row in table.shown_rows()]


def shown(qtbot: QtBot, widget: QWidget, width: int = 800, height: int = 320) -> QWidget:
    """Puts a part on screen in a window that has the keyboard."""
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


def middle(table: RecordTable, row: int, column: int) -> QPoint:
    """The middle of a cell, where a person would click."""
    return table.visualRect(table.model().index(row, column)).center()
