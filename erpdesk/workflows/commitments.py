"""Workflow 4, commitments: create a subcontract or a purchase order, lead it to Approved, send it to accounting.

The ERP steps are in ``erp_item``, the document statuses in ``commitment_status``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.core.changes import Changes
from erpdesk.core.errors import ChangedMeanwhile, Refused
from erpdesk.models.commitments import Commitment, CommitmentLine, CommitmentType, Method
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.erp import Outbox, Submission
from erpdesk.models.jobs import Project
from erpdesk.models.people import Person
from erpdesk.workflows import commitment_checks, commitment_console, drafts_kept, rights
from erpdesk.workflows.commitment_drafts import (
    as_held,
    as_kept,
    check_sound,
    header_problems,
    line_amount,
    line_problems,
)
from erpdesk.workflows.commitment_facts import exact, facts
from erpdesk.workflows.commitment_status import LINES_CLOSED, STATUS_STEPS, StatusFacts, set_status
from erpdesk.workflows.erp_item import LOCKED, Kind, derive, join, last_submission
from erpdesk.workflows.operation import Office, Operation, operation
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot
from erpdesk.workflows.rows import CommitmentDraft, ErpState

KIND = "commitment"

WHY_LOCKED: dict[ErpState, str] = {
    ErpState.SENT: "Sent to ERP Integrations and waiting for accounting. Retrieve it to edit it.",
    ErpState.EXPORTING: "Accepted by accounting and on its way into Sage.",
    ErpState.SYNCED: "Synced with Sage: vendor, title, status, retainage and lines can only change by a change order.",
    ErpState.FAILED: "The export failed. Accounting has to reject it before it can be corrected and sent again.",
    ErpState.IN_DOUBT: "It is not certain whether Sage has it. It stays as it is until accounting has settled that.",
    ErpState.CLOSED: "Two people of accounting looked in Sage and found it there. It can not be changed any more.",
}
"""Why the project side can not edit, in each locked state (C5, C7)."""


def lock_reason(session: Session, commitment: Commitment) -> str:
    """Why the commitment is locked, or '' when it can be edited."""
    submission, outbox = last_submission(session, KIND, commitment.id)
    state = derive(submission.state if submission else None, outbox.state if outbox else None)
    return WHY_LOCKED[state] if state in LOCKED else ""


def _label(commitment: Commitment) -> str:
    return f"{commitment.number} {commitment.title}".strip() or "A commitment without a number"


def _load(session: Session, item_id: str) -> Commitment | None:
    return session.get(Commitment, item_id)


def snapshot_of(office: Office, session: Session, commitment: Commitment) -> CommitmentSnapshot:
    """Freezes a commitment as it is sent; the contract number is the proposed Sage ID where set up so (C6)."""
    project = session.get_one(Project, commitment.project_id)
    company = session.get(DirectoryCompany, commitment.company_id) if commitment.company_id else None
    return CommitmentSnapshot(
        sage_id=commitment.number if office.settings().number_is_sage_id else "",
        type=commitment.type.value,
        title=commitment.title,
        vendor=(company.sage_vendor if company else None) or "",
        job=project.sage_job or "",
        date=commitment.date or office.clock.today(),
        retainage_percent=commitment.retainage_percent,
        lines=tuple(
            LineSnapshot(
                number=number,
                description=line.description,
                extra=line.extra,
                cost_code=line.cost_code,
                category=line.category,
                quantity=line.quantity,
                unit=line.unit,
                unit_cost=line.unit_cost,
                amount=line.amount,
            )
            for number, line in enumerate(commitment.lines, 1)
        ),
    )


COMMITMENT = join(
    Kind(
        name=KIND,
        title="Commitments",
        noun=("commitment", "commitments"),
        tool="Commitments",
        tables=commitment_console.TABLES,
        load=_load,
        label=_label,
        number=lambda commitment: str(commitment.number),
        project_of=lambda commitment: str(commitment.project_id),
        send_problems=commitment_checks.send_problems,
        snapshot=snapshot_of,
        accept_problems=commitment_checks.accept_problems,
        record_type="commitment",
        listed=commitment_console.listed,
        document=commitment_console.document,
        sage_steps=commitment_console.SAGE_STEPS,
        drift=commitment_console.drift,
        given_up=commitment_console.GIVEN_UP,
        passed=commitment_console.PASSED,
        look_at=commitment_console.LOOK_AT,
        correct_at=commitment_console.CORRECT_AT,
    )
)


def next_number(taken: Iterable[str], last: str, type_: CommitmentType, project: str) -> str:
    """The next number after the last one of this type: its trailing digits plus one, keeping their width."""
    used = set(taken)
    letters = "SC" if type_ is CommitmentType.SUBCONTRACT else "PO"
    found = re.fullmatch(r"(.*?)(\d+)", last)
    head, digits = found.groups() if found else (f"{letters}-{project.split('-')[-1][:4]}-", "000")
    value = int(digits)
    while True:
        value += 1
        number = f"{head}{value:0{len(digits)}d}"
        if number not in used:
            return number


class CommitmentActs:
    """Creating, editing and deleting commitments, and setting their status."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def save(self, actor: str, draft: CommitmentDraft) -> tuple[str, Changes]:
        """Creates a commitment as a Draft, or changes an unlocked one; nothing is compulsory (C1, C2, C3).

        Returns its id. Raises Refused with every reason, ChangedMeanwhile when it was saved by somebody else first.
        """
        check_sound(draft)
        with operation(self._office, actor) as running:
            commitment = self._existing(running, draft) if draft.id else self._new(running, draft)
            running.demand("commitment.save", commitment.project_id)
            locked = lock_reason(running.session, commitment) if draft.id else ""
            if locked:
                raise Refused([locked], kept="Nothing was saved.")
            before, was = (facts(commitment), exact(commitment)) if draft.id else ({}, None)
            reasons = header_problems(running.session, commitment, draft)
            lines_change = [as_kept(Method(draft.method), line) for line in draft.lines] != [
                as_held(line) for line in commitment.lines
            ]
            if lines_change or draft.method != commitment.method.value:
                reasons += self._line_problems(running, commitment, draft)
            if reasons:
                raise Refused(reasons, kept="Nothing was saved; what you typed is still there.")
            commitment.number = draft.number.strip()
            commitment.title = draft.title.strip()
            commitment.description = draft.description
            commitment.company_id = draft.company_id or None
            commitment.date = draft.date
            commitment.retainage_percent = draft.retainage_percent
            commitment.method = Method(draft.method)
            if lines_change:
                _put_lines(commitment, draft)
            if draft.id:
                _touch(commitment)
            running.session.add(commitment)
            running.session.flush()
            running.record(
                "edit" if draft.id else "create",
                KIND,
                commitment.id,
                before=before,
                after=facts(commitment),
                was=was,
            )
            drafts_kept.forget(running.session, actor, KIND, draft.id)
            saved = commitment.id
        return saved, running.changes

    def set_status(self, actor: str, commitment_id: str, status: str, version: int) -> Changes:
        """Sets the document status; refused while the commitment is locked."""
        with operation(self._office, actor) as running:
            commitment = _fetch(running.session, commitment_id, version)
            running.demand("commitment.set_status", commitment.project_id)
            before = commitment.status
            now = StatusFacts(running.person, lock_reason(running.session, commitment))
            commitment.status = set_status(commitment.type, before, status, now)
            running.record("status", KIND, commitment.id, before=before, after=commitment.status)
        return running.changes

    def delete(self, actor: str, commitment_id: str) -> Changes:
        """Deletes a Draft that was never accepted; its history stays in the audit trail (C7)."""
        with operation(self._office, actor) as running:
            commitment = _fetch(running.session, commitment_id, None)
            reasons = delete_problems(running.session, running.person, commitment)
            if reasons:
                raise Refused(reasons)
            running.record("delete", KIND, commitment.id, before=facts(commitment), was=exact(commitment))
            running.session.delete(commitment)
        return running.changes

    def _new(self, running: Operation, draft: CommitmentDraft) -> Commitment:
        if running.session.get(Project, draft.project_id) is None:
            raise Refused(["Choose the project of this commitment."])
        type_ = CommitmentType(draft.type)
        return Commitment(
            type=type_,
            project_id=draft.project_id,
            number="",
            title="",
            description="",
            status=STATUS_STEPS[type_].start.value,
            method=Method(draft.method),
            retainage_percent=Decimal(0),
            created_by=running.person.id,
            created_at=running.at,
            lines=[],
        )

    def _existing(self, running: Operation, draft: CommitmentDraft) -> Commitment:
        return _fetch(running.session, draft.id, draft.version)

    def _line_problems(self, running: Operation, commitment: Commitment, draft: CommitmentDraft) -> list[str]:
        if commitment.status in LINES_CLOSED:
            return [f"The schedule of values is closed while the status is {commitment.status}. Set it to Draft first."]
        if commitment.lines and draft.lines and draft.method != commitment.method.value:
            return ["The accounting method is fixed by the first line. Delete all lines to change it."]
        return line_problems(self._office, running.session, commitment.project_id, draft)


def delete_problems(session: Session, person: Person, commitment: Commitment) -> list[str]:
    """Why this commitment can not be deleted, or an empty list."""
    reasons = [rights.why_not(person, "commitment.delete", commitment.project_id), lock_reason(session, commitment)]
    if session.scalar(select(Outbox.id).join(Submission).where(Submission.item_id == commitment.id).limit(1)):
        reasons.append("It was accepted for export once, and that history has to stay. Set it to Void instead.")
    if commitment.status != STATUS_STEPS[commitment.type].start.value:
        reasons.append("Only a Draft can be deleted. Set the status to Draft first.")
    return [reason for reason in reasons if reason]


def _fetch(session: Session, commitment_id: str, version: int | None) -> Commitment:
    commitment = session.get(Commitment, commitment_id)
    if commitment is None:
        raise ChangedMeanwhile(["This commitment was deleted meanwhile. The list has been read again."])
    if version is not None and commitment.version != version:
        raise ChangedMeanwhile(
            ["Somebody else saved this commitment after you opened it. It has been read again: make your change anew."]
        )
    return commitment


def _put_lines(commitment: Commitment, draft: CommitmentDraft) -> None:
    kept = {line.id: line for line in commitment.lines}
    lines: list[CommitmentLine] = []
    for position, typed in enumerate(draft.lines, 1):
        line = kept.get(typed.id) or CommitmentLine()
        line.position = position
        line.extra, line.cost_code, line.category = typed.extra, typed.cost_code, typed.category
        line.description, line.unit = typed.description.strip(), typed.unit.strip()
        line.quantity, line.unit_cost = typed.quantity, typed.unit_cost
        line.amount = line_amount(Method(draft.method), typed)
        lines.append(line)
    commitment.lines = lines


def _touch(commitment: Commitment) -> None:
    """Raises the version also when only lines changed, so that a stale editor is noticed."""
    commitment.version = commitment.version + 1
