"""Where the window stands: at first within the screen, later where it was left, never out of sight."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

FIRST_SIZE = QSize(1440, 900)
SMALLEST = QSize(960, 600)
EDGES = QSize(16, 40)
"""Room for the window manager's title bar and borders, which are not known before the window is on screen."""
KEY = "window/geometry"
GRIP = QSize(120, 40)
"""So much of the window has to be on a screen for a person to take hold of it."""


def first_room(available: QRect) -> QRect:
    """The place of a new window: its usual size, or what the screen leaves free, in the middle."""
    size = FIRST_SIZE.boundedTo(available.size() - EDGES)
    place = QRect(available.topLeft(), size)
    place.moveCenter(available.center())
    # The title bar stands above the window's own area.
    place.moveTop(max(place.top(), available.top() + EDGES.height() - EDGES.width() // 2))
    return place


def in_sight(frame: QRect, screens: list[QRect]) -> bool:
    """Whether the top of a window can be seen and taken hold of on one of the screens."""
    top = QRect(frame.topLeft(), QSize(frame.width(), GRIP.height()))
    seen = (top.intersected(screen) for screen in screens)
    return any(part.width() >= GRIP.width() and part.height() >= GRIP.height() // 2 for part in seen)


def place_window(window: QMainWindow, kept: object) -> None:
    """Puts a window where it was left (``kept`` is what ``saveGeometry`` gave), or where a new one stands."""
    screen = QGuiApplication.primaryScreen().availableGeometry()
    window.setMinimumSize(SMALLEST.boundedTo(screen.size() - EDGES))
    window.setGeometry(first_room(screen))
    if not isinstance(kept, QByteArray) or not window.restoreGeometry(kept):
        return
    screens = [each.availableGeometry() for each in QGuiApplication.screens()]
    if not in_sight(window.frameGeometry(), screens):
        window.setGeometry(first_room(screen))
