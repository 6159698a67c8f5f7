"""What happened to one record, in words, read from the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.models.audit import AuditEntry
from erpdesk.models.people import Person
from erpdesk.workflows import audit
from erpdesk.workflows.rows import HistoryRow

ACT_WORDS: dict[str, str] = {
    "create": "Created",
    "edit": "Edited",
    "status": "Status changed",
    "delete": "Deleted",
    "send": "Sent to ERP",
    "resend": "Re-sent to ERP",
    "retrieve": "Retrieved",
    "accept": "Accepted for export",
    "reject": "Rejected",
    "stage": "Import file written",
    "arm": "Checked again in Sage",
    "deliver": "Laid into Sage’s mailbox",
    "import": "Found in Sage",
    "post": "Read back, equal",
    "refuse": "Refused before sending",
    "sage_reject": "Rejected by Sage",
    "release": "Taken back, tried again",
    "burn": "File taken back",
    "doubt": "In doubt",
    "conflict": "Differs in Sage",
    "duplicate": "Twice in Sage",
}
"""What each act of the audit trail is called on screen."""


def names_of(session: Session) -> dict[str, str]:
    """The name of everybody who ever acted, by id."""
    names = {each.id: each.name for each in session.scalars(select(Person))}
    return {**names, audit.SYSTEM: "erpdesk"}


def history(session: Session, kind: str, ref: str) -> tuple[HistoryRow, ...]:
    """Everything that happened to one record, newest first."""
    names = names_of(session)
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.kind == kind, AuditEntry.ref == ref).order_by(AuditEntry.seq.desc())
    )
    return tuple(
        HistoryRow(
            str(entry.seq),
            entry.at,
            names.get(entry.who, entry.who),
            ACT_WORDS.get(entry.act, entry.act),
            _words(json.loads(entry.body)),
        )
        for entry in entries
    )


def _words(body: dict[str, object]) -> str:
    before, after = body.get("before"), body.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        return "; ".join(_changed(before, after))
    if isinstance(before, str) and isinstance(after, str):
        return f"{before} → {after}"
    for name in ("reason", "message", "sage_id"):
        if body.get(name):
            return str(body[name])
    return ""


def _changed(before: dict[str, object], after: dict[str, object]) -> Iterable[str]:
    for name, value in after.items():
        if before and before.get(name) != value and name != "lines":
            yield f"{name.replace('_', ' ')}: {before.get(name) or 'empty'} → {value or 'empty'}"
    if before and before.get("lines") != after.get("lines"):
        yield "schedule of values changed"
