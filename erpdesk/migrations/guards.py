"""Triggers that keep the promises of the decision store against our own mistakes, in both databases.

They do not stop an intruder who can open the file: the page for auditors says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection


@dataclass(frozen=True)
class Guard:
    """One promise: before which event on which table, when it is broken, and the sentence that is raised."""

    name: str
    event: str
    table: str
    broken: str
    """A condition over NEW and OLD; '' = always."""
    sentence: str


DECIDED = (
    "NOT EXISTS (SELECT 1 FROM submission WHERE submission.id = NEW.submission_id AND submission.state = 'ACCEPTED'"
    " AND submission.decided_by IS NOT NULL AND submission.decided_by <> submission.sent_by)"
)
SENT = ("payload", "payload_sha", "sent_by", "sent_at", "item_id", "revision", "company", "kind")
RESENT = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in SENT)

GIVEN = (
    "NEW.can_push AND NOT OLD.can_push AND NOT EXISTS (SELECT 1 FROM push_grant"
    " WHERE push_grant.person_id = NEW.id AND push_grant.state = 'CONFIRMED')"
)

GUARDS = (
    Guard("audit_kept_update", "UPDATE", "audit", "", "The audit trail can not be changed."),
    Guard("audit_kept_delete", "DELETE", "audit", "", "The audit trail can not be shortened."),
    Guard("evidence_kept_update", "UPDATE", "evidence", "", "Evidence can not be changed."),
    Guard("evidence_kept_delete", "DELETE", "evidence", "", "Evidence can not be removed."),
    Guard("outbox_decided", "INSERT", "outbox", DECIDED, "An export needs an accept by somebody who did not send it."),
    Guard("push_granted", "UPDATE", "person", GIVEN, "The push right needs a request that a second person confirmed."),
    Guard("submission_kept", "UPDATE", "submission", RESENT, "What was sent can not be changed."),
)
"""Every guard; its trigger bears its name."""


def make_guards(connection: Connection) -> None:
    """Makes every trigger."""
    for guard in GUARDS:
        for statement in _sqlite(guard) if connection.dialect.name == "sqlite" else _postgresql(guard):
            connection.exec_driver_sql(statement)


def drop_guards(connection: Connection) -> None:
    """Takes every trigger away, for a way down or for a table that is made anew; PostgreSQL's functions too."""
    for guard in GUARDS:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard.name}")
        else:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}")
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {guard.name}()")


def _sqlite(guard: Guard) -> tuple[str, ...]:
    when = f" WHEN {guard.broken}" if guard.broken else ""
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}{when} "
        f"BEGIN SELECT RAISE(ABORT, '{guard.sentence}'); END",
    )


def _postgresql(guard: Guard) -> tuple[str, ...]:
    # A trigger's own condition may not hold a subquery there: the function asks.
    raised = f"RAISE EXCEPTION '{guard.sentence}' USING ERRCODE = 'integrity_constraint_violation';"
    body = f"IF {guard.broken} THEN {raised} END IF;" if guard.broken else raised
    gone = "OLD" if guard.event == "DELETE" else "NEW"
    return (
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS "
        f"$guard$ BEGIN {body} RETURN {gone}; END $guard$",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {guard.name}()",
    )
