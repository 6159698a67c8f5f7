"""Paints the rows of a long list a row at a time, which costs a fraction of asking for each cell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QTableView

from erpdesk.views.kit.columns import RIGHT, Column, show_value
from erpdesk.views.kit.pills import Pill, paint_pill
from erpdesk.views.kit.record_delegate import PAD, fitted
from erpdesk.views.kit.tokens import Tokens, tokens_for
from erpdesk.views.kit.window_model import GONE, WindowModel

_REMEMBERED = 4096
_WAITING = "…"
_NUMBERS = (Decimal, int)


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where a column stands on screen."""

    column: Column
    place: int
    left: int
    width: int
    right: bool


class RowPainter:
    """Paints rows like ``RecordDelegate``: negatives red, bold and in parentheses, half a number never.

    Texts that were cut or measured once are remembered, since a long list repeats its words.
    """

    def __init__(self, view: QTableView, model: WindowModel) -> None:
        self._view = view
        self._model = model
        self._font = self._bold = QFont()
        self._plain = QFontMetrics(self._font)
        self._strong = self._plain
        self._measured: dict[tuple[str, int, bool], tuple[str, int]] = {}

    def visible_places(self, exposed: QRect) -> tuple[int, int]:
        """The first and last row that an area of the viewport touches; the last is before the first for none."""
        height = max(1, self._view.verticalHeader().defaultSectionSize())
        offset = self._view.verticalScrollBar().value()
        last = min((offset + exposed.bottom()) // height, self._model.rowCount() - 1)
        return (offset + max(0, exposed.top())) // height, last

    def paint(self, exposed: QRect) -> None:
        """Paints what an area of the viewport shows."""
        view = self._view
        first, last = self.visible_places(exposed)
        if last < first:
            return
        self._follow_font(view.font())
        tokens = tokens_for(view.palette())
        height, offset = view.verticalHeader().defaultSectionSize(), view.verticalScrollBar().value()
        cells = self._cells(exposed)
        painter = QPainter(view.viewport())
        painter.setFont(self._font)
        bottom = (last + 1) * height - offset
        painter.fillRect(exposed.left(), exposed.top(), exposed.width(), bottom - exposed.top(), QColor(tokens.card))
        chosen = view.selectionModel() if view.selectionModel().hasSelection() else None
        line = QColor(tokens.border)
        for place in range(first, last + 1):
            top = place * height - offset
            if chosen is not None and chosen.isSelected(self._model.index(place, cells[0].place if cells else 0)):
                painter.fillRect(exposed.left(), top, exposed.width(), height, QColor(tokens.selection))
            painter.setPen(line)
            painter.drawLine(exposed.left(), top + height - 1, exposed.right(), top + height - 1)
            self._row(painter, cells, place, top, height, tokens)
        current = view.currentIndex()
        if view.hasFocus() and first <= current.row() <= last:
            painter.setPen(QColor(tokens.accent))
            painter.drawRect(view.visualRect(current).adjusted(0, 0, -1, -1))
        painter.end()

    def _cells(self, exposed: QRect) -> list[_Cell]:
        header, found = self._view.horizontalHeader(), []
        for visual in range(header.count()):
            place = header.logicalIndex(visual)
            left, width = header.sectionViewportPosition(place), header.sectionSize(place)
            if width and left <= exposed.right() and left + width > exposed.left():
                column = self._model.columns[place]
                right = bool(column.alignment & Qt.AlignmentFlag.AlignRight)
                found.append(_Cell(column, place, left, width, right))
        return found

    def _row(self, painter: QPainter, cells: list[_Cell], place: int, top: int, height: int, tokens: Tokens) -> None:
        row = self._model.row(place)
        baseline = top + (height - self._plain.height()) // 2 + self._plain.ascent()
        if row is None:
            painter.setFont(self._font)
            painter.setPen(QColor(tokens.muted))
            words = GONE if self._model.here(place) else _WAITING
            if cells:
                painter.drawText(cells[0].left + PAD, baseline, words)
            return
        usual = QColor(tokens.text)
        painter.setPen(usual)
        for cell in cells:
            column = cell.column
            value = column.value(row)
            if value is None or value == "":
                continue
            if column.kind == "status":
                self._pill(painter, QRect(cell.left + PAD, top, cell.width - 2 * PAD, height), value, tokens)
                painter.setPen(usual)
                continue
            text = column.text(value) if column.text else show_value(column.kind, value)
            negative = column.kind in RIGHT and isinstance(value, _NUMBERS) and value < 0
            strong = negative or column.bold
            text, wide = self._fit(text, cell, strong)
            left = cell.left + (cell.width - PAD - wide if cell.right else PAD)
            if strong:
                painter.setFont(self._bold)
                painter.setPen(QColor(tokens.negative) if negative else usual)
            painter.drawText(left, baseline, text)
            if strong:
                painter.setFont(self._font)
                painter.setPen(usual)

    def _pill(self, painter: QPainter, room: QRect, value: Any, tokens: Tokens) -> None:
        pill = value if isinstance(value, Pill) else Pill(str(value))
        paint_pill(painter, room, pill, tokens, painter.device().devicePixelRatio())

    def _fit(self, text: str, cell: _Cell, strong: bool) -> tuple[str, int]:
        """The text as far as it fits, and its width."""
        key = (text, cell.width, strong)
        known = self._measured.get(key)
        if known is None:
            metrics, room = self._strong if strong else self._plain, cell.width - 2 * PAD
            line = " ".join(text.split()) if "\n" in text else text
            wide = metrics.horizontalAdvance(line)
            if wide > room:
                line = fitted(line, cell.column.kind, metrics, room)
                wide = metrics.horizontalAdvance(line)
            known = (line, wide)
            if len(self._measured) >= _REMEMBERED:
                self._measured.clear()
            self._measured[key] = known
        return known

    def _follow_font(self, font: QFont) -> None:
        if font != self._font or not self._measured:
            self._font = QFont(font)
            self._bold = QFont(font)
            self._bold.setBold(True)
            self._plain, self._strong = QFontMetrics(self._font), QFontMetrics(self._bold)
            self._measured.clear()
