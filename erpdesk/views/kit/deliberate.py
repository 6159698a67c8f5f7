"""Keeps one press from acting twice: a double click, a held key, a press meant for what stood there a moment ago."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QWidget

HOLD_MS = 600
BEYOND_DOUBLE_CLICK_MS = 200
TOO_SOON = "That press came too soon after the last change, so nothing was done. Look, then press again."


class Pause(QTimer):
    """The moment after a change in which a press can not have been meant for what is on screen now.

    A timer and not a clock: presses that queued up while the program was busy are handed out before the timer ends.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent, singleShot=True)
        self.setInterval(max(HOLD_MS, QGuiApplication.styleHints().mouseDoubleClickInterval() + BEYOND_DOUBLE_CLICK_MS))

    @property
    def on(self) -> bool:
        """Whether the moment is not over yet."""
        return self.isActive()


def pause_of(widget: QWidget) -> Pause:
    """The pause that all acts of the widget's window share."""
    window = widget.window()
    found = window.findChild(Pause, "acts", Qt.FindChildOption.FindDirectChildrenOnly)
    if found is None:
        found = Pause(window)
        found.setObjectName("acts")
    return found


class DeliberateAction(QAction):
    """An action whose key is ignored while it is held down and for a moment after an act of its window.

    ``fresh`` runs after it came to stand for another record.
    """

    def __init__(self, text: str, window: QWidget) -> None:
        super().__init__(text, window)
        self._window = window
        self.fresh = Pause(self)
        self.setAutoRepeat(False)

    def event(self, event: QEvent) -> bool:
        """Swallows the key during the pause."""
        if event.type() == QEvent.Type.Shortcut and (self.fresh.on or pause_of(self._window).on):
            return True
        return super().event(event)
