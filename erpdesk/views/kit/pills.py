"""Pills: a status as colour, icon and word together, so that nobody has to tell colours apart."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from erpdesk.views.kit.icons import pixmap
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.kit.tokens import Tokens, tokens_for

PAD = 8
ICON = 12
GAP = 4
EDGE_ALPHA = 56


@dataclass(frozen=True, slots=True)
class Pill:
    """A status: its word, its tone (grey, blue, yellow, green, red) and its icon ("dot", an icon's name or "")."""

    text: str
    tone: str = "grey"
    icon: str = "dot"


def pill_size(pill: Pill, metrics: QFontMetrics) -> QSize:
    """How large a pill is painted with a font."""
    icon = ICON + GAP if pill.icon else 0
    return QSize(metrics.horizontalAdvance(pill.text) + icon + 2 * PAD, metrics.height() + 4)


def paint_pill(painter: QPainter, room: QRect, pill: Pill, tokens: Tokens, ratio: float) -> None:
    """Paints the pill at the left of the room, in its middle height; the word is cut with dots when it does not fit."""
    metrics = painter.fontMetrics()
    size = pill_size(pill, metrics)
    width = min(size.width(), room.width())
    frame = QRectF(room.x(), room.y() + (room.height() - size.height()) / 2, width, size.height())
    ground, ink = tokens.tone(pill.tone)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # A faint edge keeps a blue pill apart from the blue of a selected row.
    edge = QColor(ink)
    edge.setAlpha(EDGE_ALPHA)
    painter.setPen(edge)
    painter.setBrush(QColor(ground))
    inside = frame.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(inside, inside.height() / 2, inside.height() / 2)
    left = int(frame.x()) + PAD
    if pill.icon:
        top = int(frame.y() + (frame.height() - ICON) / 2)
        painter.drawPixmap(left, top, pixmap(pill.icon, ink, ICON, ratio))
        left += ICON + GAP
    painter.setPen(QColor(ink))
    words = QRect(left, int(frame.y()), int(frame.right()) - PAD - left + 2, int(frame.height()))
    text = metrics.elidedText(pill.text, Qt.TextElideMode.ElideRight, words.width())
    painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
    painter.restore()


class PillLabel(QWidget):
    """One pill, for example beside a title; empty it takes no room."""

    def __init__(self, pill: Pill | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pill: Pill | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_pill(pill)

    def pill(self) -> Pill | None:
        """What is shown now."""
        return self._pill

    def set_pill(self, pill: Pill | None) -> None:
        """Shows another status, or none."""
        self._pill = pill
        set_shown(self, pill is not None)
        self.setAccessibleName(f"Status: {pill.text}" if pill else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The room the words need."""
        return pill_size(self._pill, self.fontMetrics()) if self._pill else QSize(0, 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the pill."""
        if self._pill:
            painter = QPainter(self)
            paint_pill(painter, self.rect(), self._pill, tokens_for(self.palette()), self.devicePixelRatioF())
            painter.end()


class Badge(QLabel):
    """A small count beside a name, such as how many items wait; hidden at zero."""

    def __init__(self, count: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("badge", True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._count = -1
        self.set_count(count)

    def count(self) -> int:
        """The number shown."""
        return self._count

    def set_count(self, count: int) -> None:
        """Shows another number."""
        self._count = count
        self.setText(f"{count:,}")
        self.setAccessibleName(f"{count:,} waiting")
        set_shown(self, count > 0)
