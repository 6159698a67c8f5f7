"""Work off the GUI thread: one writer, two readers, answers delivered on the GUI thread."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from erpdesk.core.errors import ForPeople
from erpdesk.views.kit.bridge import Bridge

T = TypeVar("T")
Failed = Callable[[BaseException], object]
READERS = 2


class JobsClosed(RuntimeError):
    """Work was handed in after the program began to close."""


@dataclass(frozen=True, slots=True)
class _Job:
    number: int
    fn: Callable[[], object]
    done: Callable[..., object] | None
    failed: Failed | None
    key: Hashable = None
    drop_at_close: bool = False


@dataclass(frozen=True, slots=True)
class _Lane:
    name: str
    most: int
    jobs: queue.SimpleQueue[_Job | None] = field(default_factory=queue.SimpleQueue)
    threads: list[threading.Thread] = field(default_factory=list)


class Jobs:
    """Runs callables off the GUI thread and never lets an error go unheard.

    ``report`` is told of every bug, and of each error for people that has no ``failed`` of its own. The threads are
    daemons: one that hangs in a read cannot keep the program from ending.
    """

    def __init__(self, bridge: Bridge, report: Failed) -> None:
        self._bridge = bridge
        self._report = report
        self._lock = threading.Lock()
        self._open = True
        self._writes = _Lane("erpdesk-write", 1)
        self._reads = _Lane("erpdesk-read", READERS)
        self._numbers = itertools.count(1)
        self._latest: dict[Hashable, int] = {}
        self._under_way = 0

    def write(
        self,
        fn: Callable[[], T],
        done: Callable[[T], object] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Runs ``fn`` on the one writer thread, after what was written before; raises JobsClosed after ``close``."""
        self._hand_in(self._writes, _Job(next(self._numbers), fn, done, failed))

    def read(
        self,
        fn: Callable[[], T],
        done: Callable[[T], object] | None = None,
        failed: Failed | None = None,
        key: Hashable = None,
    ) -> None:
        """Runs ``fn`` on a reader thread; a later read with the same key makes the earlier answer void."""
        self._hand_in(self._reads, _Job(next(self._numbers), fn, done, failed, key, drop_at_close=True))

    def forget(self, key: Hashable) -> None:
        """Makes the answer of the read with this key void."""
        with self._lock:
            self._latest.pop(key, None)

    @property
    def idle(self) -> bool:
        """True when nothing is queued, running or waiting to be delivered."""
        with self._lock:
            return self._under_way == 0

    def close(self, timeout: float = 5.0) -> bool:
        """Finishes queued writes, drops reads, takes no more; False when something still ran after ``timeout`` seconds.

        Answers of those last writes are delivered if the GUI thread still runs its loop; their work is done anyway.
        """
        with self._lock:
            self._open = False
            threads = [*self._writes.threads, *self._reads.threads]
        deadline = time.monotonic() + timeout
        for lane in (self._writes, self._reads):
            for _ in lane.threads:
                lane.jobs.put(None)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _hand_in(self, lane: _Lane, job: _Job) -> None:
        with self._lock:
            if not self._open:
                raise JobsClosed("The program is closing; nothing more can be done in it.")
            if job.key is not None:
                self._latest[job.key] = job.number
            self._under_way += 1
            # Threads are started when they are first needed, so the window does not wait for them.
            if len(lane.threads) < lane.most:
                name = f"{lane.name}-{len(lane.threads) + 1}"
                thread = threading.Thread(target=self._work, args=(lane.jobs,), name=name, daemon=True)
                lane.threads.append(thread)
                thread.start()
        lane.jobs.put(job)

    def _work(self, jobs: queue.SimpleQueue[_Job | None]) -> None:
        graves: list[object] = []
        while self._one(jobs, graves):
            # The frame that held the job is gone, so the GUI thread is the last to hold it: a window that only a job
            # still knew must be freed there and nowhere else.
            self._bridge.call(graves.clear)
            graves = []

    def _one(self, jobs: queue.SimpleQueue[_Job | None], graves: list[object]) -> bool:
        """Does the next job; False when there are no more."""
        job = jobs.get()
        if job is None:
            return False
        graves.append(job)
        if self._void(job):
            self._ended()
            return True
        try:
            result = job.fn()
        except Exception as error:
            graves.append(error)
            self._bridge.call(self._deliver_error, job, error)
        else:
            graves.append(result)
            self._bridge.call(self._deliver, job, result)
        return True

    def _void(self, job: _Job) -> bool:
        with self._lock:
            if job.drop_at_close and not self._open:
                return True
            return job.key is not None and self._latest.get(job.key) != job.number

    def _ended(self) -> None:
        with self._lock:
            self._under_way -= 1

    def _deliver(self, job: _Job, result: object) -> None:
        try:
            if job.done is not None and not self._void(job):
                job.done(result)
        except Exception as error:
            self._report(error)
        finally:
            self._ended()

    def _deliver_error(self, job: _Job, error: BaseException) -> None:
        try:
            if self._void(job):
                return
            if job.failed is None or not isinstance(error, ForPeople):
                self._report(error)
            if job.failed is not None:
                job.failed(error)
        except Exception as second:
            self._report(second)
        finally:
            self._ended()
