"""Reads what the screens of doubt show of one item, and which items stop the exports of the company."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.core.money import show_amount
from erpdesk.core.steps import Offer
from erpdesk.models.erp import (
    Attempt,
    Closing,
    ClosingState,
    Evidence,
    ExportState,
    Outbox,
    Saw,
    Source,
    Submission,
    SubmissionState,
)
from erpdesk.models.people import Person
from erpdesk.workflows import alarm_acts, erp_item, erp_queue, rights, snapshots
from erpdesk.workflows.doubt_rows import SAW_WORDS, Alarms, Differs, DoubtPage, Rejection, Seen, Shape, Statement
from erpdesk.workflows.doubts import CLOSING_STEPS, STATE, facts_of, why_not_state
from erpdesk.workflows.erp_item import KINDS, Kind
from erpdesk.workflows.history import names_of
from erpdesk.workflows.operation import Office, person
from erpdesk.workflows.reject_hints import Hint, hint_of
from erpdesk.workflows.rows import QueueRow

MOST_SEEN = 12
"""So many of the newest observations are listed."""

SHAPES: dict[ExportState, Shape] = {
    ExportState.IN_DOUBT: Shape.DOUBT,
    ExportState.CONFLICT: Shape.CONFLICT,
    ExportState.DUPLICATE_ALARM: Shape.TWICE,
    ExportState.REFUSED: Shape.REJECTED,
    ExportState.SAGE_REJECTED: Shape.REJECTED,
    ExportState.CLOSED_ABSENT: Shape.CLOSED,
    ExportState.CLOSED_IN_SAGE: Shape.CLOSED,
}
"""The screen of each export state; the others need none."""

SOURCES: dict[Source, str] = {
    Source.JOURNAL: "Sage’s journal",
    Source.REJECTED: "Rejected records",
    Source.ODBC_NEW: "Unposted in Sage",
    Source.ODBC_MASTER: "Read of Sage",
    Source.LISTING: "Import folder",
    Source.PERSON: "A person",
}

SAID: dict[tuple[Source, str], str] = {
    (Source.JOURNAL, "accepted"): "Says that Sage took it in",
    (Source.JOURNAL, "rejected"): "Says that Sage rejected it",
    (Source.JOURNAL, "exists"): "Says that Sage has this ID already",
    (Source.JOURNAL, "stopped"): "Says that the import was stopped",
    (Source.JOURNAL, "unclear"): "Does not say what became of it",
    (Source.JOURNAL, "foreign"): "Is about something else",
    (Source.REJECTED, "gave back"): "Sage gave this record back",
    (Source.REJECTED, "not this one"): "This record is not among them",
    (Source.LISTING, "staging"): "The file is not in the import folder yet",
    (Source.LISTING, "mailbox"): "The file waits for Sage’s import",
    (Source.LISTING, "withdrawn"): "The file was taken back",
    (Source.LISTING, "archived"): "The file was put away",
    (Source.LISTING, "missing"): "The file is gone",
    (Source.PERSON, "in_sage"): SAW_WORDS[Saw.IN_SAGE],
    (Source.PERSON, "absent"): SAW_WORDS[Saw.ABSENT],
}
READ: dict[str, str] = {
    "unread": "Could not be read",
    "absent": "Not there",
    "unposted": "There as approved, waits to be posted",
    "equal": "There once, as approved",
    "different": "There, but not as approved",
    "several": "There more than once",
    "baseline": "Read before the file was put into the import folder",
}
"""What a read of Sage showed, in words."""


class Doubts:
    """Reads for the screens of doubt; each is short and shows a person only what that person may see."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def of(self, submission_id: str, actor: str) -> DoubtPage | None:
        """What a person has to know of an item, and may do about it; None for one that needs nobody.

        Raises NotAllowed for an item that this person may not see.
        """
        with self._office.store.reading() as session:
            acting = person(session, actor)
            found = session.execute(
                select(Submission, Outbox)
                .join(Outbox, Outbox.submission_id == Submission.id)
                .where(Submission.id == submission_id)
            ).first()
            row = erp_queue.by_id(self._office, session, (submission_id,)).get(submission_id)
            if found is None or row is None:
                return None
            erp_queue.demand_sight(acting, row)
            submission, outbox = found
            shape = SHAPES.get(outbox.state) if submission.state is SubmissionState.ACCEPTED else None
            return None if shape is None else _page(session, acting, row, submission, outbox, shape)

    def rejection(self, kind: str, item_id: str, actor: str) -> Rejection | None:
        """Why Sage did not take the version of an item that was sent last, for the page of the project side.

        None for an item that Sage did not refuse, or that was sent again since, or that this person may not see.
        """
        with self._office.store.reading() as session:
            acting = person(session, actor)
            item = KINDS[kind].load(session, item_id)
            if item is None or rights.why_not(acting, f"{kind}.read", KINDS[kind].project_of(item) or None):
                return None
            submission, outbox = erp_item.last_submission(session, kind, item_id)
            if submission is None or outbox is None or outbox.state not in erp_item.FAILED:
                return None
            return Rejection(outbox.message, _hint(submission, outbox))

    def alarms(self, actor: str) -> Alarms:
        """What stops the exports of the company until somebody acknowledges it."""
        with self._office.store.reading() as session:
            acting = person(session, actor)
            stops = (Outbox.state == ExportState.DUPLICATE_ALARM, Outbox.acknowledged_at.is_(None))
            held = session.execute(select(Outbox.submission_id, Outbox.natural_key).where(*stops)).all()
            rows = erp_queue.by_id(self._office, session, [each.submission_id for each in held])
            seen = [
                (row.id, row.kind, row.sage_id)
                for row in rows.values()
                if not rights.why_not(acting, f"{row.kind}.read", row.project_id or None)
            ]
            return Alarms(tuple(seen), len(held) - len(seen))


def _page(
    session: Session, acting: Person, row: QueueRow, submission: Submission, outbox: Outbox, shape: Shape
) -> DoubtPage:
    kind = KINDS[submission.kind]
    names = names_of(session)
    evidence = _evidence(session, outbox)
    told = [each for each in evidence if each.result != "baseline"]
    closings = session.scalars(
        select(Closing).where(Closing.outbox_id == outbox.id).order_by(Closing.stated_at.desc(), Closing.id)
    ).all()
    waiting = next((each for each in closings if each.state is ClosingState.STATED), None)
    closed = why_not_state(facts_of(session, acting, submission, outbox, waiting))
    return DoubtPage(
        submission_id=submission.id,
        item_id=submission.item_id,
        kind=kind.name,
        noun=kind.noun[0],
        sage_id=outbox.natural_key,
        shape=shape,
        what=outbox.message or f"{shape.value}.",
        todo=_todo(kind, row, shape, names.get(waiting.stated_by, "") if waiting else None),
        seen=tuple(_seen(each) for each in told[:MOST_SEEN]),
        earlier=max(0, len(told) - MOST_SEEN),
        differences=_differences(evidence) if shape is Shape.CONFLICT else (),
        statements=tuple(_statement(session, acting, submission, outbox, each, names) for each in closings),
        offers=(
            Offer(STATE.verb, STATE.title, not closed, closed),
            alarm_acts.offer(acting, kind.name, row.project_id or None, outbox),
        ),
        hint=_hint(submission, outbox) if shape is Shape.REJECTED else None,
        acknowledged_by=names.get(outbox.acknowledged_by or "", ""),
        acknowledged_at=outbox.acknowledged_at,
    )


def _evidence(session: Session, outbox: Outbox) -> Sequence[Evidence]:
    """Everything observed of the live try, the newest first."""
    asked = (
        select(Evidence)
        .join(Attempt, Attempt.id == Evidence.attempt_id)
        .where(Attempt.outbox_id == outbox.id, Attempt.n == outbox.attempt)
        .order_by(Evidence.read_ended.desc(), Evidence.id)
    )
    return session.scalars(asked).all()


def _seen(evidence: Evidence) -> Seen:
    printed = evidence.source in (Source.JOURNAL, Source.REJECTED)
    detail = {} if printed else _told(evidence.detail)
    words = SAID.get((evidence.source, evidence.result)) or READ.get(evidence.result, evidence.result.capitalize())
    if problem := detail.get("problem"):
        words = f"{words}: {problem}"
    if evidence.source is Source.PERSON and detail.get("who"):
        words = f"{detail['who']}: {words}" + (f". “{detail['note']}”" if detail.get("note") else "")
    return Seen(evidence.id, SOURCES[evidence.source], evidence.read_ended, words, evidence.detail if printed else "")


def _told(detail: str) -> Mapping[str, Any]:
    try:
        told = json.loads(detail or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _differences(evidence: Sequence[Evidence]) -> tuple[Differs, ...]:
    """Field by field, from the newest read of Sage that showed the item otherwise."""
    reads = (each for each in evidence if each.source in (Source.ODBC_MASTER, Source.ODBC_NEW))
    newest = next((each for each in reads if each.result == "different"), None)
    listed = _told(newest.detail).get("differences", ()) if newest else ()
    return tuple(_differs(each) for each in listed)


def _differs(told: object) -> Differs:
    """One difference; older evidence keeps it as one sentence: ``Title: approved A, in Sage B``."""
    if isinstance(told, list | tuple) and len(told) == 3:
        field, approved, in_sage = (str(part) for part in told)
        return Differs(field, approved, in_sage)
    field, _, rest = str(told).partition(": approved ")
    approved, _, in_sage = rest.rpartition(", in Sage ")
    return Differs(field, approved, in_sage) if rest else Differs(str(told), "", "")


def _statement(
    session: Session,
    acting: Person,
    submission: Submission,
    outbox: Outbox,
    closing: Closing,
    names: Mapping[str, str],
) -> Statement:
    state = closing.state
    if state is ClosingState.STATED and outbox.state is not ExportState.IN_DOUBT:
        # What Sage shows was there first; the statement is noted as overtaken when it is touched next.
        state = ClosingState.OVERTAKEN
    offers: tuple[Offer, ...] = ()
    if state is ClosingState.STATED:
        facts = facts_of(session, acting, submission, outbox, closing)
        offers = tuple(CLOSING_STEPS.offer(verb, state, facts) for verb in ("confirm", "refuse", "withdraw"))
    return Statement(
        id=closing.id,
        saw=closing.saw,
        words=SAW_WORDS[closing.saw],
        note=closing.note,
        state=state,
        stated_by=names.get(closing.stated_by, ""),
        stated_at=closing.stated_at,
        answered_by=names.get(closing.answered_by or "", ""),
        answered_at=closing.answered_at,
        answer=closing.answer,
        offers=offers,
    )


def _hint(submission: Submission, outbox: Outbox) -> Hint | None:
    if outbox.state is ExportState.CLOSED_ABSENT:
        return None
    return hint_of(outbox.message, snapshots.from_text(submission.payload, sage_id=outbox.natural_key).lines)


def _todo(kind: Kind, row: QueueRow, shape: Shape, stated_by: str | None) -> tuple[str, ...]:
    """What a person does in Sage, step by step, in the words of Sage's menus.

    ``stated_by`` has said already what they saw (None = nobody has).
    """
    name = f"{kind.noun[0]} {row.sage_id}"
    job, vendor = f" of job {row.job}" if row.job else "", f", vendor {row.vendor}" if row.vendor else ""
    look, correct = kind.look_at or "the inquiry of its module", kind.correct_at or "its own window"
    if shape is Shape.DOUBT:
        return (
            f"In Sage, open {look} and look for {name}{job}{vendor}. It should be there once, with "
            f"{show_amount(row.amount)} in all.",
            "See that nobody is importing at this moment, and that no import was left waiting for an answer.",
            "Press Look again now: erpdesk reads Sage, and settles it by itself if it can.",
            "If it still can not tell, close it by hand: say what you saw, and another approver confirms it."
            if stated_by is None
            else f"{stated_by} has said what they saw. Another approver looks in Sage too, and confirms or refuses.",
        )
    if shape is Shape.CONFLICT:
        return (
            f"In Sage, open {correct}, {name}{job}, and set the fields above to what was approved.",
            "Press Look again now: it turns to synced when both agree. erpdesk changes neither side by itself.",
        )
    if shape is Shape.TWICE:
        return (
            f"In Sage, open {look}: {name}{job} is there more than once. Find out which one is what was "
            f"approved{vendor}, {show_amount(row.amount)} in all.",
            f"In {correct}, delete the other one, then press Look again now: the alarm ends when Sage shows it once.",
            "Acknowledge it as soon as somebody sees to it: exports go on, and it stays here until Sage shows it once.",
        )
    return ()
