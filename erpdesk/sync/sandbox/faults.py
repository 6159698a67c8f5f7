"""What can go wrong at a site, as switches on a company: a locked file, no free licence, a hanging read and so on."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import asdict, dataclass, fields
from pathlib import Path

FILE_NAME = "faults.json"


@dataclass(frozen=True)
class Faults:
    """The switches; all off is a healthy company."""

    lock: bool = False
    """The import file is in use: an import stops and imports nothing."""
    no_licence: bool = False
    """No Job Cost licence is free: an import stops and imports nothing."""
    slow: float = 0.0
    """Seconds that every query waits before it runs."""
    hang: str = ""
    """A word (a table name, or ``*`` for any query): a query that holds it hangs until it is interrupted."""
    reject_next: str = ""
    """Sage rejects the next commitment in an import with this sentence; the switch then turns itself off."""
    missing_table: str = ""
    """Queries on this table fail, as for a module that was never installed."""
    wrong_password: bool = False
    """Nobody gets in: a login is refused with Sage's words for a wrong operator or password."""
    drop_after: int = 0
    """Rows after which the connection breaks in the middle of an answer, as when the network drops; 0 is never."""
    backup_window: bool = False
    """A backup has the company to itself: whoever connects or asks is refused with a lock status."""
    prompt_hang: bool = False
    """A program of Sage asks a question on the screen and waits for somebody to answer it."""
    import_timeout: bool = False
    """An import runs and ends, and no result is ever printed."""
    disk_full: bool = False
    """There is no room for the journal and the rejects of an import."""
    btrieve_status: int = 0
    """The status with which the engine refuses each query (84 record in use, 85 file locked, 88 other mode); 0 off."""


def read_faults(folder: Path) -> Faults:
    """The switches of a company folder; no file means all off."""
    try:
        text = (folder / FILE_NAME).read_text("utf-8")
    except FileNotFoundError:
        return Faults()
    known = {field.name for field in fields(Faults)}
    return Faults(**{name: value for name, value in json.loads(text).items() if name in known})


def write_faults(folder: Path, **changes: bool | float | str) -> Faults:
    """Changes the named switches and leaves the others as they are."""
    faults = Faults(**{**asdict(read_faults(folder)), **changes})
    half = folder / (FILE_NAME + ".tmp")
    half.write_text(json.dumps(asdict(faults), indent=1), "utf-8")
    os.replace(half, folder / FILE_NAME)
    return faults


SPOILT = {
    # NUL and what a driver leaves behind it; bytes that are no text; an empty Pervasive date; no number.
    "nul": ("CAST(x'416E63686F7200C3BFC2817F' AS TEXT)", "Description"),
    "junk": ("CAST(x'416E63FF68816F72' AS TEXT)", "Description"),
    "date": ("'0000-00-00'", "date"),
    "number": ("'#######'", "number"),
}
_COLUMN = {
    "JCM_MASTER__COMMITMENT_ITEM": {"date": "Delivery_Date", "number": "Amount"},
    "JCT_CURRENT__TRANSACTION": {"date": "Transaction_Date", "number": "Amount"},
}


def spoil_row(connection: sqlite3.Connection, table: str, kind: str) -> dict[str, object]:
    """Makes the middle row of a table unreadable, for every door to the data; answers the key of that row.

    ``table``: JCM_MASTER__COMMITMENT_ITEM or JCT_CURRENT__TRANSACTION. ``kind``: nul, junk, date or number.
    """
    value, column = SPOILT[kind]
    column = _COLUMN[table].get(column, column)
    keys = ("Commitment", "Item_Number") if table == "JCM_MASTER__COMMITMENT_ITEM" else ("Run", "Sequence")
    found = connection.execute(
        f'SELECT rowid, "{keys[0]}", "{keys[1]}" FROM "{table}" ORDER BY rowid '
        f'LIMIT 1 OFFSET (SELECT COUNT(*) / 2 FROM "{table}")'
    ).fetchone()
    connection.execute(f'UPDATE "{table}" SET "{column}" = {value} WHERE rowid = ?', (found[0],))
    return {keys[0]: found[1], keys[1]: found[2], "column": column}
