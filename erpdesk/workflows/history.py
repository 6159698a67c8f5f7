"""What happened to one record, in words, read from the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.models.audit import AuditEntry
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.people import Person
from erpdesk.workflows import audit
from erpdesk.workflows.rows import HistoryRow

ACT_WORDS: dict[str, str] = {
    "create": "Created",
    "edit": "Edited",
    "status": "Status changed",
    "delete": "Deleted",
    "accept_loss": "Loss in Sage accepted",
    "confirm": "Field order confirmed",
    "withdraw": "Confirmation withdrawn",
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
    companies = {each.id: each.name for each in session.scalars(select(DirectoryCompany))}
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.kind == kind, AuditEntry.ref == ref).order_by(AuditEntry.seq.desc())
    )
    return tuple(
        HistoryRow(
            str(entry.seq),
            entry.at,
            names.get(entry.who, entry.who),
            ACT_WORDS.get(entry.act, entry.act),
            _words(_body(entry), companies),
        )
        for entry in entries
    )


def _body(entry: AuditEntry) -> dict[str, object]:
    """What an entry says, wherever its form keeps it."""
    parts = {name: json.loads(text) for name in ("before", "after") if (text := getattr(entry, name))}
    return {**json.loads(entry.body), **parts, **({"reason": entry.reason} if entry.reason else {})}


def _words(body: dict[str, object], companies: dict[str, str]) -> str:
    before, after = body.get("before"), body.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        return "; ".join(_changed(before, after, companies))
    if isinstance(before, str) and isinstance(after, str):
        return f"{before} → {after}"
    for name in ("reason", "message", "sage_id"):
        if body.get(name):
            return str(body[name])
    return ""


FIELDS = {"company": "contract company", "retainage_percent": "retainage", "method": "accounting method"}
LINE_FIELDS = ("extra", "cost code", "category", "description", "quantity", "unit cost", "amount")


def _changed(before: dict[str, Any], after: dict[str, Any], companies: dict[str, str]) -> Iterable[str]:
    if not before:
        return
    for name, value in after.items():
        if name != "lines" and before.get(name) != value:
            was, now = (companies.get(str(each), str(each or "")) for each in (before.get(name), value))
            yield f"{FIELDS.get(name, name)}: {was or 'empty'} → {now or 'empty'}"
    yield from _changed_lines(before.get("lines", []), after.get("lines", []))


def _changed_lines(before: list[list[str]], after: list[list[str]]) -> Iterable[str]:
    for number, (was, now) in enumerate(zip_longest(before, after), 1):
        if was is None:
            yield f"line {number} added: {now[1]} {now[2]}, {now[6]}"
        elif now is None:
            yield f"line {number} deleted: {was[1]} {was[2]}, {was[6]}"
        elif was != now:
            changes = (
                f"{field} {old or 'empty'} → {new or 'empty'}"
                for field, old, new in zip(LINE_FIELDS, was, now, strict=True)
                if old != new
            )
            yield f"line {number}: {', '.join(changes)}"
