"""A page before the window: one card of a readable width in the middle, scrolled when it is higher than the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from erpdesk.views.kit.card import Card, Title


class Sheet(QWidget):
    """``column`` takes the cards; it is as wide as ``letters`` letters of the text in use, or as the window allows."""

    def __init__(self, letters: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._letters = letters
        self._middle = QWidget()
        self._middle.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.column = QVBoxLayout(self._middle)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(12)
        inside = QWidget()
        inside.setProperty("page", True)
        down = QVBoxLayout(inside)
        down.setContentsMargins(16, 24, 16, 24)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(self._middle, 1000)
        across.addStretch(1)
        down.addStretch(1)
        down.addLayout(across)
        down.addStretch(2)
        self.area = QScrollArea()
        self.area.setWidget(inside)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.area)
        self._fit()

    def new_card(self, title: str) -> Card:
        """A card below the others."""
        card = Card(title)
        card.body.setSpacing(10)
        self.column.addWidget(card)
        return card

    def changeEvent(self, event: QEvent) -> None:
        """Stays as wide in letters when the text grows."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_middle"):
            self._fit()

    def _fit(self) -> None:
        self._middle.setMaximumWidth(self.fontMetrics().averageCharWidth() * self._letters)


def product(company: str = "") -> Title:
    """The name of the program, and of the company when it is known, above a card."""
    name = Title(f"erpdesk · {company}" if company else "erpdesk")
    name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return name
