"""The editor inside a cell of the schedule: type to overwrite, with a list of matching codes below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from erpdesk.views.kit.choice_list import Choice, ChoiceList
from erpdesk.views.kit.text_fields import GAP, Counter
from erpdesk.views.tabs.commitments.lines import LONGEST
from erpdesk.views.tabs.commitments.lines_model import LinesModel

Hint = QAbstractItemDelegate.EndEditHint
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
LIST_WIDTH = 420


class CellField(QLineEdit):
    """The field of one cell. Enter and Tab take the marked entry of the list, else the first that matches.

    ``done`` carries where to go next; words that match nothing are handed over as they were typed. Over the ``limit``
    they are kept as well: the counter turns red.
    """

    done = Signal(object)

    def __init__(self, choices: Sequence[Choice], parent: QWidget, limit: int | None = None) -> None:
        super().__init__(parent)
        self.counter = Counter(limit, self) if limit is not None else None
        if self.counter is not None:
            self.textChanged.connect(lambda _text: self._count())
            self._count()
        self._meant: str | None = None
        self._leaving = False
        self.list: ChoiceList | None = None
        if choices:
            self.list = ChoiceList(self, LIST_WIDTH)
            self.list.set_choices(choices)
            self.list.chosen.connect(self._on_chosen)
        self.textEdited.connect(self._on_typed)

    def answer(self) -> str | None:
        """What the person meant; None when the field was not touched."""
        if self._meant is not None:
            return self._meant
        if not self.isModified():
            return None
        only = self.list.only(self.text()) if self.list is not None and self.text().strip() else None
        return only.id if only else self.text()

    def settle(self) -> None:
        """Takes the marked entry of the list, else the first that matches what was typed."""
        if self.list is None:
            return
        self._leaving = True
        taken = self.list.is_open() and self.list.take()
        self._leaving = False
        if not taken and self.isModified() and self._meant is None and self.text().strip():
            found = self.list.matches(self.text())
            self._meant = found[0].id if found else None

    def finish(self, hint: Hint) -> None:
        """Closes the field as Enter and Tab do."""
        self.settle()
        self.done.emit(hint)

    def close_list(self) -> bool:
        """Takes the list away; False when none is open."""
        if self.list is None or not self.list.is_open():
            return False
        self.list.hide()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the counter at the right edge."""
        super().resizeEvent(event)
        self._count()

    def _count(self) -> None:
        if self.counter is not None:
            self.counter.count(len(self.text()))
            width = self.counter.sizeHint().width()
            self.counter.setGeometry(self.width() - width - GAP, 0, width, self.height())
            self.setTextMargins(0, 0, width + GAP, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down and F4 open the whole list, arrows walk it."""
        key = event.key()
        if key in ENTER:
            self.finish(Hint.SubmitModelCache)
        elif key == Qt.Key.Key_Escape and self.close_list():
            event.accept()
        elif self.list is not None and key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.list.is_open():
            self.list.move(1 if key == Qt.Key.Key_Down else -1)
        elif self.list is not None and key in (Qt.Key.Key_Down, Qt.Key.Key_F4):
            self.list.open("", None)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes to the next cell, also when the open list hands the key on."""
        self.finish(Hint.EditNextItem if forward else Hint.EditPreviousItem)
        return True

    def _on_typed(self) -> None:
        self._meant = None
        if self.list is None:
            return
        if words := self.text().strip():
            self.list.open(words, None)
        else:
            self.list.hide()

    def _on_chosen(self, id_: str) -> None:
        self._meant = id_
        if not self._leaving:
            self.done.emit(Hint.EditNextItem)


class CellEditor(QStyledItemDelegate):
    """Makes a text field for any cell; cost codes, categories and extras get a type-ahead list.

    ``typed`` comes with every letter typed into one.
    """

    typed = Signal()

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """The field for one cell, named for screen readers."""
        model = index.model()
        assert isinstance(model, LinesModel)
        column = model.columns[index.column()]
        field = CellField(self._choices(model, index.row(), column.key), parent, LONGEST.get(column.key))
        field.setAccessibleName(f"{column.title}, line {index.row() + 1}")
        field.setStyleSheet("QLineEdit { border-radius: 0px; padding: 0px 5px; }")
        if column.number:
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.done.connect(lambda hint: self._close(field, hint))
        field.textEdited.connect(self.typed)
        return field

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        """Puts the plain value into the field."""
        if isinstance(editor, CellField) and editor.answer() is None:
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
            editor.selectAll()

    def setModelData(
        self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Hands what was typed to the model, which judges it."""
        answer = editor.answer() if isinstance(editor, CellField) else None
        if answer is not None:
            model.setData(index, answer, Qt.ItemDataRole.EditRole)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter and Tab close the field at once; left to Qt, Enter would also reach the grid and move twice."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and isinstance(editor, CellField):
            key = event.key()
            if key in ENTER:
                editor.finish(Hint.SubmitModelCache)
                return True
            if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                editor.finish(Hint.EditNextItem if key == Qt.Key.Key_Tab else Hint.EditPreviousItem)
                return True
            if key == Qt.Key.Key_Escape and editor.close_list():
                return True
        return super().eventFilter(editor, event)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The field covers its cell."""
        editor.setGeometry(option.rect)

    def _close(self, field: CellField, hint: Hint) -> None:
        self.commitData.emit(field)
        self.closeEditor.emit(field, hint)

    def _choices(self, model: LinesModel, row: int, key: str) -> tuple[Choice, ...]:
        line = model.line(row)
        if key == "cost_code":
            return tuple(Choice(each.label, each.label) for each in model.book.code_choices())
        if key == "category":
            found = model.book.category_choices(line.extra, line.cost_code)
            return tuple(Choice(each.value, each.label, each.hint) for each in found)
        if key == "extra":
            return tuple(Choice(extra, extra) for extra in model.book.extras() if extra)
        return ()
