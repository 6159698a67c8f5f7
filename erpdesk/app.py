"""The window program, in order: lock, Qt, window painted; then log, database, migration, workflows, worker.

Nothing is imported before the first paint that the window does not need.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from erpdesk import paths
from erpdesk.views.instance import OnlyInstance
from erpdesk.views.kit.bridge import Bridge
from erpdesk.views.kit.jobs import Jobs
from erpdesk.views.kit.theme import Theme
from erpdesk.views.main_window import MainWindow

if TYPE_CHECKING:
    from erpdesk.company import Company
    from erpdesk.core.changes import Changes
    from erpdesk.sync.sandbox.operator import SandboxOperator

CLOSE_SECONDS = 3.0


class Program(QObject):
    """One run of the window program: what it opened, and how it lets go of it again."""

    def __init__(self, app: QApplication, *, demo: bool) -> None:
        super().__init__()
        self.demo = demo or not paths.site_company().settings.exists()
        self.folder = paths.demo_company() if self.demo else paths.site_company()
        self.company: Company | None = None
        self.operator: SandboxOperator | None = None
        self.settled = False
        self.hung = False
        layout = QSettings(str(paths.layout_file()), QSettings.Format.IniFormat)
        self.theme = Theme(app, str(layout.value("theme", "system")))
        self.window = MainWindow(layout, self.theme)
        self.bridge = Bridge(self, errors=self.window.messages.report)
        self.jobs = Jobs(self.bridge, self.window.messages.report)
        self.bridge.arrived.connect(self._heard)
        self.window.installEventFilter(self)
        app.aboutToQuit.connect(self.close)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Waits for the first paint of the window, then opens the company behind it."""
        if event.type() == QEvent.Type.Paint:
            self.window.removeEventFilter(self)
            QTimer.singleShot(0, self.painted)
        return False

    def painted(self) -> None:
        """The window stands; now everything else may be loaded."""
        mark = os.environ.get("ERPDESK_STARTUP_MARK")
        if mark:
            moment = time.monotonic()
            with open(mark, "w", encoding="utf-8") as file:
                file.write(repr(moment))
            QApplication.quit()
            return
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
        self.company = opened
        self.window.attach(opened.desk, self.jobs, opened.worker, company=opened.settings.company, demo=self.demo)
        opened.worker.start()
        if self.demo:
            from erpdesk import demo

            self.operator = demo.operator(opened.settings)
            self.operator.start()

    def _not_opened(self, error: BaseException) -> None:
        self.window.messages.report(error)
        self.window.could_not_open(str(error))

    def _heard(self, event: object) -> None:
        self.window.sync_event(event)
        if self.demo and not self.settled and type(event).__name__ == "Idle" and self.company is not None:
            from erpdesk import demo

            self.settled = True
            company = self.company
            self.jobs.write(lambda: demo.settle(company.store, company.facts, company.desk), self._settled)

    def _settled(self, changes: Changes) -> None:
        self.window.publish(changes)

    def close(self) -> None:
        """Lets go of everything within a few seconds, whatever hangs."""
        began = time.monotonic()
        if self.operator is not None:
            self.operator.stop(1.0)
        if self.company is not None:
            self.hung = not self.company.worker.stop(CLOSE_SECONDS)
        left = max(0.5, CLOSE_SECONDS - (time.monotonic() - began))
        self.hung = not self.jobs.close(left) or self.hung
        self.bridge.close()
        if self.company is not None and not self.hung:
            self.company.store.close()


def main(*, demo: bool) -> int:
    """Runs the window program; returns its exit code."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("erpdesk")
    program_folder = paths.demo_company() if demo else paths.site_company()
    only = OnlyInstance(program_folder.root)
    if not only.take():
        if only.call_first():
            return 0
        print(
            "erpdesk is already running for this company and does not answer. End it and start again.", file=sys.stderr
        )
        return 1
    program = Program(app, demo=demo)
    only.listen(program.window.to_front)
    program.window.show()
    code = app.exec()
    only.release()
    if program.hung:
        # A read that hangs inside a driver can not be ended from here; nothing of ours is left to write.
        os._exit(code)
    return code
