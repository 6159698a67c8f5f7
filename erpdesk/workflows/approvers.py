"""The accountants’ report: who may push to accounting, for which kinds, since when, and by whom it was given."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from erpdesk.models.audit import AuditEntry
from erpdesk.models.jobs import Project
from erpdesk.models.people import GrantState, Person, ProjectMember, PushGrant
from erpdesk.workflows import rights
from erpdesk.workflows.people_checks import PERSON
from erpdesk.workflows.people_rows import ApproverRow

FIRST_RUN = "Nobody (first run)"
ALL, NONE = "All", "None"


def approver_rows(session: Session) -> tuple[ApproverRow, ...]:
    """Everybody active who holds the privilege, by name; three queries, however many there are."""
    people = session.scalars(select(Person).where(Person.active, Person.can_push).order_by(Person.name)).all()
    names = {each.id: each.name for each in session.scalars(select(Person))}
    confirmed = (
        select(PushGrant).where(PushGrant.state == GrantState.CONFIRMED).order_by(PushGrant.answered_at, PushGrant.id)
    )
    grants = {each.person_id: each for each in session.scalars(confirmed)}
    begun = _first_run(session)
    projects: dict[str, int] = {
        person: count
        for person, count in session.execute(
            select(ProjectMember.person_id, func.count(Project.id))
            .join(Project, Project.id == ProjectMember.project_id)
            .group_by(ProjectMember.person_id)
        )
    }
    return tuple(_row(each, names, grants.get(each.id), begun.get(each.id), projects) for each in people)


def _row(
    person: Person,
    names: dict[str, str],
    grant: PushGrant | None,
    begun: tuple[datetime, str] | None,
    projects: dict[str, int],
) -> ApproverRow:
    if grant is not None:
        how = (grant.answered_at, names[grant.requested_by], names.get(grant.answered_by or "", ""), grant.reason)
    elif begun is not None:
        how = (begun[0], names.get(begun[1], ""), FIRST_RUN, "")
    else:
        how = (None, "", "", "")
    return ApproverRow(
        person.id,
        person.name,
        person.title,
        rights.decides(person),
        _kinds(person, rights.IMPORT),
        _kinds(person, rights.EXPORT),
        ALL if person.all_projects else (f"{projects[person.id]:,}" if person.id in projects else NONE),
        *how,
    )


def _kinds(person: Person, direction: str) -> str:
    """For which kinds, in words: all of them, all but a few, or those few."""
    given = {each for each in rights.KINDS if rights.may_kind(person, each, direction)}
    missing = [words for kind, words in rights.KINDS.items() if kind not in given]
    if not missing:
        return ALL
    if not given:
        return NONE
    if len(missing) < len(given):
        return f"{ALL} but {', '.join(missing)}"
    return ", ".join(words for kind, words in rights.KINDS.items() if kind in given)


def _first_run(session: Session) -> dict[str, tuple[datetime, str]]:
    """When and by whom the first approvers were entered, by person."""
    entries = session.execute(
        select(AuditEntry.ref, AuditEntry.at, AuditEntry.who, AuditEntry.after).where(
            AuditEntry.kind == PERSON, AuditEntry.act == "first_run"
        )
    )
    return {ref: (at, who) for ref, at, who, after in entries if after and json.loads(after).get("can_push")}
