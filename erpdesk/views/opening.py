"""What a tab shows until the company is open."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from erpdesk.views.kit.card import Card, Muted, Title

OPENING = "Opening the company…"
OPENING_HINT = "The lists appear here in a moment. Nothing has to be pressed."


class OpeningPage(QWidget):
    """A calm sheet with two lines of words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Title(OPENING)
        self._hint = Muted(OPENING_HINT)
        for label in (self._title, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        card = Card()
        card.body.addStretch(2)
        card.body.addWidget(self._title)
        card.body.addWidget(self._hint)
        card.body.addStretch(3)
        around = QVBoxLayout(self)
        around.setContentsMargins(10, 10, 10, 10)
        around.addWidget(card)

    def texts(self) -> tuple[str, str]:
        """Title and hint as they are shown."""
        return self._title.text(), self._hint.text()

    def show_words(self, title: str, hint: str) -> None:
        """Says something else, for example why the company can not be opened."""
        self._title.setText(title)
        self._hint.setText(hint)
