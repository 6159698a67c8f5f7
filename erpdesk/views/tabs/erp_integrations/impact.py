"""What one item does to the job's committed cost, by cost code and category, as a table that shows all its rows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from erpdesk.core.money import ZERO, show_amount
from erpdesk.views.kit.record_table import Column, RecordTable
from erpdesk.workflows.rows import ImpactRow

MOST_ROWS = 12
CELL_PAD = 8
NARROWEST_CODE = 84


def _code(row: ImpactRow) -> str:
    where = f"{row.extra} · " if row.extra else ""
    return f"{where}{row.cost_code} {row.description}"


COLUMNS: tuple[Column, ...] = (
    Column("code", "Cost code", width=200, value=_code),
    Column("category", "Cat", width=46, value=lambda row: row.category),
    Column(
        "budget",
        "Budget",
        kind="money",
        width=100,
        tooltip="Estimate in Sage",
        value=lambda row: row.budget,
    ),
    Column(
        "committed",
        "Committed",
        kind="money",
        width=100,
        tooltip="Committed cost in Sage when it was last read",
        value=lambda row: row.committed,
    ),
    Column("this", "This", kind="money", width=100, tooltip="What this item adds", value=lambda row: row.this),
    Column("after", "After", kind="money", width=100, tooltip="Committed + this", value=lambda row: row.after),
    Column("left", "Left", kind="money", width=100, tooltip="Budget less after", value=lambda row: row.left),
)


def _sum(column: Column, rows: Sequence[ImpactRow]) -> Decimal:
    values = (column.value(row) for row in rows)
    return sum((value for value in values if isinstance(value, Decimal)), ZERO)


class ImpactTable(QFrame):
    """A framed table as high as its rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._narrow = False
        self.table = RecordTable("impact", COLUMNS, noun=("line", "lines"))
        self.table.setAccessibleName("What changes in Sage, by cost code")
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        around = QVBoxLayout(self)
        around.setContentsMargins(1, 1, 1, 1)
        around.addWidget(self.table)

    def set_rows(self, rows: Sequence[ImpactRow]) -> None:
        """Shows other rows and takes the height they need."""
        self.table.set_rows(rows)
        self.fit()
        self._share_width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives amounts the room they need and the cost code what is left."""
        super().resizeEvent(event)
        self._share_width()

    def changeEvent(self, event: QEvent) -> None:
        """Follows the text size of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            # The table below takes the new height of its rows only after this.
            QTimer.singleShot(0, self, self._refit)

    def _refit(self) -> None:
        self.fit()
        self._share_width()

    def _share_width(self) -> None:
        """Amounts are never cut: when there is too little room the table scrolls sideways."""
        font = self.font()
        font.setBold(True)
        metrics = QFontMetrics(font)
        table = self.table
        taken = 0
        for place, column in enumerate(COLUMNS[1:], 1):
            texts = [column.title, *(column.shown(row) for row in table.all_rows())]
            if column.adds_up:
                texts.append(show_amount(_sum(column, table.all_rows())))
            width = max(map(metrics.horizontalAdvance, texts)) + 2 * CELL_PAD
            table.setColumnWidth(place, width)
            taken += width
        bar = table.verticalScrollBar().sizeHint().width() if len(table.all_rows()) > MOST_ROWS else 0
        code = max(NARROWEST_CODE, metrics.horizontalAdvance(COLUMNS[0].title) + 2 * CELL_PAD)
        narrow = taken + code + bar + 2 > self.width()
        if narrow != self._narrow:
            self._narrow = narrow
            self.fit()
        always, never = Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        table.setHorizontalScrollBarPolicy(always if narrow else never)
        table.setColumnWidth(0, max(table.viewport().width() - taken, code))

    def fit(self) -> None:
        """Takes the height of the rows, up to twelve of them."""
        table = self.table
        count = len(table.all_rows())
        needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if count > MOST_ROWS else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        table.setVerticalScrollBarPolicy(needed)
        rows = max(1, min(count, MOST_ROWS))
        height = table.horizontalHeader().sizeHint().height() + rows * table.verticalHeader().defaultSectionSize()
        sideways = table.horizontalScrollBar().sizeHint().height() if self._narrow else 0
        self.setFixedHeight(height + table.footer.wanted_height() + sideways + 4)
