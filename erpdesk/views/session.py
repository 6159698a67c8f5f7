"""What every tab works with while a company is open: the desk, the jobs, who acts and on which project."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from erpdesk.core.changes import BulkResult, Changes
from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.jobs import Jobs, JobsClosed
from erpdesk.workflows.rows import PersonRow, ProjectRow

if TYPE_CHECKING:
    from erpdesk.views.kit.messages import Messages
    from erpdesk.workflows.desk import Desk

T = TypeVar("T")
TICK_MS = 5000


class LayoutStore(Protocol):
    """Where widths, sort orders and choices of a person are kept; QSettings has this shape."""

    def value(self, key: str, default: object = None) -> object:
        """What was kept under the key."""
        ...

    def setValue(self, key: str, value: object) -> None:
        """Keeps a value."""
        ...


class WorkerCommands(Protocol):
    """What a person may ask of the sync worker."""

    def pause(self) -> object:
        """Stops talking to Sage until resumed."""
        ...

    def resume(self) -> object:
        """Goes on talking to Sage."""
        ...

    def sync_now(self) -> object:
        """Reads Sage now instead of at the next hour."""
        ...

    def close_files(self) -> object:
        """Sends what waits for more items to its file now."""
        ...


class Session(QObject):
    """One open company as the tabs see it; lives on the GUI thread, reaches the desk only through jobs.

    ``changed`` carries the Changes of an act or of the worker; each tab reloads what it shows of the touched kinds.
    ``sage_read`` tells that the worker finished a read of Sage; ``ticked`` that words such as "2 min ago" are due,
    everywhere at once.
    """

    person_changed = Signal()
    project_changed = Signal()
    projects_changed = Signal()
    changed = Signal(object)
    sage_read = Signal()
    ticked = Signal()

    def __init__(self, desk: Desk, jobs: Jobs, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.jobs = jobs
        self.messages = messages
        self.vouch: Callable[[Callable[[], object]], object] = lambda then: then()
        """Makes sure that the person who signed in still sits here, where the company wants that, then goes on."""
        self.people: tuple[PersonRow, ...] = ()
        self.projects: tuple[ProjectRow, ...] = ()
        self.has_projects = False
        """Whether the company has projects, also such as the acting person does not belong to."""
        self._person: PersonRow | None = None
        self._project: ProjectRow | None = None
        self._acts = 0
        self._clock = QTimer(self, interval=TICK_MS)
        self._clock.timeout.connect(self.ticked)
        self._clock.start()

    @property
    def actor(self) -> str:
        """The id of the acting person."""
        return self._person.id if self._person else ""

    @property
    def person(self) -> PersonRow | None:
        """Who acts."""
        return self._person

    @property
    def project(self) -> ProjectRow | None:
        """The chosen project, or None for all of them."""
        return self._project

    @property
    def project_id(self) -> str | None:
        """The id of the chosen project, or None for all of them."""
        return self._project.id if self._project else None

    def heading(self) -> str:
        """The company and what is chosen of it, as it stands above a printed list."""
        company = self.desk.office.settings().company
        project = self._project
        if project is None:
            return f"{company} · All projects"
        job = f" (job {project.sage_job})" if project.sage_job else ""
        return f"{company} · {project.name}{job}"

    @property
    def busy(self) -> bool:
        """True while an act of the person is being carried out."""
        return self._acts > 0

    def set_person(self, person: PersonRow | None) -> None:
        """Somebody else acts from now on."""
        if person != self._person:
            self._person = person
            self.person_changed.emit()

    def set_project(self, project: ProjectRow | None) -> None:
        """Lists show this project from now on; None shows all."""
        if project != self._project:
            self._project = project
            self.project_changed.emit()

    def set_projects(self, projects: Sequence[ProjectRow], *, some: bool) -> None:
        """The projects to choose from; ``some``: the company has projects at all."""
        if (tuple(projects), some) != (self.projects, self.has_projects):
            self.projects, self.has_projects = tuple(projects), some
            self.projects_changed.emit()

    def read(
        self,
        fn: Callable[[], T],
        done: Callable[[T], object],
        key: Hashable,
        failed: Callable[[BaseException], object] | None = None,
    ) -> None:
        """Reads off the GUI thread; a later read with the same key makes this answer void.

        ``failed`` hears an error (left out: one for people is shown as a message). While the program closes nothing is
        read any more, and that is no error.
        """
        with contextlib.suppress(JobsClosed):
            self.jobs.read(fn, done, failed, key)

    def act(
        self,
        fn: Callable[[], T],
        done: Callable[[T], object] | None = None,
        refused: Callable[[ForPeople], object] | None = None,
        ended: Callable[[], object] | None = None,
    ) -> None:
        """Carries out what the person asked for, off the GUI thread, and tells all tabs what it touched.

        ``refused`` hears an error for people (left out: it is shown as a message); ``ended`` is called in every case.
        """
        self._acts += 1

        def on_end() -> None:
            self._acts -= 1
            if ended is not None:
                ended()

        def on_done(result: T) -> None:
            on_end()
            if done is not None:
                done(result)
            self.publish(changes_of(result))

        def on_failed(error: BaseException) -> None:
            on_end()
            if not isinstance(error, ForPeople):
                return
            if refused is not None:
                refused(error)
            else:
                self.messages.report(error)

        self.jobs.write(fn, on_done, on_failed)

    def publish(self, changes: Changes) -> None:
        """Tells all tabs which records were touched."""
        if changes:
            self.changed.emit(changes)


def changes_of(result: object) -> Changes:
    """The notice inside the answer of an act, whatever shape the answer has."""
    if isinstance(result, Changes):
        return result
    if isinstance(result, BulkResult):
        return result.changes
    if isinstance(result, tuple):
        return next((part for part in result if isinstance(part, Changes)), Changes())
    return Changes()


def new_press() -> str:
    """A name for one press of a button, so that the same press is never carried out twice."""
    return uuid.uuid4().hex
