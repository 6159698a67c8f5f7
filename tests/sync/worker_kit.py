"""What the tests of the sync thread share: an ear for its events, a worker of real parts, and who sits at Sage."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from erpdesk.core.clock import CLOCK, Clock
from erpdesk.sync.events import SyncEvent
from erpdesk.sync.export.exporter import Exporter, Timing
from erpdesk.sync.export.mailbox import no_hook
from erpdesk.sync.pace import Pace
from erpdesk.sync.sage.doors import Connect, open_standin
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.sync.worker import Worker
from tests.town import Town

E = TypeVar("E", bound=SyncEvent)
QUICK = Timing(settle=timedelta(0), evidence=timedelta(0), look=timedelta(0), again=timedelta(0))
PACE = Pace(watch=0.02, watch_in_trouble=0.05, back_off=0.02, longest_back_off=0.05, quiet_tries=3)
PATIENCE = 20.0


class Ear:
    """Hears the worker's events; waits for one of a kind."""

    def __init__(self, on_event: Callable[[SyncEvent], None] = lambda event: None) -> None:
        self._events: queue.Queue[SyncEvent] = queue.Queue()
        self._on_event = on_event
        self.heard: list[SyncEvent] = []

    def __call__(self, event: SyncEvent) -> None:
        self._on_event(event)
        self._events.put(event)

    def wait(self, kind: type[E], such: Callable[[E], bool] = lambda event: True) -> E:
        """The next event of this kind; those before it are kept in ``heard``."""
        until = time.monotonic() + PATIENCE
        while True:
            event = self._events.get(timeout=max(0.01, until - time.monotonic()))
            self.heard.append(event)
            if isinstance(event, kind) and such(event):
                return event


def worker_of(
    town: Town,
    ear: Ear,
    *,
    connect: Connect | None = None,
    at: Callable[[str], None] = no_hook,
    interval: timedelta = timedelta(hours=1),
    clock: Clock = CLOCK,
    pace: Pace = PACE,
    after_read: Callable[[], object] = lambda: None,
) -> Worker:
    connect = connect or open_standin(town.sage.folder)
    exporter = Exporter(
        town.store.sessions,
        company=town.settings.company,
        imports=town.sage.imports,
        journal=town.folder / "journal",
        reader=FreshReader(connect),
        timing=QUICK,
        at=at,
    )
    reader = FreshReader(connect)
    return Worker(
        mirror=town.mirror,
        reader=reader,
        exporter=exporter,
        emit=ear,
        interval=interval,
        clock=clock,
        pace=pace,
        after_read=after_read,
    )


@contextmanager
def running(worker: Worker, town: Town | None = None) -> Iterator[None]:
    """The worker at work, and whoever sits at Sage when there is a town."""
    operator = SandboxOperator(town.sage, interval=0.02) if town else None
    worker.start()
    if operator:
        operator.start()
    try:
        yield
    finally:
        assert worker.stop(10)
        if operator:
            operator.stop()
