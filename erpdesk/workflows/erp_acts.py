"""The acts on items that go to Sage: send, retrieve, accept, reject; one transaction each, whatever the kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select

from erpdesk.core.changes import BulkResult, Changes, NotDone
from erpdesk.core.errors import ChangedMeanwhile, Refused
from erpdesk.models.erp import ExportState, Outbox, Submission, SubmissionState
from erpdesk.workflows import snapshots
from erpdesk.workflows.erp_item import (
    ERP_STEPS,
    KINDS,
    Facts,
    Kind,
    derive,
    export_key,
    last_submission,
    preview_of,
    state_of,
)
from erpdesk.workflows.layout_gate import is_live, why_not_live
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
)
from erpdesk.workflows.record_classes import proven_class
from erpdesk.workflows.rows import ErpState


class ErpActs:
    """Sending, retrieving, accepting and rejecting; each act carries the id of the press that asked for it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def send(self, actor: str, ids: Sequence[str], op_id: str, kind: str = "commitment") -> BulkResult:
        """Sends or re-sends items to ERP Integrations; each one not sent comes back with its reasons (C4, C10)."""
        return self._each(actor, ids, op_id, kind, "send", self._send_one)

    def retrieve(self, actor: str, ids: Sequence[str], op_id: str, kind: str = "commitment") -> BulkResult:
        """Takes items back before accounting has decided (C5)."""
        return self._each(actor, ids, op_id, kind, "retrieve", self._retrieve_one)

    def accept(self, actor: str, submission_id: str, sage_id: str, sha256: str, op_id: str) -> Changes:
        """Accepts an item for export under ``sage_id``; ``sha256`` is the hash of the file the approver saw (P4, P5).

        Raises Refused with every reason, among them that the data changed since it was shown.
        """
        office = self._office
        with operation(office, actor) as running:
            press = Press.of(op_id, "accept", submission_id, sage_id, sha256)
            known = answered(running, press)
            if known is not None:
                return bulk_from_text(known).changes
            submission = self._submission(running, submission_id)
            kind = KINDS[submission.kind]
            state = derive(submission.state, self._export(running, submission))
            sage_id = sage_id.strip()
            snapshot, seen = preview_of(office, submission, sage_id)
            gate = why_not_live(is_live(office.settings()), seen)
            problems = kind.accept_problems(office, running.session, submission, snapshot) or seen.refusals or gate
            if not problems and seen.sha256 != sha256:
                problems = ("What Sage would get is no longer what you were shown. Look once more, then accept.",)
            facts = Facts(kind.name, running.person, submission.sent_by, problems)
            ERP_STEPS.apply("accept", state, facts)
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
                accepted_at=running.at,
                changed_at=running.at,
                message="Accepted; erpdesk writes the import file next.",
            )
            running.session.add(outbox)
            running.record(
                "accept",
                kind.name,
                submission.item_id,
                submission=submission.id,
                revision=submission.revision,
                sage_id=sage_id,
                file_sha256=seen.sha256,
                amount=str(snapshot.amount),
            )
            running.changes |= Changes.of("submission", submission.id)
            answer(running, press, bulk_to_text(BulkResult(changes=running.changes)))
        office.wake.wake()
        return running.changes

    def reject(self, actor: str, submission_id: str, comment: str, op_id: str) -> Changes:
        """Rejects an item with an optional comment; it becomes editable again (J5, J6)."""
        check_text("The comment", comment)
        with operation(self._office, actor) as running:
            press = Press.of(op_id, "reject", submission_id, comment)
            known = answered(running, press)
            if known is not None:
                return bulk_from_text(known).changes
            submission = self._submission(running, submission_id)
            state = derive(submission.state, self._export(running, submission))
            ERP_STEPS.apply("reject", state, Facts(submission.kind, running.person, submission.sent_by))
            before = state.value
            submission.state = SubmissionState.REJECTED
            submission.decided_by = running.person.id
            submission.decided_at = running.at
            submission.comment = comment.strip()
            running.record(
                "reject",
                submission.kind,
                submission.item_id,
                submission=submission.id,
                revision=submission.revision,
                before=before,
                reason=comment.strip(),
            )
            running.changes |= Changes.of("submission", submission.id)
            answer(running, press, bulk_to_text(BulkResult(changes=running.changes)))
        return running.changes

    def _submission(self, running: Operation, submission_id: str) -> Submission:
        found = running.session.get(Submission, submission_id)
        if found is None:
            raise ChangedMeanwhile(["This item is no longer there. The list has been read again."])
        newest, _ = last_submission(running.session, found.kind, found.item_id)
        if newest is not found:
            raise ChangedMeanwhile(["This item was corrected and sent again. Decide on the new revision."])
        return found

    def _export(self, running: Operation, submission: Submission) -> ExportState | None:
        return running.session.scalar(select(Outbox.state).where(Outbox.submission_id == submission.id))

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

    def _send_one(self, running: Operation, kind: Kind, item: Any) -> None:
        office, session = running.office, running.session
        state = state_of(session, kind.name, item.id)
        verb = "resend" if state is ErpState.REJECTED else "send"
        problems = kind.send_problems(office, session, item)
        ERP_STEPS.apply(verb, state, Facts(kind.name, running.person, problems=problems))
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
        session.add(submission)
        session.flush()
        running.record(
            verb, kind.name, item.id, submission=submission.id, revision=revision, payload_sha=submission.payload_sha
        )
        running.changes |= Changes.of("submission", submission.id)

    def _retrieve_one(self, running: Operation, kind: Kind, item: Any) -> None:
        submission, outbox = last_submission(running.session, kind.name, item.id)
        state = derive(submission.state if submission else None, outbox.state if outbox else None)
        ERP_STEPS.apply("retrieve", state, Facts(kind.name, running.person))
        if submission is None:
            raise AssertionError("a sent item has a submission")
        submission.state = SubmissionState.RETRIEVED
        running.record("retrieve", kind.name, item.id, submission=submission.id, revision=submission.revision)
        running.changes |= Changes.of("submission", submission.id)
