"""Where the amounts of each document belong, and in which period: for budgets, costs, commitments and invoices alike.

The period of an invoice or a cost is its accounting date, of everything else its transaction date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from erpdesk.core.money import to_whole_cents
from erpdesk.workflows import snapshots
from erpdesk.workflows.documents import (
    Commitment,
    CommitmentChange,
    DirectCosts,
    Document,
    EstimateFile,
    InvoiceFile,
)
from erpdesk.workflows.ports import CommitmentSnapshot
from erpdesk.workflows.tie_out_rows import Accepted, Key

Keys = Mapping[int, Key]
"""Where the lines of a commitment belong, by their number."""
NO_KEYS: Keys = {}


@dataclass(frozen=True)
class TieKind:
    """A kind of item in the report: ``document`` makes the document of a payload under the decided Sage ID."""

    name: str
    title: str
    document: Callable[[str, str], Document]


TIE_KINDS: dict[str, TieKind] = {}
"""The kinds in the order of the report; a kind joins by declaring this."""


def join_tie_out(kind: TieKind) -> TieKind:
    """Takes a kind into the report."""
    TIE_KINDS[kind.name] = kind
    return kind


join_tie_out(TieKind("commitment", "Commitments", lambda text, sage_id: snapshots.from_text(text, sage_id=sage_id)))


def lines_of(document: Document, keys: Keys = NO_KEYS) -> tuple[Accepted, ...]:
    """The amounts of a document, each with its place and the day that puts it into a period.

    ``keys`` are the places of a commitment's lines, for documents that name only their number; a line of which
    nothing is known stands in the blank place.
    """
    return tuple(_lines(document, keys))


def amount_of(document: Document) -> Decimal:
    """The total of a document as its own head says it."""
    return document.amount


def title_of(document: Document) -> str:
    """What a document is called."""
    if isinstance(document, Commitment):
        return document.snapshot.title
    if isinstance(document, CommitmentSnapshot):
        return document.title
    return document.name if isinstance(document, DirectCosts) else document.description


def _lines(document: Document, keys: Keys) -> Iterator[Accepted]:
    if isinstance(document, Commitment):
        document = document.snapshot
    if isinstance(document, CommitmentSnapshot):
        for line in document.lines:
            key = Key(document.job, line.extra, line.cost_code, line.category)
            yield Accepted(key, document.date, to_whole_cents(line.amount))
    elif isinstance(document, CommitmentChange):
        for change in document.lines:
            key = Key(change.job, change.extra, change.cost_code, change.category)
            key = key if change.new else keys.get(change.number, key)
            yield Accepted(key, document.date, to_whole_cents(change.amount))
    elif isinstance(document, EstimateFile):
        for estimate in document.lines:
            key = Key(document.job, estimate.extra, estimate.cost_code, estimate.category)
            yield Accepted(key, estimate.date, to_whole_cents(estimate.amount))
    elif isinstance(document, DirectCosts):
        # Lines from one ledger account to another belong to no job and are not in the document's amount.
        for cost in document.costs:
            key = Key(cost.job, cost.extra, cost.cost_code, cost.category)
            yield Accepted(key, cost.accounting_date, to_whole_cents(cost.amount))
    else:
        yield from _invoice(document, keys)


def _invoice(document: InvoiceFile, keys: Keys) -> Iterator[Accepted]:
    for each in document.distributions:
        key = Key(each.job, each.extra, each.cost_code, each.category)
        if not any(key) and each.commitment_line is not None:
            key = keys.get(each.commitment_line, key)
        yield Accepted(key, document.accounting_date, to_whole_cents(each.amount))
