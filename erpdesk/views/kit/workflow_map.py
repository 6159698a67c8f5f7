"""The way of an item as a line of chips: what is done, where it stands, what comes later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from erpdesk.views.kit.icons import pixmap
from erpdesk.views.kit.tokens import Tokens, tokens_for

PAD = 10
ICON = 12
GAP = 5
LINE = 14
BETWEEN_ROWS = 6
STATES = {"done": "done", "current": "it stands here", "later": "later", "failed": "failed"}
ICONS = {"done": "check", "failed": "error"}


@dataclass(frozen=True, slots=True)
class MapStep:
    """One station: its name, its state (done, current, later, failed), who takes it there and in which program."""

    text: str
    state: str = "later"
    who: str = ""
    where: str = ""
    optional: bool = False

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"step {self.text}: state {self.state!r} is none of {tuple(STATES)}")

    @property
    def icon(self) -> str:
        """The icon that says the state without colour; empty for none."""
        return ICONS.get(self.state, "")

    @property
    def explained(self) -> str:
        """The station in words, as its tooltip says it."""
        first = f"{self.text}: {STATES[self.state]}" + (" (optional)" if self.optional else "")
        return "\n".join([first, *(part for part in (self.who, self.where) if part)])


class WorkflowMap(QWidget):
    """Chips joined by lines, in as many rows as the width asks for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[MapStep, ...] = ()
        self._rooms: list[QRect] = []
        # It must be free to grow: a fixed height would be that of one row.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Workflow")

    def steps(self) -> tuple[MapStep, ...]:
        """What is shown now."""
        return self._steps

    def set_steps(self, steps: Sequence[MapStep]) -> None:
        """Shows another way; an empty one takes no room."""
        self._steps = tuple(steps)
        told = (f"{step.text}: {STATES[step.state]}" for step in self._steps)
        self.setAccessibleDescription(". ".join(told))
        self._arrange()

    def chip_room(self, place: int) -> QRect:
        """Where a chip is painted."""
        return self._rooms[place]

    def hasHeightForWidth(self) -> bool:
        """Narrow means high."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of the rows at a width."""
        rooms = self._lay_out(width)
        return rooms[-1].bottom() + 1 if rooms else 0

    def sizeHint(self) -> QSize:
        """All chips in one row."""
        widths = [self._width(step) for step in self._steps]
        return QSize(sum(widths) + LINE * max(len(widths) - 1, 0), self._height() if widths else 0)

    def minimumSizeHint(self) -> QSize:
        """The widest chip."""
        widths = [self._width(step) for step in self._steps]
        return QSize(max(widths, default=0), self._height() if widths else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Breaks the rows anew."""
        super().resizeEvent(event)
        self._rooms = self._lay_out(self.width())

    def changeEvent(self, event: QEvent) -> None:
        """Follows the text size of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()

    def event(self, event: QEvent) -> bool:
        """Says of the chip under the pointer who takes it there."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self._explain(event.pos())
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints lines and chips."""
        tokens = tokens_for(self.palette())
        painter = QPainter(self)
        for before, after, step in zip(self._rooms, self._rooms[1:], self._steps[1:], strict=False):
            reached = step.state != "later"
            painter.setPen(QPen(QColor(tokens.ink("green") if reached else tokens.strong_border), 1))
            middle = before.center().y()
            # A row that goes on below ends in a stub, so that one sees it goes on.
            end = after.left() if after.top() == before.top() else before.right() + LINE // 2
            painter.drawLine(before.right() + 1, middle, end - 1, middle)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for room, step in zip(self._rooms, self._steps, strict=True):
            self._chip(painter, room, step, tokens)
        painter.end()

    def _chip(self, painter: QPainter, room: QRect, step: MapStep, tokens: Tokens) -> None:
        ground, edge, ink = {
            "done": (tokens.card, tokens.ink("green"), tokens.ink("green")),
            "current": (tokens.selection, tokens.accent, tokens.text),
            "later": (tokens.card, tokens.border, tokens.muted),
            "failed": (tokens.red[0], tokens.red[1], tokens.red[1]),
        }[step.state]
        style = Qt.PenStyle.DashLine if step.optional and step.state == "later" else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(edge), 1, style))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(room.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        left = room.left() + PAD
        if step.icon:
            top = room.top() + (room.height() - ICON) // 2
            painter.drawPixmap(left, top, pixmap(step.icon, ink, ICON, self.devicePixelRatioF()))
            left += ICON + GAP
        font = self._font(step)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        words = QRect(left, room.top(), room.right() - PAD - left + 2, room.height())
        text = QFontMetrics(font).elidedText(step.text, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def _explain(self, at: QPoint) -> str:
        found = (step for room, step in zip(self._rooms, self._steps, strict=True) if room.contains(at))
        return next((step.explained for step in found), "")

    def _arrange(self) -> None:
        self._rooms = self._lay_out(self.width())
        self.updateGeometry()
        self.update()

    def _lay_out(self, width: int) -> list[QRect]:
        rooms: list[QRect] = []
        x = y = 0
        height = self._height()
        for step in self._steps:
            wide = min(self._width(step), max(width, 1))
            if x and x + wide > width:
                x, y = 0, y + height + BETWEEN_ROWS
            rooms.append(QRect(x, y, wide, height))
            x += wide + LINE
        return rooms

    def _width(self, step: MapStep) -> int:
        icon = ICON + GAP if step.icon else 0
        return QFontMetrics(self._font(step)).horizontalAdvance(step.text) + icon + 2 * PAD + 1

    def _height(self) -> int:
        return self.fontMetrics().height() + 10

    def _font(self, step: MapStep) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 0.75, 6))
        font.setBold(step.state in ("current", "failed"))
        return font
