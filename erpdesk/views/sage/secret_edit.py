"""The field of a password: dots only, nothing to copy."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from erpdesk.views.kit.shown import set_look


class SecretEdit(QLineEdit):
    """A password: never shown, never copied, and not part of its own description."""

    value_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        # The signal says that something was typed, and not what: whoever listens may write it down.
        self.textEdited.connect(lambda _text: self.value_changed.emit(None))

    def value(self) -> str:
        """What was typed."""
        return self.text()

    def set_value(self, value: str) -> None:
        """Shows dots for another password, or nothing, without a signal."""
        self.setText(value)

    def problem(self) -> str | None:
        """None: Sage decides."""
        return None

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the field."""
        self.setReadOnly(closed)
        set_look(self, "readOnly", closed)
