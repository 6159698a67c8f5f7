"""Accepted items whose export stands where a person has to look: rows as the worker leaves them, without its work."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select

from erpdesk.models.base import new_id
from erpdesk.models.erp import (
    Attempt,
    Closing,
    Evidence,
    ExportFile,
    ExportState,
    Outbox,
    Source,
)
from erpdesk.models.people import GrantState, KindRight, Person, PushGrant, Right, Tool, ToolRight
from erpdesk.workflows import snapshots
from tests.town import Town, press

JOURNAL = (
    "Cascade Builders\r\nImport POs/Commitments   11/24/2026 09:10 AM\r\nImport file   commitments.jcc\r\n\r\n"
    "  Line    1  C     {sage_id:<12}  Accepted   1234.56\r\n\r\nRecords read 2   accepted 2   rejected 0\r\n"
)
REJECTED = "C,{sage_id},1,Structural steel,V100,11/24/2026,10.00,1,0,0\r\n"
MESSAGES = {
    ExportState.IN_DOUBT: "Sage’s journal says accepted, but Sage does not show commitment {sage_id}.",
    ExportState.CONFLICT: "Commitment {sage_id} in Sage is not what was approved.",
    ExportState.DUPLICATE_ALARM: "Sage holds commitment {sage_id} more than once.",
    ExportState.SAGE_REJECTED: "Sage rejected it: vendor V100 does not exist.",
}
DIFFERENCES = [["Title", "Structural steel", "Structural steel, east"], ["Line 1 amount", "1,234.56", "1,334.56"]]


def stands(town: Town, submission: str, export: ExportState, message: str = "", *, seen: bool = True) -> str:
    """Brings the export of an accepted item to a state, with what the worker would have seen; answers the outbox id."""
    now = town.desk.office.clock.now()
    with town.store.writing() as session:
        outbox = session.scalars(select(Outbox).where(Outbox.submission_id == submission)).one()
        sage_id = outbox.natural_key
        outbox.state, outbox.changed_at = export, now
        outbox.message = message or MESSAGES.get(export, "").format(sage_id=sage_id)
        if seen and outbox.attempt == 0:
            outbox.attempt = 1
            file = ExportFile(
                id=new_id(),
                company=outbox.company,
                kind=outbox.kind,
                name=f"{outbox.export_key}.1.jcc",
                sha256=outbox.approved_sha256,
                bytes=100,
                line_map="[]",
                staged_at=now - timedelta(minutes=9),
                armed_at=now - timedelta(minutes=8),
                delivered_at=now - timedelta(minutes=8),
                worker="a test",
            )
            session.add(file)
            session.flush()
            attempt = Attempt(id=new_id(), outbox_id=outbox.id, n=1, file_id=file.id, sha256=outbox.approved_sha256)
            session.add(attempt)
            session.flush()
            read = {
                ExportState.CONFLICT: ("different", {"differences": DIFFERENCES}),
                ExportState.DUPLICATE_ALARM: ("several", {}),
            }.get(export, ("absent", {}))
            said = "rejected" if export is ExportState.SAGE_REJECTED else "accepted"
            gave_back = "gave back" if export is ExportState.SAGE_REJECTED else "not this one"
            for place, (source, result, detail) in enumerate(
                (
                    (Source.ODBC_MASTER, "baseline", json.dumps({"count": 40})),
                    (Source.JOURNAL, said, JOURNAL.format(sage_id=sage_id)),
                    (Source.REJECTED, gave_back, REJECTED.format(sage_id=sage_id)),
                    (Source.LISTING, "archived", ""),
                    (Source.ODBC_MASTER, read[0], json.dumps({"count": 40, "problem": "", **read[1]})),
                )
            ):
                at = now - timedelta(minutes=7 - place)
                session.add(
                    Evidence(
                        attempt_id=attempt.id,
                        source=source,
                        read_began=at,
                        read_ended=at,
                        result=result,
                        detail=detail,
                        detail_sha=snapshots.sha256(detail),
                    )
                )
        return outbox.id


def in_state(town: Town, export: ExportState, message: str = "", **changes: object) -> tuple[str, str]:
    """A commitment that was accepted and whose export stands so; item and submission."""
    made, submission = town.accepted(**changes)
    stands(town, submission, export, message)
    return made, submission


def doubt(town: Town) -> tuple[str, str]:
    """A commitment that is in doubt, and its submission."""
    return in_state(town, ExportState.IN_DOUBT)


def export_of(town: Town, submission: str) -> Outbox:
    with town.store.reading() as session:
        return session.scalars(select(Outbox).where(Outbox.submission_id == submission)).one()


def closings(town: Town) -> list[Closing]:
    with town.store.reading() as session:
        return list(session.scalars(select(Closing).order_by(Closing.stated_at)))


def newcomer(
    town: Town,
    right: Right = Right.STANDARD,
    *,
    push: bool = True,
    all_projects: bool = True,
    active: bool = True,
    may_export: bool = True,
    name: str = "",
    email: str = "",
) -> str:
    """Somebody with this level in ERP Integrations, with or without the privilege."""
    person = Person(name=name or f"Pat {press()[:6]}", can_push=False, all_projects=all_projects, email=email)
    person.rights = [
        ToolRight(tool=Tool.COMMITMENTS, right=Right.ADMIN),
        ToolRight(tool=Tool.ERP_INTEGRATIONS, right=right),
    ]
    person.kinds = [KindRight(kind="commitment", can_import=True, can_export=may_export)]
    with town.store.writing() as session:
        session.add(person)
        session.flush()
        if push:
            asked = {"person_id": person.id, "requested_by": town.both, "requested_at": town.desk.office.clock.now()}
            session.add(PushGrant(**asked, state=GrantState.CONFIRMED, answered_by=town.manager))
            session.flush()
            person.can_push = True
        person.active = active
    return person.id
