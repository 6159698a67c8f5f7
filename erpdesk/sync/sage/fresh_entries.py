"""Job cost entries as Sage holds them this moment, posted and waiting to be posted, read so that no posting tears them.

Posting takes entries out of one table and puts them into another. Whoever reads one after the other may see an entry in
both, or in neither; so what waits is read before and after what is posted, until both agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage import shapes
from erpdesk.sync.sage.clean import Cleaner, Row
from erpdesk.sync.sage.fresh_rows import Held, count, existing, held
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.problems import AGAIN, Trouble, is_driver_error, sentence, trouble
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import Column, Table, table

POSTED, WAITING = "JCT_CURRENT__TRANSACTION", "JCT_NEW__TRANSACTION"
JOBS = "JCM_MASTER__JOB"

Spot = tuple[str, str, str, str]
"""Job, extra ('' = the base job), cost code and category."""

_NEEDED = (
    *("Run", "Sequence", "Job", "Extra", "Cost_Code", "Category", "Transaction_Type", "Transaction_Date"),
    *("Accounting_Date", "Units", "Amount"),
)
_SIZE = 500
TRIES = 4
"""How often a read that a posting tore is made again."""


@dataclass(frozen=True)
class Entry:
    """One entry of job cost: dates as ISO text ('' = none), units with four decimals, the amount in dollars and cents.

    ``at`` is its run and sequence in its table; ``posted`` tells which table that is.
    """

    spot: Spot
    type: str
    day: str
    accounting_day: str
    units: Decimal
    amount: Decimal
    posted: bool
    at: tuple[int, int]


@dataclass(frozen=True)
class Entries:
    """The entries of some jobs. ``count`` is how many the whole company shows, posted and waiting.

    ``waiting_shown`` is False where Sage does not show what waits to be posted; ``unreadable`` counts, by job, the rows
    that cannot be read.
    """

    rows: tuple[Entry, ...]
    waiting_shown: bool
    unreadable: Mapping[str, int]
    count: int


Keep = Callable[[Spot, str], bool]
"""Which entries are wanted, by where they stand and by Sage's word for their type."""


def read_entries(session: Session, known: Capabilities, jobs: Iterable[str], keep: Keep) -> Entries:
    """The entries of these jobs, however Sage pads their IDs.

    Raises BadSageData or SageUnavailable; the latter also when entries were being posted all the time.
    """
    spelled = _spelled(held(session, known, JOBS, ("Job",)), jobs)
    posted = _Asked(session, known, POSTED, keep)
    waiting = _Asked(session, known, WAITING, keep) if _shown(known) else None
    for _ in range(TRIES):
        before = waiting and waiting.read_if_shown(spelled)
        found = posted.read(spelled)
        after = waiting and waiting.read_if_shown(spelled)
        if before == after:
            shown = after is not None
            rows = count(session, known, POSTED) + (count(session, known, WAITING) if shown else 0)
            return Entries(
                (*found.entries, *(after.entries if after else ())),
                shown,
                found.lost + (after.lost if after else Counter()),
                rows,
            )
    raise being_posted()


def being_posted() -> SageUnavailable:
    """The error when what was read at one moment never agreed with what was read at the next."""
    return SageUnavailable(
        "Entries were being posted in Sage while erpdesk looked for one.", kept="Nothing was changed.", next_step=AGAIN
    )


def _shown(known: Capabilities) -> bool:
    source = table(WAITING)
    return all(known.has_column(source, name) for name in _NEEDED)


def _spelled(names: Held, jobs: Iterable[str]) -> dict[str, list[Any]]:
    """The ways in which entries may spell each job: as the job itself, plain, or padded to either side."""
    width = table(JOBS).key[0].width
    found = {}
    for job in jobs:
        own = [raw for (raw,) in names.written.get((job.strip(" "),), ())]
        found[job] = list(dict.fromkeys([*own, job, job.ljust(width), job.rjust(width)]))
    return found


@dataclass
class _Found:
    """Entries, and by job how many rows could not be read."""

    entries: list[Entry] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)


class _Asked:
    def __init__(self, session: Session, known: Capabilities, name: str, keep: Keep) -> None:
        self._session, self._keep = session, keep
        self._source: Table = existing(known, name)
        columns = tuple(column for column in known.columns[name] if column.name in _NEEDED)
        self._cleaner = Cleaner(replace(self._source, columns=columns, sums=()), columns)
        self._fields = [column.field for column in columns]
        self._sql = (
            f"SELECT {_list(known, self._source, columns)} FROM {known.source(self._source)} WHERE "
            f"{known.expression(self._source, 'Job')} IN ({{}}) ORDER BY {_list(known, self._source, self._source.key)}"
        )

    def read(self, spelled: Mapping[str, Sequence[Any]]) -> _Found:
        """The entries; raises for people when Sage cannot answer."""
        return self._read(spelled, partial(self._session.select, table=self._source.name))

    def read_if_shown(self, spelled: Mapping[str, Sequence[Any]]) -> _Found | None:
        """None when this user may not see the table, or it is not there any more."""
        try:
            return self._read(spelled, self._session.try_select)
        except Exception as error:
            if not is_driver_error(error):
                raise
            if trouble(error) in (Trouble.NO_TABLE, Trouble.NO_RIGHT):
                return None
            raise sentence(error, self._source.name) from error

    def _read(self, spelled: Mapping[str, Sequence[Any]], select: Callable[..., Any]) -> _Found:
        found = _Found()
        for job, values in spelled.items():
            cursor = select(self._sql.format(", ".join("?" * len(values))), values)
            try:
                while rows := self._session.fetch(cursor, _SIZE, table=self._source.name):
                    batch = self._cleaner.batch(rows)
                    found.lost[job] += len(batch.set_aside)
                    found.entries += [entry for row in batch.rows if (entry := self._entry(row))]
            finally:
                cursor.close()
        return found

    def _entry(self, row: Row) -> Entry | None:
        has = dict(zip(self._fields, row, strict=False))
        spot = (has["job"], has["extra"], has["cost_code"], has["category"])
        if not self._keep(spot, has["transaction_type"]):
            return None
        return Entry(
            spot,
            has["transaction_type"],
            has["transaction_date"] or "",
            has["accounting_date"] or "",
            shapes.fourth(has["units"]),
            shapes.money(has["amount"]),
            self._source.name == POSTED,
            (has["run"], has["sequence"]),
        )


def _list(known: Capabilities, source: Table, columns: Iterable[Column]) -> str:
    return ", ".join(known.expression(source, column.name) for column in columns)
