"""A field that finds one of thousands of records by a few letters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QIcon, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from erpdesk.views.kit.choice_combo import ChoiceCombo
from erpdesk.views.kit.choice_list import Choice, ChoiceList
from erpdesk.views.kit.fields import LineField
from erpdesk.views.kit.icons import FOLDER

__all__ = ["Choice", "ChoiceCombo", "SearchCombo"]

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SearchCombo(LineField):
    """Type parts of a name or number, Enter or Tab takes the marked entry; Down or F4 opens the whole list.

    Words that match nothing are kept and named by ``problem``; the value is None until they are corrected. A value
    that is not among the choices (yet) is kept too.
    """

    def __init__(self, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._placeholder = placeholder
        self._chosen: str | None = None
        self._before: str | None = None
        self._typed = False
        self.list = ChoiceList(self)
        self.list.chosen.connect(self._on_chosen)
        self._arrow = QAction(QIcon(str(FOLDER / "chevron.svg")), "Open the list", self)
        self._arrow.triggered.connect(self.open_all)
        self.addAction(self._arrow, QLineEdit.ActionPosition.TrailingPosition)
        self.setPlaceholderText(placeholder)

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Offers other entries, in this order; the value stays, and so do words being typed."""
        self.list.set_choices(choices)
        if self._typed:
            self._chosen = self._meant()
            self._told = (self.value(), self.problem())
        else:
            self._show_chosen()

    def value(self) -> str | None:
        """The id of the chosen entry, or None."""
        return self._chosen

    def set_value(self, value: str | None) -> None:
        """Shows another entry by its id, without a signal."""
        self._chosen = value
        self._show_chosen()

    def problem(self) -> str | None:
        """A sentence when the words match no entry, else None."""
        words = self.text().strip()
        if not words or self._chosen is not None:
            return None
        if self.list.count(words):
            return f"“{words}” is not finished. Choose one entry from the list."
        return f"Nothing in the list matches “{words}”. Type other words, or clear the field."

    def set_read_only(self, closed: bool) -> None:
        """Closes or opens the field; its text can be copied either way."""
        super().set_read_only(closed)
        self._arrow.setVisible(not closed)
        if closed:
            self.list.hide()

    @Slot()
    def open_all(self) -> None:
        """Opens the list with every entry (Down, F4)."""
        if not self.isReadOnly():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.list.open("", self._chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk the list, Enter takes an entry, Esc brings back what stood here."""
        key, is_open = event.key(), self.list.is_open()
        if self.isReadOnly():
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and is_open:
            self.list.move(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_F4):
            self.open_all()
        elif key in ENTER and is_open and self.list.take():
            event.accept()
        elif key == Qt.Key.Key_Escape and (is_open or self._typed):
            self._go_back()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab takes the marked entry and goes on."""
        if self.list.is_open():
            self.list.take()
        return super().focusNextPrevChild(forward)

    def _read_typed(self) -> None:
        if not self._typed:
            self._typed, self._before = True, self._chosen
        self._chosen = self._meant()
        words = self.text().strip()
        if words and self.hasFocus() and not self.isReadOnly():
            self.list.open(words, None)
        else:
            self.list.hide()

    def _tidy(self) -> None:
        if not self._typed or self.list.is_open():
            return
        if self._chosen is None and self.text().strip():
            only = self.list.only(self.text())
            if only is None:
                return
            self._chosen = only.id
            self._tell()
        self._show_chosen()

    def _meant(self) -> str | None:
        found = self.list.named(self.text())
        return found.id if found else None

    def _go_back(self) -> None:
        self.list.hide()
        if self._typed:
            self._chosen = self._before
            told = self._told
            self._show_chosen()
            self._told = told
            self._tell()

    def _show_chosen(self) -> None:
        self._typed = False
        self._before = self._chosen
        found = self.list.choice(self._chosen)
        missing = self._chosen is not None and found is None and self.list.count("") > 0
        self.setPlaceholderText("Not in the list any more" if missing else self._placeholder)
        self._write(found.label if found else "")

    @Slot(str)
    def _on_chosen(self, id_: str) -> None:
        self._chosen = id_
        told = self._told
        self._show_chosen()
        self._told = told
        self._tell()
        self.selectAll()
