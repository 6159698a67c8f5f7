"""Commitment change orders: approved ones change the commitment at once, so what is found equal in Sage is final."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from erpdesk.core.errors import BadSageData
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.kinds.kind import ExportKind, Wanted
from erpdesk.sync.export.kinds.natural import NaturalKey, Read, Seen
from erpdesk.sync.sage.fresh import HEADERS, no_lines, not_shown, unreadable
from erpdesk.sync.sage.fresh_rows import Fields, Held, Key, Rows, bare, count, held, lacking, rows_of
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.standing import commitment_capitals
from erpdesk.sync.sage.standing_items import change_reasons
from erpdesk.sync.sage.verify import Difference
from erpdesk.sync.sage.verify_changes import another_change, compare_change
from erpdesk.workflows import document_text
from erpdesk.workflows.documents import CommitmentChange, Document

ORDERS, LINES = "JCM_MASTER__COMMITMENT_CO", "JCM_MASTER__COMMITMENT_CO_ITEM"
_KEY = ("Commitment", "Commitment_CO")


class ChangeReadBack(NaturalKey):
    """Finds a change order by its commitment and its own ID, and compares it line by line; it must be approved."""

    plural: ClassVar[str] = "commitment change orders"

    def key(self, document: Document) -> Key:
        """The commitment, and the change order's ID within it."""
        change = change_of(document)
        return bare((change.sage_id, change.change_order))

    def named(self, document: Document) -> str:
        """Both IDs, in words."""
        change = change_of(document)
        return f"change order {change.change_order} of {change.sage_id}"

    def capitals(self, known: Capabilities) -> bool:
        """Whether the company's format of commitment IDs asks for capitals."""
        return commitment_capitals(known)

    def held(self, session: Session, known: Capabilities) -> tuple[Held, ...]:
        """The ID of every change order."""
        return (held(session, known, ORDERS, _KEY),)

    def counted(self, session: Session, known: Capabilities) -> dict[str, Any]:
        """How many change orders Sage shows."""
        return {"count": count(session, known, ORDERS)}

    def reasons(self, session: Session, known: Capabilities, document: Document) -> tuple[str, ...]:
        """The commitment, its lines and their codes as Sage holds them now; and whether Sage shows the proof at all."""
        lacks = _lacks(known)
        if lacks:
            return (_unprovable(lacks).what + " So none is sent.",)
        return change_reasons(session, known, change_of(document), held(session, known, ORDERS, _KEY))

    def read(self, session: Session, known: Capabilities, wanted: Sequence[Wanted]) -> Read:
        """What Sage shows of each change order."""
        lacks = _lacks(known)
        if lacks:
            raise _unprovable(lacks)
        orders = held(session, known, ORDERS, _KEY)
        found = [self.found(known, orders, each) for each in wanted]
        keys = list(dict.fromkeys(each[0] for each in found if len(each) == 1))
        heads = rows_of(session, known, ORDERS, "Commitment", keys, orders)
        lines = rows_of(session, known, LINES, "Commitment", keys, orders)
        commitments = rows_of(session, known, HEADERS, "Commitment", dict.fromkeys(key[:1] for key in keys))
        if any(key in heads.rows and key not in lines.rows for key in keys) and not count(session, known, LINES):
            raise no_lines("commitment change order")
        capitals = self.capitals(known)
        seen = [
            _seen(change_of(each.document), keys, heads, lines, commitments, capitals)
            for each, keys in zip(wanted, found, strict=True)
        ]
        return Read(seen, orders.count)


def change_of(document: Document) -> CommitmentChange:
    """The document as the change order that it is; raises TypeError for another kind."""
    if not isinstance(document, CommitmentChange):
        raise TypeError(f"{type(document).__name__} is not a commitment change order")
    return document


def _seen(
    change: CommitmentChange, keys: Sequence[Key], heads: Rows, lines: Rows, commitments: Rows, capitals: bool
) -> Seen:
    if len(keys) != 1:
        return Seen(len(keys))
    key = keys[0]
    named = f"change order {key[1]} of commitment {key[0]}"
    why = heads.problems.get(key) or lines.problems.get(key)
    if why or not heads.rows.get(key):
        return Seen(1, problem=str(unreadable(named, why) if why else not_shown(named)))
    own = lines.rows.get(key, [])
    differences = [
        *compare_change(change, heads.rows[key][0], own, capitals=capitals),
        *_not_committed(commitments.rows.get(key[:1], [])),
    ]
    return Seen(1, tuple(differences), bool(differences) and another_change(change, own))


def _not_committed(commitment: Sequence[Fields]) -> Sequence[Difference]:
    """Sage leaves out of committed cost what is not committed to Job Cost."""
    gone = bool(commitment) and commitment[0].get("committed") == 0
    return [Difference("Commitment committed to Job Cost", "yes", "no")] if gone else []


def _lacks(known: Capabilities) -> tuple[str, ...]:
    return (*lacking(known, ORDERS, ("Status", "Amount")), *lacking(known, LINES, ("Amount",)))


def _unprovable(lacks: Sequence[str]) -> BadSageData:
    return BadSageData(
        f"This Sage company does not show {', '.join(lacks)}, so erpdesk cannot prove that a change order went in.",
        next_step="Enter change orders in Sage by hand.",
    )


def _document(payload: str, sage_id: str) -> Document:
    """The change order of a payload. ``sage_id`` is the natural key: the commitment, a blank, and the ID decided."""
    change = change_of(document_text.from_text(payload))
    commitment, _, order = sage_id.partition(f"{change.sage_id} ")
    if commitment or not order:
        raise ValueError(f"{sage_id!r} is no change order of commitment {change.sage_id}")
    return replace(change, change_order=order)


def _printed(document: Document) -> str:
    # Sage's journal names the commitment; the line numbers tell the change orders of one commitment apart.
    return change_of(document).sage_id


def _part(document: Document) -> str:
    return change_of(document).change_order


COMMITMENT_CHANGE = ExportKind(
    name="commitment_change_order",
    noun="commitment change order",
    place=COMMITMENT.place,
    record_type="commitment change order",
    letters="CCO",
    document=_document,
    printed=_printed,
    part=_part,
    read_back=ChangeReadBack(),
    look_at="Job Cost > Inquiry > Commitments, the change orders of the commitment",
)
