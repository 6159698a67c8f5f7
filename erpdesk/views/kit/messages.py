"""Messages above the tabs that wait for nobody, and the one place where errors become words."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.icons import pixmap, set_icon
from erpdesk.views.kit.tokens import tokens_for

log = logging.getLogger(__name__)

Action = tuple[str, Callable[[], object]]
LOOKS = {
    "info": ("info", "blue", "Note"),
    "success": ("check", "green", "Done"),
    "warning": ("warning", "yellow", "Warning"),
    "error": ("error", "red", "Error"),
}
PASSING = ("info", "success")
STAYS_MS = 8000
MOST = 4


class MessageLine(QFrame):
    """One message with its icon, an action if there is one, and a button that closes it."""

    closed = Signal(object)

    def __init__(self, kind: str, text: str, action: Action | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name, tone, word = LOOKS[kind]
        self.kind = kind
        self.text = text
        self._look = (name, tone)
        self.setProperty("message", kind)
        self._mark = QLabel()
        words = QLabel(text)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setAccessibleName(f"{word}: {text}")
        close = QToolButton()
        close.setToolTip("Close this message")
        close.setAccessibleName("Close this message")
        set_icon(close, "close")
        across = QHBoxLayout(self)
        across.setContentsMargins(12, 6, 6, 6)
        across.setSpacing(9)
        across.addWidget(self._mark)
        across.addWidget(words, 1)
        if action:
            button = QPushButton(action[0])
            button.clicked.connect(lambda _checked=False: self._act(action[1]))
            across.addWidget(button)
        across.addWidget(close)
        self.tint()
        close.clicked.connect(self.close_message)
        if kind in PASSING:
            self._timer = QTimer(self, singleShot=True, interval=STAYS_MS)
            self._timer.timeout.connect(self.close_message)
            self._timer.start()

    @Slot()
    def close_message(self) -> None:
        """Takes the message away."""
        self.closed.emit(self)

    def tint(self) -> None:
        """Draws the icon in the colours of now."""
        name, tone = self._look
        self._mark.setPixmap(pixmap(name, tokens_for(self.palette()).tone(tone)[1], 16, self.devicePixelRatioF()))

    def _act(self, fn: Callable[[], object]) -> None:
        self.close_message()
        fn()


class Messages(QWidget):
    """The messages of the window, newest first; without one it takes no room.

    Notes and successes leave after eight seconds, warnings and errors stay until they are closed.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(10, 8, 10, 0)
        self._layout.setSpacing(6)
        self._lines: list[MessageLine] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setAccessibleName("Messages")
        self.hide()

    def info(self, text: str, action: Action | None = None) -> MessageLine:
        """Says something worth knowing."""
        return self._show("info", text, action)

    def success(self, text: str, action: Action | None = None) -> MessageLine:
        """Says that an act is done, perhaps with a button such as Undo."""
        return self._show("success", text, action)

    def warning(self, text: str, action: Action | None = None) -> MessageLine:
        """Says what deserves a look."""
        return self._show("warning", text, action)

    def error(self, text: str, action: Action | None = None) -> MessageLine:
        """Says what went wrong; it stays until it is closed."""
        return self._show("error", text, action)

    @Slot(object)
    def report(self, error: BaseException) -> None:
        """Shows an error: one for people as a message, any other as a bug with a log entry and a dialog."""
        if isinstance(error, ForPeople):
            self.error(str(error))
            return
        log.error("a bug was caught", exc_info=error)
        # Bugs are rare: their dialog is not loaded with the program.
        from erpdesk.views.kit.dialogs import BugDialog

        details = "".join(traceback.format_exception(error))
        BugDialog(self.window(), f"{type(error).__name__}: {error}", details).open()

    def texts(self) -> list[str]:
        """What is on screen, newest first."""
        return [line.text for line in self._lines]

    def clear(self) -> None:
        """Takes all messages away."""
        for line in list(self._lines):
            self._remove(line)

    def retint(self) -> None:
        """Draws the icons in the colours of now; connect to the theme's ``changed``."""
        for line in self._lines:
            line.tint()

    def _show(self, kind: str, text: str, action: Action | None) -> MessageLine:
        # The same sentence twice would only push other messages out.
        for line in list(self._lines):
            if line.kind == kind and line.text == text:
                self._remove(line)
        line = MessageLine(kind, text, action, self)
        line.closed.connect(self._remove)
        self._lines.insert(0, line)
        self._layout.insertWidget(0, line)
        passing = [old for old in self._lines[1:] if old.kind in PASSING]
        while len(self._lines) > MOST and passing:
            self._remove(passing.pop())
        self.show()
        self.changed.emit()
        return line

    @Slot(object)
    def _remove(self, line: MessageLine) -> None:
        if line not in self._lines:
            return
        self._lines.remove(line)
        self._layout.removeWidget(line)
        line.hide()
        line.deleteLater()
        self.setVisible(bool(self._lines))
        self.changed.emit()
