"""How wide the columns of the schedule are: the cost code gives way first, the description takes what is left."""

from __future__ import annotations

from PySide6.QtWidgets import QHeaderView, QTableView

from erpdesk.views.tabs.commitments.lines_model import LinesModel

NARROWEST_CODE = 90
ELASTIC = ("cost_code", "description")


class LineWidths:
    """Lays out the columns of one grid."""

    def __init__(self, grid: QTableView, lines: LinesModel) -> None:
        self._grid = grid
        self._lines = lines
        self._code = 0
        """Of the cost code as it was fitted; a person who drags it keeps the own width."""

    def lay_out(self) -> None:
        """Gives every column its usual width, because other columns are shown."""
        titles = self._grid.horizontalHeader()
        self._code = 0
        for place, column in enumerate(self._lines.columns):
            stretch = column.key == "description"
            titles.setSectionResizeMode(
                place, QHeaderView.ResizeMode.Stretch if stretch else QHeaderView.ResizeMode.Interactive
            )
            if not stretch:
                self._grid.setColumnWidth(place, column.width)
        self.fit()

    def fit(self) -> None:
        """Lets the cost code give way when the page is narrow, so that the amounts stay in sight."""
        columns, place = self._lines.columns, self._lines.column_of("cost_code")
        others = sum(self._grid.columnWidth(at) for at, each in enumerate(columns) if each.key not in ELASTIC)
        room = (self._grid.viewport().width() - others) // 2
        if not self._code or self._grid.columnWidth(place) == self._code:
            self._code = min(max(room, NARROWEST_CODE), columns[place].width)
            self._grid.setColumnWidth(place, self._code)
