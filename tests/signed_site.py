"""The window program on a real company: a site company with settings of its own, on a stand-in Sage folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QEventLoop
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QWidget

from erpdesk import app, paths
from erpdesk.company import Company
from erpdesk.core import station
from erpdesk.core.changes import Changes
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.jobs import Project
from erpdesk.settings import CompanySettings
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.views.kit.dialogs import CommentDialog
from erpdesk.views.main_window import MainWindow
from erpdesk.views.people.entry import Entry
from erpdesk.views.people.first_run_page import FirstRunPage
from erpdesk.views.people.people_window import PeopleWindow
from erpdesk.views.people.sign_in_page import SignInPage
from erpdesk.views.session import Session
from erpdesk.views.tabs.commitments.tab import CommitmentsTab
from erpdesk.views.tabs.directory.tab import DirectoryTab
from erpdesk.views.tabs.erp_integrations.tab import ErpIntegrationsTab
from erpdesk.views.tabs.home.tab import HomeTab
from erpdesk.workflows.desk import Desk
from tests.views.house import type_into

W = TypeVar("W", bound=QWidget)
ACCOUNT = "FIRM\\ada"
ADMINISTRATOR, FIRST, SECOND = "Ada Quill", "Bo Marsh", "Cy Lindt"
SECRETS = {ADMINISTRATOR: "three brown horses", FIRST: "seven green boats", SECOND: "nine quiet lamps"}
PATIENCE_MS = 30_000


@dataclass
class Site:
    """One run of the program, and the company that it opened."""

    program: app.Program

    @property
    def window(self) -> MainWindow:
        return self.program.window

    @property
    def company(self) -> Company:
        assert self.program.company is not None
        return self.program.company

    @property
    def desk(self) -> Desk:
        return self.company.desk

    @property
    def session(self) -> Session:
        assert self.window.session is not None
        return self.window.session

    @property
    def entry(self) -> Entry:
        return next(each for each in self.window.findChildren(Entry))

    @property
    def page(self) -> SignInPage:
        """The page on which somebody signs in or unlocks."""
        page = self.entry.cover.page
        assert isinstance(page, SignInPage), page
        return page

    @property
    def home(self) -> HomeTab:
        tab = self.window.page("home")
        assert isinstance(tab, HomeTab)
        return tab

    @property
    def commitments(self) -> CommitmentsTab:
        tab = self.window.page("commitments")
        assert isinstance(tab, CommitmentsTab)
        return tab

    @property
    def directory(self) -> DirectoryTab:
        tab = self.window.page("directory")
        assert isinstance(tab, DirectoryTab)
        return tab

    @property
    def erp(self) -> ErpIntegrationsTab:
        tab = self.window.page("erp")
        assert isinstance(tab, ErpIntegrationsTab)
        return tab

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Runs the event loop until something is so."""
        clock = QElapsedTimer()
        clock.start()
        while not condition():
            assert clock.elapsed() < PATIENCE_MS, f"never came true: {what}"
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def settle(self) -> None:
        """Lets everything that the window reads and writes come to rest."""
        calm = 0

        def resting() -> bool:
            nonlocal calm
            calm = calm + 1 if self.program.jobs.idle else 0
            return calm > 4

        self.until(resting, "the window at rest")

    def trigger(self, key: str) -> None:
        self.window.registry.trigger(key)
        self.settle()

    def reasons(self, key: str) -> str:
        return " ".join(self.window.registry.reasons(key))

    def dialog(self, of: type[W]) -> W:
        """The open dialog of this class."""
        found = [each for each in QApplication.topLevelWidgets() if isinstance(each, of) and each.isVisible()]
        assert len(found) == 1, found
        return found[0]

    def comment(self, text: str) -> str:
        """Writes why, and answers what the dialog had said."""
        dialog = self.dialog(CommentDialog)
        said = " ".join(label.text() for label in dialog.findChildren(QLabel))
        dialog.field.setPlainText(text)
        dialog.yes.click()
        self.settle()
        return said

    def id_of(self, name: str) -> str:
        return next(each.id for each in self.desk.queries.people() if each.name == name)

    def begin(self) -> None:
        """Fills in the first page: the administrator by Windows account, two approvers by password."""
        page = self.entry.cover.page
        assert isinstance(page, FirstRunPage)
        assert page.forms["administrator"].value("windows_account") == ACCOUNT
        for part, name in (("administrator", ADMINISTRATOR), ("first", FIRST), ("second", SECOND)):
            form = page.forms[part]
            for key, text in (("name", name), ("password", SECRETS[name]), ("again", SECRETS[name])):
                field = form.row(key).widget
                assert isinstance(field, QLineEdit)
                type_into(field, text)
        page.begin.click()
        self.settle()
        self.until(lambda: self.window.alive, "the tabs")
        self.settle()

    def sign_in(self, name: str, secret: str = "") -> None:
        """Signs in, or unlocks, by password."""
        form = self.page.form
        if not form.row("name").locked:
            type_into(form.row("name").widget, name)
        type_into(form.row("password").widget, secret or SECRETS[name])
        self.page.go_in()
        self.settle()
        self.until(lambda: self.window.alive, "the tabs")
        self.settle()

    def sign_out(self) -> None:
        self.trigger("entry.sign_out")

    def people(self) -> PeopleWindow:
        """The window about people, opened as a person does."""
        self.trigger("people.show")
        return self.dialog(PeopleWindow)

    def add_projects(self) -> None:
        """Two projects and a company, as the workflows for jobs and vendors will make them."""
        jobs, vendors = self.company.facts.jobs(), [each for each in self.company.facts.vendors() if not each.inactive]
        with self.company.store.writing() as session:
            for job in jobs[:2]:
                session.add(Project(number=job.job, name=job.description, sage_job=job.job))
            session.add(DirectoryCompany(name=vendors[0].name, sage_vendor=vendors[0].vendor))
        self.window.refresh_company(Changes.of("project", "*") | Changes.of("company", "*"))
        self.settle()


@contextmanager
def running() -> Iterator[Site]:
    """The program, started and closed again as a person does; the company is open and Sage was read once."""
    qt = app.application()
    palette, font, sheet, style = qt.palette(), qt.font(), qt.styleSheet(), qt.style().objectName()
    program = app.Program(paths.site_company(), demo=False)
    program.frame.resize(1280, 800)
    program.frame.show()
    site = Site(program)
    try:
        site.until(lambda: program.company is not None, "an open company")
        site.settle()
        yield site
    finally:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog):
                widget.hide()
                widget.deleteLater()
        program.close()
        assert not program.hung
        program.frame.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        station.here.cache_clear()
        # The program dressed the application; the next test finds it as it was.
        qt.styleHints().unsetColorScheme()
        qt.setStyleSheet(sheet)
        qt.setStyle(style)
        qt.setPalette(palette)
        qt.setFont(font)


def found_site(home: Path, sample_folder: Path, monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    """A machine with the settings of a real company, whose Sage folder holds the stand-in's books; nobody is in it."""
    monkeypatch.setenv("ERPDESK_HOME", str(home))
    monkeypatch.setattr(station, "account", lambda: ACCOUNT)
    station.here.cache_clear()
    shutil.copytree(sample_folder, home / "books")
    settings = CompanySettings(
        company=SandboxCompany(home / "books").name,
        sage_folder=str(home / "books"),
        stand_in=True,
        commitment_id_mask="",
        sync_minutes=60,
    )
    settings.changed(**changed).save(paths.site_company().settings)
