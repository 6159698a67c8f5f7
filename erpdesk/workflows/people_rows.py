"""What the views hold of people: who they are, what each may do, requests for the push right, and the first run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the first page is painted before the database is loaded
    from erpdesk.models.people import GrantState, Right, Tool


@dataclass(frozen=True)
class PersonDetail:
    """A person with everything that the people window shows.

    ``rights`` names every tool; ``projects`` holds ids; ``kinds`` gives (may import, may export) by kind,
    a kind that is not there follows ``can_push`` alone; ``granular`` holds the words of single rights.
    """

    id: str
    name: str
    title: str
    windows_account: str
    email: str
    has_password: bool
    digest: bool
    can_push: bool
    all_projects: bool
    invoice_administrator: bool
    active: bool
    rights: Mapping[Tool, Right]
    projects: frozenset[str]
    kinds: Mapping[str, tuple[bool, bool]]
    granular: frozenset[str]
    version: int

    @property
    def decides(self) -> bool:
        """Whether this person sees the buttons of an approver (J2)."""
        # Compared as words: the records themselves are not loaded with the window.
        level = next((right for tool, right in self.rights.items() if tool == "ERP Integrations"), "None")
        return self.can_push and level in ("Standard", "Admin")

    def draft(self) -> PersonDraft:
        """The same person, ready to be changed in a form."""
        return PersonDraft(
            id=self.id,
            name=self.name,
            title=self.title,
            windows_account=self.windows_account,
            email=self.email,
            digest=self.digest,
            all_projects=self.all_projects,
            invoice_administrator=self.invoice_administrator,
            active=self.active,
            rights=dict(self.rights),
            projects=self.projects,
            kinds=dict(self.kinds),
            granular=self.granular,
            version=self.version,
        )


@dataclass(frozen=True)
class PersonDraft:
    """A person as typed into the form. ``id`` '' and ``version`` 0 = new.

    The password and “Can push to accounting” are not in it: each has an act of its own.
    """

    name: str
    title: str = ""
    windows_account: str = ""
    email: str = ""
    digest: bool = True
    all_projects: bool = False
    invoice_administrator: bool = False
    active: bool = True
    rights: Mapping[Tool, Right] = field(default_factory=dict)
    projects: frozenset[str] = frozenset()
    kinds: Mapping[str, tuple[bool, bool]] = field(default_factory=dict)
    granular: frozenset[str] = frozenset()
    id: str = ""
    version: int = 0


@dataclass(frozen=True)
class GrantRow:
    """A request that somebody gets “Can push to accounting”. ``mine``: the reader asked.

    ``may_answer`` says why the reader can not confirm it, ``may_refuse`` why not refuse it; () = they can.
    """

    id: str
    person_id: str
    person: str
    state: GrantState
    requested_by: str
    requested_at: datetime
    answered_by: str
    answered_at: datetime | None
    reason: str
    mine: bool
    may_answer: tuple[str, ...]
    may_refuse: tuple[str, ...]


@dataclass(frozen=True)
class ApproverRow:
    """Somebody who holds “Can push to accounting”, and how they came to it.

    ``decides``: also at least Standard in ERP Integrations, without which the privilege rests. ``imports`` and
    ``exports`` say for which kinds, ``projects`` where, in words; ``since`` is None for people of the sample company,
    and ``confirmed_by`` says “first run” where the company had no second person yet.
    """

    id: str
    name: str
    title: str
    decides: bool
    imports: str
    exports: str
    projects: str
    since: datetime | None
    given_by: str
    confirmed_by: str
    reason: str


@dataclass(frozen=True)
class Newcomer:
    """One of the first people of a company: signs in by Windows account, by password, or by both."""

    name: str
    title: str = ""
    windows_account: str = ""
    email: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class FirstRun:
    """Who a new company begins with: the first administrator and two approvers, three different people."""

    administrator: Newcomer
    approvers: tuple[Newcomer, Newcomer]


class SignInState(StrEnum):
    """What the window shows before anybody is signed in."""

    FIRST_RUN = "FIRST_RUN"
    SIGN_IN = "SIGN_IN"
