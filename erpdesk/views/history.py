"""The history of a record as a list: when, who, what, which field, how it was, how it is, why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.views.kit.table_layout import LayoutStore
from erpdesk.workflows.history_rows import change_rows
from erpdesk.workflows.rows import HistoryRow

COLUMNS = (
    Column("at", "When", kind="date", width=112, value=lambda row: row.at, text=day_and_time),
    Column("who", "Who", width=124, value=lambda row: row.who),
    Column("act", "What", width=150, value=lambda row: row.act),
    Column("field", "Field", width=138, value=lambda row: row.field),
    Column("before", "Before", width=126, value=lambda row: row.before),
    Column("after", "After", width=126, value=lambda row: row.after),
    Column("why", "Why", width=180, stretch=True, value=lambda row: row.why),
)


class HistoryView(QWidget):
    """Newest first, one row for each field that an act changed; nothing in it can be changed.

    ``heading`` tells what the history is of, for files and paper.
    """

    def __init__(
        self,
        name: str = "history",
        parent: QWidget | None = None,
        *,
        store: LayoutStore | None = None,
        heading: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(parent)
        self.table = RecordTable(
            name,
            COLUMNS,
            store=store,
            empty_title="No history yet",
            empty_hint="Every act on this record will be listed here, with who did it and when.",
            noun=("change", "changes"),
            totals=False,
        )
        self.bar = ListBar(self.table, placeholder="Filter the history", title="History", heading=heading)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 8, 0, 0)
        down.addWidget(self.bar)
        down.addWidget(self.table, 1)

    def set_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Shows other entries."""
        self.table.set_rows(change_rows(sorted(rows, key=lambda row: row.at, reverse=True)))
