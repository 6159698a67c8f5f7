"""Signing in: by the Windows account that is logged in, or by name and own password; and a company's first people."""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.core.station import UNKNOWN
from erpdesk.models.audit import AuditEntry
from erpdesk.models.people import Person, Right, Tool, ToolRight
from erpdesk.workflows import audit, passwords, rights
from erpdesk.workflows.operation import Office
from erpdesk.workflows.people_acts import Accounts, facts, nothing
from erpdesk.workflows.people_checks import PERSON, alone, check_first_run
from erpdesk.workflows.people_rows import FirstRun, Newcomer, SignInState
from erpdesk.workflows.rows import PersonRow

FREE_TRIES = 3
"""So many wrong passwords in a row cost no wait."""

FIRST_WAIT, LONGEST_WAIT = 5, 900
"""Seconds: the first wait, doubled at each further failure up to the longest."""

SUCCESS, FAILURE = "sign_in", "sign_in_failed"
WRONG = "The name or the password is not right."
WAIT = "After several wrong passwords the next try has to wait {seconds} s."
NO_PASSWORD = "You have no password in erpdesk yet. Set one under People, then confirm with it."
NO_SECOND_PERSON = (
    "First run: the company had no people yet, so “Can push to accounting” was given without a second person. "
    "Every later grant takes two."
)

_FULL = {tool: Right.READ_ONLY for tool in Tool}
ADMINISTRATOR_RIGHTS = {
    **_FULL,
    **dict.fromkeys((Tool.DIRECTORY, Tool.ERP_INTEGRATIONS, Tool.ADMIN), Right.ADMIN),
}
APPROVER_RIGHTS = {**_FULL, Tool.ERP_INTEGRATIONS: Right.STANDARD}


class SignIn:
    """Who is at the screen; each sign-in and each failure is in the audit trail, a password never is."""

    def __init__(self, office: Office, accounts: Accounts = nothing) -> None:
        self._office = office
        self._accounts = accounts

    def state(self) -> SignInState:
        """Whether the company has people yet."""
        with self._office.store.reading() as session:
            return SignInState.SIGN_IN if _has_people(session) else SignInState.FIRST_RUN

    def by_account(self, account: str) -> PersonRow | None:
        """The person whom this Windows account signs in, or None when a name and password are needed."""
        if not account.strip() or account.strip().casefold() == UNKNOWN:
            return None
        with self._office.store.reading() as session:
            mapped = session.scalars(select(Person).where(Person.windows_account.is_not(None))).all()
            who = next((each.id for each in mapped if _same(each.windows_account or "", account)), None)
        if who is None:
            return None
        with self._office.store.writing() as session:
            person = session.get_one(Person, who)
            allowed = person.active and _same(person.windows_account or "", account)
            self._note(session, SUCCESS if allowed else FAILURE, who, "windows account", by=who if allowed else "")
            return _row(person) if allowed else None

    def by_password(self, name: str, password: str) -> PersonRow:
        """The person whose name and password these are.

        Raises NotAllowed with the same sentence whether the name or the password is wrong, and, after several failures,
        with the seconds to wait; the waits grow, and a restart of the program does not shorten them.
        """
        with self._office.store.reading() as session:
            people = session.scalars(select(Person).where(Person.active)).all()
            person = next((each for each in people if _same(each.name, name)), None)
            ref = person.id if person else _nobody(name)
        return self._proven(ref, password, SUCCESS)

    def check_again(self, person_id: str, password: str) -> None:
        """Makes sure that whoever is signed in is still at the screen; raises NotAllowed when the password is wrong."""
        with self._office.store.reading() as session:
            person = session.get(Person, person_id)
            if person is not None and person.active and not person.password:
                raise NotAllowed([NO_PASSWORD])
        self._proven(person_id, password, "check_again")

    def first_run(self, draft: FirstRun) -> Changes:
        """Names the first administrator and two approvers, while the company has nobody; raises Refused after that.

        It is the only time that the push right is given without a second person, and the audit trail says so.
        """
        check_first_run(draft)
        people = [_newcomer(draft.administrator, ADMINISTRATOR_RIGHTS, push=False)]
        people += [_newcomer(each, APPROVER_RIGHTS, push=True) for each in draft.approvers]
        try:
            with self._office.store.writing() as session:
                alone(session)
                if _has_people(session):
                    raise Refused(["This company has people already. Sign in, or ask an administrator to add you."])
                session.add_all(people)
                session.flush()
                administrator = people[0].id
                for person in people:
                    audit.append(
                        session,
                        at=self._office.clock.now(),
                        who=administrator,
                        act="first_run",
                        kind=PERSON,
                        ref=person.id,
                        body={},
                        after={**facts(person), "can_push": person.can_push},
                        reason=NO_SECOND_PERSON if person.can_push else "",
                        station=self._office.station,
                    )
        except IntegrityError as problem:
            raise ChangedMeanwhile(["Somebody else set this company up a moment ago. Sign in instead."]) from problem
        self._accounts(tuple(each.windows_account for each in people if each.windows_account), ())
        return Changes.of(PERSON, *(each.id for each in people))

    def _proven(self, ref: str, password: str, act: str) -> PersonRow:
        """The active person ``ref`` when the password fits; the slow look at it is outside of any transaction."""
        with self._office.store.reading() as session:
            person = session.get(Person, ref)
            kept = person.password if person is not None and person.active else ""
            _check_wait(session, ref, self._office.clock.now())
        right = passwords.fits(password, kept)
        renewed = passwords.kept(password) if right and passwords.outdated(kept) else ""
        with self._office.store.writing() as session:
            alone(session)
            # Whoever tries in several windows at once is counted too, and the person is read anew.
            _check_wait(session, ref, self._office.clock.now())
            person = session.get(Person, ref)
            if right and person is not None and person.active and person.password == kept:
                if renewed:
                    person.password = renewed
                self._note(session, act, ref, "password", by=ref)
                return _row(person)
            self._note(session, FAILURE, ref, "password")
        raise NotAllowed([WRONG, *_next_wait(self._failures(ref))])

    def _failures(self, ref: str) -> int:
        with self._office.store.reading() as session:
            return _failures(session, ref)[0]

    def _note(self, session: Session, act: str, ref: str, how: str, *, by: str = "") -> None:
        audit.append(
            session,
            at=self._office.clock.now(),
            who=by or audit.SYSTEM,
            act=act,
            kind=PERSON,
            ref=ref,
            body={"how": how},
            station=self._office.station,
        )


def wait_after(failures: int) -> int:
    """The seconds to wait after so many failures in a row."""
    if failures < FREE_TRIES:
        return 0
    return int(min(FIRST_WAIT * 2 ** min(failures - FREE_TRIES, 20), LONGEST_WAIT))


def _failures(session: Session, ref: str) -> tuple[int, datetime | None]:
    """How many tries failed since the last one that did not, and when the latest was."""
    acts = (SUCCESS, FAILURE, "check_again", "set_password")
    latest = session.execute(
        select(AuditEntry.act, AuditEntry.at)
        .where(AuditEntry.kind == PERSON, AuditEntry.ref == ref, AuditEntry.act.in_(acts))
        .order_by(AuditEntry.seq.desc())
        .limit(FREE_TRIES + 20)
    ).all()
    count = 0
    for act, _ in latest:
        if act != FAILURE:
            break
        count += 1
    return count, latest[0].at if count else None


def _check_wait(session: Session, ref: str, now: datetime) -> None:
    """Raises NotAllowed while the wait after the last failures is not over; such a try is not counted."""
    count, at = _failures(session, ref)
    if at is None:
        return
    wait = timedelta(seconds=wait_after(count))
    # A clock that was set back makes nobody wait longer than the wait itself.
    left = min(at + wait - now, wait)
    if left > timedelta(0):
        raise NotAllowed([WAIT.format(seconds=math.ceil(left.total_seconds()))])


def _next_wait(failures: int) -> tuple[str, ...]:
    wait = wait_after(failures)
    return (WAIT.format(seconds=wait),) if wait else ()


def _nobody(name: str) -> str:
    """Under what a name that nobody has is counted: it waits as a real one does, and tells nothing of what was typed.

    People type a password into the field of the name now and then, so the name itself is never kept.
    """
    return f"nobody {hashlib.sha256(name.strip().casefold().encode(errors='replace')).hexdigest()[:3]}"


def _same(one: str, other: str) -> bool:
    return bool(one) and one.strip().casefold() == other.strip().casefold()


def _has_people(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).select_from(Person)))


def _row(person: Person) -> PersonRow:
    return PersonRow(person.id, person.name, person.title, rights.decides(person))


def _newcomer(typed: Newcomer, given: dict[Tool, Right], *, push: bool) -> Person:
    return Person(
        name=typed.name.strip(),
        title=typed.title.strip(),
        windows_account=typed.windows_account.strip() or None,
        email=typed.email.strip(),
        password=passwords.kept(typed.password) if typed.password else "",
        can_push=push,
        all_projects=True,
        rights=[ToolRight(tool=tool, right=right) for tool, right in given.items()],
    )
