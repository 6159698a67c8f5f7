"""Who may do what: every act of the program with what it needs, in words, to be searched and copied."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from erpdesk.models.people import Tool
from erpdesk.views.kit.card import Card, Muted
from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.views.session import LayoutStore
from erpdesk.workflows.rights import PUSH, TASKS, Task

COLUMNS = (
    Column("words", "Act", width=340, bold=True, value=lambda row: row.words),
    Column("needs", "Needs", width=460, stretch=True, value=lambda row: row.needs),
)
ALL, PRIVILEGE = "all", "push"
CHIPS = (
    ChipSpec(ALL, "All"),
    *(ChipSpec(tool.value, tool.value) for tool in Tool),
    ChipSpec(PRIVILEGE, PUSH),
)
EXPLAIN = (
    "Each act of erpdesk and what it needs; an act that is not listed is refused. “Or” parts the ways to a right: one "
    "of them is enough."
)


def asks_for(task: Task, key: str) -> bool:
    """Whether an act asks for a tool, or for the privilege."""
    return f"“{PUSH}”" in task.needs if key == PRIVILEGE else f" in {key}" in task.needs


class TasksPage(QWidget):
    """The permission table itself: the same rows by which every act is judged."""

    def __init__(self, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = RecordTable(
            "permissions",
            COLUMNS,
            row_id=lambda row: row.act,
            store=store,
            noun=("act", "acts"),
            empty_title="No act fits",
            empty_hint="Clear the filter to see all of them.",
            totals=False,
        )
        self.filter = ListBar(self.table, CHIPS, "Filter acts", store=store, title="Who may do what")
        self.whole = Muted()
        card = Card(margins=False)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(8)
        top.addWidget(Muted(EXPLAIN))
        top.addWidget(self.filter)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 4, 12, 10)
        foot.addWidget(self.whole)
        card.body.addLayout(top)
        card.add(self.table, 1)
        card.body.addLayout(foot)
        around = QVBoxLayout(self)
        around.setContentsMargins(10, 10, 10, 10)
        around.addWidget(card)
        self.setFocusProxy(self.table)
        self.filter.chip_changed.connect(self._on_chip)
        self.table.selection_changed.connect(self._on_selected)
        self.table.set_rows(TASKS)
        self.filter.set_counts(
            {ALL: len(TASKS), **{chip.key: sum(asks_for(each, chip.key) for each in TASKS) for chip in CHIPS[1:]}}
        )
        self._on_selected(())

    def _on_chip(self, key: str) -> None:
        self.table.set_where(None if key == ALL else lambda row: asks_for(row, key))

    def _on_selected(self, ids: tuple[Hashable, ...]) -> None:
        rows = self.table.selected_rows()
        self.whole.setText(
            f"{rows[0].words}: {rows[0].needs}." if len(rows) == 1 else "Choose an act to read all that it needs."
        )
