"""An accepted item as the export sees it: frozen, with every try to deliver it and what was observed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from erpdesk.models.erp import ExportState, Source
from erpdesk.workflows import snapshots
from erpdesk.workflows.ports import CommitmentSnapshot


@dataclass(frozen=True)
class Try:
    """One numbered try at delivering an item, and the file staged for it."""

    id: str
    n: int
    file_name: str
    sha256: str
    staged_at: datetime | None
    armed_at: datetime | None
    delivered_at: datetime | None
    withdrawn_at: datetime | None
    worker: str
    lease_epoch: int


@dataclass(frozen=True)
class Item:
    """An accepted item on its way into Sage. ``tries`` are in order; the last one is the live one."""

    id: str
    submission_id: str
    record_id: str
    company: str
    kind: str
    sage_id: str
    export_key: str
    approved_sha256: str
    idempotency: str
    state: ExportState
    attempt: int
    message: str
    accepted_at: datetime
    changed_at: datetime
    payload: str
    payload_sha: str
    open: bool
    """Whether its submission still stands as accepted; False when it was rejected since, perhaps sent again."""
    tries: tuple[Try, ...]

    @property
    def current(self) -> Try | None:
        """The live try; None before the first file, and after the last one was given up."""
        return next((each for each in self.tries if each.n == self.attempt), None)

    @property
    def sent_before(self) -> bool:
        """Whether a try before the live one may have reached Sage, as far as the database knows."""
        return any(each.armed_at for each in self.tries if each.n < self.attempt)

    def snapshot(self) -> CommitmentSnapshot:
        """What was approved, under the Sage ID that was decided."""
        return snapshots.from_text(self.payload, sage_id=self.sage_id)


@dataclass(frozen=True)
class Observation:
    """Something seen: where, from when to when, the result in a word, and what it rests on."""

    source: Source
    began: datetime
    ended: datetime
    result: str
    detail: str = ""

    @property
    def sha(self) -> str:
        return hashlib.sha256(self.detail.encode()).hexdigest()


def next_attempt(item: Item, journalled: int = 0) -> int:
    """The number of the next try: never one that was used, here or by a database that was restored since."""
    return max((journalled, *(each.n for each in item.tries))) + 1


def line_map_text(lines: Sequence[object]) -> str:
    """Which record each line of a file stands for, as it is kept with the attempt."""
    return json.dumps([vars(line) for line in lines], sort_keys=True, separators=(",", ":"))
