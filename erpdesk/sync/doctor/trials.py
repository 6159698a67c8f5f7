"""What the self-test imports of each record type, and where it looks for it in Sage; a new type joins by one entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from erpdesk.sync.doctor.ground import Ground, Place
from erpdesk.sync.sage.layouts import Layout
from erpdesk.workflows.documents import (
    SELF_TEST,
    ChangeLine,
    CommitmentChange,
    DirectCost,
    DirectCosts,
    Distribution,
    Document,
    EstimateFile,
    EstimateLine,
    InvoiceFile,
    LedgerLine,
)
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot

FIRST, ALTERED = Decimal("10.00"), Decimal("11.25")
"""Dollars of the record as it is imported twice, and of the altered one."""

TEXT = SELF_TEST


@dataclass(frozen=True)
class Trial:
    """One record type: its name and layout, a document of a given amount, and the places where it shows.

    ``needs`` names the type whose record must be in Sage before.
    """

    name: str
    layout: str
    document: Callable[[Ground, Decimal, Layout], Document]
    places: Callable[[Ground], tuple[Place, ...]]
    needs: str = ""


def _commitment(at: Ground, amount: Decimal, layout: Layout) -> Document:
    line = LineSnapshot(1, TEXT, at.extra, at.cost_code, at.category, None, "", None, amount)
    return CommitmentSnapshot(at.sage_id, "Subcontract", TEXT, at.vendor, at.job, at.day, Decimal(0), (line,))


def _change(at: Ground, amount: Decimal, layout: Layout) -> Document:
    return CommitmentChange(at.sage_id, "1", TEXT, at.day, (ChangeLine(1, TEXT, amount),))


def _estimate(approved_change: bool) -> Callable[[Ground, Decimal, Layout], Document]:
    def document(at: Ground, amount: Decimal, layout: Layout) -> Document:
        line = EstimateLine(at.cost_code, at.category, at.day, amount, extra=at.extra, description=TEXT)
        return EstimateFile(at.job, at.job_description, (line,), {}, approved_change)

    return document


def _direct_cost(at: Ground, amount: Decimal, layout: Layout) -> Document:
    cost = DirectCost(
        *(at.job, at.cost_code, at.category, at.day, at.day, amount, at.account), extra=at.extra, description=TEXT
    )
    return DirectCosts(at.sage_id, (cost,))


def _ledger_line(at: Ground, amount: Decimal, layout: Layout) -> Document:
    line = LedgerLine(at.day, at.day, amount, at.account, at.other_account, _own_text(at))
    return DirectCosts(at.sage_id, ledger=(line,))


def _invoice(at: Ground, amount: Decimal, layout: Layout) -> Document:
    line = Distribution(amount, expense_account=at.account, description=TEXT)
    # A layout of the variable form may have no place for a job: then the cost goes to the account alone.
    if any(layout.position(letters, "job") for letters in layout.records):
        line = replace(line, job=at.job, extra=at.extra, cost_code=at.cost_code, category=at.category)
    return InvoiceFile(at.vendor, at.sage_id, amount, at.day, at.day, (line,), description=TEXT)


def _costs(at: Ground) -> tuple[Place, ...]:
    where = (("Job", at.job), ("Extra", at.extra), ("Cost_Code", at.cost_code), ("Category", at.category))
    return (Place("JCT_NEW__TRANSACTION", where, waits=True), Place("JCT_CURRENT__TRANSACTION", where))


def _own_text(at: Ground) -> str:
    """A ledger line has no place and no ID; its text tells it from all others."""
    return f"{TEXT} {at.sage_id}"


def _ledger(at: Ground) -> tuple[Place, ...]:
    """Only as long as it is not posted: General Ledger's own entries are not read."""
    return (Place("JCT_NEW__TRANSACTION", (("Description", _own_text(at)),)),)


def _invoices(at: Ground) -> tuple[Place, ...]:
    where = (("Vendor", at.vendor), ("Invoice", at.sage_id))
    return (Place("API_NEW__INVOICE", where, waits=True), Place("APM_MASTER__INVOICE", where))


AP_LAYOUT = "ap_fixed"

TRIALS = (
    Trial(
        "commitment",
        "jcc",
        _commitment,
        lambda at: (Place("JCM_MASTER__COMMITMENT", (("Commitment", at.sage_id),)),),
    ),
    Trial(
        "commitment change order",
        "jcc",
        _change,
        lambda at: (Place("JCM_MASTER__COMMITMENT_CO", (("Commitment", at.sage_id), ("Commitment_CO", "1"))),),
        needs="commitment",
    ),
    Trial("original estimate", "jce", _estimate(False), _costs),
    Trial("approved estimate change", "jce", _estimate(True), _costs),
    Trial("direct cost", "dc", _direct_cost, _costs),
    Trial("general ledger line", "dc", _ledger_line, _ledger),
    Trial("invoice", AP_LAYOUT, _invoice, _invoices),
)
"""Every record type that erpdesk writes."""


def trials(ap_layout: str = AP_LAYOUT) -> tuple[Trial, ...]:
    """The trials with the layout in which the site imports its invoices."""
    return tuple(replace(each, layout=ap_layout) if each.layout == AP_LAYOUT else each for each in TRIALS)
