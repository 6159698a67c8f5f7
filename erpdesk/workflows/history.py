"""What happened to one record, in words and field by field, read from the audit trail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.models.audit import AuditEntry
from erpdesk.models.directory import DirectoryCompany
from erpdesk.models.jobs import Project
from erpdesk.models.people import Person
from erpdesk.workflows import audit
from erpdesk.workflows.field_changes import Change, changes
from erpdesk.workflows.history_rows import FieldChangeRow
from erpdesk.workflows.rows import HistoryRow

ACT_WORDS: dict[str, str] = {
    "create": "Created",
    "edit": "Edited",
    "status": "Status changed",
    "delete": "Deleted",
    "accept_loss": "Loss in Sage accepted",
    "confirm_fields": "Fields of the import file confirmed",
    "withdraw_fields": "Confirmation of fields withdrawn",
    "use_site": "Field order of this site used",
    "standard": "Standard field order used",
    "prove": "Record type tested",
    "sign_in": "Signed in",
    "sign_in_failed": "Sign-in failed",
    "moved": "Sage folder or connection changed",
    "kind": "Kind of company changed",
    "unused": "Confirmation not needed",
    "first_run": "Company set up",
    "save": "Saved",
    "change": "Setting changed",
    "password": "Mail password kept",
    "retry": "Mail tried again",
    "give_up": "Mail given up",
    "sent": "Mail sent",
    "unsure": "Mail perhaps sent",
    "check_again": "Signed in again",
    "check_again_failed": "Wrong password when asked again",
    "set_active": "Made active or inactive",
    "set_password": "Password set",
    "set_digest": "Daily summary chosen",
    "push_request": "Accounting privilege asked for",
    "push_confirm": "Accounting privilege given",
    "push_refuse": "Accounting privilege refused",
    "push_withdraw": "Accounting privilege withdrawn",
    "reconcile": "Export journal compared with Sage",
    "attach": "File attached",
    "detach": "Attachment removed",
    "archive": "Archived",
    "unarchive": "Taken out of the archive",
    "undo": "Undone",
    "redo": "Done again",
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
    "close_state": "Stated what Sage holds",
    "close_refuse": "Statement refused",
    "close_withdraw": "Statement withdrawn",
    "close_in_sage": "Closed by hand: in Sage",
    "close_absent": "Closed by hand: not in Sage",
    "acknowledge": "Alarm acknowledged",
    "try_again": "Tried again",
}
"""What each act of the audit trail is called on screen."""


def names_of(session: Session) -> dict[str, str]:
    """The name of everybody who ever acted, by id."""
    names = {each.id: each.name for each in session.scalars(select(Person))}
    return {**names, audit.SYSTEM: "erpdesk"}


def known_names(session: Session) -> dict[str, str]:
    """What people call the persons, companies and projects that entries name by id."""
    companies = session.execute(select(DirectoryCompany.id, DirectoryCompany.name))
    projects = session.execute(select(Project.id, Project.number, Project.name))
    return {
        **{key: name for key, name in companies},
        **{key: f"{number} {name}" for key, number, name in projects},
        **names_of(session),
    }


def history(session: Session, kind: str, ref: str) -> tuple[HistoryRow, ...]:
    """Everything that happened to one record, newest first, with a row for each field that an act changed."""
    names = known_names(session)
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.kind == kind, AuditEntry.ref == ref).order_by(AuditEntry.seq.desc())
    )
    return tuple(_row(entry, names) for entry in entries)


def act_words(act: str) -> str:
    """What an act is called on screen, also one that has no words of its own."""
    return ACT_WORDS.get(act) or act.replace("_", " ").capitalize()


def told(entry: AuditEntry) -> dict[str, Any]:
    """What an entry says, wherever its form keeps it: before, after, reason, and all that stands in its body."""
    body: dict[str, Any] = json.loads(entry.body) if entry.body else {}
    if "from" in body and "to" in body:
        body["before"], body["after"] = {"export": body.pop("from")}, {"export": body.pop("to")}
    if "message" in body:
        body.setdefault("reason", body.pop("message"))
    for name in ("before", "after"):
        if text := getattr(entry, name):
            body[name] = json.loads(text)
    if entry.reason:
        body["reason"] = entry.reason
    return body


def changed(entry: AuditEntry, names: Mapping[str, str]) -> tuple[Change, ...]:
    """The fields that an act changed; '' to value for each field of a new record."""
    body = told(entry)
    return changes(body.get("before"), body.get("after"), names, _BARE.get(entry.act, ""))


_BARE = {"status": "status", "prove": "class", "kind": "kind"}
"""What the bare value of an act's before and after is."""


def _row(entry: AuditEntry, names: Mapping[str, str]) -> HistoryRow:
    body = told(entry)
    who, act = names.get(entry.who, entry.who), act_words(entry.act)
    why = str(body.get("reason") or "")
    # A new or deleted record is shown as one act: its fields stand on its own page, or in the audit trail.
    fields = changed(entry, names) if body.get("before") and body.get("after") else ()
    text = why or "; ".join(each.words() for each in fields) or str(body.get("sage_id") or "")
    rows = tuple(
        FieldChangeRow(
            f"{entry.seq}.{place}",
            entry.at,
            who,
            act,
            f"{each.field[:1].upper()}{each.field[1:]}",
            each.before,
            each.after,
            why,
        )
        for place, each in enumerate(fields)
    )
    return HistoryRow(str(entry.seq), entry.at, who, act, text, rows)
