"""A query in the helper program, whose next rows are asked for while the last ones are still being worked on."""

from __future__ import annotations

import base64
import datetime
from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from erpdesk.sync.sage import odbc_host

if TYPE_CHECKING:
    from erpdesk.sync.sage.host_door import HostConnection

AHEAD = 3
"""So many batches are under way at most: one is taken, one waits in the pipe, one is being fetched."""

_TYPES = {
    each.__name__: each
    for each in (str, bytes, bytearray, bool, int, float, Decimal, datetime.date, datetime.time, datetime.datetime)
}


class HostCursor:
    """A cursor of a helper's connection."""

    def __init__(self, connection: HostConnection, number: int) -> None:
        self._connection, self._number = connection, number
        self._open = False
        self._ended = False
        self._flowing = False
        self._asked: deque[tuple[int, int]] = deque()
        self._rows: list[Any] = []
        self.description: tuple[tuple[Any, ...], ...] | None = None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> HostCursor:
        """Runs one SELECT; raises ValueError for anything else."""
        self.close()
        packed = base64.b64encode(odbc_host.pack([tuple(values)])).decode()
        answer = self._connection.ask("execute", cursor=self._number, sql=sql, values=packed)
        self._open = True
        self.description = tuple((each[0], _TYPES.get(each[1], str), *each[2:]) for each in answer["description"])
        return self

    def fetchmany(self, size: int = odbc_host.SIZE) -> list[Any]:
        """The next rows, at most ``size``."""
        while len(self._rows) < size and not self._ended:
            self._rows += self._next(min(size - len(self._rows), odbc_host.SIZE))
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchone(self) -> Any:
        """The next row, or None."""
        return next(iter(self.fetchmany(1)), None)

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        rows = []
        while more := self.fetchmany():
            rows += more
        return rows

    def cancel(self) -> None:
        """Asks the driver, from any thread, to give up."""
        self._connection.interrupt()

    def close(self) -> None:
        """Lets the query go."""
        if self._open:
            # Also when a stop breaks in, nothing of this query may be waited for again.
            asked = [number for number, _ in self._asked]
            hurry = not self._ended
            self._open = self._ended = self._flowing = False
            self._asked.clear()
            self._rows = []
            self._connection.free(self._number, asked, hurry=hurry)

    def _next(self, size: int) -> list[Any]:
        if not self._asked:
            self._ask(size)
        # Only who takes whole batches one after another will want the next ones too.
        while self._flowing and size == odbc_host.SIZE and len(self._asked) < AHEAD:
            self._ask(size)
        number, asked = self._asked.popleft()
        rows: list[Any] = self._connection.answer(number)["rows"]
        self._ended = len(rows) < asked
        self._flowing = asked == odbc_host.SIZE
        return rows

    def _ask(self, size: int) -> None:
        self._asked.append((self._connection.begin("fetch", cursor=self._number, size=size), size))
