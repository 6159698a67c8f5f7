"""A sample company in which every part of the tie-out report has an item: accepted, imported, and changed in Sage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, update

from erpdesk.models.base import new_id
from erpdesk.models.erp import Closing, ClosingState, ExportState, Outbox, Saw, Submission, SubmissionState
from erpdesk.sync.mirror.watch import Watch
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.workflows.erp_item import preview_of
from erpdesk.workflows.rows import CodeRow, LineDraft
from erpdesk.workflows.tie_out_rows import Part, TieAsk
from erpdesk.workflows.tie_out_sums import TieBook
from tests.sync.mirror.foreign_kit import make_in_sage, on_job
from tests.sync.mirror.kit import alter
from tests.town import Town, press

LATER = TieAsk(cut_off=datetime(2999, 1, 1, tzinfo=UTC))
"""Everything that was ever accepted."""


@dataclass
class Office:
    """Somebody who leads items of a town to each part of the report."""

    town: Town
    submissions: dict[str, str] = field(default_factory=dict)

    def accepted(self, number: str, *amounts: str) -> str:
        """A commitment that was accepted, with a line for each amount, each on another cost code; its outbox id."""
        lines = tuple(
            LineDraft("", code.cost_code, code.category, f"Line {at}", amount=Decimal(amount))
            for at, (code, amount) in enumerate(zip(self.codes, amounts, strict=False), start=1)
        )
        _, submission = self.town.accepted(number=number, title=f"Work {number}", lines=lines)
        self.submissions[number] = submission
        return self._outbox(submission)

    @property
    def codes(self) -> list[CodeRow]:
        return self.town.codes()

    def import_all(self, *numbers: str) -> None:
        """The person at Sage imports the files that were approved, one by one."""
        imports = self.town.sage.imports
        imports.mkdir(exist_ok=True)
        for number in numbers:
            with self.town.store.reading() as session:
                submission = session.get_one(Submission, self.submissions[number])
                data = preview_of(self.town.desk.office, submission, number)[1].data
            (imports / "commitments.jcc").write_bytes(data)
            assert SandboxOperator(self.town.sage).step()
            for left in imports.iterdir():
                left.unlink()

    def stand(self, number: str, state: ExportState, *, ahead: timedelta = timedelta(0)) -> None:
        """Sets how far an item is, as the export does now; ``ahead``: by a clock that runs ahead by so much."""
        submission = self.submissions[number]
        at = self.town.desk.office.clock.now() + ahead
        if state in (ExportState.CLOSED_IN_SAGE, ExportState.CLOSED_ABSENT):
            self._close(self._outbox(submission), Saw(state.value.removeprefix("CLOSED_")))
        with self.town.store.writing() as session:
            session.execute(update(Outbox).where(Outbox.submission_id == submission).values(state=state, changed_at=at))

    def reject(self, number: str) -> None:
        """An approver gives a failed item back to its sender."""
        self.town.desk.erp.reject(self.town.approver, self.submissions[number], "Not this month", press())

    def accept_again(self, number: str) -> None:
        """Its sender sends a rejected item again as it is, and it is accepted once more."""
        town = self.town
        with town.store.reading() as session:
            made = session.get_one(Submission, self.submissions[number]).item_id
        result = town.desk.erp.send(town.manager, [made], press())
        assert result.done == (made,), result.not_done
        with town.store.reading() as session:
            sent = select(Submission.id).where(Submission.item_id == made, Submission.state == SubmissionState.PENDING)
            self.submissions[number] = session.scalars(sent).one()
        town.accept(self.submissions[number])

    def every_part(self) -> None:
        """One item in each part, a commitment changed in Sage, one gone, one made by hand there, the rest before."""
        for number, amounts in (
            ("SC-EQUAL", ("100.01", "200.02")),
            ("SC-CHANGED", ("300.00",)),
            ("SC-GONE", ("40.00",)),
            ("SC-UNPOSTED", ("50.00",)),
            ("SC-EXPORT", ("60.00",)),
            ("SC-YOUNG", ("65.00",)),
            ("SC-FAILED", ("70.00",)),
            ("SC-ABSENT", ("75.00",)),
            ("SC-DOUBT", ("80.00",)),
            ("SC-CONFL", ("90.00",)),
            ("SC-REJECT", ("110.00",)),
            ("SC-HAND", ("120.00",)),
        ):
            self.accepted(number, *amounts)
        self.import_all("SC-EQUAL", "SC-CHANGED", "SC-CONFL", "SC-HAND")
        self.stand("SC-EQUAL", ExportState.POSTED)
        self.stand("SC-CHANGED", ExportState.POSTED)
        self.stand("SC-GONE", ExportState.POSTED)
        self.stand("SC-UNPOSTED", ExportState.IN_SAGE)
        self.stand("SC-EXPORT", ExportState.DELIVERED)
        self.stand("SC-FAILED", ExportState.SAGE_REJECTED)
        self.stand("SC-DOUBT", ExportState.IN_DOUBT)
        self.stand("SC-ABSENT", ExportState.CLOSED_ABSENT)
        self.stand("SC-CONFL", ExportState.CONFLICT)
        self.stand("SC-REJECT", ExportState.REFUSED)
        self.reject("SC-REJECT")
        self.stand("SC-HAND", ExportState.CLOSED_IN_SAGE)
        self.change_in_sage("SC-CHANGED", "350.00")
        self.change_in_sage("SC-CONFL", "85.50")
        self.watch()
        make_in_sage(self.town, on_job(self.town, self.town.project().sage_job), "BY-HAND-1")
        self.read_sage()
        self.stand("SC-YOUNG", ExportState.POSTED)

    def change_in_sage(self, number: str, amount: str) -> None:
        """Somebody types another amount into the first line of a commitment in Sage."""
        alter(
            self.town.sage.folder,
            ("UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = ? WHERE Commitment = ?", (float(amount), number)),
            ("UPDATE JCM_MASTER__COMMITMENT SET Amount = ? WHERE Commitment = ?", (float(amount), number)),
        )

    def watch(self) -> None:
        """The first look at the synced jobs, as after the first reading."""
        Watch(self.town.mirror.store).look(self.town.desk.sage.linked_jobs())

    def read_sage(self) -> None:
        """A reading, and the look after it."""
        self.town.read_sage()
        self.watch()

    def book(self, actor: str = "") -> TieBook:
        return self.town.desk.tie_out.gather(actor or self.town.both)

    def states(self) -> dict[str, Part | None]:
        """The part of each accepted item, by its Sage ID."""
        return {item.sage_id: item.part for item in self.book().items if item.accepted_at is not None}

    def _outbox(self, submission: str) -> str:
        with self.town.store.reading() as session:
            return session.scalars(select(Outbox.id).where(Outbox.submission_id == submission)).one()

    def _close(self, outbox: str, saw: Saw) -> None:
        at, id_ = datetime.now(UTC), new_id()
        with self.town.store.writing() as session:
            session.add(
                Closing(
                    id=id_,
                    outbox_id=outbox,
                    saw=saw,
                    note="Looked in Sage",
                    state=ClosingState.STATED,
                    stated_by=self.town.approver,
                    stated_at=at,
                )
            )
        with self.town.store.writing() as session:
            session.execute(
                update(Closing)
                .where(Closing.id == id_)
                .values(state=ClosingState.CONFIRMED, answered_by=self.town.both, answered_at=at)
            )
