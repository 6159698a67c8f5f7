"""The schedule of values as a Qt table: the frozen lines, one empty row below them to go on typing, and undo."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication

from erpdesk.views.kit.tokens import tokens_for
from erpdesk.views.tabs.commitments import lines as schedule
from erpdesk.views.tabs.commitments.codes import CodeBook
from erpdesk.workflows.rows import LineDraft

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
MOST_STEPS_BACK = 200
HINT = "Type a cost code"


class LinesModel(QAbstractTableModel):
    """Holds the lines a person edits. Every change goes through ``commit`` and can be taken back with ``undo``.

    ``edited`` tells that lines changed; ``refused`` carries the sentence why a cell did not take what was typed.
    """

    edited = Signal()
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[LineDraft, ...] = ()
        self._past: list[tuple[LineDraft, ...]] = []
        self._future: list[tuple[LineDraft, ...]] = []
        self.book = CodeBook()
        self.method = schedule.AMOUNT
        self.editable = False
        self.columns = schedule.cells(self.method, False)

    def lines(self) -> tuple[LineDraft, ...]:
        """The lines as they stand."""
        return self._lines

    def load(self, lines: Sequence[LineDraft], method: str, book: CodeBook, editable: bool) -> None:
        """Shows other lines; what could be taken back before is forgotten."""
        self.beginResetModel()
        self._lines = tuple(lines)
        self._past.clear()
        self._future.clear()
        self.method = method
        self.book = book
        self.editable = editable
        with_extras = book.has_extras or any(line.extra for line in lines)
        self.columns = schedule.cells(method, with_extras)
        self.endResetModel()

    def set_editable(self, editable: bool) -> None:
        """Opens or closes the lines."""
        if editable != self.editable:
            self.beginResetModel()
            self.editable = editable
            self.endResetModel()

    def set_method(self, method: str) -> None:
        """Shows the columns of another accounting method; possible while there is no line (C2)."""
        if method != self.method and not self._lines:
            self.load((), method, self.book, self.editable)

    def set_book(self, book: CodeBook) -> None:
        """Takes the codes of another job; the lines stay as they are."""
        columns = schedule.cells(self.method, book.has_extras or any(line.extra for line in self._lines))
        if columns == self.columns:
            # Somebody may be typing into a cell: the fields and the cursor stay.
            self.book = book
            self._tell_all()
            return
        self.beginResetModel()
        self.book = book
        self.columns = columns
        self.endResetModel()

    def _tell_all(self) -> None:
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(self.columns) - 1))

    def commit(self, lines: Sequence[LineDraft]) -> None:
        """Takes changed lines and remembers those before."""
        lines = tuple(lines)
        if lines == self._lines:
            return
        self._past.append(self._lines)
        del self._past[:-MOST_STEPS_BACK]
        self._future.clear()
        self._put(lines)

    @property
    def can_undo(self) -> bool:
        """Whether a change can be taken back."""
        return bool(self._past) and self.editable

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back."""
        return bool(self._future) and self.editable

    def undo(self) -> bool:
        """Takes back the last change; False when there is none."""
        return self._step(self._past, self._future)

    def redo(self) -> bool:
        """Does again what was taken back; False when there is nothing."""
        return self._step(self._future, self._past)

    def _step(self, source: list[tuple[LineDraft, ...]], target: list[tuple[LineDraft, ...]]) -> bool:
        if not source or not self.editable:
            return False
        target.append(self._lines)
        self._put(source.pop())
        return True

    def _put(self, lines: tuple[LineDraft, ...]) -> None:
        if len(lines) == len(self._lines):
            self._lines = lines
            self._tell_all()
        elif len(lines) > len(self._lines) and lines[: len(self._lines)] == self._lines:
            # The row that was empty becomes a line and a new empty row appears: the cursor stays where it is.
            first = self.rowCount()
            self.beginInsertRows(QModelIndex(), first, first + len(lines) - len(self._lines) - 1)
            self._lines = lines
            self.endInsertRows()
            self._tell_all()
        else:
            self.beginResetModel()
            self._lines = lines
            self.endResetModel()
        self.edited.emit()

    def is_entry_row(self, row: int) -> bool:
        """Whether this is the empty row below the lines."""
        return row >= len(self._lines)

    def column_of(self, key: str) -> int:
        """The place of a column, by its key."""
        return next(place for place, column in enumerate(self.columns) if column.key == key)

    def line(self, row: int) -> LineDraft:
        """The line of a row; an empty one for the row below the lines."""
        return self._lines[row] if row < len(self._lines) else schedule.EMPTY

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """The lines, and the empty row below while they can be edited."""
        return 0 if parent.isValid() else len(self._lines) + (1 if self.editable else 0)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """The columns of the accounting method."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        """Titles above, numbers of the lines at the left."""
        if orientation == Qt.Orientation.Vertical:
            if role == Role.DisplayRole:
                return "+" if self.is_entry_row(section) else str(section + 1)
            return int(Qt.AlignmentFlag.AlignCenter) if role == Role.TextAlignmentRole else None
        if not 0 <= section < len(self.columns):
            return None
        if role == Role.DisplayRole:
            return self.columns[section].title
        if role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.columns[section].number else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Cells can be edited while the schedule is open; a computed amount can not."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self.editable and index.isValid() and not self._is_computed(index):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def _is_computed(self, index: Index) -> bool:
        key = self.columns[index.column()].key
        return key == "amount" and self.method == schedule.UNIT and schedule.by_quantity(self.line(index.row()))

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """Words, colours and explanations of a cell."""
        if not index.isValid() or index.column() >= len(self.columns):
            return None
        column, line = self.columns[index.column()], self.line(index.row())
        if role == Role.DisplayRole:
            if self.is_entry_row(index.row()) and column.key == "cost_code":
                return HINT
            return schedule.shown(line, column.key, self.book)
        if role == Role.EditRole:
            return schedule.plain(line, column.key)
        if role == Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Role.ForegroundRole:
            return self._colour(index, line, column.key)
        if role == Role.ToolTipRole:
            return self._explain(index, line, column)
        if role == Role.AccessibleTextRole:
            words = schedule.shown(line, column.key, self.book) or "empty"
            trouble = schedule.problem(line, column.key, self.book)
            return f"{column.title}: {words}" + (f". {trouble}" if trouble else "")
        return None

    def _colour(self, index: Index, line: LineDraft, key: str) -> QColor | None:
        tokens = tokens_for(QGuiApplication.palette())
        if self.is_entry_row(index.row()):
            return QColor(tokens.muted)
        if schedule.problem(line, key, self.book) or (key == "amount" and line.amount < 0):
            return QColor(tokens.negative)
        return None

    def _explain(self, index: Index, line: LineDraft, column: schedule.Cell) -> str:
        trouble = schedule.problem(line, column.key, self.book)
        if trouble:
            return trouble
        if self._is_computed(index):
            return "Quantity × unit cost, rounded to the cent. Clear both to type an amount instead."
        found = self.book.row(line.extra, line.cost_code, line.category)
        if column.key == "category" and found is not None:
            return f"{found.category}  {found.category_description}"
        return schedule.shown(line, column.key, self.book) if column.key in ("cost_code", "description") else ""

    def setData(self, index: Index, value: object, role: int = Role.EditRole) -> bool:
        """Takes what was typed; a cell that can not take it stays as it is and says why through ``refused``."""
        if role != Role.EditRole or not index.isValid():
            return False
        line = self.line(index.row())
        try:
            changed = schedule.with_cell(line, self.columns[index.column()].key, str(value), self.book, self.method)
        except schedule.CellProblem as problem:
            self.refused.emit(str(problem))
            return False
        if changed == line:
            return True
        lines = list(self._lines)
        if self.is_entry_row(index.row()):
            lines.append(changed)
        else:
            lines[index.row()] = changed
        self.commit(lines)
        return True
