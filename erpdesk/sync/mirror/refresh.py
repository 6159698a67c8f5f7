"""The mirror kept like Sage: loads it the first time, afterwards brings over what changed, one transaction a table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

import apsw

from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople
from erpdesk.sync.mirror import hashes, stamps
from erpdesk.sync.mirror.changes import take_changed, take_since
from erpdesk.sync.mirror.guard import Guard, vanished
from erpdesk.sync.mirror.intake import Intake, Progress, Stopped, keep_odd_rows, take
from erpdesk.sync.mirror.ledger import live_rows, next_run, record, record_failure, transaction
from erpdesk.sync.mirror.load import FirstLoad, look_for_stop
from erpdesk.sync.mirror.merge import STAGE, close_stage, merge, open_stage
from erpdesk.sync.mirror.report import RefreshReport, TableReport
from erpdesk.sync.mirror.stamps import Reading
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.mirror.totals import disagreement, held
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.tables import Table, catalogue
from erpdesk.workflows.sage_acts import Loss

NOTHING: Mapping[str, Loss] = MappingProxyType({})
_BROKEN = (apsw.NotADBError, apsw.CorruptError)


class Mirror:
    """The local copy of what Sage holds; ``refresh`` makes it like Sage. One refresh at a time.

    Every ``full_read_hours`` all rows of a table are read, whatever their stamps say.
    """

    def __init__(
        self, store: MirrorStore, *, clock: Clock = CLOCK, guard: Guard | None = None, full_read_hours: float = 24
    ) -> None:
        self.store = store
        self._clock = clock
        self._guard = guard or Guard()
        self._every = timedelta(hours=full_read_hours)
        self._lock = threading.Lock()

    def refresh(
        self,
        reader: SageReader,
        progress: Progress,
        stop: Callable[[], bool],
        *,
        force: Mapping[str, Loss] = NOTHING,
        full: bool = False,
        only: Collection[str] = (),
    ) -> RefreshReport:
        """Brings the mirror up to date with Sage; builds it when there is none that can be used.

        Rows are found by their stamps where Sage keeps them well, else (and for ``full``) every row is read and
        compared by its hash. ``force`` names tables (Sage's name or title) with the loss that a person has accepted: so
        much may go, and no more. With ``only``, other tables than the named ones are left as they are. Raises
        SageUnavailable or BadSageData when Sage cannot be read, ForPeople when the disk is full: tables already done
        stay done, the others are as before. A stop request ends it with ``stopped`` in the report. The reader is closed
        at the end.
        """
        with self._lock:
            wish = _Wish(self._guard, self._every, dict(force), full, frozenset(only))
            run = _Run(self.store, self._clock, reader, progress, stop, wish)
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


@dataclass(frozen=True)
class _Wish:
    """What a refresh is asked to do beyond the usual."""

    guard: Guard
    every: timedelta
    force: Mapping[str, Loss]
    full: bool
    only: frozenset[str]

    def accepted(self, table: Table) -> Loss | None:
        return self.force.get(table.name) or self.force.get(table.title)

    def wants(self, table: Table) -> bool:
        return not self.only or not self.only.isdisjoint((table.name, table.title))


class _Disagree(Exception):
    """What the mirror would hold after the merge is not what Sage says; the message is for people."""


class _Run:
    """One refresh under way, and what it has done so far."""

    def __init__(
        self,
        store: MirrorStore,
        clock: Clock,
        reader: SageReader,
        progress: Progress,
        stop: Callable[[], bool],
        wish: _Wish,
    ) -> None:
        self._store = store
        self._clock = clock
        self._reader = reader
        self._progress = progress
        self._stop = stop
        self._wish = wish
        self._began = clock.now()
        self._first = False
        self._done: list[TableReport] = []
        self._lacking: tuple[str, ...] = ()

    def report(self, *, stopped: bool = False) -> RefreshReport:
        """What was done up to now."""
        number = self._store.current()
        return RefreshReport(
            self._began,
            self._clock.now(),
            self._first,
            number,
            tuple(self._done),
            stopped,
            self._lacking,
            subset=bool(self._wish.only) and not self._first,
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
                report = self.report()
                if report.ok and not report.subset:
                    # A mirror from before is kept only as long as something is unsettled.
                    self._store.sweep()
                return report
            except _BROKEN:
                self._done.clear()
        self._first = True
        load = FirstLoad(self._reader, known, self._wish.guard, self._clock, self._progress, self._stop)
        self._done += load.run(self._store)
        return self.report()

    def _refresh(self, number: int, known: Capabilities) -> None:
        with self._store.writing(number) as db:
            look_for_stop(db, self._stop)
            for table in filter(self._wish.wants, catalogue()):
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
        """By stamps if they can be used; when that does not agree with Sage by all rows; at last without the hashes."""
        before = stamps.load(db, table)
        try:
            read = None if self._due(before) else self._by_stamps(db, table, report, before)
            if read is not None:
                return read
        except _Disagree:
            pass
        try:
            return self._by_all_rows(db, table, report, before)
        except _Disagree:
            with transaction(db):
                hashes.forget(db, table)
        try:
            return self._by_all_rows(db, table, report, before)
        except _Disagree as error:
            return replace(report, read_ended=self._clock.now(), problem=str(error))

    def _due(self, before: Reading | None) -> bool:
        """Whether all rows are to be read; a clock that was set back does not put it off."""
        return self._wish.full or self._overdue(before)

    def _overdue(self, before: Reading | None) -> bool:
        return before is None or abs(self._clock.now() - before.full_at) >= self._wish.every

    def _by_stamps(
        self, db: apsw.Connection, table: Table, report: TableReport, before: Reading | None
    ) -> TableReport | None:
        since = before.since(self._clock.now()) if before and self._reader.stamped(table) else None
        odd = db.execute('SELECT 1 FROM set_aside WHERE "table" = ? LIMIT 1', (table.name,)).get
        if before is None or since is None or odd:
            return None
        with transaction(db, "BEGIN"):
            found = take_since(self._reader, table, db, since, self._progress, self._stop)
        if found is None:
            return None
        intake, totals = found
        # As far as Sage's own total goes; the sizes are those of the mirror's amounts.
        intake.sums = {name: (total, 0.0) for name, total in totals.sums.items()}
        return self._merge(db, table, replace(report, full=False), intake, before)

    def _by_all_rows(
        self, db: apsw.Connection, table: Table, report: TableReport, before: Reading | None
    ) -> TableReport:
        columns = tuple(column.name for column in self._reader.columns(table))
        # These transactions fill the staging tables only: the mirror itself is locked for no longer than the merge.
        if before is not None and hashes.known(db, table, columns):
            with transaction(db, "BEGIN"):
                intake = take_changed(self._reader, table, db, self._progress, self._stop)
        else:
            open_stage(db, table)
            with transaction(db, "BEGIN"):
                intake = take(self._reader, table, db, STAGE, None, self._progress, self._stop)
        intake.window = before.window() if before and before.stamped else None
        if intake.problem:
            ended = self._clock.now()
            return replace(report, read_ended=ended, set_aside=len(intake.set_aside), problem=intake.problem)
        return self._merge(db, table, report, intake, before)

    def _merge(
        self, db: apsw.Connection, table: Table, report: TableReport, intake: Intake, before: Reading | None
    ) -> TableReport:
        report = replace(report, read_ended=self._clock.now())
        with transaction(db):
            run = next_run(db)
            merged = merge(db, table, intake, run, self._wish.guard, accepted=self._wish.accepted(table))
            plain = False if merged.problem else self._agree(db, table, intake, before)
            report = replace(
                report,
                rows=live_rows(db, table),
                inserted=merged.inserted,
                updated=merged.updated,
                gone=merged.gone,
                set_aside=len(intake.set_aside),
                notes=keep_odd_rows(db, run, table, intake),
                problem=merged.problem,
                loss=merged.loss,
            )
            if report.problem:
                return report
            self._move_on(db, table, report, intake, before, plain, merged.hidden)
            record(db, run, report)
        return report

    def _agree(self, db: apsw.Connection, table: Table, intake: Intake, before: Reading | None) -> bool:
        """Whether the mirror's totals can be compared with Sage's; raises _Disagree when they can and differ."""
        after = held(db, table)
        # Of a row that was set aside the mirror may hold what it held before.
        if not intake.rows <= after.rows <= intake.read:
            raise _Disagree(disagreement(table, after, intake.read, intake.sums))
        if intake.set_aside:
            return False
        problem = disagreement(table, after, intake.read, intake.sums)
        # A reading of every row says whether the amounts are whole cents in Sage.
        if problem and not intake.whole and before is not None and before.plain:
            raise _Disagree(problem)
        return not problem if intake.whole else bool(before and before.plain)

    def _move_on(
        self,
        db: apsw.Connection,
        table: Table,
        report: TableReport,
        intake: Intake,
        before: Reading | None,
        plain: bool,
        hidden: int,
    ) -> None:
        """The cursor goes on with the rows, in the same transaction."""
        now = report.read_began
        state = before or Reading(now)
        state = replace(state, plain=plain)
        if self._reader.stamped(table):
            state = replace(state, cursor=max(state.cursor, stamps.latest(db, STAGE, now.date())))
            if not intake.by_stamps and self._overdue(before):
                state = replace(state, stamped=stamps.enough(db, table, now.date()))
        if not intake.by_stamps:
            state = replace(state, full_at=now, hidden_at=now if hidden else state.hidden_at)
        stamps.save(db, table, state)

    def _vanished(self, db: apsw.Connection, table: Table) -> TableReport:
        now = self._clock.now()
        return record_failure(db, table, TableReport(table.name, table.title, now, now, problem=vanished(table)))


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
