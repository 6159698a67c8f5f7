"""The way of an item as a line of chips: what is done, who acts next and in which program, what comes later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from erpdesk.views.kit.icons import pixmap
from erpdesk.views.kit.map_layout import Chip, LaidMap, Segment, lay_out
from erpdesk.views.kit.pills import Pill, paint_pill, pill_size
from erpdesk.views.kit.tokens import Tokens, tokens_for

PAD = 10
ICON = 12
GAP = 5
BAR = 2
UNDER_BAR = 4
STUB = 7
MOST_ROWS = 3
"""With more rows than these, optional stations that were not taken shrink to dots."""
MOST_CHARACTERS = 24
"""The longest words on a chip, in average characters, where there is little room."""
DOTS = "⋯"
STATES = {"done": "done", "current": "it stands here", "later": "later", "failed": "failed"}
ICONS = {"done": "check", "failed": "error"}
WAITS = ("current", "failed")


@dataclass(frozen=True, slots=True)
class MapStep:
    """One station: its name, its state (done, current, later, failed), who takes it there and in which program.

    ``tone`` is the colour of the program (a tone of a pill), ``note`` what else its tooltip says; ``apart`` stations
    are those of another house, in a lane of their own; ``optional`` ones are dashed.
    """

    text: str
    state: str = "later"
    who: str = ""
    where: str = ""
    optional: bool = False
    tone: str = "grey"
    apart: bool = False
    note: str = ""

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
        return "\n".join([first, *(part for part in (self.who, self.where, self.note) if part)])

    @property
    def spoken(self) -> str:
        """The station in words, as a screen reader says it."""
        by_whom = ", ".join(part for part in (self.who, f"in {self.where}" if self.where else "") if part)
        optional = " (optional)" if self.optional else ""
        return f"{self.text}: {STATES[self.state]}{optional}" + (f", {by_whom}" if by_whom else "")


class WorkflowMap(QWidget):
    """Chips joined by lines, in as many rows as the width asks for, under the names of the programs they belong to.

    Where there is little room, optional stations that were not taken are only dots; their tooltip has the words.
    Below stands who acts next and where, when a station names both.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[MapStep, ...] = ()
        self._laid = LaidMap()
        self._small_room = False
        # It must be free to grow: a fixed height would be that of one row.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Workflow")

    def steps(self) -> tuple[MapStep, ...]:
        """What is shown now."""
        return self._steps

    def next_words(self) -> str:
        """Who acts next and where: ``Next: Review, by Accounting in ERP Integrations``; '' when nobody has to."""
        step = self._next()
        return f"{_next_of(step)} {step.where}" if step else ""

    def set_steps(self, steps: Sequence[MapStep]) -> None:
        """Shows another way; an empty one takes no room."""
        self._steps = tuple(steps)
        told = [step.spoken for step in self._steps]
        self.setAccessibleDescription(". ".join([*told, *filter(None, (self.next_words(),))]))
        self._arrange()

    def chip_room(self, place: int) -> QRect:
        """Where a chip is painted."""
        return self._laid.rooms[place]

    def captions(self) -> list[str]:
        """The names of programs over the chips, row by row."""
        return [self._steps[segment.first].where for segment in self._laid.segments]

    def hasHeightForWidth(self) -> bool:
        """Narrow means high."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of the rows at a width."""
        return self._lay_out(width)[0].height

    def sizeHint(self) -> QSize:
        """All chips in one row."""
        laid = self._lay(1 << 20, False)
        return QSize(laid.width, laid.height)

    def minimumSizeHint(self) -> QSize:
        """The widest chip."""
        widths = [self._width(step, True) for step in self._steps]
        return QSize(max(widths, default=0), self._lay(1 << 20, False).height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Breaks the rows anew."""
        super().resizeEvent(event)
        self._place()

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
        """Paints captions, lines, chips, and who acts next."""
        tokens = tokens_for(self.palette())
        painter = QPainter(self)
        for lane in self._laid.lanes:
            painter.fillRect(lane, QColor(tokens.surface))
        for segment in self._laid.segments:
            self._caption(painter, segment, tokens)
        self._lines(painter, tokens)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for room, step in zip(self._laid.rooms, self._steps, strict=True):
            self._chip(painter, room, step, tokens)
        self._say_next(painter, tokens)
        painter.end()

    def _caption(self, painter: QPainter, segment: Segment, tokens: Tokens) -> None:
        """The name of the program over its chips, with a bar in its colour."""
        step, room = self._steps[segment.first], segment.caption
        if not step.where:
            return
        ink = QColor(tokens.muted if step.tone == "grey" else tokens.ink(step.tone))
        painter.setFont(self._small())
        painter.setPen(ink)
        words = QFontMetrics(self._small()).elidedText(step.where, Qt.TextElideMode.ElideRight, room.width())
        above = room.adjusted(0, 0, 0, -BAR - UNDER_BAR)
        painter.drawText(above, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        chips = self._laid.rooms[segment.last].right() + 1 - room.left()
        painter.fillRect(room.left(), above.bottom() + 1, chips, BAR, ink)

    def _lines(self, painter: QPainter, tokens: Tokens) -> None:
        rooms = self._laid.rooms
        for before, after, step in zip(rooms, rooms[1:], self._steps[1:], strict=False):
            reached = step.state != "later"
            painter.setPen(QPen(QColor(tokens.ink("green") if reached else tokens.strong_border), 1))
            middle = before.center().y()
            # A row that goes on below ends in a stub, so that one sees it goes on.
            same = after.top() == before.top()
            end = after.left() if same else min(before.right() + STUB, self.width())
            painter.drawLine(before.right() + 1, middle, end - 1, middle)

    def _chip(self, painter: QPainter, room: QRect, step: MapStep, tokens: Tokens) -> None:
        ground, edge, ink = {
            "done": (tokens.card, tokens.ink("green"), tokens.ink("green")),
            "current": (tokens.selection, tokens.accent, tokens.text),
            "later": (tokens.card, tokens.border, tokens.muted),
            "failed": (tokens.red[0], tokens.red[1], tokens.red[1]),
        }[step.state]
        dashed = step.optional and step.state == "later"
        edge = tokens.strong_border if dashed else edge
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
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
        text = QFontMetrics(font).elidedText(_words(step, self._small_room), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def _say_next(self, painter: QPainter, tokens: Tokens) -> None:
        step, room = self._next(), self._laid.next_room
        if step is None:
            return
        painter.setFont(self.font())
        painter.setPen(QColor(tokens.text))
        words, pill = _next_of(step), Pill(step.where, step.tone)
        taken = self.fontMetrics().horizontalAdvance(words) + GAP
        size = pill_size(pill, self.fontMetrics())
        line = QRect(room.left(), room.top(), room.width(), size.height())
        shown = self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        at = line.translated(taken, 0) if taken + size.width() <= room.width() else line.translated(0, line.height())
        paint_pill(painter, at, pill, tokens, self.devicePixelRatioF())

    def _next(self) -> MapStep | None:
        """The station that waits for somebody, when it says for whom and where; after a failure the one that follows.

        What is done in another house is no answer to a failure here.
        """
        failed = next((place for place, step in enumerate(self._steps) if step.state == "failed"), None)
        current = [step for step in self._steps if step.state == "current"]
        if failed is not None:
            after = [step for step in self._steps[failed + 1 :] if not step.optional and not step.apart]
            current = [*after[:1], self._steps[failed], *current]
        return next((step for step in current if step.who and step.where), None)

    def _explain(self, at: QPoint) -> str:
        found = (step for room, step in zip(self._laid.rooms, self._steps, strict=True) if room.contains(at))
        return next((step.explained for step in found), "")

    def _arrange(self) -> None:
        self._place()
        self.updateGeometry()
        self.update()

    def _place(self) -> None:
        self._laid, self._small_room = self._lay_out(self.width())

    def _lay_out(self, width: int) -> tuple[LaidMap, bool]:
        """Everything placed, and whether there was little room."""
        usual = self._lay(width, False)
        return (self._lay(width, True), True) if usual.rows > MOST_ROWS else (usual, False)

    def _lay(self, width: int, small_room: bool) -> LaidMap:
        small = QFontMetrics(self._small())
        captioned = any(step.where for step in self._steps)
        chips = [Chip(self._width(step, small_room), step.where, step.apart) for step in self._steps]
        captions = self._caption_height() if captioned else 0
        return lay_out(chips, width, self._height(), captions, small.horizontalAdvance, self._next_height(width))

    def _next_height(self, width: int) -> int:
        """One line, or two when the pill does not fit beside the words."""
        step = self._next()
        if step is None:
            return 0
        size = pill_size(Pill(step.where, step.tone), self.fontMetrics())
        taken = self.fontMetrics().horizontalAdvance(_next_of(step)) + GAP
        return size.height() * (1 if taken + size.width() <= width else 2)

    def _width(self, step: MapStep, small_room: bool) -> int:
        icon = ICON + GAP if step.icon else 0
        metrics = QFontMetrics(self._font(step))
        words = metrics.horizontalAdvance(_words(step, small_room))
        if small_room:
            words = min(words, metrics.averageCharWidth() * MOST_CHARACTERS)
        return words + icon + 2 * PAD + 1

    def _height(self) -> int:
        return self.fontMetrics().height() + 10

    def _caption_height(self) -> int:
        return QFontMetrics(self._small()).height() + BAR + UNDER_BAR

    def _font(self, step: MapStep) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 0.75, 6))
        font.setBold(step.state in WAITS)
        return font

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 1.5, 6))
        return font


def _next_of(step: MapStep) -> str:
    return f"Next: {step.text}, in" if step.where.startswith(step.who) else f"Next: {step.text}, by {step.who} in"


def _words(step: MapStep, small_room: bool) -> str:
    """What stands on the chip."""
    return DOTS if small_room and step.optional and step.state == "later" else step.text
