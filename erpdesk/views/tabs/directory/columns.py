"""The columns of the vendor list and its chips."""

from __future__ import annotations

from collections.abc import Callable

from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.record_table import Column
from erpdesk.workflows.rows import VendorRow

Test = Callable[[VendorRow], bool]
INACTIVE = "Inactive"


def status_of(row: VendorRow) -> Pill:
    """Active or inactive in Sage, as a pill."""
    return Pill(row.status, "grey" if row.status == INACTIVE else "green", "" if row.status == INACTIVE else "check")


def link_of(row: VendorRow) -> Pill:
    """Whether a company of the directory is linked to this vendor."""
    return Pill("Linked", "blue", "check") if row.company else Pill("Not linked", "grey", "")


COLUMNS: tuple[Column, ...] = (
    Column("vendor", "Vendor", width=96, bold=True, value=lambda row: row.vendor),
    Column("name", "Name", width=220, value=lambda row: row.name),
    Column("type", "Type", width=150, value=lambda row: row.type),
    Column("city", "City", width=120, value=lambda row: row.city),
    Column("state", "State", width=60, value=lambda row: row.state),
    Column("telephone", "Telephone", width=124, value=lambda row: row.telephone),
    Column("status", "Status", kind="status", width=100, value=status_of),
    Column("link", "Directory", kind="status", width=104, value=link_of),
    Column("company", "Linked company", width=200, show=False, value=lambda row: row.company),
)

CHIPS: tuple[tuple[ChipSpec, Test], ...] = (
    (ChipSpec("active", "Active"), lambda row: row.status != INACTIVE),
    (ChipSpec("inactive", "Inactive"), lambda row: row.status == INACTIVE),
    (ChipSpec("unlinked", "Not linked"), lambda row: not row.company),
    (ChipSpec("all", "All"), lambda _row: True),
)
