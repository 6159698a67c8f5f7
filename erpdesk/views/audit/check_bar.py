"""The head of the trail, and the check of all of it: how far it is, and what it found."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.card import Card, Check, CheckList
from erpdesk.views.kit.icons import set_icon
from erpdesk.views.kit.jobs import JobsClosed

if TYPE_CHECKING:
    from erpdesk.views.session import Session
    from erpdesk.workflows.audit_check import Verdict
    from erpdesk.workflows.audit_trail import AuditTrail

LOOK_MS = 100
SHOWN_HASH = 16


class Run:
    """One check on its thread: how far it is, and whether it shall end."""

    def __init__(self) -> None:
        self.done, self.total, self.stopped = 0, 0, False

    def tell(self, done: int, total: int) -> None:
        """Hears from the check's thread how many entries of how many are done."""
        self.done, self.total = done, total


class CheckBar(Card):
    """Shows number and hash of the newest entry; the check runs off the GUI thread and can be cancelled."""

    def __init__(self, session: Session, trail: AuditTrail, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._session, self._trail = session, trail
        self._run: Run | None = None
        self.head = QLabel()
        self.head.setTextFormat(Qt.TextFormat.PlainText)
        self.head.setWordWrap(True)
        self.head.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.checks = CheckList()
        self.progress = QProgressBar()
        self.progress.setAccessibleName("How much of the trail is checked")
        self.button = QPushButton("Chec&k the trail")
        self.button.setAutoDefault(False)
        self.button.setToolTip("Looks at every entry, every link and every anchor in the export journal")
        set_icon(self.button, "check", "muted")
        self.cancel = QPushButton("Cancel check")
        self.cancel.setAutoDefault(False)
        words = QVBoxLayout()
        words.setSpacing(6)
        for part in (self.head, self.progress, self.checks):
            words.addWidget(part)
        across = QHBoxLayout()
        across.setSpacing(12)
        across.addLayout(words, 1)
        for button in (self.cancel, self.button):
            across.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(across)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._show_progress)
        self.button.clicked.connect(self.start)
        self.cancel.clicked.connect(self.stop)
        self._show_running(False)

    @property
    def running(self) -> bool:
        """Whether a check is under way."""
        return self._run is not None

    def reload(self) -> None:
        """Reads the head again."""
        self._session.read(self._trail.head, self._take_head, key=(id(self), "head"))

    @Slot()
    def start(self) -> None:
        """Checks the whole trail."""
        if self._run is not None:
            return
        run = self._run = Run()
        actor, trail = self._session.actor, self._trail

        def done(verdict: Verdict) -> None:
            if shiboken6.isValid(self):
                self._take(verdict)

        def failed(error: BaseException) -> None:
            if shiboken6.isValid(self):
                self._failed(error)

        self._show_running(True)
        with contextlib.suppress(JobsClosed):
            self._session.jobs.read(lambda: trail.check(actor, run.tell, lambda: run.stopped), done, failed)

    @Slot()
    def stop(self) -> None:
        """Ends the check that runs."""
        if self._run is not None:
            self._run.stopped = True

    def forget(self) -> None:
        """Ends everything that is under way; the window closes."""
        self.stop()
        self._look.stop()
        self._session.jobs.forget((id(self), "head"))

    def _take_head(self, head: tuple[int, str]) -> None:
        seq, hashed = head
        if not seq:
            self.head.setText("The trail is empty.")
            return
        short = f"{hashed[:SHOWN_HASH]}…"
        self.head.setText(f"Newest entry: {seq:,}, hash {short}")
        self.head.setToolTip(hashed)

    def _take(self, verdict: Verdict) -> None:
        self._run = None
        self._show_running(False)
        if verdict.ended:
            self._take_head(verdict.head)
        self.checks.set_checks(outcome(verdict))

    def _failed(self, error: BaseException) -> None:
        self._run = None
        self._show_running(False)
        if isinstance(error, ForPeople):
            self.checks.set_checks([Check(str(error), "error")])

    def _show_running(self, running: bool) -> None:
        self.progress.setVisible(running)
        self.cancel.setVisible(running)
        self.button.setEnabled(not running)
        if running:
            self.progress.setRange(0, 0)
            self.checks.set_checks(())
            self._look.start()
        else:
            self._look.stop()

    @Slot()
    def _show_progress(self) -> None:
        run = self._run
        if run is not None and run.total:
            self.progress.setRange(0, run.total)
            self.progress.setValue(min(run.done, run.total))


def outcome(verdict: Verdict) -> list[Check]:
    """What a check found, as sentences."""
    notes = [Check(note, "warning") for note in verdict.notes]
    if not verdict.ended:
        return [Check(f"The check was cancelled after {verdict.entries:,} entries; it proves nothing.", "warning")]
    if verdict.broken is not None:
        return [Check(f"The trail is broken. {verdict.broken.text}", "error"), *notes]
    many = "The one entry holds" if verdict.entries == 1 else f"All {verdict.entries:,} entries hold"
    if verdict.anchors:
        with_anchors = "one anchor" if verdict.anchors == 1 else f"{verdict.anchors:,} anchors"
        return [Check(f"{many}, and {with_anchors} in the export journal agree."), *notes]
    alone = (
        f"{many}. The export journal holds no anchor yet: a cut end or a chain made anew could not be noticed. "
        "The first anchor is noted when erpdesk next works with Sage."
    )
    return [Check(alone, "warning"), *notes]
