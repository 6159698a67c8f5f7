"""The mirror's own record of its runs: when each table was read, what changed, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import apsw

from erpdesk.core.clock import iso
from erpdesk.sync.mirror.report import TableReport
from erpdesk.sync.sage.tables import Table

_RUNS_KEPT = 5000


@contextmanager
def transaction(db: apsw.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """All of it or nothing."""
    db.execute(begin)
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # On a full disk SQLite has rolled back by itself.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def next_run(db: apsw.Connection) -> int:
    """The number of the run that begins; only one thread writes the mirror."""
    number: int = db.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM run").get
    return number


def live_rows(db: apsw.Connection, table: Table) -> int:
    """How many rows of a table Sage held at the last good reading."""
    count: int = db.execute(f"SELECT COUNT(*) FROM {table.mirror} WHERE gone_run IS NULL").get
    return count


def owed_rows(db: apsw.Connection, table: Table) -> int:
    """How many rows a mirror before this one held that could not be brought along and that nobody gave up yet."""
    sql = 'SELECT "before" - "rows" FROM run WHERE "table" = ? AND (ok OR waits) ORDER BY id DESC LIMIT 1'
    return max(0, db.execute(sql, (table.name,)).get or 0)


def missing(owed: int, held: int, came: int) -> int:
    """How many of the rows owed did not come either, where ``held`` rows are known and ``came`` rows stand in Sage."""
    return max(0, owed - max(0, came - held))


def record(db: apsw.Connection, run: int, report: TableReport) -> None:
    """Writes down one reading of a table, good or failed."""
    db.execute(
        "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(run, report.table, iso(report.read_began), iso(report.read_ended), report.rows, report.inserted),
            *(report.updated, report.gone, report.set_aside, report.notes, int(report.ok), report.problem),
            *(int(report.full), int(report.loss is not None)),
            *((report.loss.lost, report.loss.before) if report.loss else (0, 0)),
        ),
    )
    # Old runs go, but never the last good one of a table: its time says how old the rows are.
    db.execute(
        'DELETE FROM run WHERE id <= ? AND id NOT IN (SELECT MAX(id) FROM run WHERE ok GROUP BY "table")',
        (run - _RUNS_KEPT,),
    )


def record_failure(db: apsw.Connection, table: Table, report: TableReport) -> TableReport:
    """Writes down a reading that changed nothing; answers the report with what the mirror still holds."""
    report = replace(report, ok=False, rows=live_rows(db, table), inserted=0, updated=0, gone=0)
    with transaction(db):
        record(db, next_run(db), report)
    return report
