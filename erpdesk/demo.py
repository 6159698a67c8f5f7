"""The sample company on disk: its stand-in Sage, its settings, and the person in Sage who runs the imports."""

from __future__ import annotations

import shutil
from pathlib import Path

from erpdesk import paths, sample
from erpdesk.core.changes import Changes
from erpdesk.database import Store
from erpdesk.paths import CompanyPaths
from erpdesk.settings import CompanySettings
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.sync.sandbox.sample import make_sample
from erpdesk.workflows.desk import Desk
from erpdesk.workflows.ports import SageFacts

MASK = "AA-9999-999"
TRANSACTIONS = 20_000
REJECTION = "Vendor requires a certificate of insurance before a commitment can be entered."


def prepare(
    company: CompanyPaths | None = None, sage: Path | None = None, transactions: int = TRANSACTIONS
) -> CompanyPaths:
    """Makes what is missing of the sample company; a build that was interrupted is started over."""
    company, sage = company or paths.demo_company(), sage or paths.demo_sage()
    if not sage.exists():
        half = sage.with_name(sage.name + ".new")
        shutil.rmtree(half, ignore_errors=True)
        half.parent.mkdir(parents=True, exist_ok=True)
        make_sample(half, transactions=transactions)
        half.rename(sage)
    SandboxCompany(sage).recover()
    if not company.settings.exists():
        settings = CompanySettings(
            company=SandboxCompany(sage).name,
            sage_folder=str(sage),
            stand_in=True,
            commitment_id_mask=MASK,
            sync_minutes=5,
            batch_minutes=0,
        )
        settings.save(company.settings)
    return company


def operator(settings: CompanySettings) -> SandboxOperator:
    """The person in the stand-in Sage, not started yet."""
    return SandboxOperator(SandboxCompany(Path(settings.sage_folder)), interval=0.7)


def settle(store: Store, facts: SageFacts, desk: Desk) -> Changes:
    """After the first read of Sage: projects, companies and sample commitments, once."""
    sample.add_projects(store, facts)
    if not desk.queries.commitments():
        # The first one that goes out comes back, so that a rejection by Sage can be seen and recovered from.
        SandboxCompany(Path(desk.office.settings().sage_folder)).set_faults(reject_next=REJECTION)
    sample.fill(desk)
    return (
        Changes.of("project", "*")
        | Changes.of("commitment", "*")
        | Changes.of("submission", "*")
        | Changes.of("vendor", "*")
    )
