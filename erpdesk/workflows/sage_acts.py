"""Acts and reads about what comes from Sage: accepting that rows are gone, and which commitments there are ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from erpdesk.core.changes import SAGE, Changes
from erpdesk.core.errors import Refused
from erpdesk.models.erp import Outbox, Submission, SubmissionState
from erpdesk.models.jobs import Project
from erpdesk.workflows import rights, snapshots
from erpdesk.workflows.erp_item import FAILED, SYNCED
from erpdesk.workflows.operation import Office, check_text, operation, person
from erpdesk.workflows.ports import CommitmentSnapshot, TableFreshness

ACCEPT_LOSS = "sage.accept_loss"
COMMITMENT = "commitment"


@dataclass(frozen=True)
class Loss:
    """What a reading would take away from a table: ``lost`` of the ``before`` rows, and ``unreadable`` ones set aside.

    A person who accepts one accepts that much and no more.
    """

    lost: int
    before: int
    unreadable: int = 0

    @property
    def everything(self) -> bool:
        """Whether no row of the table would be left."""
        return self.lost >= self.before > 0

    def covers(self, other: Loss) -> bool:
        """Whether whoever accepted this one has accepted the other as well."""
        bare = other.everything and not self.everything
        return not bare and other.lost <= self.lost and other.unreadable <= self.unreadable


@dataclass(frozen=True)
class WaitingTable(TableFreshness):
    """A table whose last reading lost so much that a person must say whether it is right."""

    loss: Loss


@dataclass(frozen=True)
class KnownCommitment:
    """A commitment that erpdesk sent or is sending to Sage, as it was accepted, under the ID that was decided.

    ``synced`` says that it was read back equal; ``at`` is when its way into Sage last moved on.
    """

    snapshot: CommitmentSnapshot
    synced: bool
    at: datetime


class SageActs:
    """What a person decides about readings of Sage, and what the mirror is compared with."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def accept_loss(self, actor: str, table: str, reason: str, seen: Loss) -> Changes:
        """Accepts that rows of a table are gone from Sage, with a reason; the worker then takes that loss over once.

        ``table`` is the table's title, ``seen`` the loss that the person saw. Raises NotAllowed without Admin in ERP
        Integrations, and Refused without a reason, when the table waits for no decision, and when more was lost since.
        """
        reason = reason.strip()
        with operation(self._office, actor) as running:
            running.demand(ACCEPT_LOSS)
            if not reason:
                raise Refused(["Write down why these rows are rightly gone from Sage."])
            check_text("The reason", reason)
            fresh = next((each for each in self._office.facts.freshness() if each.table == table), None)
            if not isinstance(fresh, WaitingTable):
                raise Refused([f"{table} waits for no decision; there is nothing to accept. Look at the list anew."])
            if not seen.covers(fresh.loss):
                raise Refused([f"More of {table} is gone by now than you saw. Look at the list anew: {fresh.problem}"])
            running.record(
                "accept_loss",
                SAGE,
                table,
                before={"rows": seen.before},
                after={"rows": seen.before - seen.lost},
                reason=reason,
                evidence={
                    "problem": fresh.problem,
                    "rows_kept": fresh.rows,
                    "rows_lost": seen.lost,
                    "rows_unreadable": seen.unreadable,
                    "last_read": fresh.read_began,
                },
            )
        return running.changes

    def loss_refusal(self, actor: str) -> str:
        """Why this person may not accept a loss, as a sentence; '' when they may."""
        with self._office.store.reading() as session:
            return rights.why_not(person(session, actor), ACCEPT_LOSS) or ""

    def known_commitments(self) -> tuple[KnownCommitment, ...]:
        """Every commitment that was accepted for export, but not those that Sage or erpdesk refused."""
        with self._office.store.reading() as session:
            found = session.execute(
                select(Submission.payload, Outbox.natural_key, Outbox.state, Outbox.changed_at)
                .join(Outbox, Outbox.submission_id == Submission.id)
                .where(
                    Submission.kind == COMMITMENT,
                    Submission.state == SubmissionState.ACCEPTED,
                    Outbox.state.not_in(FAILED),
                )
                .order_by(Outbox.natural_key)
            ).all()
        return tuple(
            KnownCommitment(snapshots.from_text(payload, sage_id=sage_id), state in SYNCED, changed)
            for payload, sage_id, state, changed in found
        )

    def linked_jobs(self) -> Mapping[str, str]:
        """The Sage job of each synced project, with the project's number and name."""
        with self._office.store.reading() as session:
            found = session.execute(
                select(Project.sage_job, Project.number, Project.name)
                .where(Project.sage_job.is_not(None))
                .order_by(Project.sage_job)
            ).all()
        return {str(job): f"{number} · {name}" for job, number, name in found}
