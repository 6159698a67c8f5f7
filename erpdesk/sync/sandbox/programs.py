"""Everything that a person can run in the stand-in Sage: the four imports, the postings, payments, upkeep, journals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from erpdesk.sync.sandbox import import_commitments, import_direct_costs, import_estimates, import_invoices
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.payments import PaymentResult, pay_invoices
from erpdesk.sync.sandbox.posting import PostResult, post_entries, post_invoices
from erpdesk.sync.sandbox.running import Abandoned, Importer, ImportResult, Program, Withdrawn, run_program
from erpdesk.sync.sandbox.upkeep import close_month, delete_commitment, edit_vendor

__all__ = [
    "PROGRAMS",
    "Abandoned",
    "ImportResult",
    "PaymentResult",
    "PostResult",
    "Program",
    "Withdrawn",
    "close_month",
    "delete_commitment",
    "edit_vendor",
    "pay_invoices",
    "post_entries",
    "post_invoices",
    "read_journal",
    "run_import",
]

_IMPORTERS: Mapping[str, tuple[Program, Callable[[], Importer]]] = {
    "import_estimates": (import_estimates.PROGRAM, import_estimates.EstimateImport),
    "import_commitments": (import_commitments.PROGRAM, import_commitments.CommitmentImport),
    "import_direct_costs": (import_direct_costs.PROGRAM, import_direct_costs.DirectCostImport),
    "import_ap": (import_invoices.PROGRAM, import_invoices.InvoiceImport),
}
PROGRAMS: Mapping[str, Program] = {name: program for name, (program, _) in _IMPORTERS.items()}
"""The imports by name, in the order in which a company is set up: budgets before commitments before costs."""


def run_import(
    company: SandboxCompany,
    program: str,
    *,
    file: Path | None = None,
    options: Mapping[str, bool] | None = None,
    layout: str = "default",
    on_step: Callable[[str], None] = lambda step: None,
    give_up: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Runs one import by its name in ``PROGRAMS``; ``file`` is by habit the program's own in the mailbox.

    ``layout`` names the order of fields of an AP file. What happens in which order, and what is raised, stands with
    ``running.run_program``.
    """
    known, importer = _IMPORTERS[program]
    return run_program(
        company,
        known,
        importer(),
        file=file,
        options=options,
        layout=layout,
        on_step=on_step,
        give_up=give_up,
    )


def read_journal(company: SandboxCompany, program: str) -> str:
    """The journal that an import printed last; blank when none lies there."""
    try:
        return (company.imports / PROGRAMS[program].print).read_bytes().decode("cp1252").replace("\r\n", "\n")
    except FileNotFoundError:
        return ""
