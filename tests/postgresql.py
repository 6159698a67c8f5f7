"""A PostgreSQL server of the tests' own: started on loopback, on a free port, and stopped again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url, text

from erpdesk.database import postgresql_engine


def programs() -> Path:
    """The folder with initdb and pg_ctl; raises FileNotFoundError when PostgreSQL is not installed."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not places:
        raise FileNotFoundError("PostgreSQL is not installed: python3 dev.py setup says how to get it")
    return places[-1].parent


@contextmanager
def server() -> Iterator[str]:
    """Runs a server for the time of a block; yields the URL of its database."""
    place = Path(tempfile.mkdtemp(prefix="erpdesk-pg-"))
    unprivileged: list[str] = []
    if os.name == "posix" and os.geteuid() == 0:
        shutil.chown(place, "postgres", "postgres")
        unprivileged = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(place / "data")

    def run(*command: str) -> None:
        subprocess.run([*unprivileged, *command], check=True, cwd=place, stdout=subprocess.DEVNULL)

    here = programs()
    options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={place} -c fsync=off"
    try:
        run(
            str(here / "initdb"), "-D", data, "-U", "erp", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"
        )
        run(str(here / "pg_ctl"), "-D", data, "-w", "-l", str(place / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://erp@127.0.0.1:{port}/postgres"
        finally:
            run(str(here / "pg_ctl"), "-D", data, "-m", "fast", "-w", "stop")
    finally:
        shutil.rmtree(place)


def emptied(url: str) -> Engine:
    """An engine on the database at ``url``, in which nothing is left."""
    engine = postgresql_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return engine


@dataclass
class Prepared:
    """A database that can be had again: its sentences, those of its rows alone, and how its schema stood last."""

    whole: str
    rows: str
    schema: str


def prepared(url: str) -> Prepared:
    """The database at ``url`` as it is now."""
    engine = postgresql_engine(url)
    try:
        return Prepared(_told(url), _told(url, "--data-only"), _schema(engine))
    finally:
        engine.dispose()


def made_anew(url: str, wanted: Prepared) -> Engine:
    """An engine on the database at ``url`` with what ``wanted`` holds and nothing else.

    Where nobody touched the schema only the rows are changed, which costs a thirtieth of making all of it.
    """
    engine = postgresql_engine(url)
    if _schema(engine) == wanted.schema:
        with engine.begin() as connection:
            # As a copy does it: no trigger and no foreign key speaks up about what merely comes back.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            names = text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
            _say(connection, "".join(f"DELETE FROM {name};" for name in connection.scalars(names)) + wanted.rows)
    else:
        engine.dispose()
        engine = emptied(url)
        with engine.begin() as connection:
            _say(connection, wanted.whole)
        wanted.schema = _schema(engine)
    # What the text sets for its own connection is not set for the others.
    engine.dispose()
    return engine


def _say(connection: Connection, script: str) -> None:
    # Without parameters the driver hands over a text of many sentences as it is.
    connection.exec_driver_sql(script, execution_options={"no_parameters": True})


def _schema(engine: Engine) -> str:
    """What changes whenever a table, column, index, constraint, trigger, function or sequence does."""
    parts = " UNION ALL ".join(
        f"SELECT '{catalog}', count(*), max(xmin::text::bigint) FROM {catalog}"
        for catalog in ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc", "pg_namespace")
    )
    with engine.connect() as connection:
        return repr(connection.execute(text(parts)).all())


def _told(url: str, *options: str) -> str:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    words = [str(programs() / "pg_dump"), "--schema=public", "--no-owner", "--inserts", "--rows-per-insert=500"]
    told = subprocess.run([*words, *options, plain], check=True, capture_output=True, text=True).stdout
    # What begins with a backslash is meant for psql; the schema itself is there; and the path stays as it is.
    left_out = ("\\", "CREATE SCHEMA", "SELECT pg_catalog.set_config('search_path'")
    return "\n".join(line for line in told.splitlines() if not line.startswith(left_out))
