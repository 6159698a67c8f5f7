"""The columns of the commitments list and its chips."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from erpdesk.views.erp_words import DRIFTED, erp_pill, percent, status_pill
from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.record_table import Column
from erpdesk.workflows.rows import CommitmentRow, ErpState

Test = Callable[[CommitmentRow], bool]


def revised(row: CommitmentRow) -> Decimal:
    """The contract with its approved change orders: as Sage holds it, else as it stands here."""
    return row.amount if row.sage_revised is None else row.sage_revised


def drifted(row: CommitmentRow) -> bool:
    """Whether Sage no longer holds a synced commitment as it was approved."""
    return row.erp_state is ErpState.SYNCED and row.erp_text in DRIFTED


def row_pill(row: CommitmentRow) -> Pill:
    """The ERP state in a word, or what became of it in Sage since."""
    return erp_pill(row.erp_state, row.erp_text if drifted(row) else "")


COLUMNS: tuple[Column, ...] = (
    Column("number", "Number", width=118, bold=True, group="Commitment", value=lambda row: row.number),
    Column(
        "erp",
        "ERP",
        kind="status",
        width=148,
        tooltip="Where it stands between the project side and Sage",
        group="Sage",
        value=lambda row: row_pill(row),
    ),
    Column(
        "sage_id",
        "Sage ID",
        width=118,
        show=False,
        tooltip="The commitment ID under which Sage holds it",
        group="Sage",
        value=lambda row: row.sage_id,
    ),
    Column("vendor", "Vendor", width=150, group="Commitment", value=lambda row: row.vendor),
    Column("title", "Title", width=160, group="Commitment", value=lambda row: row.title),
    Column("type", "Type", width=118, group="Commitment", value=lambda row: row.type),
    Column("status", "Status", kind="status", width=104, group="Commitment", value=lambda row: status_pill(row.status)),
    Column("amount", "Original amount", kind="money", width=128, group="Amounts", value=lambda row: row.amount),
    Column(
        "changes",
        "Approved COs",
        kind="money",
        width=112,
        tooltip="Approved change orders, as Sage holds them",
        group="Amounts",
        value=lambda row: row.sage_approved_changes,
    ),
    Column(
        "revised",
        "Revised",
        kind="money",
        width=104,
        tooltip="Original amount + approved change orders: as Sage holds them, before that as it stands here",
        group="Amounts",
        value=revised,
    ),
    Column(
        "invoiced",
        "Invoiced",
        kind="money",
        width=104,
        tooltip="Invoiced in Sage",
        group="Amounts",
        value=lambda row: row.sage_invoiced,
    ),
    Column("date", "Date", kind="date", show=False, group="Commitment", value=lambda row: row.date),
    Column("job", "Job", width=90, show=False, group="Commitment", value=lambda row: row.job),
    Column("project", "Project", show=False, group="Commitment", value=lambda row: row.project),
    Column(
        "retainage",
        "Retainage",
        width=90,
        align="right",
        show=False,
        group="Amounts",
        value=lambda row: percent(row.retainage_percent),
    ),
    Column(
        "attachments",
        "Attachments",
        kind="number",
        width=96,
        show=False,
        tooltip="How many files are attached",
        group="Commitment",
        value=lambda row: row.attachments or None,
    ),
)


def differs(row: CommitmentRow) -> bool:
    """Whether Sage knows the commitment by another ID than its number."""
    return bool(row.sage_id) and row.sage_id != row.number


def in_states(*states: ErpState) -> Test:
    """A test for rows in one of these ERP states."""
    return lambda row: row.erp_state in states


CHIPS: tuple[tuple[ChipSpec, Test], ...] = (
    (ChipSpec("all", "All"), lambda _row: True),
    (ChipSpec("open", "Not sent"), in_states(ErpState.NOT_SENT, ErpState.RETRIEVED)),
    (ChipSpec("sent", "With accounting"), in_states(ErpState.SENT, ErpState.EXPORTING)),
    (
        ChipSpec("back", "Needs attention"),
        lambda row: row.erp_state in (ErpState.REJECTED, ErpState.FAILED, ErpState.IN_DOUBT) or drifted(row),
    ),
    (ChipSpec("synced", "Synced"), in_states(ErpState.SYNCED, ErpState.CLOSED)),
)
