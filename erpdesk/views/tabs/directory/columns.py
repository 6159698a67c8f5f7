"""The columns of the vendor list and its chips."""

from __future__ import annotations

from collections.abc import Callable

from erpdesk.views.kit.filter_bar import ChipSpec
from erpdesk.views.kit.pills import Pill
from erpdesk.views.kit.record_table import Column
from erpdesk.workflows.rows import CompanyRow, VendorRow

Test = Callable[[VendorRow], bool]
INACTIVE = "Inactive"
NOT_IN_SAGE = "Not in Sage"


def company_row(company: CompanyRow) -> VendorRow:
    """A company of the directory that is not linked to a Sage vendor, as it stands in this list."""
    return VendorRow(f"company {company.id}", "", company.name, "", "", "", "", NOT_IN_SAGE, company.name)


def is_vendor(row: VendorRow) -> bool:
    """Whether Sage has it; otherwise it is a company of the directory without a vendor."""
    return bool(row.vendor)


def status_of(row: VendorRow) -> Pill:
    """Active, inactive or not there in Sage, as a pill."""
    active = is_vendor(row) and row.status != INACTIVE
    return Pill(row.status, "green" if active else "grey", "check" if active else "")


def link_of(row: VendorRow) -> Pill:
    """Whether a vendor and a company of the directory belong together."""
    if not is_vendor(row):
        return Pill("Not linked", "yellow", "warning")
    return Pill("Linked", "blue", "check") if row.company else Pill("No company", "grey", "")


COLUMNS: tuple[Column, ...] = (
    Column("vendor", "Vendor", width=96, bold=True, value=lambda row: row.vendor or "–"),
    Column("name", "Name", width=214, value=lambda row: row.name),
    Column("type", "Type", width=140, value=lambda row: row.type),
    Column("city", "City", width=116, value=lambda row: row.city),
    Column("state", "State", width=60, value=lambda row: row.state),
    Column("telephone", "Telephone", width=118, value=lambda row: row.telephone),
    Column("status", "Status", kind="status", width=112, value=status_of),
    Column("link", "Directory", kind="status", width=116, value=link_of),
    Column("company", "Linked company", width=200, show=False, value=lambda row: row.company),
)

CHIPS: tuple[tuple[ChipSpec, Test], ...] = (
    (ChipSpec("active", "Active"), lambda row: is_vendor(row) and row.status != INACTIVE),
    (ChipSpec("inactive", "Inactive"), lambda row: row.status == INACTIVE),
    (ChipSpec("unlinked", "Not linked"), lambda row: not is_vendor(row)),
    (ChipSpec("all", "All"), lambda _row: True),
)
