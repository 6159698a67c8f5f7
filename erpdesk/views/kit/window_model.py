"""The Qt item model of a list of which only the ids and some pages of rows are in memory."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex

from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.record_model import ROLE, Index, RecordModel

PAGE = 256
KEPT = 64
LOADING = "Loading"
GONE = "No longer there"


class WindowModel(RecordModel):
    """Knows the id of every row and keeps the pages that were looked at last; whoever shows it fetches the others."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__(columns)
        self.ids: array[int] = array("q")
        self._pages: OrderedDict[int, Sequence[Any]] = OrderedDict()

    def start(self, rows: Sequence[Any]) -> None:
        """Shows these first rows and nothing else yet."""
        self.beginResetModel()
        self.ids = array("q", [row.id for row in rows])
        self._pages.clear()
        if rows:
            self._pages[0] = rows
        self.endResetModel()

    def fill(self, ids: array[int]) -> bool:
        """Takes the ids of all rows; False when the rows shown so far do not begin them and all had to be reset."""
        known = len(self.ids)
        if self.ids == ids[:known]:
            if len(ids) > known:
                self.beginInsertRows(QModelIndex(), known, len(ids) - 1)
                self.ids = ids
                self.endInsertRows()
            return True
        self.replace(ids, {})
        return False

    def replace(self, ids: array[int], pages: dict[int, Sequence[Any]]) -> None:
        """Shows other rows, of which these pages are here already."""
        self.beginResetModel()
        self.ids = ids
        self._pages = OrderedDict(pages)
        self.endResetModel()

    def put(self, page: int, rows: Sequence[Any]) -> None:
        """Takes in a page; the one that was not looked at for longest makes room for it."""
        self._pages[page] = rows
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        top = page * PAGE
        self.dataChanged.emit(self.index(top, 0), self.index(top + len(rows) - 1, len(self.columns) - 1))

    def ids_of(self, page: int) -> array[int]:
        """The ids of the rows of a page."""
        return self.ids[page * PAGE : (page + 1) * PAGE]

    def missing(self, top: int, bottom: int) -> list[int]:
        """The pages that are not here, of the rows between two places."""
        top, bottom = max(0, top), min(len(self.ids) - 1, bottom)
        wanted = range(top // PAGE, bottom // PAGE + 1) if bottom >= top else range(0)
        return [page for page in wanted if not self._whole(page)]

    def here(self, place: int) -> bool:
        """Whether the row at a place is in memory (it may be gone from the source)."""
        page = self._pages.get(place // PAGE)
        return page is not None and place % PAGE < len(page)

    def row(self, place: int) -> Any | None:
        """The row at a place; None when it is not here or gone."""
        number, within = divmod(place, PAGE)
        page = self._pages.get(number)
        if page is None or within >= len(page):
            return None
        self._pages.move_to_end(number)
        return page[within]

    def row_at(self, index: Index) -> Any | None:
        """The row of a cell; None when it is not here or gone."""
        return self.row(index.row())

    def place(self, record_id: Hashable) -> int:
        """The place of a record in the list, or -1."""
        try:
            return self.ids.index(record_id) if isinstance(record_id, int) else -1
        except ValueError:
            return -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        """How many rows the list has, as far as is known."""
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        """What a cell shows, or says to a screen reader."""
        if index.isValid() and role in (ROLE.DisplayRole, ROLE.AccessibleTextRole) and self.row_at(index) is None:
            if role == ROLE.DisplayRole:
                return ""
            return GONE if self.here(index.row()) else LOADING
        return super().data(index, role)

    def _whole(self, page: int) -> bool:
        held = self._pages.get(page)
        return held is not None and len(held) == min(PAGE, len(self.ids) - page * PAGE)
