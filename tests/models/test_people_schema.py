"""The fourth schema: a company of the third one that people worked in comes up to it whole, or stays as it was."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex
from sqlalchemy.orm import Session

from erpdesk import database
from erpdesk.core.clock import CLOCK, iso
from erpdesk.core.errors import ForPeople
from erpdesk.migrations.guards import guards_of
from erpdesk.models.audit import AuditEntry
from erpdesk.models.erp import Attempt, Evidence, ExportFile, Outbox, Source
from erpdesk.models.sage import LayoutConfirmation, RecordClass, SiteLayout
from erpdesk.workflows.audit_check import verify
from tests.town import Town, press
from tests.workflows.trails import chain_anew, intruder

Held = dict[str, list[dict[str, Any]]]


class Stopped(Exception):
    """Something went wrong in the middle."""


def filled(town: Town) -> None:
    """Every table of the company holds something."""
    now = CLOCK.now()
    _, failed = town.accepted()
    town.fail(failed)
    _, refused = town.sent()
    town.desk.erp.reject(town.approver, refused, "Please split the lines", press())
    taken_back, _ = town.sent()
    town.desk.erp.retrieve(town.manager, [taken_back], press())
    town.sent()
    town.accepted()
    made = town.approved()
    town.desk.attachments.add_bytes(town.manager, "commitment", made, "quote.txt", b"quote")
    town.desk.drafts.keep(town.manager, "commitment", "", 0, {"title": "Steel"})
    town.desk.people.request_push(town.both, town.viewer, "More hands", press())
    with town.store.writing() as session:
        export = session.query(Outbox).filter_by(submission_id=failed).one()
        file = ExportFile(
            company=export.company,
            kind=export.kind,
            name="f",
            sha256="0",
            bytes=1,
            line_map="",
            staged_at=now,
            worker="w",
        )
        session.add(file)
        session.flush()
        tried = Attempt(outbox_id=export.id, n=1, file_id=file.id, sha256="0")
        session.add(tried)
        session.flush()
        told = {"source": Source.PERSON, "result": "seen", "detail": "", "detail_sha": ""}
        session.add(Evidence(attempt_id=tried.id, read_began=now, read_ended=now, **told))
        who = {"by": town.manager, "at": now}
        where = {"layout": "jcc", "order_sha": "x", "record": "C", "position": 2, "label": "Title"}
        session.add(LayoutConfirmation(**where, confirmed=True, how="seen", **who))
        session.add(SiteLayout(layout="jcc", version=1, text="", **who))
        session.add(RecordClass(record_type="commitment", idempotency="A", evidence="seen", **who))


def of_the_third_schema(town: Town) -> Held:
    """Takes the filled company down to schema 3, with a trail as that erpdesk wrote it; answers what it holds."""
    with intruder(town.store.engine) as connection:
        connection.execute(text("UPDATE audit SET form = 1"))
        chain_anew(connection)
    above = held(town.store.engine)
    database.downgrade(town.store.engine, "0003")
    below = held(town.store.engine)
    assert {table: len(rows) for table, rows in below.items()} == {table: len(above[table]) for table in below}
    for table, rows in below.items():
        # Everything that schema 3 knows is as it was.
        assert rows == [{name: row[name] for name in rows[0]} for row in above[table]], table
    assert {table for table, rows in below.items() if not rows} == {"company_identity", "mirror_file"} & set(below)
    return below


def held(engine: Engine) -> Held:
    """Every row of every table, in the order of its key."""
    found: Held = {}
    with engine.connect() as connection:
        for table in sorted(set(inspect(connection).get_table_names()) - {"alembic_version"}):
            rows = [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]
            keys = inspect(connection).get_pk_constraint(table)["constrained_columns"]
            found[table] = sorted(rows, key=lambda row, keys=keys: [str(row[key]) for key in keys])  # type: ignore[misc]
    files = {row["id"]: row for row in found.get("export_file", ())}
    for row in found["attempt"] if files else ():
        # Until schema 5 each try held its file itself.
        file = files[row["file_id"]]
        row |= {name: value for name, value in file.items() if name not in ("id", "company", "kind", "name", "sha256")}
        row |= {"file_name": file["name"], "file_sha256": file["sha256"]}
    return found


def shape(engine: Engine) -> dict[str, Any]:
    """Columns, keys, checks, indexes and triggers of every table."""
    with engine.connect() as connection:
        seen = inspect(connection)
        found: dict[str, Any] = {
            table: (
                [(each["name"], str(each["type"]), each["nullable"]) for each in seen.get_columns(table)],
                sorted(map(str, seen.get_foreign_keys(table))),
                sorted(map(str, seen.get_unique_constraints(table))),
                sorted(map(str, seen.get_check_constraints(table))),
                sorted(map(_plain, seen.get_indexes(table))),
                seen.get_pk_constraint(table),
            )
            for table in seen.get_table_names()
        }
        asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "postgresql":
            asked = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        found["triggers"] = set(connection.execute(text(asked)).scalars())
    return found


def _plain(index: ReflectedIndex) -> str:
    options = index.get("dialect_options", {})
    return str({**index, "dialect_options": {name: str(value) for name, value in sorted(options.items())}})


def upgraded(town: Town) -> None:
    """Opens the company with this erpdesk: a file through the start-up gate, a server as it is."""
    if town.store.engine.dialect.name == "postgresql":
        database.migrate(town.store.engine)
        return
    town.store.engine.dispose()
    database.open_store(town.folder / "erpdesk.db", backups=town.folder / "kept").close()


@contextlib.contextmanager
def stopped_at_the_triggers(engine: Engine) -> Iterator[None]:
    """The tables are made anew already when it goes wrong."""

    def stop(_c: object, _k: object, statement: str, *_others: object) -> None:
        if statement.startswith(("CREATE TRIGGER", "CREATE FUNCTION")):
            raise Stopped

    event.listen(engine, "before_cursor_execute", stop)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", stop)


def version_of(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        return int(raw.execute("PRAGMA user_version").fetchone()[0])


def same_below(engine: Engine, before: Held) -> None:
    """What schema 3 held is there still, row by row."""
    after = held(engine)
    for table, rows in before.items():
        assert [{name: row[name] for name in rows[0]} for row in after[table]] == rows if rows else not after[table]


def test_a_company_that_people_worked_in_comes_up_whole(any_town: Town) -> None:
    engine = any_town.store.engine
    filled(any_town)
    wanted = shape(engine)
    before = of_the_third_schema(any_town)
    assert shape(engine) != wanted
    upgraded(any_town)
    same_below(engine, before)
    assert shape(engine) == wanted
    assert wanted["triggers"] == {guard.name for guard in guards_of(engine.dialect.name)}
    with engine.connect() as connection:
        assert set(connection.execute(text("SELECT all_projects FROM person")).scalars()) == {True}
        if engine.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    where = any_town.folder / "erpdesk.db" if engine.dialect.name == "sqlite" else engine.url
    told = verify(where if isinstance(where, Path) else where.render_as_string(hide_password=False))
    assert told.broken is None and told.entries == len(before["audit"]) > 10
    # And people work on in it.
    any_town.accepted()
    with Session(engine) as session:
        assert session.query(AuditEntry).order_by(AuditEntry.seq.desc()).first().form == 2  # type: ignore[union-attr]


def test_a_file_is_backed_up_before_it_comes_up(town: Town) -> None:
    filled(town)
    before = of_the_third_schema(town)
    assert version_of(town.folder / "erpdesk.db") == 3
    upgraded(town)
    assert version_of(town.folder / "erpdesk.db") == database.SCHEMA
    (copy,) = (town.folder / "kept").iterdir()
    assert version_of(copy) == 3
    engine = database.sqlite_engine(copy)
    assert held(engine) == before
    engine.dispose()


def test_what_goes_wrong_in_the_middle_leaves_the_third_schema_whole(any_town: Town) -> None:
    engine = any_town.store.engine
    filled(any_town)
    before = of_the_third_schema(any_town)
    was = shape(engine)
    with stopped_at_the_triggers(engine), pytest.raises(Stopped):
        database.migrate(engine)
    assert held(engine) == before and shape(engine) == was
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    upgraded(any_town)
    same_below(engine, before)


def test_a_kill_in_the_middle_leaves_the_third_schema_whole(town: Town) -> None:
    filled(town)
    before = of_the_third_schema(town)
    was = shape(town.store.engine)
    town.store.engine.dispose()
    killed = (
        "import os, sys, pathlib\n"
        "from sqlalchemy import Engine, event\n"
        "from erpdesk import database\n"
        "@event.listens_for(Engine, 'before_cursor_execute')\n"
        "def stop(connection, cursor, statement, *others):\n"
        "    if statement.startswith('CREATE TRIGGER'):\n"
        "        os._exit(9)\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "database.open_store(folder / 'erpdesk.db', backups=folder / 'kept')\n"
    )
    assert subprocess.run([sys.executable, "-c", killed, str(town.folder)], timeout=60).returncode == 9
    assert version_of(town.folder / "erpdesk.db") == 3
    assert held(town.store.engine) == before and shape(town.store.engine) == was
    town.store.engine.dispose()
    database.open_store(town.folder / "erpdesk.db", backups=town.folder / "later").close()
    same_below(town.store.engine, before)


def test_a_record_that_names_one_that_is_not_there_stops_the_upgrade(town: Town) -> None:
    filled(town)
    path = town.folder / "erpdesk.db"
    of_the_third_schema(town)
    town.store.engine.dispose()
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("INSERT INTO tool_right VALUES ('nobody', 'Commitments', 'Admin')")
        raw.execute(
            "INSERT INTO layout_confirmation SELECT 99, 'l', 'o', 'C', 1, '', 1, '', 'nobody', ?", [iso(CLOCK.now())]
        )
        raw.commit()
    before = held(town.store.engine)
    town.store.engine.dispose()
    with pytest.raises(ForPeople, match=r"2 records \(layout_confirmation, tool_right\) name another record"):
        upgraded(town)
    assert version_of(path) == 3
    assert held(town.store.engine) == before
