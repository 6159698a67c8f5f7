"""Reads a Sage company, and only reads: what it has, its tables in batches, and one commitment fresh."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from types import TracebackType
from typing import Any, Self

from erpdesk.core.errors import BadSageData, SageUnavailable
from erpdesk.sync.sage.clean import Batch, Cleaner
from erpdesk.sync.sage.doors import Connect, ask_for_dates_as_text
from erpdesk.sync.sage.fresh import read_commitment, same_commitment
from erpdesk.sync.sage.probe import Capabilities, probe
from erpdesk.sync.sage.session import Session, Unfetchable
from erpdesk.sync.sage.tables import Column, Table
from erpdesk.workflows.ports import SageCommitment

BATCH = 500


@dataclass(frozen=True)
class Totals:
    """What Sage itself says about a table: its number of rows, and the sum of each checked amount (in dollars)."""

    rows: int
    sums: dict[str, float]


class Fetched:
    """Up to 500 rows as the driver handed them over, in the columns that were asked for; cleaned when somebody asks.

    ``lost`` says why a row could not be handed over at all; ``rows`` is empty then.
    """

    __slots__ = ("_cleaner", "lost", "rows")

    def __init__(self, rows: list[Any], cleaner: Cleaner, lost: str = "") -> None:
        self.rows = rows
        self._cleaner = cleaner
        self.lost = lost

    def clean(self, rows: list[Any] | None = None) -> Batch:
        """The rows, or some of them, cleaned."""
        return self._cleaner.lost(self.lost) if self.lost else self._cleaner.batch(self.rows if rows is None else rows)


class SageReader:
    """The reading side of the connector, over any DB-API connection (the stand-in's file or ODBC).

    One thread reads with it; ``cancel`` may be called from any other. ``close`` lets Sage's files go; the next read
    opens them again. A method raises SageUnavailable (try again later) or BadSageData (put something right first).
    """

    def __init__(self, connect: Connect, *, query_timeout: float = 300) -> None:
        self._connect = connect
        self._timeout = query_timeout
        self._stopped = threading.Event()
        self._session: Session | None = None
        self._capabilities: Capabilities | None = None

    def probe(self) -> Capabilities:
        """What this company has; raises BadSageData naming each table or column that erpdesk cannot do without."""
        self._capabilities = probe(self._open())
        return self._capabilities

    def count_and_sum(self, table: Table) -> Totals:
        """The rows and sums of a table, in the same session in which its rows are read."""
        known = self._capable()
        sums = [column.name for column in self._columns(table) if column.name in table.sums]
        parts = ["COUNT(*)", *(f"SUM({known.expression(table, name)})" for name in sums)]
        session = self._open()
        cursor = session.select(f"SELECT {', '.join(parts)} FROM {known.source(table)}", table=table.name)
        try:
            counted = session.fetch(cursor, 1, table=table.name)[0]
        finally:
            cursor.close()
        return Totals(int(counted[0]), {name: float(value or 0) for name, value in zip(sums, counted[1:], strict=True)})

    def rows(self, table: Table, since: date | None = None) -> Generator[Batch, None, None]:
        """The rows of a table in the order of its key, cleaned, in batches of at most 500.

        With ``since``, only rows that Sage stamped on this day or later, and those without a stamp.
        """
        for fetched in self.fetched(table, since):
            yield fetched.clean()

    def fetched(self, table: Table, since: date | None = None) -> Generator[Fetched, None, None]:
        """Like ``rows``, but as the driver hands them over; the columns are those of ``columns``."""
        columns = self._columns(table)
        cleaner = Cleaner(table, columns)
        values: tuple[Any, ...] = ()
        where = ""
        if since is not None:
            # Whole days: a row of that day from before the hour comes along, and none can be lost by how times compare.
            stamp = self._capable().expression(table, "Date_Stamp")
            where, values = f" WHERE {stamp} IS NULL OR {stamp} >= ?", (since,)
        yield from self._in_order(table, columns, where, values, cleaner)

    def keys(self, table: Table) -> Generator[Fetched, None, None]:
        """The keys of every row in the order of the key; cleaned, they are rows of key and raw key."""
        cleaner = Cleaner(replace(table, columns=table.key, sums=()), table.key)
        yield from self._in_order(table, table.key, "", (), cleaner)

    def columns(self, table: Table) -> tuple[Column, ...]:
        """The columns of a table that this company has, in the order in which ``fetched`` hands them over."""
        return self._columns(table)

    def stamped(self, table: Table) -> bool:
        """Whether this company stamps the rows of this table with the day of their last change."""
        return any(column.name == "Date_Stamp" for column in self._columns(table))

    def commitment(self, commitment: str) -> SageCommitment | None:
        """A commitment with its lines as Sage holds it this moment, read on a connection of its own; None when absent.

        When Sage holds several with this ID, the first; ask ``commitments_like``.
        """
        with self._apart() as session:
            return read_commitment(session, self._known(session), commitment)

    def commitments_like(self, commitment: str) -> int:
        """How many commitments with this ID Sage holds this moment, padding aside: more than one is an alarm."""
        with self._apart() as session:
            return len(same_commitment(session, self._known(session), commitment))

    def cancel(self) -> None:
        """Ends the read under way, from any thread; it and every later one raise SageUnavailable until ``renew``."""
        self._stopped.set()

    def renew(self) -> None:
        """Lets reading go on after ``cancel``; call it at the start of a run, before looking whether to stop."""
        if self._stopped.is_set():
            self.close()
            self._stopped.clear()

    def close(self) -> None:
        """Lets go of Sage's files; from the reading thread."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> Session:
        if self._session is None:
            self._session = Session(self._connect, self._timeout, self._stopped)
        return self._session

    @contextmanager
    def _apart(self) -> Iterator[Session]:
        session = Session(self._connect, self._timeout, self._stopped)
        try:
            ask_for_dates_as_text(session.connection)
            yield session
        except Unfetchable as error:
            raise BadSageData(
                f"Sage holds a value that its driver cannot hand over ({error}).",
                kept="Nothing was changed.",
                next_step="Correct it in Sage, then read it again.",
            ) from error
        finally:
            session.close()

    def _known(self, session: Session) -> Capabilities:
        if self._capabilities is None:
            self._capabilities = probe(session)
        return self._capabilities

    def _capable(self) -> Capabilities:
        return self._capabilities or self.probe()

    def _columns(self, table: Table) -> tuple[Column, ...]:
        columns = self._capable().columns.get(table.name)
        if columns is None:
            raise SageUnavailable(f"This Sage company has no table {table.name} ({table.title}).")
        return columns

    def _in_order(
        self, table: Table, columns: tuple[Column, ...], where: str, values: tuple[Any, ...], cleaner: Cleaner
    ) -> Generator[Fetched, None, None]:
        known = self._capable()
        names = ", ".join(known.expression(table, column.name) for column in columns)
        order = ", ".join(known.expression(table, column.name) for column in table.key)
        sql = f"SELECT {names} FROM {known.source(table)}{where} ORDER BY {order}"
        done = 0
        try:
            for raw in self._fetches(sql, values, table):
                done += len(raw)
                yield Fetched(raw, cleaner)
        except Unfetchable:
            yield from self._with_care(sql, values, table, cleaner, done)

    def _fetches(self, sql: str, values: tuple[Any, ...], table: Table) -> Iterator[list[Any]]:
        session = self._open()
        cursor = session.select(sql, values, table=table.name)
        try:
            while raw := session.fetch(cursor, BATCH, table=table.name):
                yield raw
        finally:
            cursor.close()

    def _with_care(
        self, sql: str, values: tuple[Any, ...], table: Table, cleaner: Cleaner, done: int
    ) -> Iterator[Fetched]:
        """Goes on behind ``done`` rows one by one, dates as text; a row that still breaks the driver is lost."""
        session = self._open()
        ask_for_dates_as_text(session.connection)
        cursor = session.select(sql, values, table=table.name)
        at = 0
        try:
            while True:
                at += 1
                try:
                    raw = session.fetch(cursor, 1, table=table.name)
                except Unfetchable as error:
                    if at > done:
                        yield Fetched([], cleaner, f"The driver could not hand over row {at} ({error}).")
                    continue
                if not raw:
                    return
                if at > done:
                    yield Fetched(raw, cleaner)
        finally:
            cursor.close()
            # Dates as text are for this read only; the next one starts on a fresh connection.
            self.close()
