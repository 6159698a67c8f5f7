"""The accountants’ report: who may push to accounting, for which kinds, since when, given and confirmed by whom."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Card, Muted
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.views.session import LayoutStore
from erpdesk.workflows.people_rows import ApproverRow
from erpdesk.workflows.rights import PUSH

DECIDES = Pill("Decides", "green", "check")
RESTS = Pill("Rests", "grey", "")
COLUMNS = (
    Column("name", "Name", width=130, bold=True, value=lambda row: row.name),
    Column("state", "State", kind="status", width=105, value=lambda row: DECIDES if row.decides else RESTS),
    Column("exports", "May export", width=110, value=lambda row: row.exports),
    Column("imports", "May import", width=110, value=lambda row: row.imports),
    Column("projects", "Projects", width=80, value=lambda row: row.projects),
    Column(
        *("since", "Since", "date"),
        width=125,
        value=lambda row: row.since,
        text=lambda at: f"{at.astimezone():%m/%d/%Y %H:%M}" if at else "–",
    ),
    Column("given_by", "Given by", width=110, value=lambda row: row.given_by or "–"),
    Column("confirmed_by", "Confirmed by", width=150, value=lambda row: row.confirmed_by or "–"),
    Column("reason", "Reason", width=200, stretch=True, value=lambda row: row.reason),
    Column("title", "Title", width=150, show=False, value=lambda row: row.title),
)
EXPLAIN = (
    f"Everybody who holds “{PUSH}” now. It rests while the person is below Standard in ERP Integrations. "
    "Requests that were refused or withdrawn stand under Requests; every step stands in the audit trail."
)


class ApproversPage(QWidget):
    """Lists the approvers, or says why the reader may not see them."""

    def __init__(self, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = RecordTable(
            "approvers",
            COLUMNS,
            store=store,
            noun=("approver", "approvers"),
            empty_title="No approver",
            empty_hint="An Admin of Directory asks for a person on their page, under Rights.",
            totals=False,
        )
        self.filter = ListBar(self.table, (), "Filter approvers", store=store, title="Accounting approvers")
        self.banner = Banner()
        card = Card(margins=False)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(8)
        top.addWidget(Muted(EXPLAIN))
        top.addWidget(self.banner)
        top.addWidget(self.filter)
        card.body.addLayout(top)
        card.add(self.table, 1)
        around = QVBoxLayout(self)
        around.setContentsMargins(10, 10, 10, 10)
        around.addWidget(card)
        self.setFocusProxy(self.table)

    def show_approvers(self, rows: Sequence[ApproverRow], no_right: tuple[str, ...]) -> None:
        """Shows who holds the privilege; ``no_right`` is why the reader may not see it."""
        self.banner.show_words("lock", *no_right)
        self.table.set_rows(rows)
