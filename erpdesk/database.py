"""The decision store: how its file is opened, checked, migrated and written.

SQLite with a rollback journal and full durability, on a local disk only; PostgreSQL by URL.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople
from erpdesk.disks import why_not_local

SCHEMA = 5
"""The schema this program writes; each migration raises it by one (see ``migrations``)."""

OURS = 0x65726470
"""How a SQLite file says that it is erpdesk's ("erpd")."""

BUSY_SECONDS = 10
LOOK_SECONDS = (0.0005, 0.003)
"""How long a writer waits before it looks again whether the other one is done."""


def sqlite_engine(path: Path) -> Engine:
    """An engine for one SQLite file: every transaction is BEGIN IMMEDIATE, each commit reaches the disk."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        # The rollback journal is SQLite's own default; asking for it here would need a lock that a writer may hold.
        for pragma in (
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "synchronous=EXTRA",
            "foreign_keys=ON",
            # A row that OR REPLACE pushes out is deleted past the guards otherwise.
            "recursive_triggers=ON",
            "trusted_schema=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reading", False):
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_writing(connection)

    return engine


def _begin_writing(connection: Connection) -> None:
    """Waits for another writer by looking often.

    SQLite itself looks every tenth of a second: too seldom to find the gap that somebody leaves who writes one
    transaction after the other, such as five hundred accepts at one press.
    """
    until = time.monotonic() + BUSY_SECONDS
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except OperationalError as problem:
                code = getattr(problem.orig, "sqlite_errorcode", 0)
                if code & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            time.sleep(random.uniform(*LOOK_SECONDS))
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def postgresql_engine(url: str) -> Engine:
    """An engine for a PostgreSQL database."""
    return create_engine(url, isolation_level="READ COMMITTED", hide_parameters=True)


@contextmanager
def explained() -> Iterator[None]:
    """Turns a database that is full, locked or out of reach into a sentence; bugs pass through as they are."""
    try:
        yield
    except OperationalError as problem:
        raise ForPeople(
            f"The company's database can not be used now: {problem.orig}.",
            kept="Nothing of this act was saved; everything before it is safe.",
            next_step="Check that the disk is not full and that no other program holds the file, then try again.",
        ) from problem


class _Here(threading.local):
    """The read or write that this thread is in."""

    session: Session | None = None


@dataclass(frozen=True)
class Store:
    """An opened decision store."""

    engine: Engine
    sessions: sessionmaker[Session]
    _here: _Here = field(default_factory=_Here, repr=False, compare=False)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A short read that never holds up a writer; raises ForPeople when the database can not be read now.

        Inside another read or write of the same thread it is a part of that one: a second connection would wait for a
        writer that itself waits for the first.
        """
        if self._here.session is not None:
            yield self._here.session
            return
        with explained(), self.engine.connect().execution_options(reading=True) as connection:
            session = Session(connection, autoflush=False)
            try:
                with self._inside(session):
                    yield session
            finally:
                session.close()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction, committed as a whole or not at all; raises ForPeople when it can not be written.

        Raises RuntimeError inside another read or write of the same thread, which it would wait for for ever.
        """
        if self._here.session is not None:
            raise RuntimeError("a write was begun inside another read or write")
        with explained(), self.sessions.begin() as session, self._inside(session):
            yield session

    @contextmanager
    def _inside(self, session: Session) -> Iterator[None]:
        self._here.session = session
        try:
            yield
        finally:
            self._here.session = None

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def store_on(engine: Engine) -> Store:
    """A store on an engine whose schema is already right."""
    return Store(engine, sessionmaker(engine, expire_on_commit=False))


def open_store(path: Path, *, backups: Path, clock: Clock = CLOCK) -> Store:
    """Opens the database file after the start-up gate.

    Refuses network drives and synchronised folders, files that are no database, and a schema newer than this program;
    makes a backup before it migrates an older one. Raises ForPeople in each case; nothing is changed then.
    """
    why = why_not_local(path.parent)
    if why:
        raise ForPeople(
            f"The company's data can not be opened at {path.parent}: {why}.",
            kept="Nothing was changed.",
            next_step="Move the company's data folder to a local fixed disk of this workstation.",
        )
    _make_folder(path.parent)
    held = _gate(path)
    engine = sqlite_engine(path)
    try:
        if held < SCHEMA:
            if held:
                backup(path, backups / f"before-schema-{SCHEMA}-{clock.now():%Y%m%d-%H%M%S}.db")
            migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return store_on(engine)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ForPeople(
            f"The folder {folder} can not be made: {problem.strerror}.",
            kept="Nothing was changed.",
            next_step="Ask IT for the right to write there, or choose another folder.",
        ) from problem


def _gate(path: Path) -> int:
    """The schema number of the file after its checks; 0 for a new one."""
    fresh = not path.exists() or path.stat().st_size == 0
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            held = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if not fresh:
                answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                if answer != "ok":
                    raise sqlite3.DatabaseError(answer)
                if int(connection.execute("PRAGMA application_id").fetchone()[0]) != OURS:
                    raise sqlite3.DatabaseError("another program made it")
            connection.execute("ROLLBACK")
            # A file that another tool left in WAL mode goes back to the rollback journal.
            connection.execute("PRAGMA journal_mode=DELETE").close()
        finally:
            connection.close()
    except sqlite3.OperationalError as problem:
        raise ForPeople(
            f"The company's database {path} is in use by another program or can not be written ({problem}).",
            kept="Nothing was changed.",
            next_step="Close the other program, check that the disk is not full and writable, and start again.",
        ) from problem
    except sqlite3.DatabaseError as problem:
        raise ForPeople(
            f"The file {path} is damaged or is not an erpdesk database ({problem}).",
            kept="The file was left as it is.",
            next_step="Restore the latest backup from the backups folder beside it.",
        ) from problem
    if held > SCHEMA:
        raise ForPeople(
            f"The company's database was written by a newer erpdesk (schema {held}; this program knows {SCHEMA}).",
            kept="Nothing was changed.",
            next_step="Install the newer erpdesk on this workstation.",
        )
    return held


def backup(path: Path, copy: Path) -> None:
    """A verified copy of the database by SQLite's own backup; raises ForPeople when it can not be made or read back."""
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        target = sqlite3.connect(copy)
        try:
            source.backup(target)
            answer = target.execute("PRAGMA integrity_check(1)").fetchone()[0]
        finally:
            source.close()
            target.close()
        if answer != "ok":
            raise sqlite3.DatabaseError(answer)
    except (OSError, sqlite3.Error) as problem:
        raise ForPeople(
            f"The backup {copy} could not be made: {problem}.",
            kept="The database was not touched.",
            next_step="Free space on the disk or make the folder writable, and start again.",
        ) from problem


def migrate(engine: Engine) -> None:
    """Brings the schema to this program's, in one transaction: all of it or nothing.

    Raises ForPeople when a record would name another one that is not there.
    """
    _alembic(engine, "upgrade", "head", SCHEMA)


def downgrade(engine: Engine, revision: str) -> None:
    """Takes the schema back to ``revision``; for the tests of each migration's way down."""
    _alembic(engine, "downgrade", revision, 0 if revision == "base" else int(revision))


def _alembic(engine: Engine, verb: str, revision: str, schema: int) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection, _unlinked(connection), connection.begin():
        config.attributes["connection"] = connection
        getattr(command, verb)(config, revision)
        if connection.dialect.name == "sqlite":
            _check_links(connection, schema)
            connection.execute(text(f"PRAGMA user_version={schema}"))
            connection.execute(text(f"PRAGMA application_id={OURS}"))


@contextmanager
def _unlinked(connection: Connection) -> Iterator[None]:
    """Lets SQLite drop and make anew a table that others refer to; the pragma holds only outside of a transaction."""
    if connection.dialect.name != "sqlite":
        yield
        return
    # Past SQLAlchemy, which would begin a transaction first.
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _check_links(connection: Connection, schema: int) -> None:
    """Raises ForPeople when a record names another one that is not there; nothing is committed then."""
    lost = connection.execute(text("PRAGMA foreign_key_check")).all()
    if lost:
        tables = ", ".join(sorted({str(row[0]) for row in lost}))
        raise ForPeople(
            f"The company's database can not be brought to schema {schema}: {len(lost)} records ({tables}) name "
            "another record that is not there.",
            kept="The database is as it was before.",
            next_step="Restore an earlier backup, or have the database repaired, and start again.",
        )
