"""The search of the whole company (Ctrl+K): its first rows over many commitments, beside a scan of all of them.

The peer looks for the same words in number, title, vendor and job of every commitment, in the same database, by the
same SQLite that holds it. The first page of both holds the same commitments.
"""

from __future__ import annotations

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
from erpdesk.sync.mirror.facts import MirrorFacts
from erpdesk.sync.mirror.store import MirrorStore
from erpdesk.sync.search.finder import CompanyFinder

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
SCAN = """
SELECT c.id FROM commitment c JOIN project p ON p.id = c.project_id
LEFT JOIN directory_company d ON d.id = c.company_id WHERE {}
"""


def fill(path: Path, rows: int) -> None:
    """Commitments of many vendors and projects, as the program would hold them."""
    dice = random.Random(SEED)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO person (id, name, title, can_push, all_projects) VALUES ('p', 'Pat Bench', '', 0, 1)")
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
        store.close()


if __name__ == "__main__":
    main()
