"""Durable accepts a second, beside plain transactions that write the same three rows.

Ours is the accept that an approver's button calls, on an opened company, with every check and the answer of the press.
The peer writes the same decision, intent and audit entry by Python's own SQLite module into a copy of the same file,
with the same guards, indexes and pragmas. Wall seconds, as an accept counts once it is on the disk; both in turn,
median of runs. In the end both files hold the same rows.
"""

from __future__ import annotations

import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.common import Figure, emit
from erpdesk import demo, sample
from erpdesk.company import Company, open_company
from erpdesk.database import BUSY_SECONDS
from erpdesk.paths import CompanyPaths
from erpdesk.workflows.commitments import KIND
from erpdesk.workflows.console_rows import Pick, View
from erpdesk.workflows.rows import CommitmentDraft, LineDraft

ROWS = 100
RUNS = 3
GOAL = 0.5
BULK, BULK_GOAL = 500, 10.0
TRANSACTIONS = 2_000
TABLES = ("submission", "outbox", "audit")
PRAGMAS = (
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "synchronous=EXTRA",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "trusted_schema=OFF",
)

Row = dict[str, Any]


@contextmanager
def company_in(home: Path) -> Iterator[Company]:
    """The sample company with its people and projects, opened as the program opens it; nobody exports there."""
    paths = demo.prepare(CompanyPaths(home / "company"), home / "sage", transactions=TRANSACTIONS)
    company = open_company(paths, lambda event: None)
    try:
        company.read_once()
        sample.add_people(company.store)
        sample.add_projects(company.store, company.facts)
        yield company
    finally:
        company.close()


def person(company: Company, name: str) -> str:
    """The id of one of the sample company's people."""
    return next(each.id for each in company.desk.queries.people() if each.name == name)


def send(company: Company, first: int, count: int) -> list[Pick]:
    """So many commitments that wait for a decision, each of three lines, and what the approver saw of them."""
    desk, manager = company.desk, person(company, sample.MANAGER)
    projects, vendors = desk.queries.projects(), desk.queries.companies()
    vendor = next(each.id for each in vendors if each.sage_vendor)
    made = []
    for number in range(first, first + count):
        project = projects[number % len(projects)].id
        codes = [each for each in desk.queries.codes(project, manager) if each.category == "S"]
        draft = CommitmentDraft(
            type="Subcontract",
            project_id=project,
            number=f"SC-{2000 + number // 900:04}-{100 + number % 900:03}",
            title="Structural steel",
            company_id=vendor,
            retainage_percent=Decimal(10),
            lines=tuple(
                LineDraft("", code.cost_code, "S", "Furnish and erect", amount=Decimal(100 * number + at) / 100)
                for at, code in enumerate(codes[:3], 1)
            ),
        )
        item, _ = desk.commitments.save(manager, draft)
        desk.commitments.set_status(manager, item, "Approved", desk.queries.commitment(item, manager).version)
        made.append(item)
    result = desk.erp.send(manager, made, uuid.uuid4().hex)
    if result.not_done:
        raise SystemExit(f"Some could not be sent: {result.not_done[:3]}")
    wanted = set(made)
    approver = person(company, sample.APPROVER)
    ready = [row.id for row in desk.console.queue(KIND, View.READY_TO_EXPORT, None, approver) if row.item_id in wanted]
    picks = desk.console.accept_preview(approver, ready).picks
    if len(picks) != count:
        raise SystemExit(f"Only {len(picks)} of {count} can be accepted.")
    return list(picks)


def ours(company: Company, picks: Sequence[Pick]) -> float:
    """Wall seconds of accepting each of these by its own press."""
    approver, erp = person(company, sample.APPROVER), company.desk.erp
    began = time.perf_counter()
    for pick in picks:
        erp.accept(approver, pick.submission_id, pick.sage_id, pick.sha256, uuid.uuid4().hex)
    return time.perf_counter() - began


def rows_of(path: Path, picks: Sequence[Pick]) -> list[tuple[Row, Row, Row]]:
    """The decision, the intent and the audit entry of each accepted item, as they stand in the file."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        one = (
            "SELECT * FROM submission WHERE id = ?",
            "SELECT * FROM outbox WHERE submission_id = ?",
            "SELECT * FROM audit WHERE act = 'accept' AND body LIKE ?",
        )
        return [
            tuple(
                dict(db.execute(sql, (f"%{pick.submission_id}%" if "LIKE" in sql else pick.submission_id,)).fetchone())
                for sql in one
            )  # type: ignore[misc]  # three queries make three rows
            for pick in picks
        ]


def plain(path: Path) -> sqlite3.Connection:
    """A connection with the pragmas of the program."""
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        db.execute(f"PRAGMA {pragma}")
    return db


def peer(path: Path, rows: Sequence[tuple[Row, Row, Row]]) -> float:
    """Wall seconds of a plain transaction for each item that writes these three rows."""
    insert = {
        name: f"INSERT INTO {name} ({', '.join(f'{chr(34)}{key}{chr(34)}' for key in row)}) "
        f"VALUES ({', '.join('?' * len(row))})"
        for name, row in zip(TABLES, rows[0], strict=True)
    }
    decide = (
        "UPDATE submission SET state = ?, version = ?, decided_by = ?, decided_at = ?, natural_key = ? WHERE id = ?"
    )
    changed = ("state", "version", "decided_by", "decided_at", "natural_key", "id")
    with closing(plain(path)) as db:
        began = time.perf_counter()
        for submission, outbox, entry in rows:
            db.execute("BEGIN IMMEDIATE")
            db.execute(decide, [submission[name] for name in changed])
            db.execute(insert["outbox"], list(outbox.values()))
            db.execute(insert["audit"], list(entry.values()))
            db.execute("COMMIT")
        return time.perf_counter() - began


def same(one: Path, other: Path) -> bool:
    """Whether two files hold the same decisions, intents and audit entries."""

    def held(path: Path) -> list[list[tuple[Any, ...]]]:
        with closing(sqlite3.connect(path)) as db:
            return [db.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in TABLES]

    return held(one) == held(other)


def copy_of(company: Company, to: Path) -> Path:
    """The decision store as it stands, between two transactions."""
    company.store.engine.dispose()
    shutil.copyfile(company.paths.database, to)
    return to


def main() -> None:
    """Accept items in both ways by turns, then five hundred at one press; print the figures."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="accepts in each of the runs")
    count = parser.parse_args().rows
    rates, mine, theirs = [], [], []
    with (
        tempfile.TemporaryDirectory(prefix="erpdesk-bench-", ignore_cleanup_errors=True) as folder,
        company_in(Path(folder)) as company,
    ):
        path = company.paths.database
        for run in range(RUNS):
            picks = send(company, run * count, count)
            before = copy_of(company, Path(folder) / "plain.db")
            mine.append(ours(company, picks))
            rows = rows_of(path, picks)
            theirs.append(peer(before, rows))
            if not same(path, before):
                raise SystemExit("The plain transactions did not write what the accepts wrote.")
            rates.append(theirs[-1] / mine[-1])
        picks = send(company, RUNS * count, BULK)
        began = time.perf_counter()
        result = company.desk.erp.accept_many(person(company, sample.APPROVER), picks, uuid.uuid4().hex)
        bulk = time.perf_counter() - began
        if len(result.done) != BULK:
            raise SystemExit(f"Only {len(result.done)} of {BULK} were accepted.")
    each, plain_each = (1000 * statistics.median(times) / count for times in (mine, theirs))
    print(f"accept_rate: {each:.2f} ms over {plain_each:.2f} ms an item", file=sys.stderr)
    emit(
        Figure(
            "accept_rate",
            round(statistics.median(rates), 3),
            "x",
            "plain transactions of the same three rows (wall)",
            GOAL,
            count,
            at_least=True,
        )
    )
    emit(Figure("accept_many", round(bulk, 2), "s", "500 items at one press (wall)", BULK_GOAL, BULK))


if __name__ == "__main__":
    main()
