"""The console over many commitments: how soon a search and a view show their first rows, beside reading all of them.

Search (Ctrl+K): the peer looks for the same words in number, title, vendor and job of every commitment, in the same
database, by the same SQLite that holds it. The first page of both holds the same commitments.

The fullest view, with seven of ten items: its first rows, each compared with what Sage holds, and the counts of all
views. The peer reads the same columns of the whole view with Python's own SQLite module and makes nothing of them. Both
name the same items, oldest first.
"""

from __future__ import annotations

import json
import random
import sqlite3
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench.common import SEED, Figure, emit, in_turn
from erpdesk import database
from erpdesk.core.clock import CLOCK
from erpdesk.settings import CompanySettings
from erpdesk.sync.mirror import tables
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.sage.render import JccPreview
from erpdesk.sync.sage.tables import table
from erpdesk.sync.search.finder import CompanyFinder
from erpdesk.workflows import commitments
from erpdesk.workflows.console_rows import FIRST_ROWS, View
from erpdesk.workflows.erp_console import Console
from erpdesk.workflows.operation import Office
from erpdesk.workflows.rows import QueueRow

ROWS = 100_000
RUNS = 5
LIMIT = 50
VENDORS, PROJECTS = 2_000, 200
TRADES = (
    "Structural steel",
    "Cast-in-place concrete",
    "Electrical rough-in",
    "Curtain wall",
    "Site utilities",
    "Roofing",
)
NEEDLES = ("SC-0713-00421", "falcon", "Vendor 1999", "job-0042", "curtain 0042", "88")
"""A number, a rare title, a vendor, a job, two words, two digits."""
NOW = "2026-01-05T08:00:00.000000Z"
VIEW = """
SELECT s.id, s.item_id, s.state, s.natural_key, s.sent_by, s.sent_at, s.decided_by, s.decided_at, s.comment,
    s.archived_at, o.state, o.natural_key, o.message, o.changed_at, c.project_id, c.number, c.title, c.type,
    d.sage_vendor, d.name, p.sage_job,
    (SELECT SUM(l.amount) FROM commitment_line l WHERE l.commitment_id = c.id)
FROM submission s JOIN commitment c ON c.id = s.item_id JOIN project p ON p.id = c.project_id
LEFT JOIN directory_company d ON d.id = c.company_id JOIN outbox o ON o.submission_id = s.id
WHERE s.state = 'ACCEPTED' AND s.archived_at IS NULL AND o.state IN ('IN_SAGE', 'POSTED') ORDER BY s.sent_at, s.id
"""
STANDS = [("ACCEPTED", "IN_SAGE")] * 70 + [("PENDING", "")] * 20 + [("REJECTED", "")] * 4
STANDS += [("ACCEPTED", "REFUSED")] * 3 + [("ACCEPTED", "INTENT")] * 2 + [("ACCEPTED", "IN_DOUBT")]
"""Where a hundred items stand: their decision, and how far the accepted ones are."""
LINES = 5
SCAN = """
SELECT c.id FROM commitment c JOIN project p ON p.id = c.project_id
LEFT JOIN directory_company d ON d.id = c.company_id WHERE {}
"""


class Nobody:
    """Who would be told that there is something to send; nothing is accepted here."""

    def wake(self) -> None:
        """Nobody listens."""


def fill(path: Path, rows: int) -> None:
    """Commitments of many vendors and projects, as the program would hold them."""
    dice = random.Random(SEED)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO person (id, name, title, can_push, all_projects) VALUES ('p', 'Pat Bench', '', 0, 1)")
        db.execute("INSERT INTO tool_right VALUES ('p', 'Commitments', 'Read Only')")
        db.executemany(
            "INSERT INTO project (id, number, name, sage_job) VALUES (?, ?, ?, ?)",
            [(f"j{n}", f"P-{n:04}", f"Project {n}", f"JOB-{n:04}") for n in range(PROJECTS)],
        )
        db.executemany(
            "INSERT INTO directory_company (id, name, sage_vendor) VALUES (?, ?, ?)",
            [(f"v{n}", f"Vendor {n:04}", f"V{n:05}") for n in range(VENDORS)],
        )

        def commitment(n: int) -> tuple[object, ...]:
            title = "Falcon hoist" if n % 9973 == 0 else f"{dice.choice(TRADES)} {n % 977}"
            number = f"SC-{n // 100:04}-{n % 100_000:05}"
            place = (f"j{dice.randrange(PROJECTS)}", f"v{dice.randrange(VENDORS)}")
            return (f"c{n}", "Subcontract", *place, number, title, "", "Draft", "amount", 0, "p", NOW, 1)

        db.executemany(
            "INSERT INTO commitment (id, type, project_id, company_id, number, title, description, status, method, "
            "retainage_percent, created_by, created_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (commitment(n) for n in range(rows)),
        )


def send(path: Path, rows: int) -> None:
    """Every commitment with its lines, sent by one person and decided on by another."""
    dice = random.Random(SEED)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO person (id, name, title, can_push, all_projects) VALUES ('q', 'Quinn Bench', '', 0, 1)")
        db.executemany(
            "INSERT INTO commitment_line (id, commitment_id, position, extra, cost_code, category, description, unit, "
            "amount) VALUES (?, ?, ?, '', '1-100', 'S', 'Furnish and erect', '', ?)",
            ((f"l{n}.{at}", f"c{n}", at, 10_000 * at + n) for n in range(rows) for at in range(1, LINES + 1)),
        )
        for n in range(rows):
            decision, export = STANDS[dice.randrange(len(STANDS))]
            key, at = f"{dice.getrandbits(128):032x}", f"2026-01-{1 + n * 27 // rows:02}T08:00:00.{n:06}Z"
            decided = (None, None) if decision == "PENDING" else ("p", at)
            payload = json.dumps({"lines": ["Furnish and erect"] * 60})
            db.execute(
                "INSERT INTO submission (id, company, kind, item_id, natural_key, revision, payload, payload_sha, "
                "state, version, sent_by, sent_at, decided_by, decided_at, comment) "
                "VALUES (?, 'Bench', 'commitment', ?, ?, 1, ?, '', ?, 1, 'q', ?, ?, ?, '')",
                (key, f"c{n}", f"SC-{n:06}", payload, decision, at, *decided),
            )
            if export:
                db.execute(
                    "INSERT INTO outbox (id, submission_id, company, kind, natural_key, export_key, approved_sha256, "
                    "state, attempt, class, row_version, accepted_at, changed_at, message) "
                    "VALUES (?, ?, 'Bench', 'commitment', ?, ?, '', ?, 1, 'C', 1, ?, ?, 'Read back.')",
                    (f"o{n}", key, f"SC-{n:06}", f"{n:010}", export, at, at),
                )


def hold(mirrors: MirrorStore, rows: int) -> None:
    """A mirror that holds every commitment as it was sent, read after that."""
    mirrors.path(1).touch()
    with mirrors.writing(1) as db:
        tables.create(db)
        header, item = (table(f"JCM_MASTER__COMMITMENT{part}") for part in ("", "_ITEM"))
        with db:
            for each, columns, values in (
                (header, ("commitment", "amount"), ((f"SC-{n:06}", _total(n)) for n in range(rows))),
                (item, ("commitment", "item_number", "amount"), ((f"SC-{n:06}", 1, _total(n)) for n in range(rows))),
            ):
                marks = ", ".join("?" * len(columns))
                db.executemany(
                    f"INSERT INTO {each.mirror} ({', '.join(columns)}, run_first, run_changed) VALUES ({marks}, 1, 1)",
                    values,
                )
                tables.index_key(db, each, each.mirror)
                tables.index_rest(db, each)
                db.execute(
                    "INSERT INTO run VALUES (NULL, ?, '2026-02-01T00:00:00.000000Z', '2026-02-01T00:00:00.000000Z', "
                    "?, 0, 0, 0, 0, 0, 1, '', 1, 0, 0, 0)",
                    (each.name, rows),
                )


def _total(n: int) -> int:
    return sum(10_000 * at + n for at in range(1, LINES + 1))


def open_view(console: Console) -> tuple[QueueRow, ...]:
    """What a person waits for who opens the fullest view."""
    console.counts("p")
    return console.queue(commitments.KIND, View.SYNCED, None, "p", FIRST_ROWS)


def read_all(db: sqlite3.Connection) -> int:
    """Every row of the view, as the plain module gives it."""
    return len(db.execute(VIEW).fetchall())


def check_view(console: Console, db: sqlite3.Connection) -> None:
    """Both name the same items, no item has drifted, the counts agree; raises ValueError otherwise."""
    first, whole = open_view(console), db.execute(VIEW).fetchall()
    if [each.id for each in first] != [each[0] for each in whole[:FIRST_ROWS]]:
        raise ValueError("The first rows are not those that the plain query names first.")
    if {each.state_text for each in first} != {"Synced"}:
        raise ValueError("Sage holds every item as it was approved, but that is not what is said.")
    if console.counts("p").count(commitments.KIND, View.SYNCED) != len(whole):
        raise ValueError("The count of the view is not the number of its items.")


def once(act: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def scan(db: sqlite3.Connection, text: str) -> set[str]:
    """Every commitment that holds every word, found by looking at all of them."""
    words = text.split()
    columns = ("c.number", "c.title", "d.name", "p.sage_job", "p.name")
    one = "(" + " OR ".join(f"{column} LIKE ?" for column in columns) + ")"
    values = [f"%{word}%" for word in words for _ in columns]
    return {row[0] for row in db.execute(SCAN.format(" AND ".join([one] * len(words))), values)}


def check(finder: CompanyFinder, db: sqlite3.Connection) -> None:
    """Both find the same; raises ValueError otherwise."""
    for text in NEEDLES:
        all_of_them = scan(db, text)
        first = [each.ref for each in finder.find("p", text, LIMIT) if each.kind == "commitment"]
        if not set(first) <= all_of_them or len(first) < min(LIMIT - 1, len(all_of_them)) - VENDORS // 1000:
            raise ValueError(f"“{text}”: {len(first)} first rows of {len(all_of_them)} do not fit")


def seconds(act: Callable[[str], object]) -> float:
    """How long all the words take."""
    started = time.perf_counter()
    for text in NEEDLES:
        act(text)
    return time.perf_counter() - started


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "erpdesk.db"
        store = database.open_store(path, backups=Path(folder) / "backups")
        fill(path, rows)
        facts = MirrorFacts(MirrorStore(Path(folder), lambda: None, lambda number: None))
        finder = CompanyFinder(store, facts, Path(folder) / "search.db")
        with closing(sqlite3.connect(path)) as db:
            check(finder, db)
            ours, peer = in_turn(
                RUNS,
                lambda: seconds(lambda text: finder.find("p", text, LIMIT)),
                lambda: seconds(lambda t: scan(db, t)),
            )
        emit(Figure("search_first_rows", ours / peer, "x", "LIKE over every commitment in SQLite", 0.05, rows))
        finder.close()
        send(path, rows)
        mirrors = MirrorStore(Path(folder), lambda: 1, lambda number: None)
        hold(mirrors, rows)
        console = Console(Office(store, MirrorFacts(mirrors), JccPreview(), Nobody(), CLOCK, CompanySettings))
        with closing(sqlite3.connect(path)) as db:
            check_view(console, db)
            ours, peer = in_turn(RUNS, lambda: once(lambda: open_view(console)), lambda: once(lambda: read_all(db)))
        emit(Figure("console_first_rows", ours / peer, "x", "reading the whole view with sqlite3", 0.2, rows))
        store.close()


if __name__ == "__main__":
    main()
