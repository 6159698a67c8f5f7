"""What a run of the mirror did, table by table, for the status bar and the sync log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from erpdesk.workflows.sage_acts import Loss


@dataclass(frozen=True)
class TableReport:
    """How the reading of one Sage table went; ``rows`` counts what the mirror holds now.

    When not ``ok``, that is what it held before, and ``problem`` says why; with a ``loss`` it is that one, and a person
    is asked. ``full``: every row of Sage was looked at, not only those that Sage stamped lately.
    """

    table: str
    title: str
    read_began: datetime
    read_ended: datetime
    rows: int = 0
    inserted: int = 0
    updated: int = 0
    gone: int = 0
    set_aside: int = 0
    notes: int = 0
    ok: bool = True
    problem: str = ""
    full: bool = True
    loss: Loss | None = None

    @property
    def changed(self) -> bool:
        return bool(self.inserted or self.updated or self.gone)


@dataclass(frozen=True)
class RefreshReport:
    """A run. ``number`` names the current mirror after it; ``lacking`` says what this Sage does not have.

    ``subset``: only some tables were asked for; the others are as old as they were.
    """

    began: datetime
    ended: datetime
    first_load: bool
    number: int | None
    tables: tuple[TableReport, ...]
    stopped: bool = False
    lacking: tuple[str, ...] = ()
    subset: bool = False

    @property
    def ok(self) -> bool:
        """Whether every table that was asked for was read to its end and agrees with Sage."""
        return not self.stopped and all(table.ok for table in self.tables)

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each table that kept its earlier rows."""
        return tuple(table.problem for table in self.tables if table.problem)

    @property
    def changed(self) -> bool:
        """Whether anything in the mirror differs from before."""
        return any(table.changed for table in self.tables)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)
