"""The queue of ERP Integrations: which items stand in which view, read in one query a kind, without any payload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from erpdesk.core.errors import NotAllowed
from erpdesk.models.erp import ExportState, Outbox, Submission, SubmissionState
from erpdesk.models.people import Person, ProjectMember
from erpdesk.workflows import erp_item, review, rights
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.erp_item import KINDS, Kind
from erpdesk.workflows.erp_kind import InSage, Listed
from erpdesk.workflows.operation import Office
from erpdesk.workflows.rows import ErpState, QueueRow

_STANDS: dict[View, tuple[SubmissionState, tuple[ExportState, ...]]] = {
    View.READY_TO_EXPORT: (SubmissionState.PENDING, ()),
    View.FAILED_TO_EXPORT: (SubmissionState.ACCEPTED, erp_item.FAILED),
    View.SYNCED: (SubmissionState.ACCEPTED, erp_item.SYNCED),
    View.EXPORTING: (SubmissionState.ACCEPTED, erp_item.EXPORTING),
    View.IN_DOUBT: (SubmissionState.ACCEPTED, erp_item.IN_DOUBT),
}
"""Which submissions stand in a view, unless they were put aside."""

_OF_STATE: dict[ErpState, View] = {
    ErpState.SENT: View.READY_TO_EXPORT,
    ErpState.EXPORTING: View.EXPORTING,
    ErpState.SYNCED: View.SYNCED,
    ErpState.FAILED: View.FAILED_TO_EXPORT,
    ErpState.IN_DOUBT: View.IN_DOUBT,
}


def view_of(row: QueueRow) -> View | None:
    """The view in which an item stands; None for one that is with the project side."""
    return View.ARCHIVED if row.archived else _OF_STATE.get(row.state)


def counts(session: Session, kind: Kind, person: Person, project_id: str | None) -> Mapping[View, int]:
    """How many items of one kind stand in each of its views, of those that a person may see, in one query."""
    none = dict.fromkeys(kind.views, 0)
    listed = kind.listed()
    may_see = visible(person, kind, listed, project_id)
    if may_see is None:
        return none
    stands = case(*((_stands(view), view.value) for view in kind.views if view in _KNOWN), else_="").label("stands")
    counted = _joined(select(stands, func.count()), listed, listed.table)
    asked = counted.where(Submission.kind == kind.name, _STANDING, *may_see).group_by(stands)
    return none | {View(view): count for view, count in session.execute(asked) if view}


def queue(
    office: Office, session: Session, kind: Kind, view: View, person: Person | None, project_id: str | None
) -> tuple[QueueRow, ...]:
    """The items of one view, the longest waiting first; ``person`` None = of everybody's projects."""
    listed = kind.listed()
    may_see = visible(person, kind, listed, project_id)
    if may_see is None or view not in _KNOWN:
        return ()
    return rows(office, session, kind, in_view(kind, view), *may_see)


def rows(
    office: Office, session: Session, kind: Kind, *which: ColumnElement[bool], limit: int | None = None
) -> tuple[QueueRow, ...]:
    """The items of one kind that meet conditions on ``Submission`` and ``Outbox``, the longest waiting first."""
    listed = kind.listed()
    asked = _joined(_columns(listed), listed).where(*which)
    if limit is not None:
        # The ids first: sorting whole rows to throw most of them away costs many times as much.
        first = _joined(select(Submission.id), listed).where(*which)
        ids = session.scalars(first.order_by(Submission.sent_at, Submission.id).limit(limit)).all()
        asked = asked.where(Submission.id.in_(ids))
    asked = asked.order_by(Submission.sent_at, Submission.id)
    names: dict[str, str] = {each.id: each.name for each in session.execute(select(Person.id, Person.name))}
    found = session.execute(asked).all()
    return _drifted(office, kind, [(_row(kind, names, each), each.changed_at) for each in found])


def how_many(session: Session, kind: Kind, *which: ColumnElement[bool]) -> int:
    """How many items of one kind meet conditions on ``Submission`` and ``Outbox``."""
    asked = _joined(select(func.count()), kind.listed()).where(*which)
    return session.scalar(asked) or 0


def amounts(session: Session, kind: Kind, *which: ColumnElement[bool]) -> list[Decimal]:
    """The amount of each item of one kind that meets conditions on ``Submission`` and ``Outbox``."""
    listed = kind.listed()
    return list(session.scalars(_joined(select(listed.amount), listed).where(*which)))


def by_id(office: Office, session: Session, ids: Sequence[str]) -> dict[str, QueueRow]:
    """The items with these submission ids, whatever their kind."""
    kinds = session.execute(select(Submission.id, Submission.kind).where(Submission.id.in_(ids))).all()
    found: dict[str, QueueRow] = {}
    for name in dict.fromkeys(each.kind for each in kinds):
        if name in KINDS:
            mine = [each.id for each in kinds if each.kind == name]
            found |= {row.id: row for row in rows(office, session, KINDS[name], Submission.id.in_(mine))}
    return found


def visible(
    person: Person | None, kind: Kind, listed: Listed, project_id: str | None
) -> tuple[ColumnElement[bool], ...] | None:
    """Conditions that leave what a person may see of a kind, in one project or in all; None when it is nothing."""
    here = () if project_id is None else (listed.project_id == project_id,)
    if person is None:
        return here
    if rights.why_not(person, f"{kind.name}.read"):
        return None
    if person.all_projects:
        return here
    mine = select(ProjectMember.project_id).where(ProjectMember.person_id == person.id)
    return (*here, or_(listed.project_id.is_(None), listed.project_id.in_(mine)))


def in_view(kind: Kind, view: View) -> ColumnElement[bool]:
    """The condition under which a submission stands in a view of a kind."""
    # Few items are under way, many are done: by the outbox those few are found without passing over all the others.
    mine = Outbox.kind == kind.name if view in _STANDS and _STANDS[view][1] else Submission.kind == kind.name
    return and_(mine, _stands(view))


def _stands(view: View) -> ColumnElement[bool]:
    if view is View.ARCHIVED:
        return Submission.archived_at.is_not(None)
    state, exports = _STANDS[view]
    stands = and_(Submission.state == state, Submission.archived_at.is_(None))
    return and_(stands, Outbox.state.in_(exports)) if exports else stands


_KNOWN = frozenset((*_STANDS, View.ARCHIVED))
_STANDING = or_(
    Submission.state.in_((SubmissionState.PENDING, SubmissionState.ACCEPTED)), Submission.archived_at.is_not(None)
)
"""What stands somewhere on the console; what was retrieved, or rejected and not put aside, has left it."""


def _joined(
    asked: Select[*tuple[Any, ...]], listed: Listed, source: FromClause | None = None
) -> Select[*tuple[Any, ...]]:
    return (
        asked.select_from(Submission)
        .join(listed.source if source is None else source, listed.id == Submission.item_id)
        .outerjoin(Outbox, Outbox.submission_id == Submission.id)
    )


def _columns(listed: Listed) -> Select[*tuple[Any, ...]]:
    return select(
        Submission.id,
        Submission.item_id,
        Submission.state.label("decision"),
        Submission.natural_key.label("proposed"),
        Submission.sent_by,
        Submission.sent_at,
        Submission.decided_by,
        Submission.decided_at,
        Submission.comment,
        Submission.archived_at,
        Outbox.state.label("export"),
        Outbox.natural_key.label("decided"),
        Outbox.message,
        Outbox.changed_at,
        listed.project_id.label("project_id"),
        listed.number.label("number"),
        listed.title.label("title"),
        listed.type.label("type"),
        listed.vendor.label("vendor"),
        listed.vendor_name.label("vendor_name"),
        listed.job.label("job"),
        listed.amount.label("amount"),
    )


def _row(kind: Kind, names: Mapping[str, str], found: Row[Any]) -> QueueRow:
    state = erp_item.derive(found.decision, found.export)
    return QueueRow(
        id=found.id,
        kind=kind.name,
        item_id=found.item_id,
        project_id=found.project_id or "",
        number=found.number,
        title=found.title,
        type=str(found.type),
        vendor=found.vendor or "",
        vendor_name=found.vendor_name or "",
        job=found.job or "",
        amount=found.amount,
        state=state,
        state_text=review.state_text(state, found.export),
        sage_id=found.decided or found.proposed,
        sent_by=names.get(found.sent_by, ""),
        sent_at=found.sent_at,
        decided_by=names.get(found.decided_by or "", ""),
        decided_at=found.decided_at,
        message=review.message(found.decision, found.comment, found.message or ""),
        archived=found.archived_at is not None,
    )


def _drifted(office: Office, kind: Kind, found: Sequence[tuple[QueueRow, Any]]) -> tuple[QueueRow, ...]:
    """The rows, and of synced ones what became of them in Sage since (P3)."""
    synced = [InSage(row.sage_id, row.amount, at) for row, at in found if row.state is ErpState.SYNCED]
    words = kind.drift(office, synced) if synced else {}
    return tuple(
        replace(row, state_text=words[row.sage_id], message=review.DRIFT_TEXT[words[row.sage_id]])
        if row.state is ErpState.SYNCED and row.sage_id in words
        else row
        for row, _ in found
    )


def demand_sight(person: Person, row: QueueRow) -> None:
    """Raises NotAllowed for an item that a person may not see."""
    why = rights.why_not(person, f"{row.kind}.read", row.project_id or None)
    if why:
        raise NotAllowed([why])
