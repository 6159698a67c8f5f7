"""The lines of the box: records that were found, and acts by their words; painted alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeySequence, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.tokens import tokens_for
from erpdesk.workflows.search_rows import Found

Index = QModelIndex | QPersistentModelIndex
PAD = 12
GAP = 14
WIDEST_KIND = "Sage commitment "
"""What the column that says what a line is has to hold."""
ACT = "Act"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what it is, its number or words, its title, more about it, and what it stands for.

    ``why`` says why an act can not be done now.
    """

    kind: str
    name: str
    title: str
    detail: str
    target: Found | str
    why: str = ""

    @property
    def spoken(self) -> str:
        """The line as a screen reader says it."""
        return ", ".join(filter(None, (self.kind, self.name, self.title, self.why or self.detail)))


def of_found(found: Found) -> Entry:
    """The line of a record."""
    return Entry(found.kind_title, found.number, found.title, found.detail, found)


def acts(registry: ActionRegistry, text: str, leave_out: Iterable[str] = ()) -> tuple[Entry, ...]:
    """The acts whose words or help hold every word of the text; those that begin with it come first."""
    words, start, left = text.casefold().split(), text.strip().casefold(), set(leave_out)
    found = [
        spec
        for spec in registry.specs()
        if spec.key not in left and all(word in f"{spec.plain} {spec.tip} {spec.group}".casefold() for word in words)
    ]
    found.sort(
        key=lambda spec: (not spec.plain.casefold().startswith(start), not registry.action(spec.key).isEnabled())
    )
    return tuple(
        Entry(
            ACT,
            spec.plain,
            "",
            QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText),
            spec.key,
            " ".join(registry.reasons(spec.key)),
        )
        for spec in found
    )


class EntryModel(QAbstractListModel):
    """The lines, in their order."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: tuple[Entry, ...] = ()

    def show(self, entries: Sequence[Entry]) -> None:
        """Shows other lines."""
        self.beginResetModel()
        self.entries = tuple(entries)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """How many lines there are."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The words of a line."""
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{entry.name} {entry.title}".strip()
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return entry.spoken
        return None


class EntryDelegate(QStyledItemDelegate):
    """Paints a line: what it is, its number in bold, its title, and at the right what else is said of it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One height for all."""
        look: Any = option
        return QSize(100, QFontMetrics(look.font).height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paints one line."""
        look: Any = option
        model = index.model()
        assert isinstance(model, EntryModel)
        entry, room = model.entries[index.row()], QRect(look.rect)
        tokens = tokens_for(look.widget.palette())
        painter.save()
        if look.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(room, QColor(tokens.selection))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        inner = room.adjusted(PAD, 0, -PAD, 0)
        usual = QFont(look.font)
        metrics = QFontMetrics(usual)
        painter.setFont(usual)
        kind = QRect(inner)
        kind.setWidth(metrics.horizontalAdvance(WIDEST_KIND))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(kind, middle, metrics.elidedText(entry.kind, Qt.TextElideMode.ElideRight, kind.width()))
        left = kind.right() + GAP
        bold = QFont(usual)
        bold.setBold(isinstance(entry.target, Found))
        painter.setFont(bold)
        painter.setPen(QColor(tokens.muted if entry.why else tokens.text))
        if entry.name:
            wide = QFontMetrics(bold).horizontalAdvance(entry.name)
            painter.drawText(QRect(left, inner.top(), inner.right() - left, inner.height()), middle, entry.name)
            left += wide + GAP
        painter.setFont(usual)
        more = entry.why or entry.detail
        room_left = max(0, inner.right() - left)
        needed = metrics.horizontalAdvance(entry.title)
        more_room = max(0, room_left - needed - GAP) if entry.title else room_left
        shown = metrics.elidedText(more, Qt.TextElideMode.ElideRight, max(more_room, room_left // 3))
        more_wide = metrics.horizontalAdvance(shown)
        if entry.title:
            title = QRect(left, inner.top(), max(0, room_left - more_wide - GAP), inner.height())
            painter.drawText(title, middle, metrics.elidedText(entry.title, Qt.TextElideMode.ElideRight, title.width()))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(inner, middle | int(Qt.AlignmentFlag.AlignRight), shown)
        painter.restore()
