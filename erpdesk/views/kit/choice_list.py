"""The list below a search field: thousands of entries, narrowed by words, best matches first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QCompleter,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from erpdesk.views.kit.tokens import tokens_for

Index = QModelIndex | QPersistentModelIndex
SHOWN_ENTRIES = 10
NARROWEST = 300
PADDING = 9


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry: its id, its words, and a hint at the right, which is searched too."""

    id: str
    label: str
    hint: str = ""


class ChoiceList(QObject):
    """Shows the entries below ``field``; ``chosen`` carries the id of the one that was taken.

    The list is as wide as the field, but never narrower than ``narrowest`` pixels.
    """

    chosen = Signal(str)

    def __init__(self, field: QLineEdit, narrowest: int = NARROWEST) -> None:
        super().__init__(field)
        self._field = field
        self._narrowest = narrowest
        self._choices: tuple[Choice, ...] = ()
        self._folded: tuple[str, ...] = ()
        self._by_id: dict[str, Choice] = {}
        self._by_label: dict[str, Choice | None] = {}
        self._model = _ChoicesModel(self)
        self._completer: QCompleter | None = None
        self._popup: QListView | None = None

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Offers other entries."""
        self._choices = tuple(choices)
        self._folded = tuple(f"{choice.label} {choice.hint}".casefold() for choice in self._choices)
        self._by_id = {choice.id: choice for choice in self._choices}
        self._by_label = {}
        for choice in self._choices:
            label = _folded(choice.label)
            # Two of one name can not be told apart by it.
            self._by_label[label] = None if label in self._by_label else choice
        self.hide()

    def choice(self, id_: str | None) -> Choice | None:
        """The entry of an id."""
        return None if id_ is None else self._by_id.get(id_)

    def named(self, label: str) -> Choice | None:
        """The one entry with exactly these words, whatever their capitals."""
        return self._by_label.get(_folded(label))

    def matches(self, words: str) -> list[Choice]:
        """The entries that hold every word; those that begin with the text come first."""
        parts = words.casefold().split()
        if not parts:
            return list(self._choices)
        found = [place for place, text in enumerate(self._folded) if all(part in text for part in parts)]
        start = _folded(words)
        found.sort(key=lambda place: not self._folded[place].startswith(start))
        return [self._choices[place] for place in found]

    def count(self, words: str) -> int:
        """How many entries hold every word."""
        return len(self.matches(words))

    def only(self, words: str) -> Choice | None:
        """The entry when a single one holds every word."""
        found = self.matches(words)
        return found[0] if len(found) == 1 else None

    def is_open(self) -> bool:
        """Whether the list is on screen."""
        return self._popup is not None and self._popup.isVisible()

    def view(self) -> QListView | None:
        """The list itself; None before it was first opened."""
        return self._popup

    def shown(self) -> tuple[Choice, ...]:
        """What the list offers now."""
        return tuple(self._model.choices)

    def open(self, words: str, chosen: str | None) -> None:
        """Shows the entries that match; typed words mark the first, an opened list the one that is chosen."""
        found = self.matches(words)
        self._model.show(found)
        if not found:
            self.hide()
            return
        completer = self._made()
        field = self._field
        completer.complete(QRect(0, 0, max(field.width(), self._narrowest), field.height()))
        place = 0 if words else next((at for at, each in enumerate(found) if each.id == chosen), -1)
        self._mark(place)

    def hide(self) -> None:
        """Takes the list away."""
        if self._popup is not None:
            self._popup.hide()

    def move(self, by: int) -> None:
        """Marks the next or the previous entry."""
        if self._popup is not None:
            place = self._popup.currentIndex().row() + by
            self._mark(min(max(place, 0), len(self._model.choices) - 1))

    def take(self) -> bool:
        """Chooses the marked entry and closes the list; False when none is marked."""
        place = self._popup.currentIndex().row() if self._popup is not None else -1
        self.hide()
        if 0 <= place < len(self._model.choices):
            self.chosen.emit(self._model.choices[place].id)
            return True
        return False

    def _mark(self, place: int) -> None:
        if self._popup is not None:
            index = self._popup.model().index(place, 0) if place >= 0 else QModelIndex()
            self._popup.setCurrentIndex(index)
            if index.isValid():
                self._popup.scrollTo(index)

    def _made(self) -> QCompleter:
        # Made when first opened: most fields of a page never are.
        if self._completer is None:
            completer = QCompleter(self)
            completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
            completer.setWrapAround(False)
            completer.setMaxVisibleItems(SHOWN_ENTRIES)
            completer.setModel(self._model)
            popup = QListView()
            completer.setPopup(popup)
            popup.setProperty("popup", True)
            popup.setUniformItemSizes(True)
            popup.setItemDelegate(_TwoTexts(popup))
            popup.setAccessibleName(f"{self._field.accessibleName()}: matching entries".lstrip(": "))
            completer.setWidget(self._field)
            popup.clicked.connect(self._on_clicked)
            self._completer, self._popup = completer, popup
        return self._completer

    def _on_clicked(self, index: QModelIndex) -> None:
        self._mark(index.row())
        self.take()


class _ChoicesModel(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.choices: list[Choice] = []

    def show(self, choices: list[Choice]) -> None:
        self.beginResetModel()
        self.choices = choices
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.choices)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        choice = self.choices[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return choice.label
        if role == Qt.ItemDataRole.UserRole:
            return choice.hint
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{choice.label}, {choice.hint}" if choice.hint else choice.label
        return None


class _TwoTexts(QStyledItemDelegate):
    """The words at the left, the hint in grey at the right."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = tokens_for(option.palette)
        ground = tokens.selection if option.state & QStyle.StateFlag.State_Selected else tokens.card
        painter.save()
        painter.fillRect(option.rect, ground)
        inside = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        metrics = option.fontMetrics
        hint = metrics.elidedText(
            str(index.data(Qt.ItemDataRole.UserRole)), Qt.TextElideMode.ElideRight, inside.width() // 2
        )
        room = inside.width() - (metrics.horizontalAdvance(hint) + 2 * PADDING if hint else 0)
        label = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room)
        painter.setPen(tokens.text)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, label)
        painter.setPen(tokens.muted)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, hint)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(option.fontMetrics.horizontalAdvance("0"), option.fontMetrics.height() + 11)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
