"""A second kind of item that exists only here: change orders on a commitment, joined by one declaration."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, MetaData, String, Table, null, select
from sqlalchemy.orm import Session

from erpdesk.core.steps import Step, StepTable, Who
from erpdesk.models.base import Cents
from erpdesk.models.commitments import Commitment
from erpdesk.models.erp import Submission
from erpdesk.models.jobs import Project
from erpdesk.workflows.commitments import COMMITMENT, snapshot_of
from erpdesk.workflows.erp_item import KINDS, Kind, join
from erpdesk.workflows.erp_kind import ITS_TOOL, Document, Listed, Need, SageStep
from erpdesk.workflows.operation import Office
from erpdesk.workflows.ports import CommitmentSnapshot
from erpdesk.workflows.search_sources import SEARCHED

NAME = "change_order"
CHANGES = Table(
    "test_change_order",
    MetaData(),
    Column("id", String(32), primary_key=True),
    Column("commitment_id", String(32)),
    Column("project_id", String(32)),
    Column("number", String(20)),
    Column("title", String(60)),
    Column("status", String(20)),
    Column("amount", Cents),
)


class Status(StrEnum):
    """The statuses of a change order of this kind."""

    DRAFT = "Draft"
    APPROVED = "Approved"
    VOID = "Void"


STEPS: StepTable[Status] = StepTable(
    "Change order",
    Status.DRAFT,
    tuple(Status),
    *(
        Step(
            f"status:{target.value}",
            target.value,
            tuple(each for each in Status if each is not target),
            target,
            Who.PROJECT,
            ITS_TOOL,
        )
        for target in Status
    ),
)


@dataclass(frozen=True)
class ChangeOrder:
    """One change order as its table holds it."""

    id: str
    commitment_id: str
    project_id: str
    number: str
    title: str
    status: str
    amount: Decimal


def _load(session: Session, item_id: str) -> ChangeOrder | None:
    found = session.execute(select(CHANGES).where(CHANGES.c.id == item_id)).first()
    return ChangeOrder(**found._mapping) if found else None


def _snapshot(office: Office, session: Session, change: ChangeOrder) -> CommitmentSnapshot:
    whole = snapshot_of(office, session, session.get_one(Commitment, change.commitment_id))
    line = replace(whole.lines[0], number=1, description=change.title, amount=change.amount)
    return replace(whole, sage_id=change.number, title=change.title, lines=(line,))


def _sending(_office: Office, _session: Session, change: ChangeOrder) -> tuple[str, ...]:
    return () if change.status == Status.APPROVED else (f"The status is {change.status}. Set it to Approved.",)


def _accepting(_o: Office, _session: Session, _sent: Submission, snapshot: CommitmentSnapshot) -> tuple[str, ...]:
    return () if snapshot.sage_id else ("Type the Sage change order ID.",)


def _listed() -> Listed:
    project = Project.__table__
    return Listed(
        table=CHANGES,
        source=CHANGES.join(project, project.c.id == CHANGES.c.project_id),
        id=CHANGES.c.id,
        project_id=CHANGES.c.project_id,
        number=CHANGES.c.number,
        title=CHANGES.c.title,
        type=null(),
        status=CHANGES.c.status,
        vendor=null(),
        vendor_name=null(),
        job=project.c.sage_job,
        amount=CHANGES.c.amount,
    )


def _needs(session: Session, change: ChangeOrder) -> tuple[Need, ...]:
    commitment = session.get_one(Commitment, change.commitment_id)
    return (Need(COMMITMENT.name, commitment.id, f"commitment {commitment.number}"),)


def declared() -> Kind:
    """The declaration: everything that the shared life and the console need to know."""
    return Kind(
        name=NAME,
        title="Commitment Change Orders",
        noun=("change order", "change orders"),
        tool="Change Orders",
        tables=("Jobs", "Commitments"),
        load=_load,
        label=lambda change: f"{change.number} {change.title}",
        number=lambda change: str(change.number),
        project_of=lambda change: str(change.project_id),
        send_problems=_sending,
        snapshot=_snapshot,
        accept_problems=_accepting,
        listed=_listed,
        document=lambda change: Document(STEPS, change.status, ("Draft", "Approved"), frozenset(("Approved",))),
        sage_steps=(SageStep("Import the file", "Sage"), SageStep("Post the change", "Sage", after=True)),
        record_type="commitment_co",
        given_up=frozenset(("Void",)),
        needs=_needs,
    )


@contextmanager
def joined() -> Iterator[Kind]:
    """The second kind is there for a while."""
    kind = join(declared())
    try:
        yield kind
    finally:
        del KINDS[NAME], SEARCHED[NAME]


def add_change(session: Session, commitment_id: str, **values: Any) -> str:
    """An approved change order on a commitment; answers its id."""
    commitment = session.get_one(Commitment, commitment_id)
    made = uuid.uuid4().hex
    row = {
        "id": made,
        "commitment_id": commitment_id,
        "project_id": commitment.project_id,
        "number": f"CO-{made[:6].upper()}",
        "title": "More steel",
        "status": "Approved",
        "amount": Decimal("250.00"),
        **values,
    }
    session.execute(CHANGES.insert().values(**row))
    return made
