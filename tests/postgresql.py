"""A PostgreSQL server of the tests' own: started on loopback, on a free port, and stopped again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path:
    """The folder with initdb and pg_ctl; raises FileNotFoundError when PostgreSQL is not installed."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).parent
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
