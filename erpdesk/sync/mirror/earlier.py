"""The mirror that stood before a new one is built: what it held, so that a rebuild hides no loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import apsw

from erpdesk.core.clock import from_iso
from erpdesk.sync.mirror.guard import Guard, group
from erpdesk.sync.mirror.intake import Intake
from erpdesk.sync.mirror.ledger import live_rows, missing
from erpdesk.sync.mirror.report import TableReport
from erpdesk.sync.mirror.tables import MARKS, fields, key_fields, names
from erpdesk.sync.sage.tables import Table
from erpdesk.workflows.sage_acts import Loss

T = TypeVar("T")

# A damaged file, or one of another version: a table or a column is not there, or holds what may not stand there.
_UNREADABLE = (apsw.NotADBError, apsw.CorruptError, apsw.SQLError, apsw.ConstraintError, apsw.IOError)

_COUNTS = (
    "SELECT COUNT(*) FROM {mirror} WHERE gone_run IS NULL",
    # Its own record says as much where the rows themselves cannot be counted, and what it still owed itself.
    'SELECT "rows" FROM run WHERE "table" = ? ORDER BY id DESC LIMIT 1',
    'SELECT "before" FROM run WHERE "table" = ? AND (ok OR waits) ORDER BY id DESC LIMIT 1',
)
_LAST_GOOD = (
    'SELECT read_began, read_ended, set_aside, "full" FROM run WHERE ok AND "table" = ? ORDER BY id DESC LIMIT 1'
)


class Earlier:
    """A file that is only read, of this or another version, perhaps damaged; None when there was none."""

    def __init__(self, db: apsw.Connection | None) -> None:
        self._db = db

    def rows(self, table: Table) -> int:
        """How many rows of a table it held, as far as it can still tell."""
        return max(self._number(sql.format(mirror=table.mirror), table) for sql in _COUNTS)

    def verdict(self, db: apsw.Connection, table: Table, intake: Intake, guard: Guard) -> tuple[str, Loss | None]:
        """What the guard says of a table that was just loaded into ``db``: a sentence and the loss, or nothing."""
        before, groups = self.rows(table), (0, 0)
        lost = self._lost(db, table, intake, before) if before else 0
        if lost > guard.small:
            groups = self._groups(db, table)
        loss = Loss(lost, before, len(intake.set_aside))
        problem = guard.verdict(table, loss, intake.read, groups)
        return problem, loss if problem else None

    def carry(self, db: apsw.Connection, table: Table, run: int) -> int:
        """Puts its rows into the empty table of the new mirror, marked with this run; answers how many, 0 for none."""
        columns = fields(table)
        insert = (
            f"INSERT INTO {table.mirror} ({names(columns)}, {names(MARKS)}) "
            f"VALUES ({', '.join('?' * len(columns))}, {run}, {run}, NULL)"
        )
        try:
            # Row by row: the new file has no journal yet, and a long statement that fails half-way could spoil it.
            db.executemany(insert, self._live(table, columns))
        except _UNREADABLE:
            db.execute(f"DELETE FROM {table.mirror}")
        return live_rows(db, table)

    def last_good(self, table: Table, rows: int) -> TableReport | None:
        """The last reading that its rows come from."""
        found: list[Any] | None = self._attempt(lambda db: db.execute(_LAST_GOOD, (table.name,)).fetchall())
        for began, ended, aside, full in found or ():
            times = from_iso(began), from_iso(ended)
            return TableReport(table.name, table.title, *times, rows=rows, set_aside=aside, full=bool(full))
        return None

    def _lost(self, db: apsw.Connection, table: Table, intake: Intake, before: int) -> int:
        """How many of its rows Sage no longer holds: by their keys, or by their number where keys cannot be read."""
        keys = key_fields(table)
        typed = ", ".join(f'"{column.field}" {column.sql_type}' for column in table.key)
        db.execute(f"CREATE TEMP TABLE held ({typed}, PRIMARY KEY ({names(keys)})) WITHOUT ROWID")
        try:
            marks = ", ".join("?" * len(keys))
            db.executemany(f"INSERT OR IGNORE INTO temp.held VALUES ({marks})", self._live(table, keys))
            same = " AND ".join(f'm."{each}" = held."{each}"' for each in keys)
            held: int = db.execute("SELECT COUNT(*) FROM temp.held").get
            db.execute(f"DELETE FROM temp.held WHERE EXISTS (SELECT 1 FROM {table.mirror} m WHERE {same})")
            aside = [each.key for each in intake.set_aside]
            this = " AND ".join(f'"{each}" = ?' for each in keys)
            db.executemany(f"DELETE FROM temp.held WHERE {this}", (key for key in aside if key is not None))
            lost: int = db.execute("SELECT COUNT(*) FROM temp.held").get
            # Rows that it owed itself count as far as none came. A row whose key cannot be read may seem gone.
            return missing(before - held, held, intake.rows) + (0 if lost <= aside.count(None) else lost)
        except _UNREADABLE:
            return max(0, before - intake.read)
        finally:
            db.execute("DROP TABLE temp.held")

    def _groups(self, db: apsw.Connection, table: Table) -> tuple[int, int]:
        column = group(table).lower()
        if not column:
            return 0, 0
        sql = f'SELECT DISTINCT t."{column}" FROM {table.mirror} t WHERE t.gone_run IS NULL'
        old = {each for (each,) in self._attempt(lambda earlier: earlier.execute(sql).fetchall()) or ()}
        new = {each for (each,) in db.execute(sql)}
        return len(old | new), len(old - new)

    def _live(self, table: Table, columns: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
        if self._db is None:
            return iter(())
        # Named after its table, a column that is not there is an error and not a text.
        wanted = ", ".join(f't."{each}"' for each in columns)
        return iter(self._db.execute(f"SELECT {wanted} FROM {table.mirror} t WHERE t.gone_run IS NULL ORDER BY rowid"))

    def _number(self, sql: str, table: Table) -> int:
        values = (table.name,) if "?" in sql else ()
        found: object = self._attempt(lambda db: db.execute(sql, values).get)
        return found if isinstance(found, int) else 0

    def _attempt(self, ask: Callable[[apsw.Connection], T]) -> T | None:
        if self._db is None:
            return None
        try:
            return ask(self._db)
        except _UNREADABLE:
            return None
