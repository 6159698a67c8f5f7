"""Statements are compiled once for each kind of database, not once more for the database of each test."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

ROOM = 3000
_caches: dict[type[Dialect], LRUCache[Any, Any]] = {}


def share_compiled_statements() -> None:
    """Lets the engines of one kind share what they compiled, which SQLAlchemy keeps for each engine by itself.

    All engines of a kind use the same driver and the same library or server, so that each would compile the same.
    """
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__hash__ = _hash  # type: ignore[assignment]
        kind.__eq__ = _equal  # type: ignore[assignment]
    event.listen(Engine, "engine_connect", _share)


def _hash(dialect: Dialect) -> int:
    return hash(type(dialect))


def _equal(dialect: Dialect, other: object) -> bool:
    return type(dialect) is type(other)


def _share(connection: Connection) -> None:
    engine = connection.engine
    kind = type(engine.dialect)
    if kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        engine._compiled_cache = _caches.setdefault(kind, LRUCache(ROOM))
