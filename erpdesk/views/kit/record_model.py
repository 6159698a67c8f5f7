"""The Qt item model of a list of frozen rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelection, QModelIndex, QPersistentModelIndex, Qt

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.record_order import Shown
from erpdesk.views.kit.table_layout import Sorts

Index = QModelIndex | QPersistentModelIndex
ROLE = Qt.ItemDataRole
BOX_ROOM = 26


def row_ranges(selection: QItemSelection) -> list[tuple[int, int]]:
    """First and last place of each run of selected rows, from top to bottom."""
    found: list[tuple[int, int]] = []
    for top, bottom in sorted((part.top(), part.bottom()) for part in selection.toList()):
        # With moved columns Qt tells of one row once for each run of columns.
        if not found or top > found[-1][1]:
            found.append((top, bottom))
        elif bottom > found[-1][1]:
            found.append((found[-1][1] + 1, bottom))
    return found


class RecordModel(QAbstractTableModel):
    """Answers Qt's questions about the rows that are shown; order and filter are worked out elsewhere."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self.shown = Shown()
        self._sorts: dict[str, tuple[int, bool]] = {}
        self._boxed = -1

    def show(self, shown: Shown) -> None:
        """Swaps all rows at once."""
        self.beginResetModel()
        self.shown = shown
        self.endResetModel()

    def mark_sorts(self, sorts: Sorts) -> None:
        """Shows the arrows of the sorted columns, and beside them 1, 2, 3 when there are several."""
        self._sorts = {key: (number, down) for number, (key, down) in enumerate(sorts, start=1)}
        self._titles_changed()

    def mark_boxed(self, column: int) -> None:
        """Names the column whose title must leave room for the boxes of the rows; -1 for none."""
        self._boxed = column
        self._titles_changed()

    def row_at(self, index: Index) -> Any:
        """The frozen row of a cell."""
        return self.shown.rows[index.row()]

    def place(self, record_id: Hashable) -> int:
        """The place of a record on screen, or -1."""
        return self.shown.places.get(record_id, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        """How many rows are shown."""
        return 0 if parent.isValid() else len(self.shown.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        """How many columns are declared."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        """What a cell shows, or says to a screen reader."""
        if not index.isValid():
            return None
        if role == ROLE.DisplayRole:
            return self.columns[index.column()].shown(self.row_at(index))
        if role == ROLE.TextAlignmentRole:
            return self.columns[index.column()].alignment
        if role == ROLE.AccessibleTextRole:
            return self.columns[index.column()].spoken(self.row_at(index))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole) -> Any:
        """The title of a column, with an arrow when the list is sorted by it, and its rank among several."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        number, descending = self._sorts.get(column.key, (0, False))
        if role == ROLE.DisplayRole:
            # Two wide blanks are as wide as the box of a row.
            title = f"\u2003\u2003{column.title}" if section == self._boxed else column.title
            return f"{title} {'↓' if descending else '↑'}{number if len(self._sorts) > 1 else ''}" if number else title
        if role == ROLE.AccessibleTextRole:
            way = "descending" if descending else "ascending"
            rank = f", sort {number} of {len(self._sorts)}" if len(self._sorts) > 1 else ""
            return f"{column.title}, sorted {way}{rank}" if number else column.title
        if role == ROLE.TextAlignmentRole:
            return column.alignment
        if role == ROLE.ToolTipRole:
            return column.tooltip or None
        return None

    def _titles_changed(self) -> None:
        if self.columns:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
