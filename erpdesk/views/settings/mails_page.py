"""Mail that has not gone: why, when it is tried again, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import shiboken6
from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople, Refused
from erpdesk.models.office import MailState
from erpdesk.views.kit.card import Card, Muted, Title
from erpdesk.views.kit.dialogs import ask_comment, confirm
from erpdesk.views.kit.jobs import Jobs, JobsClosed
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.sage.reading_part import ReadingPart
from erpdesk.views.session import LayoutStore
from erpdesk.views.settings import words
from erpdesk.workflows.notices import MailRow

EMPTY = ("No mail waits", "What could not be sent is listed here.")
CHOOSE = ("Choose a mail first.",)
USUAL = (
    "Mail that has not gone yet. It is tried again by itself, after longer and longer waits; work never waits for it."
)


class MailActs(Protocol):
    """What this page asks of the notices."""

    def listed(self, actor: str) -> Sequence[MailRow]:
        """Every mail that has not gone."""
        ...

    def retry(self, actor: str, mail_id: str) -> Changes:
        """Sends one again."""
        ...

    def give_up(self, actor: str, mail_id: str, reason: str) -> Changes:
        """Sends one no more."""
        ...


class MailsPage(QWidget):
    """The list of mails that wait. ``changed`` carries the Changes of a decision, ``counted`` how many there are."""

    changed = Signal(object)
    counted = Signal(int)

    def __init__(
        self, acts: MailActs, jobs: Jobs, acting: Callable[[], str], store: LayoutStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._acts, self._jobs, self._acting = acts, jobs, acting
        self.messages = Messages()
        self.about = Muted(USUAL)
        self.retry = ReasonButton("&Try again")
        self.give_up = ReasonButton("&Give up…")
        self.part = ReadingPart(
            "settings-mails",
            words.MAILS,
            store=store,
            noun=("mail", "mails"),
            empty=EMPTY,
            about=words.about_mail,
        )
        self.retry.set_icon_name("refresh")
        self.retry.set_help("Send the mail at the next moment")
        self.give_up.set_help("Send the mail no more")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(Title("Unsent mail"), 1)
        top.addWidget(self.retry)
        top.addWidget(self.give_up)
        card = Card(margins=False)
        card.add(self.part, 1)
        around = QVBoxLayout(self)
        around.setContentsMargins(14, 12, 14, 12)
        around.setSpacing(8)
        around.addLayout(top)
        around.addWidget(self.about)
        around.addWidget(self.messages)
        around.addWidget(card, 1)
        self.part.chosen.connect(lambda _row: self._show_offers())
        self.retry.pressed_ok.connect(self.ask_retry)
        self.give_up.pressed_ok.connect(self.ask_give_up)
        self._show_offers()
        self.reload()

    def reload(self) -> None:
        """Reads the mails again."""
        acts, actor = self._acts, self._acting()

        def read() -> tuple[Sequence[MailRow], str]:
            try:
                return acts.listed(actor), ""
            except Refused as refusal:
                return (), refusal.reasons[0]

        def show(answer: tuple[Sequence[MailRow], str]) -> None:
            if shiboken6.isValid(self):
                rows, denied = answer
                self.about.setText(USUAL)
                self.part.table.set_empty(*(("Not shown to you", denied) if denied else EMPTY))
                self.part.set_rows(rows)
                self._show_offers()
                self.counted.emit(len(rows))

        with suppress(JobsClosed):
            self._jobs.read(read, show, self._failed, key=(id(self), "mails"))

    def ask_retry(self) -> None:
        """Sends the chosen mail again; asks first when it may have arrived."""
        row = self.part.current()
        if row is None:
            return
        if row.state is MailState.UNSURE:
            confirm(
                self.window(), words.AGAIN_TITLE, words.AGAIN, "Send it again", lambda: self._retry(row.id), danger=True
            )
        else:
            self._retry(row.id)

    def ask_give_up(self) -> None:
        """Gives the chosen mail up, with a reason."""
        row = self.part.current()
        if row is not None:
            ask_comment(
                self.window(),
                "Give this mail up",
                words.GIVE_UP,
                "Give it up",
                lambda comment: self._give_up(row.id, comment),
                danger=True,
            )

    def _retry(self, mail_id: str) -> None:
        acts, actor = self._acts, self._acting()
        self._jobs.write(lambda: acts.retry(actor, mail_id), self._done, self._failed)

    def _give_up(self, mail_id: str, reason: str) -> None:
        acts, actor = self._acts, self._acting()
        self._jobs.write(lambda: acts.give_up(actor, mail_id, reason), self._done, self._failed)

    def _done(self, changes: Changes) -> None:
        if shiboken6.isValid(self):
            self.reload()
        self.changed.emit(changes)

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, ForPeople) and shiboken6.isValid(self):
            self.messages.report(error)
            self.reload()

    def _show_offers(self) -> None:
        row = self.part.current()
        for button, reasons in (
            (self.retry, CHOOSE if row is None else row.retry),
            (self.give_up, CHOOSE if row is None else row.give_up),
        ):
            button.set_offer(not reasons, reasons)

    def changeEvent(self, event: QEvent) -> None:
        """Draws the messages in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.messages.retint()
