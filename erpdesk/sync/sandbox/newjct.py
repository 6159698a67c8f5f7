"""The file new.jct: entries that were imported and wait for Post Entries."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from erpdesk.sync.sandbox.books import Key
from erpdesk.sync.sandbox.tables import insert

# How Sage spells the two estimate types in twenty characters is not known; the cost types are.
ESTIMATE_TYPE = "Original estimate"
CHANGE_TYPE = "Aprvd estimate chng"
COST_TYPE = "JC cost"
AP_COST_TYPE = "AP cost"
LEDGER_TYPE = "GL entry"
NEW, CURRENT = "JCT_NEW__TRANSACTION", "JCT_CURRENT__TRANSACTION"


def next_run(connection: sqlite3.Connection, *tables: str) -> int:
    """The number of the next run: over everything that was ever entered in these tables."""
    found = (connection.execute(f"SELECT MAX(Run) FROM {table}").fetchone()[0] for table in tables)
    return max((number or 0 for number in found), default=0) + 1


class NewEntries:
    """Adds the entries of one import to new.jct, one run with its own sequence."""

    def __init__(self, connection: sqlite3.Connection, source: str, stamp: Mapping[str, object]) -> None:
        self._connection = connection
        self._run = next_run(connection, NEW)
        self._sequence = 0
        self._always: dict[str, object] = {"Application_of_Origin": "JC", "Source": source, **stamp}

    def add(self, place: Key, **values: object) -> None:
        """Adds one entry on a place (blank for a ledger entry); ``values`` are Sage's columns."""
        self._sequence += 1
        row: dict[str, object] = dict(zip(("Job", "Extra", "Cost_Code", "Category"), place, strict=True))
        row |= {"Run": self._run, "Sequence": self._sequence}
        insert(self._connection, NEW, [row | self._always | values])
