"""What can be done with several commitments at once, and how it went for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from erpdesk.core.changes import BulkResult
from erpdesk.core.money import ZERO, show_amount
from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Card, Check, CheckList, Muted
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.workflows.rows import CommitmentRow, ErpState

SENDABLE = (ErpState.NOT_SENT, ErpState.RETRIEVED, ErpState.REJECTED)
WORKING = ("This is being done just now.",)


class BulkPanel(Card):
    """Stands in the place of the page while several rows are selected."""

    send_asked = Signal(object)
    retrieve_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Several commitments", parent=parent)
        self._rows: tuple[CommitmentRow, ...] = ()
        self.words = Muted()
        self.outcome = Banner()
        self.left_alone = CheckList()
        self.send = ReasonButton("Send to ERP", primary=True)
        self.send.set_icon_name("send")
        self.retrieve = ReasonButton("Retrieve from ERP")
        self.retrieve.set_icon_name("retrieve")
        self.send.pressed_ok.connect(lambda: self.send_asked.emit(self._ids()))
        self.retrieve.pressed_ok.connect(lambda: self.retrieve_asked.emit(self._ids()))
        across = QHBoxLayout()
        across.setSpacing(8)
        across.addWidget(self.send)
        across.addWidget(self.retrieve)
        across.addStretch(1)
        self.add(self.words)
        self.body.addLayout(across)
        self.add(self.outcome)
        self.add(self.left_alone)
        self.body.addStretch(1)

    def _ids(self) -> tuple[str, ...]:
        return tuple(row.id for row in self._rows)

    def show_rows(self, rows: Sequence[CommitmentRow]) -> None:
        """Shows what is selected; the outcome of an earlier act is cleared when the selection is another one."""
        if {row.id for row in rows} != {row.id for row in self._rows}:
            self.outcome.clear()
            self.left_alone.set_checks(())
        self._rows = tuple(rows)
        amount: Decimal = sum((row.amount for row in rows), ZERO)
        self.set_title(f"{len(rows)} commitments · {show_amount(amount)}")
        states = Counter(row.erp_state.value.lower() for row in rows)
        by_state = " · ".join(f"{count} {state}" for state, count in sorted(states.items()))
        self.words.setText(
            f"{by_state}\nEach one is judged by itself: those that can not be sent or retrieved stay as they are and "
            "say why."
        )
        self.set_running(False)

    def set_running(self, running: bool) -> None:
        """Closes the buttons while an act is under way."""
        sendable = any(row.erp_state in SENDABLE for row in self._rows)
        waiting = any(row.erp_state is ErpState.SENT for row in self._rows)
        self.send.set_offer(
            sendable and not running, WORKING if running else ("None of them waits to be sent to accounting.",)
        )
        self.retrieve.set_offer(
            waiting and not running, WORKING if running else ("None of them waits for a decision of accounting.",)
        )

    def show_result(self, verb: str, result: BulkResult) -> None:
        """Says how it went: how many are done, and each one left alone with its reasons."""
        kind = "success" if not result.not_done else "warning"
        left = f" {len(result.not_done)} left as they were:" if result.not_done else ""
        self.outcome.show_words(kind, f"{verb} {len(result.done)}.{left}")
        checks = [Check(f"{each.label}: {' '.join(each.reasons)}", "error") for each in result.not_done]
        self.left_alone.set_checks(checks)
