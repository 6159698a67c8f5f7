"""Something is in Sage more than once: exports of the company stop until somebody has seen that (D4)."""

from __future__ import annotations

from sqlalchemy import select

from erpdesk.core.changes import BulkResult, Changes
from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.core.said import says_something
from erpdesk.core.steps import Offer
from erpdesk.models.erp import ExportState, Outbox, Submission
from erpdesk.models.people import Person
from erpdesk.workflows.doubts import why_no_right
from erpdesk.workflows.erp_item import KINDS
from erpdesk.workflows.operation import (
    Office,
    Press,
    answer,
    answered,
    bulk_from_text,
    bulk_to_text,
    check_text,
    operation,
)

ACT, TITLE = "alarm.acknowledge", "Acknowledge…"
NO_NOTE = "Write down what you found in Sage, and who puts it right."
NOT_TWICE = "Sage does not show this item more than once any more. It has been read again."
SEEN = "It was acknowledged already; exports go on. The item stays here until Sage shows it once."


class AlarmActs:
    """Acknowledging; it carries the id of the press that asked for it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def acknowledge(self, actor: str, submission_id: str, note: str, op_id: str) -> Changes:
        """Notes that somebody has seen that Sage holds an item twice; the exports of the company go on then.

        The item keeps its state until Sage shows it once. Raises Refused without a note, ChangedMeanwhile when it is
        not there twice any more, or somebody was first.
        """
        check_text("The note", note)
        with operation(self._office, actor) as running:
            press = Press.of(op_id, ACT, submission_id, note)
            if (known := answered(running, press)) is not None:
                return bulk_from_text(known).changes
            submission = running.session.get(Submission, submission_id)
            held = select(Outbox).where(Outbox.submission_id == submission_id).with_for_update()
            outbox = running.session.scalar(held)
            if submission is None or outbox is None or outbox.state is not ExportState.DUPLICATE_ALARM:
                raise ChangedMeanwhile([NOT_TWICE])
            item = KINDS[submission.kind].load(running.session, submission.item_id)
            project = None if item is None else KINDS[submission.kind].project_of(item) or None
            if why := why_no_right(running.person, ACT, submission.kind, project):
                raise NotAllowed([why])
            if outbox.acknowledged_at is not None:
                raise ChangedMeanwhile([SEEN])
            if not says_something(note):
                raise Refused([NO_NOTE])
            outbox.acknowledged_by, outbox.acknowledged_at = running.person.id, running.at
            running.record(
                "acknowledge",
                submission.kind,
                submission.item_id,
                before={"acknowledged": False},
                after={"acknowledged": True},
                reason=note.strip(),
                evidence={"submission": submission.id},
                sage_id=outbox.natural_key,
            )
            running.changes |= Changes.of("submission", submission.id)
            answer(running, press, bulk_to_text(BulkResult(changes=running.changes)))
        self._office.wake.wake()
        return running.changes


def offer(person: Person, kind: str, project_id: str | None, outbox: Outbox) -> Offer:
    """The button, and why it can not be pressed now."""
    reasons = [why_no_right(person, ACT, kind, project_id), SEEN if outbox.acknowledged_at is not None else None]
    if outbox.state is not ExportState.DUPLICATE_ALARM:
        reasons.append(NOT_TWICE)
    found = tuple(reason for reason in reasons if reason)
    return Offer("acknowledge", TITLE, not found, found)
