"""The later schemas: an older database is backed up and brought up to it, with everything that it holds."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from erpdesk import database
from erpdesk.core.clock import CLOCK
from erpdesk.models.company import CompanyIdentity
from erpdesk.models.people import Person
from erpdesk.models.sage import LayoutConfirmation, RecordClass, SiteLayout

TABLES = {"layout_confirmation", "site_layout", "record_class"}


def first_schema(path: Path, folder: Path) -> None:
    """A database as the first erpdesk left it, with a person in it."""
    store = database.open_store(path, backups=folder)
    with store.sessions.begin() as session:
        session.add(Person(id="p", name="Dana Whitlock"))
    database.downgrade(store.engine, "0001")
    store.close()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version=1")
    raw.close()


def tables(path: Path) -> set[str]:
    raw = sqlite3.connect(path)
    found = {name for (name,) in raw.execute("select name from sqlite_master where type = 'table'")}
    raw.close()
    return found


def test_a_database_of_the_first_schema_is_backed_up_and_upgraded(tmp_path: Path) -> None:
    path, backups = tmp_path / "erpdesk.db", tmp_path / "backups"
    first_schema(path, backups)
    assert not TABLES & tables(path)
    store = database.open_store(path, backups=backups)
    with store.reading() as session:
        assert session.get_one(Person, "p").name == "Dana Whitlock"
        assert session.scalar(text("PRAGMA user_version")) == database.SCHEMA
    store.close()
    assert tables(path) >= TABLES
    (copy,) = backups.iterdir()
    assert not TABLES & tables(copy)


def test_the_new_tables_refuse_what_makes_no_sense(any_engine: Engine) -> None:
    database.migrate(any_engine)
    store = database.store_on(any_engine)
    with store.writing() as session:
        session.add(Person(id="p", name="Dana Whitlock"))
    now = CLOCK.now()
    rows = (
        LayoutConfirmation(
            layout="jcc", order_sha="x", record="C", position=0, label="x", confirmed=True, how="x", by="p", at=now
        ),
        RecordClass(record_type="commitment", idempotency="D", evidence="x", by="p", at=now),
        RecordClass(record_type="commitment", idempotency="A", evidence="x", by="nobody", at=now),
    )
    for row in rows:
        with pytest.raises(IntegrityError), store.sessions.begin() as session:
            session.add(row)
    with store.writing() as session:
        session.add(SiteLayout(layout="jcc", version=1, text="", by="p", at=now))
    with pytest.raises(IntegrityError), store.sessions.begin() as session:
        session.add(SiteLayout(layout="jcc", version=1, text="another", by="p", at=now))


def test_a_company_of_the_second_schema_keeps_its_identity_and_has_no_kind_yet(any_engine: Engine) -> None:
    database.migrate(any_engine)
    store = database.store_on(any_engine)
    with store.writing() as session:
        session.add(
            CompanyIdentity(id=1, company="C", sage_folder="/sage", odbc="DSN=x", control_name="C", kind="live")
        )
    database.downgrade(any_engine, "0002")
    with any_engine.connect() as connection:
        row = connection.execute(text("select * from company_identity")).mappings().one()
    assert dict(row) == {"id": 1, "company": "C", "sage_folder": "/sage", "odbc": "DSN=x", "control_name": "C"}
    database.migrate(any_engine)
    with store.reading() as session:
        held = session.get_one(CompanyIdentity, 1)
        assert (held.company, held.sage_folder, held.kind) == ("C", "/sage", "")
