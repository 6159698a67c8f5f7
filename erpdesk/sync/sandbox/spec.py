"""Builds a small company from a plain description: jobs, codes, opening balances, vendors, commitments."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from erpdesk.sync.sandbox.books import Key, roll_up
from erpdesk.sync.sandbox.company import SandboxCompany, Settings
from erpdesk.sync.sandbox.entries import CO_STATUS, TYPES
from erpdesk.sync.sandbox.spec_invoices import enter_invoices
from erpdesk.sync.sandbox.tables import insert

_BALANCES = {
    "original_estimate": "Original_Estimate",
    "original_estimate_units": "Original_Estimate_Units",
    "approved_estimate_changes": "Approved_Estimate_Changes",
    "original_commitment": "Original_Commitment",
    "pending_commitment_changes": "Pending_Commitment_Changes",
    "approved_commitment_changes": "Approved_Commitment_Changes",
    "commitment_invoiced": "Commitment_Invoiced",
}

Spec = Mapping[str, Any]


_SETTINGS = {field.name for field in fields(Settings)} - {"layouts"}


def create_from_spec(folder: Path, spec: Spec) -> SandboxCompany:
    """Makes a company from a description as the golden cases write it: amounts as text, dates as ISO text.

    Balances of cost codes, extras and jobs are the sums of their categories. Costs of posted invoices become AP costs,
    and what is left of a category's job to date becomes one opening entry, so that the books tie from the start.
    """
    given = spec.get("settings", {})
    usual = {"job_mask": "99-999", "cost_code_mask": "99-999", "commitment_capitals": False}
    chosen = usual | {name: value for name, value in given.items() if name in _SETTINGS}
    company = SandboxCompany.create(folder, spec["name"], Settings(**chosen, layouts=spec.get("layouts", {})))
    settings, stamp = company.settings, company.stamp()
    with company.changing() as connection:
        _structure(connection, spec, stamp)
        for commitment in spec.get("commitment", ()):
            _commitment(connection, commitment, stamp)
        enter_invoices(connection, spec, settings, stamp)
        roll_up(connection, [job["id"] for job in spec.get("job", ())])
    return company


def _number(entry: Spec, name: str) -> Decimal:
    return Decimal(str(entry.get(name) or "0"))


def _structure(connection: sqlite3.Connection, spec: Spec, stamp: dict[str, object]) -> None:
    standard = {entry["id"]: entry for entry in spec.get("standard_category", ())}
    insert(
        connection,
        "JCM_MASTER__STANDARD_CATEGORY",
        [
            {"Category": name, "Description": entry["description"], "Accumulate_As": entry["accumulate_as"]} | stamp
            for name, entry in standard.items()
        ],
    )
    insert(
        connection,
        "JCM_MASTER__STANDARD_COST_CODE",
        [
            {"Cost_Code": e["id"], "Description": e["description"], "Group_Cost_Code": int(e["group"])} | stamp
            for e in spec.get("standard_cost_code", ())
        ],
    )
    insert(
        connection,
        "JCM_MASTER__JOB",
        [
            {
                "Job": entry["id"],
                "Description": entry["description"],
                "Status": entry["status"],
                "Extras": "Yes" if entry["uses_extras"] else "No",
                "Use_PJ_Change_Management": int(entry["use_pj_change_management"]),
            }
            | stamp
            for entry in spec.get("job", ())
        ],
    )
    insert(
        connection,
        "JCM_MASTER__EXTRA",
        [
            {"Job": e["job"], "Extra": e["id"], "Description": e["description"], "Status": e["status"]} | stamp
            for e in spec.get("extra", ())
        ],
    )
    insert(
        connection,
        "JCM_MASTER__COST_CODE",
        [
            {
                "Job": entry["job"],
                "Extra": entry["extra"],
                "Cost_Code": entry["id"],
                "Description": entry["description"],
                "Group_Cost_Code": int(entry["group"]),
                "Status": entry["status"],
            }
            | stamp
            for entry in spec.get("cost_code", ())
        ],
    )
    insert(
        connection,
        "JCM_MASTER__CATEGORY",
        [_category(entry, standard.get(entry["id"], {}), stamp) for entry in spec.get("category", ())],
    )
    accounts: list[dict[str, object]] = [{"Account": account} for account in spec.get("gl_account", ())]
    insert(connection, "GLM_MASTER__ACCOUNT", accounts)
    insert(
        connection,
        "APM_MASTER__VENDOR",
        [
            {"Vendor": entry["id"], "Name": entry["name"], "Status": "Active"} | stamp
            for entry in spec.get("vendor", ())
        ],
    )


def _category(entry: Spec, standard: Spec, stamp: dict[str, object]) -> dict[str, object]:
    row: dict[str, object] = {
        "Job": entry["job"],
        "Extra": entry["extra"],
        "Cost_Code": entry["cost_code"],
        "Category": entry["id"],
        "Description": entry.get("description", standard.get("description", "")),
        "Status": entry.get("status", "In progress"),
        "Accumulate_As": standard.get("accumulate_as", "Other"),
        "Total_Estimate": float(_number(entry, "original_estimate") + _number(entry, "approved_estimate_changes")),
        "Total_Estimate_Units": float(_number(entry, "original_estimate_units")),
        "Revised_Commitment": float(
            _number(entry, "original_commitment") + _number(entry, "approved_commitment_changes")
        ),
    }
    return row | {column: float(_number(entry, name)) for name, column in _BALANCES.items()} | stamp


def _commitment(connection: sqlite3.Connection, spec: Spec, stamp: dict[str, object]) -> None:
    items = {item["number"]: item for item in spec["item"]}
    changes: dict[int, list[Spec]] = {number: [] for number in items}
    for order in spec.get("co", ()):
        for line in order["item"]:
            if order["status"] == 5:
                changes[line["line"]].append(line)
    jobs = {item["job"] for item in items.values()}
    row: dict[str, object] = {
        "Commitment": spec["id"],
        "Commitment_Type": TYPES[spec["type"]],
        "Description": spec["description"],
        "Vendor": spec["vendor"],
        "Job": jobs.pop() if len(jobs) == 1 else "",
        "Date": spec["date"],
        "Retainage_Percent": float(_number(spec, "retainage_percent")),
        "Committed": 1,
        "Closed": int(spec["closed"]),
        "Amount": float(sum(_number(item, "amount") for item in items.values())),
        "Amount_Invoiced": float(sum(_number(item, "amount_invoiced") for item in items.values())),
        "Approved_Commitment_CO_Amount": float(sum(_number(c, "amount") for lines in changes.values() for c in lines)),
    }
    insert(connection, "JCM_MASTER__COMMITMENT", [row | stamp])
    insert(
        connection,
        "JCM_MASTER__COMMITMENT_ITEM",
        [
            {
                "Commitment": spec["id"],
                "Item_Number": number,
                "Description": item["description"],
                "Job": item["job"],
                "Extra": item["extra"],
                "Cost_Code": item["cost_code"],
                "Category": item["category"],
                "Units": float(_number(item, "units")),
                "Unit_Description": item["unit"],
                "Unit_Cost": float(_number(item, "unit_cost")),
                "Amount": float(_number(item, "amount")),
                "Tax": float(_number(item, "tax")),
                "Amount_Invoiced": float(_number(item, "amount_invoiced")),
                "Approved_Commitment_CO_Amount": float(sum(_number(line, "amount") for line in changes[number])),
                "Approved_Commitment_CO_Units": float(sum(_number(line, "units") for line in changes[number])),
            }
            | stamp
            for number, item in items.items()
        ],
    )
    for order in spec.get("co", ()):
        _change_order(connection, spec, order, {n: _place(item) for n, item in items.items()}, stamp)


def _place(item: Spec) -> Key:
    return item["job"], item["extra"], item["cost_code"], item["category"]


def _change_order(
    connection: sqlite3.Connection, spec: Spec, order: Spec, places: Mapping[int, Key], stamp: dict[str, object]
) -> None:
    row: dict[str, object] = {
        "Commitment": spec["id"],
        "Commitment_CO": order["id"],
        "Description": order["description"],
        "Date": order.get("date", spec["date"]),
        "Status": CO_STATUS[order["status"]],
        "Release_to_Accounting": int(order["status"] == 5),
        "Amount": float(sum(_number(line, "amount") for line in order["item"])),
    }
    insert(connection, "JCM_MASTER__COMMITMENT_CO", [row | stamp])
    insert(
        connection,
        "JCM_MASTER__COMMITMENT_CO_ITEM",
        [
            {
                "Commitment": spec["id"],
                "Commitment_CO": order["id"],
                "Item_Number": line["line"],
                "Units": float(_number(line, "units")),
                "Amount": float(_number(line, "amount")),
            }
            | dict(zip(("Job", "Extra", "Cost_Code", "Category"), places[line["line"]], strict=True))
            | stamp
            for line in order["item"]
        ],
    )
