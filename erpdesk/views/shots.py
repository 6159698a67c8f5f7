"""Pictures of every tab and dialog, light and dark, for people who want to see the program without a screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEventLoop, QSize
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from erpdesk.views.main_window import TABS, MainWindow
from erpdesk.views.sage.connection_page import ConnectionPage
from erpdesk.views.sage.set_up_dialog import SetUpDialog
from erpdesk.views.sage.standin_window import StandInWindow
from erpdesk.views.sage.window import SageWindow
from erpdesk.views.tabs.commitments.tab import PURCHASE_ORDER, CommitmentsTab
from erpdesk.views.tabs.directory.tab import DirectoryTab
from erpdesk.views.tabs.erp_integrations.tab import ErpIntegrationsTab

SIZES = (QSize(1440, 900), QSize(1280, 720))
LONGEST_WAIT_MS = 20_000


class NotSettled(RuntimeError):
    """The window still had work under way after the longest wait."""


def settle(window: MainWindow, longest_ms: int = LONGEST_WAIT_MS) -> None:
    """Lets the window finish what it reads and shows; raises NotSettled when that takes too long."""
    clock = QElapsedTimer()
    clock.start()
    calm = 0
    while calm < 3:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        session = window.session
        # Three calm rounds: an answer that was just delivered often asks for the next read.
        calm = calm + 1 if session is not None and session.jobs.idle and window.alive else 0
        if clock.elapsed() > longest_ms:
            raise NotSettled("The window did not come to rest; a read of the company takes too long.")


def render_shots(window: MainWindow, folder: Path, sizes: tuple[QSize, ...] = SIZES) -> list[Path]:
    """Renders every tab and dialog in light and dark and returns the files; the window must be attached.

    The theme is put back as it was. Raises NotSettled, and OSError when a file can not be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    before = window.appearance.mode
    try:
        for size in sizes:
            window.window().resize(size)
            for mode in ("light", "dark"):
                window.appearance.set_mode(mode)
                for name, widget in _scenes(window):
                    path = folder / f"{name}-{size.width()}-{mode}.png"
                    if not widget.grab().save(str(path), "PNG"):
                        raise OSError(f"{path} can not be written.")
                    made.append(path)
    finally:
        window.appearance.set_mode(before)
    return made


def _scenes(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    for key, _ in TABS:
        _act_as(window, approver=key in ("home", "erp"))
        window.show_tab(key)
        settle(window)
        yield from _scenes_of(window, window.page(key))
    openers: tuple[tuple[str, Callable[[], QWidget | None]], ...] = (
        ("dialog-job-costs", window.beside.show_job_costs),
        ("dialog-problems", window.news.show_problems),
        ("dialog-about", window.beside.show_about),
        ("dialog-search", window.beside.show_palette),
        ("people", window.beside.show_people),
        ("audit-trail", window.beside.show_audit),
        ("settings", window.beside.show_settings),
        ("dialog-shortcuts", lambda: window.registry.show_shortcuts(window)),
    )
    for name, opener in openers:
        dialog = opener()
        settle(window)
        if dialog is not None:
            yield name, dialog
        if isinstance(dialog, QDialog):
            dialog.reject()
        settle(window)
    yield from _sage(window)


def _sage(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """The windows about Sage, page by page, and the set-up of a company."""
    sage = window.beside.show_sage()
    if isinstance(sage, SageWindow):
        sage.resize(window.window().size())
        for key in sage.page_keys:
            page = sage.show_page(key)
            if isinstance(page, ConnectionPage):
                page.look()
                page.aside.wait(LONGEST_WAIT_MS / 1000)
            settle(window)
            yield f"sage-{key}", sage
        for page in sage.findChildren(ConnectionPage):
            page.set_up_asked.emit()
        settle(window)
        for dialog in sage.findChildren(SetUpDialog):
            yield "sage-set-up", dialog
            dialog.close()
        sage.close()
    played = window.beside.show_stand_in()
    if isinstance(played, StandInWindow):
        played.resize(window.window().size())
        for key in played.pages:
            played.show_page(key)
            settle(window)
            yield f"stand-in-{key}", played
        played.close()
    settle(window)


def _act_as(window: MainWindow, *, approver: bool) -> None:
    """Lets the person act whose tool it is: the project side, or who decides for accounting."""
    session = window.session
    if session is not None:
        people = reversed(session.people) if approver else session.people
        session.set_person(next((row for row in people if row.can_push is approver), session.person))


def _scenes_of(window: MainWindow, tab: QWidget) -> Iterator[tuple[str, QWidget]]:
    if isinstance(tab, CommitmentsTab):
        yield from _commitments(window, tab)
    elif isinstance(tab, DirectoryTab):
        rows = tab.table.shown_rows()
        tab.table.select_ids([row.id for row in rows[:1]])
        settle(window)
        yield "directory", window
    elif isinstance(tab, ErpIntegrationsTab):
        for view in tab.queue.kind.views:
            tab.show_view(view.name.lower())
            settle(window)
            yield f"erp-{view.name.lower().replace('_', '-')}", window
        tab.show_view(tab.queue.kind.views[0].name.lower())
    else:
        yield "home", window


def _commitments(window: MainWindow, tab: CommitmentsTab) -> Iterator[tuple[str, QWidget]]:
    yield "commitments", window
    seen: set[str] = set()
    for row in tab.table.shown_rows():
        state = row.erp_state.value.lower().replace(" ", "-")
        if state not in seen:
            seen.add(state)
            tab.open(row.id)
            settle(window)
            yield f"commitment-{state}", window
    several = [row.id for row in tab.table.shown_rows()[:3]]
    tab.table.select_ids(several)
    settle(window)
    yield "commitments-several", window
    tab.start_new(PURCHASE_ORDER)
    settle(window)
    yield "commitment-new", window
    tab.close_page()
    settle(window)
