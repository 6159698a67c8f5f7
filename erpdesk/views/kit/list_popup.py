"""A small card that opens below a button and closes when the person clicks elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from erpdesk.views.kit.tokens import tokens_for

GAP = 4


def edge_boxes(listed: QWidget) -> None:
    """Gives the boxes to tick in a list an edge that is seen on a dark ground too: the style darkens this colour."""
    palette = listed.palette()
    palette.setColor(QPalette.ColorRole.Window, QColor(tokens_for(palette).strong_border).lighter(140))
    listed.setPalette(palette)


class Popup(QFrame):
    """Esc and a click elsewhere close it; it is freed then."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("card", True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.down = QVBoxLayout(self)
        self.down.setContentsMargins(12, 10, 12, 10)
        self.down.setSpacing(8)

    def open_below(self, button: QWidget) -> None:
        """Opens below a button, moved so that all of it is on the screen."""
        self.adjustSize()
        at = button.mapToGlobal(QPoint(0, button.height() + GAP))
        room = button.screen().availableGeometry()
        at.setX(max(room.left(), min(at.x(), room.right() - self.width())))
        if at.y() + self.height() > room.bottom():
            at.setY(max(room.top(), button.mapToGlobal(QPoint(0, 0)).y() - self.height() - GAP))
        self.move(at)
        self.show()
