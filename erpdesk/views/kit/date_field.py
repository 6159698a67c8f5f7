"""A field for a date, written as month/day/year, with the keys accountants know."""

from __future__ import annotations

import re
from datetime import date, timedelta

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from erpdesk.core.clock import CLOCK
from erpdesk.views.kit.fields import LineField

NO_DATE = "Type a date such as 11/24/2026. T is today, + and - go by a day."
MISSING = "Enter a date."
FIRST_YEAR, LAST_YEAR = 1950, 2149
_PARTS = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}|\d{2}))?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_RUN = re.compile(r"(\d{2})(\d{2})(\d{4}|\d{2})", re.ASCII)


def parse_date(text: str, today: date) -> date:
    """Reads ``11/24/2026``, ``11-24-26``, ``11/24`` (of this year), ``112426`` or ``2026-11-24``.

    Raises ValueError, with a sentence for people, for anything else.
    """
    plain = text.strip()
    if found := _ISO.fullmatch(plain):
        year, month, day = (int(part) for part in found.groups())
    elif found := _PARTS.fullmatch(plain) or _RUN.fullmatch(plain):
        month, day = int(found[1]), int(found[2])
        year = today.year if found[3] is None else int(found[3])
        year += 2000 if year < 100 else 0
    else:
        raise ValueError(NO_DATE)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"The year {year} is out of range. Type a date such as {show_date(today)}.")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"There is no such day. Type a date such as {show_date(today)}.") from None


def show_date(day: date) -> str:
    """A date as accountants write it: ``11/24/2026``."""
    return f"{day:%m/%d}/{day.year:04d}"


class DateEdit(LineField):
    """A date or, when ``optional``, none. T or Ctrl+; is today, + and - go by a day."""

    def __init__(self, optional: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._optional = optional
        self._value: date | None = None
        self._problem: str | None = None if optional else MISSING
        self.setPlaceholderText("mm/dd/yyyy")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._told = (self._value, self._problem)

    def value(self) -> date | None:
        """The date; None when the field is empty or its text can not be read (see ``problem``)."""
        return self._value

    def set_value(self, value: date | None) -> None:
        """Shows another date, without a signal."""
        self._value = value
        self._problem = None if value or self._optional else MISSING
        self._write("" if value is None else show_date(value))

    def problem(self) -> str | None:
        """A sentence when the text is no date, or when a date is needed and there is none."""
        return self._problem

    def sizeHint(self) -> QSize:
        """Wide enough for a date."""
        return QSize(self.fontMetrics().horizontalAdvance("0") * 14 + 24, super().sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Keeps Ctrl+; from the actions of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_today(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a date: T, Ctrl+;, + and -."""
        days = {"+": 1, "=": 1, "-": -1}.get(event.text())
        if self.isReadOnly():
            super().keyPressEvent(event)
        elif _is_today(event) or event.text() in ("t", "T"):
            self._put(CLOCK.today())
        elif days is not None and (moved := self._moved(days)) is not None:
            self._put(moved)
        else:
            super().keyPressEvent(event)

    def _moved(self, days: int) -> date | None:
        """The date some days on; None while a date is being typed, where - separates its parts."""
        if not self.text().strip():
            return CLOCK.today() + timedelta(days=days)
        if self._value is None or self.text() != show_date(self._value):
            return None
        return self._value + timedelta(days=days)

    def _put(self, day: date) -> None:
        self.setText(show_date(day))
        self.selectAll()

    def _read_typed(self) -> None:
        text = self.text().strip()
        self._value, self._problem = None, None
        if not text:
            self._problem = None if self._optional else MISSING
            return
        try:
            self._value = parse_date(text, CLOCK.today())
        except ValueError as error:
            self._problem = str(error)

    def _tidy(self) -> None:
        if self._value is not None:
            self._write(show_date(self._value))


def _is_today(event: QKeyEvent) -> bool:
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return control and event.key() == Qt.Key.Key_Semicolon
