"""The job-cost transactions of a job, or of all jobs, for a list that holds only what is on screen."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeVar

import apsw

from erpdesk.core.lists import ListAsk, ListSpine, ListTest, ListWords
from erpdesk.core.money import from_fourths, from_whole_cents
from erpdesk.sync.mirror import cost_search
from erpdesk.sync.mirror.cost_search import LIVE, SORTED, Words, index_name, understand
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.sage.shapes import day, money
from erpdesk.workflows.rows import CostTotal, TransactionRow

T = TypeVar("T")

COLUMNS = {
    "day": "transaction_date",
    "accounting_day": "accounting_date",
    "job": "job",
    "extra": "extra",
    "cost_code": "cost_code",
    "category": "category",
    "type": "transaction_type",
    "vendor": "vendor",
    "invoice": "invoice",
    "commitment": "commitment",
    "description": "description",
    "units": "units",
    "amount": "amount",
}
"""Keys of the list and the columns of the mirror that they stand for."""

_ROW = ", ".join(["rowid", *(f'"{column}"' for column in COLUMNS.values())])
_NUMBERS = ("units", "amount")
_BROKEN = (apsw.NotADBError, apsw.CorruptError)
_AT_ONCE = 1000
_PIECE = 60_000
_NOTHING = from_whole_cents(0)
_TOTALS = f"""
    WITH kept AS (
        SELECT job, '' AS extra, description AS title, jtd_cost FROM job WHERE {LIVE}
        UNION ALL
        SELECT c.job, c.extra, e.description, SUM(c.jtd_cost) FROM category c
        LEFT JOIN extra e ON e.job = c.job AND e.extra = c.extra AND e.{LIVE}
        WHERE c.{LIVE} AND c.extra <> '' GROUP BY c.job, c.extra),
    listed AS (
        SELECT job, extra, SUM(amount) FILTER (WHERE transaction_type LIKE '%cost') AS cost, COUNT(*) AS transactions,
            SUM(amount) FILTER (WHERE transaction_type NOT LIKE '%cost') AS other
        FROM job_cost WHERE {LIVE} GROUP BY job, extra)
    SELECT job, extra, title, jtd_cost, cost, transactions, other FROM kept FULL JOIN listed USING (job, extra)
    WHERE :job IS NULL OR job = :job ORDER BY job, extra"""


class MirrorTransactions:
    """Reads of the current mirror, from any thread; ``job`` None means every job. Empty before the first load."""

    narrows = frozenset(COLUMNS)
    """Every column can be tested."""

    def __init__(self, store: MirrorStore, job: str | None) -> None:
        self._store = store
        self._job = job

    def first(self, ask: ListAsk, count: int) -> tuple[TransactionRow, ...]:
        """The first rows of the list, found without counting or sorting the rest where an index helps."""

        def work(db: apsw.Connection) -> tuple[TransactionRow, ...]:
            words = understand(db, ask.words, self._job, _tests(ask))
            found: list[TransactionRow] = []
            for sql in self._parts(ask, words, _ROW) if words else ():
                found += map(_row, db.execute(f"{sql} LIMIT {count - len(found)}", words.values if words else {}))
                if len(found) >= count:
                    break
            return tuple(found)

        return self._ask(work, ())

    def spine(self, ask: ListAsk) -> ListSpine:
        """The ids of all rows of the list, with count and sums."""

        def work(db: apsw.Connection) -> ListSpine:
            mine, words = cost_search.mine(self._job), understand(db, ask.words, self._job, _tests(ask))
            ids, cents, values = array("q"), 0, words.values if words else {"job": self._job}
            total: int = db.execute(f"SELECT COUNT(*) FROM job_cost WHERE {mine}", values).get
            wanted = "rowid AS number, amount AS cents" if words and words.condition else "rowid AS number, 0 AS cents"
            for sql in self._parts(ask, words, wanted) if words else ():
                # In one text: a row at a time would make this thread wait for the window a hundred thousand times.
                added = db.execute(f"SELECT group_concat(number), SUM(cents) FROM ({sql})", values).fetchall()[0]
                _add_numbers(ids, str(added[0] or ""))
                cents += int(added[1] or 0)
            if words and not words.condition:
                # The index over amounts holds all that is needed: no row is touched.
                cents = db.execute(f"SELECT SUM(amount) FROM job_cost WHERE {mine}", values).get or 0
            return ListSpine(ids, {"amount": from_whole_cents(cents)}, total, self._store.current())

        return self._ask(work, ListSpine())

    def words(self, key: str, part: str, most: int) -> ListWords:
        """The words of a column in which a part occurs, capitals aside, each with how many rows hold it."""
        column = COLUMNS[key]
        return self._ask(lambda db: cost_search.column_words(db, column, self._job, part, most), ListWords())

    def rows(self, ids: Sequence[int]) -> tuple[TransactionRow | None, ...]:
        """The rows with these ids, in this order; None for one that is not there."""
        return self._ask(lambda db: tuple(_chosen(db, ids)), (None,) * len(ids))

    def each(self, ids: Sequence[int]) -> Iterator[TransactionRow]:
        """The rows with these ids one after the other, all as they are at one moment."""
        with suppress(*_BROKEN), self._store.reading() as db:
            if db is None:
                return
            for start in range(0, len(ids), _AT_ONCE):
                yield from (row for row in _chosen(db, ids[start : start + _AT_ONCE]) if row is not None)

    def sums(self, ids: Sequence[int]) -> Mapping[str, Decimal]:
        """The sums of the rows with these ids."""

        def work(db: apsw.Connection) -> Decimal:
            chosen = "SELECT SUM(amount) FROM job_cost WHERE rowid IN (SELECT value FROM carray(?))"
            return money(db.execute(chosen, (apsw.carray(array("q", ids)),)).get)

        return {"amount": self._ask(work, _NOTHING) if len(ids) else _NOTHING}

    def standing(self) -> tuple[CostTotal, ...]:
        """For base job and extras: the cost to date that Sage keeps, and what the listed cost entries add up to."""

        def work(db: apsw.Connection) -> tuple[CostTotal, ...]:
            found = db.execute(_TOTALS, {"job": self._job})
            return tuple(
                CostTotal(job, extra, title or "", money(kept), money(cost), transactions or 0, money(other))
                for job, extra, title, kept, cost, transactions, other in found
            )

        return self._ask(work, ())

    def _parts(self, ask: ListAsk, words: Words, wanted: str) -> Iterator[str]:
        """The list in order, as queries that follow each other: first the filled cells, then the empty ones."""
        way = " DESC" if ask.descending else ""
        sorts = [(COLUMNS[key], " DESC" if down else "") for key, down in ask.sorts if key in COLUMNS]
        mine, column = cost_search.mine(self._job), sorts[0][0] if sorts else ""
        walked = column in SORTED and not words.few
        source = f"job_cost INDEXED BY {index_name(column)}" if walked else "job_cost"
        if not column:
            source = "job_cost" if words.few else "job_cost NOT INDEXED"
            yield f"SELECT {wanted} FROM {source} WHERE {mine}{words.condition} ORDER BY rowid{way}"
            return
        # Rows that are equal in the first column are sorted by the others a few at a time, while its index is walked.
        others = [f'"{each}" IS NULL, "{each}" = \'\', "{each}"{turn}' for each, turn in sorts[1:]]
        order = ", ".join([*others, f'"job"{way}', f"rowid{way}"])
        filled = "IS NOT NULL" if column in _NUMBERS else "> ''"
        # A plus: SQLite must not know that the job is one and the same, or it sorts what the index has in order.
        mine = mine.replace('"job"', '+"job"') if walked else mine
        chosen = f"SELECT {wanted} FROM {source} WHERE {mine}{words.condition}"
        yield f'{chosen} AND "{column}" {filled} ORDER BY "{column}"{way}, {order}'
        for empty in ("= ''", "IS NULL"):
            yield f'{chosen} AND "{column}" {empty} ORDER BY {order}'

    def _ask(self, work: Callable[[apsw.Connection], T], nothing: T) -> T:
        try:
            with self._store.reading() as db:
                return nothing if db is None else work(db)
        except _BROKEN:
            # A damaged mirror answers nothing and is built again at the next sync.
            return nothing


def _tests(ask: ListAsk) -> list[tuple[str, ListTest]]:
    return [(COLUMNS[test.key], test) for test in ask.tests if test.key in COLUMNS]


def _add_numbers(ids: array[int], text: str) -> None:
    """Adds the numbers of a list with commas, piece by piece, for other threads want to run too."""
    start = 0
    while start < len(text):
        end = text.find(",", start + _PIECE)
        end = len(text) if end < 0 else end
        ids.extend(map(int, text[start:end].split(",")))
        start = end + 1


def _chosen(db: apsw.Connection, ids: Sequence[int]) -> Iterator[TransactionRow | None]:
    if not len(ids):
        return iter(())
    asked = f"SELECT {_ROW} FROM job_cost WHERE rowid IN (SELECT value FROM carray(?))"
    found = {row.id: row for row in map(_row, db.execute(asked, (apsw.carray(array("q", ids)),)))}
    return map(found.get, ids)


def _row(stored: Sequence[Any]) -> TransactionRow:
    number, posted, accounted, job, extra, code, category, kind, vendor, invoice, commitment, words, units, cents = (
        stored
    )
    return TransactionRow(
        number,
        day(posted),
        day(accounted),
        job,
        extra,
        code,
        category,
        kind or "",
        vendor,
        invoice,
        commitment,
        words,
        None if units is None else from_fourths(units),
        None if cents is None else from_whole_cents(cents),
    )
