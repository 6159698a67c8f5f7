"""One connection to Sage on which only SELECT passes, and a watch that ends a read which hangs."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage.doors import Connect, give_up_after, probe_update
from erpdesk.sync.sage.odbc_link import only_select
from erpdesk.sync.sage.problems import KEPT, is_driver_error, sentence

_TICK = 0.1
_BAD_VALUE = re.compile(r"22\w{3}")


class Unfetchable(Exception):
    """The driver broke on a value inside a fetch; the reader reads that stretch again with care."""


class Session:
    """A connection for one thread. ``stopped`` and the time limit reach into a call that is under way."""

    def __init__(self, connect: Connect, seconds: float, stopped: threading.Event) -> None:
        self._seconds = seconds
        self._stopped = stopped
        self._late = False
        self._since: float | None = None
        self._cursor: Any = None
        self._refuse_when_stopped()
        self.connection = connect()
        try:
            give_up_after(self.connection, seconds)
        except BaseException:
            self.connection.close()
            raise
        self._closed = threading.Event()
        self._watch = threading.Thread(target=self._watching, name="sage-watch", daemon=True)
        self._watch.start()

    def select(self, sql: str, values: Sequence[Any] = (), *, table: str = "") -> Any:
        """Runs a query and answers its cursor; raises a sentence for people when Sage cannot answer."""
        try:
            return self.try_select(sql, values)
        except Exception as error:
            if is_driver_error(error):
                raise sentence(error, table) from error
            raise

    def try_select(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Like ``select``, but the driver's own error comes through: for asking what Sage has."""
        only_select(sql)
        with self._at_work():
            self._cursor = self.connection.cursor()
            # The one place in erpdesk where anything is asked of Sage; the probe for rights below says its one word.
            self._cursor.execute(sql, tuple(values))
            return self._cursor

    def probe_update(self, sql: str) -> int:
        """Asks for rights with an UPDATE whose key no row can have; answers the rows that the driver says it met.

        Raises ValueError for any other statement; the driver's own error when Sage refuses, which is the good answer.
        """
        with self._at_work():
            return probe_update(self.connection, sql)

    def fetch(self, cursor: Any, size: int, *, table: str = "") -> list[Any]:
        """The next rows of a query, at most ``size``; raises Unfetchable when a value breaks the driver."""
        try:
            with self._at_work():
                self._cursor = cursor
                rows: list[Any] = cursor.fetchmany(size)
                return rows
        except (ValueError, OverflowError) as error:
            raise Unfetchable(str(error)) from error
        except Exception as error:
            if not is_driver_error(error):
                raise
            if len(error.args) > 1 and _BAD_VALUE.fullmatch(str(error.args[0])):
                raise Unfetchable(str(error)) from error
            raise sentence(error, table) from error

    def close(self) -> None:
        """Ends the watch, then the connection."""
        self._closed.set()
        self._watch.join()
        # A connection that Sage has dropped complains when it is closed; there is nothing left to lose.
        with suppress(Exception):
            self.connection.close()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self._refuse_when_stopped()
        self._since = time.monotonic()
        try:
            yield
        except Exception as error:
            self._since = None
            # A helper program that was ended for the sake of a stop is no trouble with Sage.
            if is_driver_error(error) or isinstance(error, SageUnavailable):
                self._refuse_when_stopped(error)
            raise
        finally:
            self._since = None

    def _refuse_when_stopped(self, error: Exception | None = None) -> None:
        if self._stopped.is_set():
            stopped = SageUnavailable("Reading Sage was stopped.", kept=KEPT, next_step="Sync again when you want.")
            raise stopped from error
        if self._late:
            raise SageUnavailable(
                f"Sage did not answer within {self._seconds:g} seconds, so the reading was stopped.",
                kept=KEPT,
                next_step="erpdesk tries again by itself. If it stays, see whether Sage itself answers.",
            ) from error

    def _watching(self) -> None:
        # A single interrupt can fall between two calls and be lost, so it is repeated until the call has ended.
        while not self._closed.wait(_TICK):
            since = self._since
            if since is None:
                continue
            if time.monotonic() - since > self._seconds:
                self._late = True
            if self._late or self._stopped.is_set():
                with suppress(Exception):
                    self._interrupt()

    def _interrupt(self) -> None:
        interrupt = getattr(self.connection, "interrupt", None)
        if interrupt:
            interrupt()
        elif self._cursor is not None:
            self._cursor.cancel()
