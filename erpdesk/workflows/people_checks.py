"""What is checked before people are saved: names, accounts, addresses, and that somebody can still give rights."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from erpdesk.core.alike import folded
from erpdesk.core.errors import ChangedMeanwhile, Refused
from erpdesk.folder_rights import account_problem
from erpdesk.models.jobs import Project
from erpdesk.models.people import Person, Right, Tool
from erpdesk.workflows import passwords
from erpdesk.workflows.people_rows import FirstRun, Newcomer, PersonDraft
from erpdesk.workflows.rights import GRANULAR, KINDS

PERSON = "person"
"""The kind of these records in notices of changes and in the audit trail."""

LONGEST = {"name": 80, "title": 80, "email": 200}
ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]]+@[^\s@<>,;:\"\\()\[\]]+\.[^\s@<>,;:\"\\()\[\].]+")
LAST_ADMIN = (
    "{name} is the last active administrator of the Directory: without one, nobody could give rights any more. "
    "Make somebody else an administrator first."
)


def alone(session: Session) -> None:
    """Lets nobody else change people until this act is done, and reads them anew.

    SQLite has one writer anyway; on PostgreSQL two administrators could otherwise remove each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE"))
        session.expire_all()


def found(session: Session, person_id: str, version: int | None = None) -> Person:
    """A person by id; raises ChangedMeanwhile when they are gone or were saved after they were read."""
    person = session.get(Person, person_id)
    if person is None:
        raise ChangedMeanwhile(["This person is not known to this company. The list has been read again."])
    if version is not None and person.version != version:
        raise ChangedMeanwhile(
            ["Somebody else saved this person after you opened them. They have been read again: make your change anew."]
        )
    return person


def check_draft(session: Session, draft: PersonDraft) -> None:
    """Raises Refused with every reason why a person can not be saved as typed."""
    others = session.scalars(select(Person).where(Person.id != draft.id)).all()
    reasons = list(_text_problems(draft.name, draft.title, draft.email, draft.windows_account))
    if _same(draft.name, (each.name for each in others)):
        reasons.append(f"Another person is called {draft.name.strip()} already. Add an initial to tell them apart.")
    account = draft.windows_account.strip()
    if account and _same(account, (each.windows_account or "" for each in others)):
        reasons.append(f"The Windows account {account} signs in somebody else already.")
    projects = set(session.scalars(select(Project.id)))
    if draft.projects - projects:
        reasons.append("One of the chosen projects is no longer there. The list has been read again.")
    if unknown := set(draft.kinds) - set(KINDS):
        reasons.append(f"Nothing of the kind {', '.join(sorted(unknown))} goes to Sage.")
    if unknown := set(draft.granular) - set(GRANULAR):
        reasons.append(f"There is no single right called {', '.join(sorted(unknown))}.")
    if reasons:
        raise Refused(reasons)


def check_first_run(draft: FirstRun) -> None:
    """Raises Refused unless the three are different people who can each sign in."""
    people = (draft.administrator, *draft.approvers)
    reasons: list[str] = []
    for each in people:
        reasons += _text_problems(each.name, each.title, each.email, each.windows_account.strip())
        reasons += _newcomer_problems(each)
    named = [folded(each.name) for each in people]
    addresses = [folded(each.email) for each in people if folded(each.email)]
    twice = any(len(set(words)) < len(words) for words in (named, addresses))
    pairs = combinations([each.windows_account for each in people if folded(each.windows_account)], 2)
    if twice or any(_one_account(one, other) for one, other in pairs):
        reasons.append(
            "The administrator and the two approvers are three different people, each with a name, a Windows account "
            "and an address of their own."
        )
    if reasons:
        raise Refused(tuple(dict.fromkeys(reasons)))


def _newcomer_problems(each: Newcomer) -> Iterable[str]:
    name = each.name.strip() or "Each person"
    if not each.windows_account.strip() and not each.password:
        yield f"{name} needs a Windows account or a password to sign in."
    if each.password:
        for problem in passwords.problems(each.password, each.name, each.windows_account, each.email):
            yield f"{name}: {problem}"


def _text_problems(name: str, title: str, email: str, account: str) -> Iterable[str]:
    if not folded(name):
        yield "A person needs a name."
    for what, typed in (("name", name), ("title", title), ("email", email)):
        if len(typed.strip()) > LONGEST[what]:
            yield f"The {what} has more than {LONGEST[what]} characters."
        if any(0xD800 <= ord(sign) <= 0xDFFF or (sign < " ") for sign in typed):
            yield f"The {what} holds a character that can not be kept. Type it anew instead of pasting it."
    if email.strip() and not ADDRESS.fullmatch(email.strip()):
        yield f"{email.strip()} is not an e-mail address."
    if account and (problem := account_problem(account.strip())):
        yield problem


def _same(word: str, others: Iterable[str]) -> bool:
    return folded(word) in {folded(each) for each in others}


def _one_account(one: str, other: str) -> bool:
    """Whether two Windows accounts may be one: alike, or one of them without the domain that the other names."""
    (one_domain, one_name), (other_domain, other_name) = _parts(one), _parts(other)
    return one_name == other_name and (one_domain == other_domain or not one_domain or not other_domain)


def _parts(account: str) -> tuple[str, str]:
    """Domain and name; an account written as an address does not say which domain Windows means."""
    domain, _, name = folded(account).rpartition("\\")
    return domain, name.partition("@")[0]


def check_administrator(session: Session, person: Person) -> None:
    """Raises Refused when no active Admin of Directory would be left; ``person`` is the one who was changed."""
    session.flush()
    active = session.scalars(select(Person).where(Person.active)).all()
    if not any(each.right(Tool.DIRECTORY) is Right.ADMIN for each in active):
        raise Refused([LAST_ADMIN.format(name=person.name)])
