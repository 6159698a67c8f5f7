"""The approver's page: exactly what Sage will get, what it does to committed cost, and the checks, in words."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from erpdesk.core.money import show_amount
from erpdesk.core.steps import Offer
from erpdesk.models.commitments import CommitmentType
from erpdesk.models.erp import ExportState, Outbox, Submission, SubmissionState
from erpdesk.models.people import Person
from erpdesk.workflows.commitment_status import SENDABLE
from erpdesk.workflows.erp_item import ERP_STEPS, KINDS, Facts, preview_of
from erpdesk.workflows.layout_gate import is_live, trial_words, why_not_live
from erpdesk.workflows.operation import Office
from erpdesk.workflows.ports import CommitmentSnapshot, Preview, SageCommitment
from erpdesk.workflows.rows import (
    CHANGED,
    GONE,
    Check,
    ErpState,
    HistoryRow,
    ImpactRow,
    Level,
    QueueRow,
    Review,
    StepChip,
)

STATE_TEXT: dict[ErpState, str] = {
    ErpState.NOT_SENT: "Not sent",
    ErpState.SENT: "Sent, waits for accounting",
    ErpState.RETRIEVED: "Retrieved",
    ErpState.REJECTED: "Rejected",
    ErpState.EXPORTING: "Exporting",
    ErpState.SYNCED: "Synced",
    ErpState.FAILED: "Failed to export",
    ErpState.IN_DOUBT: "In doubt",
}

EXPORT_TEXT: dict[ExportState, str] = {
    ExportState.INTENT: "Accepted, file comes next",
    ExportState.STAGED: "File written",
    ExportState.ARMED: "Going to Sage",
    ExportState.DELIVERED: "Waits for Sage’s import",
    ExportState.CONFLICT: "Differs in Sage",
    ExportState.DUPLICATE_ALARM: "Twice in Sage",
}


def state_text(state: ErpState, outbox: Outbox | None) -> str:
    """The words beside the coloured mark (T1)."""
    if outbox is not None and state in (ErpState.EXPORTING, ErpState.IN_DOUBT):
        return EXPORT_TEXT.get(outbox.state, STATE_TEXT[state])
    return STATE_TEXT[state]


def drift(state: ErpState, approved: Decimal, held: SageCommitment | None, *, mirrored: bool) -> str:
    """What became of a synced item in Sage since, in words; '' while Sage holds it as approved (P3).

    ``mirrored`` tells whether Sage was read since the item got there; before that nothing can be said.
    """
    if state is not ErpState.SYNCED or not mirrored:
        return ""
    if held is None:
        return GONE
    lines = sum((item.amount for item in held.items), Decimal("0.00"))
    return "" if held.amount == lines == approved else CHANGED


DRIFT_TEXT = {
    GONE: "Sage held this commitment as approved, and does not show it any more. Look in Sage who deleted it, and why.",
    CHANGED: "Sage held this commitment as approved; its amount or lines were changed in Sage since.",
}


def message(submission: Submission | None, outbox: Outbox | None) -> str:
    """What the last decision or the export has to say about an item."""
    if submission is None:
        return ""
    if submission.state is SubmissionState.REJECTED:
        return submission.comment
    return outbox.message if outbox and submission.state is SubmissionState.ACCEPTED else ""


def stations(type_: CommitmentType, status: str, state: ErpState) -> tuple[StepChip, ...]:
    """Where a commitment is on its way: Draft, Approved, Sent, Review, In Sage."""
    approved = status in {each.value for each in SENDABLE[type_]}
    reached = {
        ErpState.NOT_SENT: 1 if approved else 0,
        ErpState.RETRIEVED: 1 if approved else 0,
        ErpState.REJECTED: 1 if approved else 0,
        ErpState.SENT: 3,
        ErpState.EXPORTING: 4,
        ErpState.FAILED: 4,
        ErpState.IN_DOUBT: 4,
        ErpState.SYNCED: 5,
    }[state]
    titles = ("Draft", status if approved else "Approved", "Sent", "Review", "In Sage")
    hints = (
        "The project side prepares it",
        "The project side approves it",
        "The project side sends it",
        "Accounting accepts or rejects it",
        "Read back from Sage and compared",
    )
    troubled = state in (ErpState.FAILED, ErpState.IN_DOUBT)
    chips: list[StepChip] = []
    for place, (title, hint) in enumerate(zip(titles, hints, strict=True)):
        if place < reached:
            word = "done"
        elif place == reached:
            word = "failed" if troubled else "current"
        else:
            word = "later"
        chips.append(StepChip(title, word, hint))
    return tuple(chips)


def build(
    office: Office,
    session: Session,
    row: QueueRow,
    submission: Submission,
    outbox: Outbox | None,
    sage_id: str | None,
    acting: Person,
    history: tuple[HistoryRow, ...],
) -> Review:
    """Puts the page together; before a decision the checks run on the mirror as it is now."""
    kind = KINDS[submission.kind]
    decided = outbox.natural_key if outbox else submission.natural_key
    chosen = decided if sage_id is None or outbox is not None else sage_id.strip()
    snapshot, seen = preview_of(office, submission, chosen)
    waiting = row.state is ErpState.SENT
    problems: tuple[str, ...] = ()
    if waiting:
        gate = why_not_live(is_live(office.settings()), seen)
        problems = kind.accept_problems(office, session, submission, snapshot) or seen.refusals or gate
    facts = Facts(kind.name, acting, submission.sent_by, problems)
    impact = impact_of(office, snapshot)
    job = office.facts.job(snapshot.job)
    read_at = min((each.read_began for each in office.facts.freshness() if each.read_began), default=None)
    return Review(
        row=row,
        retainage_percent=snapshot.retainage_percent,
        date=snapshot.date,
        file_lines=seen.lines,
        sha256=seen.sha256,
        impact=impact,
        job_committed=job.revised_commitment if job else Decimal("0.00"),
        checks=_checks(office, snapshot, seen, problems, impact) if waiting else (),
        offers=_offers(row.state, facts),
        steps=stations(CommitmentType(snapshot.type), "Approved", row.state),
        history=history,
        read_at=read_at,
    )


def impact_of(office: Office, snapshot: CommitmentSnapshot) -> tuple[ImpactRow, ...]:
    """What the item does to the job's committed cost, summed by extra, cost code and category."""
    known = {(each.extra, each.cost_code, each.category): each for each in office.facts.categories(snapshot.job)}
    sums: dict[tuple[str, str, str], Decimal] = {}
    for line in snapshot.lines:
        key = (line.extra, line.cost_code, line.category)
        sums[key] = sums.get(key, Decimal("0.00")) + line.amount
    rows: list[ImpactRow] = []
    for key, amount in sums.items():
        held = known.get(key)
        rows.append(
            ImpactRow(
                id="/".join(key),
                extra=key[0],
                cost_code=key[1],
                category=key[2],
                description=held.cost_code_description if held else "Not in the job",
                budget=held.total_estimate if held else Decimal("0.00"),
                committed=held.revised_commitment if held else Decimal("0.00"),
                this=amount,
            )
        )
    return tuple(rows)


def _checks(
    office: Office,
    snapshot: CommitmentSnapshot,
    seen: Preview,
    problems: tuple[str, ...],
    impact: tuple[ImpactRow, ...],
) -> tuple[Check, ...]:
    checks = [Check(problem, Level.REFUSED) for problem in dict.fromkeys(problems)]
    if not problems:
        checks += [
            Check("Vendor is active and linked", Level.OK),
            Check("ID is free in Sage", Level.OK),
            Check("Codes and categories exist", Level.OK),
            Check("Lengths fit", Level.OK),
        ]
    for row in impact:
        if row.left < 0:
            over = show_amount(-row.left)
            checks.append(Check(f"{row.cost_code} {row.category} goes over its budget by {over}", Level.WARNING))
    settings = office.settings()
    trial = trial_words(is_live(settings), seen)
    if trial:
        checks.append(Check(trial, Level.WARNING))
    limit = Decimal(settings.line_amount_limit)
    for line in snapshot.lines:
        if abs(line.amount) > limit:
            checks.append(
                Check(
                    f"Line {line.number} is over {show_amount(limit)}; Sage may refuse that (unverified)",
                    Level.WARNING,
                )
            )
    oldest = [each.read_began for each in office.facts.freshness() if each.read_began]
    if oldest and (office.clock.now() - min(oldest)).total_seconds() > settings.stale_hours * 3600:
        checks.append(Check("Sage was last read long ago; press Sync now before you decide", Level.WARNING))
    return tuple(checks)


def _offers(state: ErpState, facts: Facts) -> tuple[Offer, ...]:
    return (ERP_STEPS.offer("accept", state, facts), ERP_STEPS.offer("reject", state, facts))
