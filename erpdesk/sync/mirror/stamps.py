"""Whether Sage's own stamps tell which rows changed, and from which day on they are read again.

The cursor is the latest stamp that Sage gave a row, never a time of this computer: clocks in a company differ. Rows
stamped in the two days before it are read again (rule 14 of Sage's own guide), and rows without a stamp always.
A stamp in the future belongs to that window by itself; it only must not carry the cursor with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import apsw

from erpdesk.core.clock import from_iso, iso
from erpdesk.sync.sage.tables import Table

OVERLAP = timedelta(hours=48)
LARGEST_SHARE = 0.2
"""Above this share of a table the window is no saving: comparing hashes of all rows is quicker."""
_UNSTAMPED_SHARE = 0.05
_DISTRUST = timedelta(days=7)


@dataclass(frozen=True)
class Reading:
    """How a table stands: when all its rows were read last, and what its stamps are worth.

    ``cursor`` is the latest stamp ("2026-11-24 16:45:00", Sage's own local time), "" when there is none. ``stamped``:
    nearly every row has one. ``hidden_at`` is when a row was last found that had changed behind its stamp. ``plain``:
    the amounts are whole cents in Sage too, so that the mirror's totals can be compared with Sage's.
    """

    full_at: datetime
    cursor: str = ""
    stamped: bool = False
    hidden_at: datetime | None = None
    plain: bool = False

    def since(self, now: datetime) -> date | None:
        """The first day whose rows are read again; None when the stamps cannot be relied on."""
        if not self.stamped or not self.cursor:
            return None
        if self.hidden_at is not None and abs(now - self.hidden_at) < _DISTRUST:
            return None
        return self.window()

    def window(self) -> date | None:
        """The first day of the window before the cursor."""
        return (datetime.fromisoformat(self.cursor) - OVERLAP).date() if self.cursor else None


def load(db: apsw.Connection, table: Table) -> Reading | None:
    """How the table stands; None when it was never read to its end."""
    sql = 'SELECT full_at, cursor, stamped, hidden_at, plain FROM reading WHERE "table" = ?'
    found: list[tuple[Any, ...]] = db.execute(sql, (table.name,)).fetchall()
    for full_at, cursor, stamped, hidden_at, plain in found:
        hidden = from_iso(hidden_at) if hidden_at else None
        return Reading(from_iso(full_at), cursor or "", bool(stamped), hidden, bool(plain))
    return None


def save(db: apsw.Connection, table: Table, reading: Reading) -> None:
    """Keeps it; in the transaction in which the rows are written."""
    hidden = iso(reading.hidden_at) if reading.hidden_at else None
    values = (iso(reading.full_at), reading.cursor or None, int(reading.stamped), hidden, int(reading.plain))
    db.execute("INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?, ?)", (table.name, *values))


def latest(db: apsw.Connection, stored: str, today: date) -> str:
    """The latest stamp among these rows that is no later than tomorrow; "" when there is none.

    ``today`` only ever holds the cursor back: a wrong clock here means that more is read, never less.
    """
    cap = (today + timedelta(days=1)).isoformat()
    moment = "date_stamp || ' ' || COALESCE(time_stamp, '00:00:00')"
    found: str | None = db.execute(f"SELECT MAX({moment}) FROM {stored} WHERE date_stamp <= ?", (cap,)).get
    return _sound(found)


def _sound(stamp: str | None) -> str:
    """A stamp that reads as a day and a time; else its day alone."""
    if not stamp:
        return ""
    try:
        return str(datetime.fromisoformat(stamp))
    except ValueError:
        return str(datetime.fromisoformat(stamp[:10]))


def enough(db: apsw.Connection, table: Table, today: date) -> bool:
    """Whether nearly every row of the mirror has a stamp that can be true: no later than tomorrow."""
    cap = (today + timedelta(days=1)).isoformat()
    sql = f"SELECT COUNT(*), COUNT(date_stamp), SUM(date_stamp > ?) FROM {table.mirror} WHERE gone_run IS NULL"
    rows, stamped, future = next(iter(db.execute(sql, (cap,))))
    return bool(rows and rows - stamped + (future or 0) <= rows * _UNSTAMPED_SHARE)
