"""The list of ERP Integrations: views as chips, and the items of the chosen view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from erpdesk.core.clock import CLOCK, ago
from erpdesk.views.columns_button import columns_button
from erpdesk.views.erp_words import erp_pill
from erpdesk.views.kit.card import Card
from erpdesk.views.kit.filter_bar import ChipSpec, FilterBar
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.views.session import LayoutStore
from erpdesk.views.tabs.erp_integrations.kinds import VIEWS, counts_by_view
from erpdesk.workflows.rows import QueueCounts, QueueRow


def _vendor(row: QueueRow) -> str:
    """The name alone: the Sage id stands on the review page."""
    return row.vendor.partition(" · ")[2] or row.vendor


def waits(at: datetime) -> str:
    """How long ago it was sent: ``2 d``."""
    return ago(at, CLOCK.now()).removesuffix(" ago")


COLUMNS: tuple[Column, ...] = (
    Column("number", "Number", width=112, bold=True, value=lambda row: row.number),
    Column("title", "Title", width=124, value=lambda row: row.title),
    Column("amount", "Amount", kind="money", width=98, value=lambda row: row.amount),
    Column("vendor", "Vendor", width=112, value=_vendor),
    Column(
        "waits",
        "Sent",
        kind="date",
        width=78,
        tooltip="How long ago it was sent",
        text=waits,
        value=lambda r: r.sent_at,
    ),
    Column("sent_by", "Sent by", width=130, show=False, value=lambda row: row.sent_by),
    Column("job", "Job", width=84, show=False, value=lambda row: row.job),
    Column("sage_id", "Sage ID", width=110, show=False, value=lambda row: row.sage_id),
    Column(
        "state", "State", kind="status", width=170, show=False, value=lambda row: erp_pill(row.state, row.state_text)
    ),
    Column("message", "Message", width=320, value=lambda row: row.message),
    Column("type", "Type", width=110, show=False, value=lambda row: row.type),
)


class QueueList(Card):
    """The list with its chips; ``view_chosen`` carries the key of another view."""

    view_chosen = Signal(str)

    def __init__(self, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(margins=False, parent=parent)
        self.filter = FilterBar([ChipSpec(view.key, view.title) for view in VIEWS], "Filter this list")
        self.table = RecordTable("erp-commitments", COLUMNS, store=store, noun=("item", "items"))
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.addWidget(self.filter)
        self.filter.add_widget(columns_button(self.table))
        self.body.addLayout(top)
        self.add(self.table, 1)
        self.setMinimumWidth(330)
        self.filter.text_changed.connect(self.table.set_filter)
        self.filter.chip_changed.connect(self.view_chosen)

    def set_view(self, key: str) -> None:
        """Marks a view as chosen and takes its words for an empty list."""
        view = next(view for view in VIEWS if view.key == key)
        self.filter.set_chip(key)
        self.table.set_empty(view.empty_title, view.empty_hint)

    def set_counts(self, counts: QueueCounts) -> None:
        """Shows how many items stand in each view."""
        self.filter.set_counts(counts_by_view(counts))

    def set_rows(self, rows: Sequence[QueueRow]) -> None:
        """Shows other items."""
        self.table.set_rows(rows)

    def neighbour(self, item: str, by: int) -> str | None:
        """The item before or after this one in the order on screen, or None at the end."""
        ids = [row.id for row in self.table.shown_rows()]
        place = ids.index(item) + by if item in ids else -1
        return ids[place] if 0 <= place < len(ids) else None
