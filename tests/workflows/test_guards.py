"""The triggers that keep the promises of the decision store, in both databases, and the files they are made with."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from erpdesk.migrations.guards import GUARDS, SENT
from erpdesk.models.base import new_id
from tests.town import Town

TWO_PEOPLE = "ck_submission_two_people"
OUTBOX = (
    "INSERT INTO outbox (id, submission_id, company, kind, natural_key, export_key, approved_sha256, state, attempt, "
    "class, row_version, accepted_at, changed_at, message) SELECT :id, id, company, kind, 'SC-X', 'K-1', '0', "
    "'INTENT', 0, 'A', 1, sent_at, sent_at, '' FROM submission WHERE id = :submission"
)
EVIDENCE = (
    "INSERT INTO evidence (id, attempt_id, source, read_began, read_ended, result, detail, detail_sha) "
    "SELECT :id, id, 'person', staged_at, staged_at, 'seen', '', '' FROM attempt"
)


def refused(town: Town, sentence: str, sql: str, **values: object) -> None:
    """The database says no, in this sentence, and nothing of it is kept."""
    with pytest.raises((IntegrityError, DBAPIError), match=sentence), town.store.engine.begin() as connection:
        connection.execute(text(sql), values)


@pytest.mark.parametrize("sql", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit WHERE seq = 1"])
def test_the_trail_is_neither_changed_nor_shortened(any_town: Town, sql: str) -> None:
    any_town.approved()
    refused(any_town, "The audit trail can not be", sql)


@pytest.mark.parametrize("sql", ["UPDATE evidence SET result = 'x'", "DELETE FROM evidence"])
def test_evidence_is_neither_changed_nor_removed(any_town: Town, sql: str) -> None:
    _, submission = any_town.accepted()
    any_town.fail(submission)
    with any_town.store.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO attempt (id, outbox_id, n, file_name, file_sha256, bytes, line_map, staged_at, worker, "
                "lease_epoch) SELECT 'a', id, 1, 'f', '0', 1, '', changed_at, 'w', 1 FROM outbox"
            )
        )
        connection.execute(text(EVIDENCE), {"id": new_id()})
    refused(any_town, "Evidence can not be", sql)


def test_an_export_needs_the_accept_of_somebody_else(any_town: Town) -> None:
    _, submission = any_town.sent()
    values = {"id": new_id(), "submission": submission}
    refused(any_town, "needs an accept by somebody who did not send it", OUTBOX, **values)
    own = "UPDATE submission SET state = 'ACCEPTED', decided_by = sent_by WHERE id = :submission"
    refused(any_town, TWO_PEOPLE, own, submission=submission)
    nobody = "UPDATE submission SET state = 'ACCEPTED', decided_by = NULL WHERE id = :submission"
    refused(any_town, TWO_PEOPLE, nobody, submission=submission)
    with any_town.store.engine.begin() as connection:
        connection.execute(
            text("UPDATE submission SET state = 'ACCEPTED', decided_by = :by WHERE id = :id"),
            {"by": any_town.approver, "id": submission},
        )
        connection.execute(text(OUTBOX), values)


@pytest.mark.parametrize("column", SENT)
def test_what_was_sent_does_not_change(any_town: Town, column: str) -> None:
    any_town.sent()
    new = {"revision": "7", "kind": "'vendor'", "sent_at": "'2026-01-01'"}.get(column, f"'{any_town.approver}'")
    refused(any_town, "What was sent can not be changed", f"UPDATE submission SET {column} = {new}")


def test_every_guard_stands_in_the_database(any_town: Town) -> None:
    engine = any_town.store.engine
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        assert {guard.name for guard in GUARDS} <= set(connection.execute(text(asked)).scalars())
