"""Whoever presses what in whatever order: what is decided is decided once, by somebody who might (P3-P6, P14)."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from erpdesk.core.changes import BulkResult
from erpdesk.core.errors import Refused
from erpdesk.models.erp import Outbox, Submission
from erpdesk.workflows.people_acts import PeopleActs
from erpdesk.workflows.rows import ErpState, LineDraft
from tests.sync.export.yard import checked_chain
from tests.town import Town, copy_of, press

EXAMPLES = int(os.environ.get("ERPDESK_MACHINE_EXAMPLES", "5"))
ITEMS = st.integers(0, 1)
WHO = st.sampled_from(("manager", "approver", "both", "viewer"))
EDITABLE = (ErpState.NOT_SENT, ErpState.RETRIEVED, ErpState.REJECTED)
MAY_SEND = ("manager", "both")


@dataclass
class Record:
    """What the model knows of one commitment."""

    id: str
    state: ErpState = ErpState.NOT_SENT
    sent_by: str = ""
    submission: str = ""
    decided: dict[str, str] = field(default_factory=dict)
    """What each submission came to, the first time it came to something."""


class Decisions(RuleBasedStateMachine):
    """Two commitments and four people, of whom two may push until the right is withdrawn."""

    prepared: Path

    @initialize()
    def company(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="erpdesk-machine-"))
        self.town: Town = copy_of(self.prepared, self.folder)
        self.numbers = itertools.count(1)
        self.records = [Record(self.town.approved(number=f"SC-{number}")) for number in (71, 72)]
        self.may_push = {"approver", "both"}
        self.snapshots: dict[str, tuple[str, str]] = {}
        self.approved: dict[str, str] = {}

    def _id(self, who: str) -> str:
        return str(getattr(self.town, who))

    def _refused(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except Refused:
            return True
        return False

    @rule(item=ITEMS, who=WHO)
    def send(self, item: int, who: str) -> None:
        record = self.records[item]
        may = who in MAY_SEND and record.state in EDITABLE
        refused = self._refused(lambda: self._note(self.town.desk.erp.send(self._id(who), [record.id], press())))
        result = () if refused else self.told.done
        assert bool(result) is may, (who, record)
        if result:
            record.state, record.sent_by = ErpState.SENT, who
            with self.town.store.reading() as session:
                rows = session.scalars(select(Submission).where(Submission.item_id == record.id))
                record.submission = max(rows, key=lambda each: each.revision).id

    def _note(self, told: BulkResult) -> None:
        self.told = told

    @rule(item=ITEMS, who=WHO)
    def retrieve(self, item: int, who: str) -> None:
        record = self.records[item]
        refused = self._refused(lambda: self._note(self.town.desk.erp.retrieve(self._id(who), [record.id], press())))
        done = () if refused else self.told.done
        if done:
            assert record.state is ErpState.SENT and who in MAY_SEND
            self._decide(record, ErpState.RETRIEVED, "retrieve")
        else:
            assert record.state is not ErpState.SENT or who != record.sent_by

    @rule(item=ITEMS, who=WHO)
    def edit(self, item: int, who: str) -> None:
        record = self.records[item]
        detail = self.town.desk.queries.commitment(record.id, self.town.manager)
        lines = tuple(
            LineDraft(each.extra, each.cost_code, each.category, each.description, amount=each.amount, id=each.id)
            for each in detail.lines
        )
        title = f"Steel {next(self.numbers)}"
        kept = {"number": detail.row.number, "company_id": detail.company_id, "version": detail.version}
        draft = self.town.draft(id=record.id, title=title, lines=lines, **kept)
        refused = self._refused(lambda: self.town.desk.commitments.save(self._id(who), draft))
        assert refused is not (who in MAY_SEND and record.state in EDITABLE), (who, record)

    @rule(item=ITEMS, who=WHO)
    def accept(self, item: int, who: str) -> None:
        record = self.records[item]
        if not record.submission:
            return
        may = record.state is ErpState.SENT and who in self.may_push and who != record.sent_by

        def act() -> None:
            seen = self.town.console.review(record.submission, None, self._id(who))
            self.town.desk.erp.accept(self._id(who), record.submission, seen.row.sage_id, seen.sha256, press())
            self.approved[record.submission] = seen.sha256

        assert self._refused(act) is not may, (who, record)
        if may:
            self._decide(record, ErpState.EXPORTING, who)

    @rule(item=ITEMS, who=WHO)
    def reject(self, item: int, who: str) -> None:
        record = self.records[item]
        if not record.submission:
            return
        refused = self._refused(
            lambda: self.town.desk.erp.reject(self._id(who), record.submission, "Not like this.", press())
        )
        if not refused:
            assert record.state in (ErpState.SENT, ErpState.FAILED) and who in self.may_push
            if record.state is ErpState.SENT:
                self._decide(record, ErpState.REJECTED, "reject")
            record.state = ErpState.REJECTED
        else:
            assert not (record.state is ErpState.SENT and who in self.may_push and who != record.sent_by)

    @rule(item=ITEMS)
    def sage_rejects(self, item: int) -> None:
        record = self.records[item]
        if record.state is ErpState.EXPORTING:
            self.town.fail(record.submission)
            record.state = ErpState.FAILED

    @precondition(lambda self: "approver" in self.may_push)
    @rule()
    def the_right_to_push_is_withdrawn(self) -> None:
        PeopleActs(self.town.desk.office).withdraw_push(self.town.both, self.town.approver, "Leaves.", press())
        self.may_push.discard("approver")

    def _decide(self, record: Record, state: ErpState, how: str) -> None:
        """A submission is decided once: accepted, rejected or taken back (P14)."""
        assert record.submission not in record.decided, (record, how)
        record.decided[record.submission] = how
        record.state = state

    @invariant()
    def what_is_shown_is_what_was_decided(self) -> None:
        if not hasattr(self, "town"):
            return
        for record in self.records:
            shown = self.town.desk.queries.commitment(record.id, self.town.manager).row.erp_state
            assert shown is record.state, (shown, record)
        with self.town.store.reading() as session:
            submissions = {each.id: each for each in session.scalars(select(Submission))}
            for each in submissions.values():
                # P6: what was sent never changes.
                assert self.snapshots.setdefault(each.id, (each.payload, each.payload_sha)) == (
                    each.payload,
                    each.payload_sha,
                )
            accepted = {how_id: how for each in self.records for how_id, how in each.decided.items()}
            outboxes = list(session.scalars(select(Outbox)))
            assert len({each.submission_id for each in outboxes}) == len(outboxes)
            for outbox in outboxes:
                submission = submissions[outbox.submission_id]
                # P4: somebody who had the right then, and not the sender. P5: what was shown is what goes.
                assert submission.decided_by is not None and submission.sent_by != submission.decided_by
                assert accepted[submission.id] in ("approver", "both")
                assert outbox.approved_sha256 == self.approved[submission.id]

    def teardown(self) -> None:
        if hasattr(self, "town"):
            with self.town.store.reading() as session:
                checked_chain(session)
            self.town.store.close()
            shutil.rmtree(self.folder)


def test_decisions(prepared_town: Path, cheap_passwords: None) -> None:
    class Here(Decisions):
        prepared = prepared_town

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
