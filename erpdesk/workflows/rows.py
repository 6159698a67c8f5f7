"""What the views hold: frozen rows, read once, without a tie to the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from erpdesk.core.steps import Offer

if TYPE_CHECKING:
    from erpdesk.workflows.console_rows import FieldChange, MapNode
    from erpdesk.workflows.history_rows import FieldChangeRow


class ErpState(StrEnum):
    """Where an item stands between the project side and Sage; always derived, never stored (T1)."""

    NOT_SENT = "Not sent"
    SENT = "Sent"
    RETRIEVED = "Retrieved"
    REJECTED = "Rejected"
    EXPORTING = "Exporting"
    SYNCED = "Synced"
    FAILED = "Failed"
    IN_DOUBT = "In doubt"
    CLOSED = "Closed by hand"


GONE = "No longer in Sage"
CHANGED = "Changed in Sage"
"""What is said of a synced item that Sage no longer holds as approved."""


@dataclass(frozen=True)
class PersonRow:
    """A person who can act; ``can_push`` tells whether they decide in ERP Integrations, by privilege and level (J2)."""

    id: str
    name: str
    role: str
    can_push: bool


@dataclass(frozen=True)
class ProjectRow:
    """A project and the Sage job it is synced with ('' = not synced)."""

    id: str
    number: str
    name: str
    sage_job: str


@dataclass(frozen=True)
class CompanyRow:
    """A company of the directory and the Sage vendor it is linked to ('' = not linked)."""

    id: str
    name: str
    sage_vendor: str


@dataclass(frozen=True)
class VendorRow:
    """A vendor as mirrored from Sage, and the directory company linked to it."""

    id: str
    vendor: str
    name: str
    type: str
    city: str
    state: str
    telephone: str
    status: str
    company: str


@dataclass(frozen=True)
class CodeRow:
    """A cost code and category that a line may use on a job (or on one of its extras)."""

    extra: str
    cost_code: str
    category: str
    description: str
    category_description: str
    budget: Decimal
    committed: Decimal

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.extra, self.cost_code, self.category)


@dataclass(frozen=True)
class CommitmentRow:
    """A commitment in the list. ``sage_*`` is what Sage holds (None before it is there), ``attachments`` how many."""

    id: str
    number: str
    title: str
    type: str
    project: str
    job: str
    vendor: str
    status: str
    erp_state: ErpState
    erp_text: str
    amount: Decimal
    retainage_percent: Decimal
    date: date | None
    sage_id: str
    sage_amount: Decimal | None
    sage_approved_changes: Decimal | None
    sage_revised: Decimal | None
    sage_invoiced: Decimal | None
    attachments: int


@dataclass(frozen=True)
class LineRow:
    """One line of a schedule of values."""

    id: str
    position: int
    extra: str
    cost_code: str
    category: str
    description: str
    quantity: Decimal | None
    unit: str
    unit_cost: Decimal | None
    amount: Decimal


@dataclass(frozen=True)
class HistoryRow:
    """One entry of a record's history; ``changes`` holds a row for each field that the act changed."""

    id: str
    at: datetime
    who: str
    act: str
    text: str
    changes: tuple[FieldChangeRow, ...] = ()


@dataclass(frozen=True)
class CommitmentDetail:
    """A commitment with everything its page shows. ``locked`` says why fields are closed ('' = open)."""

    row: CommitmentRow
    project_id: str
    company_id: str
    description: str
    method: str
    version: int
    lines: tuple[LineRow, ...]
    locked: str
    lines_locked: str
    statuses: tuple[Offer, ...]
    offers: tuple[Offer, ...]
    map: tuple[MapNode, ...]
    history: tuple[HistoryRow, ...]
    message: str
    committed_cost: Decimal | None
    """The job's committed cost as Sage held it when last read."""


@dataclass(frozen=True)
class QueueRow:
    """An item that waits in the ERP Integrations tool, or passed through it: ``id`` is the submission's.

    ``vendor`` is the vendor's ID in Sage, ``vendor_name`` the company's name here.
    """

    id: str
    kind: str
    item_id: str
    project_id: str
    number: str
    title: str
    type: str
    vendor: str
    vendor_name: str
    job: str
    amount: Decimal
    state: ErpState
    state_text: str
    sage_id: str
    sent_by: str
    sent_at: datetime
    decided_by: str
    decided_at: datetime | None
    message: str
    archived: bool = False


@dataclass(frozen=True)
class QueueCounts:
    """How many items stand in each view of ERP Integrations."""

    ready: int = 0
    exporting: int = 0
    failed: int = 0
    in_doubt: int = 0
    synced: int = 0


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """One job-cost transaction as mirrored from Sage; ``units`` and ``amount`` None where Sage keeps none."""

    id: int
    day: date | None
    accounting_day: date | None
    job: str
    extra: str
    cost_code: str
    category: str
    type: str
    vendor: str
    invoice: str
    commitment: str
    description: str
    units: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True)
class CostTotal:
    """A base job or one of its extras: Sage's own cost to date, and what its listed cost transactions add up to."""

    job: str
    extra: str
    title: str
    jtd_cost: Decimal
    listed_cost: Decimal
    transactions: int
    listed_other: Decimal = Decimal("0.00")
    """What listed entries that are no cost add up to, such as budget lines."""


@dataclass(frozen=True)
class ImpactRow:
    """What one item does to the job's committed cost, by cost code and category."""

    id: str
    extra: str
    cost_code: str
    category: str
    description: str
    budget: Decimal
    committed: Decimal
    this: Decimal

    @property
    def after(self) -> Decimal:
        return self.committed + self.this

    @property
    def left(self) -> Decimal:
        return self.budget - self.after


class Level(StrEnum):
    """How much a check matters: fine, worth knowing, or in the way."""

    OK = "ok"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True)
class Check:
    """One check against Sage, as a sentence."""

    text: str
    level: Level


@dataclass(frozen=True)
class Review:
    """What the approver decides on: exactly what Sage will get, its effect, and the checks (P5).

    ``offers`` are accept, reject, archive and unarchive; ``read_at`` is how old the oldest table is that was checked
    against; ``needs_reason`` says why a reason is asked before an accept ('' = none is).
    """

    row: QueueRow
    retainage_percent: Decimal
    date: date
    file_lines: tuple[str, ...]
    sha256: str
    impact: tuple[ImpactRow, ...]
    job_committed: Decimal
    checks: tuple[Check, ...]
    offers: tuple[Offer, ...]
    history: tuple[HistoryRow, ...]
    read_at: datetime | None
    map: tuple[MapNode, ...] = ()
    differences: tuple[FieldChange, ...] = ()
    needs_reason: str = ""

    @property
    def item_id(self) -> str:
        return self.row.item_id


@dataclass(frozen=True)
class LineDraft:
    """A line as a person typed it. In the unit/quantity method the amount is computed unless ``manual``."""

    extra: str
    cost_code: str
    category: str
    description: str
    quantity: Decimal | None = None
    unit: str = ""
    unit_cost: Decimal | None = None
    amount: Decimal = Decimal("0.00")
    id: str = ""


@dataclass(frozen=True)
class CommitmentDraft:
    """A commitment as a person typed it; nothing is compulsory (C1). ``version`` 0 = new."""

    type: str
    project_id: str
    number: str = ""
    title: str = ""
    company_id: str = ""
    description: str = ""
    date: date | None = None
    retainage_percent: Decimal = Decimal("0")
    method: str = "amount"
    lines: tuple[LineDraft, ...] = ()
    id: str = ""
    version: int = 0
