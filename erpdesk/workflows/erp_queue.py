"""The queue of ERP Integrations: which items stand in which view."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from erpdesk.models.commitments import Commitment
from erpdesk.models.erp import ExportState, Outbox, Submission, SubmissionState
from erpdesk.workflows import erp_item, review, snapshots
from erpdesk.workflows.commitments import KIND
from erpdesk.workflows.rows import QueueRow

VIEWS: dict[str, tuple[SubmissionState, tuple[ExportState, ...]]] = {
    "ready": (SubmissionState.PENDING, ()),
    "exporting": (SubmissionState.ACCEPTED, erp_item.EXPORTING),
    "failed": (SubmissionState.ACCEPTED, erp_item.FAILED),
    "in_doubt": (SubmissionState.ACCEPTED, erp_item.IN_DOUBT),
    "synced": (SubmissionState.ACCEPTED, erp_item.SYNCED),
}
"""The views of ERP Integrations: which submissions stand in each."""


def items() -> Select[Submission, Outbox, Commitment]:
    """Every sent commitment with its intent (None before it was accepted) and the commitment itself."""
    return (
        select(Submission, Outbox, Commitment)
        .join(Commitment, Commitment.id == Submission.item_id)
        .outerjoin(Outbox, Outbox.submission_id == Submission.id)
        .where(Submission.kind == KIND)
    )


def in_view(view: str, project_id: str | None) -> Select[Submission, Outbox, Commitment]:
    """The items of one view, the longest waiting first."""
    state, exports = VIEWS[view]
    asked = items().where(Submission.state == state).order_by(Submission.sent_at, Submission.id)
    if exports:
        asked = asked.where(Outbox.state.in_(exports))
    if project_id is not None:
        asked = asked.where(Commitment.project_id == project_id)
    return asked


def counting(view: str, project_id: str | None) -> Select[int]:
    """How many items stand in one view."""
    one = in_view(view, project_id).with_only_columns(Submission.id).order_by(None).subquery()
    return select(func.count()).select_from(one)


def queue_row(submission: Submission, outbox: Outbox | None, commitment: Commitment, names: dict[str, str]) -> QueueRow:
    """One item of the queue, as it was sent."""
    state = erp_item.derive(submission.state, outbox.state if outbox else None)
    sent = snapshots.from_text(submission.payload)
    return QueueRow(
        id=submission.id,
        commitment_id=submission.item_id,
        number=commitment.number,
        title=sent.title,
        type=sent.type,
        vendor=sent.vendor,
        job=sent.job,
        amount=sent.amount,
        state=state,
        state_text=review.state_text(state, outbox),
        sage_id=outbox.natural_key if outbox else submission.natural_key,
        sent_by=names.get(submission.sent_by, ""),
        sent_at=submission.sent_at,
        decided_by=names.get(submission.decided_by or "", ""),
        decided_at=submission.decided_at,
        message=review.message(submission, outbox),
    )
