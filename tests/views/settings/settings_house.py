"""The settings window on a sample company: everything behind it is real but the mail server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from PySide6.QtWidgets import QApplication, QDialog, QWidget
from sqlalchemy import select

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople
from erpdesk.models.people import Person
from erpdesk.settings import CompanySettings
from erpdesk.views.kit.aside import Aside
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.session import Session
from erpdesk.views.settings.group_page import GroupPage
from erpdesk.views.settings.tools import SettingsTools, show_settings
from erpdesk.views.settings.window import SettingsWindow
from erpdesk.workflows.notices import Notices
from erpdesk.workflows.settings_acts import SettingsActs
from tests.town import Town
from tests.views.house import wait_until


@dataclass
class Server:
    """Stands for vault and mail server: notes what it is asked, answers what a test wants."""

    notices: Notices
    kept: list[tuple[str, str]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    problem: ForPeople | None = None

    def holds_password(self) -> bool:
        return bool(self.kept)

    def keep_password(self, actor: str, secret: str) -> Changes:
        self.kept.append((actor, secret))
        return Changes.of("settings", "mail_password")

    def why_no_test(self, actor: str) -> tuple[str, ...]:
        return self.notices.why_no_test(actor)

    def send_test(self, actor: str) -> str:
        if self.problem is not None:
            raise self.problem
        self.sent.append(actor)
        return "morgan@cascade.example"


@dataclass
class SettingsHouse:
    """The window, the company behind it, and what was heard of it."""

    town: Town
    window: SettingsWindow
    session: Session
    jobs: Jobs
    aside: Aside
    server: Server
    store: MemoryStore
    heard: list[Changes]
    tools: SettingsTools
    parent: QWidget

    def settle(self) -> None:
        calm = 0

        def at_rest() -> bool:
            nonlocal calm
            calm = calm + 1 if self.jobs.idle and not self.aside.busy else 0
            return calm > 3

        wait_until(at_rest, "the window came to rest")

    def group(self, key: str) -> GroupPage:
        page = self.window.show_page(key)
        assert isinstance(page, GroupPage)
        self.settle()
        return page

    def act_as(self, person: str) -> None:
        self.session.set_person(next(each for each in self.town.desk.queries.people() if each.id == person))
        self.settle()

    def kept(self) -> CompanySettings:
        return CompanySettings.load(self.town.folder / "settings.toml")


@contextmanager
def settings_house(town: Town) -> Iterator[SettingsHouse]:
    """A shown settings window; the approver, who is an Admin of ERP Integrations, acts first."""
    town.change_settings(
        stand_in=False, mail_host="mail.example.com", mail_from="books@cascade.example", mail_user="erpdesk"
    )
    town.change_settings(summary_time="00:00")
    with town.store.writing() as session:
        for person in session.scalars(select(Person)):
            person.email = "morgan@cascade.example" if person.id == town.approver else ""
            person.all_projects = True
    path = town.folder / "settings.toml"
    town.settings.save(path)
    messages, bridge, parent = Messages(), Bridge(), QWidget()
    problems: list[BaseException] = []
    jobs, aside = Jobs(bridge, problems.append), Aside(bridge, "a test's long work")
    desk_session = Session(town.desk, jobs, messages, parent)
    heard: list[Changes] = []
    desk_session.changed.connect(heard.append)
    notices = Notices(town.desk.office)
    server = Server(notices)
    acts = SettingsActs(town.desk.office, path, lambda settings: town.box.__setitem__(0, settings))
    store = MemoryStore()
    desk_session.set_person(next(each for each in town.desk.queries.people() if each.id == town.approver))
    tools = SettingsTools(acts, notices, server, aside)
    window = show_settings(desk_session, tools, store, parent)
    house = SettingsHouse(town, window, desk_session, jobs, aside, server, store, heard, tools, parent)
    house.settle()
    try:
        yield house
    finally:
        aside.close(5)
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog):
                widget.reject()
        jobs.close()
        bridge.close()
        messages.deleteLater()
        parent.deleteLater()
        QApplication.sendPostedEvents(None, 52)
        QApplication.processEvents()
    assert not problems, problems
