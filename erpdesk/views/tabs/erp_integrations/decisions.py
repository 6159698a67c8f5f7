"""Accept, reject and archive the item on screen; each press acts once and on what was seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from erpdesk.core.changes import BulkResult
from erpdesk.core.errors import ChangedMeanwhile, ForPeople, Refused
from erpdesk.core.steps import Offer
from erpdesk.views.kit.deliberate import Pause
from erpdesk.views.kit.dialogs import ask_comment
from erpdesk.views.kit.reason_button import reasons_text
from erpdesk.views.session import Session, new_press
from erpdesk.views.tabs.erp_integrations.away import waits_words
from erpdesk.views.tabs.erp_integrations.review import ReviewPage
from erpdesk.workflows.rows import QueueRow

WORKING = ("This is being done just now.",)
CHECKING = ("The Sage commitment ID is being checked.",)
NONE_CHOSEN = ("Choose an item first.",)
LOOK_FIRST = ("This is another item, which has just come up. Look at it first.",)
REASON_FIRST = ("Write the reason first: the data of Sage is older than the limit.",)
VERBS = ("accept", "reject", "archive", "unarchive")
SHELVED = {"archive": "is archived.", "unarchive": "stands on its list again."}


class Decisions(QObject):
    """Acts on the item of a page. ``went_on`` carries the row that was decided, ``stale`` that the list is old,

    ``changed`` that what is offered is another.
    """

    went_on = Signal(object)
    stale = Signal()
    changed = Signal()

    def __init__(self, session: Session, page: ReviewPage) -> None:
        super().__init__(page)
        self._session = session
        self._page = page
        self._running = False
        self._decided = ""
        self.away = ""
        """Why Sage is not reached; '' = it is."""
        # After a decision another item stands under the same button: it opens when it can have been seen.
        self._looking = Pause(self)
        self._looking.timeout.connect(self.changed)

    def another_shown(self) -> None:
        """After a decision the next item is on screen."""
        if self._decided:
            self._decided = ""
            self._looking.start()

    def offer(self, verb: str) -> Offer:
        """Whether the act may be done now, and why not."""
        review = self._page.review
        offer = next((offer for offer in review.offers if offer.verb == verb), None) if review else None
        if offer is None:
            return Offer(verb, verb, False, NONE_CHOSEN)
        if self._running or (review is not None and review.row.id == self._decided):
            return Offer(verb, offer.title, False, WORKING)
        if self._looking.on:
            return Offer(verb, offer.title, False, LOOK_FIRST)
        if verb == "accept" and self._page.id_pending:
            return Offer(verb, offer.title, False, CHECKING)
        if verb == "accept" and offer.allowed and self._page.reason_missing:
            return Offer(verb, offer.title, False, REASON_FIRST)
        return offer

    def accept(self) -> None:
        """Accepts exactly what is shown, under the ID in the field."""
        review = self._page.review
        if review is None or not self.offer("accept").allowed:
            return
        desk, actor, press, row = self._session.desk, self._session.actor, new_press(), review.row
        sage_id, reason = self._page.typed_id(), self._page.typed_reason()

        def done(_result: object) -> None:
            waits = f"is accepted as {sage_id}. {waits_words(self.away, False)}"
            self._go_on(row, f"{row.number} {waits if self.away else f'is accepted and goes to Sage as {sage_id}.'}")

        self._session.vouch(
            lambda: self._run(lambda: desk.erp.accept(actor, row.id, sage_id, review.sha256, press, reason), done)
        )

    def ask_reject(self) -> None:
        """Asks for a comment, then gives the item back."""
        review = self._page.review
        if review is None or not self.offer("reject").allowed:
            return
        row = review.row
        ask_comment(
            self._page.window(),
            f"Reject {row.number} {row.title}".strip(),
            "It goes back to the project side, who can correct it and send it again. Your comment tells them why.",
            "Reject",
            then=partial(self._reject, row),
        )

    def _reject(self, row: QueueRow, comment: str) -> None:
        desk, actor, press = self._session.desk, self._session.actor, new_press()

        def done(_result: object) -> None:
            self._go_on(row, f"{row.number} is rejected and can be corrected by the project side.")

        self._run(lambda: desk.erp.reject(actor, row.id, comment, press), done)

    def shelve(self, verb: str) -> None:
        """Puts a finished item aside, or takes it back."""
        review = self._page.review
        if review is None or not self.offer(verb).allowed:
            return
        erp, actor, press, row = self._session.desk.erp, self._session.actor, new_press(), review.row
        act = erp.archive if verb == "archive" else erp.unarchive

        def done(result: BulkResult) -> None:
            if result.not_done:
                self._session.messages.warning(reasons_text(result.not_done[0].reasons), topic="decision")
            else:
                self._go_on(row, f"{row.number} {SHELVED[verb]}")

        self._run(lambda: act(actor, (row.id,), press), done)

    def _go_on(self, row: QueueRow, words: str) -> None:
        self._decided = row.id
        self.went_on.emit(row)
        self._session.messages.success(words)

    def _run(self, act: Callable[[], object], done: Callable[..., object]) -> None:
        self._running = True
        self.changed.emit()
        self._session.act(act, done, self._on_refused, self._on_ended)

    def _on_ended(self) -> None:
        self._running = False
        self.changed.emit()

    def _on_refused(self, error: ForPeople) -> None:
        messages = self._session.messages
        if isinstance(error, ChangedMeanwhile):
            messages.warning(reasons_text(error.reasons), topic="decision")
            self.stale.emit()
        elif isinstance(error, Refused):
            self.stale.emit()
            messages.error(reasons_text(error.reasons) + f" {error.kept}".rstrip(), topic="decision")
        else:
            messages.report(error)
