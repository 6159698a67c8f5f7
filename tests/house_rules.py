"""What every test must leave behind: no logged warning, no thread of ours, no window."""

from __future__ import annotations

import gc
import itertools
import logging
import threading
import time
from collections.abc import Iterator

import pytest

PATIENCE = 5.0


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("erpdesk"):
            self.heard.append(f"{record.levelname} {record.name}: {record.getMessage()}")


_ROUNDS = itertools.count(1)
_WHOLE_EVERY = 30


@pytest.fixture(scope="session", autouse=True)
def what_is_imported_stays() -> Iterator[None]:
    """What was imported before the first test is never garbage: looking through it after each test finds nothing."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def garbage_goes_on_this_thread() -> Iterator[None]:
    """As in the program: a widget that a worker thread happened to free would take the whole run down."""
    gc.disable()
    yield
    gc.collect(2 if next(_ROUNDS) % _WHOLE_EVERY == 0 else 1)


@pytest.fixture(autouse=True)
def leaves_nothing_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that logs a warning (unless marked ``loud``) or leaves a thread (unless marked ``lingering``)."""
    before = set(threading.enumerate())
    listener = _Listener()
    logging.getLogger().addHandler(listener)
    yield
    logging.getLogger().removeHandler(listener)
    deadline = time.monotonic() + PATIENCE
    left: list[threading.Thread] = []
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            left.append(thread)
    if left and not request.node.get_closest_marker("lingering"):
        pytest.fail(f"threads left behind: {', '.join(thread.name for thread in left)}")
    if listener.heard and not request.node.get_closest_marker("loud"):
        pytest.fail("logged: " + "; ".join(listener.heard))
