"""One company in which an item of each kind can go to Sage, for the suites that every kind passes.

A later kind joins by an entry in ``SAMPLES``; a kind without one fails the suites.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from erpdesk.sync.export.kinds.all import KINDS
from erpdesk.sync.export.kinds.kind import ExportKind
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.sync.sandbox.programs import post_entries, post_invoices
from erpdesk.workflows.documents import (
    ChangeLine,
    CommitmentChange,
    DirectCost,
    DirectCosts,
    Distribution,
    Document,
    EstimateFile,
    EstimateLine,
    InvoiceFile,
)
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot
from tests.sync.export.yard import Yard
from tests.sync.stand_in_files import DAY, SPEC


@dataclass(frozen=True)
class Sample:
    """A document of a kind by number, its natural key, what a person ticks for it, and what posts it."""

    make: Callable[[int], Document]
    key: Callable[[int], str]
    program: str
    options: Mapping[str, bool] = field(default_factory=dict)
    posts: str = ""


def _commitment(number: int) -> CommitmentSnapshot:
    line = LineSnapshot(1, "Piles", "X1", "03-100", "SUB", None, "", None, Decimal("2100.10") + number)
    return CommitmentSnapshot(
        f"PO-{number:03}", "Purchase order", "Piles", "DOORPRO", "14-500", DAY, Decimal("5"), (line,)
    )


def _change(number: int) -> CommitmentChange:
    lines = (ChangeLine(1, "Frame 2", Decimal("1500.00") + number),)
    return CommitmentChange("S-7001", f"C{number}", "More", DAY, lines)


def _budget(number: int, *, change: bool = False) -> EstimateFile:
    lines = (
        EstimateLine("03-100", "SUB", DAY, Decimal("5400.05") + number, Decimal("120"), "hour", "Piles"),
        EstimateLine("05-100", "MAT", DAY, Decimal("-700.25") - number),
    )
    return EstimateFile("14-500", "Pier", lines, {}, change)


def _costs(number: int) -> DirectCosts:
    cost = DirectCost("14-500", "03-100", "SUB", DAY, DAY, Decimal("75.25") + number, "5000", credit_account="2000")
    return DirectCosts(f"BATCH{number}", (cost,))


def _invoice(number: int) -> InvoiceFile:
    amount = Decimal("310.40") + number
    line = Distribution(
        amount,
        job="14-500",
        cost_code="03-100",
        category="SUB",
        expense_account="5000",
        payable_account="2000",
        description="Sand",
    )
    return InvoiceFile("DOORPRO", f"INV-{number}", amount, DAY, DAY, (line,), description="Sand")


_AS_CHANGE = {"approved_estimate_change": True, "allow_nonstandard_cost_codes": False}
_AS_ORIGINAL = {**_AS_CHANGE, "approved_estimate_change": False}

SAMPLES: Mapping[str, Sample] = {
    "commitment": Sample(_commitment, lambda n: f"PO-{n:03}", "import_commitments"),
    "commitment_change_order": Sample(_change, lambda n: f"S-7001 C{n}", "import_commitments"),
    "budget": Sample(_budget, lambda n: f"14-500 {n}", "import_estimates", _AS_ORIGINAL, "entries"),
    "budget_change": Sample(
        lambda n: replace(_budget(n), approved_change=True),
        lambda n: f"14-500 {n}",
        "import_estimates",
        _AS_CHANGE,
        "entries",
    ),
    "direct_cost": Sample(_costs, lambda n: f"BATCH{n}", "import_direct_costs", posts="entries"),
    "invoice": Sample(_invoice, lambda n: f"DOORPRO INV-{n}", "import_ap", posts="invoices"),
}


@dataclass
class KindYard:
    """The yard as one kind sees it."""

    yard: Yard
    kind: ExportKind

    @classmethod
    def build(cls, folder: Path, kind: ExportKind) -> KindYard:
        return cls(Yard.build(folder, SPEC), kind)

    @property
    def sample(self) -> Sample:
        return SAMPLES[self.kind.name]

    def accept(self, number: int) -> str:
        """An accepted item of the kind; class A only where Sage refuses a second one."""
        idempotency = "A" if self.kind.keyed else "B"
        document, key = self.sample.make(number), self.sample.key(number)
        return self.yard.accept(document, kind=self.kind, sage_id=key, idempotency=idempotency)

    def sage_imports(self) -> bool:
        """The person at Sage runs the imports, with the right boxes ticked."""
        return SandboxOperator(self.yard.sage, options={self.sample.program: self.sample.options}).step()

    def sage_posts(self) -> None:
        """The person at Sage posts what waits, where Sage has that step."""
        if self.sample.posts == "entries":
            post_entries(self.yard.sage)
        elif self.sample.posts == "invoices":
            post_invoices(self.yard.sage)


ALL = {each.name: each for each in KINDS}
