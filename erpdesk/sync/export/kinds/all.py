"""Every kind that the export knows; a later one joins by standing here."""

from __future__ import annotations

from erpdesk.sync.export.kinds.commitment_changes import COMMITMENT_CHANGE
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.kinds.direct_costs import DIRECT_COSTS
from erpdesk.sync.export.kinds.estimates import BUDGET, BUDGET_CHANGE
from erpdesk.sync.export.kinds.invoices import INVOICE
from erpdesk.sync.export.kinds.kind import ExportKind

# What comes later may name what comes before.
KINDS: tuple[ExportKind, ...] = (
    BUDGET,
    BUDGET_CHANGE,
    COMMITMENT,
    COMMITMENT_CHANGE,
    INVOICE,
    DIRECT_COSTS,
)
