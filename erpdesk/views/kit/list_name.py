"""Asks for the name of a saved view."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from erpdesk.core.errors import Refused
from erpdesk.views.kit.card import Muted, Title
from erpdesk.views.kit.list_views import LONGEST_NAME

WIDTH = 380


class NameDialog(QDialog):
    """A field for a name; ``then(name)`` may refuse it, and the reason stands below the field."""

    def __init__(
        self, parent: QWidget | None, title: str, hint: str, yes: str, name: str, then: Callable[[str], object]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._then = then
        self.field = QLineEdit(name)
        self.field.setMaxLength(LONGEST_NAME)
        self.field.setAccessibleName("Name of the view")
        self.field.selectAll()
        label = QLabel("&Name")
        label.setBuddy(self.field)
        self.problem = QLabel()
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.yes = QPushButton(yes)
        self.yes.setProperty("primary", True)
        self.yes.setDefault(True)
        no = QPushButton("Cancel")
        no.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(no)
        buttons.addWidget(self.yes)
        down = QVBoxLayout(self)
        down.setContentsMargins(20, 18, 20, 16)
        down.setSpacing(9)
        for part in (Title(title), Muted(hint), label, self.field, self.problem):
            down.addWidget(part)
        down.addLayout(buttons)
        self.setMinimumWidth(WIDTH)
        self.yes.clicked.connect(self.on_yes)
        no.clicked.connect(self.reject)

    @Slot()
    def on_yes(self) -> None:
        """Takes the name, or says why it cannot be."""
        try:
            self._then(self.field.text())
        except Refused as error:
            self.problem.setText(" ".join(error.reasons))
            self.problem.show()
            self.field.setFocus()
            return
        self.accept()
