"""Dialogs about passwords: a new one for oneself or for somebody else, and the question whether it is still you."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from erpdesk.core.errors import ForPeople
from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Muted, Title
from erpdesk.views.kit.forms import Form
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.sage.secret_edit import SecretEdit

WIDTH = 480
OLD = "The one you sign in with now"
OWN = "Change my password"
OTHERS = "Set the password of {name}"
EXPLAIN_OWN = "You sign in with it where your Windows account is not known, and unlock the window with it."
EXPLAIN_OTHERS = "Tell it to {name} in person; {name} can change it under Change my password."
EXPLAIN_APPROVER = (
    " “Can push to accounting” rests until a second person confirms it again, so that nobody signs in as another "
    "and decides twice."
)
TWICE = "The two passwords differ. Type both anew."
EMPTY = "Enter a password."
RULE = "Three or four words in a row are easy to keep; at least {least} characters"
BUSY = ("The password is being kept.",)
AGAIN_TITLE = "Is it still you, {name}?"
AGAIN = "Enter your password. This company asks for it before something is accepted for Sage."
CHECKING = ("The password is being checked.",)


class _Secrets(QDialog):
    """A title, an explanation, fields for passwords, and what went wrong; nothing typed outlives the dialog."""

    def __init__(self, title: str, explain: str, yes: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH)
        self.form = Form()
        self.banner = Banner()
        self.yes = ReasonButton(yes, primary=True, deliberate=False)
        self.yes.setAutoDefault(True)
        self.yes.setDefault(True)
        self.no = QPushButton("Cancel")
        self.no.setAutoDefault(False)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.no)
        foot.addWidget(self.yes)
        around = QVBoxLayout(self)
        around.setContentsMargins(20, 18, 20, 16)
        around.setSpacing(12)
        around.addWidget(Title(title))
        around.addWidget(Muted(explain))
        around.addWidget(self.banner)
        around.addWidget(self.form)
        around.addStretch(1)
        around.addLayout(foot)
        self.no.clicked.connect(self.reject)
        self.yes.pressed_ok.connect(self.go_on)
        self.form.submitted.connect(self.go_on)

    def go_on(self) -> None:
        """Carries out what the dialog is for."""
        raise NotImplementedError

    def show_error(self, error: BaseException) -> None:
        """Says what was wrong; the fields are empty again."""
        if isinstance(error, ForPeople):
            self.banner.show_words("error", error.what, error.next_step)
        self.forget()
        self.fit()

    def fit(self) -> None:
        """Makes room for sentences that came after the dialog was on screen."""
        around = self.layout()
        assert around is not None
        around.activate()
        self.resize(self.width(), max(self.height(), around.totalHeightForWidth(self.width())))

    def forget(self) -> None:
        """Empties every field."""
        self.form.set_values(dict.fromkeys(self.form.values(), ""))

    def done(self, result: int) -> None:
        """Leaves nothing of what was typed."""
        self.forget()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leaves as Esc does."""
        self.forget()
        super().closeEvent(event)


class PasswordDialog(_Secrets):
    """A new password, typed twice, and for one's own before it the one so far (``ask_old``).

    ``keep`` is called with the new and the old one off the GUI thread; ``then`` with its answer when it is kept.
    """

    def __init__(
        self,
        name: str,
        keep: Callable[[str, str], object],
        jobs: Jobs,
        then: Callable[[object], object],
        *,
        own: bool,
        ask_old: bool = False,
        approver: bool = False,
        weak: Callable[[str], tuple[str, ...]] = lambda _password: (),
        least: int = 12,
        parent: QWidget | None = None,
    ) -> None:
        title = OWN if own else OTHERS.format(name=name)
        explain = EXPLAIN_OWN if own else EXPLAIN_OTHERS.format(name=name) + EXPLAIN_APPROVER * approver
        super().__init__(title, explain, "&Keep it", parent)
        self._keep, self._jobs, self._then, self._weak = keep, jobs, then, weak
        self._first = "old" if ask_old else "password"
        if ask_old:
            self.form.add_row("old", "C&urrent password", SecretEdit(), OLD)
        self.form.add_row("password", "&New password", SecretEdit(), RULE.format(least=least))
        self.form.add_row("again", "&Once more", SecretEdit())
        self.form.row(self._first).widget.setFocus()

    def go_on(self) -> None:
        """Keeps the password, unless something is wrong: then it stands beside the field."""
        if not self.yes.allowed:
            return
        password, again = str(self.form.value("password")), str(self.form.value("again"))
        weak = self._weak(password) if password else (EMPTY,)
        old = str(self.form.value("old")) if self._first == "old" else ""
        wrong = {"password": " ".join(weak)} if weak else ({} if password == again else {"again": TWICE})
        if self._first == "old" and not old:
            wrong["old"] = EMPTY
        self.form.set_errors(wrong)
        self.fit()
        if wrong:
            return
        self.banner.clear()
        self.yes.set_offer(False, BUSY)
        keep = self._keep
        self._jobs.write(lambda: keep(password, old), self._kept, self._failed)

    def _kept(self, answer: object) -> None:
        self._then(answer)
        if shiboken6.isValid(self):
            self.accept()

    def _failed(self, error: BaseException) -> None:
        if shiboken6.isValid(self):
            self.yes.set_offer(True)
            self.show_error(error)
            self.form.row(self._first).widget.setFocus()


class Checks(Protocol):
    """What asking again needs, off the GUI thread."""

    def check_again(self, person_id: str, password: str) -> None:
        """Raises NotAllowed unless the password is the person's."""
        ...


class AskAgainDialog(_Secrets):
    """Asks for the password of the person who acts; accepted only when it was right."""

    def __init__(self, sign_in: Checks, jobs: Jobs, person_id: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(AGAIN_TITLE.format(name=name), AGAIN, "&Go on", parent)
        self._sign_in, self._jobs, self._person_id = sign_in, jobs, person_id
        self.form.add_row("password", "&Password", SecretEdit())
        self.form.row("password").widget.setFocus()

    def go_on(self) -> None:
        """Checks the password."""
        if not self.yes.allowed:
            return
        password = str(self.form.value("password"))
        self.form.set_error("password", None if password else EMPTY)
        if not password:
            return
        self.banner.clear()
        self.yes.set_offer(False, CHECKING)
        sign_in, person_id = self._sign_in, self._person_id
        self._jobs.write(lambda: sign_in.check_again(person_id, password), self._right, self._wrong)

    def _right(self, _nothing: None) -> None:
        if shiboken6.isValid(self):
            self.accept()

    def _wrong(self, error: BaseException) -> None:
        if shiboken6.isValid(self):
            self.yes.set_offer(True)
            self.show_error(error)
            self.form.row("password").widget.setFocus()


class Named(Protocol):
    """Somebody who acts: a PersonRow fits."""

    @property
    def id(self) -> str:
        """Their id."""

    @property
    def name(self) -> str:
        """Their name."""


def ask_again(
    parent: QWidget, sign_in: Checks, person: Named, then: Callable[[], object], jobs: Jobs
) -> AskAgainDialog:
    """Asks for the password of the person who acts, and calls ``then`` when it is right; returns at once."""
    dialog = AskAgainDialog(sign_in, jobs, person.id, person.name, parent)
    dialog.accepted.connect(lambda: then())
    dialog.open()
    return dialog
