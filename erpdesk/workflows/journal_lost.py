"""Which records in Sage came from erpdesk itself and were forgotten with a restored backup (5.10)."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from erpdesk.models.audit import AuditEntry
from erpdesk.workflows.journal_rows import JOURNAL, RECONCILE, Compared


def lost_to_a_restore(session: Session, kind: str, sage_id: str) -> bool:
    """Whether somebody who unlocked the exports had found this in Sage, sent by erpdesk before a backup was put back.

    Accepted again under its ID it is not sent: erpdesk looks into Sage first, and finds it there.
    """
    query = select(AuditEntry.evidence).where(AuditEntry.kind == JOURNAL, AuditEntry.act == RECONCILE)
    return any(
        (each["kind"], each["sage_id"], each["compared"]) == (kind, sage_id, Compared.IN_SAGE.value)
        for evidence in session.scalars(query)
        if evidence
        for each in json.loads(evidence).get("items", ())
    )
