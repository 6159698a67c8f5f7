"""Signing in: by the Windows account that is logged in, or by name and own password; and a company's first people."""

from __future__ import annotations

import hashlib

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from erpdesk.core.alike import folded
from erpdesk.core.changes import Changes
from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.core.station import UNKNOWN
from erpdesk.models.people import Person, Right, Tool, ToolRight
from erpdesk.workflows import audit, passwords, rights
from erpdesk.workflows.operation import Office
from erpdesk.workflows.people_acts import Accounts, facts, nothing
from erpdesk.workflows.people_checks import PERSON, alone, check_first_run
from erpdesk.workflows.people_rows import FirstRun, Newcomer, SignInState
from erpdesk.workflows.rows import PersonRow
from erpdesk.workflows.sign_in_waits import AGAIN, SIGN_IN, Door, check_wait, next_wait, note

WRONG = "The name or the password is not right."
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
            act = SIGN_IN.passed if allowed else SIGN_IN.failed
            note(session, self._office, act, who, "windows account", by=who if allowed else "")
            return _row(person) if allowed else None

    def by_password(self, name: str, password: str) -> PersonRow:
        """The person whose name and password these are.

        Raises NotAllowed with the same sentence whether the name or the password is wrong, and, after several failures,
        with the seconds to wait; the waits grow, and a restart of the program does not shorten them.
        """
        with self._office.store.reading() as session:
            people = session.scalars(select(Person).where(Person.active)).all()
            typed = folded(name)
            person = next((each for each in people if typed and folded(each.name) == typed), None)
            ref = person.id if person else _nobody(name)
        return self._proven(ref, password, SIGN_IN)

    def check_again(self, person_id: str, password: str) -> None:
        """Makes sure that whoever is signed in is still at the screen; raises NotAllowed when the password is wrong.

        It holds for one act of that person within the next minute.
        """
        self.unlock(person_id, password)
        self._office.proofs.leave(person_id)

    def unlock(self, person_id: str, password: str) -> PersonRow:
        """The person who was signed in all along, when the password is theirs; counted apart from sign-ins."""
        with self._office.store.reading() as session:
            person = session.get(Person, person_id)
            if person is not None and person.active and not person.password:
                raise NotAllowed([NO_PASSWORD])
        return self._proven(person_id, password, AGAIN)

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

    def _proven(self, ref: str, password: str, door: Door) -> PersonRow:
        """The active person ``ref`` when the password fits; the slow look at it is outside of any transaction."""
        office = self._office
        with office.store.reading() as session:
            person = session.get(Person, ref)
            kept = person.password if person is not None and person.active else ""
            check_wait(session, office, door, ref)
        right = passwords.fits(password, kept)
        renewed = passwords.kept(password) if right and passwords.outdated(kept) else ""
        with office.store.writing() as session:
            alone(session)
            # Whoever tries in several windows at once is counted too, and the person is read anew.
            check_wait(session, office, door, ref)
            person = session.get(Person, ref)
            if right and person is not None and person.active and person.password == kept:
                if renewed:
                    person.password = renewed
                note(session, office, door.passed, ref, "password", by=ref)
                return _row(person)
            note(session, office, door.failed, ref, "password")
            why = (WRONG, *next_wait(session, office, door, ref))
        raise NotAllowed(why)


def _nobody(name: str) -> str:
    """Under what a name that nobody has is counted: it waits as a real one does, and tells nothing of what was typed.

    People type a password into the field of the name now and then, so the name itself is never kept.
    """
    return f"nobody {hashlib.sha256(folded(name).encode(errors='replace')).hexdigest()[:3]}"


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
