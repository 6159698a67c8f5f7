"""The home page: what waits for a person, oldest first, what went wrong, and how fresh what is known of Sage is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from erpdesk.models.erp import ExportState, Outbox, Submission, SubmissionState
from erpdesk.models.jobs import Project
from erpdesk.models.people import Person
from erpdesk.workflows import erp_item, erp_queue, rights
from erpdesk.workflows.console_rows import HomePage, TableAge, View, WaitingRow
from erpdesk.workflows.erp_item import KINDS, Kind
from erpdesk.workflows.erp_order import place_on_screen
from erpdesk.workflows.operation import Office
from erpdesk.workflows.review import EXPORT_TEXT
from erpdesk.workflows.rows import ErpState, QueueRow

MOST = 500
"""Of each kind and reason, so many of the oldest items are listed; ``HomePage.more`` counts the others."""

WHY: dict[ErpState, str] = {
    ErpState.SENT: "Accept or reject",
    ErpState.FAILED: "Reject, so that it can be corrected",
    ErpState.IN_DOUBT: "Look into whether Sage has it",
    ErpState.REJECTED: "Correct and re-send",
    ErpState.RETRIEVED: "Finish and send again",
}
"""What is asked of the person for whom an item waits."""

WHY_EXPORT: dict[ExportState, str] = {
    ExportState.DUPLICATE_ALARM: "Twice in Sage: exports have stopped",
    ExportState.CONFLICT: "Put right in Sage what differs",
}
"""The same where the export says more."""
_BY_TEXT = {EXPORT_TEXT[each]: words for each, words in WHY_EXPORT.items()}


def home(office: Office, session: Session, acting: Person) -> HomePage:
    """The page of one person; of other people's projects and kinds it says nothing."""
    kinds = sorted(KINDS.values(), key=place_on_screen)
    projects: dict[str, str] = {each.id: each.number for each in session.execute(select(Project.id, Project.number))}
    waiting: list[WaitingRow] = []
    more = 0
    for kind in kinds:
        for which in _asked(acting, kind):
            found = erp_queue.rows(office, session, kind, *which, limit=MOST + 1)
            waiting += [_waiting(kind, row, projects) for row in found[:MOST]]
            more += erp_queue.how_many(session, kind, *which) - MOST if len(found) > MOST else 0
    counted = [erp_queue.counts(session, kind, acting, None) for kind in kinds]
    exported = [amount for kind in kinds for amount in _exported(office, session, acting, kind)]
    return HomePage(
        waiting=tuple(sorted(waiting, key=lambda row: (row.since, row.number, row.id))),
        failed=sum(each.get(View.FAILED_TO_EXPORT, 0) for each in counted),
        in_doubt=sum(each.get(View.IN_DOUBT, 0) for each in counted),
        exporting=sum(each.get(View.EXPORTING, 0) for each in counted),
        exported_today=len(exported),
        exported_today_amount=sum(exported, Decimal("0.00")),
        tables=table_ages(office, kinds),
        more=more,
    )


def _asked(acting: Person, kind: Kind) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """What a person has to see to, as conditions: to decide, to reject, to look into; to correct, to send again."""
    listed = kind.listed()
    may_see = erp_queue.visible(acting, kind, listed, None)
    if may_see is None:
        return
    anothers = Submission.sent_by != acting.id
    if not rights.why_not(acting, f"{kind.name}.accept"):
        yield (erp_queue.in_view(kind, View.READY_TO_EXPORT), anothers, *may_see)
        yield (erp_queue.in_view(kind, View.IN_DOUBT), *may_see)
    if not rights.why_not(acting, f"{kind.name}.reject"):
        yield (erp_queue.in_view(kind, View.FAILED_TO_EXPORT), anothers, *may_see)
    for verb, state in (("resend", SubmissionState.REJECTED), ("send", SubmissionState.RETRIEVED)):
        if not rights.why_not(acting, f"{kind.name}.{verb}"):
            yield (_last_was(kind, state), listed.status.not_in(kind.given_up), *may_see)


def _last_was(kind: Kind, state: SubmissionState) -> ColumnElement[bool]:
    """The newest submission of an item ended so, and nobody put it aside."""
    later = aliased(Submission)
    # Ids of items are never used twice, also not by two kinds: asked for the kind as well, SQLite would search by that.
    newer = select(later.id).where(later.item_id == Submission.item_id, later.revision > Submission.revision)
    stands = Submission.kind == kind.name, Submission.state == state, Submission.archived_at.is_(None)
    return and_(*stands, ~newer.exists())


def _waiting(kind: Kind, row: QueueRow, projects: dict[str, str]) -> WaitingRow:
    theirs = row.state in (ErpState.REJECTED, ErpState.IN_DOUBT, ErpState.FAILED)
    return WaitingRow(
        id=row.id,
        kind=kind.name,
        kind_title=kind.title,
        item_id=row.item_id,
        number=row.number,
        title=row.title,
        amount=row.amount,
        why=_BY_TEXT.get(row.state_text, WHY[row.state]),
        view=erp_queue.view_of(row),
        since=row.decided_at or row.sent_at,
        by=row.decided_by if theirs and row.decided_by else row.sent_by,
        project=projects.get(row.project_id, ""),
    )


def _exported(office: Office, session: Session, acting: Person, kind: Kind) -> list[Decimal]:
    """The amounts of what reached Sage since midnight of this workstation."""
    listed = kind.listed()
    may_see = erp_queue.visible(acting, kind, listed, None)
    if may_see is None:
        return []
    midnight = datetime.combine(office.clock.today(), time()).astimezone()
    reached = (Outbox.kind == kind.name, Outbox.state.in_(erp_item.SYNCED), Outbox.changed_at >= midnight)
    return erp_queue.amounts(session, kind, *reached, *may_see)


def table_ages(office: Office, kinds: list[Kind]) -> tuple[TableAge, ...]:
    """How old the mirror of each Sage table is; one that a kind needs and that was never read counts as stale."""
    limit = timedelta(hours=office.settings().stale_hours)
    now, read = office.clock.now(), office.facts.freshness()
    known = {each.table for each in read}
    ages = [
        TableAge(
            each.table,
            each.read_began,
            each.rows,
            each.problem,
            each.read_began is None or now - each.read_began > limit,
        )
        for each in read
    ]
    needed = dict.fromkeys(table for kind in kinds for table in kind.tables)
    ages += [TableAge(table, None, 0, "Never read.", True) for table in needed if table not in known]
    return tuple(ages)
