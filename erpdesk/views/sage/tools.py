"""What the window about Sage works with, given by whoever opened the company."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from erpdesk.views.kit.aside import Aside
from erpdesk.views.sage.window import SagePage, SageWindow

if TYPE_CHECKING:
    from erpdesk.sync.mirror.book import SyncBook
    from erpdesk.sync.sandbox.company import SandboxCompany
    from erpdesk.sync.sandbox.operator import SandboxOperator
    from erpdesk.views.sage.connection_page import Care
    from erpdesk.views.sage.reading_page import ReadingCommands
    from erpdesk.views.sage.set_up_dialog import SettingUp
    from erpdesk.views.session import LayoutStore, Session

HEARD = "heard"


@dataclass(frozen=True)
class SageTools:
    """The book of readings, the worker, the doctor and its thread.

    In the sample company also the stand-in Sage and its operator.
    """

    book: SyncBook
    worker: ReadingCommands
    care: Care
    set_up: SettingUp
    aside: Aside
    stand_in: SandboxCompany | None = None
    operator: SandboxOperator | None = None


def show_sage(session: Session, tools: SageTools, store: LayoutStore, parent: QWidget, page: str = "") -> SageWindow:
    """Opens the window about Sage, or brings the open one to the front; ``page`` is connection, reading, layouts or
    journal.
    """
    window = parent.findChild(SageWindow) or _make(session, tools, store, parent)
    if page:
        window.show_page(page)
    window.show()
    window.raise_()
    window.activateWindow()
    return window


def _make(session: Session, tools: SageTools, store: LayoutStore, parent: QWidget) -> SageWindow:
    def acting() -> str:
        return session.actor

    def connection() -> QWidget:
        from erpdesk.views.sage.connection_page import ConnectionPage

        page = ConnectionPage(tools.care, session.jobs, tools.aside, acting, store)
        page.changed.connect(session.publish)
        page.set_up_asked.connect(lambda: show_set_up(session, tools, page.window()))
        return page

    def reading() -> QWidget:
        from erpdesk.views.sage.reading_page import ReadingPage

        page = ReadingPage(tools.book, session.desk.sage, tools.worker, session.jobs, acting, store)
        page.changed.connect(session.publish)
        return page

    def layouts() -> QWidget:
        from erpdesk.views.sage.layouts_page import LayoutsPage

        page = LayoutsPage(session.desk.layouts, session.jobs, acting, store)
        page.changed.connect(session.publish)
        return page

    def journal() -> QWidget:
        from erpdesk.views.sage.journal_page import JournalPage

        page = JournalPage(session.desk.journal, session.jobs, acting, lambda: tools.worker.sync_now(), store)
        page.changed.connect(session.publish)
        return page

    makers: tuple[tuple[str, str, Callable[[], QWidget]], ...] = (
        ("reading", "Reading", reading),
        ("connection", "Connection", connection),
        ("layouts", "Import layouts", layouts),
        ("journal", "Export journal", journal),
    )
    window = SageWindow([SagePage(*each) for each in makers], store, parent)
    session.sage_read.connect(window.reload)
    session.person_changed.connect(window.reload)
    session.changed.connect(window.reload)
    return window


def show_set_up(session: Session, tools: SageTools, parent: QWidget) -> QWidget:
    """Opens the set-up of a company over the window that asks for it."""
    from erpdesk.views.sage.set_up_dialog import SetUpDialog

    dialog = SetUpDialog(tools.set_up, tools.aside, session.jobs, lambda: session.actor, parent)
    dialog.open()
    return dialog


def show_stand_in(session: Session, tools: SageTools, store: LayoutStore, parent: QWidget) -> QWidget | None:
    """Opens the Stand-in Sage window of the sample company; None where there is none."""
    from erpdesk.views.sage.standin_window import show_standin

    if tools.stand_in is None:
        return None
    window = show_standin(tools.stand_in, session.jobs, store, parent, tools.operator)
    if not window.property(HEARD):
        window.setProperty(HEARD, True)
        window.changed.connect(lambda: tools.worker.sync_now())
    return window
