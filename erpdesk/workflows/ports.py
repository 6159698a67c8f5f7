"""What the workflows need from above, declared here and implemented by ``sync``: reads, previews and a wake-up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from erpdesk.core.lists import ListAsk, ListSpine, ListWords
from erpdesk.workflows.rows import CostTotal, TransactionRow


@dataclass(frozen=True)
class SageJob:
    """A job as Sage holds it. Amounts in dollars and cents."""

    job: str
    description: str
    status: str
    uses_extras: bool
    original_commitment: Decimal
    approved_commitment_changes: Decimal
    revised_commitment: Decimal
    jtd_cost: Decimal
    total_estimate: Decimal


@dataclass(frozen=True)
class SageExtra:
    """An extra (sub job) of a job."""

    job: str
    extra: str
    description: str
    status: str


@dataclass(frozen=True)
class SageCategory:
    """The grain of the budget: one category of one cost code of a job (or of its extra; '' = the base job)."""

    job: str
    extra: str
    cost_code: str
    category: str
    cost_code_description: str
    category_description: str
    group: bool
    closed: bool
    total_estimate: Decimal
    revised_commitment: Decimal
    pending_commitment_changes: Decimal
    commitment_invoiced: Decimal
    jtd_cost: Decimal


@dataclass(frozen=True)
class SageVendor:
    """A vendor of Sage's accounts payable."""

    vendor: str
    name: str
    type: str
    city: str
    state: str
    telephone: str
    inactive: bool


@dataclass(frozen=True)
class SageItem:
    """One line of a commitment in Sage. ``amount`` holds the tax."""

    number: int
    description: str
    job: str
    extra: str
    cost_code: str
    category: str
    units: Decimal
    unit_description: str
    unit_cost: Decimal
    amount: Decimal
    retainage_percent: Decimal | None
    approved_changes: Decimal
    invoiced: Decimal
    tax: Decimal = Decimal("0.00")


@dataclass(frozen=True)
class SageCommitment:
    """A commitment in Sage with its lines."""

    commitment: str
    type: str
    description: str
    vendor: str
    job: str
    date: date | None
    retainage_percent: Decimal
    committed: bool
    closed: bool
    amount: Decimal
    approved_changes: Decimal
    invoiced: Decimal
    items: tuple[SageItem, ...]


@dataclass(frozen=True)
class IdFormat:
    """How commitment IDs look in this company: at most ``width`` characters, capitals forced or not."""

    width: int
    capitals: bool


@dataclass(frozen=True)
class TableFreshness:
    """How old the mirror of one Sage table is: when its last good read began, and what it holds."""

    table: str
    read_began: datetime | None
    rows: int
    set_aside: int
    problem: str


class CostTransactions(Protocol):
    """The job-cost transactions of one job or of all, read piece by piece from any thread: there may be millions.

    A ``ListAsk`` chooses and orders them; ids come from the spine and name the same rows while its mark stays the same.
    """

    def first(self, ask: ListAsk, count: int) -> tuple[TransactionRow, ...]: ...

    def spine(self, ask: ListAsk) -> ListSpine: ...

    @property
    def narrows(self) -> frozenset[str]: ...

    def words(self, key: str, part: str, most: int) -> ListWords: ...

    def rows(self, ids: Sequence[int]) -> tuple[TransactionRow | None, ...]: ...

    def each(self, ids: Sequence[int]) -> Iterator[TransactionRow]: ...

    def sums(self, ids: Sequence[int]) -> Mapping[str, Decimal]: ...

    def standing(self) -> tuple[CostTotal, ...]: ...


CodeKey = tuple[str, str, str]
"""Extra, cost code and category: what a line of a job is written on."""


class SageFacts(Protocol):
    """Reads of the mirror: what Sage held when it was last read. Empty before the first read."""

    def jobs(self) -> tuple[SageJob, ...]: ...

    def job(self, job: str) -> SageJob | None: ...

    def extras(self, job: str) -> tuple[SageExtra, ...]: ...

    def categories(self, job: str, only: Collection[CodeKey] | None = None) -> tuple[SageCategory, ...]: ...

    def vendors(self) -> tuple[SageVendor, ...]: ...

    def vendor(self, vendor: str) -> SageVendor | None: ...

    def commitment(self, commitment: str) -> SageCommitment | None: ...

    def commitment_amounts(self, commitments: Sequence[str]) -> Mapping[str, tuple[Decimal, Decimal]]: ...

    def commitment_id_taken(self, commitment: str) -> bool: ...

    def commitment_id_format(self) -> IdFormat: ...

    def freshness(self) -> tuple[TableFreshness, ...]: ...

    def transactions(self, job: str | None) -> CostTransactions: ...

    def at_once(self) -> AbstractContextManager[None]: ...


@dataclass(frozen=True)
class LineSnapshot:
    """A schedule of values line as it was sent: the frozen truth from which the import file is made."""

    number: int
    description: str
    extra: str
    cost_code: str
    category: str
    quantity: Decimal | None
    unit: str
    unit_cost: Decimal | None
    amount: Decimal


@dataclass(frozen=True)
class CommitmentSnapshot:
    """A commitment as it was sent. Amounts in cents, quantities and unit costs with four decimals."""

    sage_id: str
    type: str
    title: str
    vendor: str
    job: str
    date: date
    retainage_percent: Decimal
    lines: tuple[LineSnapshot, ...]

    @property
    def amount(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.amount for line in self.lines), Decimal("0.00"))


@dataclass(frozen=True)
class OpenField:
    """A used field of an import file that nobody has settled: neither documented, nor seen in real code, nor confirmed.

    ``record`` is its letters in the file, ``position`` counts from 1 with the letters themselves as the first field,
    ``mark`` is I (inferred) or M (a guess), ``settle`` says how to settle it at a site.
    """

    record: str
    position: int
    label: str
    mark: str
    settle: str


@dataclass(frozen=True)
class Preview:
    """Exactly what Sage would get: the lines of the file, its bytes and their sha256, or why no file can be made.

    While ``open_fields`` is not empty the file may go to the stand-in or a test company, never to a live one.
    """

    lines: tuple[str, ...]
    data: bytes
    sha256: str
    refusals: tuple[str, ...]
    open_fields: tuple[OpenField, ...] = ()


class SagePreview(Protocol):
    """Turns a snapshot into the bytes of an import file; same snapshot, same bytes (P18)."""

    def preview(self, snapshot: CommitmentSnapshot) -> Preview: ...


class Wake(Protocol):
    """Tells the worker that there is something to do."""

    def wake(self) -> None: ...
