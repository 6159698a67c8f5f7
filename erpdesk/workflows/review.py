"""The approver's page: exactly what Sage will get, what it does to committed cost, and the checks, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.core.money import show_amount
from erpdesk.core.steps import Offer
from erpdesk.models.erp import ExportState, Outbox, Submission, SubmissionState
from erpdesk.models.people import Person
from erpdesk.workflows import rights, snapshots
from erpdesk.workflows.console_rows import FieldChange
from erpdesk.workflows.erp_item import ERP_STEPS, KINDS, SHELF_STEPS, Facts, Kind, preview_of, shelf_of, was_never_armed
from erpdesk.workflows.erp_map import map_of
from erpdesk.workflows.erp_order import waits_for
from erpdesk.workflows.history import history, names_of
from erpdesk.workflows.layout_gate import is_live, trial_words, why_not_live
from erpdesk.workflows.operation import Office
from erpdesk.workflows.ports import CommitmentSnapshot, Preview
from erpdesk.workflows.rows import (
    CHANGED,
    GONE,
    Check,
    ErpState,
    ImpactRow,
    Level,
    QueueRow,
    Review,
)
from erpdesk.workflows.sign_in_hands import one_hand

STATE_TEXT: dict[ErpState, str] = {
    ErpState.NOT_SENT: "Not sent",
    ErpState.SENT: "Sent, waits for accounting",
    ErpState.RETRIEVED: "Retrieved",
    ErpState.REJECTED: "Rejected",
    ErpState.EXPORTING: "Exporting",
    ErpState.SYNCED: "Synced",
    ErpState.FAILED: "Failed to export",
    ErpState.IN_DOUBT: "In doubt",
    ErpState.CLOSED: "Closed by hand: in Sage",
}

EXPORT_TEXT: dict[ExportState, str] = {
    ExportState.INTENT: "Accepted, file comes next",
    ExportState.STAGED: "File written",
    ExportState.ARMED: "Going to Sage",
    ExportState.DELIVERED: "Waits for Sage’s import",
    ExportState.CONFLICT: "Differs in Sage",
    ExportState.DUPLICATE_ALARM: "Twice in Sage",
    ExportState.SAGE_REJECTED: "Rejected by Sage",
    ExportState.CLOSED_ABSENT: "Closed by hand: not in Sage",
}
NEEDS_WORDS = (ErpState.EXPORTING, ErpState.IN_DOUBT, ErpState.FAILED)
"""States of which there are several kinds."""


def state_text(state: ErpState, export: ExportState | None) -> str:
    """The words beside the coloured mark (T1)."""
    if export is not None and state in NEEDS_WORDS:
        return EXPORT_TEXT.get(export, STATE_TEXT[state])
    return STATE_TEXT[state]


SEND_NOW = "send_now"
ANOTHER_FIRST = "Another file waits for Sage’s import first."
NOTHING_WAITS = "Only an accepted item that still waits for its file can be sent now."

AHEAD = timedelta(minutes=5)
"""How far two clocks may differ before a reading stands in the future."""

DRIFT_TEXT = {
    GONE: "Sage held this item as approved, and does not show it any more. Look in Sage who deleted it, and why.",
    CHANGED: "Sage held this item as approved; its amount or lines were changed in Sage since.",
}


def message(decision: SubmissionState, comment: str, exported: str) -> str:
    """What the last decision (its comment) or the export (its message) has to say about an item."""
    if decision is SubmissionState.REJECTED:
        return comment
    return exported if decision is SubmissionState.ACCEPTED else ""


def _send_now(session: Session, outbox: Outbox | None, acting: Person, kind: Kind) -> Offer:
    """Whether the file that the item waits for can be closed now, so that it goes to Sage at once."""
    if outbox is None or outbox.state is not ExportState.INTENT:
        return Offer(SEND_NOW, "Send now", False, (NOTHING_WAITS,))
    ahead = select(Outbox.id).where(Outbox.company == outbox.company, Outbox.kind == outbox.kind)
    if session.scalar(ahead.where(Outbox.state.in_((ExportState.ARMED, ExportState.DELIVERED))).limit(1)) is not None:
        return Offer(SEND_NOW, "Send now", False, (ANOTHER_FIRST,))
    why = rights.why_not(acting, f"{kind.name}.accept", None)
    return Offer(SEND_NOW, "Send now", not why, (why,) if why else ())


def build(
    office: Office,
    session: Session,
    row: QueueRow,
    submission: Submission,
    outbox: Outbox | None,
    sage_id: str | None,
    acting: Person,
) -> Review:
    """Puts the page together; before a decision the checks run on the mirror as it is now."""
    kind = KINDS[submission.kind]
    decided = outbox.natural_key if outbox else submission.natural_key
    chosen = decided if sage_id is None or outbox is not None else sage_id.strip()
    snapshot, seen = preview_of(office, submission, chosen)
    item = kind.load(session, submission.item_id)
    waiting = row.state is ErpState.SENT
    problems = problems_of(office, session, kind, item, submission, snapshot, seen) if waiting else ()
    reason = why_reason(office, kind) if waiting else ""
    decides = waiting or row.state is ErpState.FAILED
    hand = one_hand(session, acting, submission.sent_by, submission.sent_at) if decides else ""
    unsent = outbox is not None and was_never_armed(session, outbox)
    facts = Facts(kind.name, acting, submission.sent_by, problems, row.project_id or None, row.state, hand, unsent)
    impact = impact_of(office, snapshot)
    job = office.facts.job(snapshot.job)
    return Review(
        row=replace(row, title=snapshot.title, vendor=snapshot.vendor, job=snapshot.job, amount=snapshot.amount),
        retainage_percent=snapshot.retainage_percent,
        date=snapshot.date,
        file_lines=seen.lines,
        sha256=seen.sha256,
        impact=impact,
        job_committed=job.revised_commitment if job else Decimal("0.00"),
        checks=_checks(office, kind, snapshot, seen, problems, impact, reason) if waiting else (),
        offers=(
            ERP_STEPS.offer("accept", row.state, facts),
            ERP_STEPS.offer("reject", row.state, facts),
            ERP_STEPS.offer("try_again", row.state, facts),
            _send_now(session, outbox, acting, kind),
            SHELF_STEPS.offer("archive", shelf_of(submission), facts),
            SHELF_STEPS.offer("unarchive", shelf_of(submission), facts),
        ),
        history=history(session, kind.name, submission.item_id),
        read_at=read_since(office, kind),
        map=map_of(session, kind, item, submission, outbox, names_of(session)) if item is not None else (),
        differences=from_last_sent(session, submission),
        needs_reason=reason,
    )


def problems_of(
    office: Office,
    session: Session,
    kind: Kind,
    item: Any,
    submission: Submission,
    snapshot: CommitmentSnapshot,
    seen: Preview,
    going: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Everything that speaks against accepting an item now, except who asks; ``going`` goes to Sage before it."""
    if item is None:
        return ("The item was deleted meanwhile. Reject it.",)
    return (
        waits_for(session, kind, item, going)
        or kind.accept_problems(office, session, submission, snapshot)
        or seen.refusals
        or why_not_live(is_live(office.settings()), seen)
    )


def read_since(office: Office, kind: Kind) -> datetime | None:
    """When the oldest reading began of the tables that a kind is checked against; None when one was never read."""
    read = {each.table: each.read_began for each in office.facts.freshness()}
    ages = [read.get(table) for table in kind.tables]
    known = [each for each in ages if each is not None]
    return min(known) if known and len(known) == len(ages) else None


def why_reason(office: Office, kind: Kind) -> str:
    """Why an accept needs a reason: what is known of Sage is older than the limit; '' when it is fresh enough."""
    began, hours = read_since(office, kind), office.settings().stale_hours
    if began is None:
        return "Sage’s data was never read whole, so these checks may be wrong. Say why you accept all the same."
    now = office.clock.now()
    if began > now + AHEAD:
        return (
            f"Sage was last read {began.astimezone():%m/%d/%Y %H:%M}, which by this computer’s clock is still to come, "
            "so the age of its data is not known. Set the clock right, or say why you accept all the same."
        )
    if now - began <= timedelta(hours=hours):
        return ""
    return (
        f"Sage was last read {began.astimezone():%m/%d/%Y %H:%M}, over {hours} hours ago, so these checks may be out "
        "of date. Sync first, or say why you accept all the same. Everything is checked again before it is written."
    )


def from_last_sent(session: Session, submission: Submission) -> tuple[FieldChange, ...]:
    """What differs from the version of this item that was sent before; empty for the first one."""
    before = session.scalar(
        select(Submission.payload)
        .where(
            Submission.kind == submission.kind,
            Submission.item_id == submission.item_id,
            Submission.revision < submission.revision,
        )
        .order_by(Submission.revision.desc())
        .limit(1)
    )
    return snapshots.differences(before, submission.payload) if before is not None else ()


def impact_of(office: Office, snapshot: CommitmentSnapshot) -> tuple[ImpactRow, ...]:
    """What the item does to the job's committed cost, summed by extra, cost code and category."""
    named = {(line.extra, line.cost_code, line.category) for line in snapshot.lines}
    held_in_job = office.facts.categories(snapshot.job, named)
    known = {(each.extra, each.cost_code, each.category): each for each in held_in_job}
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
    kind: Kind,
    snapshot: CommitmentSnapshot,
    seen: Preview,
    problems: tuple[str, ...],
    impact: tuple[ImpactRow, ...],
    reason: str,
) -> tuple[Check, ...]:
    checks = [Check(problem, Level.REFUSED) for problem in dict.fromkeys(problems)]
    if not problems:
        checks += [Check(each, Level.OK) for each in kind.passed]
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
    if reason:
        checks.append(Check(reason, Level.WARNING))
    return tuple(checks)
