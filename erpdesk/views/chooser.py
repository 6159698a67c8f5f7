"""Who acts and on which project: read from the company, chosen in the top bar, remembered for the next start."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from erpdesk.views.missing import why_no_project
from erpdesk.views.session import LayoutStore, Session
from erpdesk.views.top_bar import TopBar
from erpdesk.workflows.rows import PersonRow, ProjectRow

PERSON_KEY, PROJECT_KEY = "window/person", "window/project"
ALL = "all"
Leave = Callable[[Callable[[], object]], object]


class Chooser(QObject):
    """Keeps top bar and session in step. ``people`` None stands for everybody the company knows.

    ``leave`` is asked before the project changes, because changes on a page may not be saved.
    """

    def __init__(
        self,
        top: TopBar,
        session: Session,
        store: LayoutStore,
        people: Sequence[PersonRow] | None,
        leave: Leave,
    ) -> None:
        super().__init__(session)
        self._top = top
        self._session = session
        self._store = store
        self._people = tuple(people) if people is not None else None
        self._leave = leave
        session.person_changed.connect(self._show)
        session.project_changed.connect(self._show)
        top.person_chosen.connect(self._on_person)
        top.project_chosen.connect(self._on_project)
        top.none_asked.connect(lambda: session.messages.info(why_no_project(session)[1], topic="no project"))

    def act_as(self, row: PersonRow) -> None:
        """Lets only this person act: who signed in."""
        self._people = (row,)

    def forget(self) -> None:
        """Nobody acts any more: the bar names no person and no project until somebody comes in."""
        self._people = ()
        session = self._session
        session.people = ()
        session.set_person(None)
        session.set_projects((), some=session.has_projects)
        session.set_project(None)
        self._top.set_people(())
        self._top.set_projects(())

    def read(self, then: Callable[[], object]) -> None:
        """Reads people and projects off the GUI thread, chooses those of the last time, then goes on."""
        queries, given = self._session.desk.queries, self._people

        def read() -> tuple[tuple[PersonRow, ...], tuple[ProjectRow, ...], bool]:
            people = given if given is not None else queries.people()
            everything = queries.projects()
            # Who signed in sees the projects they belong to; in the sample company everybody is played.
            mine = queries.projects(people[0].id) if given and len(people) == 1 else everything
            return people, mine, bool(everything)

        def take(answer: tuple[tuple[PersonRow, ...], tuple[ProjectRow, ...], bool]) -> None:
            if given != self._people:
                # Somebody else came in, or left, while this was read.
                return
            self._session.people, projects, some = answer
            self._session.set_projects(projects, some=some)
            self._choose()
            then()

        self._session.read(read, take, key="company")

    def _choose(self) -> None:
        people, projects = self._session.people, self._session.projects
        self._top.set_people(people)
        self._top.set_projects(projects, *why_no_project(self._session))
        kept = str(self._store.value(PERSON_KEY, "") or "")
        self._session.set_person(next((row for row in people if row.id == kept), people[0] if people else None))
        kept = str(self._store.value(PROJECT_KEY, "") or "")
        if kept == ALL:
            self._session.set_project(None)
        else:
            first = projects[0] if projects else None
            self._session.set_project(next((row for row in projects if row.id == kept), first))
        self._show()

    def _show(self) -> None:
        self._top.show_person(self._session.person)
        self._top.show_project(self._session.project)

    def _on_person(self, row: PersonRow) -> None:
        self._store.setValue(PERSON_KEY, row.id)
        self._session.set_person(row)

    def _on_project(self, row: ProjectRow | None) -> None:
        def go() -> None:
            self._store.setValue(PROJECT_KEY, row.id if row else ALL)
            self._session.set_project(row)

        # Until the page is left the bar goes on showing the project that is open.
        self._show()
        self._leave(go)
