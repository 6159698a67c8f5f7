"""Every kind that the export knows; a later one joins by standing here."""

from __future__ import annotations

from erpdesk.sync.export.kinds.commitment_changes import COMMITMENT_CHANGE
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.kinds.invoices import INVOICE
from erpdesk.sync.export.kinds.kind import ExportKind

KINDS: tuple[ExportKind, ...] = (COMMITMENT, COMMITMENT_CHANGE, INVOICE)
