"""What the window about people works with, given by whoever opened the company."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from erpdesk.core.changes import Changes

if TYPE_CHECKING:
    from erpdesk.views.kit.jobs import Jobs
    from erpdesk.views.people.people_window import PeopleWindow
    from erpdesk.views.session import LayoutStore, Session
    from erpdesk.workflows.people_acts import PeopleActs
    from erpdesk.workflows.rows import HistoryRow, ProjectRow


@dataclass(frozen=True)
class PeopleTools:
    """The acts on people, who acts, and what is read beside; ``publish`` tells the other windows what changed."""

    acts: PeopleActs
    jobs: Jobs
    acting: Callable[[], str]
    projects: Callable[[], Sequence[ProjectRow]]
    history: Callable[[str], Sequence[HistoryRow]]
    publish: Callable[[Changes], object]


def show_people(session: Session, store: LayoutStore, parent: QWidget) -> PeopleWindow:
    """Opens the window about people, or brings the open one to the front."""
    from erpdesk.views.people.people_window import PeopleWindow

    window = parent.findChild(PeopleWindow)
    if window is None:
        desk = session.desk

        def history(person_id: str) -> Sequence[HistoryRow]:
            return desk.people.history(session.actor, person_id)

        tools = PeopleTools(
            acts=desk.people,
            jobs=session.jobs,
            acting=lambda: session.actor,
            projects=desk.queries.projects,
            history=history,
            publish=session.publish,
        )
        window = PeopleWindow(tools, store, parent)
        session.person_changed.connect(window.reload)
        session.changed.connect(window.on_changes)
    window.show()
    window.raise_()
    window.activateWindow()
    return window
