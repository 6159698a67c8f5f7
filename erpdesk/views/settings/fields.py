"""The field of one setting: yes or no, one of a few, a whole number, or a line of text."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QSizePolicy, QWidget

from erpdesk.views.kit.fields import Field
from erpdesk.views.kit.forms import ChoiceCombo, TextEdit
from erpdesk.workflows.settings_acts import SettingRow, Value

YES_NO = (("yes", "Yes"), ("no", "No"))
LETTERS = "letters"
NUMBER_WIDTH, CHOICE_WIDTH, TEXT_WIDTH = 12, 30, 44
"""How wide fields are, in letters: what they hold is seen whole, and the page stays calm."""


def field_of(row: SettingRow) -> Field:
    """The field that a setting is changed in."""
    if isinstance(row.default, bool):
        return _narrow(ChoiceCombo(YES_NO), NUMBER_WIDTH)
    if row.about.choices:
        return _narrow(ChoiceCombo(row.about.choices), CHOICE_WIDTH)
    return _narrow(TextEdit(), NUMBER_WIDTH if isinstance(row.default, int) else TEXT_WIDTH)


W = TypeVar("W", bound=QWidget)


def _narrow(field: W, letters: int) -> W:
    field.setProperty(LETTERS, letters)
    field.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    fit(field)
    return field


def fit(field: QWidget) -> None:
    """Sets the width of a field in the text size of now."""
    field.setFixedWidth(field.fontMetrics().averageCharWidth() * int(field.property(LETTERS)) + 30)


def shown(value: Value) -> str:
    """A value as its field holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def entered(row: SettingRow, held: str) -> Value:
    """The value that a field stands for; text that is no number stays text, and is refused with a sentence."""
    if isinstance(row.default, bool):
        return held == "yes"
    plain = held.strip()
    if isinstance(row.default, int):
        digits = plain.replace(",", "")
        return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else plain
    return plain
