"""The editor inside a cell of the schedule: type to overwrite, with a list of matching codes below."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from erpdesk.views.tabs.commitments.codes import CodeChoice
from erpdesk.views.tabs.commitments.lines_model import LinesModel

SHOWN_CHOICES = 12


class CellEditor(QStyledItemDelegate):
    """Makes a text field for any cell; cost codes, categories and extras get a type-ahead list."""

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """The field for one cell, named for screen readers."""
        model = index.model()
        assert isinstance(model, LinesModel)
        column = model.columns[index.column()]
        field = QLineEdit(parent)
        field.setAccessibleName(f"{column.title}, line {index.row() + 1}")
        field.setStyleSheet("QLineEdit { border-radius: 0px; padding: 0px 5px; }")
        if column.number:
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
        choices = self._choices(model, index.row(), column.key)
        if choices:
            self._complete(field, choices)
        return field

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        """Puts the plain value into the field."""
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
            editor.selectAll()

    def setModelData(
        self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Hands what was typed to the model, which judges it."""
        if isinstance(editor, QLineEdit) and (editor.isModified() or editor.property("chosen")):
            model.setData(index, self._meant(editor), Qt.ItemDataRole.EditRole)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter closes the field at once; left to Qt it would also reach the grid below and move twice."""
        enter = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.type() == QEvent.Type.KeyPress and isinstance(editor, QLineEdit):
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.SubmitModelCache)
            return True
        return super().eventFilter(editor, event)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The field covers its cell."""
        editor.setGeometry(option.rect)

    def _choices(self, model: LinesModel, row: int, key: str) -> tuple[CodeChoice, ...]:
        line = model.line(row)
        if key == "cost_code":
            return model.book.code_choices()
        if key == "category":
            return model.book.category_choices(line.extra, line.cost_code)
        if key == "extra":
            return tuple(CodeChoice(extra, extra, extra) for extra in model.book.extras() if extra)
        return ()

    def _complete(self, field: QLineEdit, choices: tuple[CodeChoice, ...]) -> None:
        completer = QCompleter(field)
        completer.setModel(QStringListModel([choice.label for choice in choices], completer))
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(SHOWN_CHOICES)
        popup = QListView()
        completer.setPopup(popup)
        popup.setProperty("popup", True)
        popup.setMinimumWidth(340)
        popup.setAccessibleName("Matching codes")
        field.setCompleter(completer)
        by_label = {choice.label: choice for choice in choices}

        def choose(label: str) -> None:
            field.setText(by_label[label].label)
            field.setProperty("chosen", True)
            self.commitData.emit(field)
            self.closeEditor.emit(field, QStyledItemDelegate.EndEditHint.EditNextItem)

        # Queued: the completer still writes its own text into the field after this signal.
        completer.activated.connect(choose, Qt.ConnectionType.QueuedConnection)

    def _meant(self, field: QLineEdit) -> str:
        """What the person meant: the first entry of the open list, or the typed words."""
        typed = field.text()
        completer = field.completer()
        if completer is None or not typed.strip() or field.property("chosen"):
            return typed
        completer.setCompletionPrefix(typed)
        return completer.currentCompletion() if completer.completionCount() == 1 else typed
