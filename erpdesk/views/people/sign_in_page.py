"""Where a person signs in with name and password, and where the person who locked the window comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import shiboken6
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from erpdesk.core.errors import ForPeople
from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Muted
from erpdesk.views.kit.forms import Form, TextEdit
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.people.sheet import Sheet, product
from erpdesk.views.sage.secret_edit import SecretEdit
from erpdesk.workflows.rows import PersonRow
from erpdesk.workflows.sign_in import WRONG

LETTERS = 66
WRONG_PASSWORD = "The password is not right."
FORGOTTEN = "Password forgotten? An administrator of the Directory can set a new one, under People and rights."
EXPLAIN = "Sign in with your name as it stands in erpdesk and your own password."
AFTER_LEAVING = "Whoever signs in by a Windows account closes erpdesk and starts it again."
UNKNOWN_ACCOUNT = "The Windows account {account} belongs to nobody in this company."
LOCKED = "This window is locked. Everything in it is as {name} left it."
OTHERS = "Only {name} can unlock it. Somebody else signs in to Windows as themselves and starts erpdesk there."
BY_ACCOUNT = "{name} has no password in erpdesk and is known by the Windows account {account}, which is signed in now."
BY_ACCOUNT_HINT = "For a window that asks when it is unlocked, set a password under Change my password."
CHECKING = ("The password is being checked.",)
NO_NAME = "Enter your name."
NO_PASSWORD = "Enter your password."


class Doorkeeper(Protocol):
    """What this page asks for, off the GUI thread."""

    def by_password(self, name: str, password: str) -> PersonRow:
        """The person with this name and password; raises NotAllowed."""
        ...

    def by_account(self, account: str) -> PersonRow | None:
        """The person of a Windows account, or None."""
        ...


class SignInPage(Sheet):
    """``signed_in`` carries the person. With ``locked`` only this person can come in.

    ``by_account`` is the Windows account that stands for a locked person without a password ('' = they have one);
    ``left`` tells that somebody has just signed out, ``company`` names the company above the card.
    """

    signed_in = Signal(object)

    def __init__(
        self,
        keeper: Doorkeeper,
        jobs: Jobs,
        *,
        name: str = "",
        account: str = "",
        locked: PersonRow | None = None,
        by_account: str = "",
        left: bool = False,
        company: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(LETTERS, parent)
        self._keeper, self._jobs = keeper, jobs
        self._locked, self._by_account = locked, by_account
        self._working = False
        self.form = Form()
        self.banner = Banner()
        self.enter = ReasonButton("&Unlock" if locked else "&Sign in", primary=True, deliberate=False)
        self.column.addWidget(product(company))
        card = self.new_card("Locked" if locked else "Sign in")
        self._explain = Muted(" ".join((self._words(locked, account), *[AFTER_LEAVING] * left)))
        card.add(self._explain)
        card.add(self.banner)
        if by_account and locked is not None:
            card.add(Muted(BY_ACCOUNT.format(name=locked.name, account=by_account)))
        else:
            self._fill(name, locked)
            card.add(self.form)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.enter)
        card.body.addLayout(foot)
        self._help = Muted(self._hint(locked))
        card.add(self._help)
        self.enter.setAutoDefault(True)
        self.enter.pressed_ok.connect(self.go_in)
        self.setFocusProxy(self._first())
        self.setAccessibleName("Locked" if locked else "Sign in")

    @staticmethod
    def _words(locked: PersonRow | None, account: str) -> str:
        if locked is not None:
            return LOCKED.format(name=locked.name)
        return f"{UNKNOWN_ACCOUNT.format(account=account)} {EXPLAIN}" if account else EXPLAIN

    def _hint(self, locked: PersonRow | None) -> str:
        if locked is None:
            return FORGOTTEN
        others = OTHERS.format(name=locked.name)
        return f"{others} {BY_ACCOUNT_HINT}" if self._by_account else f"{others} {FORGOTTEN}"

    def _fill(self, name: str, locked: PersonRow | None) -> None:
        self.form.add_row("name", "&Name", TextEdit())
        self.form.add_row("password", "&Password", SecretEdit())
        self.form.set_values({"name": locked.name if locked else name})
        if locked is not None:
            self.form.lock("The window was locked by this person.", ("name",))
            self.form.row("name").widget.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.form.submitted.connect(self.go_in)
        for key in ("name", "password"):
            self.form.row(key).widget.returnPressed.connect(self.go_in)  # type: ignore[attr-defined]  # lines of text

    def _first(self) -> QWidget:
        if self._by_account:
            return self.enter
        return self.form.row("password" if self.form.value("name") else "name").widget

    def explain(self) -> str:
        """What the page says above its fields."""
        return self._explain.text()

    def hint(self) -> str:
        """What the page says below them."""
        return self._help.text()

    def say(self, words: str) -> None:
        """Says something that came up meanwhile."""
        self.banner.show_words("info", words)

    def go_in(self) -> None:
        """Signs in with what was typed."""
        if self._working:
            return
        if self._by_account:
            self._ask(lambda: self._keeper.by_account(self._by_account))
            return
        name, password = str(self.form.value("name")).strip(), str(self.form.value("password"))
        wrong = {
            key: text
            for key, text, given in (("name", NO_NAME, name), ("password", NO_PASSWORD, password))
            if not given
        }
        self.form.set_errors(wrong)
        if wrong:
            return
        self._ask(lambda: self._keeper.by_password(name, password))

    def _ask(self, who: Callable[[], PersonRow | None]) -> None:
        self.banner.clear()
        self._set_working(True)
        self._jobs.write(who, self._done, self._failed)

    def _done(self, person: PersonRow | None) -> None:
        if not shiboken6.isValid(self):
            return
        self._set_working(False)
        if not self._by_account:
            self.form.set_values({"password": ""})
        if self._locked is not None and (person is None or person.id != self._locked.id):
            self.banner.show_words("error", OTHERS.format(name=self._locked.name))
        else:
            self.signed_in.emit(person)

    def _failed(self, error: BaseException) -> None:
        if not shiboken6.isValid(self):
            return
        self._set_working(False)
        if isinstance(error, ForPeople):
            # Whoever locked the window is named already: only the password can be wrong.
            what = error.what.replace(WRONG, WRONG_PASSWORD) if self._locked is not None else error.what
            self.banner.show_words("error", what, error.next_step)
        if not self._by_account:
            field = self.form.row("password").widget
            self.form.set_values({"password": ""})
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_working(self, working: bool) -> None:
        self._working = working
        self.enter.set_offer(not working, CHECKING if working else ())
