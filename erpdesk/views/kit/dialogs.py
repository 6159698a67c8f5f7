"""Small questions: confirm, comment, and what is shown when erpdesk itself has a fault."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from erpdesk.views.kit.card import CodeBlock, Muted, Title
from erpdesk.views.kit.deliberate import Pause
from erpdesk.views.kit.shown import set_look

WIDTH = 460


class _Question(QDialog):
    """A title, a sentence, a place for more, and two buttons; Esc is No."""

    def __init__(self, parent: QWidget | None, title: str, text: str, yes: str, danger: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = QLabel(text)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        self.yes = QPushButton(yes)
        self.yes.setProperty("danger" if danger else "primary", True)
        self.no = QPushButton("Cancel")
        self.no.setAutoDefault(False)
        self.inside = QVBoxLayout()
        self.inside.setSpacing(6)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.no)
        buttons.addWidget(self.yes)
        around = QVBoxLayout(self)
        around.setContentsMargins(20, 18, 20, 16)
        around.setSpacing(12)
        around.addWidget(Title(title))
        around.addWidget(words)
        around.addLayout(self.inside)
        around.addStretch(1)
        around.addLayout(buttons)
        self.setMinimumWidth(WIDTH)
        self.yes.clicked.connect(self.on_yes)
        self.no.clicked.connect(self.reject)

    @Slot()
    def on_yes(self) -> None:
        """The person agreed."""
        self.accept()

    def grow(self) -> None:
        """Makes room for words that came after the question was on screen; Qt forgets that they wrap."""
        around = self.layout()
        assert around is not None
        around.activate()
        self.resize(self.width(), max(self.height(), around.totalHeightForWidth(self.width())))


class ConfirmDialog(_Question):
    """Asks once before an act that others will notice."""

    def __init__(self, parent: QWidget | None, title: str, text: str, yes: str, danger: bool = False) -> None:
        super().__init__(parent, title, text, yes, danger)
        # An act that cannot be taken back is not done by a stray Enter.
        first = self.no if danger else self.yes
        first.setDefault(True)
        first.setFocus()


class CommentDialog(_Question):
    """Asks for a comment; a required one must not be empty, an optional one may, after one warning."""

    def __init__(
        self, parent: QWidget | None, title: str, prompt: str, yes: str, required: bool = False, danger: bool = False
    ) -> None:
        super().__init__(parent, title, prompt, yes, danger)
        self._required = required
        self._warned = False
        self._yes = yes
        # A double click must not run past the question.
        self._asked = Pause(self)
        name = QLabel("&Comment" if required else "&Comment (optional)")
        self.field = _CommentField(self.on_yes)
        self.field.setAccessibleName("Comment")
        name.setBuddy(self.field)
        self.note = QLabel()
        self.note.setProperty("tone", "yellow")
        self.note.setWordWrap(True)
        self.note.hide()
        self.inside.addWidget(name)
        self.inside.addWidget(self.field)
        self.inside.addWidget(self.note)
        self.field.setFocus()
        self.field.textChanged.connect(self._on_typed)

    def comment(self) -> str:
        """What was typed, without blanks around it."""
        return self.field.toPlainText().strip()

    @Slot()
    def on_yes(self) -> None:
        """Accepts unless an empty comment still needs a word."""
        if self._asked.on:
            self.field.setFocus()
            return
        if not self.comment() and (self._required or not self._warned):
            self._warned = True
            self._asked.start()
            act = self._yes.replace("&", "")
            self.note.setText(
                "Write a comment first."
                if self._required
                else f"{act} without a reason? The sender will not know why. Write it above, or press {act} without a "
                "reason."
            )
            if not self._required:
                self.yes.setText(f"{self._yes} without a reason")
            self.note.show()
            self.grow()
            set_look(self.field, "wrong", self._required)
            self.field.setFocus()
            return
        self.accept()

    @Slot()
    def _on_typed(self) -> None:
        self._warned = False
        self._asked.stop()
        self.yes.setText(self._yes)
        self.note.hide()
        set_look(self.field, "wrong", False)


class _CommentField(QPlainTextEdit):
    """Several lines; Ctrl+Enter agrees, Tab leaves."""

    def __init__(self, submit: Callable[[], None]) -> None:
        super().__init__()
        self._submit = submit
        self.setTabChangesFocus(True)
        self.setFixedHeight(96)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter agrees."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._submit()
        else:
            super().keyPressEvent(event)


class BugDialog(QDialog):
    """Says that erpdesk has a fault, that what was saved is safe, and lets the details be copied."""

    def __init__(self, parent: QWidget | None, what: str, details: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("erpdesk has a fault")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.what = what
        self.details = details
        shown = CodeBlock(lines=8)
        shown.set_text(details)
        shown.setAccessibleName("Details of the fault")
        copy = QPushButton("&Copy details")
        copy.setAutoDefault(False)
        close = QPushButton("Close")
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addStretch(1)
        buttons.addWidget(close)
        around = QVBoxLayout(self)
        around.setContentsMargins(20, 18, 20, 16)
        around.setSpacing(10)
        around.addWidget(Title("This is a fault in erpdesk, not something you did"))
        around.addWidget(
            Muted(
                "What was saved before is safe. The last act may not have been done: look at the list before you "
                "repeat it. The details are in the log; copy them for the person who looks after erpdesk."
            )
        )
        around.addWidget(shown, 1)
        around.addLayout(buttons)
        self.resize(640, 380)
        copy.clicked.connect(self._on_copy)
        close.clicked.connect(self.accept)
        close.setFocus()

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.what}\n\n{self.details}")


def confirm(
    parent: QWidget, title: str, text: str, yes: str, then: Callable[[], object], danger: bool = False
) -> ConfirmDialog:
    """Asks, and calls ``then`` when the person agrees; returns at once."""
    dialog = ConfirmDialog(parent, title, text, yes, danger)
    dialog.accepted.connect(lambda: then())
    dialog.open()
    return dialog


def ask_comment(
    parent: QWidget,
    title: str,
    prompt: str,
    yes: str,
    then: Callable[[str], object],
    required: bool = False,
    danger: bool = False,
) -> CommentDialog:
    """Asks for a comment, and calls ``then(comment)`` when the person agrees; returns at once."""
    dialog = CommentDialog(parent, title, prompt, yes, required, danger)
    dialog.accepted.connect(lambda: then(dialog.comment()))
    dialog.open()
    return dialog
