"""A chip that says what narrows a list and can be taken away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from erpdesk.views.kit.icons import set_icon

LONGEST = 70


class RemovableChip(QFrame):
    """``pressed`` asks to change what it says, ``removed`` to take it away; both work with the keyboard."""

    pressed = Signal()
    removed = Signal()

    def __init__(self, words: str, remove_tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = words
        self.setProperty("removable", True)
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
        across.setContentsMargins(4, 0, 2, 0)
        across.setSpacing(0)
        across.addWidget(self.body)
        across.addWidget(self.close_button)
        self.body.clicked.connect(lambda _checked=False: self.pressed.emit())
        self.close_button.clicked.connect(lambda _checked=False: self.removed.emit())
