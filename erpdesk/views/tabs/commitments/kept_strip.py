"""The strip that offers what was typed and not saved before: go on with it, or throw it away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.shown import set_look, set_shown

HELD = "Answer above first: go on with what you typed, or throw it away."


class KeptStrip(QFrame):
    """Says what was kept and when; hidden while there is nothing to offer."""

    go_on = Signal()
    throw_away = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_look(self, "message", "warning")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self.go = ReasonButton("Go on", primary=True)
        self.drop = QPushButton("Throw away")
        self.drop.setAutoDefault(False)
        self.go.pressed_ok.connect(self.go_on)
        self.drop.clicked.connect(self.throw_away)
        across = QHBoxLayout()
        across.setSpacing(8)
        across.addWidget(self.go)
        across.addWidget(self.drop)
        across.addStretch(1)
        down = QVBoxLayout(self)
        down.setContentsMargins(11, 8, 11, 8)
        down.setSpacing(7)
        down.addWidget(self._words)
        down.addLayout(across)
        self.hide()

    def offer(self, words: str, *, compare: bool, why_not: str = "") -> None:
        """Offers what was kept; ``compare`` when the record was saved by somebody since."""
        self._words.setText(words)
        self._words.setAccessibleName(words)
        self.go.setText("Compare…" if compare else "Go on")
        self.go.set_offer(not why_not, (why_not,) if why_not else ())
        set_shown(self, True)

    def clear(self) -> None:
        """Offers nothing."""
        set_shown(self, False)

    @property
    def offering(self) -> bool:
        """Whether an answer is awaited."""
        return not self.isHidden()

    def text(self) -> str:
        """What is said."""
        return self._words.text()
