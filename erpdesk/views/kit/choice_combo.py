"""A field for one of a few fixed choices."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from erpdesk.views.kit.shown import set_look


class ChoiceCombo(QComboBox):
    """Always holds one of its choices, the first at the beginning; closed, it can still be read and reached by Tab."""

    value_changed = Signal(object)

    def __init__(self, choices: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if not choices:
            raise ValueError("a choice needs at least one thing to choose")
        self._values = tuple(value for value, _label in choices)
        self._quiet = False
        self._closed = False
        for _value, label in choices:
            self.addItem(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.currentIndexChanged.connect(self._on_index_changed)

    def value(self) -> str:
        """The value of the choice that is shown."""
        return self._values[self.currentIndex()]

    def set_value(self, value: str) -> None:
        """Shows another choice, without a signal; raises ValueError for one that was never offered."""
        place = self._values.index(value)
        self._quiet = True
        try:
            self.setCurrentIndex(place)
        finally:
            self._quiet = False

    def problem(self) -> str | None:
        """None: one of the choices is always fine."""
        return None

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the field."""
        self._closed = closed
        set_look(self, "readOnly", closed)

    def isReadOnly(self) -> bool:
        """Whether the field is closed, under the name that the fields of one line use."""
        return self._closed

    def showPopup(self) -> None:
        """Opens the list, unless the field is closed."""
        if not self._closed:
            super().showPopup()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A closed field only takes the focus."""
        if not self._closed:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and letters choose; Enter is left to the dialog around."""
        if self._closed or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling a page over the field must not change it."""
        if self._closed or not self.hasFocus():
            event.ignore()
        else:
            super().wheelEvent(event)

    @Slot()
    def _on_index_changed(self) -> None:
        if not self._quiet:
            self.value_changed.emit(self.value())
