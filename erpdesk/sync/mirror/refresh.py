"""The mirror kept like Sage: loads it the first time, afterwards brings over what changed, one transaction a table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import replace

import apsw

from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople
from erpdesk.sync.mirror.guard import Guard
from erpdesk.sync.mirror.intake import Progress, Stopped, keep_odd_rows, take
from erpdesk.sync.mirror.ledger import live_rows, next_run, record, record_failure, transaction
from erpdesk.sync.mirror.load import first_load, look_for_stop
from erpdesk.sync.mirror.merge import STAGE, close_stage, merge, open_stage
from erpdesk.sync.mirror.report import RefreshReport, TableReport
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import Table, catalogue

_BROKEN = (apsw.NotADBError, apsw.CorruptError)


class Mirror:
    """The local copy of what Sage holds; ``refresh`` makes it like Sage. One refresh at a time."""

    def __init__(self, store: MirrorStore, *, clock: Clock = CLOCK, guard: Guard | None = None) -> None:
        self.store = store
        self._clock = clock
        self._guard = guard or Guard()
        self._lock = threading.Lock()

    def refresh(
        self,
        reader: SageReader,
        progress: Progress,
        stop: Callable[[], bool],
        *,
        force: Collection[str] = (),
    ) -> RefreshReport:
        """Reads every table of Sage and brings the mirror up to date; builds it when there is none that can be used.

        ``force`` names tables (Sage's name or title) whose losses a person has accepted. Raises SageUnavailable or
        BadSageData when Sage cannot be read, ForPeople when the disk is full: tables already done stay done, the others
        are as before. A stop request ends it with ``stopped`` in the report. The reader is closed at the end.
        """
        with self._lock:
            run = _Run(self.store, self._clock, self._guard, reader, progress, stop, frozenset(force))
            reader.renew()
            try:
                return run.all_tables()
            except (Stopped, apsw.InterruptError):
                return run.report(stopped=True)
            except ForPeople:
                # A read that was cancelled for the sake of a stop is no trouble with Sage.
                if stop():
                    return run.report(stopped=True)
                raise
            except (apsw.FullError, apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError, OSError) as error:
                raise _disk(error, self.store) from error
            finally:
                reader.close()


class _Run:
    """One refresh under way, and what it has done so far."""

    def __init__(
        self,
        store: MirrorStore,
        clock: Clock,
        guard: Guard,
        reader: SageReader,
        progress: Progress,
        stop: Callable[[], bool],
        force: frozenset[str],
    ) -> None:
        self._store = store
        self._clock = clock
        self._guard = guard
        self._reader = reader
        self._progress = progress
        self._stop = stop
        self._force = force
        self._began = clock.now()
        self._first = False
        self._done: list[TableReport] = []
        self._lacking: tuple[str, ...] = ()

    def report(self, *, stopped: bool = False) -> RefreshReport:
        """What was done up to now."""
        number = self._store.current()
        return RefreshReport(
            self._began, self._clock.now(), self._first, number, tuple(self._done), stopped, self._lacking
        )

    def all_tables(self) -> RefreshReport:
        """Refreshes the current mirror, or builds one when there is none that can be used."""
        if self._stop():
            raise Stopped
        known = self._reader.probe()
        self._lacking = known.sentences()
        number = self._store.usable()
        if number is not None:
            try:
                self._refresh(number, known)
                return self.report()
            except _BROKEN:
                self._done.clear()
        self._first = True
        self._done += first_load(self._store, self._reader, known, self._clock, self._progress, self._stop)
        return self.report()

    def _refresh(self, number: int, known: Capabilities) -> None:
        with self._store.writing(number) as db:
            look_for_stop(db, self._stop)
            for table in catalogue():
                if known.has(table):
                    self._done.append(self._table(db, table))
                elif live_rows(db, table):
                    self._done.append(self._vanished(db, table))
            close_stage(db)

    def _table(self, db: apsw.Connection, table: Table) -> TableReport:
        report = TableReport(table.name, table.title, self._clock.now(), self._clock.now())
        try:
            report = self._stage_and_merge(db, table, report)
        except ForPeople as error:
            if not self._stop():
                problem = f"{table.title}: {error}"
                record_failure(db, table, replace(report, read_ended=self._clock.now(), problem=problem))
            raise
        return record_failure(db, table, report) if report.problem else report

    def _stage_and_merge(self, db: apsw.Connection, table: Table, report: TableReport) -> TableReport:
        open_stage(db, table)
        # This transaction fills the staging table only: the mirror itself is locked for no longer than the merge.
        with transaction(db, "BEGIN"):
            intake = take(self._reader, table, db, STAGE, None, self._progress, self._stop)
        report = replace(
            report,
            read_ended=self._clock.now(),
            set_aside=len(intake.set_aside),
            notes=intake.noted,
            problem=intake.problem,
        )
        if report.problem:
            return report
        forced = not self._force.isdisjoint((table.name, table.title))
        with transaction(db):
            run = next_run(db)
            merged = merge(db, table, intake, run, self._guard, force=forced)
            keep_odd_rows(db, run, table, intake)
            report = replace(
                report,
                rows=live_rows(db, table),
                inserted=merged.inserted,
                updated=merged.updated,
                gone=merged.gone,
                problem=merged.problem,
            )
            if not report.problem:
                record(db, run, report)
        return report

    def _vanished(self, db: apsw.Connection, table: Table) -> TableReport:
        now = self._clock.now()
        problem = (
            f"{table.title}: Sage no longer shows the table {table.name}. The earlier rows are kept. "
            "Check the permissions of the Sage user."
        )
        return record_failure(db, table, TableReport(table.name, table.title, now, now, problem=problem))


def _disk(error: Exception, store: MirrorStore) -> ForPeople:
    if isinstance(error, apsw.FullError) or getattr(error, "errno", None) == 28:
        return ForPeople(
            f"The disk with {store.folder} is full, so what Sage holds could not be copied.",
            kept="Nothing is lost: your own work is kept elsewhere, and Sage was only read.",
            next_step="Free some space, then sync again.",
        )
    return ForPeople(
        f"The copy of what Sage holds could not be written in {store.folder} ({error}).",
        kept="Nothing is lost: your own work is kept elsewhere, and Sage was only read.",
        next_step="Check that erpdesk may write in this folder, then sync again.",
    )
