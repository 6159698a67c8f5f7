"""The ground that everything is proven on: a company folder in memory, a fast clock, and what people there accept."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection, text

from erpdesk.core.clock import iso
from erpdesk.models.base import new_id
from erpdesk.sync.export.exporter import Timing
from erpdesk.sync.export.kinds import estimates
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.render import Renderer
from erpdesk.workflows import audit, snapshots
from erpdesk.workflows.documents import Document, EstimateFile, EstimateLine
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot
from tests.proof.books import Accepted, Books, Rows
from tests.proof.times import FastClock, SharedTime
from tests.sync.export.yard import APPROVER, SNAPSHOT, Yard, other, payload_of

TIMING = Timing()
"""The real bounds of the protocol; it is the clock that runs fast."""

BUDGET = replace(estimates.BUDGET, layout="jce")
KINDS = (COMMITMENT, BUDGET)
"""One kind that Sage refuses to take twice, in files of many; and one that it adds each time, in a file of its own."""

JOBS = ("21-001", *(f"21-{number:03}" for number in range(2, 10)))
"""The jobs of the company."""

CANARY = "CANARY-4111-7391"
"""Stands where Sage keeps bank numbers and tax ids; must never be seen outside of Sage."""


def memory() -> Path:
    """A new folder, in memory where the system has that."""
    shared = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="erpdesk-proof-", dir=shared if os.access(shared, os.W_OK) else None))


@dataclass(frozen=True)
class Ground:
    """One company folder and the time there. Nothing is open: each process opens its own."""

    folder: Path
    time: SharedTime

    @classmethod
    def build(cls, time: SharedTime | None = None) -> Ground:
        """A new company in memory."""
        folder = memory()
        child = os.fork()
        if not child:
            # In a process of its own: who forks others later has opened no store.
            code = 1
            try:
                yard = Yard.build(folder)
                more_jobs(yard)
                yard.store.close()
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if status:
            raise RuntimeError("the company could not be made")
        return cls(folder, time or SharedTime())

    def copy(self) -> Ground:
        """The same once more, with a time of its own."""
        folder = memory()
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Ground(folder, SharedTime(self.time.rate))

    def remove(self) -> None:
        """Takes it away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def clock(self, apart: timedelta = timedelta(0)) -> FastClock:
        """A workstation's clock."""
        return FastClock(self.time, apart)

    def books(self, patience: float = 0.0) -> Books:
        """What stands there now."""
        return Books(self.folder, patience=patience)

    def note(self, file: str, text: str) -> None:
        """Adds a line to a file of the ground; whole or not at all."""
        with (self.folder / file).open("ab", buffering=0) as opened:
            opened.write(text.encode() + b"\n")

    def say(self, text: str) -> None:
        """Adds to the history, which is shown when something is found broken."""
        self.note("history.txt", f"{self.time.passed():10.1f} {os.getpid():7} {text}")

    def accept(self, yard: Yard, document: Document, *, again: str = "", sage_id: str = "") -> str:
        """A person accepts a commitment or a budget; the witness keeps what it was."""
        commitment = isinstance(document, CommitmentSnapshot)
        outbox = yard.accept(
            document,
            kind=COMMITMENT if commitment else BUDGET,
            sage_id=sage_id,
            # Sage refuses a second commitment of one ID, and adds a budget each time.
            idempotency="A" if commitment else "B",
            again=again,
            at=self.clock().now(),
        )
        row, sha = yard.row(outbox), snapshots.sha256(payload_of(document))
        vendor = document.vendor if isinstance(document, CommitmentSnapshot) else ""
        self.witness(Accepted(outbox, row.kind, row.natural_key, sha, row.approved_sha256, vendor, rows_of(document)))
        return outbox

    def accept_many(self, yard: Yard, many: Sequence[CommitmentSnapshot]) -> None:
        """People have accepted very many commitments; in one transaction, as copies of a first one."""
        first, now = self.accept(yard, many[0]), iso(self.clock().now())
        writer = Renderer(load_layout(COMMITMENT.layout))
        with yard.store.sessions.begin() as session:
            connection = session.connection()
            for number, each in enumerate(many[1:], 1):
                payload, approved = payload_of(each), writer.preview(each).sha256
                sha, new = snapshots.sha256(payload), [new_id(), new_id(), new_id()]
                submission = {"id": new[0], "item_id": new[1], "natural_key": each.sage_id, "payload": payload}
                _again(connection, "submission", first, submission | {"payload_sha": sha})
                outbox = {"id": new[2], "submission_id": new[0], "natural_key": each.sage_id}
                outbox |= {"export_key": f"M{number:09}", "approved_sha256": approved, "accepted_at": now}
                _again(connection, "outbox", first, outbox)
                kept = Accepted(new[2], COMMITMENT.name, each.sage_id, sha, approved, each.vendor, rows_of(each))
                self.witness(kept)
                at = self.clock().now()
                audit.append(session, at=at, who=APPROVER, act="accept", kind=COMMITMENT.name, ref=new[0], body={})

    def witness(self, accepted: Accepted) -> None:
        """Keeps what was accepted, outside of the store."""
        self.note("accepted.jsonl", accepted.text())

    def read_by_sage(self, sha256: str) -> None:
        """Keeps which file Sage's import has read."""
        self.note("imported.jsonl", json.dumps({"sha256": sha256}))


def rows_of(document: Document) -> Rows:
    """The amounts that Sage must hold of a document, on their places."""
    rows: Rows = Counter()
    if isinstance(document, CommitmentSnapshot | EstimateFile):
        for line in document.lines:
            rows[((document.job, line.extra, line.cost_code, line.category), int(line.amount * 100))] += 1
    return rows


def amounts(number: int, chance: random.Random) -> list[Decimal]:
    """One to four amounts that no other item has."""
    found = chance.sample(range(1, 1000), chance.randrange(1, 5))
    return [Decimal(number * 1000 + cents) / 100 for cents in found]


def commitment(number: int, chance: random.Random, vendor: str = "STEELCO") -> CommitmentSnapshot:
    """A commitment whose amounts tell it from every other."""
    lines = tuple(
        LineSnapshot(at, f"Part {at} of {number}", "", "05-100", "SUB", None, "", None, amount)
        for at, amount in enumerate(amounts(number, chance), 1)
    )
    return replace(other(number), title=f"Work {number}", vendor=vendor, lines=lines)


def budget(number: int, chance: random.Random, jobs: Sequence[str] = JOBS[:1]) -> EstimateFile:
    """A budget of one line, whose amount tells it from every other; nothing else in Sage does.

    Of several lines Sage may take some; then the others wait for a person, and so does every budget of the job.
    """
    lines = tuple(EstimateLine("05-100", "SUB", SNAPSHOT.date, amount) for amount in amounts(number, chance)[:1])
    return EstimateFile(chance.choice(jobs), "Ferry terminal", lines)


def more_jobs(yard: Yard) -> None:
    """More jobs like the first: one whose budget waits for a person does not keep the others waiting."""
    for job in JOBS[1:]:
        for table in ("JCM_MASTER__JOB", "JCM_MASTER__COST_CODE", "JCM_MASTER__CATEGORY"):
            names = [name for _, name, *_ in yard.ask(f"PRAGMA table_info({table})")]
            values = ", ".join("?" if name == "Job" else f'"{name}"' for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            sql = f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE Job = ?"
            yard.alter(sql, job, JOBS[0])


def _again(connection: Connection, table: str, first: str, values: Mapping[str, object]) -> None:
    """A row once more, with other values."""
    which = f"id = '{first}'" if table == "outbox" else f"id = (SELECT submission_id FROM outbox WHERE id = '{first}')"
    row = dict(connection.execute(text(f"SELECT * FROM {table} WHERE {which}")).mappings().one())
    row.update(values)
    names = ", ".join(f'"{name}"' for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)


__all__ = ["CANARY", "SNAPSHOT", "TIMING", "Ground", "budget", "commitment", "memory", "rows_of"]
