"""Which records of the decision store can be found, and by which words; a kind joins by declaring it here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from erpdesk.models.commitments import Commitment
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.erp import Submission
from erpdesk.models.jobs import Project
from erpdesk.workflows.search_rows import Found


@dataclass(frozen=True)
class Searched:
    """One kind of record that can be found; a kind joins by declaring this.

    ``read`` yields the records with these ids, or all of them for None. ``audited`` kinds are read again record by
    record as the audit trail names them; others are read as a whole.
    """

    kind: str
    title: str
    read: Callable[[Session, Collection[str] | None], Iterator[Found]]
    audited: bool = True


SEARCHED: dict[str, Searched] = {}


def join(searched: Searched) -> Searched:
    """Takes a kind of record into the search."""
    SEARCHED[searched.kind] = searched
    return searched


def _commitments(session: Session, refs: Collection[str] | None) -> Iterator[Found]:
    sent = select(Submission.item_id, func.max(Submission.natural_key).label("sage_id")).where(
        Submission.kind == "commitment"
    )
    if refs is not None:
        sent = sent.where(Submission.item_id.in_(refs))
    sage_ids = sent.group_by(Submission.item_id).subquery()
    asked: Select[str, str, str, str | None, str, str | None, str, str | None, str] = (
        select(
            Commitment.id,
            Commitment.number,
            Commitment.title,
            DirectoryCompany.name,
            Project.id,
            Project.sage_job,
            Project.name,
            sage_ids.c.sage_id,
            Project.number,
        )
        .join(Project, Project.id == Commitment.project_id)
        .outerjoin(DirectoryCompany, DirectoryCompany.id == Commitment.company_id)
        .outerjoin(sage_ids, sage_ids.c.item_id == Commitment.id)
        .order_by(Commitment.created_at)
    )
    if refs is not None:
        asked = asked.where(Commitment.id.in_(refs))
    for ref, number, title, vendor, project, job, name, sage_id, project_number in session.execute(asked):
        other = sage_id if sage_id != number else ""
        parts = (vendor, job or project_number, name, other)
        yield Found("commitment", "Commitment", ref, number, title, " · ".join(filter(None, parts)), project)


def _projects(session: Session, refs: Collection[str] | None) -> Iterator[Found]:
    asked = select(Project).order_by(Project.number)
    if refs is not None:
        asked = asked.where(Project.id.in_(refs))
    for each in session.scalars(asked):
        job = f"Job {each.sage_job}" if each.sage_job else ""
        yield Found("project", "Project", each.id, each.number, each.name, job, each.id)


def _companies(session: Session, refs: Collection[str] | None) -> Iterator[Found]:
    # A linked company is found as the vendor of Sage that it is.
    unlinked = select(DirectoryCompany).where(DirectoryCompany.sage_vendor.is_(None))
    if refs is not None:
        unlinked = unlinked.where(DirectoryCompany.id.in_(refs))
    for each in session.scalars(unlinked.order_by(DirectoryCompany.name)):
        yield Found("company", "Company", each.id, "", each.name, "Not linked to a Sage vendor")


join(Searched("commitment", "Commitment", _commitments))
join(Searched("project", "Project", _projects, audited=False))
join(Searched("company", "Company", _companies, audited=False))
