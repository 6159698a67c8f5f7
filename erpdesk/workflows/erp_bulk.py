"""Several items decided on at once: what the one confirmation says, and in which order the items go to Sage."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.exc import StaleDataError

from erpdesk.core.changes import BulkResult, Changes, NotDone
from erpdesk.core.errors import ChangedMeanwhile, Refused
from erpdesk.models.erp import Outbox, Submission
from erpdesk.models.people import Person
from erpdesk.workflows import erp_queue, review, rights
from erpdesk.workflows.console_rows import BulkPreview, Pick
from erpdesk.workflows.erp_item import ERP_STEPS, KINDS, Facts, preview_of
from erpdesk.workflows.erp_order import place_to_sage
from erpdesk.workflows.operation import (
    MEANWHILE,
    Office,
    Operation,
    Press,
    answer,
    answered,
    bulk_from_text,
    bulk_to_text,
    operation,
    person,
)
from erpdesk.workflows.rows import ErpState, QueueRow
from erpdesk.workflows.sign_in_hands import one_hand

HIDDEN = "An item that you may not see"
GONE = "This item is no longer there. The list has been read again."
SENT_AGAIN = "This item was corrected and sent again. Decide on the new revision."
LOOK_AGAIN = "What Sage would get is no longer what you were shown. Look once more, then accept."

Reasons = tuple[str, ...]
Outcomes = Iterator[tuple[str, Changes | Reasons]]
"""What became of each item: what it touched, or why it was not done."""

TOGETHER = 20
"""Items of one press that share a transaction; others who write wait for no longer than these take."""


@cache
def _newest() -> Select[Submission, Outbox]:
    """The newest submission of the item of a picked one, and its intent; put together once, as each accept asks it."""
    picked = aliased(Submission)
    return (
        select(Submission, Outbox)
        .join(picked, and_(picked.kind == Submission.kind, picked.item_id == Submission.item_id))
        .outerjoin(Outbox, Outbox.submission_id == Submission.id)
        .where(picked.id == bindparam("picked"))
        .order_by(Submission.revision.desc())
        .limit(1)
    )


def newest(session: Session, submission_id: str) -> Submission:
    """The submission that was picked; raises ChangedMeanwhile when it is gone or no longer the newest of its item."""
    return newest_and_intent(session, submission_id)[0]


def newest_and_intent(session: Session, submission_id: str) -> tuple[Submission, Outbox | None]:
    """The same with its intent, in one read."""
    found = session.execute(_newest(), {"picked": submission_id}).first()
    if found is None:
        raise ChangedMeanwhile([GONE])
    if found[0].id != submission_id:
        raise ChangedMeanwhile([SENT_AGAIN])
    return found[0], found[1]


def in_order(session: Session, ids: Sequence[str]) -> tuple[str, ...]:
    """The picked submissions in the order in which they go to Sage: by kind, then what another needs before it."""
    found = erp_queue.kinds_of(session, tuple(dict.fromkeys(ids)))
    picked = {kind_and_item: each for each, kind_and_item in found.items()}
    placed = {name: place_to_sage(kind) for name, kind in KINDS.items()}
    asked = sorted(found, key=lambda each: placed.get(found[each][0], len(placed)))
    ordered: dict[str, None] = {}

    def put(each: str, above: frozenset[str]) -> None:
        if each in ordered or each in above:
            return
        name, item_id = found[each]
        kind = KINDS[name]
        item = kind.load(session, item_id)
        for need in kind.needs(session, item) if item is not None else ():
            ahead = picked.get((need.kind, need.item_id))
            if ahead is not None:
                put(ahead, above | {each})
        ordered[each] = None

    for each in asked:
        put(each, frozenset())
    return (*ordered, *(each for each in dict.fromkeys(ids) if each not in found))


def each(
    office: Office, actor: str, ids: Sequence[str], press: Press, one: Callable[[str, str], Changes]
) -> BulkResult:
    """Does ``one`` for each submission in the order in which they go to Sage; what is refused comes back with why.

    The answer of the whole press is kept last; ``one`` keeps its own under an id made from the press and the item.
    """

    def do(portion: Sequence[str]) -> Outcomes:
        for submission_id in portion:
            try:
                yield submission_id, one(submission_id, _part(press.op_id, submission_id))
            except Refused as refusal:
                yield submission_id, refusal.reasons

    return _all(office, actor, ids, press, do)


def some_at_once(
    office: Office, actor: str, ids: Sequence[str], press: Press, one: Callable[[Operation, str, str], Changes]
) -> BulkResult:
    """The same, where ``TOGETHER`` items share a transaction: one look at the mirror and one trip to the disk."""

    def do(portion: Sequence[str]) -> Outcomes:
        found: list[tuple[str, Changes | Reasons]] = []
        try:
            with operation(office, actor) as running, office.facts.at_once():
                for submission_id in portion:
                    running.changes = Changes()
                    try:
                        with running.session.begin_nested():
                            touched = one(running, submission_id, _part(press.op_id, submission_id))
                        found.append((submission_id, touched))
                    except (StaleDataError, IntegrityError):
                        found.append((submission_id, MEANWHILE))
                    except Refused as refusal:
                        found.append((submission_id, refusal.reasons))
        except Refused as refusal:
            # Nothing of the portion was done.
            found = [(submission_id, refusal.reasons) for submission_id in portion]
        yield from found

    return _all(office, actor, ids, press, do)


def _all(
    office: Office, actor: str, ids: Sequence[str], press: Press, do: Callable[[Sequence[str]], Outcomes]
) -> BulkResult:
    with office.store.reading() as session:
        known = answered(Operation(office, session, person(session, actor), office.clock.now()), press)
        if known is not None:
            return bulk_from_text(known)
        acting = person(session, actor)
        ordered, labels = in_order(session, ids), _labels(session, acting, ids)
    done: list[str] = []
    # Nothing is ever taken away from the submissions: one that is not there never was.
    why: dict[str, Reasons] = {each: (GONE,) for each in ordered if each not in labels}
    touched = Changes()
    there = [each for each in ordered if each in labels]
    for start in range(0, len(there), TOGETHER):
        for submission_id, outcome in do(there[start : start + TOGETHER]):
            if isinstance(outcome, Changes):
                done.append(submission_id)
                touched |= outcome
            else:
                why[submission_id] = outcome
    not_done = [NotDone(each, labels.get(each, "A deleted item"), why[each]) for each in ordered if each in why]
    result = BulkResult(tuple(done), tuple(not_done), touched)
    with operation(office, actor) as running:
        known = answered(running, press)
        if known is not None:
            return bulk_from_text(known)
        answer(running, press, bulk_to_text(result))
    return result


def _part(op_id: str, submission_id: str) -> str:
    """The id under which one item of a press keeps its answer: the same whenever that press comes again."""
    return hashlib.sha256(f"{op_id}|{submission_id}".encode()).hexdigest()[:36]


def _labels(session: Session, acting: Person, ids: Sequence[str]) -> dict[str, str]:
    """What each item that is there is called; one that the person may not see is not named."""
    labels: dict[str, str] = {}
    for submission_id, (name, item_id) in erp_queue.kinds_of(session, ids).items():
        kind = KINDS[name]
        item = kind.load(session, item_id)
        if item is None:
            labels[submission_id] = "A deleted item"
        else:
            hidden = rights.why_not(acting, f"{name}.read", kind.project_of(item) or None)
            labels[submission_id] = HIDDEN if hidden else kind.label(item)
    return labels


def accept_preview(office: Office, session: Session, acting: Person, ids: Sequence[str]) -> BulkPreview:
    """Looks at each item as an accept would, those it needs counting as accepted when they go ahead of it."""
    going: set[str] = set()
    taken: set[tuple[str, str]] = set()
    picks: dict[str, str] = {}

    def why_not(submission: Submission, row: QueueRow) -> Reasons:
        kind = KINDS[submission.kind]
        item = kind.load(session, submission.item_id)
        snapshot, seen = preview_of(office, submission, submission.natural_key)
        problems: Reasons = ()
        if row.state is ErpState.SENT:
            problems = review.problems_of(office, session, kind, item, submission, snapshot, seen, frozenset(going))
            if not problems and (kind.name, snapshot.sage_id) in taken:
                problems = (f"Another of the selected items goes to Sage as {snapshot.sage_id}. Accept it by itself.",)
        hand = one_hand(session, acting, submission.sent_by, submission.sent_at)
        facts = Facts(kind.name, acting, submission.sent_by, problems, row.project_id or None, row.state, hand)
        reasons = ERP_STEPS.reasons("accept", row.state, facts)
        if not reasons:
            going.add(submission.item_id)
            taken.add((kind.name, snapshot.sage_id))
            picks[submission.id] = seen.sha256
        return reasons

    names = dict.fromkeys(name for name, _ in erp_queue.kinds_of(session, ids).values() if name in KINDS)
    with office.facts.at_once():
        reason = next(filter(None, (review.why_reason(office, KINDS[name]) for name in names)), "")
        return _preview(office, session, acting, ids, why_not, picks, reason)


def reject_preview(office: Office, session: Session, acting: Person, ids: Sequence[str]) -> BulkPreview:
    """Looks at each item as a reject would."""

    def why_not(submission: Submission, row: QueueRow) -> Reasons:
        facts = Facts(submission.kind, acting, submission.sent_by, project_id=row.project_id or None, state=row.state)
        return ERP_STEPS.reasons("reject", row.state, facts)

    return _preview(office, session, acting, ids, why_not, {}, "")


def _preview(
    office: Office,
    session: Session,
    acting: Person,
    ids: Sequence[str],
    why_not: Callable[[Submission, QueueRow], Reasons],
    shas: dict[str, str],
    reason: str,
) -> BulkPreview:
    rows = {
        row.id: row
        for row in erp_queue.by_id(office, session, ids).values()
        if not rights.why_not(acting, f"{row.kind}.read", row.project_id or None)
    }
    picks: list[Pick] = []
    cannot: list[tuple[QueueRow, Reasons]] = []
    total = Decimal("0.00")
    for each in in_order(session, ids):
        row = rows.get(each)
        if row is None:
            continue
        try:
            submission = newest(session, each)
        except ChangedMeanwhile as changed:
            cannot.append((row, changed.reasons))
            continue
        reasons = why_not(submission, row)
        if reasons:
            cannot.append((row, reasons))
        else:
            picks.append(Pick(each, submission.natural_key, shas.get(each, "")))
            total += row.amount
    return BulkPreview(tuple(picks), total, tuple(cannot), tuple(each.submission_id for each in picks), reason)
