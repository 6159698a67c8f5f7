"""What the sync worker tells, and what a person may ask of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from erpdesk.sync.events import (
    Changed,
    Exporting,
    Idle,
    LossSeen,
    Paused,
    Stopped,
    SyncEvent,
    Syncing,
    Trouble,
    Waiting,
)
from erpdesk.views.kit.actions import ActionRegistry
from erpdesk.views.kit.messages import Messages
from erpdesk.views.kit.status_light import LightState
from erpdesk.views.session import WorkerCommands
from erpdesk.views.status_strip import StatusStrip

JOURNAL = "Export journal"
"""The page that a sentence names when people have to compare the export journal with Sage."""
NO_WORKER = ("There is no connection to Sage in this window.",)


def light_of(event: SyncEvent) -> LightState | None:
    """The light after an event; None for one that does not change it."""
    match event:
        case Syncing():
            return LightState("syncing", done=event.done, total=event.total, what=event.table.replace("_", " "))
        case Idle():
            kind = "issues" if event.problems else "synced"
            return LightState(kind, at=event.last_read, total=event.rows, issues=len(event.problems))
        case Waiting():
            return LightState("waiting", at=event.retry_at, detail=event.text)
        case Paused():
            return LightState("paused")
        case Stopped():
            return LightState("off")
    return None


class SyncNews(QObject):
    """Turns the worker's frozen events into light, counts and messages; passes pause, resume and sync on to it.

    ``changed`` carries the Changes of the worker; ``journal_asked``: a person wants to see the export journal.
    """

    changed = Signal(object)
    journal_asked = Signal()

    def __init__(self, status: StatusStrip, messages: Messages, registry: ActionRegistry, window: QWidget) -> None:
        super().__init__(window)
        self._status = status
        self._messages = messages
        self._registry = registry
        self._window = window
        self._worker: WorkerCommands | None = None
        self._paused = False
        self._problems: tuple[str, ...] = ()
        self._last_read: datetime | None = None
        registry.on("sync.now", self.sync_now)
        registry.on("erp.send_now", self.send_now)
        registry.on("sync.pause", lambda: self.pause(not self._paused))
        status.light.pause_asked.connect(self.pause)
        status.light.sync_asked.connect(self.sync_now)
        status.light.issues_asked.connect(self.show_problems)

    def set_worker(self, worker: WorkerCommands | None) -> None:
        """Whom to ask from now on."""
        self._worker = worker
        for key in ("sync.now", "sync.pause"):
            self._registry.set_offer(key, worker is not None, NO_WORKER)

    def take(self, event: SyncEvent) -> None:
        """Takes one event, on the GUI thread."""
        if isinstance(event, Idle):
            self._last_read, self._problems = event.last_read, event.problems
        light = light_of(event)
        if light is not None:
            self._paused = light.kind == "paused"
            self._status.light.set_state(replace(light, at=self._last_read) if self._paused else light)
            self._registry.action("sync.pause").setText("Resu&me syncing" if self._paused else "&Pause syncing")
        match event:
            case Changed():
                self.changed.emit(event.changes)
            case Exporting():
                self._status.set_exporting(event.count)
            case Trouble() if event.text:
                look = (f"Open {JOURNAL.lower()}", self.journal_asked.emit) if JOURNAL in event.text else None
                self._messages.error(event.text, look, topic="sync", lasting=True)
            case Trouble():
                self._messages.drop("sync")
            case LossSeen():
                self._messages.warning(
                    f"{event.text} Decide under Sage, Reading (Ctrl+Shift+S).", topic=f"loss {event.table}"
                )

    def sync_now(self) -> None:
        """Asks the worker to read Sage now."""
        if self._worker is not None:
            self._worker.sync_now()

    def send_now(self) -> None:
        """Asks the worker to close the files that wait for more items."""
        if self._worker is not None:
            self._worker.close_files()
            self._messages.info("No more items are waited for: the file is written next.", topic="send now")

    def pause(self, pause: bool) -> None:
        """Asks the worker to pause, or to go on."""
        if self._worker is not None:
            if pause:
                self._worker.pause()
            else:
                self._worker.resume()

    def show_problems(self) -> QWidget:
        """Opens the list of what the last read of Sage could not use."""
        from erpdesk.views.dialogs.set_aside import SetAsideDialog

        dialog = SetAsideDialog(self._problems, self._window)
        dialog.sync_asked.connect(self.sync_now)
        dialog.open()
        return dialog
