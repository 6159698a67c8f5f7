"""What the console of ERP Integrations needs to know of commitments: how they are read, their road, Sage's part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import func, select, type_coerce

from erpdesk.models.base import Cents
from erpdesk.models.commitments import Commitment, CommitmentLine, CommitmentType
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.jobs import Project
from erpdesk.workflows.commitment_status import SENDABLE, STATUS_STEPS, PurchaseOrderStatus, SubcontractStatus
from erpdesk.workflows.erp_kind import Document, InSage, Listed, SageStep
from erpdesk.workflows.operation import Office
from erpdesk.workflows.ports import SageCommitment
from erpdesk.workflows.rows import CHANGED, GONE

TABLES = ("Jobs", "Extras", "Cost codes", "Categories", "Vendors", "Commitments")
"""The Sage tables that the checks of a commitment look at."""

SAGE_STEPS = (SageStep("Import the file and print the journal", "Sage: Job Cost, Import Commitments"),)
"""What a person does inside Sage; Sage has no posting step for commitments."""

LOOK_AT = "Job Cost > Inquiry > Commitments"
"""Where a person looks for a commitment in Sage, in Sage's own menu words."""

CORRECT_AT = "Job Cost > Setup > Commitments"
"""Where a person corrects or deletes a commitment in Sage."""

ROAD = {
    CommitmentType.SUBCONTRACT: (
        SubcontractStatus.DRAFT,
        SubcontractStatus.OUT_FOR_BID,
        SubcontractStatus.OUT_FOR_SIGNATURE,
        SubcontractStatus.APPROVED,
    ),
    CommitmentType.PURCHASE_ORDER: (
        PurchaseOrderStatus.DRAFT,
        PurchaseOrderStatus.PROCESSING,
        PurchaseOrderStatus.SUBMITTED,
        PurchaseOrderStatus.APPROVED,
    ),
}
"""The statuses from a new commitment to one that can be sent; those between the first and the last are optional."""


PASSED = ("Vendor is active and linked", "ID is free in Sage", "Codes and categories exist", "Lengths fit")
"""The checks before an accept, in words."""

GIVEN_UP = frozenset(
    (SubcontractStatus.TERMINATED.value, SubcontractStatus.VOID.value, PurchaseOrderStatus.CLOSED.value)
)
"""Statuses in which nobody means to send a rejected commitment again."""


def listed() -> Listed:
    """How the console reads commitments: with their project, their company, and the sum of their lines."""
    commitment, project, company = Commitment.__table__, Project.__table__, DirectoryCompany.__table__
    lines = CommitmentLine.__table__
    amount = (
        select(func.coalesce(func.sum(lines.c.amount), 0))
        .where(lines.c.commitment_id == commitment.c.id)
        .correlate(commitment)
        .scalar_subquery()
    )
    return Listed(
        table=commitment,
        source=commitment.join(project, project.c.id == commitment.c.project_id).outerjoin(
            company, company.c.id == commitment.c.company_id
        ),
        id=commitment.c.id,
        project_id=commitment.c.project_id,
        number=commitment.c.number,
        title=commitment.c.title,
        type=commitment.c.type,
        status=commitment.c.status,
        vendor=company.c.sage_vendor,
        vendor_name=company.c.name,
        job=project.c.sage_job,
        amount=type_coerce(amount, Cents()),
    )


def document(commitment: Commitment) -> Document:
    """Where a commitment stands on its way to Approved."""
    road = tuple(each.value for each in ROAD[commitment.type])
    return Document(
        steps=STATUS_STEPS[commitment.type],
        status=commitment.status,
        road=road,
        sendable=frozenset(each.value for each in SENDABLE[commitment.type]),
        optional=frozenset(road[1:-1]),
    )


def became(approved: Decimal, held: SageCommitment | None) -> str:
    """What became of a commitment that Sage held as approved, in words; '' while it still holds it so (P3)."""
    if held is None:
        return GONE
    lines = sum((item.amount for item in held.items), Decimal("0.00"))
    return "" if held.amount == lines == approved else CHANGED


def drift(office: Office, items: Sequence[InSage]) -> Mapping[str, str]:
    """What became of synced commitments in Sage since, by Sage ID; those that Sage holds as approved are left out."""
    read_at = next((each.read_began for each in office.facts.freshness() if each.table == "Commitments"), None)
    if read_at is None:
        return {}
    looked = [item for item in items if item.since < read_at]
    held = office.facts.commitment_amounts([item.sage_id for item in looked])
    words: dict[str, str] = {}
    for item in looked:
        if held.get(item.sage_id) != (item.amount, item.amount):
            words[item.sage_id] = CHANGED if item.sage_id in held else GONE
    return words
