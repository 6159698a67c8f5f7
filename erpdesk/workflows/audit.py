"""The audit trail's writer: each entry holds the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from erpdesk.core.clock import iso
from erpdesk.core.station import Station, here
from erpdesk.models.audit import AuditEntry

SYSTEM = "erpdesk"
"""Who acts when no person does: the worker."""

START = "0" * 64
"""What stands before the first entry."""

SEPARATOR = "\x1f"
"""Parts the columns under the hash; no column holds it."""

FORM = 2
"""How the hash of an entry made now is formed."""

ORDER = {
    1: ("act", "kind", "ref", "body"),
    2: ("login", "machine", "version", "act", "kind", "ref", "before", "after", "reason", "evidence", "body"),
}
"""Which columns stand in the hash after number, time and person, by form."""


def entry_hash(entry: AuditEntry) -> str:
    """The hash that ties an entry to the one before it; raises KeyError for a form that this erpdesk does not know."""
    parts = [entry.prev, str(entry.seq), iso(entry.at), entry.who]
    parts += [str(getattr(entry, name)) for name in ORDER[entry.form]]
    return hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()


def head(session: Session) -> tuple[int, str]:
    """Number and hash of the newest entry: what is anchored outside of the database and printed on reports."""
    found = session.execute(select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)).first()
    return (found.seq, found.hash) if found else (0, START)


def plain(text: str) -> str:
    """A text without the sign that parts the columns under the hash, so that no two entries read alike to it."""
    return text.replace(SEPARATOR, " ")


def as_text(value: object) -> str:
    """A value as the trail keeps it: JSON with sorted keys, '' for nothing."""
    if value is None:
        return ""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def append(
    session: Session,
    *,
    at: datetime,
    who: str,
    act: str,
    kind: str,
    ref: str,
    body: Mapping[str, object],
    before: object = None,
    after: object = None,
    reason: str = "",
    evidence: object = None,
    station: Station | None = None,
) -> AuditEntry:
    """Adds one entry inside the caller's transaction; the caller commits it together with the act itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    session.flush()
    where = station or here()
    last, prev = head(session)
    entry = AuditEntry(
        seq=last + 1,
        at=at,
        who=who,
        login=plain(where.login),
        machine=plain(where.machine),
        version=where.version,
        act=act,
        kind=kind,
        ref=plain(ref),
        before=as_text(before),
        after=as_text(after),
        reason=plain(reason),
        evidence=as_text(evidence),
        body=as_text(dict(body)),
        form=FORM,
        prev=prev,
    )
    entry.hash = entry_hash(entry)
    session.add(entry)
    session.flush()
    return entry
