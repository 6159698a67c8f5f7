"""The first page of a new company: names the first administrator and two approvers, then leads on signed in."""

from __future__ import annotations

from typing import Protocol

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople
from erpdesk.views.banner import Banner
from erpdesk.views.kit.card import Muted
from erpdesk.views.kit.forms import Form, TextEdit
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.reason_button import ReasonButton
from erpdesk.views.people import first_run_words as words
from erpdesk.views.people.sheet import Sheet, product
from erpdesk.views.sage.secret_edit import SecretEdit
from erpdesk.workflows.passwords import LEAST
from erpdesk.workflows.people_rows import FirstRun, Newcomer
from erpdesk.workflows.rows import PersonRow

LETTERS = 96


class Founder(Protocol):
    """What this page asks for, off the GUI thread."""

    def first_run(self, draft: FirstRun) -> Changes:
        """Enters the first people; raises ForPeople."""
        ...

    def by_account(self, account: str) -> PersonRow | None:
        """The person of a Windows account, or None."""
        ...

    def by_password(self, name: str, password: str) -> PersonRow:
        """The person with this name and password; raises NotAllowed."""
        ...


class FirstRunPage(Sheet):
    """``signed_in`` carries the administrator when the three people are entered.

    ``left`` comes when they are entered and the administrator has to sign in somewhere else, or by hand.
    """

    signed_in = Signal(object)
    left = Signal()

    def __init__(
        self, founder: Founder, jobs: Jobs, account: str, company: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(LETTERS, parent)
        self._founder, self._jobs, self._account = founder, jobs, account
        self._working = False
        self.forms: dict[str, Form] = {}
        self.banner = Banner()
        self.begin = ReasonButton(words.BEGIN, primary=True, deliberate=False)
        self.begin.setAutoDefault(True)
        self.column.addWidget(product(company))
        head = self.new_card(words.TITLE)
        head.add(Muted(words.EXPLAIN))
        for key, title, hint in words.PARTS:
            card = self.new_card(title)
            card.add(Muted(hint))
            card.add(self._form(key))
        self.column.addWidget(self.banner)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.begin)
        self.column.addLayout(foot)
        self.forms["administrator"].set_values({"windows_account": account})
        self.begin.set_help("Enters the three people and signs you in (Ctrl+Enter)")
        self.begin.pressed_ok.connect(self.enter)
        self.setFocusProxy(self.forms["administrator"].row("name").widget)
        self.setAccessibleName(words.TITLE)

    def _form(self, key: str) -> Form:
        # The letters are the same in each part: pressed again they lead on to the next one.
        form = self.forms[key] = Form()
        form.add_row("name", "&Name", TextEdit())
        form.add_row("title", "&Title", TextEdit(), "What they are in the firm, such as Controller")
        form.add_row("windows_account", "&Windows account", TextEdit(), words.SIGN_IN_HINT)
        form.add_row("password", "Own &password", SecretEdit(), words.PASSWORD_HINT.format(least=LEAST))
        form.add_row("again", "Password a&gain", SecretEdit())
        form.add_row("email", "&E-mail", TextEdit(), "For the daily summary and for rejections; may stay empty")
        form.submitted.connect(self.enter)
        return form

    def values(self) -> dict[str, dict[str, str]]:
        """The three people as they are typed, by part and field; only passwords keep blanks around them."""
        return {
            part: {
                key: str(value) if key in ("password", "again") else str(value).strip()
                for key, value in form.values().items()
            }
            for part, form in self.forms.items()
        }

    def draft(self) -> FirstRun:
        """The three people as they are typed."""
        administrator, first, second = (
            Newcomer(**{key: value for key, value in each.items() if key != "again"}) for each in self.values().values()
        )
        return FirstRun(administrator, (first, second))

    def say(self, text: str) -> None:
        """Says something that came up meanwhile."""
        self.banner.show_words("info", text)

    def enter(self) -> None:
        """Enters the people, unless something is wrong: then it stands beside the field."""
        if self._working:
            return
        self.banner.clear()
        wrong = words.problems(self.values())
        # The last one that is told takes the focus, so the first part comes last.
        for part in reversed(self.forms):
            self.forms[part].set_errors(wrong.get(part, {}))
        if wrong:
            self._show_focus()
            return
        self._set_working(True)
        founder, draft, account = self._founder, self.draft(), self._account
        me = draft.administrator

        def found() -> PersonRow | None:
            founder.first_run(draft)
            same = account and me.windows_account.casefold() == account.casefold()
            person = founder.by_account(account) if same else None
            return founder.by_password(me.name, me.password) if person is None and me.password else person

        self._jobs.write(found, self._done, self._failed)

    def _done(self, person: PersonRow | None) -> None:
        if not shiboken6.isValid(self):
            return
        if person is not None:
            self.signed_in.emit(person)
        else:
            self.left.emit()

    def _failed(self, error: BaseException) -> None:
        if not shiboken6.isValid(self):
            return
        self._set_working(False)
        if isinstance(error, ForPeople):
            self.banner.show_words("error", error.what, error.kept, error.next_step)
            self.area.ensureWidgetVisible(self.begin)

    def _show_focus(self) -> None:
        focus = self.window().focusWidget()
        if focus is not None and self.isAncestorOf(focus):
            self.area.ensureWidgetVisible(focus, 20, 80)

    def _set_working(self, working: bool) -> None:
        self._working = working
        self.begin.set_offer(not working, words.BUSY if working else ())
