"""Asks what somebody saw in Sage, and where they looked: the first of two people who close a doubt by hand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from erpdesk.core.said import says_something
from erpdesk.models.erp import Saw
from erpdesk.views.kit.card import Muted, Title
from erpdesk.views.kit.shown import set_look
from erpdesk.workflows.doubt_rows import SAW_WORDS, DoubtPage

WIDTH = 520
CHOOSE = "Choose what you saw in Sage."
WRITE = "Write down where in Sage you looked, and what you saw there."
NEITHER = "If it is there otherwise than approved, or more than once, cancel and press Look again now."


class StateDialog(QDialog):
    """Two answers and a note; both are needed. Nothing is chosen beforehand, so that nobody confirms a guess."""

    def __init__(self, parent: QWidget | None, page: DoubtPage) -> None:
        super().__init__(parent)
        title = f"Close {page.sage_id} by hand"
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        look = QLabel(page.todo[0] if page.todo else "")
        look.setTextFormat(Qt.TextFormat.PlainText)
        look.setWordWrap(True)
        self.answers = {saw: QRadioButton(words) for saw, words in SAW_WORDS.items()}
        self.note = QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(88)
        self.note.setAccessibleName("Note")
        name = QLabel("&Note: where you looked, and what you saw")
        name.setBuddy(self.note)
        self.problem = QLabel()
        self.problem.setProperty("tone", "red")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.yes = QPushButton("Submit")
        self.yes.setProperty("primary", True)
        self.yes.setDefault(True)
        self.no = QPushButton("Cancel")
        self.no.setAutoDefault(False)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(self.no)
        across.addWidget(self.yes)
        down = QVBoxLayout(self)
        down.setContentsMargins(20, 18, 20, 16)
        down.setSpacing(10)
        down.addWidget(Title(title))
        down.addWidget(look)
        for answer in self.answers.values():
            down.addWidget(answer)
        down.addWidget(Muted(NEITHER))
        down.addWidget(name)
        down.addWidget(self.note)
        down.addWidget(
            Muted(
                "Nothing is closed yet: another approver looks in Sage too, and confirms or refuses it. The printed "
                "journal or a picture of the screen can be added to the item."
            )
        )
        down.addWidget(self.problem)
        down.addLayout(across)
        self.setMinimumWidth(WIDTH)
        self.yes.clicked.connect(self.on_yes)
        self.no.clicked.connect(self.reject)
        self.note.textChanged.connect(self._on_changed)
        for answer in self.answers.values():
            answer.toggled.connect(lambda _on: self._on_changed())
        next(iter(self.answers.values())).setFocus()

    def saw(self) -> Saw | None:
        """What was chosen; None while nothing is."""
        return next((saw for saw, answer in self.answers.items() if answer.isChecked()), None)

    def said(self) -> str:
        """The note, without blanks around it."""
        return self.note.toPlainText().strip()

    @Slot()
    def on_yes(self) -> None:
        """Accepts when there is an answer and a note."""
        missing = CHOOSE if self.saw() is None else "" if says_something(self.said()) else WRITE
        if missing:
            self.problem.setText(missing)
            self.problem.show()
            set_look(self.note, "wrong", missing == WRITE)
            (self.note if missing == WRITE else next(iter(self.answers.values()))).setFocus()
            return
        self.accept()

    def _on_changed(self) -> None:
        self.problem.hide()
        set_look(self.note, "wrong", False)


def ask_what_was_seen(parent: QWidget, page: DoubtPage, then: Callable[[Saw, str], object]) -> StateDialog:
    """Asks, and calls ``then(saw, note)`` when the person agrees; returns at once."""
    dialog = StateDialog(parent, page)

    def agreed() -> None:
        saw = dialog.saw()
        if saw is not None:
            then(saw, dialog.said())

    dialog.accepted.connect(agreed)
    dialog.open()
    return dialog
