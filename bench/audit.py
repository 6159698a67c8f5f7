"""The check of the audit trail over a plain loop that reads and hashes the same rows.

Both read the same columns of the same SQLite file in the order of their numbers; the loop makes one SHA-256 of each row
and checks nothing. CPU seconds, median of runs taken in turn.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from bench.common import SEED, Figure, emit, in_turn
from erpdesk import database
from erpdesk.core.clock import iso
from erpdesk.models.audit import AuditEntry
from erpdesk.workflows.audit import START, entry_hash
from erpdesk.workflows.audit_check import Anchor, Anchors, verify

ROWS = 1_000_000
RUNS = 3
GOAL = 5.0
AT = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
PEER = (
    "SELECT prev, seq, at, who, login, machine, version, act, kind, ref, before, after, reason, evidence, body "
    "FROM audit ORDER BY seq"
)
COLUMNS = [column.name for column in AuditEntry.__table__.columns]


def make_trail(path: Path, count: int) -> str:
    """A decision store with so many entries as the program writes them, and the hash of the last."""
    engine = database.sqlite_engine(path)
    database.migrate(engine)
    engine.dispose()
    last: list[str] = [START]
    marks = ", ".join("?" for _ in COLUMNS)
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.executemany(f"INSERT INTO audit ({names}) VALUES ({marks})", entries(count, last))
        connection.commit()
    return last[0]


def entries(count: int, last: list[str]) -> Iterator[tuple[object, ...]]:
    """The rows of the trail one by one; the hash of each is left in ``last``."""
    random = Random(SEED)
    acts = ("create", "edit", "status", "send", "accept", "stage", "arm", "deliver", "import", "post")
    for seq in range(1, count + 1):
        at = AT + timedelta(seconds=seq * 7)
        amount = f"{random.randrange(100, 9_000_000) / 100:.2f}"
        entry = AuditEntry(
            seq=seq,
            at=at,
            who=f"{random.randrange(40):032x}",
            login="OFFICE\\pat",
            machine="DESK-7",
            version="1.0",
            act=acts[seq % len(acts)],
            kind="commitment",
            ref=f"{seq // 10:032x}",
            before=json.dumps({"status": "Draft", "amount": "0.00"}),
            after=json.dumps({"status": "Approved", "amount": amount}),
            reason="Signed by the vendor" if seq % 5 == 0 else "",
            evidence=json.dumps({"submission": f"{seq:032x}"}),
            body=json.dumps({"revision": seq % 4}),
            form=2,
            prev=last[0],
        )
        entry.hash = last[0] = entry_hash(entry)
        yield tuple(iso(at) if name == "at" else getattr(entry, name) for name in COLUMNS)


def ours(path: Path, anchors: Anchors, count: int, head: str) -> float:
    """CPU seconds of the check; SystemExit unless it looked at every entry and found the trail whole."""
    began = time.process_time()
    verdict = verify(path, anchors)
    seconds = time.process_time() - began
    if not verdict.whole or verdict.entries != count or verdict.head != (count, head) or verdict.anchors != 1:
        raise SystemExit(f"The check did not find the trail whole: {verdict}")
    return seconds


def peer(path: Path, count: int) -> float:
    """CPU seconds of reading every row and hashing it; SystemExit when it did not see every row."""
    seen = 0
    began = time.process_time()
    with closing(sqlite3.connect(path)) as connection:
        for prev, seq, *rest in connection.execute(PEER):
            sha256("\x1f".join((prev, str(seq), *rest)).encode()).hexdigest()
            seen += 1
    seconds = time.process_time() - began
    if seen != count:
        raise SystemExit(f"The loop saw {seen} of {count} rows.")
    return seconds


def main() -> None:
    """Make the trail, check and read it in turn, print the figure."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="erpdesk-bench-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "erpdesk.db"
        head = make_trail(path, count)
        anchors = Anchors((Anchor(count, head, iso(AT), "a note"),))
        check, loop = in_turn(RUNS, lambda: ours(path, anchors, count, head), lambda: peer(path, count))
    print(f"audit_verify: {check:.3g} s over {loop:.3g} s", file=sys.stderr)
    emit(Figure("audit_verify", round(check / loop, 3), "x", "loop that reads and hashes the same rows", GOAL, count))


if __name__ == "__main__":
    main()
