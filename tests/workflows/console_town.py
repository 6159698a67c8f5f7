"""Items of either kind in a test company: made, sent, and led to each place of the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from erpdesk.models.erp import ExportState, Outbox
from erpdesk.sync.export.store import ExportStore
from erpdesk.workflows import erp_queue
from erpdesk.workflows.console_rows import Pick, View
from erpdesk.workflows.erp_item import KINDS
from erpdesk.workflows.rows import QueueRow
from tests.town import Town, press
from tests.workflows.second_kind import CHANGES, NAME, add_change

ENDS = {View.SYNCED: "post", View.ARCHIVED: "post", View.FAILED_TO_EXPORT: "sage_reject", View.IN_DOUBT: "doubt"}
"""How the export ends of an item that stands in a view."""


@dataclass
class Items:
    """One kind of item in a town: the same words for commitments and for the second kind."""

    town: Town
    kind: str

    def made(self, **changes: Any) -> str:
        """An item that is ready to be sent, all it needs being in Sage."""
        if self.kind != NAME:
            return self.town.approved(**changes)
        commitment, submission = self.town.accepted()
        self.reach(submission, "post")
        return self.change(commitment, **changes)

    def change(self, commitment: str, **changes: Any) -> str:
        """An approved change order on a commitment, wherever that stands."""
        with self.town.store.writing() as session:
            return add_change(session, commitment, **changes)

    def sent(self, **changes: Any) -> QueueRow:
        """An item that waits for a decision."""
        return self.send(self.made(**changes))

    def send(self, item: str, actor: str = "") -> QueueRow:
        result = self.town.desk.erp.send(actor or self.town.manager, [item], press(), self.kind)
        assert result.done == (item,), result.not_done
        return next(row for row in self.queue(View.READY_TO_EXPORT) if row.item_id == item)

    def accept(self, row: QueueRow) -> None:
        seen = self.town.console.review(row.id, None, self.town.approver)
        self.town.desk.erp.accept(self.town.approver, row.id, row.sage_id, seen.sha256, press())

    def pick(self, row: QueueRow) -> Pick:
        return Pick(row.id, row.sage_id, self.town.console.review(row.id, None, self.town.approver).sha256)

    def queue(self, view: View) -> tuple[QueueRow, ...]:
        with self.town.store.reading() as session:
            return erp_queue.queue(self.town.desk.office, session, KINDS[self.kind], view, None, None)

    def reach(self, submission: str, end: str) -> None:
        """Leads an accepted item to the end of its export: post, sage_reject or doubt."""
        exports = ExportStore(self.town.store.sessions, self.town.settings.company, "a test")
        item = next(each for each in exports.items((ExportState.INTENT,)) if each.submission_id == submission)
        for verb in ("stage", "arm", "deliver", end):
            item = exports.advance(item, verb, f"{verb}.")

    def at(self, view: View) -> QueueRow:
        """An item that stands in this view."""
        row = self.sent()
        if view is View.READY_TO_EXPORT:
            return row
        self.accept(row)
        if view in ENDS:
            self.reach(row.id, ENDS[view])
        if view is View.ARCHIVED:
            assert self.town.desk.erp.archive(self.town.approver, [row.id], press()).done == (row.id,)
        return next(each for each in self.queue(view) if each.id == row.id)


def with_table(town: Town) -> None:
    """Makes the table of the second kind."""
    CHANGES.create(town.store.engine, checkfirst=True)


def age(town: Town, submission: str, **values: Any) -> None:
    """Changes an outbox row by hand, as only a test may."""
    with town.store.writing() as session:
        session.execute(update(Outbox).where(Outbox.submission_id == submission).values(**values))
