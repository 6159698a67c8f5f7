"""Who comes in: the first run, the Windows account, or the sign-in page; and how a window is locked and left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople
from erpdesk.core.station import UNKNOWN
from erpdesk.views.people.cover import Cover
from erpdesk.views.people.idle import IdleWatch
from erpdesk.workflows.rows import PersonRow

if TYPE_CHECKING:
    from erpdesk.views.kit.jobs import Jobs
    from erpdesk.views.session import LayoutStore
    from erpdesk.workflows.people_acts import PeopleActs
    from erpdesk.workflows.people_rows import PersonDetail
    from erpdesk.workflows.sign_in import SignIn

LAST_NAME = "entry/name"
Leave = Callable[[Callable[[], object]], object]


def at_once(then: Callable[[], object]) -> None:
    """For a window in which nothing can be typed."""
    then()


class Unlocking:
    """Signing in as the person who left the window locked: tries are counted apart from those at the front door."""

    def __init__(self, sign_in: SignIn, person: PersonRow) -> None:
        self._sign_in, self._person = sign_in, person

    def by_password(self, name: str, password: str) -> PersonRow:
        """The locked person, when the password is theirs; another name is looked at as at the front door."""
        if name != self._person.name:
            return self._sign_in.by_password(name, password)
        return self._sign_in.unlock(self._person.id, password)

    def by_account(self, account: str) -> PersonRow | None:
        """The person whom this Windows account signs in."""
        return self._sign_in.by_account(account)


class Entry(QObject):
    """Decides who acts. ``signed_in`` carries a PersonRow each time somebody came in or changed, None in the sample.

    ``account`` is the Windows account that is logged in; ``idle_minutes`` after which the window locks itself (0 =
    never) is asked again and again, so that a changed setting holds at once; ``leave`` asks about what is not saved
    before somebody signs out.
    """

    signed_in = Signal(object)
    left = Signal()
    """Nobody is signed in any more: nothing of who was may stay in the window."""
    published = Signal(object)

    def __init__(
        self,
        window: QMainWindow,
        sign_in: SignIn,
        people: PeopleActs,
        jobs: Jobs,
        store: LayoutStore,
        *,
        account: str,
        sample: bool = False,
        idle_minutes: Callable[[], float] = lambda: 0,
        leave: Leave = at_once,
        company: str = "",
    ) -> None:
        super().__init__(window)
        self._window, self._sign_in, self._people = window, sign_in, people
        self._jobs, self._store = jobs, store
        self._account = "" if account == UNKNOWN else account
        self._sample, self._leave, self._company = sample, leave, company
        self._person: PersonRow | None = None
        self._detail: PersonDetail | None = None
        self.cover = Cover(window)
        self.idle = IdleWatch(idle_minutes, self)
        self.idle.idle.connect(self.lock)
        self._copied = False
        """Whether what stands in the clipboard was copied in this program."""
        QGuiApplication.clipboard().dataChanged.connect(self._on_copied)

    @property
    def person(self) -> PersonRow | None:
        """Who is signed in; None before, and in the sample company."""
        return self._person

    @property
    def locked(self) -> bool:
        """Whether a page stands before the window."""
        return self.cover.page is not None

    @property
    def inside(self) -> bool:
        """Whether somebody may work now: always in the sample company, else once they signed in."""
        return self._sample or self._person is not None

    def begin(self) -> None:
        """Finds out who comes in; pages are shown only when they are needed."""
        if self._sample:
            self.signed_in.emit(None)
            return
        sign_in, account = self._sign_in, self._account

        def look() -> tuple[bool, PersonRow | None]:
            from erpdesk.workflows.people_rows import SignInState

            empty = sign_in.state() is SignInState.FIRST_RUN
            return empty, None if empty else sign_in.by_account(account)

        def decide(answer: tuple[bool, PersonRow | None]) -> None:
            empty, person = answer
            if empty:
                self._show_first_run()
            elif person is not None:
                self._come_in(person)
            else:
                self._show_sign_in()

        self._jobs.write(look, decide)

    def _show_first_run(self) -> None:
        from erpdesk.views.people.first_run_page import FirstRunPage

        page = FirstRunPage(self._sign_in, self._jobs, self._account, self._company)
        page.signed_in.connect(self._come_in)
        page.left.connect(self.begin)
        self.cover.put(page)

    def _show_sign_in(self, *, own_account: bool = True) -> None:
        from erpdesk.views.people.sign_in_page import SignInPage

        name = str(self._store.value(LAST_NAME, "") or "")
        account = self._account if own_account else ""
        left = bool(self._account) and not own_account
        page = SignInPage(self._sign_in, self._jobs, name=name, account=account, left=left, company=self._company)
        page.signed_in.connect(self._come_in)
        self.cover.put(page)

    def _come_in(self, person: PersonRow) -> None:
        self._store.setValue(LAST_NAME, person.name)
        self._person = person
        self.cover.lift()
        self.idle.start()
        self._read_own()
        self.signed_in.emit(person)

    # While somebody is signed in

    def on_changes(self, changes: Changes) -> None:
        """People changed: whoever is signed in may have been given or lost something, or was let go."""
        if "person" in changes.kinds:
            self._read_own()

    def _read_own(self) -> None:
        people, person = self._people, self._person
        if person is None:
            return

        def own() -> PersonDetail | None:
            try:
                return next((each for each in people.everybody(person.id) if each.id == person.id), None)
            except ForPeople:
                # Nobody who was let go reads anything any more.
                return None

        self._jobs.read(own, self._take_own, key=(id(self), "own"))

    def _take_own(self, detail: PersonDetail | None) -> None:
        before, self._detail = self._person, detail
        if before is None:
            return
        if detail is None or not detail.active:
            self._drop_windows()
            self._go_out()
            return
        now = PersonRow(detail.id, detail.name, detail.title, detail.decides)
        if now != before and now.id == before.id:
            self._person = now
            self.signed_in.emit(now)

    def lock(self) -> None:
        """Covers the window until the same person is back; nothing in it is lost."""
        from erpdesk.views.people.sign_in_page import SignInPage

        person, detail = self._person, self._detail
        if person is None or self.locked:
            return
        self.idle.stop()
        no_password = detail is not None and not detail.has_password
        keeper = Unlocking(self._sign_in, person)
        by_account = self._account if no_password else ""
        page = SignInPage(keeper, self._jobs, locked=person, by_account=by_account, company=self._company)
        page.signed_in.connect(self._come_back)
        self.cover.put(page)

    def _come_back(self, _person: PersonRow) -> None:
        self.cover.lift()
        self.idle.start()
        self._read_own()

    def sign_out(self) -> None:
        """Leaves erpdesk to somebody else, once what is typed is saved or dropped."""

        def go() -> None:
            if self._person is None or not self._close_windows():
                return
            self._go_out()

        self._leave(go)

    def _go_out(self) -> None:
        self._person = self._detail = None
        self.idle.stop()
        self._show_sign_in(own_account=False)
        self.cover.forget()
        self.left.emit()
        if self._copied:
            # What was copied here is not for the next one; what was copied elsewhere is not ours.
            QGuiApplication.clipboard().clear()

    def _on_copied(self) -> None:
        self._copied = QGuiApplication.focusWindow() is not None

    def _close_windows(self) -> bool:
        """Closes what the person opened beside the window; False when one of them still has a question."""
        own = self._window.window()
        for each in QApplication.topLevelWidgets():
            if isinstance(each, QDialog) and each.isVisible() and each is not own and not each.close():
                return False
        return True

    def _drop_windows(self) -> None:
        """Closes what the person opened beside the window, and asks nothing: they may not act any more."""
        own = self._window.window()
        for each in reversed(QApplication.topLevelWidgets()):
            if shiboken6.isValid(each) and isinstance(each, QDialog) and each.isVisible() and each is not own:
                # Past the dialog's own way out, which asks about what was typed.
                QDialog.done(each, QDialog.DialogCode.Rejected)

    def change_password(self) -> QWidget | None:
        """Opens the dialog for one's own password; None while nobody is signed in."""
        from erpdesk.views.people.password_dialog import PasswordDialog
        from erpdesk.workflows import passwords

        person, people = self._person, self._people
        if person is None:
            return None

        def kept(changes: object) -> None:
            self._read_own()
            self.published.emit(changes)

        dialog = PasswordDialog(
            person.name,
            lambda password, old: people.set_password(person.id, person.id, password, old),
            self._jobs,
            kept,
            own=True,
            ask_old=self._detail is None or self._detail.has_password,
            weak=lambda password: passwords.problems(password, person.name),
            least=passwords.LEAST,
            parent=self._window,
        )
        dialog.open()
        return dialog
