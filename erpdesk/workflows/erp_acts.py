"""The acts on items that go to Sage: send, retrieve, accept, reject, archive; one transaction each, of any kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from erpdesk.core.changes import BulkResult, Changes, NotDone
from erpdesk.core.errors import NotAllowed, Refused
from erpdesk.core.said import says_something
from erpdesk.models.erp import ExportState, Outbox, Submission, SubmissionState
from erpdesk.models.people import Person
from erpdesk.workflows import by_hand, erp_bulk, review, rights, snapshots
from erpdesk.workflows.console_rows import Pick
from erpdesk.workflows.erp_item import (
    ERP_STEPS,
    FAILED,
    KINDS,
    SHELF_STEPS,
    Facts,
    Kind,
    Shelf,
    derive,
    export_key,
    last_submission,
    preview_of,
    shelf_of,
    state_of,
    was_never_armed,
)
from erpdesk.workflows.notices import rejection
from erpdesk.workflows.operation import (
    Office,
    Operation,
    Press,
    answer,
    answered,
    bulk_from_text,
    bulk_to_text,
    check_text,
    operation,
    person,
)
from erpdesk.workflows.record_classes import proven_class
from erpdesk.workflows.rows import ErpState
from erpdesk.workflows.sign_in_hands import one_hand

PROVE = "Sign in again first: this company asks for your password before anything is accepted for Sage."
NO_COMMENT = "Write down why this is rejected: the company asks for a reason."


class ErpActs:
    """Sending, retrieving, accepting, rejecting, archiving; each act carries the id of the press that asked for it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def send(self, actor: str, ids: Sequence[str], op_id: str, kind: str = "commitment") -> BulkResult:
        """Sends or re-sends items to ERP Integrations; each one not sent comes back with its reasons (C4, C10)."""
        return self._each(actor, ids, op_id, kind, "send", self.send_one)

    def retrieve(self, actor: str, ids: Sequence[str], op_id: str, kind: str = "commitment") -> BulkResult:
        """Takes items back before accounting has decided (C5)."""
        return self._each(actor, ids, op_id, kind, "retrieve", self._retrieve_one)

    def accept(
        self, actor: str, submission_id: str, sage_id: str, sha256: str, op_id: str, reason: str = ""
    ) -> Changes:
        """Accepts an item for export under ``sage_id``; ``sha256`` is the hash of the file the approver saw (P4, P5).

        ``reason`` is needed when what is known of Sage is older than the limit. Raises Refused with every reason, among
        them that the data changed since it was shown.
        """
        with operation(self._office, actor) as running:
            changes, _ = self._accept(running, Pick(submission_id, sage_id, sha256), op_id, reason, prove=True)
        self._office.wake.wake()
        return changes

    def accept_many(self, actor: str, picks: Sequence[Pick], op_id: str, reason: str = "") -> BulkResult:
        """Accepts several items in the order in which they go to Sage; each one not accepted comes back with why.

        Each item is judged by itself and done whole or not at all; some share one trip to the disk. After a crash the
        same press does only the rest.
        """
        by_id = {pick.submission_id: pick for pick in picks}
        last: datetime | None = None

        def one(running: Operation, submission_id: str, press: str) -> Changes:
            nonlocal last
            changes, last = self._accept(running, by_id[submission_id], press, reason, after=last)
            return changes

        press = Press.of(op_id, "accept_many", *map(astuple, picks), reason)
        with self._office.store.reading() as session:
            asked = Operation(self._office, session, person(session, actor), self._office.clock.now())
            if answered(asked, press) is None:
                self._demand_proof(asked)
        result = erp_bulk.some_at_once(self._office, actor, tuple(by_id), press, one)
        if result.done:
            self._office.wake.wake()
        return result

    def reject(self, actor: str, submission_id: str, comment: str, op_id: str) -> Changes:
        """Rejects an item with an optional comment; it becomes editable again (J5, J6)."""
        check_text("The comment", comment)
        self._demand_comment(comment)
        with operation(self._office, actor) as running:
            press = Press.of(op_id, "reject", submission_id, comment)
            known = answered(running, press)
            if known is not None:
                return bulk_from_text(known).changes
            submission, intent = erp_bulk.newest_and_intent(running.session, submission_id)
            facts = self._facts(running, submission, intent)
            ERP_STEPS.apply("reject", facts.state, facts)
            submission.state = SubmissionState.REJECTED
            submission.decided_by = running.person.id
            submission.decided_at = running.at
            submission.comment = comment.strip()
            running.record(
                "reject",
                submission.kind,
                submission.item_id,
                before={"erp": facts.state.value},
                after={"erp": ErpState.REJECTED.value},
                reason=comment.strip(),
                submission=submission.id,
                evidence={"revision": submission.revision},
            )
            rejection(running, submission, KINDS[submission.kind].load(running.session, submission.item_id))
            running.changes |= Changes.of("submission", submission.id)
            answer(running, press, bulk_to_text(BulkResult(changes=running.changes)))
        self._office.wake.wake()
        return running.changes

    def _demand_comment(self, comment: str) -> None:
        if self._office.settings().reject_reason_required and not says_something(comment):
            raise Refused([NO_COMMENT], kept="Nothing was rejected.")

    def reject_many(self, actor: str, ids: Sequence[str], comment: str, op_id: str) -> BulkResult:
        """Rejects several items with one comment; each one not rejected comes back with why."""
        check_text("The comment", comment)
        self._demand_comment(comment)

        def one(submission_id: str, press: str) -> Changes:
            return self.reject(actor, submission_id, comment, press)

        return erp_bulk.each(self._office, actor, ids, Press.of(op_id, "reject_many", *ids, comment), one)

    def try_again(self, actor: str, submission_id: str, op_id: str) -> Changes:
        """Sends a refused item once more, when nothing of it ever left: what stood against it was mended meanwhile."""
        with operation(self._office, actor) as running:
            press = Press.of(op_id, "try_again", submission_id)
            known = answered(running, press)
            if known is not None:
                return bulk_from_text(known).changes
            submission, outbox = erp_bulk.newest_and_intent(running.session, submission_id)
            facts = self._facts(running, submission, outbox)
            ERP_STEPS.apply("try_again", facts.state, facts)
            if outbox is None:
                raise AssertionError("what failed was accepted")
            if taken := _id_taken(running.session, outbox):
                raise Refused([taken], kept="Nothing was changed.")
            # A reject at the same moment finds the submission changed: one of the two wins.
            flag_modified(submission, "comment")
            before = outbox.message
            by_hand.take(by_hand.TRY_AGAIN, outbox, "To be tried again; every check is made anew.", running.at)
            outbox.strikes = 0
            running.record(
                "try_again",
                submission.kind,
                submission.item_id,
                before={"export": ExportState.REFUSED.value},
                after={"export": ExportState.INTENT.value},
                reason=before,
                submission=submission.id,
            )
            running.changes |= Changes.of("submission", submission.id)
            answer(running, press, bulk_to_text(BulkResult(changes=running.changes)))
        self._office.wake.wake()
        return running.changes

    def archive(self, actor: str, ids: Sequence[str], op_id: str) -> BulkResult:
        """Puts finished items aside: synced ones, and rejected ones that nobody means to send again."""
        return self._shelve(actor, ids, op_id, "archive")

    def unarchive(self, actor: str, ids: Sequence[str], op_id: str) -> BulkResult:
        """Takes archived items back to where they stood."""
        return self._shelve(actor, ids, op_id, "unarchive")

    def _shelve(self, actor: str, ids: Sequence[str], op_id: str, verb: str) -> BulkResult:
        def one(submission_id: str, press_id: str) -> Changes:
            with operation(self._office, actor) as running:
                press = Press.of(press_id, verb, submission_id)
                known = answered(running, press)
                if known is not None:
                    return bulk_from_text(known).changes
                submission, intent = erp_bulk.newest_and_intent(running.session, submission_id)
                shelf = SHELF_STEPS.apply(verb, shelf_of(submission), self._facts(running, submission, intent))
                submission.archived_at = running.at if shelf is Shelf.ARCHIVED else None
                running.record(
                    verb,
                    submission.kind,
                    submission.item_id,
                    before={"archived": verb == "unarchive"},
                    after={"archived": verb == "archive"},
                    submission=submission.id,
                )
                running.changes |= Changes.of("submission", submission.id)
                answer(running, press, bulk_to_text(BulkResult(changes=running.changes)))
            return running.changes

        return erp_bulk.each(self._office, actor, ids, Press.of(op_id, verb, *ids), one)

    def _accept(
        self,
        running: Operation,
        pick: Pick,
        op_id: str,
        reason: str,
        *,
        after: datetime | None = None,
        prove: bool = False,
    ) -> tuple[Changes, datetime]:
        """Accepts one item later than ``after``, as the clock may stand still between two: answers what, and when."""
        office, reason, sage_id = self._office, reason.strip(), pick.sage_id.strip()
        check_text("The reason", reason)
        check_text("The Sage ID", sage_id, 60)
        at = running.at if after is None else max(running.at, after + timedelta(microseconds=1))
        press = Press.of(op_id, "accept", pick.submission_id, pick.sage_id, pick.sha256, reason)
        known = answered(running, press)
        if known is not None:
            return bulk_from_text(known).changes, at
        if prove:
            self._demand_proof(running)
        submission, intent = erp_bulk.newest_and_intent(running.session, pick.submission_id)
        kind = KINDS[submission.kind]
        item = kind.load(running.session, submission.item_id)
        if item is not None and (decided := _decided(running, submission, kind.project_of(item) or None)):
            raise Refused([decided], kept="Nothing was changed.")
        snapshot, seen = preview_of(office, submission, sage_id)
        with office.facts.at_once():
            problems = review.problems_of(office, running.session, kind, item, submission, snapshot, seen)
            asked = review.why_reason(office, kind)
        if not problems and seen.sha256 != pick.sha256:
            problems = (erp_bulk.LOOK_AGAIN,)
        if not problems and asked and not says_something(reason):
            problems = (asked,)
        facts = self._facts(running, submission, intent, problems)
        ERP_STEPS.apply("accept", facts.state, facts)
        submission.state = SubmissionState.ACCEPTED
        submission.decided_by = running.person.id
        submission.decided_at = running.at
        submission.natural_key = sage_id
        outbox = Outbox(
            submission_id=submission.id,
            company=submission.company,
            kind=submission.kind,
            natural_key=sage_id,
            export_key=export_key(submission.company, submission.kind, submission.id, submission.revision),
            approved_sha256=seen.sha256,
            state=ExportState.INTENT,
            attempt=0,
            idempotency=proven_class(running.session, kind.record_type),
            accepted_at=at,
            changed_at=at,
            message="Accepted; erpdesk writes the import file next.",
        )
        # The guard of the outbox looks at the decision as the database has it.
        running.session.flush()
        running.session.add(outbox)
        running.record(
            "accept",
            kind.name,
            submission.item_id,
            before={"erp": facts.state.value},
            after={"erp": ErpState.EXPORTING.value},
            reason=reason,
            submission=submission.id,
            evidence={
                "revision": submission.revision,
                "file_sha256": seen.sha256,
                "amount": str(snapshot.amount),
            },
            sage_id=sage_id,
        )
        running.changes |= Changes.of("submission", submission.id)
        answer(running, press, bulk_to_text(BulkResult(changes=running.changes)))
        return running.changes, at

    def _demand_proof(self, running: Operation) -> None:
        """Raises NotAllowed where the company asks to sign in again at accept, and the approver has not just done so.

        A company in which nobody signs in, such as the sample company, has nothing to ask for.
        """
        office = self._office
        if not office.settings().sign_in_at_accept or office.proofs.take(running.person.id):
            return
        signs_in = or_(Person.password != "", Person.windows_account.is_not(None))
        if running.session.scalar(select(Person.id).where(signs_in).limit(1)) is not None:
            raise NotAllowed([PROVE], kept="Nothing was accepted.")

    def _facts(
        self, running: Operation, submission: Submission, outbox: Outbox | None, problems: tuple[str, ...] = ()
    ) -> Facts:
        """What the guards look at, as the database has it at this moment."""
        kind = KINDS[submission.kind]
        export = outbox.state if outbox else None
        item = kind.load(running.session, submission.item_id)
        project = None if item is None else kind.project_of(item) or None
        state = derive(submission.state, export)
        hand = one_hand(running.session, running.person, submission.sent_by, submission.sent_at)
        unsent = outbox is not None and was_never_armed(running.session, outbox)
        return Facts(kind.name, running.person, submission.sent_by, problems, project, state, hand, unsent)

    def _each(
        self,
        actor: str,
        ids: Sequence[str],
        op_id: str,
        kind_name: str,
        verb: str,
        one: Callable[[Operation, Kind, Any], None],
    ) -> BulkResult:
        kind = KINDS[kind_name]
        done: list[str] = []
        not_done: list[NotDone] = []
        with operation(self._office, actor) as running:
            press = Press.of(op_id, verb, kind_name, *ids)
            known = answered(running, press)
            if known is not None:
                return bulk_from_text(known)
            for item_id in dict.fromkeys(ids):
                item = kind.load(running.session, item_id)
                if item is None:
                    not_done.append(NotDone(item_id, "A deleted item", ("It was deleted meanwhile.",)))
                    continue
                try:
                    with running.session.begin_nested():
                        one(running, kind, item)
                except Refused as refusal:
                    not_done.append(NotDone(item_id, kind.label(item), refusal.reasons))
                else:
                    done.append(item_id)
            result = BulkResult(tuple(done), tuple(not_done), running.changes)
            answer(running, press, bulk_to_text(result))
        return result

    def send_one(self, running: Operation, kind: Kind, item: Any) -> None:
        """Sends or re-sends one item as part of a running act; raises Refused with every reason, nothing done then."""
        office, session = running.office, running.session
        state = state_of(session, kind.name, item.id)
        verb = "resend" if state is ErpState.REJECTED else "send"
        problems = kind.send_problems(office, session, item)
        project = kind.project_of(item) or None
        ERP_STEPS.apply(verb, state, Facts(kind.name, running.person, "", problems, project, state))
        snapshot = kind.snapshot(office, session, item)
        seen = office.preview.preview(snapshot)
        if seen.refusals:
            raise Refused(seen.refusals)
        payload = snapshots.to_text(snapshot)
        revision = (
            session.scalar(
                select(func.max(Submission.revision)).where(Submission.kind == kind.name, Submission.item_id == item.id)
            )
            or 0
        ) + 1
        submission = Submission(
            company=office.settings().company,
            kind=kind.name,
            item_id=item.id,
            natural_key=snapshot.sage_id,
            revision=revision,
            payload=payload,
            payload_sha=snapshots.sha256(payload),
            state=SubmissionState.PENDING,
            sent_by=running.person.id,
            sent_at=running.at,
        )
        _take_from_archive(session, kind, item.id)
        session.add(submission)
        session.flush()
        running.record(
            verb,
            kind.name,
            item.id,
            before={"erp": state.value},
            after={"erp": ErpState.SENT.value},
            submission=submission.id,
            evidence={"revision": revision, "payload_sha": submission.payload_sha},
        )
        running.changes |= Changes.of("submission", submission.id)

    def _retrieve_one(self, running: Operation, kind: Kind, item: Any) -> None:
        submission, outbox = last_submission(running.session, kind.name, item.id)
        state = derive(submission.state if submission else None, outbox.state if outbox else None)
        project = kind.project_of(item) or None
        ERP_STEPS.apply("retrieve", state, Facts(kind.name, running.person, project_id=project, state=state))
        if submission is None:
            raise AssertionError("a sent item has a submission")
        submission.state = SubmissionState.RETRIEVED
        running.record(
            "retrieve",
            kind.name,
            item.id,
            before={"erp": state.value},
            after={"erp": ErpState.RETRIEVED.value},
            submission=submission.id,
            evidence={"revision": submission.revision},
        )
        running.changes |= Changes.of("submission", submission.id)


def _decided(running: Operation, submission: Submission, project: str | None) -> str:
    """Who was faster, told to a person who may decide on the item as well; '' when nobody was."""
    words = {SubmissionState.ACCEPTED: "accepted", SubmissionState.REJECTED: "rejected"}.get(submission.state)
    if words is None or submission.decided_by is None or submission.decided_at is None:
        return ""
    if rights.why_not(running.person, f"{submission.kind}.accept", project):
        return ""
    name = running.session.scalar(select(Person.name).where(Person.id == submission.decided_by))
    who = "you" if submission.decided_by == running.person.id else name
    return f"It was already {words} by {who}, {submission.decided_at.astimezone():%m/%d/%Y %H:%M}."


def _id_taken(session: Session, outbox: Outbox) -> str:
    """Why a refused item may not take its ID up again: another one goes by it since."""
    taken = session.scalar(
        select(Outbox.id).where(
            Outbox.company == outbox.company,
            Outbox.kind == outbox.kind,
            Outbox.natural_key == outbox.natural_key,
            Outbox.id != outbox.id,
            Outbox.state.not_in(FAILED),
        )
    )
    return f"Another item goes to Sage as {outbox.natural_key} by now. Reject this one." if taken else ""


def _take_from_archive(session: Session, kind: Kind, item_id: str) -> None:
    """What was put aside of an item that is sent again stands on the console no more: the new revision does."""
    aside = (Submission.kind == kind.name, Submission.item_id == item_id, Submission.archived_at.is_not(None))
    for each in session.scalars(select(Submission).where(*aside)):
        each.archived_at = None
