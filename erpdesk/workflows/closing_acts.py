"""Closing a doubt by hand: one person states what they saw in Sage, another looks there too and confirms (D1, D2)."""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.core.changes import BulkResult, Changes
from erpdesk.core.errors import ChangedMeanwhile, Refused
from erpdesk.core.said import says_something
from erpdesk.models.base import new_id
from erpdesk.models.erp import Attempt, Closing, ClosingState, Evidence, ExportState, Outbox, Saw, Source, Submission
from erpdesk.models.office import Attachment
from erpdesk.models.people import Person
from erpdesk.workflows import by_hand, doubts, snapshots
from erpdesk.workflows.doubt_rows import SAW_WORDS
from erpdesk.workflows.doubts import CLOSING_STEPS, facts_of, why_not_state
from erpdesk.workflows.notices import closing_waits
from erpdesk.workflows.operation import (
    Office,
    Operation,
    Press,
    answer,
    answered,
    bulk_from_text,
    bulk_to_text,
    check_text,
    operation,
)

NO_NOTE = "Write down where in Sage you looked, and what you saw there."
NO_WHY = "Write down why you refuse it: what you saw in Sage yourself."
GONE = "This item is no longer there. The list has been read again."
OVER = "This was answered, withdrawn or settled meanwhile. It has been read again."


class ClosingActs:
    """Stating, confirming, refusing, withdrawing; each act carries the id of the press that asked for it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def state_seen(self, actor: str, submission_id: str, saw: Saw, note: str, op_id: str) -> Changes:
        """Keeps what a person saw in Sage about an item in doubt; it closes nothing until another confirms it.

        Raises Refused with every reason: not in doubt, another statement waits, no note; NotAllowed without the right.
        """
        check_text("The note", note)
        with operation(self._office, actor) as running:
            press = Press.of(op_id, "closing.state", submission_id, saw.value, note)
            if (known := answered(running, press)) is not None:
                return bulk_from_text(known).changes
            submission, outbox = _held(running.session, submission_id)
            waiting = doubts.open_closing(running.session, outbox.id)
            facts = facts_of(running.session, running.person, submission, outbox, waiting)
            reasons = why_not_state(facts)
            if not says_something(note):
                reasons = (*reasons, NO_NOTE)
            if reasons:
                raise Refused(reasons)
            closing = Closing(
                id=new_id(),
                outbox_id=outbox.id,
                saw=saw,
                note=note.strip(),
                state=CLOSING_STEPS.start,
                stated_by=running.person.id,
                stated_at=running.at,
            )
            running.session.add(closing)
            _witness(running, outbox, closing, note.strip())
            running.session.flush()
            _record(running, "close_state", submission, outbox, closing, reason=closing.note)
            closing_waits(running, submission, outbox, closing)
            return _done(running, press)

    def confirm(self, actor: str, closing_id: str, op_id: str, note: str = "") -> Changes:
        """Closes the doubt as another person stated it: the item counts as in Sage, or as failed.

        Raises Refused with every reason, ChangedMeanwhile when Sage showed the item, or somebody answered, meanwhile.
        """
        check_text("The note", note)

        def close(running: Operation, submission: Submission, outbox: Outbox, closing: Closing) -> None:
            before, step = outbox.state, by_hand.OF_SAW[closing.saw]
            facts = facts_of(running.session, running.person, submission, outbox, closing)
            _answer(running, closing, "confirm", facts, note)
            _witness(running, outbox, closing, note.strip())
            # The guard of the outbox looks for the confirmed statement as the database has it.
            running.session.flush()
            by_hand.take(step, outbox, _message(running, outbox, closing), running.at)
            running.session.flush()
            _record(running, step.verb, submission, outbox, closing, before=before, reason=closing.note)

        changes = self._answer_one(actor, closing_id, Press.of(op_id, "closing.confirm", closing_id, note), close)
        self._office.wake.wake()
        return changes

    def refuse(self, actor: str, closing_id: str, why: str, op_id: str) -> Changes:
        """Says that what another person stated is not so; the item stays in doubt. ``why`` is needed."""
        check_text("The reason", why)

        def refuse(running: Operation, submission: Submission, outbox: Outbox, closing: Closing) -> None:
            facts = facts_of(running.session, running.person, submission, outbox, closing)
            if not says_something(why):
                reasons = CLOSING_STEPS.reasons("refuse", closing.state, facts)
                raise Refused((*reasons, NO_WHY))
            _answer(running, closing, "refuse", facts, why)
            _record(running, "close_refuse", submission, outbox, closing, reason=why.strip())

        return self._answer_one(actor, closing_id, Press.of(op_id, "closing.refuse", closing_id, why), refuse)

    def withdraw(self, actor: str, closing_id: str, op_id: str) -> Changes:
        """Takes back what one stated oneself, as long as nobody answered."""

        def withdraw(running: Operation, submission: Submission, outbox: Outbox, closing: Closing) -> None:
            facts = facts_of(running.session, running.person, submission, outbox, closing)
            _answer(running, closing, "withdraw", facts, "")
            _record(running, "close_withdraw", submission, outbox, closing)

        return self._answer_one(actor, closing_id, Press.of(op_id, "closing.withdraw", closing_id), withdraw)

    def _answer_one(
        self,
        actor: str,
        closing_id: str,
        press: Press,
        act: Callable[[Operation, Submission, Outbox, Closing], None],
    ) -> Changes:
        with operation(self._office, actor) as running:
            if (known := answered(running, press)) is not None:
                return bulk_from_text(known).changes
            closing = running.session.get(Closing, closing_id)
            if closing is None:
                raise ChangedMeanwhile([GONE])
            # The export before the statement, in the order in which the worker takes them.
            outbox = running.session.get_one(Outbox, closing.outbox_id, with_for_update=True)
            running.session.refresh(closing, with_for_update=True)
            submission = running.session.get_one(Submission, outbox.submission_id)
            if closing.state is not ClosingState.STATED:
                raise ChangedMeanwhile([OVER])
            if outbox.state is not ExportState.IN_DOUBT:
                raise ChangedMeanwhile([doubts.SETTLED])
            act(running, submission, outbox, closing)
            return _done(running, press)


def _held(session: Session, submission_id: str) -> tuple[Submission, Outbox]:
    submission = session.get(Submission, submission_id)
    outbox = session.scalar(select(Outbox).where(Outbox.submission_id == submission_id).with_for_update())
    if submission is None or outbox is None:
        raise ChangedMeanwhile([GONE])
    return submission, outbox


def _answer(running: Operation, closing: Closing, verb: str, facts: doubts.DoubtFacts, words: str) -> None:
    closing.state = CLOSING_STEPS.apply(verb, closing.state, facts)
    closing.answered_by, closing.answered_at = running.person.id, running.at
    closing.answer = words.strip()


def _done(running: Operation, press: Press) -> Changes:
    answer(running, press, bulk_to_text(BulkResult(changes=running.changes)))
    return running.changes


def _message(running: Operation, outbox: Outbox, closing: Closing) -> str:
    """What is said of the item from now on, with both names."""
    first = running.session.get_one(Person, closing.stated_by).name
    who = f"{first} and {running.person.name} looked in Sage and closed the doubt by hand"
    if closing.saw is Saw.IN_SAGE:
        return f"{who}: {outbox.natural_key} is in Sage, once, as approved."
    return f"{who}: {outbox.natural_key} is not in Sage."


def _witness(running: Operation, outbox: Outbox, closing: Closing, note: str) -> None:
    """Keeps what this person saw as an observation of the live try."""
    attempt = _live(running.session, outbox)
    if attempt is None:
        return
    said = {"closing": closing.id, "note": note, "saw": closing.saw.value, "who": running.person.name}
    detail = json.dumps(said, sort_keys=True, ensure_ascii=False)
    running.session.add(
        Evidence(
            attempt_id=attempt,
            source=Source.PERSON,
            read_began=running.at,
            read_ended=running.at,
            result=closing.saw.value.lower(),
            detail=detail,
            detail_sha=snapshots.sha256(detail),
        )
    )


def _live(session: Session, outbox: Outbox) -> str | None:
    return session.scalar(select(Attempt.id).where(Attempt.outbox_id == outbox.id, Attempt.n == outbox.attempt))


def _record(
    running: Operation,
    act: str,
    submission: Submission,
    outbox: Outbox,
    closing: Closing,
    *,
    before: ExportState | None = None,
    reason: str = "",
) -> None:
    """Writes the entry with everything that it rests on: the evidence of the live try, the attached files, who said so.

    ``before`` is the export state that the act changed.
    """
    session, attempt = running.session, _live(running.session, outbox)
    seen = select(Evidence.id).where(Evidence.attempt_id == attempt).order_by(Evidence.read_ended, Evidence.id)
    files = select(Attachment.sha256).where(
        Attachment.kind == submission.kind, Attachment.ref == submission.item_id, Attachment.removed_at.is_(None)
    )
    running.record(
        act,
        submission.kind,
        submission.item_id,
        before={"export": before.value} if before else None,
        after={"export": outbox.state.value} if before else None,
        reason=reason,
        evidence={
            "submission": submission.id,
            "attempt": attempt,
            "seen": list(session.scalars(seen)),
            "files": sorted(session.scalars(files)),
            "closing": closing.id,
            "stated_by": closing.stated_by,
            "stated_at": closing.stated_at,
            "answered_by": closing.answered_by,
        },
        sage_id=outbox.natural_key,
        saw=SAW_WORDS[closing.saw],
        answer=closing.answer or "",
    )
    running.changes |= Changes.of("submission", submission.id)
