"""What Sage does with a record that it has already, as a self-test in a test company proved it, type by type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.core.changes import Changes
from erpdesk.core.errors import Refused
from erpdesk.models.sage import RecordClass
from erpdesk.workflows.history import names_of
from erpdesk.workflows.operation import LONGEST_FILE, Office, Operation, check_text, operation

KIND = "record_class"
PROVE = "record_class.prove"
UNKNOWN = "B"
CLASSES = {
    "A": "Refuses the same record",
    "B": "Adds it again, or is not known",
    "C": "Overwrites it",
}


@dataclass(frozen=True)
class ClassRow:
    """What was proven of a record type, by whom and when."""

    id: str
    idempotency: str
    words: str
    evidence: str
    by: str
    at: datetime


def proven_class(session: Session, record_type: str) -> str:
    """A, B or C of a record type; one that was never tested counts as B."""
    asked = select(RecordClass.idempotency).where(RecordClass.record_type == record_type)
    return session.scalar(asked.order_by(RecordClass.id.desc()).limit(1)) or UNKNOWN


class RecordClasses:
    """Keeps what self-tests proved; the later proof wins, and earlier ones stay readable."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def classes(self) -> tuple[ClassRow, ...]:
        """The record types that were tested, by name."""
        with self._office.store.reading() as session:
            names = names_of(session)
            return tuple(
                ClassRow(
                    name, row.idempotency, CLASSES[row.idempotency], row.evidence, names.get(row.by, row.by), row.at
                )
                for name, row in sorted(_last(session).items())
            )

    def prove(self, actor: str, record_type: str, idempotency: str, evidence: str) -> Changes:
        """Keeps what a self-test showed; ``evidence`` says what was imported and what Sage answered."""
        return self.prove_all(actor, [(record_type, idempotency, evidence)])

    def prove_all(self, actor: str, proofs: Sequence[tuple[str, str, str]]) -> Changes:
        """Keeps everything that one self-test showed, or nothing of it: type, class and evidence of each."""
        for _, _, evidence in proofs:
            check_text("The evidence", evidence, LONGEST_FILE)
        with operation(self._office, actor) as running:
            running.demand(PROVE)
            for record_type, idempotency, evidence in proofs:
                _keep(running, record_type.strip(), idempotency, evidence.strip())
        return running.changes


def _keep(running: Operation, record_type: str, idempotency: str, evidence: str) -> None:
    reasons = []
    if idempotency not in CLASSES:
        reasons.append(f"The class must be A, B or C, not {idempotency!r}.")
    if not evidence:
        reasons.append("Say what was imported and what Sage answered.")
    if not 0 < len(record_type) <= 30:
        reasons.append("Name the record type in at most 30 characters.")
    if reasons:
        raise Refused(reasons)
    before = proven_class(running.session, record_type)
    running.session.add(
        RecordClass(
            record_type=record_type, idempotency=idempotency, evidence=evidence, by=running.person.id, at=running.at
        )
    )
    running.record("prove", KIND, record_type, before=before, after=idempotency, evidence=evidence)


def _last(session: Session) -> dict[str, RecordClass]:
    return {each.record_type: each for each in session.scalars(select(RecordClass).order_by(RecordClass.id))}
