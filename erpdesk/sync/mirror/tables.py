"""How the mirror keeps what Sage holds: one table for each Sage table, made from the list that the reader follows.

Each row also carries the run that first saw it (``run_first``), the run that last changed it (``run_changed``) and,
once Sage no longer holds it, the run that found it gone (``gone_run``). Nothing is ever deleted from these tables.
"""

from __future__ import annotations

import apsw

from erpdesk.sync.mirror import cost_search
from erpdesk.sync.sage.tables import Table, catalogue

SCHEMA = 4
"""The version of this layout; a mirror of any other version is built again from Sage."""

MARKS = ("run_first", "run_changed", "gone_run")

_OWN = (
    # "lost" of "before" rows are what a person is asked about where a run "waits".
    """CREATE TABLE run (
        id INTEGER PRIMARY KEY, "table" TEXT NOT NULL, read_began TEXT NOT NULL, read_ended TEXT NOT NULL,
        "rows" INTEGER NOT NULL, inserted INTEGER NOT NULL, updated INTEGER NOT NULL, gone INTEGER NOT NULL,
        set_aside INTEGER NOT NULL, notes INTEGER NOT NULL, ok INTEGER NOT NULL, problem TEXT NOT NULL,
        "full" INTEGER NOT NULL, waits INTEGER NOT NULL, lost INTEGER NOT NULL, "before" INTEGER NOT NULL) STRICT""",
    """CREATE TABLE set_aside (
        run INTEGER NOT NULL, "table" TEXT NOT NULL, "key" TEXT, raw TEXT NOT NULL, reason TEXT NOT NULL) STRICT""",
    """CREATE TABLE note (
        run INTEGER NOT NULL, "table" TEXT NOT NULL, "key" TEXT NOT NULL, "column" TEXT NOT NULL,
        raw TEXT NOT NULL, reason TEXT NOT NULL) STRICT""",
    # How each table may be read next; see stamps.py.
    """CREATE TABLE reading (
        "table" TEXT PRIMARY KEY, full_at TEXT NOT NULL, cursor TEXT, stamped INTEGER NOT NULL, hidden_at TEXT,
        plain INTEGER NOT NULL) STRICT""",
    # Hashes of the rows as Sage handed them over; see hashes.py.
    """CREATE TABLE print (
        id INTEGER PRIMARY KEY, "table" TEXT NOT NULL, "rows" BLOB NOT NULL, hashes BLOB NOT NULL) STRICT""",
    'CREATE TABLE print_version ("table" TEXT PRIMARY KEY, version TEXT NOT NULL) STRICT',
    'CREATE TABLE touched ("table" TEXT, "row" INTEGER, PRIMARY KEY ("table", "row")) STRICT, WITHOUT ROWID',
    'CREATE INDEX print_table ON print ("table", id)',
    'CREATE INDEX run_table ON run ("table", id)',
    'CREATE INDEX set_aside_key ON set_aside ("table", "key")',
)

_INDEXES = {
    "category": ('CREATE INDEX category_job ON category ("job", "gone_run")',),
    "commitment": (
        'CREATE INDEX commitment_any_case ON commitment ("commitment" COLLATE NOCASE)',
        'CREATE INDEX commitment_job ON commitment ("job")',
    ),
}


def fields(table: Table) -> tuple[str, ...]:
    """The columns that come from Sage, in the order of a clean row: the declared ones and the key as Sage wrote it."""
    return (*(column.field for column in table.columns), "raw_key")


def key_fields(table: Table) -> tuple[str, ...]:
    """The columns of the key as the mirror names them."""
    return tuple(column.field for column in table.key)


def names(columns: tuple[str, ...]) -> str:
    """A list of quoted column names, since SQL keeps some of Sage's names for itself."""
    return ", ".join(f'"{each}"' for each in columns)


def body(table: Table) -> str:
    """The column definitions for what comes from Sage."""
    parts = []
    for column in table.columns:
        needed = " NOT NULL" if column.key else ""
        parts.append(f'"{column.field}" {column.sql_type}{needed}')
    return ", ".join([*parts, '"raw_key" TEXT'])


def create(db: apsw.Connection) -> None:
    """Makes an empty mirror; keys and indexes follow when the rows are in."""
    for statement in _OWN:
        db.execute(statement)
    for table in catalogue():
        marks = "run_first INTEGER NOT NULL, run_changed INTEGER NOT NULL, gone_run INTEGER"
        db.execute(f"CREATE TABLE {table.mirror} ({body(table)}, {marks}) STRICT")
    db.pragma("user_version", SCHEMA)


def index_key(db: apsw.Connection, table: Table, stored: str) -> None:
    """Makes the key of a table quick to find; ``stored`` is the mirror's table or the staging table.

    Not UNIQUE: a constraint that fails in a file without journal could spoil it. Double keys are looked for instead.
    In the mirror the index also says whether the row is gone, so that the keys of all rows come from it alone.
    """
    schema, _, name = stored.rpartition(".")
    place = f"{schema}.{name}_key" if schema else f"{name}_key"
    keys = key_fields(table)
    db.execute(f"CREATE INDEX {place} ON {name} ({names(keys if schema else (*keys, 'gone_run'))})")


def index_rest(db: apsw.Connection, table: Table) -> None:
    """Makes the other indexes of a mirror table, once its first rows are in."""
    for statement in _INDEXES.get(table.mirror, ()):
        db.execute(statement)
    if table.mirror == "job_cost":
        cost_search.build(db)


def index_changed(db: apsw.Connection, table: Table, rows: str) -> None:
    """Brings up to date what no index keeps by itself, after these rows (a query for their numbers) changed or came."""
    if table.mirror == "job_cost":
        cost_search.extend(db, rows)
