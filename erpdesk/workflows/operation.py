"""A person's act: one function, one transaction, one notice of changes, an audit entry for each record it touches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from erpdesk.core.changes import BulkResult, Changes, NotDone
from erpdesk.core.clock import Clock
from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.core.station import Station, here
from erpdesk.database import Store
from erpdesk.models.erp import Op
from erpdesk.models.people import Person
from erpdesk.settings import CompanySettings
from erpdesk.workflows import audit, rights
from erpdesk.workflows.ports import SageFacts, SagePreview, Wake
from erpdesk.workflows.proofs import Proofs


@dataclass(frozen=True)
class Office:
    """What every act works with; built once by ``app`` or ``cli``."""

    store: Store
    facts: SageFacts
    preview: SagePreview
    wake: Wake
    clock: Clock
    settings: Callable[[], CompanySettings]
    station: Station = field(default_factory=here)
    proofs: Proofs = field(default_factory=Proofs)


@dataclass
class Operation:
    """One act while it runs: its session, who acts, when, and what it has touched so far."""

    office: Office
    session: Session
    person: Person
    at: datetime
    changes: Changes = field(default_factory=Changes)

    def demand(self, act: str, project_id: str | None = None) -> None:
        """Raises NotAllowed unless the acting person has the right, read at this very moment."""
        why = rights.why_not(self.person, act, project_id)
        if why:
            raise NotAllowed([why])

    def record(
        self,
        act: str,
        kind: str,
        ref: str,
        *,
        before: object = None,
        after: object = None,
        reason: str = "",
        evidence: object = None,
        **body: object,
    ) -> None:
        """Writes the audit entry of one touched record and adds it to the notice of changes.

        ``before`` and ``after`` are what changed, ``reason`` is why in the person's words, ``evidence`` what proves it.
        """
        audit.append(
            self.session,
            at=self.at,
            who=self.person.id,
            act=act,
            kind=kind,
            ref=ref,
            body=body,
            before=before,
            after=after,
            reason=reason,
            evidence=evidence,
            station=self.office.station,
        )
        self.changes |= Changes.of(kind, ref)


MEANWHILE = ("Somebody else changed this record a moment ago. It has been read again: look at it and decide anew.",)


@contextmanager
def operation(office: Office, actor: str) -> Iterator[Operation]:
    """Runs one act in one transaction: committed as a whole, or nothing of it.

    Raises ChangedMeanwhile when somebody else changed the record first.
    """
    try:
        with office.store.writing() as session:
            yield Operation(office, session, person(session, actor), office.clock.now())
            session.flush()
    except (StaleDataError, IntegrityError) as problem:
        raise ChangedMeanwhile(MEANWHILE) from problem


LONGEST_TEXT = 10_000
"""Characters of a comment, a reason or a description."""

LONGEST_FILE = 10_000_000
"""Characters of a text that a program makes or that is pasted as a whole."""


def check_text(what: str, text: str, longest: int = LONGEST_TEXT) -> None:
    """Raises Refused for text that the databases can not keep: half of a pasted character, a NUL, or too much of it.

    ``longest`` counts characters without the blanks around them, as they are kept.
    """
    try:
        text.encode()
        kept = "\0" not in text
    except UnicodeEncodeError:
        kept = False
    if not kept:
        raise Refused([f"{what} holds a character that can not be kept. Type it anew instead of pasting it."])
    if (length := len(text.strip())) > longest:
        raise Refused([f"{what} has {length:,} characters; at most {longest:,} can be kept. Shorten it."])


def person(session: Session, actor: str) -> Person:
    """The acting person as the database knows them now; raises NotAllowed for an unknown one."""
    found = session.get(Person, actor)
    if found is None or not found.active:
        raise NotAllowed(["The acting person is not known to this company. Choose who is acting and try again."])
    return found


@dataclass(frozen=True)
class Press:
    """One press of a button: its id, and what exactly was asked, so that an id is never answered for something else."""

    op_id: str
    what: str

    @classmethod
    def of(cls, op_id: str, act: str, *asked: object) -> Press:
        digest = hashlib.sha256(json.dumps([act, *asked], default=str).encode()).hexdigest()
        return cls(op_id, f"{act[:12]} {digest[:24]}")


def answered(running: Operation, press: Press) -> str | None:
    """The stored answer of a press that was already carried out, or None for a new press.

    Raises Refused when the id was used by somebody else, or for something else.
    """
    known = running.session.get(Op, press.op_id)
    if known is None:
        return None
    if (known.who, known.what) != (running.person.id, press.what):
        raise Refused(["This press was already used for something else. Press the button once more."])
    return known.result


def answer(running: Operation, press: Press, result: str) -> None:
    """Keeps the answer of this press, in the same transaction as what it did."""
    running.session.add(Op(op_id=press.op_id, who=running.person.id, what=press.what, at=running.at, result=result))


def bulk_to_text(result: BulkResult) -> str:
    """A bulk result as text for the ``op`` table."""
    return json.dumps(
        {
            "done": result.done,
            "not_done": [[each.id, each.label, each.reasons] for each in result.not_done],
            "touched": sorted(result.changes.touched),
        }
    )


def bulk_from_text(text: str) -> BulkResult:
    """The bulk result that ``bulk_to_text`` wrote."""
    body = json.loads(text)
    return BulkResult(
        done=tuple(body["done"]),
        not_done=tuple(NotDone(one, label, tuple(reasons)) for one, label, reasons in body["not_done"]),
        changes=Changes(frozenset((kind, ref) for kind, ref in body["touched"])),
    )
