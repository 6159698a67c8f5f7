"""The console of ERP Integrations: its kinds, what stands in each view, the approver's page, bulk, and home."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from erpdesk.core.errors import ChangedMeanwhile
from erpdesk.models.erp import Outbox, Submission
from erpdesk.workflows import erp_bulk, erp_home, erp_queue, review, rights
from erpdesk.workflows.console_rows import BulkPreview, ConsoleCounts, HomePage, KindRow, View
from erpdesk.workflows.erp_item import KINDS
from erpdesk.workflows.erp_order import place_on_screen
from erpdesk.workflows.operation import Office, check_text, person
from erpdesk.workflows.rows import QueueRow, Review


class Console:
    """Reads for the console; each is short, holds up nobody, and shows a person only what that person may see."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def kinds(self) -> tuple[KindRow, ...]:
        """The kinds of item that go to Sage, in the order of their sub-tabs."""
        return tuple(
            KindRow(each.name, each.title, each.noun, tuple(view for view in View if view in each.views))
            for each in sorted(KINDS.values(), key=place_on_screen)
        )

    def counts(self, actor: str, project_id: str | None = None) -> ConsoleCounts:
        """How many items stand in each view of each kind, of those that this person may see; one query a kind."""
        with self._office.store.reading() as session:
            acting = person(session, actor)
            why = {name: rights.why_not(acting, f"{name}.read", project_id) for name in KINDS}
            return ConsoleCounts(
                {kind.name: erp_queue.counts(session, kind, acting, project_id) for kind in KINDS.values()},
                {name: reason for name, reason in why.items() if reason},
            )

    def queue(
        self,
        kind: str,
        view: View,
        project_id: str | None,
        actor: str,
        limit: int | None = None,
    ) -> tuple[QueueRow, ...]:
        """The items of a kind in one view, of those that this person may see, the longest waiting first.

        With a ``limit`` only so many, at once however many there are: for a list to show before all are read.
        """
        with self._office.store.reading() as session:
            acting = person(session, actor)
            return erp_queue.queue(self._office, session, KINDS[kind], view, acting, project_id, limit)

    def items(self, ids: Sequence[str], actor: str) -> tuple[QueueRow, ...]:
        """The items with these submission ids, wherever they stand now, of those that this person may see."""
        with self._office.store.reading() as session:
            acting = person(session, actor)
            found = erp_queue.by_id(self._office, session, ids).values()
            return tuple(row for row in found if not rights.why_not(acting, f"{row.kind}.read", row.project_id or None))

    def review(self, submission_id: str, sage_id: str | None, actor: str) -> Review:
        """What the approver decides on, under the proposed or the typed Sage ID.

        Raises ChangedMeanwhile for an item that is gone, NotAllowed for one that this person may not see.
        """
        check_text("The Sage ID", sage_id or "")
        with self._office.store.reading() as session:
            acting = person(session, actor)
            found = session.execute(
                select(Submission, Outbox)
                .outerjoin(Outbox, Outbox.submission_id == Submission.id)
                .where(Submission.id == submission_id)
            ).first()
            row = erp_queue.by_id(self._office, session, (submission_id,)).get(submission_id)
            if found is None or row is None:
                raise ChangedMeanwhile(["This item is no longer there. The list has been read again."])
            erp_queue.demand_sight(acting, row)
            submission, outbox = found
            return review.build(self._office, session, row, submission, outbox, sage_id, acting)

    def accept_preview(self, actor: str, ids: Sequence[str]) -> BulkPreview:
        """What accepting these items would do: how many, their total, and each that can not be accepted with why."""
        with self._office.store.reading() as session:
            return erp_bulk.accept_preview(self._office, session, person(session, actor), ids)

    def reject_preview(self, actor: str, ids: Sequence[str]) -> BulkPreview:
        """What rejecting these items would do: how many, their total, and each that can not be rejected with why."""
        with self._office.store.reading() as session:
            return erp_bulk.reject_preview(self._office, session, person(session, actor), ids)

    def home(self, actor: str) -> HomePage:
        """What waits for this person, oldest first, what went wrong, and how fresh what is known of Sage is."""
        with self._office.store.reading() as session:
            return erp_home.home(self._office, session, person(session, actor))
