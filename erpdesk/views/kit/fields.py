"""What every field of a form can do, and the base of the fields of one line."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from erpdesk.views.kit.shown import set_look


class Field(Protocol):
    """A field holds a value, says what is wrong with it, and can be closed."""

    @property
    def value_changed(self) -> SignalInstance:
        """Carries the value whenever a person changed it."""

    def value(self) -> Any:
        """What the field holds."""

    def set_value(self, value: Any) -> None:
        """Shows another value, without a signal."""

    def problem(self) -> str | None:
        """A sentence when what was typed can not be used, else None."""

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the field; its text can be copied either way."""


class LineField(QLineEdit):
    """A line of text that stands for a value; ``value_changed`` comes whenever the value or its problem changes."""

    value_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet = False
        self._told: tuple[object, str | None] = (None, None)
        self.textChanged.connect(self._on_text_changed)
        self.editingFinished.connect(self._settle)

    def value(self) -> object:
        """What the text stands for."""
        raise NotImplementedError

    def problem(self) -> str | None:
        """A sentence when the text can not be used, else None."""
        raise NotImplementedError

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the field; its text can be copied either way."""
        set_look(self, "readOnly", closed)

    def _read_typed(self) -> None:
        """Takes in what was just typed."""

    def _tidy(self) -> None:
        """Writes the text in its usual form when the person leaves the field."""

    def _write(self, text: str) -> None:
        """Shows a text that nobody typed."""
        self._quiet = True
        try:
            if text != self.text():
                self.setText(text)
                if not self.hasFocus():
                    # A text that is too wide shows its beginning.
                    self.setCursorPosition(0)
        finally:
            self._quiet = False
        self._told = (self.value(), self.problem())

    def _tell(self) -> None:
        now = (self.value(), self.problem())
        if now != self._told:
            self._told = now
            self.value_changed.emit(now[0])

    @Slot()
    def _on_text_changed(self) -> None:
        if not self._quiet:
            self._read_typed()
            self._tell()

    @Slot()
    def _settle(self) -> None:
        if not self.isReadOnly():
            self._tidy()
