"""Columns whose words are never cut: they grow with numbers, amounts and text size, and the list scrolls sideways."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QFont, QFontMetrics

from erpdesk.core.money import ZERO, show_amount
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.pills import Pill, pill_size
from erpdesk.views.kit.record_delegate import PAD
from erpdesk.views.kit.record_table import RecordTable

MOST_MEASURED = 500


class WholeColumns(QObject):
    """Belongs to one list; a width that a person chose stays, unless it cuts."""

    def __init__(self, table: RecordTable, keys: Sequence[str]) -> None:
        super().__init__(table)
        self._table = table
        self._keys = frozenset(keys)
        self._widths: dict[int, int] = {}
        table.installEventFilter(self)
        table.shown_changed.connect(self.widen)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Follows the text size of the theme."""
        if event.type() == QEvent.Type.FontChange:
            # The list takes the new font only after this.
            QTimer.singleShot(0, self, self.widen)
        return False

    @Slot()
    def widen(self, *_shown: int) -> None:
        """Gives each of the columns the room that its words need."""
        table = self._table
        font = QFont(table.font())
        font.setBold(True)
        metrics = QFontMetrics(font)
        for place, column in enumerate(table.records.columns):
            if column.key in self._keys and not table.isColumnHidden(place):
                needed, now = self._needed(column, metrics), table.columnWidth(place)
                # One that was chosen here follows the text, also back.
                if now < needed or now == self._widths.get(place):
                    self._widths[place] = max(column.first_width, needed)
                    table.setColumnWidth(place, self._widths[place])

    def _needed(self, column: Column, metrics: QFontMetrics) -> int:
        rows = self._table.all_rows()
        some = rows[:MOST_MEASURED]
        if column.kind == "status":
            pills = (column.value(row) for row in some)
            usual = QFontMetrics(self._table.font())
            widths = [pill_size(pill, usual).width() for pill in pills if isinstance(pill, Pill)]
        else:
            widths = [metrics.horizontalAdvance(column.shown(row)) for row in some]
        if column.adds_up:
            amounts = (column.value(row) for row in rows)
            total = sum((amount for amount in amounts if isinstance(amount, Decimal)), ZERO)
            widths.append(metrics.horizontalAdvance(show_amount(total)))
        return max([metrics.horizontalAdvance(column.title), *widths]) + 2 * PAD
