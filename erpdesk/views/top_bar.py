"""The top of the window: which project, who acts, and the menu of the program."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QWidget

from erpdesk.views.kit.icons import set_icon
from erpdesk.workflows.rows import PersonRow, ProjectRow

ALL_PROJECTS = "All projects"
SEE_WHY = "Click it to read why"


class TopBar(QWidget):
    """Project chooser at the left, acting person and menu at the right; both empty until the company is open."""

    project_chosen = Signal(object)
    """A ProjectRow, or None for all projects."""
    person_chosen = Signal(object)
    none_asked = Signal()
    """Why is there no project to choose?"""

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._projects: tuple[ProjectRow, ...] = ()
        self._people: tuple[PersonRow, ...] = ()
        self._none = ("", "")
        self._windows = ""
        self._account: QMenu | None = None
        self.project = QPushButton("erpdesk")
        self.project.setProperty("flat", True)
        self.project.setProperty("role", "project")
        self.project.setAccessibleName("Project")
        self.project.setAutoDefault(False)
        self.project.setStyleSheet("QPushButton { font-weight: 600; padding-right: 24px; }")
        self.job = QLabel()
        self.job.setProperty("role", "muted")
        # The job gives way before who acts does.
        self.job.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.person = QPushButton()
        self.person.setProperty("flat", True)
        self.person.setAutoDefault(False)
        self.person.setStyleSheet("QPushButton { padding-right: 24px; }")
        set_icon(self.person, "person", "muted")
        self.person.hide()
        self.more = QPushButton("Menu")
        self.more.setProperty("flat", True)
        self.more.setAutoDefault(False)
        self.more.setStyleSheet("QPushButton { padding-right: 24px; }")
        self.more.setAccessibleName("Menu: appearance, keyboard shortcuts, about")
        self.more.setMenu(menu)
        across = QHBoxLayout(self)
        across.setContentsMargins(8, 5, 10, 5)
        across.setSpacing(8)
        across.addWidget(self.project)
        across.addWidget(self.job, 1)
        across.addWidget(self.person)
        across.addWidget(self.more)

    def set_projects(self, projects: Sequence[ProjectRow], title: str = "", why: str = "") -> None:
        """The projects to choose from; ``title`` and ``why`` say why there is none."""
        self._projects, self._none = tuple(projects), (title, why)
        menu = self._new_menu(self.project, "Project")
        if title:
            menu.setToolTipsVisible(True)
            menu.addAction(f"{title}. Why?").setToolTip(why)
            menu.actions()[0].triggered.connect(lambda _checked=False: self.none_asked.emit())
            self.project.setMenu(menu)
            return
        group = QActionGroup(menu)
        for row in (*self._projects, None):
            if row is None:
                menu.addSeparator()
            words = f"{row.name}    {job_words(row)}" if row else ALL_PROJECTS
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setData(row.id if row else "")
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, row=row: self.project_chosen.emit(row))
        self.project.setMenu(menu)

    def show_project(self, row: ProjectRow | None) -> None:
        """Shows the chosen project and the Sage job it is synced with."""
        title, why = self._none
        self.project.setText(row.name if row else title or ALL_PROJECTS)
        self.project.setToolTip(why)
        self.job.setText(job_words(row) if row else SEE_WHY if why else "of the company")
        self.job.setToolTip(why)
        self.project.setAccessibleName(f"Project: {self.project.text()}, {self.job.text()}")
        self._mark(self.project, row.id if row else "")

    def set_account_menu(self, menu: QMenu, account: str = "") -> None:
        """People sign in here: the person's button opens this menu, and nobody else can be chosen.

        ``account`` is the Windows account that is logged in, which the button names as well.
        """
        self._account, self._windows = menu, account

    def set_people(self, people: Sequence[PersonRow]) -> None:
        """Who can act; with one person there is nothing to choose."""
        self._people = tuple(people)
        self.person.setVisible(bool(people))
        if self._account is not None:
            self.person.setMenu(self._account)
            return
        if len(self._people) < 2:
            self.person.setMenu(None)  # type: ignore[arg-type]  # Qt takes a null menu
            return
        menu = self._new_menu(self.person, "Acting as")
        group = QActionGroup(menu)
        for row in self._people:
            action = menu.addAction(f"{row.name}    {row.role}")
            action.setCheckable(True)
            action.setData(row.id)
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, row=row: self.person_chosen.emit(row))
        self.person.setMenu(menu)

    def show_person(self, row: PersonRow | None) -> None:
        """Shows who acts."""
        how = "Signed in as" if self._account is not None else "Acting as"
        role = f", {row.role.lower()}" if row and row.role else ""
        self.person.setText(f"{how} {row.name}{role}" if row else "")
        self.person.setAccessibleName(self.person.text() or "Nobody acts yet")
        windows = f"Windows account {self._windows}" if row and self._windows else ""
        self.person.setToolTip(windows)
        self.person.setAccessibleDescription(windows)
        if self._account is None:
            self._mark(self.person, row.id if row else "")

    def _new_menu(self, button: QPushButton, title: str) -> QMenu:
        old = button.menu()
        if old is not None:
            old.deleteLater()
        menu = QMenu(title, button)
        menu.setAccessibleName(title)
        return menu

    def _mark(self, button: QPushButton, key: str) -> None:
        menu = button.menu()
        for action in menu.actions() if menu is not None else ():
            action.setChecked(action.data() == key)


def job_words(row: ProjectRow) -> str:
    """The Sage job of a project in words."""
    return f"Job {row.sage_job} · synced with Sage" if row.sage_job else "not synced with a Sage job yet"
