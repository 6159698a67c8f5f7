"""The privilege “Can push to accounting” of one person: where it stands, and who may do what about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from erpdesk.views.erp_words import day_and_time
from erpdesk.views.kit.card import Card, Muted
from erpdesk.views.kit.pills import PillLabel
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.kit.shown import set_shown
from erpdesk.views.people import words
from erpdesk.workflows.people_rows import GrantRow, PersonDetail
from erpdesk.workflows.push_right import LEFT, ONESELF
from erpdesk.workflows.rights import PUSH

NEW = "Save the person first."


class PrivilegeCard(Card):
    """``asked`` (ask for it), ``answered`` (True = confirm) and ``withdrawn`` come when a button is pressed."""

    asked = Signal()
    answered = Signal(bool)
    withdrawn = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(PUSH, parent=parent)
        self._pill = PillLabel()
        self.add_to_header(self._pill)
        self._words = Muted()
        self._reason = Muted()
        self.ask = ReasonButton("&Ask for it…")
        self.confirm = ReasonButton("&Confirm…", primary=True)
        self.refuse = ReasonButton("Re&fuse…")
        self.withdraw = ReasonButton("&Withdraw…")
        self.ask.set_help("Asks that this person gets the privilege; a second person confirms")
        self.withdraw.set_help("Takes the privilege away at once, or the request back")
        self.add(self._words)
        self.add(self._reason)
        across = QHBoxLayout()
        across.setSpacing(8)
        for button in (self.ask, self.confirm, self.refuse, self.withdraw):
            across.addWidget(button)
        across.addStretch(1)
        self.body.addLayout(across)
        self.ask.pressed_ok.connect(self.asked)
        self.confirm.pressed_ok.connect(lambda: self.answered.emit(True))
        self.refuse.pressed_ok.connect(lambda: self.answered.emit(False))
        self.withdraw.pressed_ok.connect(self.withdrawn)

    def text(self) -> str:
        """What is said."""
        return self._words.text()

    def show_person(
        self, person: PersonDetail | None, grant: GrantRow | None, no_right: Sequence[str], *, oneself: bool
    ) -> None:
        """Shows another person; ``no_right`` is why the reader may not change rights, ``oneself`` that it is them."""
        for button in (self.ask, self.confirm, self.refuse, self.withdraw):
            set_shown(button, False)
        if person is None:
            self._pill.set_pill(None)
            self._words.setText(words.SECOND_PERSON)
            set_shown(self._reason, False)
            set_shown(self.ask, True)
            self.ask.set_offer(False, (NEW,))
            return
        pill, said = words.privilege(person, grant)
        self._pill.set_pill(pill)
        self._words.setText(said)
        self._reason.setText(
            f"{day_and_time(grant.requested_at)}: “{grant.reason}”" if grant is not None and grant.reason else ""
        )
        set_shown(self._reason, bool(self._reason.text()))
        # Giving up one's own needs no right, and taking back a request is the same act.
        set_shown(self.withdraw, person.can_push or grant is not None)
        self.withdraw.setText("&Withdraw…" if person.can_push else "&Take the request back…")
        self.withdraw.set_offer(oneself or not no_right, no_right)
        if grant is not None:
            for button, reasons in ((self.confirm, grant.may_answer), (self.refuse, grant.may_refuse)):
                set_shown(button, True)
                button.set_offer(not reasons, reasons)
        elif not person.can_push:
            why_not = [*no_right, *[ONESELF] * oneself, *[LEFT.format(name=person.name)] * (not person.active)]
            set_shown(self.ask, True)
            self.ask.set_offer(not why_not, why_not)
