"""What the screens of doubt show: what happened, what is known, what to do in Sage, and who said what; frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from erpdesk.core.steps import Offer
from erpdesk.models.erp import ClosingState, Saw
from erpdesk.workflows.reject_hints import Hint

SAW_WORDS = {
    Saw.IN_SAGE: "It is in Sage, once, as approved",
    Saw.ABSENT: "It is not in Sage",
}
"""What somebody saw, in words."""


class Shape(StrEnum):
    """What is wrong with an item that Sage does not simply hold as approved."""

    DOUBT = "Not certain whether Sage has it"
    CONFLICT = "Sage holds it, but not as approved"
    TWICE = "Sage holds it more than once"
    REJECTED = "It did not go into Sage"
    CLOSED = "Two people closed it by hand"


@dataclass(frozen=True)
class Seen:
    """One observation: where it comes from, when it was read, what was seen, in words.

    ``text`` is what Sage printed, or the record that it gave back, to be read as it is ('' = nothing to show).
    """

    id: str
    source: str
    at: datetime
    words: str
    text: str = ""


@dataclass(frozen=True)
class Differs:
    """One field that Sage holds otherwise than it was approved; '' = empty."""

    field: str
    approved: str
    in_sage: str


@dataclass(frozen=True)
class Statement:
    """What somebody says they saw in Sage, and what another answered; ``words`` says what was seen.

    ``overtaken`` is True as soon as the item is in doubt no more. ``offers`` are confirm, refuse and withdraw.
    """

    id: str
    saw: Saw
    words: str
    note: str
    state: ClosingState
    stated_by: str
    stated_at: datetime
    answered_by: str
    answered_at: datetime | None
    answer: str
    offers: tuple[Offer, ...]

    @property
    def overtaken(self) -> bool:
        return self.state is ClosingState.OVERTAKEN

    @property
    def open(self) -> bool:
        return self.state is ClosingState.STATED


@dataclass(frozen=True)
class DoubtPage:
    """Everything about one item that needs a person: ``what`` happened, ``todo`` in Sage step by step, ``seen`` of it.

    ``earlier`` observations are not listed. ``offers`` are state and acknowledge. ``hint`` is the field that a
    rejection means (None = not known). ``acknowledged_by`` has seen that Sage holds it twice ('' = nobody yet).
    """

    submission_id: str
    item_id: str
    kind: str
    noun: str
    sage_id: str
    shape: Shape
    what: str
    todo: tuple[str, ...]
    seen: tuple[Seen, ...]
    earlier: int
    differences: tuple[Differs, ...]
    statements: tuple[Statement, ...]
    offers: tuple[Offer, ...]
    hint: Hint | None = None
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None

    @property
    def waiting(self) -> Statement | None:
        """The statement that waits for a second person."""
        return next((each for each in self.statements if each.open), None)


@dataclass(frozen=True)
class Rejection:
    """Why Sage did not take the last version of an item that was sent, and the field it means (None = not known)."""

    reason: str
    hint: Hint | None


@dataclass(frozen=True)
class Alarms:
    """What stops the exports of the company: the items that Sage holds twice and nobody has acknowledged.

    ``items`` are those that the person may see, as submission, kind and Sage ID; ``hidden`` is how many others.
    """

    items: tuple[tuple[str, str, str], ...] = ()
    hidden: int = 0
