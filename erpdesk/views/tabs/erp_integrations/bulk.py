"""What can be done with several items at once, beside the list, and how it went for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtWidgets import QProgressBar, QScrollArea, QVBoxLayout, QWidget

from erpdesk.core.changes import BulkResult
from erpdesk.core.money import ZERO, show_amount
from erpdesk.views.banner import Banner
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.card import Card, Check, CheckList, Muted
from erpdesk.views.kit.flow_layout import FlowLayout
from erpdesk.views.kit.shown import set_shown
from erpdesk.workflows.rows import QueueRow

EACH = "Each one is judged by itself: what can not be done stays as it is, stays selected, and says why."


class BulkPanel(Card):
    """Stands in the place of the review while several items are selected."""

    def __init__(self, registry: ActionRegistry, parent: QWidget | None = None) -> None:
        super().__init__("Several items", parent=parent)
        self._rows: tuple[QueueRow, ...] = ()
        self._told: frozenset[str] | None = None
        self.words = Muted()
        self.explained = Muted(EACH)
        self.outcome = Banner()
        self.left_alone = CheckList()
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.doing = Muted()
        self.buttons = {
            "accept": registry.button("erp.accept", primary=True, text="Accept…"),
            "reject": registry.button("erp.reject", text="Reject…"),
            "archive": registry.button("erp.archive", text="Archive…"),
            "unarchive": registry.button("erp.unarchive", text="Take back…"),
        }
        across = FlowLayout(spacing=8)
        for button in self.buttons.values():
            across.addWidget(button)
        self.add(self.words)
        self.body.addLayout(across)
        self.add(self.explained)
        self.add(self.doing)
        self.add(self.progress)
        self.add(self.outcome)
        inside = QWidget()
        inside.setProperty("page", True)
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, 6, 0)
        lines.addWidget(self.left_alone)
        lines.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setAccessibleName("What was not done, and why")
        scroll.setWidget(inside)
        self.add(scroll, 1)
        self.set_doing("")

    @property
    def rows(self) -> tuple[QueueRow, ...]:
        """What is selected."""
        return self._rows

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of what is selected, from top to bottom."""
        return tuple(row.id for row in self._rows)

    def tells_of(self, ids: Sequence[str]) -> bool:
        """Whether it shows how an act went for exactly these."""
        return self._told == frozenset(ids)

    def show_rows(self, rows: Sequence[QueueRow], verbs: Sequence[str]) -> None:
        """Shows what is selected and the buttons for ``verbs``; an outcome stays while the same are selected."""
        self._rows = tuple(rows)
        if self._told is not None and self._told != {row.id for row in rows}:
            self.forget()
        self.set_title(f"{len(rows):,} selected, {total_words(rows)}")
        states = Counter(row.state_text for row in rows)
        self.words.setText("\n".join(f"{state}: {count:,}" for state, count in sorted(states.items())))
        for verb, button in self.buttons.items():
            set_shown(button, verb in verbs)
        set_shown(self.explained, bool(verbs))

    def set_doing(self, words: str) -> None:
        """Says what is under way; '' when nothing is."""
        self.doing.setText(words)
        set_shown(self.doing, bool(words))
        set_shown(self.progress, bool(words))
        if words:
            self.outcome.clear()
            self.left_alone.set_checks(())

    def show_outcome(self, done: str, result: BulkResult) -> None:
        """Says how it went: how many are done, and each one left alone with its reasons."""
        count, left = len(result.done), len(result.not_done)
        words = f"{count:,} {done}." if count else f"None was {done}."
        self.outcome.show_words(
            "warning" if left else "success",
            words,
            f"{left:,} could not be {done}, stayed as they were, and are still selected:" if left else "",
        )
        self.left_alone.set_checks(
            [Check(f"{each.label}: {' '.join(each.reasons)}", "error") for each in result.not_done]
        )
        self._told = frozenset(each.id for each in result.not_done)

    def forget(self) -> None:
        """The outcome is no longer of what is selected."""
        self._told = None
        self.outcome.clear()
        self.left_alone.set_checks(())


def total_words(rows: Sequence[QueueRow]) -> str:
    """What items add up to: ``$182,340.00``."""
    amount: Decimal = sum((row.amount for row in rows), ZERO)
    return money(amount)


def money(amount: Decimal) -> str:
    """An amount with its sign of currency: ``$1,234.56``, ``($5.00)``."""
    words = f"${show_amount(abs(amount))}"
    return f"({words})" if amount < 0 else words


def count_words(count: int, noun: tuple[str, str]) -> str:
    """How many: ``1 commitment``, ``12 commitments``."""
    return f"{count:,} {noun[0] if count == 1 else noun[1]}"
