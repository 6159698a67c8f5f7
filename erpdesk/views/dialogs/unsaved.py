"""Asks what to do with changes that are not saved."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from erpdesk.views.kit.card import Title


class UnsavedDialog(QDialog):
    """Three ways out: save, drop the changes, or go on editing (Esc)."""

    save_asked = Signal()
    discard_asked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Changes are not saved")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.save = QPushButton("&Save")
        self.save.setProperty("primary", True)
        self.save.setDefault(True)
        self.discard = QPushButton("&Do not save")
        self.keep = QPushButton("&Keep editing")
        for button in (self.discard, self.keep):
            button.setAutoDefault(False)
        words = QLabel("You made changes that are not saved. Save your changes?")
        words.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.discard)
        buttons.addStretch(1)
        buttons.addWidget(self.keep)
        buttons.addWidget(self.save)
        around = QVBoxLayout(self)
        around.setContentsMargins(20, 18, 20, 16)
        around.setSpacing(12)
        around.addWidget(Title(name))
        around.addWidget(words)
        around.addSpacing(6)
        around.addLayout(buttons)
        self.setMinimumWidth(440)
        self.save.clicked.connect(lambda: self._leave(self.save_asked))
        self.discard.clicked.connect(lambda: self._leave(self.discard_asked))
        self.keep.clicked.connect(self.reject)

    def _leave(self, signal: object) -> None:
        self.accept()
        signal.emit()  # type: ignore[attr-defined]  # a bound signal
