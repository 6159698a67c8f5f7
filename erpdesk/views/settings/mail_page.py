"""The mail settings, the password that goes into the vault only, and a test mail to oneself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import shiboken6
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.declared import Group
from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.aside import Aside
from erpdesk.views.kit.card import Divider, Muted
from erpdesk.views.kit.jobs import Jobs, JobsClosed
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.sage.secret_edit import SecretEdit
from erpdesk.views.session import LayoutStore
from erpdesk.views.settings import words
from erpdesk.views.settings.group_page import GroupPage, label
from erpdesk.workflows.settings_acts import SettingsActs

KEPT = (
    "A password is kept in this computer’s vault, for whoever is logged in to Windows. Type another one to change it."
)
NOT_KEPT = "No password is kept for the user. It goes into this computer’s vault and nowhere else."


class MailTools(Protocol):
    """What this page asks for; all of it off the GUI thread."""

    def holds_password(self) -> bool:
        """Whether the vault holds the password of the login that is set up."""
        ...

    def keep_password(self, actor: str, secret: str) -> Changes:
        """Keeps it; raises ForPeople."""
        ...

    def why_no_test(self, actor: str) -> tuple[str, ...]:
        """Why no test mail can be sent to this person."""
        ...

    def send_test(self, actor: str) -> str:
        """Sends one and answers the address; raises ForPeople."""
        ...


class MailPage(GroupPage):
    """The group of the mail settings with what belongs to them."""

    def __init__(
        self,
        acts: SettingsActs,
        mail: MailTools,
        jobs: Jobs,
        aside: Aside,
        acting: Callable[[], str],
        store: LayoutStore,
        parent: QWidget | None = None,
    ) -> None:
        self._mail, self._aside = mail, aside
        self._no_test: tuple[str, ...] = words.READING
        self._sending = False
        self.secret = SecretEdit()
        self.keep = ReasonButton("&Keep password")
        self.test = ReasonButton("Send a &test mail to me")
        self.kept = Muted(NOT_KEPT)
        super().__init__(Group.MAIL, acts, jobs, acting, store, parent)
        self._build_more()

    def _build_more(self) -> None:
        self.secret.setAccessibleName("Password of the user at the mail server")
        self.secret.setMaximumWidth(260)
        self.keep.set_help("Keep the password in this computer’s vault")
        self.test.set_icon_name("send")
        self.test.set_help("Hand a mail to yourself in at the mail server, and see at once whether it takes it")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, self.fontMetrics().horizontalAdvance("Description of"))
        across = QHBoxLayout()
        across.addWidget(self.secret)
        across.addWidget(self.keep)
        across.addStretch(1)
        grid.addWidget(label("Password"), 0, 0)
        grid.addLayout(across, 0, 1)
        grid.addWidget(self.kept, 1, 1)
        self.below.addWidget(Divider())
        self.below.addLayout(grid)
        self.top.addWidget(self.test)
        self.keep.pressed_ok.connect(self.keep_password)
        self.test.pressed_ok.connect(self.send_test)
        self.secret.value_changed.connect(lambda _none: self._show_offers())

    def reload(self) -> None:
        """Reads settings, the vault and what speaks against a test mail again."""
        super().reload()
        mail, actor = self._mail, self._acting()

        def read() -> tuple[bool, tuple[str, ...]]:
            return mail.holds_password(), mail.why_no_test(actor)

        def show(answer: tuple[bool, tuple[str, ...]]) -> None:
            if shiboken6.isValid(self):
                held, self._no_test = answer
                self.kept.setText(KEPT if held else NOT_KEPT)
                self._show_offers()

        with suppress(JobsClosed):
            self._jobs.read(read, show, self._failed, key=(id(self), "mail"))

    def keep_password(self) -> None:
        """Hands what was typed to the vault and forgets it."""
        mail, actor, secret = self._mail, self._acting(), self.secret.value()

        def done(changes: Changes) -> None:
            if shiboken6.isValid(self):
                self.secret.set_value("")
                self.messages.success("The password is kept in this computer’s vault.", topic="mail")
                self.reload()
            self.changed.emit(changes)

        self._jobs.write(lambda: mail.keep_password(actor, secret), done, self._failed)

    def send_test(self) -> None:
        """Sends a test mail to the acting person; nothing else waits for it."""
        mail, actor = self._mail, self._acting()

        def ended() -> None:
            self._sending = False
            self._show_offers()

        def done(address: str) -> None:
            if shiboken6.isValid(self):
                ended()
                self.messages.success(f"The mail server took the test mail to {address}.", topic="mail")

        def failed(error: BaseException) -> None:
            if shiboken6.isValid(self):
                ended()
                self.messages.report(error)

        self.messages.clear()
        if not self._aside.start(lambda _stop: mail.send_test(actor), done, failed):
            self.messages.info("Another check is just ending. Try again in a moment.")
            return
        self._sending = True
        self._show_offers()

    def stop(self) -> None:
        """The window closes: what was typed as password is forgotten."""
        self.secret.set_value("")

    def _show_offers(self) -> None:
        super()._show_offers()
        denied = (self.denied.text(),) if self.denied.text() else ()
        unsaved = words.UNSAVED if self.dirty else ()
        sending = words.SENDING if self._sending else ()
        no_user = () if self._rows and self._rows["mail_user"].value else ("Enter and save the user first.",)
        typed = () if self.secret.value() else ("Type the password first.",)
        keep = denied or self._busy or no_user or typed
        self.keep.set_offer(not keep, keep)
        reasons = sending or self._busy or unsaved or self._no_test
        self.test.set_offer(not reasons, reasons)

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, ForPeople) and shiboken6.isValid(self):
            self.messages.report(error)
