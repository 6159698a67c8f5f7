"""What the page about the export journal holds: what is in question after a restored backup, and who compared it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

JOURNAL, RECONCILE = "export journal", "reconcile"
"""Kind and act of the audit entry by which a person let exports go on."""
RESTORED, RESTORED_KIND, RESTORED_REF = "restore", "database", "restored"
"""Act, kind and record of the audit entry by which a database says that it was put back from a backup."""


class Compared(StrEnum):
    """What a person found in Sage who compared an item by hand."""

    IN_SAGE = "in Sage"
    ABSENT = "not in Sage"


@dataclass(frozen=True)
class JournalRow:
    """An item that may be in Sage without this database knowing it for sure. ``amount`` in dollars and cents.

    ``locks``: exports wait until it was compared. ``times`` is how often Sage holds it by a fresh read (None: that
    cannot be told). ``compared`` is None until a person said what is in Sage.
    """

    id: str
    kind: str
    noun: str
    sage_id: str
    amount: Decimal | None
    file: str
    journalled_at: datetime | None
    database: str
    sage: str
    times: int | None
    proposal: str
    look_at: str
    locks: bool
    compared: Compared | None = None
    compared_by: str = ""
    compared_at: datetime | None = None


@dataclass(frozen=True)
class JournalState:
    """Why exports are locked ('' = they are not), the items in question, and the newest line of the journal."""

    why: str
    rows: tuple[JournalRow, ...]
    head: int
    unread: str = ""
    """Why Sage could not be read for this, '' when it was."""

    @property
    def open(self) -> tuple[JournalRow, ...]:
        """The rows that nobody has compared and that lock the exports."""
        return tuple(each for each in self.rows if each.locks and each.compared is None)
