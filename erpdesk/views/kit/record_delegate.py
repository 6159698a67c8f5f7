"""How a cell of a list is painted."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from erpdesk.views.kit.columns import RIGHT, Column
from erpdesk.views.kit.icons import pixmap
from erpdesk.views.kit.list_tip import tip
from erpdesk.views.kit.pills import Pill, paint_pill
from erpdesk.views.kit.record_model import BOX_ROOM, Index, RecordModel
from erpdesk.views.kit.tokens import Tokens, tokens_for

PAD = 8
BOX = 15


def fitted(text: str, kind: str, metrics: QFontMetrics, width: int) -> str:
    """The text as far as it fits; a number that does not fit shows only dots, because half a number is a wrong one."""
    if metrics.horizontalAdvance(text) <= width:
        return text
    return "…" if kind in RIGHT else metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


class RecordDelegate(QStyledItemDelegate):
    """Paints text, amounts, pills and the box of a selected row; negatives are red, bold and in parentheses."""

    def __init__(self, model: RecordModel, parent: QAbstractItemView) -> None:
        super().__init__(parent)
        self._model = model
        self.boxed = -1

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paints one cell."""
        # The stubs do not know the members of style options.
        look: Any = option
        room: QRect = look.rect
        palette: QPalette = look.palette
        state: QStyle.StateFlag = look.state
        tokens = tokens_for(palette)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(room, QColor(tokens.selection if selected else tokens.card))
        painter.setPen(QColor(tokens.border))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(tokens.accent))
            painter.drawRect(room.adjusted(0, 0, -1, -1))
        inner = room.adjusted(PAD, 0, -PAD, 0)
        if index.column() == self.boxed:
            self._box(painter, inner, selected, tokens)
            inner.setLeft(inner.left() + BOX_ROOM)
        column = self._model.columns[index.column()]
        row = self._model.row_at(index)
        if row is not None:
            self._content(painter, inner, column, row, look.font, tokens)
        painter.restore()

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Shows the whole text of a cell that is cut."""
        if event.type() == QEvent.Type.ToolTip and index.isValid():
            column = self._model.columns[index.column()]
            text = column.shown(self._model.row_at(index))
            look: Any = option
            width = look.rect.width() - 2 * PAD - (BOX_ROOM if index.column() == self.boxed else 0)
            if fitted(text, column.kind, QFontMetrics(_font(column, look.font, False)), width) != text:
                QToolTip.showText(event.globalPos(), tip(text), view)
                return True
            QToolTip.hideText()
        return False

    def _content(self, painter: QPainter, room: QRect, column: Column, row: Any, usual: QFont, tokens: Tokens) -> None:
        if column.kind == "status":
            value = column.value(row)
            if value is not None:
                pill = value if isinstance(value, Pill) else Pill(str(value))
                painter.setFont(usual)
                paint_pill(painter, room, pill, tokens, painter.device().devicePixelRatio())
            return
        text = column.shown(row)
        if not text:
            return
        negative = column.negative(row)
        font = _font(column, usual, negative)
        painter.setFont(font)
        painter.setPen(QColor(tokens.negative if negative else tokens.text))
        painter.drawText(room, int(column.alignment), fitted(text, column.kind, painter.fontMetrics(), room.width()))

    def _box(self, painter: QPainter, room: QRect, selected: bool, tokens: Tokens) -> None:
        top = room.top() + (room.height() - BOX) // 2
        box = QRect(room.left(), top, BOX, BOX)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(tokens.accent_fill if selected else tokens.strong_border))
        painter.setBrush(QColor(tokens.accent_fill if selected else tokens.field))
        painter.drawRoundedRect(box, 3, 3)
        if selected:
            ratio = painter.device().devicePixelRatio()
            painter.drawPixmap(box.left() + 2, box.top() + 2, pixmap("check", tokens.on_accent, 12, ratio))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _font(column: Column, usual: QFont, negative: bool) -> QFont:
    if not (column.bold or negative):
        return usual
    font = QFont(usual)
    font.setBold(True)
    return font
