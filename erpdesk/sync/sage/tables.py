"""Which Sage tables and columns erpdesk mirrors, declared once: reader, cleaning and mirror all follow this list.

Kinds, widths, scales and how sure we are of a name come from ``resources/sage/tables.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from erpdesk import paths
from erpdesk.core.errors import BadSageData

IDENTITIES = frozenset(
    ("Job", "Extra", "Cost_Code", "Category", "Vendor", "Commitment", "Commitment_CO"),
)
"""Columns that name a record: blanks on either side mean nothing, and an unreadable letter makes the row useless."""

MAY_BE_BLANK = frozenset(("Extra",))
"""Key columns for which nothing is an answer: the base job has a blank extra."""

RESERVED = frozenset(("CHECK", "AUTHORIZATION", "GROUP", "DATE", "TIME", "SIZE", "ORDER", "KEY"))
"""Names that SQL keeps for itself and that stand between double quotes in a query."""

_SCALES = {"money": 2, "units": 4, "unit_cost": 4, "percent": 4, "number": 0}


@dataclass(frozen=True)
class Column:
    """One column of a Sage table.

    ``scale`` is the number of decimals of a number (2 = kept as whole cents, 4 = as ten-thousandths), None for others.
    A ``required`` column must exist at every site; others are mirrored where Sage has them.
    """

    name: str
    kind: str
    width: int
    scale: int | None
    required: bool
    key: bool

    @property
    def field(self) -> str:
        """The name of the column in the mirror."""
        return self.name.lower()

    @property
    def identity(self) -> bool:
        return self.kind == "char" and (self.key or self.name in IDENTITIES)

    @property
    def sql_type(self) -> str:
        """How the mirror stores it: text (dates as ISO text) or whole numbers."""
        return "TEXT" if self.kind in ("char", "text", "date") else "INTEGER"


@dataclass(frozen=True)
class Table:
    """One Sage table that is mirrored: its Sage name, its name in the mirror, and its name for people.

    ``sums`` names the amounts whose total must agree with Sage after each read.
    """

    name: str
    mirror: str
    title: str
    required: bool
    columns: tuple[Column, ...]
    sums: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.key)

    def quoted(self, name: str) -> str:
        """A column name as a query writes it; a reserved word is qualified, so that it is never taken for a text."""
        return f'{self.name}."{name}"' if name.upper() in RESERVED else name


@dataclass(frozen=True)
class _Wanted:
    name: str
    mirror: str
    title: str
    columns: tuple[str, ...]
    sums: tuple[str, ...] = ()
    required: bool = True


_COMMITTED = ("Original_Commitment", "Pending_Commitment_Changes", "Approved_Commitment_Changes", "Revised_Commitment")

_WANTED = (
    _Wanted(
        "JCM_MASTER__JOB",
        "job",
        "Jobs",
        ("Job", "Description", "Status", "Extras", *_COMMITTED, "Commitment_Invoiced", "JTD_Cost", "Total_Estimate"),
        ("Revised_Commitment", "JTD_Cost"),
    ),
    _Wanted("JCM_MASTER__EXTRA", "extra", "Extras", ("Job", "Extra", "Description", "Status")),
    _Wanted(
        "JCM_MASTER__COST_CODE",
        "cost_code",
        "Cost codes",
        ("Job", "Extra", "Cost_Code", "Description", "Group_Cost_Code", "Status", "Accumulate_As"),
    ),
    _Wanted(
        "JCM_MASTER__CATEGORY",
        "category",
        "Categories",
        (
            *("Job", "Extra", "Cost_Code", "Category", "Description", "Status", "Accumulate_As", "Total_Estimate"),
            *(*_COMMITTED, "Commitment_Invoiced", "JTD_Cost"),
        ),
        ("Revised_Commitment", "JTD_Cost", "Total_Estimate"),
    ),
    _Wanted(
        "APM_MASTER__VENDOR",
        "vendor",
        "Vendors",
        ("Vendor", "Name", "Type", "Address_1", "Address_2", "City", "State", "ZIP", "Telephone", "Status"),
    ),
    _Wanted(
        "JCM_MASTER__COMMITMENT",
        "commitment",
        "Commitments",
        (
            *("Commitment", "Commitment_Type", "Description", "Vendor", "Job", "Date", "Retainage_Percent"),
            *("Committed", "Closed", "Amount", "Approved_Commitment_CO_Amount", "Amount_Invoiced"),
        ),
        ("Amount", "Amount_Invoiced"),
    ),
    _Wanted(
        "JCM_MASTER__COMMITMENT_ITEM",
        "commitment_item",
        "Commitment lines",
        (
            *("Commitment", "Item_Number", "Description", "Job", "Extra", "Cost_Code", "Category"),
            *("Units", "Unit_Description", "Unit_Cost", "Amount", "Tax_Group", "Tax", "Amount_Invoiced"),
            *("Approved_Commitment_CO_Amount", "Approved_Commitment_CO_Tax_Amount", "Retainage_Percent"),
            "Delivery_Date",
        ),
        ("Amount", "Amount_Invoiced"),
    ),
    _Wanted(
        "JCM_MASTER__COMMITMENT_CO",
        "commitment_co",
        "Commitment change orders",
        ("Commitment", "Commitment_CO", "Description", "Date", "Status", "Amount", "Tax"),
        ("Amount",),
        required=False,
    ),
    _Wanted(
        "JCM_MASTER__COMMITMENT_CO_ITEM",
        "commitment_co_item",
        "Commitment change order lines",
        (
            *("Commitment", "Commitment_CO", "Item_Number", "Description", "Job", "Extra", "Cost_Code", "Category"),
            *("Units", "Unit_Description", "Unit_Cost", "Amount", "Tax"),
        ),
        ("Amount",),
        required=False,
    ),
    _Wanted(
        "JCT_CURRENT__TRANSACTION",
        "job_cost",
        "Job-cost transactions",
        (
            *("Run", "Sequence", "Job", "Extra", "Cost_Code", "Category", "Transaction_Type", "Transaction_Date"),
            *("Accounting_Date", "Description", "Units", "Unit_Cost", "Amount", "Retainage", "Application_of_Origin"),
            *("Batch", "Vendor", "Invoice", "Commitment", "Commitment_Line_Item", "Check", "Ref_1"),
        ),
        ("Amount",),
    ),
    _Wanted(
        "TS_CTL_RECORD_3",
        "id_format",
        "ID formats",
        ("FLDCODE", "SECTION", "CSLEN", "CNPUNCT", "CNDESC", "CNTCAP"),
        required=False,
    ),
)


@cache
def catalogue() -> tuple[Table, ...]:
    """Every table that erpdesk mirrors, in the order it is read; raises BadSageData when the resource lacks one."""
    with (paths.resources() / "sage" / "tables.toml").open("rb") as file:
        described = {each["standard"]: each for each in tomllib.load(file)["table"]}
    return tuple(_table(wanted, described.get(wanted.name, {})) for wanted in _WANTED)


def table(name: str) -> Table:
    """The table with this Sage name; raises KeyError for one that erpdesk does not mirror."""
    return next((each for each in catalogue() if each.name == name), None) or _unknown(name)


def _unknown(name: str) -> Table:
    raise KeyError(f"{name} is not mirrored")


def _table(wanted: _Wanted, described: Mapping[str, Any]) -> Table:
    columns = {each["name"]: each for each in described.get("columns", ())}
    lacking = [name for name in wanted.columns if name not in columns]
    if lacking:
        raise BadSageData(
            f"resources/sage/tables.toml does not describe {wanted.name}: {', '.join(lacking)}.",
            next_step="Install erpdesk again.",
        )
    keys = described["key"]
    made = tuple(_column(columns[name], name in keys) for name in wanted.columns)
    return Table(wanted.name, wanted.mirror, wanted.title, wanted.required, made, wanted.sums)


def _column(described: Mapping[str, Any], key: bool) -> Column:
    scale = _SCALES[described["measure"]] if described["kind"] == "float" else None
    # Only names seen at real companies may be insisted on; a key is always needed.
    return Column(
        described["name"],
        described["kind"],
        described["width"],
        scale,
        required=key or described["certainty"] == "P",
        key=key,
    )
