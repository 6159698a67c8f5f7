"""Direct costs: Sage adds a batch each time, and not its name; it is found by its lines among what is new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from erpdesk.core.money import cents, fourths
from erpdesk.models.erp import Source
from erpdesk.sync.export.kinds.kind import ExportKind, Place, Presence
from erpdesk.sync.export.kinds.matching import OWN, Exact, Line, Match, named
from erpdesk.sync.export.kinds.unkeyed import Before, Reading, Said, Unkeyed
from erpdesk.sync.sage.fresh_costs import Accounts, cost_reasons, entry_accounts, same_account
from erpdesk.sync.sage.fresh_entries import Entry, Spot
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.verify import Difference
from erpdesk.workflows import document_text
from erpdesk.workflows.documents import ZERO, DirectCost, DirectCosts, Document


class DirectCostReadBack(Unkeyed):
    """Finds a batch by its lines: place, both dates, quantity and amount to the cent, and then the accounts.

    Only entries of Sage's own type for direct costs count; an invoice of the same amount is something else.
    """

    def lines(self, document: Document) -> tuple[Line, ...]:
        """Its job cost lines. A batch with ledger lines is refused before: Sage does not show what became of those."""
        return tuple(_line(cost) for cost in costs_of(document).costs if cost.amount or cost.quantity)

    def keeps(self, documents: Sequence[Document], spot: Spot, kind: str) -> bool:
        """Entries of the same type, where one of the documents puts a cost."""
        return any(
            (cost.job, cost.extra, cost.cost_code, cost.category) == spot and _same(cost.type, kind)
            for each in documents
            for cost in costs_of(each).costs
        )

    def rank(self, document: Document, entry: Entry) -> int:
        """Entries of other types were not read at all."""
        return OWN

    def named(self, document: Document) -> str:
        """The batch by its name."""
        return f"batch {costs_of(document).name}"

    def reasons(self, session: Session, known: Capabilities, document: Document) -> tuple[str, ...]:
        """Jobs, extras, cost codes, categories and accounts as Sage holds them now, and no ledger lines."""
        return cost_reasons(session, known, costs_of(document))

    def whole(self, reading: Reading, before: Before, document: Document, found: Match) -> Said:
        """Waiting, or posted; and on which accounts."""
        waits = any(not entry.posted for _, entry in found.own)
        source = Source.ODBC_NEW if waits else Source.ODBC_MASTER
        wrong = tuple(_accounts(reading, costs_of(document), [entry for _, entry in found.own]))
        if wrong:
            return Said(Presence.DIFFERENT, wrong, source=source)
        return Said(Presence.UNPOSTED if waits else Presence.EQUAL, source=source)


def _accounts(reading: Reading, batch: DirectCosts, entries: Sequence[Entry]) -> Iterator[Difference]:
    """Accounts other than the approved ones, where Sage shows them; lines that are equal else may change places."""
    held = entry_accounts(reading.session, reading.known, entries)
    if held is None:
        return
    in_sage: dict[Exact, list[Accounts]] = {}
    for entry in entries:
        exact = (entry.spot, entry.day, entry.accounting_day, entry.units, entry.amount)
        in_sage.setdefault(exact, []).append(held.get(entry, ("", "")))
    for each in in_sage.values():
        each.sort()
    for cost in sorted(batch.costs, key=lambda each: (each.debit_account, each.credit_account)):
        line = _line(cost)
        if not in_sage.get(line.exact):
            continue
        debit, credit = in_sage[line.exact].pop(0)
        for title, approved, there in (("debit", cost.debit_account, debit), ("credit", cost.credit_account, credit)):
            if not same_account(reading.known, approved, there):
                yield Difference(f"{named(line.spot)}, {title} account", approved, there or "none")


def _line(cost: DirectCost) -> Line:
    return Line(
        (cost.job, cost.extra, cost.cost_code, cost.category),
        cost.transaction_date.isoformat(),
        cost.accounting_date.isoformat(),
        fourths(ZERO if cost.quantity is None else cost.quantity),
        cents(cost.amount),
    )


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def costs_of(document: Document) -> DirectCosts:
    """The document as the batch that it is; raises TypeError for another kind."""
    if not isinstance(document, DirectCosts):
        raise TypeError(f"{type(document).__name__} is not a batch of direct costs")
    return document


def _document(payload: str, sage_id: str) -> Document:
    batch = costs_of(document_text.from_text(payload))
    return replace(batch, name=sage_id) if sage_id else batch


def _printed(document: Document) -> str:
    """Sage knows no name of a batch: its journal prints the job of each line."""
    return costs_of(document).costs[0].job if costs_of(document).costs else ""


def _one_at_a_time(document: Document) -> str:
    return "direct costs"


DIRECT_COSTS = ExportKind(
    name="direct_cost",
    noun="batch of direct costs",
    place=Place.named("direct", "txt"),
    record_type="direct cost",
    letters="DC",
    layout="dc",
    document=_document,
    printed=_printed,
    read_back=DirectCostReadBack(),
    look_at="Job Cost > Inquiry > Transactions",
    posting="Job Cost > Tasks > Post Entries",
    together=False,
    keyed=False,
    lane=_one_at_a_time,
)
