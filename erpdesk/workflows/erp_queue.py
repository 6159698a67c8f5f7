"""The queue of ERP Integrations: which items stand in which view, read in one query a kind, without any payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, null, or_, select, true, type_coerce, union_all
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
    View.SYNCED: (SubmissionState.ACCEPTED, (*erp_item.SYNCED, *erp_item.CLOSED)),
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
    ErpState.CLOSED: View.SYNCED,
}


def view_of(row: QueueRow) -> View | None:
    """The view in which an item stands; None for one that is with the project side."""
    return View.ARCHIVED if row.archived else _OF_STATE.get(row.state)


def counts(session: Session, kind: Kind, person: Person, project_id: str | None) -> Mapping[View, int]:
    """How many items of one kind stand in each of its views, of those that a person may see, in one query."""
    found = dict.fromkeys(View, 0)
    listed = kind.listed()
    may_see = visible(person, kind, listed, project_id)
    if may_see is None:
        return dict.fromkeys(kind.views, 0)
    # Nearly all accepted items are in Sage: looking up in the outbox only those that are not costs a fraction. So does
    # looking for the item only where it may be gone: it is locked from send on, until it was rejected.
    aside = Submission.archived_at.is_not(None)
    there = or_(~aside, exists().where(listed.id == Submission.item_id)) if not may_see else true()
    items = listed if may_see else None
    by_decision = (
        _joined(
            select(Submission.state, aside, type_coerce(null(), _EXPORT), func.count()),
            items,
            whole=False,
            outbox=False,
        )
        .where(_of_kind(kind, narrow=bool(may_see)), _STANDING, there, *may_see)
        .group_by(Submission.state, aside)
    )
    on_the_way = (
        _joined(select(Submission.state, aside, Outbox.state, func.count()), items, whole=False)
        .where(Outbox.kind == kind.name, _accepted(_NOT_THERE), *may_see)
        .group_by(Submission.state, aside, Outbox.state)
    )
    for decision, archived, export, many in session.execute(union_all(by_decision, on_the_way)):
        if archived:
            found[View.ARCHIVED] += many
        elif export is not None:
            found[_OF_STATE[erp_item.OF_EXPORT[export]]] += many
            found[View.SYNCED] -= many
        else:
            found[View.READY_TO_EXPORT if decision is SubmissionState.PENDING else View.SYNCED] += many
    return {view: found[view] for view in kind.views}


def queue(
    office: Office,
    session: Session,
    kind: Kind,
    view: View,
    person: Person | None,
    project_id: str | None,
    limit: int | None = None,
) -> tuple[QueueRow, ...]:
    """The items of one view, the longest waiting first; ``person`` None = of everybody's projects."""
    listed = kind.listed()
    may_see = visible(person, kind, listed, project_id)
    if may_see is None or view not in _KNOWN:
        return ()
    return rows(office, session, kind, in_view(kind, view, first=limit is not None), *may_see, limit=limit)


def rows(
    office: Office, session: Session, kind: Kind, *which: ColumnElement[bool], limit: int | None = None
) -> tuple[QueueRow, ...]:
    """The items of one kind that meet conditions on ``Submission`` and ``Outbox``, the longest waiting first."""
    listed = kind.listed()
    asked = _joined(_columns(listed), listed).where(*which)
    if limit is not None:
        # The ids first: sorting whole rows to throw most of them away costs many times as much.
        first = _joined(select(Submission.id), listed, whole=False).where(*which)
        ids = session.scalars(first.order_by(Submission.sent_at, Submission.id).limit(limit)).all()
        asked = _joined(_columns(listed), listed).where(Submission.id.in_(ids))
    asked = asked.order_by(Submission.sent_at, Submission.id)
    names: dict[str, str] = {each.id: each.name for each in session.execute(select(Person.id, Person.name))}
    # Through the connection: a session would look at every row for objects of its own.
    found = session.connection().execute(asked)
    return _drifted(office, kind, [_row(kind.name, names, *each) for each in found])


def how_many(session: Session, kind: Kind, *which: ColumnElement[bool]) -> int:
    """How many items of one kind meet conditions on ``Submission`` and ``Outbox``."""
    asked = _joined(select(func.count()), kind.listed(), whole=False).where(*which)
    return session.scalar(asked) or 0


def amounts(session: Session, kind: Kind, *which: ColumnElement[bool]) -> list[Decimal]:
    """The amount of each item of one kind that meets conditions on ``Submission`` and ``Outbox``."""
    listed = kind.listed()
    return list(session.scalars(_joined(select(listed.amount), listed).where(*which)))


def in_parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids in parts that one query may ask for: a database takes so many values and no more."""
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def kinds_of(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Kind and item of each of these submissions that is there, in the order of ``ids``."""
    found: dict[str, tuple[str, str]] = {}
    for part in in_parts(ids):
        asked = select(Submission.id, Submission.kind, Submission.item_id).where(Submission.id.in_(part))
        found |= {each.id: (each.kind, each.item_id) for each in session.execute(asked)}
    return {each: found[each] for each in ids if each in found}


def by_id(office: Office, session: Session, ids: Sequence[str]) -> dict[str, QueueRow]:
    """The items with these submission ids, whatever their kind."""
    of_kind: dict[str, list[str]] = {}
    for each, (name, _) in kinds_of(session, ids).items():
        of_kind.setdefault(name, []).append(each)
    found: dict[str, QueueRow] = {}
    for name, mine in of_kind.items():
        for part in in_parts(mine) if name in KINDS else ():
            found |= {row.id: row for row in rows(office, session, KINDS[name], Submission.id.in_(part))}
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


def in_view(kind: Kind, view: View, *, first: bool = False) -> ColumnElement[bool]:
    """The condition under which a submission stands in a view of a kind; ``first`` = only the oldest are wanted."""
    # Few items are under way, many are done: by the outbox those few are found without passing over all the others.
    # The oldest of the many are the first that an index of the submissions, which is in that order, comes upon.
    by_outbox = view in _STANDS and _STANDS[view][1] and not (first and view is View.SYNCED)
    return and_(Outbox.kind == kind.name if by_outbox else Submission.kind == kind.name, _stands(view))


def _stands(view: View) -> ColumnElement[bool]:
    if view is View.ARCHIVED:
        return Submission.archived_at.is_not(None)
    state, exports = _STANDS[view]
    return _accepted(exports) if exports else and_(Submission.state == state, Submission.archived_at.is_(None))


def _accepted(exports: Sequence[ExportState]) -> ColumnElement[bool]:
    """Accepted, on the list, and so far on its way."""
    accepted = and_(Submission.state == SubmissionState.ACCEPTED, Submission.archived_at.is_(None))
    return and_(accepted, Outbox.state.in_(exports))


_KNOWN = frozenset((*_STANDS, View.ARCHIVED))
_STANDING = or_(
    Submission.state.in_((SubmissionState.PENDING, SubmissionState.ACCEPTED)), Submission.archived_at.is_not(None)
)
"""What stands somewhere on the console; what was retrieved, or rejected and not put aside, has left it."""

_NOT_THERE = (*erp_item.EXPORTING, *erp_item.FAILED, *erp_item.IN_DOUBT)
_EXPORT = Outbox.__table__.c.state.type

AT_ONCE = 10_000
"""So many ids are asked for in one query: SQLite takes 32,766 values."""


def _of_kind(kind: Kind, *, narrow: bool) -> ColumnElement[bool]:
    """The kind of a submission. ``narrow`` = few items are wanted: those are looked up by what is joined, whose ids
    are never used twice, also not by two kinds; asked for the kind as well, SQLite would pass over all of that kind."""
    return true() if narrow else Submission.kind == kind.name


def _joined(
    asked: Select[*tuple[Any, ...]], listed: Listed | None, *, whole: bool = True, outbox: bool = True
) -> Select[*tuple[Any, ...]]:
    """Joins the items (None = not), ``whole`` with all that their rows show, and the outbox."""
    asked = asked.select_from(Submission)
    if listed is not None:
        asked = asked.join(listed.source if whole else listed.table, listed.id == Submission.item_id)
    return asked.outerjoin(Outbox, Outbox.submission_id == Submission.id) if outbox else asked


def _columns(listed: Listed) -> Select[*tuple[Any, ...]]:
    """What ``_row`` takes, in its order."""
    return select(
        Submission.id,
        Submission.item_id,
        Submission.state,
        Submission.natural_key,
        Submission.sent_by,
        Submission.sent_at,
        Submission.decided_by,
        Submission.decided_at,
        Submission.comment,
        Submission.archived_at.is_not(None),
        Outbox.state,
        Outbox.natural_key,
        Outbox.message,
        Outbox.changed_at,
        listed.project_id,
        listed.number,
        listed.title,
        listed.type,
        listed.vendor,
        listed.vendor_name,
        listed.job,
        listed.amount,
    )


def _row(
    kind: str,
    names: Mapping[str, str],
    submission_id: str,
    item_id: str,
    decision: SubmissionState,
    proposed: str,
    sent_by: str,
    sent_at: datetime,
    decided_by: str | None,
    decided_at: datetime | None,
    comment: str,
    archived: bool,
    export: ExportState | None,
    decided: str | None,
    exported: str | None,
    changed_at: datetime | None,
    project_id: str | None,
    number: str,
    title: str,
    type_: object,
    vendor: str | None,
    vendor_name: str | None,
    job: str | None,
    amount: Decimal,
) -> tuple[QueueRow, datetime | None]:
    """A row, and since when its export stands as it does."""
    state = erp_item.derive(decision, export)
    row = QueueRow(
        submission_id,
        kind,
        item_id,
        project_id or "",
        number,
        title,
        str(type_),
        vendor or "",
        vendor_name or "",
        job or "",
        amount,
        state,
        review.state_text(state, export),
        decided or proposed,
        names.get(sent_by, ""),
        sent_at,
        names.get(decided_by or "", ""),
        decided_at,
        review.message(decision, comment, exported or ""),
        bool(archived),
    )
    return row, changed_at


def _drifted(office: Office, kind: Kind, found: Sequence[tuple[QueueRow, datetime | None]]) -> tuple[QueueRow, ...]:
    """The rows, and of synced ones what became of them in Sage since (P3)."""
    synced = [InSage(row.sage_id, row.amount, at) for row, at in found if row.state is ErpState.SYNCED and at]
    words = kind.drift(office, synced) if synced else {}
    if not words:
        return tuple(row for row, _ in found)
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
