"""In whose hands a person's sign-in is: whoever set how somebody signs in could act as them.

Two people decide only when neither could have acted as the other.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from erpdesk.core.alike import folded
from erpdesk.core.station import UNKNOWN, Station
from erpdesk.models.audit import AuditEntry
from erpdesk.models.people import Person
from erpdesk.workflows.people_checks import PERSON

SETTING = ("save", "set_password")
"""The acts that set how somebody signs in."""

SET_SENDER = "You set how {name} signs in; another approver decides."
SET_BY_SENDER = "{name}, who sent this, set how you sign in; another approver decides, or you {remedy}."
REMEDY = "set a password of your own at your own computer first"


def setters(person: Person) -> frozenset[str]:
    """The ids of everybody who set how this person signs in since the person last took it over."""
    return frozenset((person.sign_in_set_by or "").split())


def set_by(target: Person, actor: str) -> None:
    """Keeps that ``actor`` set how somebody else signs in."""
    if actor != target.id:
        target.sign_in_set_by = " ".join(sorted(setters(target) | {actor}))


def becomes_own(session: Session, target: Person, station: Station) -> None:
    """The person has set an own password after proving who they are: nobody else could act as them any more.

    Not where whoever set the sign-in could have done just that: at the Windows login at which it was set, or while that
    very login signs the person in.
    """
    asked = select(AuditEntry.login).where(
        AuditEntry.kind == PERSON,
        AuditEntry.ref == target.id,
        AuditEntry.who.in_(setters(target)),
        AuditEntry.act.in_(SETTING),
    )
    theirs = {folded(each) for each in session.scalars(asked)} | {UNKNOWN, ""}
    own = {folded(station.login)} | ({folded(target.windows_account)} if target.windows_account else set())
    if not own & theirs:
        target.sign_in_set_by = ""


def setters_at(session: Session, person_id: str, at: datetime) -> frozenset[str]:
    """Who had set how a person signs in at a time, by the audit trail; all of them at that very moment."""
    entries = session.execute(
        select(AuditEntry.at, AuditEntry.body)
        .where(
            AuditEntry.kind == PERSON,
            AuditEntry.ref == person_id,
            AuditEntry.act.in_(SETTING),
            AuditEntry.at <= at,
        )
        .order_by(AuditEntry.seq.desc())
    )
    found: frozenset[str] = frozenset()
    for when, body in entries:
        kept = json.loads(body or "{}").get("sign_in_set_by")
        if kept is not None:
            found |= frozenset(kept)
            if when < at:
                break
    return found


def one_hand(session: Session, acting: Person, sent_by: str, sent_at: datetime) -> str:
    """Why an approver can not accept what a person sent, as one could have acted as the other; '' when they can.

    What was sent while the approver had set the sender's sign-in stays so, also after the sender took it over.
    """
    # Who set whose sign-in is asked, not what the sender may do.
    sender = session.get(Person, sent_by, options=[lazyload("*")])
    if sender is None or sender.id == acting.id:
        return ""
    if acting.id in setters(sender) | setters_at(session, sender.id, sent_at):
        return SET_SENDER.format(name=sender.name)
    if sender.id in setters(acting):
        return SET_BY_SENDER.format(name=sender.name, remedy=REMEDY)
    return ""
