"""The list of ERP Integrations: views as chips, and the items of the chosen view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from erpdesk.core.clock import CLOCK, ago
from erpdesk.core.money import ZERO, show_amount
from erpdesk.views.columns_button import columns_button
from erpdesk.views.erp_words import erp_pill
from erpdesk.views.kit.card import Card
from erpdesk.views.kit.filter_bar import ChipSpec, FilterBar
from erpdesk.views.kit.record_delegate import PAD
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.views.session import LayoutStore
from erpdesk.views.tabs.erp_integrations.kinds import VIEWS, counts_by_view
from erpdesk.workflows.rows import QueueCounts, QueueRow

WHOLE = ("number", "amount", "waits")
MOST_MEASURED = 500


def _vendor(row: QueueRow) -> str:
    """The name alone: the Sage id stands on the review page."""
    return row.vendor.partition(" · ")[2] or row.vendor


def waits(at: datetime) -> str:
    """How long ago it was sent: ``2 d``."""
    return ago(at, CLOCK.now()).removesuffix(" ago")


COLUMNS: tuple[Column, ...] = (
    Column("number", "Number", width=114, bold=True, value=lambda row: row.number),
    Column("title", "Title", width=118, value=lambda row: row.title),
    Column("amount", "Amount", kind="money", width=98, value=lambda row: row.amount),
    Column("vendor", "Vendor", width=106, value=_vendor),
    Column(
        "waits",
        "Sent",
        kind="date",
        width=72,
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
        self._widths: dict[int, int] = {}
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
        self._widen()

    def changeEvent(self, event: QEvent) -> None:
        """Follows the text size of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            # The table below takes the new font only after this.
            QTimer.singleShot(0, self, self._widen)

    def _widen(self) -> None:
        """Numbers and amounts are never cut: their columns grow, and the list scrolls sideways."""
        font = QFont(self.table.font())
        font.setBold(True)
        metrics = QFontMetrics(font)
        rows = self.table.all_rows()[:MOST_MEASURED]
        for place, column in enumerate(COLUMNS):
            if column.key in WHOLE:
                texts = [column.title, *(column.shown(row) for row in rows)]
                if column.adds_up:
                    texts.append(show_amount(sum((row.amount for row in self.table.all_rows()), ZERO)))
                needed = max(map(metrics.horizontalAdvance, texts)) + 2 * PAD
                now = self.table.columnWidth(place)
                # A width that a person chose stays, unless it cuts; one that was chosen here follows the text.
                if not self.table.isColumnHidden(place) and (now < needed or now == self._widths.get(place)):
                    self._widths[place] = max(column.width, needed)
                    self.table.setColumnWidth(place, self._widths[place])

    def neighbour(self, item: str, by: int) -> str | None:
        """The item before or after this one in the order on screen, or None at the end."""
        ids = [row.id for row in self.table.shown_rows()]
        place = ids.index(item) + by if item in ids else -1
        return ids[place] if 0 <= place < len(ids) else None
