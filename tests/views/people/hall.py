"""A plain window with the people of a real company behind it, for the tests of the doorway."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMainWindow, QVBoxLayout, QWidget
from sqlalchemy import select

from erpdesk.core.changes import Changes
from erpdesk.models.people import Person
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.people.entry import Entry
from erpdesk.views.people.people_window import PeopleWindow
from erpdesk.views.people.tools import PeopleTools
from erpdesk.workflows import history
from erpdesk.workflows.people_acts import PeopleActs
from erpdesk.workflows.people_rows import FirstRun, Newcomer
from erpdesk.workflows.sign_in import SignIn
from tests.town import Town

W = TypeVar("W", bound=QWidget)
SECRET = "three brown horses"
ADMINISTRATOR, FIRST, SECOND = "Ada Quill", "Bo Marsh", "Cy Lindt"
LONGEST_MS = 20_000


def first_people(*, accounts: bool = False) -> FirstRun:
    """The three that a company begins with; each has the password SECRET."""

    def one(name: str, title: str) -> Newcomer:
        account = f"FIRM\\{name.split()[0].lower()}" if accounts else ""
        return Newcomer(name, title, account, f"{name.split()[0].lower()}@firm.example", SECRET)

    return FirstRun(one(ADMINISTRATOR, "Administrator"), (one(FIRST, "Controller"), one(SECOND, "Accountant")))


@dataclass
class Hall:
    """A window, the acts behind it, and what it told."""

    town: Town
    window: QMainWindow
    inside: QLineEdit
    jobs: Jobs
    store: MemoryStore
    people: PeopleActs
    sign_in: SignIn
    came: list[str | None] = field(default_factory=list)
    told: list[Changes] = field(default_factory=list)
    actor: str = ""

    def settle(self) -> None:
        """Lets everything under way come to rest."""
        clock = QElapsedTimer()
        clock.start()
        calm = 0
        while calm < 3:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            calm = calm + 1 if self.jobs.idle else 0
            assert clock.elapsed() < LONGEST_MS, "the window does not come to rest"

    def entry(self, *, account: str = "", sample: bool = False, idle: Callable[[], float] = lambda: 0) -> Entry:
        """The doorway of the window, begun."""
        made = Entry(
            self.window,
            self.sign_in,
            self.people,
            self.jobs,
            self.store,
            account=account,
            sample=sample,
            idle_minutes=idle,
        )
        made.signed_in.connect(lambda row: self.came.append(row.name if row else None))
        made.begin()
        self.settle()
        return made

    def id_of(self, name: str) -> str:
        """The id of somebody, also of one who left."""
        with self.town.store.reading() as session:
            return session.scalars(select(Person.id).where(Person.name == name)).one()

    def people_window(self, actor: str) -> PeopleWindow:
        """The window about people, for one who acts."""
        self.actor = actor

        def events(person_id: str) -> tuple[object, ...]:
            with self.town.store.reading() as session:
                return history.history(session, "person", person_id)

        tools = PeopleTools(
            acts=self.people,
            jobs=self.jobs,
            acting=lambda: self.actor,
            projects=self.town.desk.queries.projects,
            history=events,  # type: ignore[arg-type]  # rows of the history
            publish=self.told.append,
        )
        made = PeopleWindow(tools, self.store, self.window)
        made.show()
        self.settle()
        return made

    def dialog(self, of: type[W]) -> W:
        """The open dialog of this class."""
        found = [each for each in QApplication.topLevelWidgets() if isinstance(each, of) and each.isVisible()]
        assert len(found) == 1, found
        return found[0]


@contextmanager
def open_hall(town: Town) -> Iterator[Hall]:
    """A shown window on a company; closed again at the end, and no error went unheard."""
    problems: list[BaseException] = []
    jobs = Jobs(Bridge(), problems.append)
    window = QMainWindow()
    middle, inside = QWidget(), QLineEdit()
    QVBoxLayout(middle).addWidget(inside)
    window.setCentralWidget(middle)
    window.resize(1100, 760)
    window.show()
    inside.setFocus()
    office = town.desk.office
    hall = Hall(town, window, inside, jobs, MemoryStore(), PeopleActs(office), SignIn(office))
    try:
        yield hall
    finally:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, PeopleWindow):
                widget.people.page.show_again()
            if isinstance(widget, QDialog):
                widget.reject()
        hall.settle()
        jobs.close()
        window.close()
        window.deleteLater()
        # A page that still stands before this window would keep keys from the next one.
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
    assert not problems, problems


def write(field_: QWidget, text: str) -> None:
    """Types into a field of one line as a person does: what was there is overwritten."""
    assert isinstance(field_, QLineEdit)
    field_.setFocus()
    field_.selectAll()
    QTest.keyClicks(field_, text) if text else QTest.keyClick(field_, Qt.Key.Key_Delete)
    QApplication.processEvents()
