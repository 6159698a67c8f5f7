"""The one thread that talks to Sage: recovery, then exports, then the mirror; it speaks in frozen events."""

from __future__ import annotations

import logging
import math
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from erpdesk.core.changes import SAGE, Changes
from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople, SageUnavailable
from erpdesk.sync.events import (
    Changed,
    Exporting,
    Idle,
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
from erpdesk.sync.sage.reader import SageReader

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How often the worker does what, in seconds."""

    recover: float = 300
    watch: float = 1
    """Between two looks at the mailbox while an item is on its way."""
    watch_in_trouble: float = 10
    back_off: float = 5
    """The first pause when Sage cannot be reached; it doubles each time, with some chance in it."""
    longest_back_off: float = 300
    quiet_tries: int = 5
    """Failures in a row before it is shown as trouble."""
    rounds: int = 100
    """Export rounds in one go, before the mirror gets its turn."""


class Worker(threading.Thread):
    """Does everything that touches Sage, one thing after another; every method may be called from any other thread.

    ``emit`` hears events, from this thread. ``exporter`` None means read only. ``reader`` reads for the mirror.
    """

    def __init__(
        self,
        *,
        mirror: Mirror,
        reader: SageReader,
        exporter: Exporter | None,
        emit: Callable[[SyncEvent], None],
        interval: timedelta = timedelta(minutes=15),
        clock: Clock = CLOCK,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(name="erpdesk-sync", daemon=True)
        self._mirror, self._reader, self._exporter = mirror, reader, exporter
        self._tell = emit
        self._clock = clock
        self._pace = pace or Pace()
        self._interval = interval.total_seconds()
        self._bell = threading.Condition()
        self._rung = False
        self._stopping = False
        self._paused = False
        self._export_at = self._recover_at = self._refresh_at = 0.0
        self._failures = 0
        self._trouble = ""
        self._exporting = 0
        self._held = Changes()
        self._last: RefreshReport | None = None

    def wake(self) -> None:
        """Something was accepted: export now."""
        with self._bell:
            self._export_at = 0.0
            self._ring()

    def sync_now(self) -> None:
        """Reads Sage again now and looks anew at everything in doubt; ends a pause."""
        with self._bell:
            self._paused = False
            self._export_at = self._recover_at = self._refresh_at = 0.0
            self._ring()

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
            if (self._held or self._refresh_at <= self._clock.monotonic()) and not self._interrupted():
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
        if report.troubles or ended:
            self._show(" ".join(report.troubles))
        if report.posted:
            self._held |= report.changes
        elif report.changes:
            self._emit(Changed(report.changes))
        if report.unavailable is not None:
            raise report.unavailable

    def _later(self, seconds: float) -> float:
        return self._clock.monotonic() + self._clock.wait_seconds(seconds)

    def _refresh(self) -> None:
        self._refresh_at = self._later(self._interval)
        try:
            report = self._mirror.refresh(
                self._reader, lambda table, done, total: self._emit(Syncing(table, done, total)), self._interrupted
            )
        except BaseException:
            self._refresh_at = 0.0
            raise
        if report.stopped:
            self._refresh_at = 0.0
            return
        self._last = report
        changed = [table.table for table in report.tables if table.changed]
        if report.first_load:
            changed = [table.table for table in report.tables]
        if changed:
            self._emit(Changed(Changes.of(SAGE, *changed)))
        self._emit_idle()

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
        """A sentence for people, told once and again only after it was over ('')."""
        if text and text != self._trouble:
            self._emit(Trouble(text))
        self._trouble = text

    def _halted(self) -> bool:
        return self._stopping

    def _interrupted(self) -> bool:
        return self._stopping or self._paused

    def _sleep(self, seconds: float | None) -> None:
        with self._bell:
            if not self._rung:
                self._bell.wait(seconds)
            self._rung = False

    def _ring(self) -> None:
        self._rung = True
        self._bell.notify_all()

    def _emit(self, event: SyncEvent) -> None:
        try:
            self._tell(event)
        except Exception:
            LOG.exception("an event could not be delivered: %r", event)
