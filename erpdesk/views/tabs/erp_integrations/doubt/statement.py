"""What somebody stated about a doubt, with the second person's buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.card import Muted
from erpdesk.views.kit.flow_layout import FlowLayout
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.shown import set_shown
from erpdesk.workflows.doubt_rows import Statement

VERBS = {"confirm": "Confirm…", "refuse": "Refuse…", "withdraw": "Withdraw"}


class StatementCard(QFrame):
    """The statement that waits; ``asked`` carries confirm, refuse or withdraw, ``files_asked`` that a file is added."""

    asked = Signal(str)
    files_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.setAccessibleName("Waits for a second person")
        self.what = QLabel()
        self.what.setProperty("role", "value")
        self.note = QLabel()
        for words in (self.what, self.note):
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.who = Muted()
        self.buttons = {verb: ReasonButton(words, primary=verb == "confirm") for verb, words in VERBS.items()}
        self.attach = ReasonButton("Attach journal or picture…", deliberate=False)
        across = FlowLayout(spacing=8)
        for verb, button in self.buttons.items():
            across.addWidget(button)
            button.pressed_ok.connect(lambda verb=verb: self.asked.emit(verb))
        across.addWidget(self.attach)
        self.attach.pressed_ok.connect(self.files_asked)
        down = QVBoxLayout(self)
        down.setContentsMargins(10, 8, 10, 10)
        down.setSpacing(6)
        for part in (self.what, self.note, self.who):
            down.addWidget(part)
        down.addLayout(across)

    def show_statement(self, statement: Statement, may_push: bool, working: tuple[str, ...]) -> None:
        """Shows a statement; the buttons are for those who decide, and say why one can not be pressed."""
        self.what.setText(f"{statement.stated_by} saw: {statement.words}.")
        self.note.setText(f"“{statement.note}”")
        self.who.setText(f"Stated {day_and_time(statement.stated_at)}. Another approver confirms or refuses it.")
        offers = {each.verb: each for each in statement.offers}
        for verb, button in self.buttons.items():
            offer = offers.get(verb)
            own = verb != "withdraw" or (offer is not None and offer.allowed)
            set_shown(button, may_push and offer is not None and own)
            if offer is not None:
                button.set_offer(offer.allowed and not working, working or offer.reasons)
        set_shown(self.attach, may_push)
