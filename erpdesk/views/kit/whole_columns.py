"""How wide the columns of a list are: they follow the text size; numbers, amounts, dates and pills are never cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtGui import QFont, QFontInfo, QFontMetrics

from erpdesk.core.money import show_amount
from erpdesk.views.kit.columns import RIGHT, Column, show_value
from erpdesk.views.kit.pills import Pill, pill_size
from erpdesk.views.kit.record_delegate import PAD
from erpdesk.views.kit.sliced import Steps

USUAL_POINTS = 9.75
"""The text size for which widths are declared and kept."""
CHUNK = 1000
MOST_WORDS = 40
"""Texts of a column that are measured: the longest ones."""
WIDEST_LETTERS = 36
"""A text is not given more room than this; numbers, dates and pills are given all that they need."""


def scale(font: QFont) -> float:
    """How much wider than declared columns are in this text size."""
    points = font.pointSizeF()
    return (points if points > 0 else QFontInfo(font).pointSizeF()) / USUAL_POINTS


class Needs:
    """What the columns that may not be cut need; it learns from rows, and measures when it is asked."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = [column for column in columns if column.is_whole]
        self._words: dict[str, set[str]] = {}
        self._pills: dict[str, set[Pill]] = {}
        self._sums: dict[str, Decimal] = {}
        self._known: dict[str, int] = {}
        self._font = QFont()

    def forget(self) -> None:
        """Begins anew, for other rows."""
        self._words, self._pills, self._sums = {}, {}, {}
        self._known.clear()

    def learn(self, rows: Sequence[Any]) -> bool:
        """Takes in what these rows hold; True when something in them may be wider than all before."""
        changed = [self._learn(column, rows) for column in self._columns]
        return any(changed)

    def learn_slowly(self, rows: Sequence[Any]) -> Steps[None]:
        """Takes in many rows, in slices."""
        for start in range(0, len(rows), CHUNK):
            for column in self._columns:
                self._learn(column, rows[start : start + CHUNK])
                yield

    def learn_sums(self, sums: Mapping[str, Decimal]) -> bool:
        """Takes in what stands below the columns; True when it changed."""
        changed = dict(sums) != self._sums
        if changed:
            self._sums = dict(sums)
            self._known.clear()
        return changed

    def least(self, font: QFont) -> Mapping[str, int]:
        """Pixels that the cells of each of these columns need with a font, by its key."""
        if not self._known or font != self._font:
            self._font = QFont(font)
            bold = QFont(font)
            bold.setBold(True)
            usual, strong = QFontMetrics(font), QFontMetrics(bold)
            self._known = {column.key: self._measured(column, usual, strong) + 2 * PAD for column in self._columns}
        return self._known

    def _measured(self, column: Column, usual: QFontMetrics, strong: QFontMetrics) -> int:
        # A negative amount is bold.
        metrics = strong if column.bold or column.kind in RIGHT else usual
        found = [pill_size(pill, usual).width() + 1 for pill in self._pills.get(column.key, ())]
        found += [metrics.horizontalAdvance(words) for words in self._words.get(column.key, ())]
        if column.kind == "text":
            found = [min(width, WIDEST_LETTERS * metrics.averageCharWidth()) for width in found]
        if column.adds_up and column.key in self._sums:
            found.append(strong.horizontalAdvance(show_amount(self._sums[column.key])))
        return max(found, default=0)

    def _learn(self, column: Column, rows: Sequence[Any]) -> bool:
        if column.kind == "status":
            pills = self._pills.setdefault(column.key, set())
            before = len(pills)
            values = (column.value(row) for row in rows)
            pills.update(each if isinstance(each, Pill) else Pill(str(each)) for each in values if each is not None)
            changed = len(pills) > before
        else:
            words = self._words.setdefault(column.key, set())
            new = set(_candidates(column, rows)) - words
            longest = max(map(len, words), default=0)
            changed = bool(new) and (len(words) < MOST_WORDS or any(len(each) >= longest for each in new))
            if changed:
                self._words[column.key] = set(sorted(words | new, key=len)[-MOST_WORDS:])
        if changed:
            self._known.clear()
        return changed


def _candidates(column: Column, rows: Sequence[Any]) -> Iterable[str]:
    """The texts of a column that may be its widest."""
    if column.kind in RIGHT:
        values = [value for row in rows if isinstance(value := column.value(row), Decimal | int)]
        # Digits are of one width: the largest and the smallest number are the widest, and decimals have their share.
        ends = {max(values), min(values)} if values else set()
        if column.kind == "quantity":
            ends |= set(sorted(values, key=_places)[-1:])
        return [column.text(end) if column.text else show_value(column.kind, end) for end in ends]
    if column.text is None and column.kind == "date":
        # Every date is as wide as any other.
        return [next((words for row in rows if (words := column.shown(row))), "")]
    return {words for row in rows if (words := column.shown(row))}


def _places(value: Decimal | int) -> int:
    """How many figures a quantity is shown with, about."""
    return len(f"{value.normalize():f}") if isinstance(value, Decimal) else len(str(value))
