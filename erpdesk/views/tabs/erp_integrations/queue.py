"""The list of one kind in ERP Integrations: its views as chips, and the items of the chosen view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from erpdesk.core.clock import CLOCK, ago
from erpdesk.views.erp_words import erp_pill
from erpdesk.views.kit.card import Card
from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.views.session import LayoutStore
from erpdesk.views.tabs.erp_integrations.kinds import FIRST, spec_of, view_of
from erpdesk.workflows.console_rows import ConsoleCounts, KindRow, View
from erpdesk.workflows.rows import QueueRow


def waits(at: datetime) -> str:
    """How long ago it was sent: ``2 d``."""
    return ago(at, CLOCK.now()).removesuffix(" ago")


COLUMNS: tuple[Column, ...] = (
    Column("number", "Number", width=114, bold=True, group="Item", value=lambda row: row.number),
    Column("title", "Title", width=100, group="Item", value=lambda row: row.title),
    Column("amount", "Amount", kind="money", width=98, group="Item", value=lambda row: row.amount),
    Column("vendor", "Vendor", width=106, group="Item", value=lambda row: row.vendor_name or row.vendor),
    Column(
        "waits",
        "Sent",
        kind="date",
        width=72,
        tooltip="How long ago it was sent",
        text=waits,
        group="Who and when",
        value=lambda r: r.sent_at,
    ),
    Column("sent_by", "Sent by", width=130, show=False, group="Who and when", value=lambda row: row.sent_by),
    Column("job", "Job", width=84, show=False, group="Item", value=lambda row: row.job),
    Column("sage_id", "Sage ID", width=110, show=False, group="Sage", value=lambda row: row.sage_id),
    Column(
        "state",
        "State",
        kind="status",
        width=170,
        show=False,
        group="Sage",
        value=lambda row: erp_pill(row.state, row.state_text),
    ),
    Column("message", "Message", width=320, group="Sage", value=lambda row: row.message),
    Column("type", "Type", width=110, show=False, group="Item", value=lambda row: row.type),
    Column("vendor_id", "Vendor ID", width=100, show=False, group="Item", value=lambda row: row.vendor),
    Column("decided_by", "Decided by", width=130, show=False, group="Who and when", value=lambda row: row.decided_by),
)


class QueueList(Card):
    """The list of one kind with its chips; ``view_chosen`` carries another View."""

    view_chosen = Signal(object)

    def __init__(
        self, kind: KindRow, store: LayoutStore, heading: Callable[[], str] = str, parent: QWidget | None = None
    ) -> None:
        super().__init__(margins=False, parent=parent)
        self.kind = kind
        self.view = FIRST if FIRST in kind.views else kind.views[0]
        self.table = RecordTable(f"erp-{kind.key}s", COLUMNS, store=store, noun=kind.noun)
        chips = [ChipSpec(spec_of(view).key, view.value) for view in kind.views]
        self.filter = ListBar(
            self.table, chips, "Filter this list", store=store, title=f"ERP {kind.title}", heading=heading
        )
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.addWidget(self.filter)
        self.body.addLayout(top)
        self.add(self.table, 1)
        self.setMinimumWidth(330)
        self.filter.chip_changed.connect(lambda key: self.view_chosen.emit(view_of(key)))
        self.set_view(self.view)

    def set_view(self, view: View) -> None:
        """Marks a view as chosen and takes its words for an empty list."""
        spec = spec_of(view)
        self.view = view
        self.filter.set_chip(spec.key)
        self.table.set_empty(spec.empty_title, spec.empty_hint)

    def say_empty(self, closed: str) -> None:
        """Says where no item is why, and what to do; ``closed`` is why the person may not look at the kind."""
        spec = spec_of(self.view)
        title = f"You may not look at {self.kind.noun[1]}" if closed else spec.empty_title
        self.table.set_empty(title, closed or spec.empty_hint)

    def beside(self, by: int) -> View | None:
        """The view before or after the chosen one, or None at the end."""
        place = self.kind.views.index(self.view) + by
        return self.kind.views[place] if 0 <= place < len(self.kind.views) else None

    def set_counts(self, counts: ConsoleCounts) -> None:
        """Shows how many items stand in each view."""
        self.filter.set_counts({spec_of(view).key: counts.count(self.kind.key, view) for view in self.kind.views})

    def set_rows(self, rows: Sequence[QueueRow]) -> None:
        """Shows other items."""
        self.table.set_rows(rows)

    def go_to(self, item: str) -> None:
        """Selects an item; the keyboard goes on from there."""
        if self.table.current_id() != item or self.table.selected_ids() != (item,):
            self.table.set_current_id(item)

    def neighbour(self, item: str, by: int) -> str | None:
        """The item before or after this one in the order on screen, or None at the end."""
        ids = [row.id for row in self.table.shown_rows()]
        place = ids.index(item) + by if item in ids else -1
        return ids[place] if 0 <= place < len(ids) else None
