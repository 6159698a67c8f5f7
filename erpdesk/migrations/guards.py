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
    only: str = ""
    """The database that it stands in; '' = both."""
    since: int = 4
    """The schema that has what it needs."""


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)


def _replaces(guard: str, table: str, sentence: str, *keys: str) -> Guard:
    """INSERT OR REPLACE would push a row out without its delete guard, on a connection that another program made."""
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in keys)
    return Guard(guard, "INSERT", table, taken, sentence, only="sqlite")


DECIDED = (
    "NOT EXISTS (SELECT 1 FROM submission WHERE submission.id = NEW.submission_id AND submission.state = 'ACCEPTED'"
    " AND submission.decided_by IS NOT NULL AND submission.decided_by <> submission.sent_by)"
)
SENT = ("id", "payload", "payload_sha", "sent_by", "sent_at", "item_id", "revision", "company", "kind")
"""What an accept or a reject leaves as it was sent."""
APPROVED = ("id", "submission_id", "company", "kind", "natural_key", "export_key", "approved_sha256", "accepted_at")
"""What an export keeps as it was approved; only how far it is changes."""

STEPPED = (
    "NEW.state <> OLD.state AND OLD.state <> 'PENDING' AND NOT (OLD.state = 'ACCEPTED' AND NEW.state = 'REJECTED'"
    " AND EXISTS (SELECT 1 FROM outbox WHERE outbox.submission_id = OLD.id"
    " AND outbox.state IN ('REFUSED', 'SAGE_REJECTED', 'CLOSED_ABSENT')))"
)
REDECIDED = (
    "NEW.state = OLD.state AND (COALESCE(NEW.decided_by, '') <> COALESCE(OLD.decided_by, '')"
    " OR COALESCE(NEW.decided_at, '') <> COALESCE(OLD.decided_at, '') OR NEW.comment <> OLD.comment)"
)
RENAMED = "NEW.natural_key <> OLD.natural_key AND NOT (OLD.state = 'PENDING' AND NEW.state = 'ACCEPTED')"

GIVEN = (
    "NEW.can_push AND NOT OLD.can_push AND NOT EXISTS (SELECT 1 FROM push_grant"
    " WHERE push_grant.person_id = NEW.id AND push_grant.state = 'CONFIRMED')"
)
BROUGHT = "NEW.can_push AND (EXISTS (SELECT 1 FROM tool_right) OR EXISTS (SELECT 1 FROM push_grant))"
"""A company's first people come in before anybody has a right in any tool; from then on two people give this one."""

LIVE = "company = NEW.company AND kind = NEW.kind AND"
LIVE_SUBMISSION = (
    f"{LIVE} item_id = NEW.item_id AND state IN ('PENDING', 'ACCEPTED') AND NEW.state IN ('PENDING', 'ACCEPTED')"
)
LIVE_EXPORT = (
    f"{LIVE} natural_key = NEW.natural_key AND state NOT IN ('REFUSED', 'SAGE_REJECTED', 'CLOSED_ABSENT')"
    " AND NEW.state NOT IN ('REFUSED', 'SAGE_REJECTED', 'CLOSED_ABSENT')"
)
UNCLOSED = (
    "NEW.state IN ('CLOSED_IN_SAGE', 'CLOSED_ABSENT') AND NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM closing"
    " WHERE closing.outbox_id = NEW.id AND closing.state = 'CONFIRMED' AND 'CLOSED_' || closing.saw = NEW.state)"
)
STATEMENT = ("id", "outbox_id", "saw", "note", "stated_by", "stated_at")
"""What a statement about a doubt keeps for ever."""

TRAIL = "The audit trail can not be changed."
TRAIL_CUT = "The audit trail can not be shortened."
SEEN = "Evidence can not be changed."
SEEN_GONE = "Evidence can not be removed."
SENT_KEPT = "What was sent can not be changed."
SENT_GONE = "What was sent can not be removed."
EXPORT_KEPT = "What was approved for export can not be changed."
EXPORT_GONE = "An export can not be removed."
GRANT = "The push right needs a request that a second person confirmed."

GUARDS = (
    Guard("audit_kept_update", "UPDATE", "audit", "", TRAIL),
    Guard("audit_kept_delete", "DELETE", "audit", "", TRAIL_CUT),
    Guard("audit_kept_truncate", "TRUNCATE", "audit", "", TRAIL_CUT, only="postgresql"),
    _replaces("audit_kept_replace", "audit", TRAIL, "seq = NEW.seq", "hash = NEW.hash"),
    Guard("evidence_kept_update", "UPDATE", "evidence", "", SEEN),
    Guard("evidence_kept_delete", "DELETE", "evidence", "", SEEN_GONE),
    Guard("evidence_kept_truncate", "TRUNCATE", "evidence", "", SEEN_GONE, only="postgresql"),
    _replaces("evidence_kept_replace", "evidence", SEEN, "id = NEW.id"),
    Guard("outbox_decided", "INSERT", "outbox", DECIDED, "An export needs an accept by somebody who did not send it."),
    Guard("outbox_kept", "UPDATE", "outbox", _changed(*APPROVED), EXPORT_KEPT),
    Guard("outbox_kept_delete", "DELETE", "outbox", "", EXPORT_GONE),
    Guard("outbox_kept_truncate", "TRUNCATE", "outbox", "", EXPORT_GONE, only="postgresql"),
    _replaces(
        *("outbox_kept_replace", "outbox", EXPORT_KEPT, "id = NEW.id", "submission_id = NEW.submission_id"),
        *("export_key = NEW.export_key", LIVE_EXPORT),
    ),
    Guard("outbox_closed", "UPDATE", "outbox", UNCLOSED, "Two people close a doubt.", since=5),
    Guard(
        *("closing_kept", "UPDATE", "closing", f"{_changed(*STATEMENT)} OR OLD.state <> 'STATED'"),
        "What was stated about a doubt can not be changed.",
        since=5,
    ),
    Guard(
        *("closing_kept_delete", "DELETE", "closing", "", "What was stated about a doubt can not be removed."),
        since=5,
    ),
    Guard(
        *("closing_stated", "INSERT", "closing", "NEW.state <> 'STATED'", "A statement waits for a second person."),
        since=5,
    ),
    Guard("push_granted", "UPDATE", "person", GIVEN, GRANT),
    Guard("push_granted_insert", "INSERT", "person", BROUGHT, GRANT),
    Guard("submission_kept", "UPDATE", "submission", _changed(*SENT), SENT_KEPT),
    Guard("submission_kept_delete", "DELETE", "submission", "", SENT_GONE),
    Guard("submission_kept_truncate", "TRUNCATE", "submission", "", SENT_GONE, only="postgresql"),
    _replaces("submission_kept_replace", "submission", SENT_KEPT, "id = NEW.id", LIVE_SUBMISSION),
    Guard("submission_named", "UPDATE", "submission", RENAMED, "Only an accept sets the Sage ID of what was sent."),
    Guard("submission_decided", "UPDATE", "submission", REDECIDED, "A decision can not be changed."),
    Guard(
        *("submission_stepped", "UPDATE", "submission", STEPPED),
        "Only a failed export lets an accepted item be rejected; no other decision is taken back.",
    ),
)
"""Every guard; its trigger bears its name."""


NEWEST = 5
"""The schema that all guards stand in."""


def guards_of(dialect: str, schema: int = NEWEST) -> tuple[Guard, ...]:
    """The guards that stand in one kind of database of a schema."""
    return tuple(guard for guard in GUARDS if guard.only in ("", dialect) and guard.since <= schema)


def make_guards(connection: Connection, schema: int = NEWEST) -> None:
    """Makes every trigger that a schema can carry."""
    for guard in guards_of(connection.dialect.name, schema):
        for statement in _sqlite(guard) if connection.dialect.name == "sqlite" else _postgresql(guard):
            connection.exec_driver_sql(statement)


def drop_guards(connection: Connection) -> None:
    """Takes every trigger away, for a way down or for a table that is made anew; PostgreSQL's functions too."""
    for guard in guards_of(connection.dialect.name):
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
    passed = {"DELETE": "OLD", "TRUNCATE": "NULL"}.get(guard.event, "NEW")
    each = "STATEMENT" if guard.event == "TRUNCATE" else "ROW"
    return (
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS "
        f"$guard$ BEGIN {body} RETURN {passed}; END $guard$",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} "
        f"FOR EACH {each} EXECUTE FUNCTION {guard.name}()",
    )
