"""Accept, reject and archive several items: one question, one act, one result."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from erpdesk.core.changes import BulkResult, NotDone
from erpdesk.core.errors import ForPeople
from erpdesk.core.money import ZERO
from erpdesk.core.steps import Offer
from erpdesk.views.kit.dialogs import confirm
from erpdesk.views.session import Session, new_press
from erpdesk.views.tabs.erp_integrations.away import waits_words
from erpdesk.views.tabs.erp_integrations.bulk import BulkPanel, count_words, money, total_words
from erpdesk.views.tabs.erp_integrations.bulk_items import Warned, warnings_of
from erpdesk.workflows.console_rows import BulkPreview, View
from erpdesk.workflows.erp_console import Console
from erpdesk.workflows.rows import QueueRow

WORKING = ("This is being done just now.",)
DONE = {"accept": "accepted", "reject": "rejected", "archive": "archived", "unarchive": "taken back"}
DOING = {"accept": "Accepting", "reject": "Rejecting", "archive": "Archiving", "unarchive": "Taking back"}
VERBS: dict[View, tuple[str, ...]] = {
    View.READY_TO_IMPORT: ("accept", "reject"),
    View.READY_TO_EXPORT: ("accept", "reject"),
    View.READY_TO_UPDATE: ("accept", "reject"),
    View.FAILED_TO_EXPORT: ("reject",),
    View.SYNCED: ("archive",),
    View.ARCHIVED: ("unarchive",),
}
"""What can be done with several items of a view; whether it may be is asked of each item."""


class BulkActs(QObject):
    """Acts on what the panel shows. ``left`` carries the ids that were not done, ``changed`` that offers did."""

    left = Signal(object)
    changed = Signal()

    def __init__(self, session: Session, console: Console, panel: BulkPanel, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._console = console
        self._panel = panel
        self._window = window
        self._noun = ("item", "items")
        self._verbs: tuple[str, ...] = ()
        self.running = False
        self.away = ""
        """Why Sage is not reached; '' = it is."""

    def show(self, rows: list[QueueRow], view: View, noun: tuple[str, str], may_push: bool) -> None:
        """Shows the selected items of a view; without the privilege there is nothing to press (J2)."""
        self._noun = noun
        self._verbs = VERBS.get(view, ()) if may_push else ()
        self._panel.show_rows(rows, self._verbs)

    def offer(self, verb: str) -> Offer:
        """Whether the act may be begun now; each item is judged when it is."""
        if self.running:
            return Offer(verb, verb, False, WORKING)
        if verb not in self._verbs:
            return Offer(verb, verb, False, (f"Items of this view can not be {DONE[verb]}.",))
        return Offer(verb, verb, True)

    def begin(self, verb: str) -> None:
        """Asks what can be done, then the person, then does it."""
        ids, actor = self._panel.ids, self._session.actor
        if not self.offer(verb).allowed:
            return
        if verb in ("archive", "unarchive"):
            self._ask_shelf(verb, ids)
            return
        judge = self._console.accept_preview if verb == "accept" else self._console.reject_preview
        self._set_running(True, f"Looking at {count_words(len(ids), self._noun)} …")
        console = self._console

        def look() -> tuple[BulkPreview, Warned]:
            preview = judge(actor, ids)
            return preview, warnings_of(console, actor, preview) if verb == "accept" else {}

        self._session.act(look, partial(self._ask, verb), self._session.messages.report, self._on_ended)

    def _ask(self, verb: str, answer: tuple[BulkPreview, Warned]) -> None:
        from erpdesk.views.tabs.erp_integrations.bulk_dialog import ask_accept, ask_reject

        preview, warned = answer
        if not preview.picks:
            left = tuple(NotDone(row.id, row.number, reasons) for row, reasons in preview.cannot)
            self._tell(verb, BulkResult((), left))
            return
        window = self._window.window()
        if verb == "accept":
            ask_accept(window, preview, self._noun, self._panel.rows, warned, partial(self._accept, preview))
        else:
            ask_reject(window, preview, self._noun, partial(self._reject, preview))

    def _accept(self, preview: BulkPreview, reason: str) -> None:
        acts, actor, press = self._session.desk.erp, self._session.actor, new_press()
        self._session.vouch(
            lambda: self._do("accept", preview, lambda: acts.accept_many(actor, preview.picks, press, reason))
        )

    def _reject(self, preview: BulkPreview, comment: str) -> None:
        acts, actor, press = self._session.desk.erp, self._session.actor, new_press()
        ids = tuple(pick.submission_id for pick in preview.picks)
        self._do("reject", preview, lambda: acts.reject_many(actor, ids, comment, press))

    def _ask_shelf(self, verb: str, ids: tuple[str, ...]) -> None:
        count, act = count_words(len(ids), self._noun), "Archive" if verb == "archive" else "Take back"
        what = (
            "They leave the list Synced and stand under Archived, with their history; you can take them back."
            if verb == "archive"
            else "They stand on their lists again."
        )
        total = total_words(self._panel.rows)
        confirm(
            self._window.window(), f"{act} {count}?", f"{count}, {total}. {what}", act, partial(self._shelf, verb, ids)
        )

    def _shelf(self, verb: str, ids: tuple[str, ...]) -> None:
        acts, actor, press = self._session.desk.erp, self._session.actor, new_press()
        act = acts.archive if verb == "archive" else acts.unarchive
        self._do(verb, None, lambda: act(actor, ids, press))

    def _do(self, verb: str, preview: BulkPreview | None, act: Callable[[], BulkResult]) -> None:
        count = len(preview.picks) if preview else len(self._panel.ids)
        self._set_running(True, f"{DOING[verb]} {count_words(count, self._noun)} …")

        def done(result: BulkResult) -> None:
            known = {each.id for each in result.not_done}
            before = preview.cannot if preview else ()
            more = tuple(NotDone(row.id, row.number, why) for row, why in before if row.id not in known)
            self._tell(verb, BulkResult(result.done, (*result.not_done, *more), result.changes))

        self._session.act(act, done, self._on_refused, self._on_ended)

    def _tell(self, verb: str, result: BulkResult) -> None:
        amounts = {row.id: row.amount for row in self._panel.rows}
        amount = money(sum((amounts[each] for each in result.done if each in amounts), ZERO))
        self._panel.show_outcome(DONE[verb], result)
        if not result.not_done:
            goes = f" {waits_words(self.away, len(result.done) > 1)}" if verb == "accept" else ""
            done = count_words(len(result.done), self._noun)
            self._session.messages.success(f"{done}, {amount}: {DONE[verb]}.{goes}")
            self._panel.forget()
        self.left.emit(tuple(each.id for each in result.not_done))

    def _on_refused(self, error: ForPeople) -> None:
        self._session.messages.report(error)

    def _on_ended(self) -> None:
        self._set_running(False, "")

    def _set_running(self, running: bool, words: str) -> None:
        self.running = running
        self._panel.set_doing(words)
        self.changed.emit()
