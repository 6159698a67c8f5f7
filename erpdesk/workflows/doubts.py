"""Items that need a person after they were accepted: in doubt, different in Sage, twice in Sage, rejected by Sage.

Who may close a doubt by hand, and when, stands in the steps below; it takes two people (D1, D2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.core.steps import Step, StepTable, Who
from erpdesk.models.erp import Closing, ClosingState, ExportState, Outbox, Submission
from erpdesk.models.people import Person
from erpdesk.workflows import rights
from erpdesk.workflows.erp_item import KINDS
from erpdesk.workflows.sign_in_hands import REMEDY, setters, setters_at

WHERE = "ERP Integrations"
STATED_YOURSELF = "You stated this yourself. Another approver looks in Sage, and confirms or refuses it."
SENT_YOURSELF = "You sent this item yourself; another approver has to confirm what Sage holds."
SETTLED = "What Sage shows has settled this meanwhile. Nothing has to be closed by hand any more."
NO_DOUBT = "Only what is in doubt is closed by hand. A difference is corrected in Sage, a second one is deleted there."
WAITS = "{name} stated already what they saw in Sage. Confirm or refuse that, or have it withdrawn, first."
LEFT = "{name}, who stated this, is not an accounting approver any more. Refuse it, and state what you see yourself."
YOU_SET = "You set how {name} signs in, so you and {name} count as one person here. Another approver confirms it."
SET_YOURS = "{name} set how you sign in, so you and {name} count as one person here until you {remedy}."
ONLY_YOURS = "Only {name}, who stated this, can withdraw it. Refuse it if you saw something else."


@dataclass(frozen=True)
class DoubtFacts:
    """What the guards look at: who acts on an item of which kind and project, who stated what was seen.

    ``one_hand`` are the reasons why those who decide here may be one person, ``left`` is the name of somebody who
    stated it and could not any more.
    """

    kind: str
    person: Person
    project_id: str | None
    sent_by: str
    export: ExportState
    stated_by: str = ""
    stated_name: str = ""
    one_hand: tuple[str, ...] = ()
    left: str = ""


def why_no_right(person: Person, act: str, kind: str, project_id: str | None) -> str | None:
    """Why a person may not do this with items of a kind in a project: the privilege, the project, the kind (H3, H4)."""
    return rights.why_not(person, act, project_id) or rights.why_not_kind(person, kind, rights.EXPORT)


def _right(act: str) -> Callable[[DoubtFacts], str | None]:
    def guard(facts: DoubtFacts) -> str | None:
        return why_no_right(facts.person, act, facts.kind, facts.project_id)

    return guard


def _one_at_a_time(facts: DoubtFacts) -> str | None:
    return WAITS.format(name=facts.stated_name) if facts.stated_by else None


def _still_open(facts: DoubtFacts) -> str | None:
    return None if facts.export is ExportState.IN_DOUBT else SETTLED


def _another(facts: DoubtFacts) -> str | None:
    return STATED_YOURSELF if facts.stated_by == facts.person.id else None


def _not_the_sender(facts: DoubtFacts) -> str | None:
    return SENT_YOURSELF if facts.sent_by == facts.person.id else None


def _two_hands(facts: DoubtFacts) -> tuple[str, ...]:
    return facts.one_hand


def _still_there(facts: DoubtFacts) -> str | None:
    return LEFT.format(name=facts.left) if facts.left else None


def _own(facts: DoubtFacts) -> str | None:
    return None if facts.stated_by == facts.person.id else ONLY_YOURS.format(name=facts.stated_name)


_SECOND = (_right("closing.confirm"), _still_open, _another, _not_the_sender, _two_hands, _still_there)

STATE = Step(
    "state",
    "Close by hand…",
    (ExportState.IN_DOUBT,),
    ExportState.IN_DOUBT,
    Who.ACCOUNTING,
    WHERE,
    optional=True,
    guards=(_right("closing.state"), _one_at_a_time),
    not_now=NO_DOUBT,
)
"""Stating what was seen in Sage; the item stays in doubt until another person confirms it."""

ANSWERED = "This was answered, withdrawn or settled already."

CLOSING_STEPS: StepTable[ClosingState] = StepTable(
    "Statement about a doubt",
    ClosingState.STATED,
    (ClosingState.CONFIRMED, ClosingState.REFUSED, ClosingState.WITHDRAWN, ClosingState.OVERTAKEN),
    Step(
        "confirm",
        "Confirm…",
        (ClosingState.STATED,),
        ClosingState.CONFIRMED,
        Who.ACCOUNTING,
        WHERE,
        guards=_SECOND,
        not_now=ANSWERED,
    ),
    Step(
        "refuse",
        "Refuse…",
        (ClosingState.STATED,),
        ClosingState.REFUSED,
        Who.ACCOUNTING,
        WHERE,
        guards=(_right("closing.refuse"), _still_open, _another),
        not_now=ANSWERED,
    ),
    Step(
        "withdraw",
        "Withdraw",
        (ClosingState.STATED,),
        ClosingState.WITHDRAWN,
        Who.ACCOUNTING,
        WHERE,
        guards=(_right("closing.withdraw"), _still_open, _own),
        not_now=ANSWERED,
    ),
    Step(
        "overtake", "Overtaken by what Sage shows", (ClosingState.STATED,), ClosingState.OVERTAKEN, Who.ERPDESK, "Sage"
    ),
)
"""What becomes of what somebody stated."""


def why_not_state(facts: DoubtFacts) -> tuple[str, ...]:
    """Every reason why a person can not state what they saw; empty when they can."""
    if facts.export not in STATE.sources:
        return (STATE.not_now,)
    found = (guard(facts) for guard in STATE.guards)
    return tuple(reason for reason in found if isinstance(reason, str))


def facts_of(
    session: Session, acting: Person, submission: Submission, outbox: Outbox, closing: Closing | None
) -> DoubtFacts:
    """What the guards look at, as the database has it at this moment; ``closing`` is the statement that is meant."""
    kind = KINDS[submission.kind]
    item = kind.load(session, submission.item_id)
    project = None if item is None else kind.project_of(item) or None
    if closing is None:
        return DoubtFacts(kind.name, acting, project, submission.sent_by, outbox.state)
    stated = session.get_one(Person, closing.stated_by)
    left = not stated.active or why_no_right(stated, "closing.state", kind.name, project) is not None
    hands = (
        _why_one_hand(session, acting, stated.id, closing.stated_at),
        _why_one_hand(session, acting, submission.sent_by, submission.sent_at),
    )
    return DoubtFacts(
        kind=kind.name,
        person=acting,
        project_id=project,
        sent_by=submission.sent_by,
        export=outbox.state,
        stated_by=stated.id,
        stated_name=stated.name,
        one_hand=tuple(dict.fromkeys(each for each in hands if each)),
        left=stated.name if left else "",
    )


def _why_one_hand(session: Session, acting: Person, other_id: str, at: datetime) -> str:
    """Why two people count as one here, as one of them could have acted as the other (H14); '' when they do not."""
    other = session.get(Person, other_id)
    if other is None or other.id == acting.id:
        return ""
    if acting.id in setters(other) | setters_at(session, other.id, at):
        return YOU_SET.format(name=other.name)
    if other.id in setters(acting):
        return SET_YOURS.format(name=other.name, remedy=REMEDY)
    return ""


def open_closing(session: Session, outbox_id: str) -> Closing | None:
    """The statement about an item that waits for a second person."""
    asked = select(Closing).where(Closing.outbox_id == outbox_id, Closing.state == ClosingState.STATED)
    return session.scalar(asked)


def overtake(session: Session, outbox_id: str, at: datetime) -> str:
    """Ends a statement that still waits, because evidence has moved the item; answers its id, '' when none waited.

    Call it in the transaction that moves the item out of doubt.
    """
    closing = open_closing(session, outbox_id)
    if closing is None:
        return ""
    closing.state = CLOSING_STEPS.find("overtake", closing.state).target
    closing.answered_at, closing.answer = at, SETTLED
    return closing.id


def who_may_confirm(
    session: Session, submission: Submission, outbox: Outbox, closing: Closing, among: Iterable[Person]
) -> list[Person]:
    """Those who could confirm a statement now."""
    return [
        each
        for each in among
        if not CLOSING_STEPS.reasons("confirm", closing.state, facts_of(session, each, submission, outbox, closing))
    ]
