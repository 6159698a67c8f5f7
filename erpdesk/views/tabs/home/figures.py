"""A card with one figure: its number, what it counts, and the way to the items behind it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from erpdesk.views.kit.card import Card
from erpdesk.views.kit.icons import pixmap
from erpdesk.views.kit.shown import set_look, set_shown
from erpdesk.views.kit.tokens import tokens_for

MARK = 16


class Figure(Card):
    """A number with an icon and words; ``asked`` comes when the person wants to see the items."""

    asked = Signal()

    def __init__(self, title: str, icon: str, tone: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._icon, self._tone, self._count = icon, tone, 0
        self._name = title
        self._mark = QLabel()
        self.number = QLabel("0")
        self.number.setProperty("role", "title")
        self.words = QLabel(title)
        self.words.setProperty("role", "muted")
        self.detail = QLabel()
        self.detail.setProperty("role", "value")
        self.show_button = QPushButton("Show")
        self.show_button.setProperty("flat", True)
        self.show_button.setAutoDefault(False)
        self.show_button.setToolTip(hint)
        self.show_button.setAccessibleName(f"Show: {title}")
        self.show_button.clicked.connect(self.asked)
        across = QHBoxLayout()
        across.setSpacing(8)
        for part in (self._mark, self.number, self.words):
            across.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        across.addStretch(1)
        across.addWidget(self.detail, 0, Qt.AlignmentFlag.AlignVCenter)
        across.addWidget(self.show_button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(across)
        self.set_figure(0)

    @property
    def count(self) -> int:
        """The number shown."""
        return self._count

    def set_figure(self, count: int, detail: str = "") -> None:
        """Shows another number; a bad one is coloured only while it is not zero."""
        self._count = count
        self.number.setText(f"{count:,}")
        set_look(self.number, "tone", self._tone if count else "grey")
        self.detail.setText(detail)
        set_shown(self.detail, bool(detail))
        set_shown(self.show_button, count > 0)
        spoken = f"{count:,} {self._name.lower()}" + (f", {detail}" if detail else "")
        self.setAccessibleName(spoken)
        self.number.setAccessibleName(spoken)
        self.tint()

    def tint(self) -> None:
        """Draws the icon in the colours of now."""
        tokens = tokens_for(self.palette())
        ink = tokens.ink(self._tone) if self._count else tokens.muted
        self._mark.setPixmap(pixmap(self._icon, ink, MARK, self.devicePixelRatioF()))
