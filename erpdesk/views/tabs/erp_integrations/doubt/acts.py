"""Carries out what a person wants done about the doubt on screen; each press acts once and on what was seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ChangedMeanwhile, ForPeople, Refused
from erpdesk.core.steps import Offer
from erpdesk.models.erp import Saw
from erpdesk.views.kit.dialogs import ask_comment, confirm
from erpdesk.views.kit.reason_button import reasons_text
from erpdesk.views.session import Session, new_press
from erpdesk.views.tabs.erp_integrations.doubt import words
from erpdesk.views.tabs.erp_integrations.doubt.panel import DoubtPanel
from erpdesk.views.tabs.erp_integrations.doubt.state_dialog import ask_what_was_seen

WORKING = ("This is being done just now.",)
NONE_CHOSEN = ("Choose an item first.",)


class DoubtActs(QObject):
    """Acts on the item of a panel. ``stale``: the list is old; ``changed``: what is offered is another."""

    stale = Signal()
    changed = Signal()

    def __init__(self, session: Session, panel: DoubtPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._panel = panel
        self._running = False
        panel.asked.connect(self._asked)

    @property
    def working(self) -> tuple[str, ...]:
        """Why nothing can be pressed at this moment."""
        return WORKING if self._running else ()

    def offer(self, verb: str) -> Offer:
        """Whether ``state`` or ``acknowledge`` may be done now, and why not."""
        page = self._panel.page
        found = next((each for each in page.offers if each.verb == verb), None) if page else None
        if found is None:
            return Offer(verb, verb, False, NONE_CHOSEN)
        return Offer(verb, found.title, False, WORKING) if self._running else found

    def try_again(self, submission_id: str, name: str) -> None:
        """Sends a refused item once more, after what stood against it was put right."""
        erp, actor, press = self._session.desk.erp, self._session.actor, new_press()
        self._run(lambda: erp.try_again(actor, submission_id, press), f"{name} goes to Sage once more.")

    def state(self) -> None:
        """Asks what the person saw in Sage, and keeps it until another confirms it."""
        page = self._panel.page
        if page is None or not self.offer("state").allowed:
            return
        closing, actor, press = self._session.desk.closing, self._session.actor, new_press()

        def then(saw: Saw, note: str) -> None:
            self._run(
                lambda: closing.state_seen(actor, page.submission_id, saw, note, press),
                f"{page.sage_id}: your statement waits for another approver.",
            )

        ask_what_was_seen(self._panel.window(), page, then)

    def acknowledge(self) -> None:
        """Asks who sees to it, then lets the exports of the company go on."""
        page = self._panel.page
        if page is None or not self.offer("acknowledge").allowed:
            return
        alarm, actor, press = self._session.desk.alarm, self._session.actor, new_press()

        def then(note: str) -> None:
            self._run(
                lambda: alarm.acknowledge(actor, page.submission_id, note, press),
                f"{page.sage_id} is acknowledged; exports go on.",
            )

        ask_comment(
            self._panel.window(),
            f"Acknowledge that {page.sage_id} is in Sage more than once",
            "Exports of this company go on then. Write down what you found in Sage, and who puts it right there. "
            "The item stays under In doubt until Sage shows it once.",
            "Acknowledge",
            then=then,
            required=True,
        )

    def _asked(self, verb: str) -> None:
        page = self._panel.page
        statement = page.waiting if page else None
        if page is None or statement is None or self._running:
            return
        closing, actor, press = self._session.desk.closing, self._session.actor, new_press()
        if verb == "confirm":
            confirm(
                self._panel.window(),
                f"Close the doubt about {page.sage_id}?",
                words.confirm_question(page, statement),
                "Confirm",
                then=lambda: self._run(
                    lambda: closing.confirm(actor, statement.id, press), f"The doubt about {page.sage_id} is closed."
                ),
                danger=True,
            )
        elif verb == "refuse":
            ask_comment(
                self._panel.window(),
                f"Refuse what {statement.stated_by} stated",
                f"{statement.words}, says {statement.stated_by}. Write down what you saw in Sage yourself; "
                f"{page.sage_id} stays in doubt.",
                "Refuse",
                then=lambda why: self._run(
                    lambda: closing.refuse(actor, statement.id, why, press), f"{page.sage_id} stays in doubt."
                ),
                required=True,
            )
        else:
            self._run(
                lambda: closing.withdraw(actor, statement.id, press), f"{page.sage_id}: your statement is withdrawn."
            )

    def _run(self, act: Callable[[], Changes], done: str) -> None:
        self._running = True
        self.changed.emit()
        messages = self._session.messages
        self._session.act(act, lambda _changes: messages.success(done), self._on_refused, self._on_ended)

    def _on_ended(self) -> None:
        self._running = False
        self.changed.emit()

    def _on_refused(self, error: ForPeople) -> None:
        messages = self._session.messages
        if isinstance(error, ChangedMeanwhile):
            messages.warning(reasons_text(error.reasons), topic="decision")
            self.stale.emit()
        elif isinstance(error, Refused):
            messages.error(reasons_text(error.reasons) + f" {error.kept}".rstrip(), topic="decision")
            self.stale.emit()
        else:
            messages.report(error)
