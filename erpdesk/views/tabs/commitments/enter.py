"""Enter on a button that has the keyboard presses it, as Space does: Qt does so in dialogs only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QToolButton

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
BESIDE = Qt.KeyboardModifier.KeypadModifier


def is_enter(event: QKeyEvent) -> bool:
    """Whether this is Enter of either block of keys, with nothing else held."""
    return event.key() in ENTER and not event.modifiers() & ~BESIDE


def press(button: QAbstractButton, event: QKeyEvent) -> None:
    """Presses a button, or opens its menu; a key that is held is one press."""
    event.accept()
    if event.isAutoRepeat() or not button.isEnabled():
        return
    opens = isinstance(button, QToolButton) and button.popupMode() is QToolButton.ToolButtonPopupMode.InstantPopup
    if opens and isinstance(button, QToolButton) and button.menu() is not None:
        button.menu().popup(button.mapToGlobal(button.rect().bottomLeft()))
    else:
        button.click()
