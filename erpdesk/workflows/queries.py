"""Lists and pages for the views: SQL in, frozen rows out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from erpdesk.core.errors import ChangedMeanwhile, NotAllowed
from erpdesk.core.steps import Offer
from erpdesk.models.commitments import Commitment, CommitmentLine, CommitmentType
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.erp import Outbox, Submission
from erpdesk.models.jobs import Project
from erpdesk.models.office import Attachment
from erpdesk.models.people import Person, ProjectMember
from erpdesk.workflows import commitment_console, commitment_status, erp_item, review, rights, snapshots
from erpdesk.workflows.commitments import COMMITMENT, KIND, delete_problems, lock_reason, next_number
from erpdesk.workflows.erp_map import map_of
from erpdesk.workflows.history import history, names_of
from erpdesk.workflows.operation import Office, person
from erpdesk.workflows.ports import CostTransactions, SageCommitment
from erpdesk.workflows.rows import (
    CodeRow,
    CommitmentDetail,
    CommitmentRow,
    CompanyRow,
    ErpState,
    LineRow,
    PersonRow,
    ProjectRow,
    VendorRow,
)

ALL_JOBS_HIDDEN = (
    "Only members of every project see the costs of all jobs. Choose one of your projects at the top left."
)
JOB_HIDDEN = "You do not belong to this project. Ask an administrator."


class Queries:
    """Reads for the window; each is short and holds up nobody."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def people(self) -> tuple[PersonRow, ...]:
        """Everybody who can act."""
        with self._office.store.reading() as session:
            everybody = session.scalars(select(Person).where(Person.active).order_by(Person.name))
            return tuple(PersonRow(each.id, each.name, each.title, rights.decides(each)) for each in everybody)

    def projects(self, actor: str | None = None) -> tuple[ProjectRow, ...]:
        """The projects that a person belongs to by number; all of them when nobody is named."""
        with self._office.store.reading() as session:
            asked = select(Project).order_by(Project.number)
            if actor is not None and not person(session, actor).all_projects:
                asked = asked.join(ProjectMember).where(ProjectMember.person_id == actor)
            found = session.scalars(asked)
            return tuple(ProjectRow(each.id, each.number, each.name, each.sage_job or "") for each in found)

    def companies(self) -> tuple[CompanyRow, ...]:
        """The directory's companies by name."""
        with self._office.store.reading() as session:
            found = session.scalars(select(DirectoryCompany).order_by(DirectoryCompany.name))
            return tuple(CompanyRow(each.id, each.name, each.sage_vendor or "") for each in found)

    def codes(self, project_id: str, actor: str) -> tuple[CodeRow, ...]:
        """The extras, cost codes and categories that lines of this project may use; empty without a synced job.

        Raises NotAllowed for a project that this person does not belong to.
        """
        with self._office.store.reading() as session:
            _demand_member(session, actor, project_id)
            project = session.get(Project, project_id)
            job = project.sage_job if project else None
        if not job:
            return ()
        return tuple(
            CodeRow(
                each.extra,
                each.cost_code,
                each.category,
                each.cost_code_description,
                each.category_description,
                each.total_estimate,
                each.revised_commitment,
            )
            for each in self._office.facts.categories(job)
            if not each.group and not each.closed
        )

    def transactions(self, project_id: str | None, actor: str) -> CostTransactions | None:
        """The job-cost transactions of a project's job, or of all jobs; None when the project is not synced.

        Raises NotAllowed for a project that this person does not belong to, and for all jobs unless they belong to all.
        """
        with self._office.store.reading() as session:
            acting = person(session, actor)
            if not (acting.all_projects if project_id is None else acting.member_of(project_id)):
                raise NotAllowed([ALL_JOBS_HIDDEN if project_id is None else JOB_HIDDEN])
            if project_id is None:
                return self._office.facts.transactions(None)
            project = session.get(Project, project_id)
            job = project.sage_job if project else None
        return self._office.facts.transactions(job) if job else None

    def vendors(self) -> tuple[VendorRow, ...]:
        """Sage's vendors with the directory company linked to each."""
        with self._office.store.reading() as session:
            linked = {
                each.sage_vendor: each.name
                for each in session.scalars(select(DirectoryCompany).where(DirectoryCompany.sage_vendor.is_not(None)))
            }
        return tuple(
            VendorRow(
                each.vendor,
                each.vendor,
                each.name,
                each.type,
                each.city,
                each.state,
                each.telephone,
                "Inactive" if each.inactive else "Active",
                linked.get(each.vendor, ""),
            )
            for each in self._office.facts.vendors()
        )

    def commitments(self, project_id: str | None = None, actor: str | None = None) -> tuple[CommitmentRow, ...]:
        """All commitments, or those of one project, by number; of those that ``actor`` may see when one is named."""
        with self._office.store.reading() as session:
            amount = (
                select(CommitmentLine.commitment_id, func.sum(CommitmentLine.amount).label("amount"))
                .group_by(CommitmentLine.commitment_id)
                .subquery()
            )
            asked = (
                select(Commitment, Project, DirectoryCompany.name, amount.c.amount)
                .join(Project, Project.id == Commitment.project_id)
                .outerjoin(DirectoryCompany, DirectoryCompany.id == Commitment.company_id)
                .outerjoin(amount, amount.c.commitment_id == Commitment.id)
                .order_by(Commitment.number, Commitment.created_at)
            )
            if project_id is not None:
                asked = asked.where(Commitment.project_id == project_id)
            if actor is not None:
                acting = person(session, actor)
                if rights.why_not(acting, f"{KIND}.read"):
                    return ()
                if not acting.all_projects:
                    mine = select(ProjectMember.project_id).where(ProjectMember.person_id == actor)
                    asked = asked.where(Commitment.project_id.in_(mine))
            sent, read_at, attached = _latest(session), self._read_at(), _attached(session)
            rows: list[CommitmentRow] = []
            for commitment, project, vendor, total in session.execute(asked):
                submission, outbox = sent.get(commitment.id, (None, None))
                amount_here = total or Decimal("0.00")
                files = attached.get(commitment.id, 0)
                rows.append(
                    self._row(commitment, project, vendor or "", amount_here, submission, outbox, read_at, files)
                )
            return tuple(rows)

    def commitment(self, commitment_id: str, actor: str) -> CommitmentDetail:
        """One commitment with everything its page shows, and the buttons for the acting person.

        Raises ChangedMeanwhile for a deleted one, NotAllowed for one that this person may not see.
        """
        office = self._office
        with office.store.reading() as session:
            commitment = session.get(Commitment, commitment_id)
            if commitment is None:
                raise ChangedMeanwhile(["This commitment was deleted meanwhile. The list has been read again."])
            acting = person(session, actor)
            hidden = rights.why_not(acting, f"{KIND}.read", commitment.project_id)
            if hidden:
                raise NotAllowed([hidden])
            project = session.get_one(Project, commitment.project_id)
            company = session.get(DirectoryCompany, commitment.company_id) if commitment.company_id else None
            submission, outbox = erp_item.last_submission(session, KIND, commitment_id)
            vendor, read_at = company.name if company else "", self._read_at()
            files = _attached(session, commitment_id).get(commitment_id, 0)
            row = self._row(commitment, project, vendor, commitment.amount, submission, outbox, read_at, files)
            locked = lock_reason(session, commitment)
            cannot_delete = tuple(delete_problems(session, acting, commitment))
            job = office.facts.job(project.sage_job) if project.sage_job else None
            return CommitmentDetail(
                row=row,
                project_id=project.id,
                company_id=commitment.company_id or "",
                description=commitment.description,
                method=commitment.method.value,
                version=commitment.version,
                lines=tuple(_line(line) for line in commitment.lines),
                locked=locked,
                lines_locked=locked or _lines_closed(commitment.status),
                statuses=commitment_status.offers(
                    commitment.type, commitment.status, commitment_status.StatusFacts(acting, locked)
                ),
                offers=(
                    *erp_item.sender_offers(office, session, COMMITMENT, commitment, acting),
                    Offer("delete", "Delete", not cannot_delete, cannot_delete),
                ),
                map=map_of(session, COMMITMENT, commitment, submission, outbox, names_of(session)),
                history=history(session, KIND, commitment_id),
                message=review.DRIFT_TEXT.get(row.erp_text) or _message(submission, outbox),
                committed_cost=job.revised_commitment if job else None,
            )

    def may(self, actor: str, act: str) -> tuple[str, ...]:
        """Why this person may not do an act at all; empty when the right is there (J2, T4)."""
        with self._office.store.reading() as session:
            why = rights.why_not(person(session, actor), act)
        return (why,) if why else ()

    def job_committed(self, project_id: str, actor: str) -> Decimal | None:
        """The committed cost of a project's job as Sage held it when last read; None without a synced job.

        Raises NotAllowed for a project that this person does not belong to.
        """
        with self._office.store.reading() as session:
            _demand_member(session, actor, project_id)
            project = session.get(Project, project_id)
        job = self._office.facts.job(project.sage_job) if project and project.sage_job else None
        return job.revised_commitment if job else None

    def next_number(self, project_id: str, type_: str, actor: str) -> str:
        """The number that a new commitment of this type gets on this project; it may be overtyped.

        Raises NotAllowed for a project that this person does not belong to.
        """
        kind = CommitmentType(type_)
        with self._office.store.reading() as session:
            _demand_member(session, actor, project_id)
            project = session.get_one(Project, project_id)
            numbers = session.execute(
                select(Commitment.number, Commitment.type, Commitment.project_id)
                .where(Commitment.number != "")
                .order_by(Commitment.created_at, Commitment.number)
            ).all()
            mine = [number for number, of_type, of_project in numbers if of_type is kind and of_project == project_id]
            number = next_number((each[0] for each in numbers), mine[-1] if mine else "", kind, project.number)
            while self._office.facts.commitment_id_taken(number):
                number = next_number((each[0] for each in numbers), number, kind, project.number)
            return number

    def _read_at(self) -> datetime | None:
        """When the last good read of Sage's commitments began."""
        return next((each.read_began for each in self._office.facts.freshness() if each.table == "Commitments"), None)

    def _held(
        self, state: ErpState, outbox: Outbox | None, submission: Submission | None, read_at: datetime | None
    ) -> tuple[SageCommitment | None, str]:
        """What Sage holds of a synced item when last read, and what became of it there since ('' = as approved)."""
        if outbox is None or submission is None or state is not ErpState.SYNCED:
            return None, ""
        held = self._office.facts.commitment(outbox.natural_key)
        mirrored = read_at is not None and read_at > outbox.changed_at
        if not mirrored:
            return held, ""
        return held, commitment_console.became(snapshots.from_text(submission.payload).amount, held)

    def _row(
        self,
        commitment: Commitment,
        project: Project,
        vendor: str,
        amount: Decimal,
        submission: Submission | None,
        outbox: Outbox | None,
        read_at: datetime | None,
        attachments: int,
    ) -> CommitmentRow:
        state = erp_item.derive(submission.state if submission else None, outbox.state if outbox else None)
        held, drift = self._held(state, outbox, submission, read_at)
        return CommitmentRow(
            id=commitment.id,
            number=commitment.number,
            title=commitment.title,
            type=commitment.type.value,
            project=project.number,
            job=project.sage_job or "",
            vendor=vendor,
            status=commitment.status,
            erp_state=state,
            erp_text=drift or review.state_text(state, outbox.state if outbox else None),
            amount=amount,
            retainage_percent=commitment.retainage_percent,
            date=commitment.date,
            sage_id=outbox.natural_key if outbox else "",
            sage_amount=held.amount if held else None,
            sage_approved_changes=held.approved_changes if held else None,
            sage_revised=held.amount + held.approved_changes if held else None,
            sage_invoiced=held.invoiced if held else None,
            attachments=attachments,
        )


def _demand_member(session: Session, actor: str, project_id: str) -> None:
    if not person(session, actor).member_of(project_id):
        raise NotAllowed([JOB_HIDDEN])


def _message(submission: Submission | None, outbox: Outbox | None) -> str:
    if submission is None:
        return ""
    return review.message(submission.state, submission.comment, outbox.message if outbox else "")


def _lines_closed(status: str) -> str:
    if status in commitment_status.LINES_CLOSED:
        return f"The schedule of values is closed while the status is {status}. Set it to Draft to edit lines."
    return ""


def _line(line: CommitmentLine) -> LineRow:
    return LineRow(
        line.id,
        line.position,
        line.extra,
        line.cost_code,
        line.category,
        line.description,
        line.quantity,
        line.unit,
        line.unit_cost,
        line.amount,
    )


def _latest(session: Session) -> dict[str, tuple[Submission, Outbox | None]]:
    """The last submission of every item, with its intent."""
    newest = (
        select(Submission.item_id, func.max(Submission.revision).label("revision"))
        .where(Submission.kind == KIND)
        .group_by(Submission.item_id)
        .subquery()
    )
    rows = session.execute(
        select(Submission, Outbox)
        .join(newest, (newest.c.item_id == Submission.item_id) & (newest.c.revision == Submission.revision))
        .outerjoin(Outbox, Outbox.submission_id == Submission.id)
        .where(Submission.kind == KIND)
    )
    return {submission.item_id: (submission, outbox) for submission, outbox in rows}


def _attached(session: Session, commitment_id: str | None = None) -> dict[str, int]:
    """How many files each commitment has, or one of them; those without are left out."""
    asked = select(Attachment.ref, func.count()).where(Attachment.kind == KIND, Attachment.removed_at.is_(None))
    if commitment_id is not None:
        asked = asked.where(Attachment.ref == commitment_id)
    return {ref: many for ref, many in session.execute(asked.group_by(Attachment.ref))}
