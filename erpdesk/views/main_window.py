"""The window: painted at once without data, brought alive when the company is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QStatusTipEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ForPeople
from erpdesk.sync.events import Idle, Paused, SyncEvent, Syncing, Trouble, Waiting
from erpdesk.views.appearance import Appearance
from erpdesk.views.chooser import Chooser
from erpdesk.views.frame import TITLES
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.reason_button import reasons_text
from erpdesk.views.kit.theme import Theme
from erpdesk.views.opening import OpeningPage
from erpdesk.views.placing import KEY, place_window
from erpdesk.views.program_menu import offer_sage, program_menu
from erpdesk.views.session import LayoutStore, Session, WorkerCommands
from erpdesk.views.side_windows import SideWindows
from erpdesk.views.status_strip import StatusStrip
from erpdesk.views.sync_news import SyncNews
from erpdesk.views.tab_strip import TabStrip
from erpdesk.views.top_bar import TopBar
from erpdesk.views.window_actions import ACTS, SPECS, STILL_OPENING
from erpdesk.workflows.rows import PersonRow, QueueCounts
from erpdesk.workflows.search_rows import Found

if TYPE_CHECKING:
    from erpdesk.views.company_tabs import CompanyTabs
    from erpdesk.views.kit.jobs import Jobs
    from erpdesk.views.people.entry import Entry
    from erpdesk.views.sage.tools import SageTools
    from erpdesk.views.settings.tools import SettingsTools
    from erpdesk.workflows.desk import Desk

TABS = tuple(zip(("home", "commitments", "directory", "erp"), TITLES, strict=True))
BESIDE_CLOSE = 72
AWAY: dict[type[object], str] = {
    Waiting: "Sage can not be reached.",
    Paused: "Syncing is paused.",
    Idle: "",
    Syncing: "",
}
"""What an event of the worker says about Sage's being away; others say nothing about it."""
ALWAYS = ("tab.", "theme.", "text.", "help.", "window.")


class MainWindow(QMainWindow):
    """Top bar, tabs, messages, the chosen tool, status bar: the content of the window's frame, or a window by itself.

    ``store`` keeps the layout (QSettings fits); ``theme`` is what the menu changes. ``about_to_close`` comes once, when
    the person really leaves: whoever listens stops the worker and the jobs.
    """

    about_to_close = Signal()

    def __init__(self, store: LayoutStore, theme: Theme | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("erpdesk")
        self._store = store
        self._theme = theme
        self._session: Session | None = None
        self._tabs: CompanyTabs | None = None
        self._leaving = False
        self._away = self._trouble = ""
        self._chooser: Chooser | None = None
        self._entry: Entry | None = None
        self._summaries: dict[str, str] = {}
        self.registry = ActionRegistry(SPECS, self, ACTS)
        for spec in SPECS:
            if not spec.key.startswith(ALWAYS):
                self.registry.set_offer(spec.key, False, STILL_OPENING)
        self.beside = SideWindows(self.registry, store, self)
        self.appearance = Appearance(self.registry, theme, store, self)
        self._menu = program_menu(self.registry, self.appearance, self)
        self.top = TopBar(self._menu)
        self.strip = TabStrip(TABS)
        self.messages = Messages()
        self.status = StatusStrip()
        self.news = SyncNews(self.status, self.messages, self.registry, self)
        self._stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {key: OpeningPage() for key, _ in TABS}
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._down = QVBoxLayout()
        self._down.setContentsMargins(0, 0, 0, 0)
        self._down.setSpacing(0)
        for part in (self.top, self.strip):
            self._down.addWidget(part)
        self._down.addWidget(self._stack, 1)
        self._down.addWidget(self.status)
        middle = QWidget()
        middle.setLayout(self._down)
        # The messages' own close buttons stay away from those of the pages beneath.
        self.messages.float_over(middle, lambda: self.strip.free_room(BESIDE_CLOSE))
        self.setCentralWidget(middle)
        self._connect()
        self._restore()

    def _connect(self) -> None:
        for key, _ in TABS:
            self.registry.on(f"tab.{key}", partial(self.show_tab, key))
        self.registry.unexplained.connect(self._on_unexplained)
        self.messages.noted.connect(self.status.note)
        self.beside.found.connect(self._on_found)
        self.registry.on("window.close", lambda: self.window().close())
        if self._theme is not None:
            self._theme.changed.connect(self.messages.retint)
        self.news.changed.connect(self._on_worker_changes)
        self.news.journal_asked.connect(lambda: self.beside.show_sage("journal"))
        self.strip.chosen.connect(self._on_tab)
        self.status.doubt_asked.connect(partial(self._show_queue, "in_doubt"))
        self.status.exporting_asked.connect(partial(self._show_queue, "exporting"))

    def _restore(self) -> None:
        place_window(self, self._store.value(KEY))
        last = str(self._store.value("window/tab", "") or "")
        if last in dict(TABS):
            self.strip.choose(last)
        self._stack.setCurrentWidget(self._pages[self.strip.current()])
        self.strip.bar.setFocus()

    # The company

    def attach(
        self,
        desk: Desk,
        jobs: Jobs,
        worker: WorkerCommands | None = None,
        people: Sequence[PersonRow] | None = None,
        *,
        sample: bool = False,
        about: Sequence[tuple[str, str]] = (),
        sage: SageTools | None = None,
        settings: SettingsTools | None = None,
        account: str | None = None,
    ) -> None:
        """Brings the window alive on an opened company.

        ``people`` are those who can act (None: everybody the company knows; one: no switch); ``sample`` shows the hint
        for newcomers; ``about`` are facts for the About dialog, such as where the data lies; ``sage`` and ``settings``
        are what these windows work with. ``account`` is who is logged in to the computer, where people sign in; None
        lets the acting person be chosen.
        """
        self.news.set_worker(worker)
        from erpdesk.views.entrance import entrance

        session = self._session = Session(desk, jobs, self.messages, self)
        self._chooser = Chooser(self.top, session, self._store, people, self._leave)
        session.person_changed.connect(self._show_counts)
        session.person_changed.connect(self.messages.leave_person)
        session.ticked.connect(self.status.light.refresh)
        self._entry = entrance(self, session, self.registry, self.top, self._store, account, self._leave)
        self._entry.signed_in.connect(self._on_signed_in)
        self._entry.left.connect(self._on_left)
        self._entry.begin()
        if sample:
            from erpdesk.views.dialogs.sample_hint import hint_above

            hint_above(self._down, 2, self._store)
        self.beside.attach(session, about, sage, settings)
        if sage is not None:
            offer_sage(self.registry, self._menu, sample=sage.stand_in is not None)

    def _on_signed_in(self, row: PersonRow | None) -> None:
        if self._chooser is not None:
            if row is not None:
                self._chooser.act_as(row)
            self._chooser.read(self._open)

    def _on_left(self) -> None:
        """Nobody is signed in: nothing of who was stays on any page, in any count or in the status bar."""
        if self._tabs is not None:
            self._tabs.forget()
        self._summaries.clear()
        self.status.set_selection("")
        self.status.set_help("")
        if self._chooser is not None:
            self._chooser.forget()

    def refresh_company(self, changes: Changes) -> None:
        """Reads people and projects again, because some were added, and reloads what ``changes`` touched."""
        if self._chooser is not None and self._entry is not None and self._entry.inside:
            self._chooser.read(lambda: self._open(changes))

    def show_opening_problem(self, error: ForPeople) -> None:
        """Says in every tab why the company can not be opened, and what to do."""
        hint = " ".join(part for part in (error.what, error.kept, error.next_step) if part)
        for page in self._pages.values():
            if isinstance(page, OpeningPage):
                page.show_words("The company can not be opened", hint)

    def _open(self, changes: Changes | None = None) -> None:
        from erpdesk.views.company_tabs import CompanyTabs

        session = self._session
        if session is None:
            return
        if self._tabs is not None:
            session.publish(changes or Changes())
            return
        for key in ("commitment.new_subcontract", "commitment.new_order"):
            self.registry.set_offer(key, True)
        self._tabs = CompanyTabs(session, self.registry, self._store, self)
        self._tabs.summary_changed.connect(self._on_summary)
        self._tabs.counts_changed.connect(self._on_counts)
        self._tabs.waiting_changed.connect(self._show_counts)
        self._tabs.front_asked.connect(self.show_tab)
        self._tabs.project_asked.connect(self._choose_project)
        self._tabs.tell_away(self._away, self._trouble)
        self._make_tab(self.strip.current())
        QTimer.singleShot(0, self, self._make_next_tab)

    def _make_next_tab(self) -> None:
        """Makes the tabs that are not shown one at a time, so that typing is never held up."""
        if self._tabs is None:
            return
        for key, _ in TABS:
            if not self._tabs.made(key):
                self._make_tab(key)
                QTimer.singleShot(0, self, self._make_next_tab)
                return

    def _make_tab(self, key: str) -> None:
        if self._tabs is None or self._tabs.made(key):
            return
        tab, old = self._tabs.make(key), self._pages[key]
        shown = self._stack.currentWidget() is old
        self._stack.addWidget(tab)
        self._pages[key] = tab
        if shown:
            self._stack.setCurrentWidget(tab)
            if self.focusWidget() is None or self.focusWidget() is self.strip.bar:
                tab.setFocus()
        self._stack.removeWidget(old)
        old.deleteLater()

    @property
    def alive(self) -> bool:
        """Whether the company is open and every tab is there."""
        return self._tabs is not None and all(self._tabs.made(key) for key, _ in TABS)

    @property
    def session(self) -> Session | None:
        """The open company, or None before it is open."""
        return self._session

    def page(self, key: str) -> QWidget:
        """What stands behind a tab."""
        return self._pages[key]

    # Tabs

    def show_tab(self, key: str) -> None:
        """Shows a tool."""
        self.strip.choose(key)

    def _on_tab(self, key: str) -> None:
        self._make_tab(key)
        self.messages.leave_page()
        self._stack.setCurrentWidget(self._pages[key])
        if not self.strip.bar.hasFocus():
            self._pages[key].setFocus()
        self.status.set_selection(self._summaries.get(key, ""))
        self._store.setValue("window/tab", key)

    def _show_queue(self, view: str) -> None:
        self.show_tab("erp")
        if self._tabs is not None:
            self._tabs.erp.show_view(view)

    def _choose_project(self, project_id: str) -> None:
        session = self._session
        row = next((row for row in session.projects if row.id == project_id), None) if session else None
        if row is not None:
            self.top.project_chosen.emit(row)

    def _on_found(self, record: Found) -> None:
        if self._tabs is not None:
            self._tabs.go_to_found(record)

    def _on_summary(self, key: str, words: str) -> None:
        self._summaries[key] = words
        if key == self.strip.current():
            self.status.set_selection(words)

    def _on_counts(self, counts: QueueCounts) -> None:
        self.status.set_counts(counts)
        self._show_counts()

    def _show_counts(self, *_news: object) -> None:
        """Counts on the tabs of what waits for the person who acts."""
        if self._tabs is None:
            return
        waiting, to_correct = self._tabs.waiting, self._tabs.to_correct
        self.strip.set_count("erp", waiting, f"{waiting} waiting for you")
        self.strip.set_count("commitments", to_correct, f"{to_correct} to be corrected, or to be sent again")

    def _on_unexplained(self, _key: str, reasons: Sequence[str]) -> None:
        self.messages.warning(reasons_text(reasons), topic="refusal")

    def _on_worker_changes(self, changes: Changes) -> None:
        if self._session is not None:
            self._session.publish(changes)

    def sync_event(self, event: SyncEvent) -> None:
        """Takes a frozen event of the sync worker; call it on the GUI thread (the bridge does)."""
        self.news.take(event)
        self._away = AWAY.get(type(event), self._away)
        if isinstance(event, Trouble):
            self._trouble = event.text
        if self._tabs is not None:
            self._tabs.tell_away(self._away, self._trouble)
        if isinstance(event, Idle) and self._session is not None:
            self._session.sage_read.emit()

    # The program

    def event(self, event: QEvent) -> bool:
        """Shows help and reasons of buttons in the status bar."""
        if isinstance(event, QStatusTipEvent):
            self.status.set_help(event.tip())
            return True
        return super().event(event)

    def _leave(self, then: Callable[[], object]) -> None:
        if self._tabs is not None:
            self._tabs.leave(then)
        else:
            then()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks about changes that are not saved, keeps the layout, and lets the program end."""
        if self._tabs is not None and self._tabs.dirty and not self._leaving:
            event.ignore()
            self._tabs.leave(self._close_for_good)
            return
        self._store.setValue(KEY, self.window().saveGeometry())
        if not self._leaving or self.window().isVisible():
            self.about_to_close.emit()
        event.accept()

    def _close_for_good(self) -> None:
        self._leaving = True
        self.window().close()
