"""A form: titles beside their fields, with hints, errors and locks as sentences below each field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from erpdesk.views.kit.amount_fields import MoneyEdit, PercentEdit, QuantityEdit
from erpdesk.views.kit.arithmetic import evaluate
from erpdesk.views.kit.card import SectionLabel
from erpdesk.views.kit.choice_combo import ChoiceCombo
from erpdesk.views.kit.choice_list import Choice
from erpdesk.views.kit.date_field import DateEdit
from erpdesk.views.kit.fields import Field
from erpdesk.views.kit.list_tip import tip
from erpdesk.views.kit.search_combo import SearchCombo
from erpdesk.views.kit.shown import set_look, set_shown
from erpdesk.views.kit.text_fields import NotesEdit, TextEdit

__all__ = [
    "Choice",
    "ChoiceCombo",
    "DateEdit",
    "Field",
    "Form",
    "FormRow",
    "MoneyEdit",
    "NotesEdit",
    "PercentEdit",
    "QuantityEdit",
    "SearchCombo",
    "TextEdit",
    "evaluate",
]

USUAL_TITLE = "Description of"
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
ERASE = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
# The list of a field or another window comes in front: the person is not done with the field.
NOT_LEFT = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


class FormRow(QObject):
    """A title, its field, and the sentence below: an error, else why it is closed, else the hint."""

    def __init__(self, title: str, field: Field, hint: str, unit: str, parent: QWidget) -> None:
        super().__init__(parent)
        assert isinstance(field, QWidget)
        self.field: Field = field
        self.widget: QWidget = field
        self.label = QLabel(title, parent)
        self.label.setBuddy(field)
        self.label.setProperty("role", "muted")
        self.note = QLabel(parent)
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.unit = QLabel(unit, parent)
        self.unit.setProperty("role", "muted")
        self.unit.setVisible(bool(unit))
        self._hint = hint
        self._error = ""
        self._lock = ""
        self._lock_said = False
        if not field.accessibleName():
            field.setAccessibleName(re.sub("&(.)", r"\1", title))
        self.beside = QWidget(parent)
        down = QVBoxLayout(self.beside)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(3)
        across = QHBoxLayout()
        across.setSpacing(6)
        across.addWidget(field)
        across.addWidget(self.unit)
        if field.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Maximum:
            across.addStretch(1)
        down.addLayout(across, 1 if self.grows else 0)
        down.addWidget(self.note)
        # Height that the field can not take stays below it.
        down.addStretch(0 if self.grows else 1)
        self._say()

    @property
    def grows(self) -> bool:
        """Whether the field takes more height when there is some."""
        return isinstance(self.widget, NotesEdit)

    @property
    def error(self) -> str:
        """The error that is shown; '' when there is none."""
        return self._error

    @property
    def locked(self) -> str:
        """Why the field is closed; '' when it is open."""
        return self._lock

    def set_error(self, text: str) -> None:
        """Shows an error below the field; '' takes it away."""
        self._error = text
        set_look(self.widget, "wrong", bool(text))
        self._say()

    def set_lock(self, reason: str, said: bool) -> None:
        """Closes the field, or opens it with ''; the reason stands below when ``said``, else it is a tool tip."""
        self._lock, self._lock_said = reason, said
        self.field.set_read_only(bool(reason))
        self.widget.setToolTip(tip(reason))
        self._say()

    def say_lock(self, said: bool) -> None:
        """Shows or hides why the field is closed."""
        if self._lock and said != self._lock_said:
            self._lock_said = said
            self._say()

    def fit(self) -> None:
        """Sets the title level with the first line of its field."""
        line = self.widget.fontMetrics().lineSpacing() + 12 if self.grows else self.widget.sizeHint().height()
        self.label.setFixedHeight(line)

    def _say(self) -> None:
        lock = self._lock if self._lock_said else ""
        said = self._error or lock or self._hint
        self.note.setText(said)
        set_look(self.note, "role", "error" if self._error else "small")
        set_shown(self.note, bool(said))
        self.widget.setAccessibleDescription(self._error or self._lock or self._hint)


class Form(QWidget):
    """Fields under keys. ``changed`` carries the key of a field that a person changed; ``submitted`` is Ctrl+Enter."""

    changed = Signal(str)
    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, FormRow] = {}
        self._keys: dict[QObject, str] = {}
        self._closed_whole: set[str] = set()
        self._places = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._fit()

    def add_row(self, key: str, title: str, field: Field, hint: str = "", unit: str = "") -> FormRow:
        """Puts a field below the others; ``&`` in the title marks the letter that goes to it with Alt."""
        if key in self._rows:
            raise ValueError(f"the form has a field {key!r} already")
        row = FormRow(title, field, hint, unit, self)
        self._rows[key] = row
        self._keys[row.widget] = key
        place = self._next_place()
        self._grid.addWidget(row.label, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(row.beside, place, 1)
        self._grid.setRowStretch(place, 1 if row.grows else 0)
        row.fit()
        row.widget.installEventFilter(self)
        field.value_changed.connect(lambda _value: self._on_value_changed(key))
        return row

    def add_section(self, text: str) -> None:
        """Puts a small heading above the fields that follow."""
        heading = SectionLabel(text, self)
        if self._rows:
            heading.setContentsMargins(0, 8, 0, 0)
        self._grid.addWidget(heading, self._next_place(), 0, 1, 2)

    def row(self, key: str) -> FormRow:
        """The row of a key; raises KeyError for an unknown one."""
        return self._rows[key]

    def field(self, key: str) -> Field:
        """The field of a key; raises KeyError for an unknown one."""
        return self._rows[key].field

    def value(self, key: str) -> Any:
        """What one field holds."""
        return self.field(key).value()

    def values(self) -> dict[str, Any]:
        """What every field holds, by key."""
        return {key: row.field.value() for key, row in self._rows.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Shows other values in the fields named, without signals, and takes their errors away."""
        for key, value in values.items():
            self.field(key).set_value(value)
            self.set_error(key, None)

    def set_error(self, key: str, text: str | None) -> None:
        """Shows an error below a field; None takes it away."""
        self._rows[key].set_error(text or "")

    def set_errors(self, errors: Mapping[str, str]) -> None:
        """Shows these errors and no others; the first field that has one gets the focus."""
        for key, row in self._rows.items():
            row.set_error(errors.get(key, ""))
        first = next((row for key, row in self._rows.items() if errors.get(key)), None)
        if first is not None:
            first.widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def errors(self) -> dict[str, str]:
        """The errors that are shown, by key."""
        return {key: row.error for key, row in self._rows.items() if row.error}

    def clear_errors(self) -> None:
        """Takes every error away."""
        for row in self._rows.values():
            row.set_error("")

    def check(self) -> bool:
        """Whether every field holds something that can be used; marks those that do not and goes to the first."""
        problems = {key: problem for key, row in self._rows.items() if (problem := row.field.problem())}
        self.set_errors(problems)
        return not problems

    def lock(self, reason: str, keys: Iterable[str] | None = None) -> None:
        """Closes fields and says why.

        A whole form is explained where it stands, so each of its fields says the reason as a tool tip and, as soon
        as somebody types into it, below itself; with ``keys`` the reason stands below each of these at once.
        """
        for key in self._rows if keys is None else keys:
            self._rows[key].set_lock(reason, said=keys is not None)
            (self._closed_whole.add if keys is None else self._closed_whole.discard)(key)

    def unlock(self, keys: Iterable[str] | None = None) -> None:
        """Opens fields again; all of them without ``keys``."""
        for key in self._rows if keys is None else keys:
            self._rows[key].set_lock("", said=False)
            self._closed_whole.discard(key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+Enter submits; a field that was left says what is wrong, a closed one why it takes no keys."""
        key = self._keys.get(watched)
        if key is not None and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if control and event.key() in ENTER:
                self.submitted.emit()
                return True
            if key in self._closed_whole and not control and (event.text().strip() or event.key() in ERASE):
                self._rows[key].say_lock(True)
        elif key is not None and isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            self._on_left(key, event.reason())
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Keeps titles level with their fields in another text size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _on_value_changed(self, key: str) -> None:
        # What was wrong is being corrected; the field is judged again when it is left.
        self._rows[key].set_error("")
        self.changed.emit(key)

    def _on_left(self, key: str, reason: Qt.FocusReason) -> None:
        row = self._rows[key]
        if key in self._closed_whole:
            row.say_lock(False)
        elif reason not in NOT_LEFT and self.field(key).value() is None and (problem := row.field.problem()):
            row.set_error(problem)

    def _next_place(self) -> int:
        self._grid.setRowStretch(self._places, 0)
        self._places += 1
        # Height to spare goes below the last row, or into the fields that grow.
        grows = any(row.grows for row in self._rows.values())
        self._grid.setRowStretch(self._places, 0 if grows else 1)
        return self._places - 1

    def _fit(self) -> None:
        # Forms beside each other start their fields at one line.
        if hasattr(self, "_grid"):
            self._grid.setColumnMinimumWidth(0, self.fontMetrics().horizontalAdvance(USUAL_TITLE))
            for row in self._rows.values():
                row.fit()
