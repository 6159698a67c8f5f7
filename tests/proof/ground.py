"""The ground that everything is proven on: a company folder in memory, a fast clock, and what people there accept."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from erpdesk.sync.export.exporter import Timing
from erpdesk.workflows import snapshots
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot
from tests.proof.books import COMMITMENT, Accepted, Books, Rows
from tests.proof.times import FastClock, SharedTime
from tests.sync.export.yard import SNAPSHOT, Yard, other

TIMING = Timing()
"""The real bounds of the protocol; it is the clock that runs fast."""

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
                Yard.build(folder).store.close()
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

    def accept(self, yard: Yard, snapshot: CommitmentSnapshot, *, idempotency: str = "A", again: str = "") -> str:
        """A person accepts a commitment; the witness keeps what it was."""
        outbox = yard.accept(snapshot, idempotency=idempotency, again=again)
        row = yard.row(outbox)
        payload = snapshots.to_text(snapshot)
        self.witness(
            Accepted(
                outbox,
                COMMITMENT,
                snapshot.sage_id,
                snapshots.sha256(payload),
                row.approved_sha256,
                snapshot.vendor,
                rows_of(snapshot),
            )
        )
        return outbox

    def witness(self, accepted: Accepted) -> None:
        """Keeps what was accepted, outside of the store."""
        self.note("accepted.jsonl", accepted.text())

    def read_by_sage(self, sha256: str) -> None:
        """Keeps which file Sage's import has read."""
        self.note("imported.jsonl", json.dumps({"sha256": sha256}))


def rows_of(snapshot: CommitmentSnapshot) -> Rows:
    """The amounts that Sage must hold of a commitment, on their places."""
    rows: Rows = Counter()
    for line in snapshot.lines:
        rows[((snapshot.job, line.extra, line.cost_code, line.category), int(line.amount * 100))] += 1
    return rows


def commitment(number: int, chance: random.Random, **changes: object) -> CommitmentSnapshot:
    """A commitment of one to four lines whose amounts tell it from every other."""
    lines = tuple(
        LineSnapshot(
            number=at,
            description=f"Part {at} of {number}",
            extra="",
            cost_code="05-100",
            category="SUB",
            quantity=None,
            unit="",
            unit_cost=None,
            amount=Decimal(number * 1000 + chance.randrange(1, 1000)) / 100,
        )
        for at in range(1, chance.randrange(2, 6))
    )
    return replace(other(number), title=f"Work {number}", lines=lines, **changes)  # type: ignore[arg-type]


__all__ = ["CANARY", "SNAPSHOT", "TIMING", "Ground", "commitment", "memory", "rows_of"]
