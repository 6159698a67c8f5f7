"""An accepted item as the export sees it: frozen, with every try to deliver it and what was observed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from erpdesk.models.erp import ExportState, Source
from erpdesk.sync.sage.render import MappedLine


@dataclass(frozen=True)
class Try:
    """One numbered try at delivering an item, and the file in which it went, alone or with others.

    ``part_sha256`` is the hash of the item's own part of the file; ``sha256`` is the whole file's.
    """

    id: str
    n: int
    part_sha256: str
    file_id: str
    file_name: str
    sha256: str
    line_map: str
    staged_at: datetime | None
    armed_at: datetime | None
    delivered_at: datetime | None
    withdrawn_at: datetime | None
    worker: str
    lease_epoch: int

    def lines(self) -> tuple[MappedLine, ...]:
        """Which record each line of the file stands for."""
        return tuple(MappedLine(**each) for each in json.loads(self.line_map))


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
    strikes: int
    message: str
    accepted_at: datetime
    changed_at: datetime
    acknowledged_at: datetime | None
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
    def live(self) -> Try:
        """The live try of an item that has one."""
        if self.current is None:
            raise AssertionError("an item on its way has a try")
        return self.current

    @property
    def sent_before(self) -> bool:
        """Whether a try before the live one may have reached Sage, as far as the database knows."""
        return any(each.armed_at for each in self.tries if each.n < self.attempt)


@dataclass(frozen=True)
class Load:
    """One import file and those of its items that are looked after together, in file order."""

    items: tuple[Item, ...]

    @property
    def file(self) -> Try:
        """The file, as any of its items knows it."""
        return self.items[0].live

    @property
    def name(self) -> str:
        """The items in words: one Sage ID, and how many more."""
        return named([each.sage_id for each in self.items])


def named(sage_ids: Sequence[str]) -> str:
    """Several items in words: the first, and how many more."""
    return sage_ids[0] if len(sage_ids) == 1 else f"{sage_ids[0]} and {len(sage_ids) - 1} more"


def loads(items: Sequence[Item]) -> tuple[Load, ...]:
    """Items by the file in which they went."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.live.file_id, []).append(item)
    return tuple(Load(tuple(each)) for each in found.values())


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


def line_map_text(lines: Sequence[MappedLine]) -> str:
    """Which record each line of a file stands for, as it is kept with the file."""
    return json.dumps([vars(line) for line in lines], sort_keys=True, separators=(",", ":"))
