"""The audit trail's writer: each entry holds the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from erpdesk.core.clock import iso
from erpdesk.models.audit import AuditEntry

SYSTEM = "erpdesk"
"""Who acts when no person does: the worker."""

START = "0" * 64


def entry_hash(prev: str, seq: int, at: datetime, who: str, act: str, kind: str, ref: str, body: str) -> str:
    """The hash that ties an entry to the one before it."""
    return hashlib.sha256("\x1f".join((prev, str(seq), iso(at), who, act, kind, ref, body)).encode()).hexdigest()


def append(
    session: Session, *, at: datetime, who: str, act: str, kind: str, ref: str, body: dict[str, object]
) -> AuditEntry:
    """Adds one entry inside the caller's transaction; the caller commits it together with the act itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    session.flush()
    seq = (session.scalar(select(func.max(AuditEntry.seq))) or 0) + 1
    prev = session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == seq - 1)) or START
    written = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    entry = AuditEntry(
        seq=seq,
        at=at,
        who=who,
        act=act,
        kind=kind,
        ref=ref,
        body=written,
        prev=prev,
        hash=entry_hash(prev, seq, at, who, act, kind, ref, written),
    )
    session.add(entry)
    session.flush()
    return entry
