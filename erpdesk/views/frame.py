"""The window's frame: on screen at once, with nothing loaded that painting it does not need.

It shows the tabs' names and that the company is being opened, until the real content takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QGuiApplication, QMoveEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from erpdesk.views.placing import KEY, place_window

if TYPE_CHECKING:
    from erpdesk.views.main_window import MainWindow

TITLES = ("Home", "Commitments", "Directory", "ERP Integrations")
OPENING = "Opening the company…"
KEEP_MS = 800
TOP, STRIP, STATUS = 34, 36, 31

COLOURS = {
    False: {"surface": "#f2f4f7", "card": "#ffffff", "border": "#dde1e8", "text": "#1a2230", "muted": "#525c6b"},
    True: {"surface": "#191c22", "card": "#22272f", "border": "#39414d", "text": "#e9ecf1", "muted": "#a9b3c1"},
}
"""The colours of the first picture, light and dark; the same as the theme's own."""


class Sheet(QWidget):
    """What is painted until the content is there: bars, the tabs' names, one calm line."""

    painted = Signal()

    def __init__(self, dark: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours = {name: QColor(value) for name, value in COLOURS[dark].items()}
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(OPENING)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the picture and tells that it stands."""
        colours, painter = self._colours, QPainter(self)
        wide, high = self.width(), self.height()
        painter.fillRect(self.rect(), colours["surface"])
        for top, height in ((0, TOP), (TOP, STRIP), (high - STATUS, STATUS)):
            painter.fillRect(0, top, wide, height, colours["card"])
            edge = top if top else height - 1
            painter.fillRect(0, edge, wide, 1, colours["border"])
        painter.setPen(colours["muted"])
        left = 22
        for title in TITLES:
            across = painter.fontMetrics().horizontalAdvance(title)
            painter.drawText(QRect(left, TOP, across + 4, STRIP), Qt.AlignmentFlag.AlignVCenter, title)
            left += across + 26
        painter.setPen(colours["text"])
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, OPENING)
        painter.end()
        self.painted.emit()


class Frame(QMainWindow):
    """The program's window. ``first_painted`` comes once; ``furnish`` puts the content in."""

    first_painted = Signal()

    def __init__(self, store: QSettings) -> None:
        super().__init__()
        self.setWindowTitle("erpdesk")
        self._store = store
        self._keeping = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._keeping.timeout.connect(self.keep_place)
        place_window(self, store.value(KEY))
        self.content: MainWindow | None = None
        sheet = Sheet(_is_dark(str(store.value("theme/mode", "system"))))
        sheet.painted.connect(self.first_painted, Qt.ConnectionType.SingleShotConnection)
        self.setCentralWidget(sheet)

    def furnish(self, content: MainWindow) -> None:
        """Puts the content in the place of the first picture."""
        self.content = content
        self.setCentralWidget(content)
        content.show()

    def keep_place(self) -> None:
        """Remembers size and place for the next start, also if this run does not end as it should."""
        self._store.setValue(KEY, self.saveGeometry())

    def moveEvent(self, event: QMoveEvent) -> None:
        """Remembers the place a moment after the last move."""
        super().moveEvent(event)
        self._keep_soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Remembers the size a moment after the last change."""
        super().resizeEvent(event)
        self._keep_soon()

    def _keep_soon(self) -> None:
        if self.isVisible():
            self._keeping.start()

    def come_to_front(self) -> None:
        """Brings the window before all others, for a second start of the program."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Lets the content decide: something typed may not be saved."""
        if self.content is None:
            event.accept()
        else:
            self.content.closeEvent(event)


def _is_dark(mode: str) -> bool:
    if mode == "system":
        return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return mode == "dark"
