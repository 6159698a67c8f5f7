"""A column of a list, declared once for screen, sorting, filter, clipboard and files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt

from erpdesk.core.money import show_amount, show_quantity
from erpdesk.views.kit.pills import Pill

KINDS = ("text", "money", "quantity", "number", "date", "status")
RIGHT = ("money", "quantity", "number")
WIDTHS = {"text": 150, "money": 116, "quantity": 96, "number": 76, "date": 104, "status": 132}
ALIGNMENTS = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "right": Qt.AlignmentFlag.AlignRight,
    "center": Qt.AlignmentFlag.AlignHCenter,
}


def _nothing(_row: Any) -> object:
    return None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a permanent key (layouts are saved by it), a title, a kind and where its value comes from.

    ``kind`` is text, money (Decimal), quantity (Decimal, four decimals), number (int), date (date or aware datetime) or
    status (a ``Pill`` or a word); a value of None is an empty cell. ``width`` 0 means the usual width of the kind,
    ``show`` whether it is seen before the person chooses columns, ``total`` whether money is added up below.
    The ``stretch`` column takes the room that is left over (without one, the widest text column does).
    ``group`` is the heading under which the chooser lists it. A ``whole`` column is never narrower than its words (up
    to some letters of text); unless declared, all but text that is not bold are.
    ``text(value)`` overrides the words on screen, ``plain(value)`` those in the clipboard and in files.
    """

    key: str
    title: str
    kind: str = "text"
    width: int = 0
    align: str = ""
    show: bool = True
    tooltip: str = ""
    bold: bool = False
    total: bool = True
    stretch: bool = False
    text: Callable[[Any], str] | None = None
    plain: Callable[[Any], str] | None = None
    group: str = "Columns"
    whole: bool | None = None
    value: Callable[[Any], object] = _nothing

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"column {self.key}: kind {self.kind!r} is none of {KINDS}")
        if self.align not in ("", *ALIGNMENTS):
            raise ValueError(f"column {self.key}: align {self.align!r} is none of {tuple(ALIGNMENTS)}")

    @property
    def first_width(self) -> int:
        """Pixels before the person changes them."""
        return self.width or WIDTHS[self.kind]

    @property
    def is_whole(self) -> bool:
        """True when the words of the column are never cut: the list is scrolled sideways instead."""
        return self.kind != "text" or self.bold if self.whole is None else self.whole

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """Numbers to the right, all else to the left, unless declared otherwise."""
        usual = "right" if self.kind in RIGHT else "left"
        return ALIGNMENTS[self.align or usual] | Qt.AlignmentFlag.AlignVCenter

    @property
    def adds_up(self) -> bool:
        """True when the footer shows the sum."""
        return self.kind == "money" and self.total

    def shown(self, row: object) -> str:
        """The words on screen for a row."""
        value = self.value(row)
        if value is None:
            return ""
        return self.text(value) if self.text else show_value(self.kind, value)

    def copied(self, row: object) -> str:
        """The words in the clipboard and in files: amounts as plain numbers, dates as ISO."""
        value = self.value(row)
        if value is None:
            return ""
        return self.plain(value) if self.plain else plain_value(self.kind, value)

    def spoken(self, row: object) -> str:
        """What a screen reader says for a row: title and value, ``minus`` for parentheses."""
        words = self.shown(row)
        value = self.value(row)
        if isinstance(value, Decimal) and value < 0 and words.startswith("("):
            words = f"minus {words.strip('()')}"
        return f"{self.title}: {words or 'empty'}"

    def negative(self, row: object) -> bool:
        """True when the value is below zero, which is painted red as well."""
        if self.kind not in RIGHT:
            return False
        value = self.value(row)
        return isinstance(value, Decimal | int) and value < 0

    def sort_key(self, row: object) -> Any:
        """A value that sorts the column, or None for an empty cell, which stands last."""
        value = self.value(row)
        if value is None or self.kind in RIGHT:
            return value
        if self.kind == "date":
            return value.isoformat() if isinstance(value, date) else str(value)
        if isinstance(value, Pill):
            return value.text.casefold()
        return str(value).casefold() or None


def show_value(kind: str, value: object) -> str:
    """A value in the words of its kind, on screen."""
    if kind == "money" and isinstance(value, Decimal):
        return show_amount(value)
    if kind == "quantity" and isinstance(value, Decimal):
        return show_quantity(value)
    if kind == "number" and isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return show_date(value.astimezone().date())
    if isinstance(value, date):
        return show_date(value)
    return value.text if isinstance(value, Pill) else str(value)


def plain_value(kind: str, value: object) -> str:
    """A value as other programs read it: numbers without separators, dates as ISO."""
    if kind in RIGHT and isinstance(value, Decimal):
        return f"{value:.2f}" if kind == "money" else f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone().isoformat(sep=" ", timespec="minutes")[:16]
    return value.text if isinstance(value, Pill) else str(value)


def show_date(day: date) -> str:
    """A date as accountants write it here: ``11/24/2026``."""
    return f"{day:%m/%d/%Y}"
