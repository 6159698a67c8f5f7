"""The row of totals below a list: of what is shown, and of what is selected."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QTableView, QWidget

from erpdesk.core.money import show_amount
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.record_delegate import PAD, fitted
from erpdesk.views.kit.tokens import tokens_for


class TotalsFooter(QWidget):
    """Sums stand under their columns and follow them when they are moved, resized or scrolled."""

    def __init__(self, table: QTableView, columns: tuple[Column, ...]) -> None:
        super().__init__(table)
        self._table = table
        self._columns = columns
        self._lines: list[tuple[str, dict[str, Decimal]]] = []
        self.setAccessibleName("Totals")

    def set_lines(
        self, shown: str, sums: Mapping[str, Decimal], picked: str, picked_sums: Mapping[str, Decimal]
    ) -> None:
        """Shows the words and sums of all rows and, unless ``picked`` is empty, those of the selected ones."""
        self._lines = [(shown, dict(sums))]
        if picked:
            self._lines.append((picked, dict(picked_sums)))
        self._told()

    def clear(self) -> None:
        """Shows nothing and takes no room."""
        self._lines = []
        self._told()

    def texts(self) -> list[str]:
        """Each line as words: ``4 items  412,880.00``."""
        return ["  ".join([words, *(show_amount(sum_) for sum_ in sums.values())]) for words, sums in self._lines]

    def line_height(self) -> int:
        """Pixels of one line."""
        return self.fontMetrics().height() + 13

    def wanted_height(self) -> int:
        """Pixels of all lines."""
        return self.line_height() * len(self._lines)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the lines under the columns of the table."""
        tokens = tokens_for(self.palette())
        painter = QPainter(self)
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        height = self.line_height()
        for number, (words, sums) in enumerate(self._lines):
            top = number * height
            painter.fillRect(0, top, self.width(), height, QColor(tokens.selection if number else tokens.header))
            painter.setPen(QColor(tokens.border))
            painter.drawLine(0, top + height - 1, self.width(), top + height - 1)
            left_most = self.width()
            for place, column in enumerate(self._columns):
                if column.key not in sums or self._table.isColumnHidden(place):
                    continue
                x = self._table.columnViewportPosition(place)
                room = QRect(x + PAD, top, self._table.columnWidth(place) - 2 * PAD, height)
                sum_ = sums[column.key]
                painter.setPen(QColor(tokens.negative if sum_ < 0 else tokens.text))
                text = show_amount(sum_)
                # A sum that is wider than its column may use the empty room to its left.
                wide = room.adjusted(-max(0, metrics.horizontalAdvance(text) - room.width()), 0, 0, 0)
                painter.drawText(wide, int(column.alignment), text)
                left_most = min(left_most, wide.left())
            painter.setPen(QColor(tokens.text))
            room = QRect(PAD, top, max(left_most - 2 * PAD, 0), height)
            flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(room, flags, fitted(words, "text", metrics, room.width()))
        painter.end()

    def _told(self) -> None:
        self.setAccessibleDescription(". ".join(self.texts()))
        self.update()
