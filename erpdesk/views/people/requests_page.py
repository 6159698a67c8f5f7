"""The requests for “Can push to accounting”: who asked for whom, who answered, and what waits for the reader."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from erpdesk.models.people import GrantState
from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.card import Card, Muted
from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.list_bar import ListBar
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.views.people import words
from erpdesk.views.session import LayoutStore
from erpdesk.workflows.people_rows import GrantRow

COLUMNS = (
    Column("person", "For", width=160, bold=True, value=lambda row: row.person),
    Column("state", "State", kind="status", width=190, value=lambda row: words.GRANT_LOOKS[row.state]),
    Column("requested_by", "Asked by", width=150, value=lambda row: row.requested_by),
    Column("requested_at", "Asked", kind="date", width=110, value=lambda row: row.requested_at, text=day_and_time),
    Column("answered_by", "Answered by", width=150, value=lambda row: row.answered_by),
    Column("answered_at", "Answered", kind="date", width=110, value=lambda row: row.answered_at, text=day_and_time),
    Column("reason", "Reason", width=240, stretch=True, value=lambda row: row.reason),
)
CHIPS = (ChipSpec("open", "Waiting"), ChipSpec("all", "All"))
CHOOSE = ("Choose a request first.",)
ANSWERED = ("This request was answered already.",)


def waits(row: GrantRow) -> bool:
    """Whether a request waits for an answer."""
    return row.state is GrantState.REQUESTED


def why_not(row: GrantRow, confirm: bool) -> tuple[str, ...]:
    """Why the reader can not confirm or not refuse a request; () when they can."""
    return row.may_answer if confirm else row.may_refuse


class RequestsPage(QWidget):
    """``answered`` carries the request and True for confirm."""

    answered = Signal(object, bool)

    def __init__(self, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = RecordTable(
            "push-requests",
            COLUMNS,
            store=store,
            noun=("request", "requests"),
            empty_title="No request",
            empty_hint="An Admin of Directory asks for a person on their page, under Rights.",
            totals=False,
        )
        self.filter = ListBar(self.table, CHIPS, "Filter requests", store=store, title="Requests")
        self.confirm = ReasonButton("&Confirm…", primary=True)
        self.refuse = ReasonButton("Re&fuse…")
        card = Card(margins=False)
        top = QVBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(8)
        top.addWidget(Muted(words.SECOND_PERSON))
        top.addWidget(self.filter)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 4, 12, 10)
        foot.setSpacing(8)
        foot.addWidget(self.confirm)
        foot.addWidget(self.refuse)
        foot.addStretch(1)
        card.body.addLayout(top)
        card.add(self.table, 1)
        card.body.addLayout(foot)
        around = QVBoxLayout(self)
        around.setContentsMargins(10, 10, 10, 10)
        around.addWidget(card)
        self.setFocusProxy(self.table)
        self.filter.chip_changed.connect(self._on_chip)
        self.table.selection_changed.connect(self._on_selected)
        self.confirm.pressed_ok.connect(lambda: self._answer(True))
        self.refuse.pressed_ok.connect(lambda: self._answer(False))
        self._on_chip(self.filter.chip())
        self._on_selected(())

    def set_rows(self, rows: Sequence[GrantRow]) -> None:
        """Shows other requests."""
        self.table.set_rows(rows)
        self.filter.set_counts({"open": sum(map(waits, rows)), "all": len(rows)})
        self._on_selected(self.table.selected_ids())

    def _on_chip(self, key: str) -> None:
        self.table.set_where(waits if key == "open" else None)

    def _chosen(self) -> GrantRow | None:
        rows = self.table.selected_rows()
        return rows[0] if len(rows) == 1 else None

    def _on_selected(self, _ids: tuple[Hashable, ...]) -> None:
        row = self._chosen()
        for button, confirm in ((self.confirm, True), (self.refuse, False)):
            reasons = CHOOSE if row is None else (why_not(row, confirm) if waits(row) else ANSWERED)
            button.set_offer(not reasons, reasons)

    def _answer(self, confirm: bool) -> None:
        row = self._chosen()
        if row is not None:
            self.answered.emit(row, confirm)
