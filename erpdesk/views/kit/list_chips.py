"""A chip that says what narrows a list and can be taken away."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.tokens import tokens_for

LONGEST = 70
ROUND = 12


class RemovableChip(QFrame):
    """``pressed`` asks to change what it says, ``removed`` to take it away; both work with the keyboard."""

    pressed = Signal()
    removed = Signal()

    def __init__(self, words: str, remove_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = words
        line = " ".join(words.split())
        short = line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
        self.body = QPushButton(short.replace("&", "&&"))
        self.body.setFlat(True)
        self.body.setAutoDefault(False)
        self.body.setAccessibleName(line)
        self.close_button = QToolButton()
        self.close_button.setToolTip(remove_tip)
        self.close_button.setAccessibleName(f"{remove_tip}: {line}")
        self.close_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_icon(self.close_button, "close", "muted")
        across = QHBoxLayout(self)
        across.setContentsMargins(4, 1, 4, 1)
        across.setSpacing(0)
        across.addWidget(self.body)
        across.addWidget(self.close_button)
        self.body.clicked.connect(lambda _checked=False: self.pressed.emit())
        self.close_button.clicked.connect(lambda _checked=False: self.removed.emit())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the ground of a chip that holds, in the colours of now."""
        tokens, painter = tokens_for(self.palette()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(tokens.border))
        painter.setBrush(QColor(tokens.tone("blue")[0]))
        room = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(room, ROUND, ROUND)
        painter.end()
