"""The start-up gate: nothing is opened that could lose data, nothing is changed when it refuses."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from erpdesk import database, disks
from erpdesk.core.errors import ForPeople
from erpdesk.models import Base
from erpdesk.models.people import Person


def opened(folder: Path) -> database.Store:
    return database.open_store(folder / "erpdesk.db", backups=folder / "backups")


def test_a_new_database_has_the_schema_of_the_models(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with store.engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata) == []
        )
        assert connection.scalar(text("PRAGMA user_version")) == database.SCHEMA
        assert connection.scalar(text("PRAGMA synchronous")) == 3
        assert connection.scalar(text("PRAGMA journal_mode")) == "delete"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA recursive_triggers")) == 1
    store.close()


def test_every_migration_goes_down_and_up_again(any_engine: Engine) -> None:
    database.migrate(any_engine)
    with any_engine.connect() as connection:
        opts = {"compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=opts), Base.metadata) == []
    database.downgrade(any_engine, "base")
    with any_engine.connect() as connection:
        left = set(any_engine.dialect.get_table_names(connection)) - {"alembic_version"}
        assert left == set()
    database.migrate(any_engine)


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    opened(tmp_path).close()
    raw = sqlite3.connect(tmp_path / "erpdesk.db")
    raw.execute(f"PRAGMA user_version={database.SCHEMA + 1}")
    raw.close()
    before = hashlib.sha256((tmp_path / "erpdesk.db").read_bytes()).digest()
    with pytest.raises(ForPeople, match="newer erpdesk"):
        opened(tmp_path)
    assert hashlib.sha256((tmp_path / "erpdesk.db").read_bytes()).digest() == before


def test_an_older_schema_is_backed_up_before_it_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path).close()
    monkeypatch.setattr(database, "SCHEMA", database.SCHEMA + 1)
    opened(tmp_path).close()
    (copy,) = (tmp_path / "backups").iterdir()
    raw = sqlite3.connect(copy)
    assert raw.execute("PRAGMA user_version").fetchone() == (database.SCHEMA - 1,)
    raw.close()


def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "erpdesk.db").write_bytes(b"This is a letter, not a database. " * 100)
    with pytest.raises(ForPeople, match="not an erpdesk database"):
        opened(tmp_path)
    assert (tmp_path / "erpdesk.db").read_bytes().startswith(b"This is a letter")


def test_a_locked_file_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path).close()
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    other = sqlite3.connect(tmp_path / "erpdesk.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ForPeople, match="in use by another program"):
        opened(tmp_path)
    other.close()


def test_a_folder_that_can_not_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ForPeople, match="can not be made"):
        opened(tmp_path / "file" / "company")


@pytest.mark.parametrize(
    ("folder", "mounts", "why"),
    [
        ("/srv/office/company", "server:/office /srv/office nfs4 rw 0 0\n/dev/sda1 / ext4 rw 0 0", "network drive"),
        ("/srv/my office/company", "//pc/x /srv/my\\040office cifs rw 0 0", "network drive"),
        ("/home/pat/OneDrive - Firm/erpdesk", "", "synchronised"),
        ("/home/pat/Dropbox/erpdesk", "", "synchronised"),
        ("//server/share/erpdesk", "", "network share"),
    ],
)
def test_network_and_synchronised_folders_are_refused(folder: str, mounts: str, why: str) -> None:
    assert why in (disks.why_not_local(Path(folder), mounts=mounts) or "")


def test_a_local_disk_is_fine(tmp_path: Path) -> None:
    assert disks.why_not_local(tmp_path) is None
    assert disks.why_not_local(Path("/home/pat"), mounts="/dev/sda1 / ext4 rw 0 0\ns:/x /srv nfs rw 0 0") is None


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    store = opened(tmp_path)
    add = (
        "import sys, pathlib\n"
        "from erpdesk import database\n"
        "from erpdesk.models.jobs import Project\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "store = database.open_store(folder / 'erpdesk.db', backups=folder)\n"
        "for number in range(25):\n"
        "    with store.sessions.begin() as session:\n"
        "        session.add(Project(number=f'{sys.argv[2]}-{number}', name='P'))\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", add, str(tmp_path), name]) for name in ("a", "b")]
    assert [each.wait(60) for each in both] == [0, 0]
    with store.reading() as session:
        assert session.scalar(text("select count(*) from project")) == 50
    store.close()


def test_a_backup_is_complete(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with store.sessions.begin() as session:
        session.execute(text("insert into project (id, number, name) values ('1', 'n', 'm')"))
    database.backup(tmp_path / "erpdesk.db", tmp_path / "copy.db")
    store.close()
    raw = sqlite3.connect(tmp_path / "copy.db")
    assert raw.execute("select number from project").fetchall() == [("n",)]
    raw.close()


def test_a_backup_that_can_not_be_written_is_explained(tmp_path: Path) -> None:
    opened(tmp_path).close()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ForPeople, match="could not be made"):
        database.backup(tmp_path / "erpdesk.db", tmp_path / "file" / "copy.db")


@pytest.mark.parametrize("version", [0, database.SCHEMA])
def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path, version: int) -> None:
    raw = sqlite3.connect(tmp_path / "erpdesk.db")
    raw.execute("CREATE TABLE person (x)")
    raw.execute(f"PRAGMA user_version={version}")
    raw.commit()
    raw.close()
    before = (tmp_path / "erpdesk.db").read_bytes()
    with pytest.raises(ForPeople, match="not an erpdesk database"):
        opened(tmp_path)
    assert (tmp_path / "erpdesk.db").read_bytes() == before


def test_what_people_typed_does_not_stand_in_tracebacks(tmp_path: Path) -> None:
    store = opened(tmp_path)
    with pytest.raises(IntegrityError) as problem, store.sessions.begin() as session:
        session.execute(text("insert into project (id, number, name) values ('1', 'n', :name)"), {"name": "Secret Job"})
        session.execute(text("insert into project (id, number, name) values ('1', 'n', :name)"), {"name": "Secret Job"})
    assert "Secret Job" not in str(problem.value)
    store.close()


def test_a_read_inside_a_read_does_not_wait_for_a_writer_that_waits_for_the_first(tmp_path: Path) -> None:
    """A second connection would wait for the writer, the writer for the first: both for ever."""
    store = database.open_store(tmp_path / "erpdesk.db", backups=tmp_path)
    wrote = threading.Event()

    def write() -> None:
        with store.writing() as session:
            session.add(Person(name="Dana Whitlock"))
        wrote.set()

    with store.reading() as outer:
        assert outer.scalars(select(Person)).all() == []
        writer = threading.Thread(target=write)
        writer.start()
        # The writer has its row and waits for this read to end; from here on no new connection may read.
        assert not wrote.wait(0.5)
        with store.reading() as inner:
            assert inner is outer
            assert inner.scalars(select(Person)).all() == []
    writer.join()
    assert wrote.is_set()
    store.close()


def test_a_write_inside_a_read_is_a_mistake_that_says_so(tmp_path: Path) -> None:
    store = database.open_store(tmp_path / "erpdesk.db", backups=tmp_path)
    with store.reading(), pytest.raises(RuntimeError, match="inside another"), store.writing():
        pass
    with store.writing() as session:
        session.add(Person(name="Dana Whitlock"))
        with store.reading() as same:
            assert same is session
    store.close()


def test_a_database_that_another_tool_left_in_wal_mode_goes_back_to_the_rollback_journal(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "erpdesk.db")) as tool:
        assert tool.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    store = opened(tmp_path)
    with store.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "delete"
    store.close()
