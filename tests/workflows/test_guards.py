"""The triggers that keep the promises of the decision store, in both databases, and the files they are made with."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from erpdesk import database
from erpdesk.migrations.guards import APPROVED, SENT, guards_of
from erpdesk.models.base import new_id
from erpdesk.models.erp import Submission
from erpdesk.models.people import Person
from erpdesk.sample import APPROVER, SECOND_APPROVER, add_people
from tests.town import Town, press

TWO_PEOPLE = "ck_submission_two_people"
OUTBOX = (
    "INSERT INTO outbox (id, submission_id, company, kind, natural_key, export_key, approved_sha256, state, attempt, "
    "class, row_version, accepted_at, changed_at, message) SELECT :id, id, company, kind, 'SC-X', 'K-1', '0', "
    "'INTENT', 0, 'A', 1, sent_at, sent_at, '' FROM submission WHERE id = :submission"
)
EVIDENCE = (
    "INSERT INTO evidence (id, attempt_id, source, read_began, read_ended, result, detail, detail_sha) "
    "SELECT :id, attempt.id, 'person', staged_at, staged_at, 'seen', '', '' FROM attempt "
    "JOIN export_file ON export_file.id = file_id"
)


def refused(town: Town, sentence: str, sql: str, **values: object) -> None:
    """The database says no, in this sentence, and nothing of it is kept."""
    with pytest.raises((IntegrityError, DBAPIError), match=sentence), town.store.engine.begin() as connection:
        connection.execute(text(sql), values)


@pytest.mark.parametrize("sql", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit WHERE seq = 1"])
def test_the_trail_is_neither_changed_nor_shortened(any_town: Town, sql: str) -> None:
    any_town.approved()
    refused(any_town, "The audit trail can not be", sql)


def tried(town: Town) -> None:
    """An export with a try and with evidence of it."""
    _, submission = town.accepted()
    town.fail(submission)
    with town.store.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO export_file (id, company, kind, name, sha256, bytes, line_map, staged_at, worker, "
                "lease_epoch) SELECT 'f', company, kind, 'f', '0', 1, '', changed_at, 'w', 1 FROM outbox"
            )
        )
        connection.execute(
            text("INSERT INTO attempt (id, outbox_id, n, file_id, sha256) SELECT 'a', id, 1, 'f', '0' FROM outbox")
        )
        connection.execute(text(EVIDENCE), {"id": new_id()})


@pytest.mark.parametrize("sql", ["UPDATE evidence SET result = 'x'", "DELETE FROM evidence"])
def test_evidence_is_neither_changed_nor_removed(any_town: Town, sql: str) -> None:
    tried(any_town)
    refused(any_town, "Evidence can not be", sql)


REPLACED = [
    ("audit", "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1"),
    ("audit", "REPLACE INTO audit SELECT * FROM audit"),
    ("evidence", "INSERT OR REPLACE INTO evidence SELECT * FROM evidence"),
    ("outbox", "INSERT OR REPLACE INTO outbox SELECT * FROM outbox"),
    ("submission", "INSERT OR REPLACE INTO submission SELECT * FROM submission"),
    ("audit", "UPDATE OR REPLACE audit SET seq = 2 WHERE seq = 1"),
]


@pytest.mark.parametrize(("table", "sql"), REPLACED)
def test_nothing_is_pushed_out_by_what_takes_its_place(town: Town, table: str, sql: str) -> None:
    """On a connection of this program, and on one of another that never asked SQLite for it."""
    tried(town)
    refused(town, "can not be", sql)
    with contextlib.closing(sqlite3.connect(town.folder / "erpdesk.db")) as other:
        assert other.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        before = other.execute(f"SELECT * FROM {table}").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="can not be"):
            other.execute(sql)
        assert other.execute(f"SELECT * FROM {table}").fetchall() == before != []


def test_an_entry_in_the_place_of_another_with_the_same_hash_is_refused(town: Town) -> None:
    town.approved()
    columns = "at, who, act, kind, ref, body, prev, hash"
    refused(
        town, "can not be", f"INSERT OR REPLACE INTO audit (seq, {columns}) SELECT 999, {columns} FROM audit LIMIT 1"
    )


@pytest.mark.parametrize("any_town", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["audit", "evidence", "outbox", "submission", "person"])
def test_nothing_is_emptied_as_a_whole(any_town: Town, table: str) -> None:
    tried(any_town)
    refused(any_town, "can not be", f"TRUNCATE {table} CASCADE")


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


@pytest.mark.parametrize("table", ["outbox", "submission"])
def test_what_was_sent_and_its_export_are_not_removed(any_town: Town, table: str) -> None:
    any_town.accepted()
    any_town.sent()
    refused(any_town, "can not be removed", f"DELETE FROM {table}")


@pytest.mark.parametrize("state", ["PENDING", "RETRIEVED", "REJECTED"])
def test_an_accept_is_not_taken_back_while_its_export_may_reach_sage(any_town: Town, state: str) -> None:
    _, submission = any_town.accepted()
    sql = f"UPDATE submission SET state = '{state}' WHERE id = :id"
    refused(any_town, "no other decision is taken back", sql, id=submission)


@pytest.mark.parametrize("state", ["PENDING", "RETRIEVED", "ACCEPTED"])
def test_a_failed_or_rejected_item_is_decided_no_second_time(any_town: Town, state: str) -> None:
    _, submission = any_town.accepted()
    any_town.fail(submission)
    if state != "ACCEPTED":
        again = f"UPDATE submission SET state = '{state}' WHERE id = :id"
        refused(any_town, "no other decision is taken back", again, id=submission)
    # The legitimate act: accounting rejects what failed, and another person's name stands under that decision.
    any_town.desk.erp.reject(any_town.both, submission, "Corrected in Sage", press())
    sql = f"UPDATE submission SET state = '{state}', decided_by = :by WHERE id = :id"
    refused(any_town, "no other decision is taken back", sql, id=submission, by=any_town.approver)


@pytest.mark.parametrize(
    "change", ["decided_by = :by", "decided_at = '2026-01-01'", "comment = 'x'", "decided_by = NULL"]
)
def test_who_decided_when_and_why_stays(any_town: Town, change: str) -> None:
    _, accepted = any_town.accepted()
    _, rejected = any_town.sent()
    any_town.desk.erp.reject(any_town.approver, rejected, "no", press())
    values = {"by": any_town.both} if ":by" in change else {}
    for submission in (accepted, rejected):
        sql = f"UPDATE submission SET {change} WHERE id = :id"
        refused(any_town, f"A decision can not be changed|{TWO_PEOPLE}", sql, id=submission, **values)


def test_only_an_accept_sets_the_sage_id(any_town: Town) -> None:
    _, submission = any_town.sent()
    sql = "UPDATE submission SET natural_key = 'SC-OTHER' WHERE id = :id"
    refused(any_town, "Only an accept sets the Sage ID", sql, id=submission)
    any_town.accept(submission, "SC-77")
    refused(any_town, "Only an accept sets the Sage ID", sql, id=submission)
    with any_town.store.reading() as session:
        assert session.get_one(Submission, submission).natural_key == "SC-77"


@pytest.mark.parametrize("column", APPROVED)
def test_what_was_approved_for_export_does_not_change(any_town: Town, column: str) -> None:
    _, submission = any_town.accepted()
    _, other = any_town.sent()
    new = {"submission_id": other}.get(column, "2026-01-01")
    refused(any_town, "What was approved for export can not be changed", f"UPDATE outbox SET {column} = '{new}'")
    # The worker's steps pass.
    any_town.fail(submission)


def test_the_push_right_comes_with_nobody_new(any_town: Town) -> None:
    columns = "id, name, title, can_push"
    on = "true" if any_town.store.engine.dialect.name == "postgresql" else "1"
    sql = f"INSERT INTO person ({columns}) VALUES ('z', 'Zed', '', {on})"
    refused(any_town, "needs a request that a second person confirmed", sql)
    refused(any_town, "needs a request", f"INSERT INTO person ({columns}) SELECT 'z', 'Zed', '', can_push FROM person")
    with any_town.store.writing() as session:
        session.add(Person(id="z", name="Zed", can_push=False))
    refused(any_town, "needs a request", "UPDATE person SET can_push = true WHERE id = 'z'")


def test_the_first_people_of_a_company_bring_the_push_right(any_engine: Engine) -> None:
    """A company without any right is one that nobody works in yet: the first run and the sample begin there."""
    database.migrate(any_engine)
    store = database.store_on(any_engine)
    add_people(store)
    with store.reading() as session:
        assert {each.name for each in session.scalars(select(Person).where(Person.can_push))} == {
            APPROVER,
            SECOND_APPROVER,
        }
    with pytest.raises(IntegrityError, match="needs a request"), store.engine.begin() as connection:
        connection.execute(text("INSERT INTO person (id, name, title, can_push) VALUES ('z', 'Zed', '', true)"))


def test_every_guard_stands_in_the_database(any_town: Town) -> None:
    engine = any_town.store.engine
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        assert {guard.name for guard in guards_of(engine.dialect.name)} == set(
            connection.execute(text(asked)).scalars()
        )
