"""The book of readings: every run, every problem and every row set aside, as rows that a person can read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from erpdesk.core.clock import from_iso
from erpdesk.sync.mirror.facts import MirrorFacts, OddRow, Record, loss_of, table_title
from erpdesk.sync.mirror.foreign import ForeignRow, foreign_rows
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.mirror.watch import Watch
from erpdesk.sync.sage.tables import catalogue
from erpdesk.workflows.sage_acts import KnownCommitment, Loss

_LAST = 'SELECT * FROM run WHERE id IN (SELECT MAX(id) FROM run GROUP BY "table")'
_GOOD = 'SELECT * FROM run WHERE id IN (SELECT MAX(id) FROM run WHERE ok GROUP BY "table")'


class TableState(StrEnum):
    """How the mirror of one Sage table stands."""

    AS_IN_SAGE = "As in Sage"
    OLDER = "Older rows kept"
    DECIDE = "Waits for a decision"
    NEVER = "Never read"
    NOT_HERE = "Not in this company"


@dataclass(frozen=True)
class RunRow:
    """One reading of one table. ``came``, ``changed`` and ``gone`` count rows of the mirror; ``ok`` False kept them.

    ``kind`` says whether all rows were compared or only those that Sage stamped since.
    """

    id: int
    table: str
    began: datetime
    ended: datetime
    rows: int
    came: int
    changed: int
    gone: int
    set_aside: int
    notes: int
    kind: str
    ok: bool
    problem: str


@dataclass(frozen=True)
class TableRow:
    """How one table of Sage stands in the mirror.

    ``id`` is Sage's name, ``title`` the name for people, ``as_of`` the time when the last good reading began: what
    was entered in Sage later is not in it. ``problem`` says what went wrong since; ``loss`` is what a person is asked
    about, None where nobody is.
    """

    id: str
    title: str
    as_of: datetime | None
    rows: int
    set_aside: int
    notes: int
    problem: str
    state: TableState
    loss: Loss | None = None

    @property
    def waits(self) -> bool:
        """Whether a person must say if so many rows are rightly gone."""
        return self.state is TableState.DECIDE


class SyncBook:
    """Reads of the mirror's own records, from any thread. Empty before the first reading."""

    def __init__(self, mirrors: MirrorStore) -> None:
        self._facts = MirrorFacts(mirrors)
        self._mirrors = mirrors
        self.watch = Watch(mirrors)

    def runs(self, limit: int = 200) -> tuple[RunRow, ...]:
        """The last readings, newest first: one row for each table of each."""
        found = self._facts.select("SELECT * FROM run ORDER BY id DESC LIMIT ?", limit)
        return tuple(map(_run, found))

    def tables(self) -> tuple[TableRow, ...]:
        """Every table that erpdesk reads, in the order it is read."""
        found = self._facts.select_all((_LAST, ()), (_GOOD, ()))
        last, good = ({row["table"]: row for row in rows} for rows in found)
        return tuple(
            _table(table.name, table.title, last.get(table.name), good.get(table.name), bool(last))
            for table in catalogue()
        )

    def odd_rows(self, table: str | None = None) -> tuple[OddRow, ...]:
        """Rows set aside, then values not taken as they stand; of one table (its title) or of all."""
        found = (*self._facts.set_aside(), *self._facts.notes())
        return found if table is None else tuple(row for row in found if row.table == table)

    def foreign(self, known: Sequence[KnownCommitment], jobs: Collection[str]) -> tuple[ForeignRow, ...]:
        """What was done to commitments in Sage itself on these synced jobs, which the workflow leaves to erpdesk."""
        return foreign_rows(self._facts, self.watch, known, jobs)


def _table(name: str, title: str, last: Record | None, good: Record | None, any_run: bool) -> TableRow:
    if last is None:
        # A table that Sage does not have is passed over at every reading; it is no problem.
        return TableRow(name, title, None, 0, 0, 0, "", TableState.NOT_HERE if any_run else TableState.NEVER)
    problem, loss = last["problem"], loss_of(last)
    if not problem:
        state = TableState.AS_IN_SAGE
    elif loss is not None:
        state = TableState.DECIDE
    else:
        state = TableState.OLDER if good else TableState.NEVER
    as_of = from_iso(good["read_began"]) if good else None
    return TableRow(name, title, as_of, last["rows"], last["set_aside"], last["notes"], problem, state, loss)


def _run(row: Record) -> RunRow:
    kind = "Everything" if row["full"] else "Stamped since"
    return RunRow(
        id=row["id"],
        table=table_title(row["table"]),
        began=from_iso(row["read_began"]),
        ended=from_iso(row["read_ended"]),
        rows=row["rows"],
        came=row["inserted"],
        changed=row["updated"],
        gone=row["gone"],
        set_aside=row["set_aside"],
        notes=row["notes"],
        kind=kind,
        ok=bool(row["ok"]),
        problem=row["problem"],
    )
