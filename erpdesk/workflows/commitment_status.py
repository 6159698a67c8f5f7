"""The document statuses of subcontracts and purchase orders, what each does to the budget, when lines close."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from erpdesk.core.steps import Offer, Step, StepTable, Who
from erpdesk.models.commitments import CommitmentType
from erpdesk.models.people import Person
from erpdesk.workflows import rights


class SubcontractStatus(StrEnum):
    """Statuses of a subcontract."""

    DRAFT = "Draft"
    OUT_FOR_BID = "Out for Bid"
    OUT_FOR_SIGNATURE = "Out for Signature"
    APPROVED = "Approved"
    COMPLETE = "Complete"
    TERMINATED = "Terminated"
    VOID = "Void"


class PurchaseOrderStatus(StrEnum):
    """Statuses of a purchase order."""

    DRAFT = "Draft"
    PROCESSING = "Processing"
    SUBMITTED = "Submitted"
    PARTIALLY_RECEIVED = "Partially Received"
    RECEIVED = "Received"
    APPROVED = "Approved"
    CLOSED = "Closed"


class Budget(StrEnum):
    """What a status does to the project's budget columns."""

    NONE = "none"
    PENDING = "pending"
    COMMITTED = "committed"


BUDGET_EFFECT: dict[StrEnum, Budget] = {
    SubcontractStatus.DRAFT: Budget.NONE,
    SubcontractStatus.OUT_FOR_BID: Budget.NONE,
    SubcontractStatus.OUT_FOR_SIGNATURE: Budget.PENDING,
    SubcontractStatus.APPROVED: Budget.COMMITTED,
    SubcontractStatus.COMPLETE: Budget.COMMITTED,
    SubcontractStatus.TERMINATED: Budget.NONE,
    SubcontractStatus.VOID: Budget.NONE,
    PurchaseOrderStatus.DRAFT: Budget.NONE,
    PurchaseOrderStatus.PROCESSING: Budget.PENDING,
    PurchaseOrderStatus.SUBMITTED: Budget.PENDING,
    PurchaseOrderStatus.PARTIALLY_RECEIVED: Budget.COMMITTED,
    PurchaseOrderStatus.RECEIVED: Budget.PENDING,
    PurchaseOrderStatus.APPROVED: Budget.COMMITTED,
    PurchaseOrderStatus.CLOSED: Budget.NONE,
}

SENDABLE: dict[CommitmentType, tuple[StrEnum, ...]] = {
    CommitmentType.SUBCONTRACT: (SubcontractStatus.APPROVED, SubcontractStatus.COMPLETE),
    CommitmentType.PURCHASE_ORDER: (PurchaseOrderStatus.APPROVED,),
}
"""Statuses in which a commitment may be sent to Sage (C4, check 4)."""

LINES_CLOSED = frozenset({SubcontractStatus.APPROVED.value, SubcontractStatus.COMPLETE.value})
"""Statuses in which the schedule of values is closed (C3); the words are the same for both types."""


@dataclass(frozen=True)
class StatusFacts:
    """Who asks, and why the commitment is locked ('' = it is not)."""

    person: Person
    locked: str


def _unlocked(facts: StatusFacts) -> str | None:
    return facts.locked or None


def _may(facts: StatusFacts) -> str | None:
    return rights.why_not(facts.person, "commitment.set_status")


def _table(name: str, start: StrEnum) -> StepTable[StrEnum]:
    states = tuple(type(start))
    return StepTable(
        name,
        start,
        states,
        *(
            Step(
                f"status:{target.value}",
                target.value,
                tuple(state for state in states if state is not target),
                target,
                Who.PROJECT,
                "Commitments",
                guards=(_may, _unlocked),
                not_now=f"The status is {target.value} already.",
            )
            for target in states
        ),
    )


STATUS_STEPS: dict[CommitmentType, StepTable[StrEnum]] = {
    CommitmentType.SUBCONTRACT: _table("Subcontract", SubcontractStatus.DRAFT),
    CommitmentType.PURCHASE_ORDER: _table("Purchase order", PurchaseOrderStatus.DRAFT),
}


def status(type_: CommitmentType, word: str) -> StrEnum:
    """The status that ``word`` names for this type; raises ValueError for any other word."""
    return type(STATUS_STEPS[type_].start)(word)


def set_status(type_: CommitmentType, now: str, wanted: str, facts: StatusFacts) -> str:
    """The status after the change; raises Refused with the reasons when it is not possible."""
    return STATUS_STEPS[type_].apply(f"status:{wanted}", status(type_, now), facts).value


def offers(type_: CommitmentType, now: str, facts: StatusFacts) -> tuple[Offer, ...]:
    """Every other status, with the reasons why it can not be chosen now."""
    table = STATUS_STEPS[type_]
    return tuple(table.offer(step.verb, status(type_, now), facts) for step in table.steps if step.target.value != now)
