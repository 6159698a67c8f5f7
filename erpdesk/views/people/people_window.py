"""The window “People and rights”: people, requests for the push privilege, its holders, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import shiboken6
from PySide6.QtCore import QByteArray, QEvent, Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QStatusTipEvent
from PySide6.QtWidgets import QDialog, QStackedWidget, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ChangedMeanwhile, ForPeople
from erpdesk.views.kit.dialogs import ask_comment
from erpdesk.views.kit.messages import Messages
from erpdesk.views.people.approvers_page import ApproversPage
from erpdesk.views.people.password_dialog import PasswordDialog
from erpdesk.views.people.people_page import PeoplePage
from erpdesk.views.people.requests_page import RequestsPage, waits
from erpdesk.views.people.tasks_page import TasksPage
from erpdesk.views.people.tools import PeopleTools
from erpdesk.views.session import LayoutStore, changes_of, new_press
from erpdesk.views.tab_strip import TabStrip
from erpdesk.workflows import passwords
from erpdesk.workflows.people_rows import ApproverRow, GrantRow, PersonDetail
from erpdesk.workflows.rights import PUSH
from erpdesk.workflows.rows import HistoryRow, ProjectRow

PLACE = "people-window/geometry"
TABS = (("people", "People"), ("requests", "Requests"), ("approvers", "Approvers"), ("tasks", "Who may do what"))
TOUCHED = frozenset({"person", "project"})


@dataclass(frozen=True)
class Seen:
    """Everything the window reads at once, for one acting person."""

    actor: str
    people: tuple[PersonDetail, ...]
    grants: tuple[GrantRow, ...]
    approvers: tuple[ApproverRow, ...]
    no_approvers: tuple[str, ...]
    no_right: tuple[str, ...]
    warnings: tuple[str, ...]
    projects: tuple[ProjectRow, ...]


class PeopleWindow(QDialog):
    """Stays beside the main window. Nothing typed is lost without a question."""

    def __init__(self, tools: PeopleTools, store: LayoutStore, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("People and rights")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._tools, self._store = tools, store
        self.messages = Messages()
        self.strip = TabStrip(TABS)
        self.people = PeoplePage(store)
        self.requests = RequestsPage(store)
        self.approvers = ApproversPage(store)
        self.tasks = TasksPage(store)
        self.stack = QStackedWidget()
        pages = (self.people, self.requests, self.approvers, self.tasks)
        self._pages: dict[str, QWidget] = {key: page for (key, _), page in zip(TABS, pages, strict=True)}
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(0)
        down.addWidget(self.strip)
        down.addWidget(self.messages)
        down.addWidget(self.stack, 1)
        for page in self._pages.values():
            self.stack.addWidget(page)
        self._connect()
        self.resize(1180, 720)
        place = store.value(PLACE)
        if isinstance(place, QByteArray):
            self.restoreGeometry(place)
        self.people.table.setFocus()
        self.reload()

    def _connect(self) -> None:
        page = self.people.page
        self.strip.chosen.connect(self._on_tab)
        self.people.save_asked.connect(self.save)
        self.people.chosen.connect(self._read_history)
        self.requests.answered.connect(self.answer)
        page.privilege.asked.connect(self.ask)
        page.privilege.answered.connect(self._answer_here)
        page.privilege.withdrawn.connect(self.withdraw)
        page.password_asked.connect(self.set_password)
        page.active_asked.connect(self.set_active)
        page.digest_asked.connect(self.set_digest)
        for place, (key, _) in enumerate(TABS, 1):
            self._on_key(f"Ctrl+{place}", partial(self.strip.choose, key))
        self._on_key("Ctrl+S", page.save.click)
        self._on_key("Ctrl+N", self._new)

    def _on_key(self, keys: str, act: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _new(self) -> None:
        self.strip.choose("people")
        self.people.new.click()

    # Reading

    def on_changes(self, changes: Changes) -> None:
        """Something changed: it is read again when it concerns people."""
        if shiboken6.isValid(self) and changes.kinds & TOUCHED:
            self.reload()

    def reload(self) -> None:
        """Reads everything again, for the person who acts now."""
        if not shiboken6.isValid(self):
            return
        tools, actor = self._tools, self._tools.acting()

        def read() -> Seen:
            acts = tools.acts
            no_approvers = acts.may_list_approvers(actor)
            return Seen(
                actor,
                acts.everybody(actor),
                acts.grants(actor),
                () if no_approvers else acts.approvers(actor),
                no_approvers,
                acts.may(actor),
                acts.warnings(actor),
                tuple(tools.projects()),
            )

        tools.jobs.read(read, self._take, self._failed, key=(id(self), "people"))

    def _take(self, seen: Seen) -> None:
        if not shiboken6.isValid(self):
            return
        self.people.page.set_projects(seen.projects)
        self.people.show_people(seen.actor, seen.people, seen.grants, seen.no_right, seen.warnings)
        self.requests.set_rows(seen.grants)
        self.approvers.show_approvers(seen.approvers, seen.no_approvers)
        count = sum(1 for each in seen.grants if waits(each) and not each.may_answer)
        self.strip.set_count("requests", count, f"{count} waiting for your answer")

    def _read_history(self, person_id: str) -> None:
        tools, page = self._tools, self.people.page
        if not person_id:
            page.set_history(())
            return

        def take(rows: tuple[HistoryRow, ...]) -> None:
            if shiboken6.isValid(self) and page.detail is not None and page.detail.id == person_id:
                page.set_history(rows)

        tools.jobs.read(lambda: tuple(tools.history(person_id)), take, self._failed, key=(id(self), "history"))

    # Acts

    def _act(self, act: Callable[[], object], said: str, done: Callable[[object], object] | None = None) -> None:
        """Carries out an act off the GUI thread and tells everybody what it touched."""
        self.messages.clear()
        self.people.page.set_busy(True)

        def on_done(answer: object) -> None:
            if shiboken6.isValid(self):
                self.people.page.set_busy(False)
                self.messages.success(said)
                if done is not None:
                    done(answer)
                self.reload()
            self._tools.publish(changes_of(answer))

        self._tools.jobs.write(act, on_done, self._failed)

    def _failed(self, error: BaseException) -> None:
        if not shiboken6.isValid(self):
            return
        self.people.page.set_busy(False)
        if isinstance(error, ForPeople):
            self.messages.report(error)
        if isinstance(error, ChangedMeanwhile):
            self.people.page.show_again()
            self.reload()

    def save(self) -> None:
        """Saves the person on the page."""
        page = self.people.page
        if page.form.value("name").strip():
            acts, actor, draft = self._tools.acts, self._tools.acting(), page.draft()

            def saved(answer: object) -> None:
                assert isinstance(answer, tuple)
                self.people.show_saved(answer[0])

            self._act(lambda: acts.save(actor, draft), f"{draft.name} was saved.", saved)
        else:
            page.tabs.setCurrentIndex(0)
            page.form.set_errors({"name": "Enter a name."})

    def _person(self) -> PersonDetail:
        detail = self.people.page.detail
        assert detail is not None, "the button of a person was pressed without one"
        return detail

    def ask(self) -> None:
        """Asks for the privilege for the person on the page."""
        person, acts, actor, press = self._person(), self._tools.acts, self._tools.acting(), new_press()

        def go(reason: str) -> None:
            said = f"Asked. A second person confirms that {person.name} gets “{PUSH}”."
            self._act(lambda: acts.request_push(actor, person.id, reason, press), said)

        prompt = f"Why does {person.name} need “{PUSH}”? The second person reads this before answering."
        ask_comment(self, f"Ask for {person.name}", prompt, "Ask", go, required=True)

    def _answer_here(self, confirm: bool) -> None:
        grant = next((each for each in self.requests.table.all_rows() if self._is_open(each)), None)
        if grant is not None:
            self.answer(grant, confirm)

    def _is_open(self, grant: GrantRow) -> bool:
        return grant.person_id == self._person().id and waits(grant)

    def answer(self, grant: GrantRow, confirm: bool) -> None:
        """Confirms or refuses a request, with a reason."""
        acts, actor, press = self._tools.acts, self._tools.acting(), new_press()

        def go(reason: str) -> None:
            said = f"{grant.person} {'has' if confirm else 'does not get'} “{PUSH}”."
            self._act(lambda: acts.answer_push(actor, grant.id, confirm, reason, press), said)

        asked = f"{grant.requested_by} asked: “{grant.reason}”."
        if confirm:
            prompt = f"{asked} From now on {grant.person} may accept and reject what is sent to Sage."
            ask_comment(self, f"Confirm for {grant.person}", prompt, "Confirm", go, required=True)
        else:
            ask_comment(self, f"Refuse for {grant.person}", f"{asked} Write why not.", "Refuse", go, required=True)

    def withdraw(self) -> None:
        """Takes the privilege from the person on the page, or takes a request back."""
        person, tools, actor, press = self._person(), self._tools, self._tools.acting(), new_press()

        def go(reason: str) -> None:
            said = f"{person.name} does not have “{PUSH}” any more."
            self._act(lambda: tools.acts.withdraw_push(actor, person.id, reason, press), said)

        def ask(warnings: tuple[str, ...]) -> None:
            if shiboken6.isValid(self):
                what = (
                    f"{person.name} can not accept or reject any more, at once. To give it back takes two people."
                    if person.can_push
                    else f"The request for {person.name} is taken back."
                )
                prompt = " ".join((what, *warnings))
                ask_comment(self, f"Withdraw from {person.name}", prompt, "Withdraw", go, required=True, danger=True)

        losing = person.id if person.can_push else ""
        tools.jobs.read(lambda: tools.acts.warnings(actor, losing), ask, self._failed, key=(id(self), "warnings"))

    def set_digest(self, on: bool) -> None:
        """Subscribes oneself to the daily summary, or takes it back, at once."""
        acts, actor = self._tools.acts, self._tools.acting()
        said = f"You {'get' if on else 'do not get'} the daily summary by e-mail{'' if on else ' any more'}."
        self._act(lambda: acts.set_digest(actor, on), said)

    def show_own(self) -> None:
        """Shows the page of the person who acts, once what is typed on another one is saved or dropped."""
        self.strip.choose("people")
        self.people.show_own()

    def set_active(self, active: bool) -> None:
        """Lets the person on the page act no longer, or again."""
        person, tools, actor = self._person(), self._tools, self._tools.acting()

        def act(reason: str) -> None:
            said = f"{person.name} {'can sign in again' if active else 'can not sign in any more'}."
            self._act(lambda: tools.acts.set_active(actor, person.id, active, reason), said)

        what = (
            f"{person.name} can sign in again; “{PUSH}” has to be asked for anew."
            if active
            else f"{person.name} can not sign in any more, and loses “{PUSH}”. The history keeps the name."
        )
        title, yes = (
            (f"Reactivate {person.name}", "Reactivate") if active else (f"Deactivate {person.name}", "Deactivate")
        )

        def ask(warnings: tuple[str, ...]) -> None:
            if shiboken6.isValid(self):
                prompt = " ".join((what, *warnings))
                ask_comment(self, title, prompt, yes, act, required=True, danger=not active)

        def begin() -> None:
            if active or not person.can_push:
                ask(())
                return
            key = (id(self), "warnings")
            tools.jobs.read(lambda: tools.acts.warnings(actor, person.id), ask, self._failed, key=key)

        self.people.leave(begin)

    def set_password(self) -> None:
        """Sets the password of the person on the page."""
        person, tools, actor = self._person(), self._tools, self._tools.acting()

        def kept(answer: object) -> None:
            if shiboken6.isValid(self):
                self.messages.success(f"The password of {person.name} is set.")
                self.reload()
            tools.publish(changes_of(answer))

        dialog = PasswordDialog(
            person.name,
            lambda password, old: tools.acts.set_password(actor, person.id, password, old),
            tools.jobs,
            kept,
            own=person.id == actor,
            ask_old=person.id == actor and person.has_password,
            approver=person.can_push,
            weak=lambda password: passwords.problems(password, person.name, person.windows_account, person.email),
            least=passwords.LEAST,
            parent=self,
        )
        self.people.leave(dialog.open)

    # The window

    def _on_tab(self, key: str) -> None:
        self.stack.setCurrentWidget(self._pages[key])
        if not self.strip.bar.hasFocus():
            self._pages[key].setFocus()

    def changeEvent(self, event: QEvent) -> None:
        """Draws the messages in the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.messages.retint()

    def done(self, result: int) -> None:
        """Leaves by Esc as the close button does."""
        if self.people.page.dirty:
            self.people.leave(lambda: self.done(result))
            return
        self._store.setValue(PLACE, self.saveGeometry())
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks about what is not saved, and keeps where the window lay."""
        if self.people.page.dirty:
            event.ignore()
            self.people.leave(self.close)
            return
        self._store.setValue(PLACE, self.saveGeometry())
        super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keeps hints of this window from the status bar of the other one."""
        return True if isinstance(event, QStatusTipEvent) else super().event(event)
