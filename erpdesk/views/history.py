"""The history of a record as a list: when, who, what."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.workflows.rows import HistoryRow

COLUMNS = (
    Column("at", "When", kind="date", width=120, value=lambda row: row.at, text=day_and_time),
    Column("who", "Who", width=140, value=lambda row: row.who),
    Column("act", "What", width=150, value=lambda row: row.act),
    Column("text", "Details", width=260, stretch=True, value=lambda row: row.text),
)


class HistoryView(QWidget):
    """Newest first; nothing in it can be changed."""

    def __init__(self, name: str = "history", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = RecordTable(
            name,
            COLUMNS,
            empty_title="No history yet",
            empty_hint="Every act on this record will be listed here, with who did it and when.",
            noun=("entry", "entries"),
            totals=False,
        )
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 8, 0, 0)
        down.addWidget(self.table)

    def set_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Shows other entries."""
        self.table.set_rows(sorted(rows, key=lambda row: row.at, reverse=True))
