"""Messages that wait for nobody and push nothing aside, and the one place where errors become words."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QRect, Qt, QTimer, Signal, Slot
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
WIDEST = 640
FRESH_MS = 1500
"""A message this young has not been read yet: it outlives the change that brought it."""


class MessageLine(QFrame):
    """One message with its icon, an action if there is one, and a button that closes it."""

    closed = Signal(object)

    def __init__(
        self,
        kind: str,
        text: str,
        action: Action | None,
        topic: str = "",
        lasting: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        name, tone, word = LOOKS[kind]
        self.kind = kind
        self.text = text
        self.topic = topic
        self.lasting = lasting
        self._age = QElapsedTimer()
        self._age.start()
        self._look = (name, tone)
        self.setProperty("message", kind)
        self._mark = QLabel()
        words = QLabel(text)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setAccessibleName(f"{word}: {text}")
        close = QToolButton()
        close.setObjectName("closeMessage")
        close.setToolTip("Close this message")
        close.setAccessibleName("Close this message")
        set_icon(close, "close")
        across = QHBoxLayout(self)
        across.setContentsMargins(12, 2, 6, 2)
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

    @property
    def fresh(self) -> bool:
        """Whether nobody can have read it yet."""
        return self._age.elapsed() < FRESH_MS

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
    """The messages of the window, newest first and at most one for each topic; without one it takes no room.

    Notes and successes leave after eight seconds, warnings and errors when they are closed or what they are about is
    left. Floating, it lies over the page and moves nothing; a success of one word then goes to ``noted`` instead.
    """

    changed = Signal()
    noted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(10, 8, 10, 0)
        self._layout.setSpacing(6)
        self._lines: list[MessageLine] = []
        self._room: Callable[[], QRect] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setAccessibleName("Messages")
        self.hide()

    def float_over(self, parent: QWidget, room: Callable[[], QRect]) -> None:
        """Lies over ``parent`` from now on, at the right of the ``room`` it answers and downwards from there."""
        self._room = room
        self.setParent(parent)
        self._layout.setContentsMargins(0, 2, 0, 0)
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keeps its place when the window changes its size."""
        if self._room is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    def info(self, text: str, action: Action | None = None, topic: str = "") -> MessageLine:
        """Says something worth knowing."""
        return self._show("info", text, action, topic)

    def success(self, text: str, action: Action | None = None, topic: str = "") -> MessageLine | None:
        """Says that an act is done, perhaps with a button such as Undo; None when it went to ``noted``."""
        if self._room is not None and action is None and " " not in text:
            self.noted.emit(text)
            return None
        return self._show("success", text, action, topic)

    def warning(self, text: str, action: Action | None = None, topic: str = "") -> MessageLine:
        """Says what deserves a look."""
        return self._show("warning", text, action, topic)

    def error(self, text: str, action: Action | None = None, topic: str = "", lasting: bool = False) -> MessageLine:
        """Says what went wrong; a ``lasting`` one stays until it is closed, wherever the person goes."""
        return self._show("error", text, action, topic, lasting)

    def _show(self, kind: str, text: str, action: Action | None, topic: str = "", lasting: bool = False) -> MessageLine:
        # It takes the place of the last one on its topic; notes without a topic are one topic, and so are successes.
        topic = topic or (kind if kind in PASSING else text)
        for line in list(self._lines):
            if line.topic == topic:
                self._remove(line)
        line = MessageLine(kind, text, action, topic, lasting, self)
        line.closed.connect(self._remove)
        self._lines.insert(0, line)
        self._layout.insertWidget(0, line)
        passing = [old for old in self._lines[1:] if old.kind in PASSING]
        while len(self._lines) > MOST and passing:
            self._remove(passing.pop())
        self.show()
        self._place()
        self.changed.emit()
        return line

    def leave_item(self) -> None:
        """Another record is shown: what was wrong with the one before does not matter here."""
        self._leave(lambda line: line.kind not in PASSING and not line.fresh)

    def leave_page(self) -> None:
        """Another tool is shown: what was said before belongs to the other one."""
        self._leave(lambda line: not line.fresh)

    def leave_person(self) -> None:
        """Somebody else acts: nothing that was said was said to them."""
        self._leave(lambda line: True)

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

    def drop(self, topic: str) -> None:
        """Takes away what was said on a topic, because it is over."""
        for line in list(self._lines):
            if line.topic == topic:
                self._remove(line)

    def clear(self) -> None:
        """Takes all messages away."""
        for line in list(self._lines):
            self._remove(line)

    def retint(self) -> None:
        """Draws the icons in the colours of now; connect to the theme's ``changed``."""
        for line in self._lines:
            line.tint()

    def _leave(self, goes: Callable[[MessageLine], bool]) -> None:
        for line in list(self._lines):
            if not line.lasting and goes(line):
                self._remove(line)

    def _place(self) -> None:
        if self._room is None or self.isHidden():
            return
        room = self._room()
        width = min(WIDEST, room.width())
        self._layout.activate()
        height = (
            self._layout.totalHeightForWidth(width) if self._layout.hasHeightForWidth() else self.sizeHint().height()
        )
        self.setGeometry(room.right() + 1 - width, room.top(), width, height)
        self.raise_()

    @Slot(object)
    def _remove(self, line: MessageLine) -> None:
        if line not in self._lines:
            return
        self._lines.remove(line)
        self._layout.removeWidget(line)
        line.hide()
        line.deleteLater()
        self.setVisible(bool(self._lines))
        self._place()
        self.changed.emit()
