"""The first load: a new mirror file beside the current one, written without journal and only then made current."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import apsw

from erpdesk.core.clock import Clock
from erpdesk.sync.mirror import hashes, stamps
from erpdesk.sync.mirror.earlier import Earlier
from erpdesk.sync.mirror.guard import Guard, vanished
from erpdesk.sync.mirror.intake import Intake, Progress, keep_odd_rows, take
from erpdesk.sync.mirror.ledger import next_run, record
from erpdesk.sync.mirror.report import TableReport
from erpdesk.sync.mirror.stamps import Reading
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.mirror.tables import create, index_key, index_rest
from erpdesk.sync.mirror.totals import disagreement, held
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import Table, catalogue

_OPCODES_BETWEEN_LOOKS = 200_000
_CACHE_KB = 16_000


def look_for_stop(db: apsw.Connection, stop: Callable[[], bool]) -> None:
    """Lets a stop request reach into a long statement, which then raises ``apsw.InterruptError``."""
    db.set_progress_handler(stop, _OPCODES_BETWEEN_LOOKS)


@dataclass(frozen=True)
class FirstLoad:
    """How a new mirror is built and made current; one that stood before it says what the guard compares with."""

    reader: SageReader
    known: Capabilities
    guard: Guard
    clock: Clock
    progress: Progress
    stop: Callable[[], bool]

    def run(self, store: MirrorStore) -> tuple[TableReport, ...]:
        """Builds it; answers how each table went.

        When it fails or is stopped (``Stopped``, or ``apsw.InterruptError`` out of a long statement), the new file is
        removed and the current mirror stays what it was. The earlier file stays too while a table was not believed.
        """
        store.folder.mkdir(parents=True, exist_ok=True)
        store.sweep()
        number = store.next_number()
        try:
            with store.earlier() as earlier:
                if earlier is not None:
                    look_for_stop(earlier, self.stop)
                reports = self._build(store.path(number), Earlier(earlier))
        except BaseException:
            store.discard(number)
            raise
        store.switch(number, keep=not all(report.ok for report in reports))
        return reports

    def _build(self, path: Path, earlier: Earlier) -> tuple[TableReport, ...]:
        db = apsw.Connection(str(path))
        try:
            # Nobody reads this file yet and a half-built one is thrown away, so it needs no journal.
            db.pragma("journal_mode", "OFF")
            db.pragma("synchronous", "OFF")
            # Room to sort for the indexes, the same however large the company is.
            db.pragma("cache_size", -_CACHE_KB)
            look_for_stop(db, self.stop)
            db.execute("BEGIN")
            create(db)
            reports = tuple(report for table in catalogue() if (report := self._table(db, table, earlier)) is not None)
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

    def _table(self, db: apsw.Connection, table: Table, earlier: Earlier) -> TableReport | None:
        if self.known.has(table):
            return self._load(db, table, earlier)
        if not earlier.rows(table):
            return None
        now = self.clock.now()
        index_key(db, table, table.mirror)
        return self._keep(db, table, earlier, TableReport(table.name, table.title, now, now, problem=vanished(table)))

    def _load(self, db: apsw.Connection, table: Table, earlier: Earlier) -> TableReport:
        report = TableReport(table.name, table.title, self.clock.now(), self.clock.now())
        run = next_run(db)
        intake = take(self.reader, table, db, table.mirror, run, self.progress, self.stop)
        problem, loss, plain = intake.problem, None, False
        if not problem:
            problem, loss = earlier.verdict(db, table, intake, self.guard)
        if not problem:
            problem, plain = _check(db, table, intake)
        report = replace(
            report,
            read_ended=self.clock.now(),
            set_aside=len(intake.set_aside),
            notes=intake.noted,
            problem=problem,
            loss=loss,
        )
        if problem:
            db.execute(f"DELETE FROM {table.mirror}")
            hashes.forget(db, table)
            return self._keep(db, table, earlier, report, intake)
        keep_odd_rows(db, run, table, intake)
        _begin_stamps(db, table, self.reader, report.read_began, plain)
        index_rest(db, table)
        report = replace(report, rows=intake.rows, inserted=intake.rows)
        record(db, run, report)
        return report

    def _keep(
        self, db: apsw.Connection, table: Table, earlier: Earlier, report: TableReport, intake: Intake | None = None
    ) -> TableReport:
        """The earlier mirror's rows in place of those that came, if it can be read, and since when they are so."""
        rows = earlier.carry(db, table, next_run(db))
        index_rest(db, table)
        good = earlier.last_good(table, rows) if rows else None
        if good is not None:
            record(db, next_run(db), good)
        run = next_run(db)
        if intake is not None and not intake.problem:
            keep_odd_rows(db, run, table, intake)
        report = replace(report, ok=False, rows=rows)
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
