"""The grid of the schedule of values: works as a spreadsheet does, with the total always in sight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QHeaderView, QTableView, QWidget

from erpdesk.views.tabs.commitments import lines as schedule
from erpdesk.views.tabs.commitments.cell_editor import CellEditor, CellField
from erpdesk.views.tabs.commitments.lines_fill import copied, filled_down, with_open_cells
from erpdesk.views.tabs.commitments.lines_model import LinesModel
from erpdesk.views.tabs.commitments.lines_widths import LineWidths
from erpdesk.workflows.rows import LineDraft

Hint = QAbstractItemDelegate.EndEditHint
ROW_HEIGHT = 28
LEAST_ROWS = 5


class LinesGrid(QTableView):
    """Type to overwrite, Tab to the right, Enter down, a block from a spreadsheet with Ctrl+V; Tab past the end leaves.

    After a choice from a list Enter goes to the next empty cell of the line. ``refused`` carries a sentence whenever
    something typed or pasted was not taken; nothing is changed then.
    """

    refused = Signal(str)
    typing_changed = Signal()
    """Something was typed into an open field, or the field was closed."""
    told = Signal(str)
    """Something was done that can be taken back; the sentence says how."""
    closed_asked = Signal()
    """Somebody tried to type into a closed schedule."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = LinesModel()
        self.lines.setParent(self)
        self._took = True
        self._tabbed_from: int | None = None
        self.setModel(self.lines)
        self._widths = LineWidths(self, self.lines)
        delegate = CellEditor(self)
        delegate.typed.connect(self.typing_changed)
        self.setItemDelegate(delegate)
        self.setAccessibleName("Schedule of values")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setWordWrap(False)
        self.setStyleSheet("QTableView::item { padding: 0px 6px; }")
        self.setShowGrid(True)
        numbers = self.verticalHeader()
        numbers.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        numbers.setDefaultSectionSize(ROW_HEIGHT)
        numbers.setFixedWidth(34)
        titles = self.horizontalHeader()
        titles.setHighlightSections(False)
        titles.setMinimumSectionSize(40)
        self.lines.refused.connect(self._on_refused)
        self.lines.modelReset.connect(self._widths.lay_out)
        self.lines.modelReset.connect(self.updateGeometry)
        self.horizontalScrollBar().rangeChanged.connect(lambda *_range: self.updateGeometry())
        self.selectionModel().currentChanged.connect(lambda *_cells: self._forget_run())
        self._widths.lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lets the cost code give way when the page is narrow, so that the amounts stay in sight."""
        super().resizeEvent(event)
        self._widths.fit()

    def minimumSizeHint(self) -> QSize:
        """Room for the titles and five rows: four lines and the empty one below them; closed, for fewer lines less."""
        bar = self.horizontalScrollBar()
        below = bar.sizeHint().height() if bar.maximum() > 0 else 0
        rows = LEAST_ROWS if self.lines.editable else min(max(self.lines.rowCount(), 2), LEAST_ROWS)
        high = self.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT + 2 * self.frameWidth() + below
        return QSize(super().minimumSizeHint().width(), high)

    def sizeHint(self) -> QSize:
        """No higher than needed: room to spare comes from the page, which scrolls only when it must."""
        return QSize(super().sizeHint().width(), self.minimumSizeHint().height())

    def _on_refused(self, words: str) -> None:
        self._took = False
        self.refused.emit(words)

    # Moving and editing

    def event(self, event: QEvent) -> bool:
        """Keeps Ctrl+D for filling down: elsewhere on the page it duplicates the commitment."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            if control and event.key() == Qt.Key.Key_D:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a spreadsheet."""
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste(QGuiApplication.clipboard().text())
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif event.matches(QKeySequence.StandardKey.Redo) or (control and key == Qt.Key.Key_Y):
            self.redo()
        elif control and key == Qt.Key.Key_D and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.fill_down()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            event.setAccepted(self._go(1 if key == Qt.Key.Key_Tab else -1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            self._go_down()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not control:
            self.clear_cells()
        elif not self.lines.editable and event.text().strip() and not control:
            self.closed_asked.emit()
        else:
            if self.lines.editable and event.text().strip() and not control:
                self._explain_computed()
            super().keyPressEvent(event)

    def closeEditor(self, editor: QWidget, hint: Hint) -> None:
        """After Tab goes to the right, after Enter down; what was not taken stays in its field to be corrected."""
        by_key = hint in (Hint.EditNextItem, Hint.EditPreviousItem, Hint.SubmitModelCache)
        if by_key and not self._took:
            self._took = True
            editor.setFocus()
            return
        chose = isinstance(editor, CellField) and editor.list is not None and editor.answer() is not None
        super().closeEditor(editor, Hint.NoHint)
        self._took = True
        self.typing_changed.emit()
        if by_key:
            self.setFocus()
        if hint == Hint.EditNextItem:
            self._go(1)
        elif hint == Hint.EditPreviousItem:
            self._go(-1)
        elif hint == Hint.SubmitModelCache and not (chose and self._go_to_empty()):
            self._go_down()

    def holds_typing(self) -> bool:
        """Whether an open field holds something that is not in the lines yet."""
        return any(field.isVisible() and field.answer() is not None for field in self.findChildren(CellField))

    def lines_as_typed(self) -> tuple[LineDraft, ...]:
        """The lines with the words of an open field in their cell; words that no cell takes are left out."""
        typed = [
            (self.indexAt(field.geometry().center()), answer)
            for field in self.findChildren(CellField)
            if field.isVisible() and (answer := field.answer()) is not None
        ]
        return with_open_cells(self.lines, [(index.row(), index.column(), words) for index, words in typed])

    def finish_typing(self) -> bool:
        """Takes what is in an open field, as if it had been left; False when it can not be taken and stays there."""
        for field in self.findChildren(CellField):
            if field.isVisible():
                field.settle()
                self._took = True
                self.commitData(field)
                if not self._took:
                    self._took = True
                    field.setFocus()
                    return False
                self.closeEditor(field, Hint.NoHint)
        return True

    def edit_cell(self, row: int, key: str) -> None:
        """Opens the editor of a cell, named by its column."""
        index = self.lines.index(row, self.lines.column_of(key))
        self.setCurrentIndex(index)
        self.setFocus()
        self.edit(index)

    def go_to_cell(self, row: int, key: str) -> None:
        """Puts the cursor on a cell, named by its column, without opening it; for one that is not shown, the last."""
        columns = [cell.key for cell in self.lines.columns]
        column = columns.index(key) if key in columns else len(columns) - 1
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self.lines.rowCount():
            self._put_cursor(min(row, self.lines.rowCount() - 1), column)
            self.scrollTo(self.currentIndex())

    def _go(self, by: int) -> bool:
        """To the next cell that can be edited; False past either end, so that Tab leaves the grid."""
        index, width, rows = self.currentIndex(), len(self.lines.columns), self.lines.rowCount()
        if not index.isValid():
            return False
        if by > 0 and self.lines.is_entry_row(index.row()):
            return False
        place = index.row() * width + index.column() + by
        while 0 <= place < rows * width:
            row, column = divmod(place, width)
            reachable = self.lines.flags(self.lines.index(row, column)) & Qt.ItemFlag.ItemIsEditable
            if reachable or not self.lines.editable:
                begun = index.column() if self._tabbed_from is None else self._tabbed_from
                if row != index.row():
                    begun = column
                if by > 0 and self.lines.is_entry_row(row):
                    begun = column = self.lines.column_of("cost_code")
                self._put_cursor(row, column)
                self._tabbed_from = begun if by > 0 else None
                return True
            place += by
        return False

    def _go_down(self) -> None:
        index = self.currentIndex()
        row = index.row() + 1 if index.isValid() else 0
        if row < self.lines.rowCount():
            # As in a spreadsheet: after a row that was filled with Tab the next one begins below its first cell.
            column = index.column() if self._tabbed_from is None else self._tabbed_from
            self._put_cursor(row, max(column, 0))

    def _go_to_empty(self) -> bool:
        """To the next cell of the line that still has to be filled; False when there is none."""
        index = self.currentIndex()
        if not index.isValid() or self.lines.is_entry_row(index.row()):
            return False
        line = self.lines.line(index.row())
        for column in range(index.column() + 1, len(self.lines.columns)):
            cell = self.lines.index(index.row(), column)
            open_ = self.lines.flags(cell) & Qt.ItemFlag.ItemIsEditable
            if open_ and not getattr(line, self.lines.columns[column].key):
                begun = index.column() if self._tabbed_from is None else self._tabbed_from
                self._put_cursor(index.row(), column)
                self._tabbed_from = begun
                return True
        return False

    def _forget_run(self) -> None:
        self._tabbed_from = None

    def _put_cursor(self, row: int, column: int) -> None:
        self.selectionModel().setCurrentIndex(
            self.lines.index(row, column), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )

    def _explain_computed(self) -> None:
        index = self.currentIndex()
        if index.isValid() and not self.lines.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self.refused.emit(str(index.data(Qt.ItemDataRole.ToolTipRole)))

    # Lines

    def selected_rows(self) -> list[int]:
        """The lines that hold the selection or the cursor; the empty row below is none of them."""
        rows = {index.row() for index in self.selectionModel().selectedIndexes()}
        if not rows and self.currentIndex().isValid():
            rows = {self.currentIndex().row()}
        return sorted(row for row in rows if not self.lines.is_entry_row(row))

    def add_line(self) -> None:
        """Goes to the empty row below the lines and opens its cost code."""
        if self._open():
            self.edit_cell(self.lines.rowCount() - 1, "cost_code")

    def duplicate_lines(self) -> None:
        """Copies the selected lines below themselves."""
        rows = self.selected_rows()
        if self._open() and rows:
            lines = list(self.lines.lines())
            copies = [replace(lines[row], id="") for row in rows]
            lines[rows[-1] + 1 : rows[-1] + 1] = copies
            self._commit(lines, rows[-1] + 1)

    def fill_down(self) -> None:
        """Copies the first cell of each selected column into those below; one cell takes the cell above it."""
        chosen = self.selectionModel().selectedIndexes() or [self.currentIndex()]
        cells = [index for index in chosen if index.isValid()]
        if self._open() and cells:
            places: dict[int, list[int]] = {}
            for index in cells:
                places.setdefault(index.column(), []).append(index.row())
            made = self._tried(lambda: filled_down(self.lines.lines(), places, self.lines))
            if made == self.lines.lines():
                self.told.emit("There is nothing above to fill down from.")
            elif made is not None:
                self._commit(list(made), self.currentIndex().row())

    def _tried(self, change: Callable[[], tuple[LineDraft, ...]]) -> tuple[LineDraft, ...] | None:
        """The changed lines; None when a cell can not take it, which is then said."""
        try:
            return change()
        except schedule.CellProblem as problem:
            self.refused.emit(str(problem))
            return None

    def delete_lines(self) -> None:
        """Takes the selected lines out; Ctrl+Z brings them back."""
        rows = self.selected_rows()
        if self._open() and rows:
            self._commit([line for row, line in enumerate(self.lines.lines()) if row not in rows], rows[0])
            what, it = ("1 line", "it") if len(rows) == 1 else (f"{len(rows)} lines", "them")
            self.told.emit(f"{what} deleted. Ctrl+Z brings {it} back.")

    def undo(self) -> None:
        """Takes back the last change to the lines."""
        self._step(self.lines.undo, "There is nothing to take back.")

    def redo(self) -> None:
        """Does again what was taken back."""
        self._step(self.lines.redo, "There is nothing to do again.")

    def _step(self, step: Callable[[], bool], nothing: str) -> None:
        if not self._open():
            return
        row, column = max(self.currentIndex().row(), 0), max(self.currentIndex().column(), 0)
        self.setFocus()
        if step():
            self._put_cursor(min(row, self.lines.rowCount() - 1), column)
        else:
            self.told.emit(nothing)

    def clear_cells(self) -> None:
        """Empties the selected cells; computed amounts follow their quantity."""
        if not self._open():
            return
        lines = list(self.lines.lines())
        chosen = self.selectionModel().selectedIndexes() or [self.currentIndex()]
        cells = [index for index in chosen if index.isValid() and index.row() < len(lines)]
        # Quantities first: an amount can be emptied only when it is no longer computed.
        for index in sorted(cells, key=lambda cell: cell.column()):
            key = self.lines.columns[index.column()].key
            try:
                lines[index.row()] = schedule.with_cell(lines[index.row()], key, "", self.lines.book, self.lines.method)
            except schedule.CellProblem as problem:
                self.refused.emit(str(problem))
                return
        self._commit(lines, self.currentIndex().row())

    def _commit(self, lines: list[LineDraft], row: int) -> None:
        column = max(self.currentIndex().column(), 0)
        self.setFocus()
        self.lines.commit(lines)
        self._put_cursor(min(row, self.lines.rowCount() - 1), column)

    def _open(self) -> bool:
        if not self.lines.editable:
            self.closed_asked.emit()
        return self.lines.editable

    # Clipboard

    def copy(self) -> None:
        """Puts the selected cells on the clipboard, numbers without separators."""
        chosen = self.selectionModel().selectedIndexes()
        if not chosen:
            return
        text = copied(self.lines, [(index.row(), index.column()) for index in chosen])
        QGuiApplication.clipboard().setText(text)

    def paste(self, text: str) -> None:
        """Puts a block of cells at the cursor: all of it, or nothing and a sentence why."""
        if not self._open():
            return
        block = schedule.block_of(text)
        index = self.currentIndex()
        if not block or not index.isValid():
            self.refused.emit("There is nothing to paste. Copy cells in a spreadsheet, then choose a cell here.")
            return
        lines, columns, book, method = self.lines.lines(), self.lines.columns, self.lines.book, self.lines.method
        at = (index.row(), index.column())
        made = self._tried(lambda: schedule.pasted(lines, block, *at, columns, book, method))
        if made is not None:
            self._commit(list(made), index.row())
