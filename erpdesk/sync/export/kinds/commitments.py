"""Commitments: they go into Sage's commitment records directly, so what is found there equal is final."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from erpdesk.sync.export.kinds.kind import ExportKind, Place, Wanted
from erpdesk.sync.export.kinds.natural import NaturalKey, Read, Seen
from erpdesk.sync.sage.fresh import HEADERS, Commitments, commitment_ids, read_commitments
from erpdesk.sync.sage.fresh_rows import Held, Key, bare, count
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.standing import commitment_capitals, commitment_reasons
from erpdesk.sync.sage.verify import another, compare
from erpdesk.workflows import snapshots
from erpdesk.workflows.documents import Document
from erpdesk.workflows.ports import CommitmentSnapshot


class CommitmentReadBack(NaturalKey):
    """Finds a commitment by its ID, and compares it field by field with its lines; it must be committed to Job Cost."""

    plural: ClassVar[str] = "commitments"

    def key(self, document: Document) -> Key:
        """The commitment ID."""
        return bare((snapshot_of(document).sage_id,))

    def named(self, document: Document) -> str:
        """The ID alone, as the screens name a commitment."""
        return snapshot_of(document).sage_id

    def capitals(self, known: Capabilities) -> bool:
        """Whether the company's format of commitment IDs asks for capitals."""
        return commitment_capitals(known)

    def held(self, session: Session, known: Capabilities) -> tuple[Held, ...]:
        """Every commitment ID."""
        return (commitment_ids(session, known),)

    def counted(self, session: Session, known: Capabilities) -> dict[str, Any]:
        """How many commitments Sage shows."""
        return {"count": count(session, known, HEADERS)}

    def reasons(self, session: Session, known: Capabilities, document: Document) -> tuple[str, ...]:
        """Vendor, job, extras, cost codes and categories as Sage holds them now, and an ID that is too much alike."""
        return commitment_reasons(session, known, snapshot_of(document))

    def read(self, session: Session, known: Capabilities, wanted: Sequence[Wanted]) -> Read:
        """What Sage shows of each commitment."""
        ids = commitment_ids(session, known)
        found = [self.found(known, ids, each) for each in wanted]
        read = read_commitments(session, known, [keys[0] for keys in found if len(keys) == 1], ids)
        capitals = self.capitals(known)
        seen = [
            _seen(snapshot_of(each.document), keys, read, capitals) for each, keys in zip(wanted, found, strict=True)
        ]
        return Read(seen, ids.count)


def snapshot_of(document: Document) -> CommitmentSnapshot:
    """The document as the commitment that it is; raises TypeError for another kind."""
    if not isinstance(document, CommitmentSnapshot):
        raise TypeError(f"{type(document).__name__} is not a commitment")
    return document


def _seen(snapshot: CommitmentSnapshot, keys: Sequence[Key], read: Commitments, capitals: bool) -> Seen:
    if len(keys) != 1:
        return Seen(len(keys))
    problem = read.problems.get(keys[0])
    if problem:
        return Seen(1, problem=str(problem))
    held = read.found[keys[0]]
    differences = compare(snapshot, held, capitals=capitals)
    return Seen(1, differences, bool(differences) and another(snapshot, held, capitals=capitals))


def _document(payload: str, sage_id: str) -> Document:
    return snapshots.from_text(payload, sage_id=sage_id)


def _printed(document: Document) -> str:
    return snapshot_of(document).sage_id


COMMITMENT = ExportKind(
    name="commitment",
    noun="commitment",
    place=Place.named("commitments", "jcc"),
    record_type="commitment",
    letters="C",
    document=_document,
    printed=_printed,
    read_back=CommitmentReadBack(),
    look_at="Job Cost > Inquiry > Commitments",
)
