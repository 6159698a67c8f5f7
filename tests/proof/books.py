"""What stands on paper at one moment: erpdesk's store, Sage's tables, the files; read without erpdesk's readers."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from erpdesk.sync.sandbox.programs import PROGRAMS

Place = tuple[str, str, str, str]
"""Job, extra, cost code, category."""
Rows = Counter[tuple[Place, int]]
"""Amounts in cents on their places, and how often."""

COMMITMENT = "commitment"


@dataclass(frozen=True)
class Accepted:
    """What a person accepted, kept outside of the store: the witness that nothing changes behind its back."""

    outbox: str
    kind: str
    key: str
    payload_sha: str
    approved: str
    vendor: str
    rows: Rows

    def text(self) -> str:
        """As one line of the witness."""
        rows = [[*place, cents, count] for (place, cents), count in self.rows.items()]
        return json.dumps(vars(self) | {"rows": rows})

    @classmethod
    def read(cls, line: str) -> Accepted:
        """The line back."""
        fields = json.loads(line)
        rows: Rows = Counter()
        for job, extra, code, category, cents, count in fields.pop("rows"):
            rows[((job, extra, code, category), cents)] += count
        return cls(**fields, rows=rows)


@dataclass(frozen=True)
class Line:
    """An item of the outbox with its submission."""

    id: str
    submission_id: str
    record: str
    kind: str
    key: str
    export_key: str
    approved: str
    state: str
    attempt: int
    message: str
    payload: str
    payload_sha: str
    sent: str
    sent_by: str
    decided_by: str


@dataclass(frozen=True)
class Sent:
    """One try of an item, and its file."""

    outbox: str
    n: int
    part_sha: str
    file: str
    sha: str
    line_map: str
    armed: str
    """When it was marked as on its way; '' = never."""
    delivered: bool


@dataclass(frozen=True)
class Holding:
    """What Sage holds of one item: how often, and its rows."""

    times: int
    vendor: str
    rows: Rows
    posted: bool


class Books:
    """Everything of one company folder. Read it while nobody works, or while all are suspended.

    ``patience``: how many seconds to wait for somebody who writes; sqlite3.OperationalError after that.
    """

    def __init__(self, folder: Path, *, patience: float = 0.0) -> None:
        self.folder = Path(folder)
        self.imports = self.folder / "sage" / "Imports"
        with closing(sqlite3.connect(self.folder / "erpdesk.db", timeout=patience)) as store:
            store.row_factory = sqlite3.Row
            store.execute("BEGIN")
            self.lines = tuple(Line(*row) for row in store.execute(_LINES))
            self.sent = tuple(_sent(row) for row in store.execute(_SENT))
            self.audit = tuple(dict(row) for row in store.execute("SELECT * FROM audit ORDER BY seq"))
            self.evidence = store.execute("SELECT COUNT(*) FROM evidence").fetchone()[0]
        with closing(sqlite3.connect(self.folder / "sage" / "tsdata.db", timeout=patience)) as sage:
            sage.execute("BEGIN")
            self._commitments = _commitments(sage)
            self._entries = _entries(sage)

    @cached_property
    def witness(self) -> Mapping[str, Accepted]:
        """What was accepted, by outbox id."""
        try:
            text = (self.folder / "accepted.jsonl").read_text("utf-8")
        except FileNotFoundError:
            return {}
        found = (Accepted.read(each) for each in text.splitlines())
        return {each.outbox: each for each in found}

    @cached_property
    def read_by_sage(self) -> tuple[str, ...]:
        """The sha256 of each file that Sage's import has read, in order."""
        try:
            text = (self.folder / "imported.jsonl").read_text("utf-8")
        except FileNotFoundError:
            return ()
        return tuple(json.loads(each)["sha256"] for each in text.splitlines())

    def holding(self, item: Accepted) -> Holding:
        """What Sage holds of an item."""
        if item.kind == COMMITMENT:
            times, vendor, rows = self._commitments.get(item.key, (0, "", Counter()))
            return Holding(times, vendor, rows, posted=True)
        rows, times, posted = Counter(), 0, True
        for row, wanted in item.rows.items():
            new, current = self._entries.get(row, (0, 0))
            if new + current:
                rows[row] = new + current
            times = max(times, -(-(new + current) // wanted))
            posted = posted and not new
        return Holding(times, "", rows, posted)

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """Every file under the import folder that holds records, by its sha256."""
        found: dict[str, bytes] = {}
        for path in self.imports.rglob("*"):
            if path.is_file() and path.suffix in _ENDINGS:
                data = path.read_bytes()
                found[hashlib.sha256(data).hexdigest()] = data
        return found

    def live(self) -> list[str]:
        """The name of each file that Sage may read now, or that may still be laid before it; one a real file.

        A file in staging that no try names was left by a crash; nobody can send it, and recovery burns it. In the place
        the name is that of the try that was armed last with these bytes: the same item may be sent a second time.
        """
        named = {each.sha: each.file for each in sorted(self.sent, key=lambda each: each.armed)}
        found: dict[tuple[int, int], str] = {}
        for path in (self.imports / program.file for program in PROGRAMS.values()):
            if path.is_file():
                stat, sha = path.stat(), hashlib.sha256(path.read_bytes()).hexdigest()
                found[(stat.st_dev, stat.st_ino)] = named.get(sha, "")
        for path in (self.imports / "staging").glob("*"):
            if path.name in {each.file for each in self.sent}:
                stat = path.stat()
                found[(stat.st_dev, stat.st_ino)] = path.name
        return sorted(found.values())

    def journals(self) -> list[list[dict[str, Any]]]:
        """The whole lines of both copies of the export journal."""
        copies = [self.imports / "journal.jsonl", self.folder / "journal" / "export.jsonl"]
        read = [path.read_bytes() if path.exists() else b"" for path in copies]
        return [[json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()] for data in read]


_ENDINGS = frozenset((".jcc", ".jce", ".jcd", ".api", ".txt"))

_LINES = """
SELECT o.id, o.submission_id, s.item_id, o.kind, o.natural_key, o.export_key, o.approved_sha256, o.state, o.attempt,
       o.message, s.payload, s.payload_sha, s.state, s.sent_by, COALESCE(s.decided_by, '')
FROM outbox o JOIN submission s ON s.id = o.submission_id ORDER BY o.accepted_at, o.id
"""
_SENT = """
SELECT a.outbox_id, a.n, a.sha256, f.name, f.sha256, f.line_map, f.armed_at, f.delivered_at
FROM attempt a JOIN export_file f ON f.id = a.file_id ORDER BY a.outbox_id, a.n
"""


def _sent(row: sqlite3.Row) -> Sent:
    outbox, n, part, name, sha, line_map, armed, delivered = row
    return Sent(outbox, n, part, name, sha, line_map, armed or "", delivered is not None)


def _cents(amount: float) -> int:
    return round(amount * 100)


def _commitments(sage: sqlite3.Connection) -> dict[str, tuple[int, str, Rows]]:
    found: dict[str, tuple[int, str, Rows]] = {}
    for key, vendor in sage.execute("SELECT Commitment, Vendor FROM JCM_MASTER__COMMITMENT"):
        times, _, rows = found.get(key.strip(), (0, "", Counter()))
        found[key.strip()] = (times + 1, vendor.strip(), rows)
    sql = "SELECT Commitment, Job, Extra, Cost_Code, Category, Amount FROM JCM_MASTER__COMMITMENT_ITEM"
    for key, *place, amount in sage.execute(sql):
        if key.strip() in found:
            found[key.strip()][2][(_place(place), _cents(amount))] += 1
    return found


def _entries(sage: sqlite3.Connection) -> dict[tuple[Place, int], tuple[int, int]]:
    found: dict[tuple[Place, int], tuple[int, int]] = {}
    for which, table in enumerate(("JCT_NEW__TRANSACTION", "JCT_CURRENT__TRANSACTION")):
        sql = f"SELECT Job, Extra, Cost_Code, Category, Amount FROM {table} WHERE Transaction_Type LIKE '%estimate%'"
        for *place, amount in sage.execute(sql):
            row = (_place(place), _cents(amount))
            counts = list(found.get(row, (0, 0)))
            counts[which] += 1
            found[row] = (counts[0], counts[1])
    return found


def _place(parts: list[str]) -> Place:
    job, extra, code, category = (part.strip() for part in parts)
    return job, extra, code, category
