"""What the mirror is measured over: SQLite alone, an upsert of every row, pyodbc alone, and dlt.

Each does the same work: the same tables, columns and conversions, the same indexes, and is checked for it; none is
slowed down, and each is used as its own manual says.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw

from bench.mirror_ground import COSTS, Ground
from erpdesk.sync.mirror.tables import create, fields, index_key, index_rest, key_fields, names
from erpdesk.sync.sage.tables import Column, Table, written

_SCALE = {2: 100, 4: 10_000, 0: 1, None: 1}


def load_sqlite(ground: Ground, tables: list[tuple[Table, tuple[Column, ...], str]]) -> Path:
    """SQLite alone: attached source, the same rows and conversions, no journal, the same indexes afterwards."""
    path = ground.folder / "peer.db"
    path.unlink(missing_ok=True)
    with closing(apsw.Connection(str(path))) as db:
        db.pragma("journal_mode", "OFF")
        db.pragma("synchronous", "OFF")
        db.execute(f"ATTACH '{ground.file}' AS source")
        db.execute("BEGIN")
        create(db)
        for each, columns, _ in tables:
            there = {column.name for column in columns}
            values = ", ".join(_converted(column) if column.name in there else "NULL" for column in each.columns)
            order = ", ".join(written(column.name) for column in each.key)
            db.execute(
                f"INSERT INTO {each.mirror} SELECT {values}, NULL, 1, 1, NULL FROM source.{each.name} ORDER BY {order}"
            )
            index_key(db, each, each.mirror)
            index_rest(db, each)
        db.execute("COMMIT")
    return path


def _converted(column: Column) -> str:
    name = written(column.name)
    if column.kind in ("char", "text"):
        return f"RTRIM({name}, ' ')"
    return f"CAST(ROUND({name} * {_SCALE[column.scale]}) AS INTEGER)" if column.kind == "float" else name


def read_once(connection: Any, tables: list[tuple[Table, tuple[Column, ...], str]]) -> int:
    """Fetches every row of the source and lets it go; answers how many."""
    rows = 0
    for _, _, sql in tables:
        cursor = connection.cursor()
        cursor.execute(sql)
        while batch := cursor.fetchmany(500):
            rows += len(batch)
        cursor.close()
    connection.close()
    return rows


class Upsert:
    """The peer of a refresh: every row of the source goes over the same table with the same indexes, at once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.path = ground.folder / "upsert.db"
        with closing(apsw.Connection(str(self.path))) as db:
            db.pragma("journal_mode", "WAL")
            create(db)
            db.execute(f"CREATE UNIQUE INDEX job_cost_once ON job_cost ({names(key_fields(COSTS))})")
            index_rest(db, COSTS)
        self.run()

    def run(self) -> None:
        """Reads and writes all rows; what the source no longer holds goes."""
        with closing(apsw.Connection(str(self.path))) as db, closing(self._ground.connect()) as source:
            db.pragma("synchronous", "NORMAL")
            run = db.execute("SELECT COALESCE(MAX(run_changed), 0) + 1 FROM job_cost").get
            given = ", ".join(_converted(column) for column in COSTS.columns)
            columns = [field for field in fields(COSTS) if field not in key_fields(COSTS)]
            settings = ", ".join(f'"{each}" = excluded."{each}"' for each in (*columns, "run_changed"))
            every = f"SELECT {given}, NULL, {run}, {run}, NULL FROM {COSTS.name} ORDER BY Run, Sequence"
            rows = source.execute(every)
            db.execute("BEGIN IMMEDIATE")
            marks = ", ".join("?" * (len(fields(COSTS)) + 3))
            keys = names(key_fields(COSTS))
            sql = f"INSERT INTO job_cost VALUES ({marks}) ON CONFLICT ({keys}) DO UPDATE SET {settings}"
            while batch := rows.fetchmany(500):
                db.executemany(sql, batch)
            db.execute("DELETE FROM job_cost WHERE run_changed < ?", (run,))
            db.execute("COMMIT")


def fetch_by_odbc() -> None:
    """In a process of its own: fetch the rows of the queries given on standard input, print seconds and rows."""
    import pyodbc  # type: ignore[import-not-found]  # no type marker in the package

    asked = json.loads(sys.stdin.read())
    began = time.perf_counter()
    rows = 0
    connection = pyodbc.connect(asked["text"], autocommit=True, readonly=True)
    for sql in asked["queries"]:
        cursor = connection.cursor()
        cursor.execute(sql)
        while batch := cursor.fetchmany(500):
            rows += len(batch)
        cursor.close()
    connection.close()
    print(json.dumps({"seconds": time.perf_counter() - began, "rows": rows}))


def load_by_dlt(folder: Path) -> None:
    """In a process of its own: dlt copies the mirrored tables and columns into a SQLite file; print its CPU seconds."""
    import dlt  # type: ignore[import-not-found]  # an extra of the measurements
    from dlt.sources.sql_database import sql_table  # type: ignore[import-not-found]

    asked: dict[str, list[str]] = json.loads(sys.stdin.read())
    target = folder / "dlt"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    # One writer at a time is what SQLite takes: several would lock each other out and try again.
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL", "LOAD__WORKERS": "1"}
    source = f"sqlite:///{folder / 'sage' / 'tsdata.db'}"
    began = time.process_time()
    tables = [
        sql_table(source, table=name, backend="pyarrow", chunk_size=50_000, included_columns=columns)
        for name, columns in asked.items()
    ]
    destination = dlt.destinations.sqlalchemy(f"sqlite:///{target / 'copy.db'}")
    pipeline = dlt.pipeline("copy", pipelines_dir=str(target), destination=destination, dataset_name="main")
    pipeline.run(tables, write_disposition="replace")
    seconds = time.process_time() - began
    found = {}
    for file in target.glob("*.db"):
        with closing(sqlite3.connect(file)) as db:
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
                found[name.lower().replace("__", "_")] = db.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]
    with closing(sqlite3.connect(folder / "sage" / "tsdata.db")) as db:
        for name in asked:
            rows = db.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]
            if rows != found.get(name.lower().replace("__", "_"), 0):
                raise SystemExit(f"dlt did not copy every row of {name}.")
    print(seconds)
