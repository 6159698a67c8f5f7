"""The window program, in order: lock, Qt, window painted; then log, database, migration, workflows, worker.

Nothing is imported before the first paint that the window does not need.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from erpdesk import paths
from erpdesk.core.errors import ForPeople
from erpdesk.views.frame import Frame
from erpdesk.views.instance import OnlyInstance

if TYPE_CHECKING:
    from erpdesk.company import Company
    from erpdesk.core.changes import Changes
    from erpdesk.paths import CompanyPaths
    from erpdesk.sync.events import SyncEvent
    from erpdesk.sync.sandbox.operator import SandboxOperator
    from erpdesk.views.kit.aside import Aside
    from erpdesk.views.kit.bridge import Bridge
    from erpdesk.views.kit.jobs import Jobs
    from erpdesk.views.main_window import MainWindow

CLOSE_SECONDS = 3.0
MARK = "ERPDESK_STARTUP_MARK"
"""Names a file that gets the moment at which a stage of the start is reached; the program ends then. For benches."""
STAGE = "ERPDESK_STARTUP_STAGE"
"""Which stage: ``painted`` (the frame, the default), ``furnished`` (bars and menus), ``open`` (the lists are there)."""


def application() -> QApplication:
    """The one Qt application of this process."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("erpdesk")
    return app


def _measured(stage: str) -> bool:
    """Writes the moment of this stage when it is the one that is measured, and ends the program."""
    mark = os.environ.get(MARK)
    if not mark or os.environ.get(STAGE, "painted") != stage:
        return False
    moment = time.monotonic()
    with open(mark, "w", encoding="utf-8") as file:
        file.write(repr(moment))
    QApplication.quit()
    return True


def breathe() -> None:
    """Lets the window do what it has to do, for a moment."""
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
    time.sleep(0.005)


class Program(QObject):
    """One run of the window program: what it opened, and how it lets go of it again.

    The frame is on screen first; its content, the company and the worker follow, each when the one before stands.
    """

    jobs: Jobs
    bridge: Bridge
    window: MainWindow

    def __init__(self, folder: CompanyPaths, *, demo: bool) -> None:
        super().__init__()
        self.demo = demo
        self.folder = folder
        self.company: Company | None = None
        self.operator: SandboxOperator | None = None
        self.aside: Aside | None = None
        self.settled = not demo
        """Whether the sample company's projects and commitments are there."""
        self.hung = False
        self.reading = True
        """Whether Sage is being read now."""
        self._layout = QSettings(str(paths.layout_file()), QSettings.Format.IniFormat)
        self.frame = Frame(self._layout)
        self.frame.first_painted.connect(self._painted, Qt.ConnectionType.QueuedConnection)

    @property
    def alive(self) -> bool:
        """Whether the company is open and every tab is there."""
        return self.company is not None and self.window.alive

    def _painted(self) -> None:
        if _measured("painted"):
            return
        importlib.import_module("erpdesk.views.main_window")
        QTimer.singleShot(0, self._furnish)

    def _furnish(self) -> None:
        from erpdesk.views.kit.bridge import Bridge
        from erpdesk.views.kit.jobs import Jobs
        from erpdesk.views.kit.theme import MODES, Theme
        from erpdesk.views.kit.tidy import Tidy
        from erpdesk.views.main_window import MainWindow

        mode, points = (
            str(self._layout.value("theme/mode", "") or ""),
            str(self._layout.value("theme/points", "") or ""),
        )
        # A layout file that somebody edited must not keep the program from opening.
        theme = Theme(
            application(),
            mode if mode in MODES else "system",
            float(points) if points.replace(".", "", 1).isdecimal() else None,
        )
        self.window = MainWindow(self._layout, theme)
        self.bridge = Bridge(self, errors=self.window.messages.report)
        self.jobs = Jobs(self.bridge, self.window.messages.report)
        self.tidy = Tidy(self)
        self.bridge.arrived.connect(self._heard)
        self.window.about_to_close.connect(self.close)
        self.frame.furnish(self.window)
        QTimer.singleShot(0, lambda: _measured("furnished"))
        self.jobs.write(self._open, self._opened, self._not_opened)

    def _open(self) -> Company:
        from erpdesk import logs

        logs.start()
        from erpdesk import company, demo, sample

        if self.demo:
            demo.prepare()
        opened = company.open_company(self.folder, self.bridge.report)
        if self.demo:
            sample.add_people(opened.store)
        return opened

    def _opened(self, opened: Company) -> None:
        from erpdesk import demo
        from erpdesk.caretaker import Care
        from erpdesk.core.station import here
        from erpdesk.sync.post.care import MailCare
        from erpdesk.views.kit.aside import Aside
        from erpdesk.views.sage.tools import SageTools
        from erpdesk.views.settings.tools import SettingsTools

        self.company = opened
        about = (
            ("Company", opened.settings.company),
            ("erpdesk data", str(self.folder.root)),
            ("Sage data folder", opened.settings.sage_folder),
        )
        if self.demo:
            self.operator = demo.operator(opened.settings)
            self.operator.start()
        care = Care(opened, self.folder, self.operator)
        self.aside = Aside(self.bridge, "erpdesk-checkup")
        tools = SageTools(
            book=opened.book,
            worker=opened.worker,
            care=care,
            set_up=care,
            aside=self.aside,
            stand_in=self.operator.company if self.operator is not None else None,
            operator=self.operator,
        )
        desk = opened.desk
        self.window.attach(
            desk,
            self.jobs,
            opened.worker,
            sample=self.demo,
            about=about,
            sage=tools,
            settings=SettingsTools(desk.settings, desk.notices, MailCare(desk.office), self.aside),
            account=None if self.demo else here().login,
        )
        opened.start()

    def _not_opened(self, error: BaseException) -> None:
        if isinstance(error, ForPeople):
            self.window.show_opening_problem(error)

    def _heard(self, event: SyncEvent) -> None:
        if MARK in os.environ and self.alive and self.jobs.idle and _measured("open"):
            return
        self.reading = type(event).__name__ == "Syncing"
        self.window.sync_event(event)
        if not self.settled and type(event).__name__ == "Idle" and self.company is not None:
            from erpdesk import demo

            company = self.company
            self.settled = True
            self.jobs.write(lambda: demo.settle(company.store, company.facts, company.desk), self._settled)

    def _settled(self, changes: Changes) -> None:
        self.window.refresh_company(changes)

    def close(self) -> None:
        """Lets go of everything within a few seconds, whatever hangs."""
        self.frame.hide()
        deadline = time.monotonic() + CLOSE_SECONDS
        if self.aside is not None:
            self.hung = not self.aside.close(1.0)
        if self.operator is not None:
            self.operator.stop(0.5)
        if self.company is not None:
            self.hung = not self.company.worker.stop(max(0.5, deadline - time.monotonic())) or self.hung
            self.hung = not self.company.poster.stop(max(0.5, deadline - time.monotonic())) or self.hung
        self.hung = not self.jobs.close(max(0.5, deadline - time.monotonic())) or self.hung
        self.bridge.close()
        if self.company is not None and not self.hung:
            self.company.close_stores()


def main(*, demo: bool) -> int:
    """Runs the window program; returns its exit code."""
    app = application()
    # Without a company of its own, a workstation shows the sample company.
    demo = demo or not paths.site_company().settings.exists()
    folder = paths.demo_company() if demo else paths.site_company()
    only = OnlyInstance(folder.root)
    if not only.take():
        if only.call_first():
            print("erpdesk is open already; its window was brought to the front.")
            return 0
        print("erpdesk runs already but does not answer. End it and start again.", file=sys.stderr)
        return 1
    program = Program(folder, demo=demo)
    program.frame.first_painted.connect(
        lambda: only.listen(program.frame.come_to_front), Qt.ConnectionType.QueuedConnection
    )
    program.frame.show()
    code = app.exec()
    only.release()
    if program.hung:
        # A read that hangs inside a driver can not be ended from here; nothing of ours is left to write.
        os._exit(code)
    return code
