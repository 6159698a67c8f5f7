"""Documents as the records of an import file, in file order, each with the values that its fields ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from erpdesk.sync.sage.layouts import Layout
from erpdesk.workflows.documents import (
    Commitment,
    CommitmentChange,
    DirectCosts,
    Document,
    EstimateFile,
    InvoiceFile,
    LineTerms,
)
from erpdesk.workflows.ports import CommitmentSnapshot

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True)
class Record:
    """One line of the file before it is text.

    ``where`` begins a refusal of it; ``sage_id`` and ``part`` name its document: commitment (and change order), vendor
    and invoice, job, or batch; ``number`` is the line of the document, 0 its head.
    """

    letters: str
    where: str
    values: Mapping[str, object]
    sage_id: str
    part: str = ""
    number: int = 0


def in_file_order(documents: Sequence[Document]) -> tuple[Document, ...]:
    """The documents as they stand in one file: commitments before change orders, else as given."""
    return tuple(sorted(documents, key=lambda each: isinstance(each, CommitmentChange)))


def records(document: Document, layout: Layout) -> Iterator[Record]:
    """The records of one document, in file order."""
    if isinstance(document, CommitmentSnapshot):
        document = Commitment(document)
    if isinstance(document, Commitment):
        return _commitment(document)
    if isinstance(document, CommitmentChange):
        return _change(document)
    if isinstance(document, EstimateFile):
        return _estimate(document)
    if isinstance(document, DirectCosts):
        return _direct(document)
    return _invoice(document, layout)


def name_of(document: Document) -> str:
    """What a person calls the document."""
    if isinstance(document, CommitmentSnapshot):
        return f"Commitment {document.sage_id}"
    if isinstance(document, Commitment):
        return f"Commitment {document.snapshot.sage_id}"
    if isinstance(document, CommitmentChange):
        return f"Change order {document.change_order} of {document.sage_id}"
    if isinstance(document, EstimateFile):
        return f"Job {document.job}"
    if isinstance(document, DirectCosts):
        return f"Batch {document.name}"
    return f"Invoice {document.invoice} of {document.vendor}"


def _own(thing: DataclassInstance, *without: str) -> dict[str, object]:
    """The values of a frozen dataclass by name."""
    names = (each.name for each in fields(thing) if each.name not in without)
    return {name: getattr(thing, name) for name in names}


def _commitment(document: Commitment) -> Iterator[Record]:
    snapshot, terms = document.snapshot, document.terms
    key = snapshot.sage_id
    head = _own(snapshot, "lines", "job") | {name: getattr(terms, name) for name in ("ordered_by", "ship_via", "fob")}
    head["terms"] = terms.terms
    for prefix, address in (("to_", terms.to), ("ship_", terms.ship_to)):
        head |= {prefix + name: value for name, value in _own(address).items()}
    yield Record("C", "", head, key)
    for line in snapshot.lines:
        own = _own(line) | _own(terms.lines.get(line.number) or LineTerms())
        own |= {"sage_id": key, "job": snapshot.job}
        yield Record("CI", f"Line {line.number}: ", own, key, "", line.number)


def _change(document: CommitmentChange) -> Iterator[Record]:
    key, part = document.sage_id, document.change_order
    yield Record("CCO", "", _own(document, "lines"), key, part)
    for line in document.lines:
        # What a line of the commitment costs a unit is Sage's own: a change order cannot say it again.
        own = _own(line, *(("new",) if line.new else ("new", "unit_cost")))
        own |= {"sage_id": key, "change_order": part}
        yield Record("CCOI", f"Line {line.number}: ", own, key, part, line.number)


def _estimate(document: EstimateFile) -> Iterator[Record]:
    job = document.job
    yield Record("*", "", {"job": job, "description": document.description}, job)
    for extra in dict.fromkeys(["", *(line.extra for line in document.lines)]):
        if extra:
            described = {"extra": extra, "description": document.extras.get(extra, "")}
            yield Record("E", f"Extra {extra}: ", described, job)
        for at, line in enumerate(document.lines, 1):
            if line.extra == extra:
                yield Record("C", f"Line {at}: ", _own(line), job, "", at)


def _direct(document: DirectCosts) -> Iterator[Record]:
    for at, cost in enumerate(document.costs, 1):
        yield Record("DC", f"Line {at}: ", _own(cost), document.name, "", at)
    for at, line in enumerate(document.ledger, len(document.costs) + 1):
        yield Record("GL", f"Line {at}: ", _own(line), document.name, "", at)


def _invoice(document: InvoiceFile, layout: Layout) -> Iterator[Record]:
    # The three records of an invoice have other letters in the fixed and in the variable layout.
    letters = layout.record_types[0].letters if layout.record_types else ()
    head, line, tax = letters if len(letters) == 3 else ("APIF", "APDF", "APTXF")
    vendor, invoice = document.vendor, document.invoice
    yield Record(head, "", _own(document, "distributions", "taxes"), vendor, invoice)
    for at, each in enumerate(document.distributions, 1):
        yield Record(line, f"Line {at}: ", _own(each), vendor, invoice, at)
    for at, group in enumerate(document.taxes, 1):
        yield Record(tax, f"Tax {at}: ", _own(group), vendor, invoice, at)
