"""The privilege “Can push to accounting”: one person asks for it, a second one confirms, and either act is audited.

Whatever would let one person decide twice takes the right away until a second person confirms it anew.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.models.people import GrantState, Person, PushGrant, Right, Tool
from erpdesk.workflows import rights
from erpdesk.workflows.operation import Operation
from erpdesk.workflows.people_checks import PERSON, found
from erpdesk.workflows.people_rows import GrantRow
from erpdesk.workflows.sign_in_hands import REMEDY, setters, setters_at

ONESELF = "Nobody gives “Can push to accounting” to themselves. Another administrator has to ask for it."
SIGN_IN_CHANGED = "{by} changed how {name} signs in, so the right waits for a second person again."
ASK_ANEW = "{by} changed how {name} signs in, so what was asked for has to be asked for again."
YOU_SET = "You set how {name} signs in, so you and {name} count as one person here."
SET_YOURS = "{name} set how you sign in, so you and {name} count as one person here until you {remedy}."
GAVE_YOURS = "{name} asked for your own right, and you do not yet sign in with a password of your own: {remedy}."
INSTEAD = "{names} could confirm it instead."
NOBODY = (
    "Nobody else can confirm it now: an approver or another administrator has to set a password of their own at their "
    "own computer first."
)
LEFT = "{name} is no longer active."
FEW_APPROVERS = (
    "{count} active {people} could push to accounting. What an approver sent, another one has to accept: "
    "ask for the right for one more person."
)


def ask(running: Operation, person_id: str, reason: str) -> None:
    """Asks that somebody gets the right; raises Refused with every reason."""
    running.demand("push.request")
    target = found(running.session, person_id)
    reasons: list[str] = []
    if target.id == running.person.id:
        reasons.append(ONESELF)
    if not target.active:
        reasons.append(LEFT.format(name=target.name))
    if target.can_push:
        reasons.append(f"{target.name} has the right already.")
    if _open_request(running.session, person_id):
        reasons.append(f"Somebody has asked for {target.name} already; the request waits for a second person.")
    if not reason.strip():
        reasons.append("Write down why this person needs the right.")
    if reasons:
        raise Refused(reasons)
    _request(running, target, reason.strip())


def decide(running: Operation, grant_id: str, confirm: bool, reason: str) -> None:
    """Confirms or refuses a request; every right is read at this moment, also that of the person who asked."""
    grant = running.session.get(PushGrant, grant_id)
    if grant is None:
        raise ChangedMeanwhile(["This request is no longer there. The list has been read again."])
    if why := why_not_answer(running.session, running.person, grant, confirm=confirm):
        raise NotAllowed(why)
    if not confirm and not reason.strip():
        raise Refused(["Write down why the request is refused."])
    target = found(running.session, grant.person_id)
    grant.state = GrantState.CONFIRMED if confirm else GrantState.REFUSED
    grant.answered_by, grant.answered_at = running.person.id, running.at
    # The confirmed request is in the database before the right that it gives.
    running.session.flush()
    target.can_push = confirm
    running.record(
        "push_confirm" if confirm else "push_refuse",
        PERSON,
        target.id,
        before={"can_push": False},
        after={"can_push": confirm},
        reason=reason.strip(),
        evidence={"request": grant.id, "asked_by": grant.requested_by, "asked_at": grant.requested_at},
    )


def take(running: Operation, person_id: str, reason: str) -> None:
    """Takes the right from somebody, or gives up one's own; a request that waits is withdrawn with it."""
    if person_id != running.person.id:
        running.demand("push.withdraw")
    target = found(running.session, person_id)
    if not lose(running, target, reason.strip()):
        raise ChangedMeanwhile([f"{target.name} does not have the right, and nobody has asked for it."])


def lose(running: Operation, target: Person, reason: str) -> bool:
    """Takes the right and withdraws what gave it or asked for it; False when there was nothing to take."""
    grants = running.session.scalars(
        select(PushGrant).where(
            PushGrant.person_id == target.id, PushGrant.state.in_((GrantState.REQUESTED, GrantState.CONFIRMED))
        )
    ).all()
    if not target.can_push and not grants:
        return False
    for grant in grants:
        grant.state = GrantState.WITHDRAWN
    had, target.can_push = target.can_push, False
    running.record(
        "push_withdraw", PERSON, target.id, before={"can_push": had}, after={"can_push": False}, reason=reason
    )
    return True


def sign_in_changed(running: Operation, target: Person) -> None:
    """After somebody else changed how an approver signs in: the right goes, and is asked for anew in the same act.

    A request that waits for somebody who has no right yet is withdrawn. Otherwise one person could sign in as another
    and be both the sender and the approver.
    """
    if target.id == running.person.id:
        return
    if not target.can_push:
        # What was asked for was asked for the person who signed in as before.
        lose(running, target, ASK_ANEW.format(by=running.person.name, name=target.name))
        return
    reason = SIGN_IN_CHANGED.format(by=running.person.name, name=target.name)
    lose(running, target, reason)
    running.session.flush()
    _request(running, target, reason)


def why_not_answer(session: Session, acting: Person, grant: PushGrant, *, confirm: bool) -> tuple[str, ...]:
    """Why a person can not answer a request, as sentences; () when they can."""
    target = session.get_one(Person, grant.person_id)
    asker = session.get_one(Person, grant.requested_by)
    reasons: list[str] = []
    if grant.state is not GrantState.REQUESTED:
        reasons.append(f"This request was answered already: {grant.state.value.lower()}.")
    if why := rights.why_not(acting, "push.confirm" if confirm else "push.refuse"):
        reasons.append(why)
    if acting.id == grant.requested_by:
        reasons.append("You asked for this yourself; a second person has to answer.")
    if acting.id == grant.person_id:
        reasons.append("The right would be your own; somebody else has to answer.")
    if confirm and not target.active:
        reasons.append(LEFT.format(name=target.name))
    if confirm and rights.why_not(asker, "push.request"):
        reasons.append(f"{asker.name}, who asked, may no longer ask for this right. Refuse the request.")
    if confirm and not reasons and (hands := _one_hand(session, acting, asker, target, grant)):
        reasons += (*hands, _who_could(session, asker, target, grant))
    return tuple(reasons)


def _one_hand(session: Session, acting: Person, asker: Person, target: Person, grant: PushGrant) -> tuple[str, ...]:
    """Why a confirmer is no second person: one could have acted as the other, or got the right to confirm from them."""
    reasons: list[str] = []
    mine = setters(acting)
    then = {asker.id: setters_at(session, asker.id, grant.requested_at)}
    for other in (asker, target):
        if acting.id in setters(other) | then.get(other.id, frozenset()):
            reasons.append(YOU_SET.format(name=other.name))
        if other.id in mine:
            reasons.append(SET_YOURS.format(name=other.name, remedy=REMEDY))
    if not reasons and mine and _asked_for(session, asker, acting):
        reasons.append(GAVE_YOURS.format(name=asker.name, remedy=REMEDY))
    return tuple(reasons)


def _asked_for(session: Session, asker: Person, receiver: Person) -> bool:
    """Whether the right that somebody holds was asked for by ``asker``."""
    given = select(PushGrant.id).where(
        PushGrant.person_id == receiver.id,
        PushGrant.requested_by == asker.id,
        PushGrant.state == GrantState.CONFIRMED,
    )
    return session.scalar(given.limit(1)) is not None


def _who_could(session: Session, asker: Person, target: Person, grant: PushGrant) -> str:
    """Who could confirm a request instead, as a sentence."""
    names = [
        each.name
        for each in session.scalars(select(Person).where(Person.active).order_by(Person.name))
        if each.id not in (asker.id, target.id)
        and rights.why_not(each, "push.confirm") is None
        and not _one_hand(session, each, asker, target, grant)
    ]
    return INSTEAD.format(names=" or ".join(names[:3])) if names else NOBODY


def grant_rows(session: Session, acting: Person) -> tuple[GrantRow, ...]:
    """Every request as ``acting`` sees it, open ones first, then the newest."""
    names = {each.id: each.name for each in session.scalars(select(Person))}
    grants = session.scalars(select(PushGrant).order_by(PushGrant.requested_at.desc(), PushGrant.id)).all()
    return tuple(
        GrantRow(
            id=each.id,
            person_id=each.person_id,
            person=names[each.person_id],
            state=each.state,
            requested_by=names[each.requested_by],
            requested_at=each.requested_at,
            answered_by=names.get(each.answered_by or "", ""),
            answered_at=each.answered_at,
            reason=each.reason,
            mine=each.requested_by == acting.id,
            may_answer=why_not_answer(session, acting, each, confirm=True),
            may_refuse=why_not_answer(session, acting, each, confirm=False),
        )
        for each in sorted(grants, key=lambda each: each.state is not GrantState.REQUESTED)
    )


def approver_warning(session: Session, without: str = "") -> str:
    """A sentence when fewer than two people could approve, '' else; ``without`` is one who would lose the right."""
    able = [
        each
        for each in session.scalars(select(Person).where(Person.active, Person.can_push))
        if each.id != without and each.right(Tool.ERP_INTEGRATIONS).rank >= Right.STANDARD.rank
    ]
    if len(able) >= 2:
        return ""
    return FEW_APPROVERS.format(count=("No", "Only one")[len(able)], people="person" if able else "people")


def _open_request(session: Session, person_id: str) -> bool:
    asked = select(PushGrant.id).where(PushGrant.person_id == person_id, PushGrant.state == GrantState.REQUESTED)
    return session.scalar(asked) is not None


def _request(running: Operation, target: Person, reason: str) -> None:
    grant = PushGrant(
        person_id=target.id,
        state=GrantState.REQUESTED,
        requested_by=running.person.id,
        requested_at=running.at,
        reason=reason,
    )
    running.session.add(grant)
    running.session.flush()
    running.record("push_request", PERSON, target.id, reason=reason, evidence={"request": grant.id})
