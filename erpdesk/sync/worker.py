"""The one thread that talks to Sage: recovery, then exports, then the mirror; it speaks in frozen events."""

from __future__ import annotations

import logging
import math
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from erpdesk.core.changes import SAGE, Changes
from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople, SageUnavailable
from erpdesk.sync.events import (
    Changed,
    Exporting,
    Idle,
    LossSeen,
    Paused,
    Stopped,
    SyncEvent,
    Syncing,
    Trouble,
    Waiting,
)
from erpdesk.sync.export.exporter import Exporter, Report
from erpdesk.sync.mirror.refresh import Mirror
from erpdesk.sync.mirror.report import RefreshReport
from erpdesk.sync.pace import Pace, SleepWatch
from erpdesk.sync.sage.reader import SageReader
from erpdesk.workflows.sage_acts import Loss

LOG = logging.getLogger(__name__)

AFTER_EXPORT = (
    *("JCM_MASTER__JOB", "JCM_MASTER__CATEGORY", "JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"),
    *("JCM_MASTER__COMMITMENT_CO", "JCM_MASTER__COMMITMENT_CO_ITEM"),
)
"""The tables that an imported commitment shows in: itself, and the committed cost of its job and categories."""


class Worker(threading.Thread):
    """Does everything that touches Sage, one thing after another; every method may be called from any other thread.

    ``emit`` hears events, from this thread. ``exporter`` None means read only. ``reader`` reads for the mirror.
    ``interval`` lies between two readings that nobody asked for. ``after_read`` is called on this thread after each
    reading that was not stopped.
    """

    def __init__(
        self,
        *,
        mirror: Mirror,
        reader: SageReader,
        exporter: Exporter | None,
        emit: Callable[[SyncEvent], None],
        interval: timedelta = timedelta(minutes=5),
        clock: Clock = CLOCK,
        pace: Pace | None = None,
        after_read: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(name="erpdesk-sync", daemon=True)
        self._mirror, self._reader, self._exporter = mirror, reader, exporter
        self._tell = emit
        self._after_read = after_read
        self._clock = clock
        self._pace = pace or Pace()
        self.interval = interval
        self._bell = threading.Condition()
        self._rung = False
        self._stopping = False
        self._paused = False
        self._export_at = self._recover_at = self._refresh_at = 0.0
        self._failures = 0
        self._trouble = ""
        self._late = ""
        self._exporting = 0
        self._held = Changes()
        self._last: RefreshReport | None = None
        self._full = False
        self._forced: dict[str, Loss] = {}
        self._losses: dict[str, str] = {}
        self._sleep_watch = SleepWatch(clock, self._pace.slept)

    def wake(self) -> None:
        """Something was accepted: export now."""
        with self._bell:
            self._export_at = 0.0
            self._ring()

    def sync_now(self, full: bool = False) -> None:
        """Reads Sage again now and looks anew at everything in doubt; ends a pause.

        ``full`` compares every row of every table, not only those that Sage stamped since.
        """
        with self._bell:
            self._paused = False
            self._full = self._full or full
            self._export_at = self._recover_at = self._refresh_at = 0.0
            self._ring()

    def close_files(self) -> None:
        """A person closes the files that wait for more items: they go to Sage now."""
        if self._exporter is not None:
            self._exporter.close_files()
        self.wake()

    def accept_loss(self, table: str, loss: Loss) -> None:
        """Reads a table (its title) again, and this once takes over what is gone, up to this loss: a person said so.

        The permission is used up by the next reading, even when that fails before it comes to the table.
        """
        with self._bell:
            self._forced[table] = loss
            self._ring()

    @property
    def paused(self) -> bool:
        """Whether somebody paused it."""
        return self._paused

    @property
    def stopping(self) -> bool:
        """Whether it was told to end."""
        return self._stopping

    def pause(self) -> None:
        """Stops reading and sending after the step under way, until ``resume``."""
        with self._bell:
            self._paused = True
            self._ring()

    def resume(self) -> None:
        """Goes on after ``pause``."""
        with self._bell:
            self._paused = False
            self._ring()

    def stop(self, timeout: float = 5.0) -> bool:
        """Ends the thread: a read that hangs is cancelled. True when it has ended within ``timeout`` seconds; when not,
        the thread is left behind and dies with the program; nothing it could still do is lost or done twice."""
        with self._bell:
            self._stopping = True
            self._ring()
        self._reader.cancel()
        if self._exporter is not None:
            self._exporter.cancel()
        if self.is_alive():
            self.join(timeout)
        return not self.is_alive()

    def run(self) -> None:
        """The thread's life: work that is due, then sleep until the next is due or somebody rings."""
        told_paused = False
        while not self._halted():
            if self._paused:
                if not told_paused:
                    told_paused = True
                    self._emit(Paused())
                self._sleep(None)
                continue
            if told_paused:
                told_paused = False
                self._emit_idle()
            self._sleep(self._turn())
        self._emit(Stopped())

    def _turn(self) -> float:
        """Does all that is due; answers in how many seconds the next thing is."""
        try:
            self._do_due()
        except SageUnavailable as error:
            return self._back_off(error)
        except ForPeople as error:
            self._show(str(error))
            return self._back_off(None)
        except Exception:
            # A bug must not silence the worker: it is logged, shown, and the next turn may do better.
            LOG.exception("the sync thread met an unexpected error")
            self._show(
                "Something unexpected went wrong while erpdesk worked with Sage. Nothing was lost; the log says more. "
                "erpdesk tries again by itself."
            )
            return self._back_off(None)
        if self._failures:
            self._failures = 0
            self._emit_idle()
        due = [self._refresh_at]
        if self._exporter is not None:
            due += [self._export_at, self._recover_at]
        return max(0.0, min(due) - self._clock.monotonic())

    def _do_due(self) -> None:
        now = self._clock.monotonic()
        try:
            if self._exporter is not None and min(self._export_at, self._recover_at) <= now:
                self._export(self._exporter)
            wanted = self._held or self._forced or self._refresh_at <= self._clock.monotonic()
            if wanted and not self._interrupted():
                self._refresh()
        finally:
            # What turned to synced is shown together with what Sage now holds, so that both agree.
            held, self._held = self._held, Changes()
            if held:
                self._emit(Changed(held))

    def _export(self, exporter: Exporter) -> None:
        """Recovery when it is due, then export rounds until nothing moves any more."""
        again = 0.0
        try:
            for _ in range(self._pace.rounds):
                exporter.renew()
                if self._interrupted():
                    break
                # A call for the worker that comes from here on counts for the next round, not for this one.
                self._export_at = math.inf
                recover = self._recover_at <= self._clock.monotonic()
                if recover:
                    self._recover_at = self._later(self._pace.recover)
                report = exporter.recover() if recover else exporter.step()
                if recover and not exporter.recovered:
                    self._recover_at = self._later(self._pace.watch_in_trouble)
                ended = not report.progress and not recover
                self._tell_report(report, ended)
                if ended:
                    again = self._next_round(report)
                    break
            else:
                again = self._later(self._pace.watch)
        finally:
            self._export_at = min(self._export_at, again)

    def _next_round(self, report: Report) -> float:
        pause = self._pace.watch_in_trouble if report.troubles else self._pace.watch
        due = self._later(pause if report.exporting else self._pace.recover)
        if report.look_again is not None and not report.exporting:
            due = min(due, self._later((report.look_again - self._clock.now()).total_seconds()))
        return due

    def _tell_report(self, report: Report, ended: bool) -> None:
        if report.exporting != self._exporting:
            self._exporting = report.exporting
            self._emit(Exporting(report.exporting))
        if report.late:
            self._late = report.late
        elif not report.exporting:
            self._late = ""
        if report.troubles or ended:
            self._show(" ".join((*report.troubles, *([self._late] if self._late else []))))
        if report.posted:
            self._held |= report.changes
        elif report.changes:
            self._emit(Changed(report.changes))
        if report.unavailable is not None:
            raise report.unavailable

    def _later(self, seconds: float) -> float:
        return self._clock.monotonic() + self._clock.wait_seconds(seconds)

    def _refresh(self) -> None:
        """Reads Sage: everything when it is due, else what an export or an accepted loss asks for."""
        with self._bell:
            full, self._full = self._full, False
            force, self._forced = self._forced, {}
            only: frozenset[str] = frozenset()
            if self._last is not None and self._refresh_at > self._clock.monotonic():
                only = frozenset((*force, *(AFTER_EXPORT if self._held else ())))
            else:
                self._refresh_at = self._later(self.interval.total_seconds())
        report: RefreshReport | None = None
        try:
            report = self._mirror.refresh(
                self._reader,
                lambda table, done, total: self._emit(Syncing(table, done, total)),
                self._interrupted,
                force=force,
                full=full,
                only=only,
            )
        finally:
            if report is None or report.stopped:
                with self._bell:
                    self._refresh_at = 0.0
                    # Comparing everything does no harm when it comes later; taking a loss over might.
                    self._full = self._full or full
            self._tell_unused(force, report)
        if report.stopped:
            return
        self._last = _joined(self._last, report)
        self._tell_losses(report)
        try:
            self._after_read()
        except ForPeople as error:
            self._show(str(error))
        finally:
            changed = [table.table for table in report.tables if table.changed or report.first_load]
            if changed:
                self._emit(Changed(Changes.of(SAGE, *changed)))
            self._emit_idle()

    def _tell_unused(self, force: Mapping[str, Loss], report: RefreshReport | None) -> None:
        tables = report.tables if report is not None else ()
        unused = sorted(set(force) - {name for each in tables for name in (each.table, each.title)})
        larger = [each.title for each in tables if each.loss and not {each.table, each.title}.isdisjoint(force)]
        if larger:
            self._show(
                f"The accepted loss was not taken over, because more is gone by now: {', '.join(larger)}. "
                "The earlier rows are kept. Look at the loss again and decide anew."
            )
        if unused and not self._stopping:
            self._show(
                f"The accepted loss was not taken over, because Sage could not be read: {', '.join(unused)}. "
                "The earlier rows are kept. Accept it again once Sage can be read."
            )

    def _tell_losses(self, report: RefreshReport) -> None:
        for table in report.tables:
            problem = table.problem if table.loss else ""
            if problem and self._losses.get(table.title) != problem:
                self._emit(LossSeen(table.title, problem))
            self._losses[table.title] = problem

    def _emit_idle(self) -> None:
        last = self._last
        self._emit(Idle(last.began, last.rows, last.problems) if last else Idle(None, 0))

    def _back_off(self, error: SageUnavailable | None) -> float:
        self._failures += 1
        seconds = min(self._pace.back_off * 2 ** min(self._failures - 1, 20), self._pace.longest_back_off)
        seconds = self._clock.wait_seconds(seconds * random.uniform(0.8, 1.2))
        again = self._clock.monotonic() + seconds
        self._refresh_at = max(self._refresh_at, again)
        self._recover_at, self._export_at = max(self._recover_at, again), max(self._export_at, again)
        if error is not None:
            self._emit(Waiting(str(error), self._clock.now() + timedelta(seconds=seconds)))
            if self._failures >= self._pace.quiet_tries:
                self._show(str(error))
        return seconds

    def _show(self, text: str) -> None:
        """A sentence for people, told once and again only after it was over ('', which is told too)."""
        if text != self._trouble:
            self._emit(Trouble(text))
        self._trouble = text

    def _halted(self) -> bool:
        return self._stopping

    def _interrupted(self) -> bool:
        return self._stopping or self._paused

    def _sleep(self, seconds: float | None) -> None:
        """Waits so long, or until somebody rings or the machine itself has slept; None waits for the bell only."""
        until = math.inf if seconds is None else self._clock.monotonic() + seconds
        with self._bell:
            while not self._rung and (left := until - self._clock.monotonic()) > 0:
                self._bell.wait(min(left, self._pace.look))
                if self._sleep_watch.slept():
                    # What was read before the lid was closed is old, whatever the seconds of this machine say.
                    self._export_at = self._recover_at = self._refresh_at = 0.0
                    break
            self._rung = False

    def _ring(self) -> None:
        self._rung = True
        self._bell.notify_all()

    def _emit(self, event: SyncEvent) -> None:
        try:
            self._tell(event)
        except Exception:
            LOG.exception("an event could not be delivered: %r", event)


def _joined(last: RefreshReport | None, report: RefreshReport) -> RefreshReport:
    """What is known after a run of some tables only: the others as they were, and as old as they were."""
    if last is None or not report.subset:
        return report
    fresh = {each.table: each for each in report.tables}
    return replace(report, began=last.began, tables=tuple(fresh.get(each.table, each) for each in last.tables))
