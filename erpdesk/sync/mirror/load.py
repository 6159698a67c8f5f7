"""The first load: a new mirror file beside the current one, written without journal and only then made current."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import apsw

from erpdesk.core.clock import Clock
from erpdesk.sync.mirror import hashes, stamps
from erpdesk.sync.mirror.guard import Guard
from erpdesk.sync.mirror.intake import Intake, Progress, keep_odd_rows, take
from erpdesk.sync.mirror.ledger import next_run, record
from erpdesk.sync.mirror.report import TableReport
from erpdesk.sync.mirror.stamps import Reading
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.mirror.tables import create, index_rest
from erpdesk.sync.mirror.totals import disagreement, held
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import Table, catalogue

_OPCODES_BETWEEN_LOOKS = 200_000
_CACHE_KB = 16_000


def look_for_stop(db: apsw.Connection, stop: Callable[[], bool]) -> None:
    """Lets a stop request reach into a long statement, which then raises ``apsw.InterruptError``."""
    db.set_progress_handler(stop, _OPCODES_BETWEEN_LOOKS)


def first_load(
    store: MirrorStore,
    reader: SageReader,
    known: Capabilities,
    clock: Clock,
    progress: Progress,
    stop: Callable[[], bool],
) -> tuple[TableReport, ...]:
    """Builds a new mirror and makes it current; answers how each table went.

    When it fails or is stopped (``Stopped``, or ``apsw.InterruptError`` out of a long statement), the new file is
    removed and the current mirror stays what it was.
    """
    store.folder.mkdir(parents=True, exist_ok=True)
    store.sweep()
    number = store.next_number()
    try:
        reports = _build(store.path(number), reader, known, clock, progress, stop)
    except BaseException:
        store.discard(number)
        raise
    store.switch(number)
    return reports


def _build(
    path: Path,
    reader: SageReader,
    known: Capabilities,
    clock: Clock,
    progress: Progress,
    stop: Callable[[], bool],
) -> tuple[TableReport, ...]:
    db = apsw.Connection(str(path))
    try:
        # Nobody reads this file yet and a half-built one is thrown away, so it needs no journal.
        db.pragma("journal_mode", "OFF")
        db.pragma("synchronous", "OFF")
        # Room to sort for the indexes, the same however large the company is.
        db.pragma("cache_size", -_CACHE_KB)
        look_for_stop(db, stop)
        db.execute("BEGIN")
        create(db)
        wanted = [table for table in catalogue() if known.has(table)]
        reports = tuple(_load_table(db, table, reader, clock, progress, stop) for table in wanted)
        db.execute("COMMIT")
        faults = db.execute("PRAGMA quick_check").fetchall()
        if faults != [("ok",)]:
            raise apsw.CorruptError(f"the new mirror is damaged: {faults[0][0]}")
        db.set_progress_handler(None)
        db.pragma("journal_mode", "WAL")
    finally:
        db.close()
    _flush(path)
    return reports


def _load_table(
    db: apsw.Connection,
    table: Table,
    reader: SageReader,
    clock: Clock,
    progress: Progress,
    stop: Callable[[], bool],
) -> TableReport:
    began = clock.now()
    run = next_run(db)
    intake = take(reader, table, db, table.mirror, run, progress, stop)
    problem = intake.problem or Guard().verdict(table, 0, 0, intake.read, len(intake.set_aside))
    if not problem:
        problem, plain = _check(db, table, intake)
    if not intake.problem:
        keep_odd_rows(db, run, table, intake)
    if problem:
        db.execute(f"DELETE FROM {table.mirror}")
        hashes.forget(db, table)
    else:
        _begin_stamps(db, table, reader, began, plain)
    index_rest(db, table)
    rows = 0 if problem else intake.rows
    report = TableReport(
        table.name,
        table.title,
        began,
        clock.now(),
        rows=rows,
        inserted=rows,
        set_aside=len(intake.set_aside),
        notes=intake.noted,
        ok=not problem,
        problem=problem,
    )
    record(db, run, report)
    return report


def _check(db: apsw.Connection, table: Table, intake: Intake) -> tuple[str, bool]:
    """A sentence when rows are missing; and whether the amounts are whole cents in Sage."""
    if intake.set_aside:
        return "", False
    after = held(db, table)
    problem = disagreement(table, after, intake.read, intake.sums)
    return problem if after.rows != intake.read else "", not problem


def _begin_stamps(db: apsw.Connection, table: Table, reader: SageReader, began: datetime, plain: bool) -> None:
    """Looks how good Sage's stamps are, and where they have come to."""
    state = Reading(began, plain=plain)
    if reader.stamped(table):
        today = began.date()
        cursor = stamps.latest(db, table.mirror, today)
        state = replace(state, cursor=cursor, stamped=stamps.enough(db, table, today))
    stamps.save(db, table, state)


def _flush(path: Path) -> None:
    """Onto the disk before anything names this file, and only when SQLite has closed it, for its locks' sake."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
