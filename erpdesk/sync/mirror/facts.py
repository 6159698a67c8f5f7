"""Answers what Sage held at the last reading, from the mirror: the workflows' ``SageFacts``."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import apsw

from erpdesk.core.clock import from_iso
from erpdesk.sync.mirror.intake import key_text
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.mirror.transactions import MirrorTransactions
from erpdesk.sync.sage import shapes
from erpdesk.sync.sage.shapes import money
from erpdesk.sync.sage.tables import catalogue
from erpdesk.workflows.ports import (
    CodeKey,
    IdFormat,
    SageCategory,
    SageCommitment,
    SageExtra,
    SageJob,
    SageVendor,
    TableFreshness,
)
from erpdesk.workflows.sage_acts import Loss, WaitingTable

COMMITMENT_FIELD = 20
"""Sage's number for the commitment ID among its ID formats."""
WIDEST_COMMITMENT = 12
_NO_EXTRAS = frozenset(("", "no", "none", "n", "0", "false", "not used", "do not use", "never"))
_BROKEN = (apsw.NotADBError, apsw.CorruptError)
_WANTED = (
    "json_each(?) w CROSS JOIN category c ON c.extra = json_extract(w.value, '$[0]') "
    "AND c.cost_code = json_extract(w.value, '$[1]') AND c.category = json_extract(w.value, '$[2]')"
)

Record = Mapping[str, Any]


@dataclass(frozen=True)
class OddRow:
    """A row or a value of Sage that could not be taken as it stands: where it is, how it reads there, and why.

    ``table`` is the table's title, ``key`` the row's key in words ("" when unreadable), ``column`` "" for a whole row,
    which then is not in the mirror; a value that is named by its column was taken, but not as it stands.
    """

    id: str
    table: str
    key: str
    column: str
    raw: str
    reason: str


class MirrorFacts:
    """Reads of the current mirror, from any thread: each opens it, looks, lets it go. Empty before the first load."""

    def __init__(self, store: MirrorStore) -> None:
        self._store = store

    def jobs(self) -> tuple[SageJob, ...]:
        """Every job, by its number."""
        return tuple(map(_job, self.select("SELECT * FROM job WHERE gone_run IS NULL ORDER BY job")))

    def job(self, job: str) -> SageJob | None:
        """One job, or None when Sage does not hold it."""
        found = self.select("SELECT * FROM job WHERE job = ? AND gone_run IS NULL", job)
        return _job(found[0]) if found else None

    def extras(self, job: str) -> tuple[SageExtra, ...]:
        """The extras (sub jobs) of a job."""
        found = self.select("SELECT * FROM extra WHERE job = ? AND gone_run IS NULL ORDER BY extra", job)
        return tuple(SageExtra(row["job"], row["extra"], row["description"], row["status"]) for row in found)

    def categories(self, job: str, only: Collection[CodeKey] | None = None) -> tuple[SageCategory, ...]:
        """Every category of every cost code of a job and of its extras, with the cost code's own description.

        ``only`` names those that are wanted; of a job with thousands of them the others are not read then.
        """
        named: tuple[str, ...] = () if only is None else (json.dumps(sorted(set(only))),)
        found = self.select(
            "SELECT c.*, p.description AS code_description, p.group_cost_code AS code_group, p.status AS code_status "
            f"FROM {_WANTED if named else 'category c'} LEFT JOIN cost_code p ON p.job = c.job AND p.extra = c.extra "
            "AND p.cost_code = c.cost_code AND p.gone_run IS NULL "
            "WHERE c.job = ? AND c.gone_run IS NULL ORDER BY c.extra, c.cost_code, c.category",
            *named,
            job,
        )
        return tuple(map(_category, found))

    def vendors(self) -> tuple[SageVendor, ...]:
        """Every vendor, by its ID."""
        return tuple(map(_vendor, self.select("SELECT * FROM vendor WHERE gone_run IS NULL ORDER BY vendor")))

    def vendor(self, vendor: str) -> SageVendor | None:
        """One vendor, or None when Sage does not hold it."""
        found = self.select("SELECT * FROM vendor WHERE vendor = ? AND gone_run IS NULL", vendor)
        return _vendor(found[0]) if found else None

    def commitment(self, commitment: str) -> SageCommitment | None:
        """A commitment with its lines, or None when Sage does not hold it."""
        found = self.select_all(
            ("SELECT * FROM commitment WHERE commitment = ? AND gone_run IS NULL", (commitment,)),
            ("SELECT * FROM commitment_item WHERE commitment = ? AND gone_run IS NULL", (commitment,)),
        )
        return shapes.commitment(found[0][0], found[1]) if found[0] else None

    def commitment_amounts(self, commitments: Sequence[str]) -> dict[str, tuple[Decimal, Decimal]]:
        """Amount and sum of lines of those of these commitments that Sage holds, by ID; as one by one, in one read."""
        found = self.select(
            "SELECT c.commitment, c.amount, (SELECT COALESCE(SUM(i.amount), 0) FROM commitment_item i "
            "WHERE i.commitment = c.commitment AND i.gone_run IS NULL) AS lines "
            "FROM json_each(?) w CROSS JOIN commitment c ON c.commitment = w.value WHERE c.gone_run IS NULL",
            json.dumps(commitments),
        )
        return {
            row["commitment"]: (money(row["lines"] if row["amount"] is None else row["amount"]), money(row["lines"]))
            for row in found
        }

    def commitment_id_taken(self, commitment: str) -> bool:
        """Whether Sage holds this ID, capitals aside; also when the commitment itself could not be read."""
        found = self.select_all(
            ("SELECT 1 FROM commitment WHERE commitment = ? COLLATE NOCASE AND gone_run IS NULL", (commitment,)),
            (
                'SELECT 1 FROM set_aside WHERE "table" = \'JCM_MASTER__COMMITMENT\' AND "key" = ? COLLATE NOCASE',
                (key_text((commitment,)),),
            ),
        )
        return any(found)

    def commitment_id_format(self) -> IdFormat:
        """How commitment IDs look in this company; up to 12 characters as they are typed when Sage does not say."""
        found = self.select(
            "SELECT cslen, cntcap FROM id_format WHERE fldcode = ? AND gone_run IS NULL ORDER BY section",
            COMMITMENT_FIELD,
        )
        width = sum(row["cslen"] or 0 for row in found)
        if not 0 < width <= WIDEST_COMMITMENT:
            width = WIDEST_COMMITMENT
        return IdFormat(width, any(row["cntcap"] for row in found))

    def freshness(self) -> tuple[TableFreshness, ...]:
        """For each table that was ever read: when its last good reading began, what it holds, what went wrong since."""
        found = self.select_all(
            ('SELECT * FROM run WHERE id IN (SELECT MAX(id) FROM run GROUP BY "table")', ()),
            ('SELECT * FROM run WHERE id IN (SELECT MAX(id) FROM run WHERE ok GROUP BY "table")', ()),
        )
        last, good = ({row["table"]: row for row in rows} for rows in found)
        return tuple(
            _freshness(table.title, last[table.name], good.get(table.name))
            for table in catalogue()
            if table.name in last
        )

    def counts(self) -> dict[str, int]:
        """How many rows each table holds, by its title, as the last reading counted them."""
        return {each.table: each.rows for each in self.freshness()}

    def at_once(self) -> AbstractContextManager[None]:
        """Everything that this thread asks inside is of one and the same state of the mirror."""
        return self._store.at_once()

    def transactions(self, job: str | None) -> MirrorTransactions:
        """The job-cost transactions of a job, or of every job (None)."""
        return MirrorTransactions(self._store, job)

    def set_aside(self) -> tuple[OddRow, ...]:
        """The rows that the last readings could not use."""
        found = self.select("SELECT rowid AS id, *, '' AS \"column\" FROM set_aside ORDER BY rowid")
        return tuple(_odd("row", row) for row in found)

    def notes(self) -> tuple[OddRow, ...]:
        """Values of the last readings that were not taken as they stand in Sage (at most 200 a table)."""
        found = self.select("SELECT rowid AS id, * FROM note ORDER BY rowid")
        return tuple(_odd("value", row) for row in found)

    def select(self, sql: str, *values: Any) -> list[Record]:
        """The rows of one query on the current mirror, by the names of its columns; none before the first load."""
        return self.select_all((sql, values))[0]

    def select_all(self, *queries: tuple[str, Sequence[Any]]) -> list[list[Record]]:
        """Several queries over one and the same state of the mirror."""
        nothing: list[list[Record]] = [[] for _ in queries]
        try:
            with self._store.reading() as db:
                return nothing if db is None else [_records(db, sql, values) for sql, values in queries]
        except _BROKEN:
            # A damaged mirror answers nothing and is built again at the next sync.
            return nothing


def _records(db: apsw.Connection, sql: str, values: Sequence[Any]) -> list[Record]:
    titles: list[str] = []
    records: list[Record] = []
    cursor = db.execute(sql, tuple(values))
    for row in cursor:
        # The cursor forgets its titles once the rows are at their end.
        titles = titles or [each[0] for each in cursor.get_description()]
        records.append(dict(zip(titles, row, strict=True)))
    return records


def _job(row: Record) -> SageJob:
    return SageJob(
        job=row["job"],
        description=row["description"],
        status=row["status"],
        uses_extras=row["extras"].strip().lower() not in _NO_EXTRAS,
        original_commitment=money(row["original_commitment"]),
        approved_commitment_changes=money(row["approved_commitment_changes"]),
        revised_commitment=money(row["revised_commitment"]),
        jtd_cost=money(row["jtd_cost"]),
        total_estimate=money(row["total_estimate"]),
    )


def _category(row: Record) -> SageCategory:
    return SageCategory(
        job=row["job"],
        extra=row["extra"],
        cost_code=row["cost_code"],
        category=row["category"],
        cost_code_description=row["code_description"] or "",
        category_description=row["description"],
        group=bool(row["code_group"]),
        closed=_closed(row["status"]) or _closed(row["code_status"]),
        total_estimate=money(row["total_estimate"]),
        revised_commitment=money(row["revised_commitment"]),
        pending_commitment_changes=money(row["pending_commitment_changes"]),
        commitment_invoiced=money(row["commitment_invoiced"]),
        jtd_cost=money(row["jtd_cost"]),
    )


def _vendor(row: Record) -> SageVendor:
    return SageVendor(
        vendor=row["vendor"],
        name=row["name"],
        type=row["type"],
        city=row["city"],
        state=row["state"],
        telephone=row["telephone"],
        inactive=(row["status"] or "").strip().lower() == "inactive",
    )


def loss_of(run: Record) -> Loss | None:
    """What a run would have taken away and a person is asked about; None where nobody is asked."""
    return Loss(run["lost"], run["before"], run["set_aside"]) if run["waits"] else None


def _freshness(title: str, last: Record, good: Record | None) -> TableFreshness:
    began = from_iso(good["read_began"]) if good else None
    fresh = TableFreshness(title, began, last["rows"], last["set_aside"], last["problem"])
    loss = loss_of(last)
    return fresh if loss is None else WaitingTable(**vars(fresh), loss=loss)


def table_title(name: str) -> str:
    """What people call a Sage table; its own name when erpdesk does not read it any more."""
    return next((table.title for table in catalogue() if table.name == name), name)


def _odd(kind: str, row: Record) -> OddRow:
    key = " / ".join(str(part) for part in json.loads(row["key"]) if part != "") if row["key"] else ""
    return OddRow(f"{kind} {row['id']}", table_title(row["table"]), key, row["column"], row["raw"], row["reason"])


def _closed(status: str | None) -> bool:
    return (status or "").strip().lower() == "closed"
