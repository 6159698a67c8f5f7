"""The doors to one and the same company, and what a test asks of a helper's process."""

from __future__ import annotations

import json
import os
import select
from pathlib import Path
from typing import Any

from erpdesk.sync.sage.doors import Connect, open_host, open_odbc, open_standin

WAYS = ("file", "odbc", "host")
"""The stand-in's own door, an ODBC driver in this process, and the same driver in the helper program."""
DRIVEN = ("odbc", "host")
PATIENCE = 20


def string(folder: Path, *, more: str = "") -> str:
    """The connection string of a stand-in company for the SQLite driver of ODBC."""
    return f"DRIVER={{SQLite3}};Database=file:{folder / 'tsdata.db'}?mode=ro;Timeout=1000;{more}"


def way(kind: str, folder: Path, *, more: str = "", faults: bool = False, read_only: bool = True) -> Connect:
    """A door of this kind; with ``faults``, those of the company's own file are met around the driver."""
    if kind == "file":
        return open_standin(folder)
    opened = open_odbc if kind == "odbc" else open_host
    file = folder / "faults.json" if faults else None
    return opened(string(folder, more=more), faults=file, read_only=read_only)


def switch(folder: Path, **faults: Any) -> None:
    """Faults are switched on or off, as a running company's file."""
    half = folder / "faults.half"
    half.write_text(json.dumps(faults), "utf-8")
    half.replace(folder / "faults.json")


def every(connection: Any, sql: str, size: int = 500) -> list[tuple[Any, ...]]:
    """All rows of a query, fetch by fetch."""
    cursor = connection.cursor()
    cursor.execute(sql, ())
    rows: list[tuple[Any, ...]] = []
    while more := cursor.fetchmany(size):
        rows += [tuple(row) for row in more]
    cursor.close()
    return rows


def ended(pid: int, patience: float = PATIENCE) -> bool:
    """Whether a process is gone, or goes in time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], patience)[0])
    finally:
        os.close(handle)
