"""The list at the left of a tool: kinds of things with how many of each wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from erpdesk.views.kit.tokens import tokens_for

PAD = 15
BAR = 3
ROW_PAD = 13
EDGE = 7
COUNT = Qt.ItemDataRole.UserRole + 1
KEY = Qt.ItemDataRole.UserRole

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class NavItem:
    """One row: its key, its words, how many wait."""

    key: str
    text: str
    count: int = 0


class SideNav(QListWidget):
    """One row is always chosen; arrows, Home, End and a click choose another and ``chosen`` carries its key."""

    chosen = Signal(str)

    def __init__(self, items: Sequence[NavItem], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("nav", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportMargins(0, EDGE, 0, EDGE)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setItemDelegate(_NavDelegate(self))
        self.setAccessibleName("Kinds")
        self._rows: dict[str, QListWidgetItem] = {}
        for item in items:
            row = QListWidgetItem(item.text)
            row.setData(KEY, item.key)
            self.addItem(row)
            self._rows[item.key] = row
            _count(row, item.count)
        if items:
            self.setCurrentRow(0)
        self.currentItemChanged.connect(self._on_current)

    def chosen_key(self) -> str:
        """The key of the chosen row; empty when there are none."""
        row = self.currentItem()
        return str(row.data(KEY)) if row else ""

    def count_of(self, key: str) -> int:
        """The number shown in a row; raises KeyError for an unknown key."""
        return int(self._rows[key].data(COUNT))

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Shows other numbers; a row that is not named shows none. Raises KeyError for an unknown key."""
        if unknown := counts.keys() - self._rows.keys():
            raise KeyError(", ".join(sorted(unknown)))
        for key, row in self._rows.items():
            _count(row, counts.get(key, 0))

    def set_chosen(self, key: str) -> None:
        """Chooses a row without a signal; raises KeyError for an unknown key."""
        row = self._rows[key]
        self.currentItemChanged.disconnect(self._on_current)
        self.setCurrentItem(row)
        self.currentItemChanged.connect(self._on_current)

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(max(self.sizeHintForColumn(0), 0), max(self.sizeHintForRow(0), 0) * self.count() + 2 * EDGE)

    def minimumSizeHint(self) -> QSize:
        """One row; more are scrolled to."""
        return QSize(0, max(self.sizeHintForRow(0), 0) + 2 * EDGE)

    def changeEvent(self, event: QEvent) -> None:
        """Follows the text size of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.scheduleDelayedItemsLayout()
            self.updateGeometry()

    @Slot(QListWidgetItem, QListWidgetItem)
    def _on_current(self, now: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if now is not None:
            self.chosen.emit(str(now.data(KEY)))


def _count(row: QListWidgetItem, count: int) -> None:
    row.setData(COUNT, count)
    spoken = f"{row.text()}, {count:,} waiting" if count else row.text()
    row.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)


class _NavDelegate(QStyledItemDelegate):
    """Paints words and count; the chosen row has a bar at its left, is bold and lies on another ground."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The room of one row."""
        # The stubs do not know the members of style options.
        look: Any = option
        metrics = QFontMetrics(_bold(look.font))
        words = metrics.horizontalAdvance(str(index.data())) + metrics.horizontalAdvance(_digits(index))
        return QSize(words + 3 * PAD, QFontMetrics(look.font).height() + ROW_PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paints one row."""
        look: Any = option
        room: QRect = look.rect
        state: QStyle.StateFlag = look.state
        # The palette of the list itself has a transparent ground, which would pass for dark.
        tokens = tokens_for(QGuiApplication.palette())
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(room, QColor(tokens.selection))
            painter.fillRect(room.left(), room.top(), BAR, room.height(), QColor(tokens.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(room, QColor(tokens.hover))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(tokens.accent))
            painter.drawRect(room.adjusted(0, 0, -1, -1))
        bold = _bold(look.font)
        inner = room.adjusted(PAD, 0, -PAD + 3, 0)
        painter.setFont(bold)
        painter.setPen(QColor(tokens.text if chosen else tokens.muted))
        digits = _digits(index)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), digits)
        taken = painter.fontMetrics().horizontalAdvance(digits) + 8 if digits else 0
        painter.setFont(bold if chosen else look.font)
        words = inner.adjusted(0, 0, -taken, 0)
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()


def _digits(index: Index) -> str:
    count = index.data(COUNT)
    return f"{count:,}" if count else ""


def _bold(usual: QFont) -> QFont:
    font = QFont(usual)
    font.setBold(True)
    return font
