"""How long a wrong password makes wait: counted in the audit trail, so that a restart shortens nothing.

Tries are counted for each person at each workstation, so that whoever guesses elsewhere keeps nobody from their own
computer; all workstations together have a higher bound, which does not hold where the person has signed in before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from erpdesk.core.errors import NotAllowed
from erpdesk.models.audit import AuditEntry
from erpdesk.workflows import audit
from erpdesk.workflows.operation import Office
from erpdesk.workflows.people_checks import PERSON

FREE_TRIES = 3
"""So many wrong passwords in a row at one workstation cost no wait."""

FREE_ANYWHERE = 100
"""So many in a row at all workstations together cost no wait."""

FIRST_WAIT, LONGEST_WAIT = 5, 900
"""Seconds: the first wait, doubled at each further failure up to the longest."""

WAIT = "After several wrong passwords the next try has to wait {seconds} s."
_ENOUGH = 20
"""So many failures beyond the free ones reach the longest wait."""


@dataclass(frozen=True)
class Door:
    """One way in with a counter of its own: the acts that the audit trail has for a right and for a wrong password."""

    passed: str
    failed: str


SIGN_IN = Door("sign_in", "sign_in_failed")
AGAIN = Door("check_again", "check_again_failed")
"""Unlocking, confirming an accept, and changing one's own password: somebody is signed in already."""


def wait_after(failures: int, free: int = FREE_TRIES) -> int:
    """The seconds to wait after so many failures in a row."""
    if failures < free:
        return 0
    return int(min(FIRST_WAIT * 2 ** min(failures - free, _ENOUGH), LONGEST_WAIT))


def check_wait(session: Session, office: Office, door: Door, ref: str) -> None:
    """Raises NotAllowed while the wait after the last failures is not over; such a try is not counted."""
    here, there = _at(office), _anywhere(session, office, ref)
    now = office.clock.now()
    for where, free in ((here, FREE_TRIES), *((each, FREE_ANYWHERE) for each in there)):
        count, at = _failures(session, door, ref, where, free)
        if at is None:
            continue
        wait = timedelta(seconds=wait_after(count, free))
        # A clock that was set back makes nobody wait longer than the wait itself.
        left = min(at + wait - now, wait)
        if left > timedelta(0):
            raise NotAllowed([WAIT.format(seconds=math.ceil(left.total_seconds()))])


def next_wait(session: Session, office: Office, door: Door, ref: str) -> tuple[str, ...]:
    """What to add to the sentence about a wrong password: how long the next try waits, if it does."""
    count, _ = _failures(session, door, ref, _at(office), FREE_TRIES)
    wait = wait_after(count)
    return (WAIT.format(seconds=wait),) if wait else ()


def note(session: Session, office: Office, act: str, ref: str, how: str, *, by: str = "") -> None:
    """Keeps a try in the audit trail; a password is never in it."""
    audit.append(
        session,
        at=office.clock.now(),
        who=by or audit.SYSTEM,
        act=act,
        kind=PERSON,
        ref=ref,
        body={"how": how},
        station=office.station,
    )


def _at(office: Office) -> ColumnElement[bool]:
    """Entries of this workstation: the computer, and who is logged in to it."""
    login, machine = audit.plain(office.station.login), audit.plain(office.station.machine)
    return and_(AuditEntry.login == login, AuditEntry.machine == machine)


def _anywhere(session: Session, office: Office, ref: str) -> tuple[ColumnElement[bool], ...]:
    """The bound for all workstations together, unless this one is where the person has signed in before."""
    mine = AuditEntry.act.in_((SIGN_IN.passed, AGAIN.passed))
    known = select(AuditEntry.seq).where(AuditEntry.kind == PERSON, AuditEntry.ref == ref, mine, _at(office)).limit(1)
    return () if session.scalar(known) is not None else (AuditEntry.seq > 0,)


def _failures(
    session: Session, door: Door, ref: str, where: ColumnElement[bool], free: int
) -> tuple[int, datetime | None]:
    """How many tries failed since the last one that did not, and when the latest was."""
    # A new password begins anew, wherever it was set.
    tried = or_(AuditEntry.act == "set_password", and_(AuditEntry.act.in_((door.passed, door.failed)), where))
    latest = session.execute(
        select(AuditEntry.act, AuditEntry.at)
        .where(AuditEntry.kind == PERSON, AuditEntry.ref == ref, tried)
        .order_by(AuditEntry.seq.desc())
        .limit(free + _ENOUGH)
    ).all()
    count = 0
    for act, _ in latest:
        if act != door.failed:
            break
        count += 1
    return count, latest[0].at if count else None
