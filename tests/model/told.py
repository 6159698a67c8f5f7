"""What a world on disk comes to, as text: all that can make a difference from here on, and nothing that does not."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

START = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
JUMP = timedelta(minutes=31)
"""How far the clock goes at once: past every wait of the protocol."""

Disk = dict[str, tuple[int, bytes]]
"""A folder as it is: each file's mode and content by its path; folders have the mode 0."""

_TABLES = ("outbox", "export_file", "attempt", "submission", "closing")
SAGE = ("JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM")
_DROPPED = frozenset(
    (
        "message",
        "row_version",
        "payload",
        "payload_sha",
        "line_map",
        "lease_epoch",
        "approved_sha256",
        "company",
        "kind",
    )
)
# A lease changes its worker with its number, so the worker's name tells both.
_TIME = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{6}Z?$")
_NAMED = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])|(?<=\d-)[0-9a-f]{6}(?=[./\"])|worker-\d+")
_PRINTED_AT = re.compile(rb"\d\d/\d\d/\d{4} \d\d:\d\d [AP]M")


def age(then: datetime, now: datetime) -> str:
    """Whether a time is still to come, of just now, or so long ago that nobody waits for it any more."""
    return "ahead" if then > now + JUMP / 2 else "just now" if now - then < JUMP / 2 else "long ago"


@contextmanager
def opened(data: bytes) -> Iterator[sqlite3.Connection]:
    """A database out of its bytes."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(data)
        yield connection


def _table(connection: sqlite3.Connection, name: str, now: datetime | None = None) -> list[Any]:
    """The rows of a table without what makes no difference; of a time only whether there is one, or how old it is."""

    def cell(value: Any) -> Any:
        if not isinstance(value, str) or not _TIME.match(value):
            return value
        return "at" if now is None else age(datetime.fromisoformat(value.rstrip("Z")).replace(tzinfo=UTC), now)

    try:
        cursor = connection.execute(f'SELECT * FROM "{name}" ORDER BY rowid')
    except sqlite3.OperationalError:
        return []
    names = [each[0] for each in cursor.description]
    kept = [at for at, column in enumerate(names) if column not in _DROPPED and not column.endswith("_Stamp")]
    return [[cell(row[at]) for at in kept] for row in cursor]


def _signs(connection: sqlite3.Connection, now: datetime) -> list[Any]:
    """What decisions rest on later: a baseline, and when an import showed itself first."""
    query = (
        "SELECT attempt_id, source, result, min(read_ended) FROM evidence WHERE source <> 'listing' "
        "AND result NOT IN ('absent', 'unread', 'foreign') GROUP BY 1, 2, 3 ORDER BY min(rowid)"
    )
    return [
        [attempt, source, result, age(datetime.fromisoformat(ended.rstrip("Z")).replace(tzinfo=UTC), now)]
        for attempt, source, result, ended in connection.execute(query)
    ]


@lru_cache(maxsize=4096)
def _store_told(data: bytes, jumps: int, ages: bool) -> list[Any]:
    now = START + JUMP * jumps
    with opened(data) as connection:
        return [*(_table(connection, each, now if ages else None) for each in _TABLES), _signs(connection, now)]


@lru_cache(maxsize=4096)
def _sage_told(data: bytes) -> list[Any]:
    with opened(data) as connection:
        return [_table(connection, each) for each in SAGE]


def told_of(disk: Disk, jumps: int, ages: bool) -> str:
    """Everything on disk that can make a difference from here on, as text; times are long ago or just now.

    ``ages``: also how old each time of the store is, which the protocol itself does not ask, but a lease does.
    """
    parts: list[Any] = []
    for key in sorted(disk):
        mode, data = disk[key]
        name = key.rpartition("/")[2]
        if name == "erpdesk.db":
            parts.append(_store_told(data, jumps, ages))
        elif name == "tsdata.db":
            parts.append(_sage_told(data))
        elif name.endswith(".jsonl"):
            lines = [json.loads(line) for line in data.splitlines()]
            parts.append(
                [key, [[line["what"], line["body"].get("file", "")] for line in lines if line["what"] != "head"]]
            )
        elif mode and not name.endswith((".lock", ".json", ".ctl")):
            parts.append([key, hashlib.sha256(_PRINTED_AT.sub(b"", data)).hexdigest()[:16]])
    return json.dumps(parts, default=str)


def named_in_order(text: str, names: dict[str, str]) -> str:
    """Replaces ids that were drawn by lot by the order in which they first stand."""
    return _NAMED.sub(lambda found: names.setdefault(found[0], f"#{len(names)}"), text)
