"""A window on a sample company, for the tests of the window and its tabs: everything in it is real but the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPlainTextEdit, QWidget

from erpdesk.core.changes import Changes
from erpdesk.sync.export.exporter import Exporter
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.views import shots
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.deliberate import Pause
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.kit.theme import Theme
from erpdesk.views.main_window import MainWindow
from erpdesk.views.tabs.commitments.tab import CommitmentsTab
from erpdesk.views.tabs.directory.tab import DirectoryTab
from erpdesk.views.tabs.erp_integrations.tab import ErpIntegrationsTab
from tests.sync.export.yard import QUICK
from tests.town import Town

W = TypeVar("W", bound=QWidget)


@dataclass
class Commands:
    """Notes what the window asks of the sync worker."""

    asked: list[str] = field(default_factory=list)

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def sync_now(self) -> None:
        self.asked.append("sync now")

    def close_files(self) -> None:
        self.asked.append("close files")


@dataclass
class House:
    """A window and the company behind it."""

    town: Town
    window: MainWindow
    jobs: Jobs
    store: MemoryStore
    worker: Commands
    theme: Theme

    def settle(self) -> None:
        """Lets the window finish what it reads and shows."""
        shots.settle(self.window)

    def act_as(self, person: str) -> None:
        """Chooses the acting person, as in the top bar."""
        row = next(each for each in self.town.desk.queries.people() if each.id == person)
        self.window.top.person_chosen.emit(row)
        self.settle()

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

    def reload(self) -> None:
        """Tells the window that something changed behind it."""
        session = self.window.session
        assert session is not None
        session.publish(
            Changes.of("commitment", "any") | Changes.of("submission", "any") | Changes.of("sage", "vendor")
        )
        self.settle()

    def trigger(self, key: str) -> None:
        """Carries out an action of the window."""
        self.window.registry.trigger(key)
        self.settle()

    def reasons(self, key: str) -> tuple[str, ...]:
        return self.window.registry.reasons(key)

    def dialog(self, of: type[W]) -> W:
        """The open dialog of this class."""
        found = [each for each in QApplication.topLevelWidgets() if isinstance(each, of) and each.isVisible()]
        assert len(found) == 1, found
        return found[0]

    def no_dialog(self) -> bool:
        return not [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]

    def export(self) -> None:
        """Lets accepted items go through the stand-in Sage and be read back."""
        town = self.town
        exporter = Exporter(
            town.store.sessions,
            company=town.settings.company,
            imports=town.sage.imports,
            journal=town.folder / "journal",
            reader=FreshReader(open_standin(town.sage.folder)),
            clock=town.desk.office.clock,
            timing=QUICK,
        )
        exporter.recover()
        for _ in range(12):
            report = exporter.step()
            if not SandboxOperator(town.sage).step() and not report.progress:
                break
        town.read_sage()


def type_into(field_: QWidget, text: str) -> None:
    """Types into a field as a person does: what was there is overwritten."""
    inner: QWidget | None = field_
    if not isinstance(field_, QLineEdit | QPlainTextEdit):
        inner = field_.findChild(QLineEdit) or field_.findChild(QPlainTextEdit)
    assert isinstance(inner, QLineEdit | QPlainTextEdit)
    inner.setFocus()
    inner.selectAll()
    if text:
        QTest.keyClicks(inner, text)
    else:
        QTest.keyClick(inner, Qt.Key.Key_Delete)
    QApplication.processEvents()


@contextmanager
def open_house(town: Town, theme: Theme, *, sample: bool = False, attach: bool = True) -> Iterator[House]:
    """A shown window on a sample company; the manager acts first. Closed again at the end."""
    store, worker, bridge = MemoryStore(), Commands(), Bridge()
    window = MainWindow(store, theme)
    problems: list[BaseException] = []

    def report(error: BaseException) -> None:
        window.messages.report(error)
        problems.append(error)

    jobs = Jobs(bridge, report)
    house = House(town, window, jobs, store, worker, theme)
    window.show()
    store.setValue("window/person", town.manager)
    if attach:
        window.attach(town.desk, jobs, worker, sample=sample)
        house.settle()
    try:
        yield house
    finally:
        leave(house)
    assert not [error for error in problems if not hasattr(error, "what")], problems


def leave(house: House) -> None:
    """Closes everything that is open."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog):
            widget.reject()
    house.jobs.close()
    house.window.messages.clear()
    house.window.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    QApplication.processEvents()


def calm(window: QWidget) -> None:
    """Presses count again: the moment after a change ends as by its timer, but is not waited for."""
    pauses = [(pause, pause.interval()) for pause in window.findChildren(Pause) if pause.on]
    for pause, _ in pauses:
        pause.start(0)
    wait_until(lambda: not any(pause.on for pause in window.findChildren(Pause)), "presses count again")
    for pause, usual in pauses:
        pause.setInterval(usual)


def wait_until(condition: Callable[[], bool], what: str, milliseconds: int = 5000) -> None:
    """Runs the event loop until something is so."""
    clock = QElapsedTimer()
    clock.start()
    while not condition():
        assert clock.elapsed() < milliseconds, f"never came true: {what}"
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
