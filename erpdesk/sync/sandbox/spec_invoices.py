"""The AP side of a described company: invoices that wait or are posted, their costs, and opening costs beside them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erpdesk.sync.sandbox.books import Key
from erpdesk.sync.sandbox.company import Settings
from erpdesk.sync.sandbox.entries import TYPES
from erpdesk.sync.sandbox.newjct import AP_COST_TYPE, COST_TYPE
from erpdesk.sync.sandbox.posting import Current, Payables
from erpdesk.sync.sandbox.tables import insert

Spec = Mapping[str, Any]
BEFORE_ALL = "OPENING"
"""The invoice that stands for what was invoiced on a commitment before the description begins."""


def enter_invoices(connection: sqlite3.Connection, spec: Spec, settings: Settings, stamp: dict[str, object]) -> None:
    """Enters the invoices of the description, an opening invoice where items say more, and the opening costs."""
    connection.row_factory = sqlite3.Row
    current, payables = Current(connection, settings, stamp), Payables(connection, stamp)
    costs: dict[Key, Decimal] = defaultdict(Decimal)
    for invoice in [*spec.get("invoice", ()), *_opening(spec)]:
        header, lines = _rows(invoice)
        where = "APM_MASTER__{}" if invoice["where"] == "master" else "API_NEW__{}"
        insert(connection, where.format("INVOICE"), [header | stamp])
        insert(connection, where.format("DISTRIBUTION"), [line | stamp for line in lines])
        if invoice["where"] != "master":
            continue
        for line, told in zip(lines, invoice["distribution"], strict=True):
            stored = connection.execute(
                "SELECT * FROM APM_MASTER__DISTRIBUTION WHERE Vendor = ? AND Invoice = ? AND Dist_Seq = ?",
                (header["Vendor"], header["Invoice"], line["Dist_Seq"]),
            ).fetchone()
            payables.invoice(header, stored)
            if line["Job"]:
                current.add(_cost(header, stored, spec))
                costs[_key(told)] += _number(told, "amount")
                _units_invoiced(connection, told)
    connection.row_factory = None
    for category in spec.get("category", ()):
        key = (category["job"], category.get("extra", ""), category["cost_code"], category["id"])
        left = _number(category, "jtd_cost") - costs[key]
        if left:
            current.add(_opening_cost(key, left, settings))


def _units_invoiced(connection: sqlite3.Connection, told: Spec) -> None:
    connection.execute(
        "UPDATE JCM_MASTER__COMMITMENT_ITEM SET Units_Invoiced = Units_Invoiced + ? "
        "WHERE Commitment = ? AND Item_Number = ?",
        (float(_number(told, "units")), told.get("commitment", ""), told.get("commitment_line", 0)),
    )


def _number(entry: Spec, name: str) -> Decimal:
    return Decimal(str(entry.get(name) or "0"))


def _key(line: Spec) -> Key:
    return line["job"], line.get("extra", ""), line["cost_code"], line["category"]


def _opening(spec: Spec) -> list[Spec]:
    """One posted invoice for each vendor whose commitments are invoiced further than the listed invoices say."""
    billed: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for invoice in spec.get("invoice", ()):
        if invoice["where"] == "master":
            for line in invoice["distribution"]:
                billed[line.get("commitment", ""), line.get("commitment_line", 0)] += _number(line, "amount")
    lines: dict[str, list[Spec]] = defaultdict(list)
    for commitment in spec.get("commitment", ()):
        for item in commitment["item"]:
            left = _number(item, "amount_invoiced") - billed[commitment["id"], item["number"]]
            if left:
                place = {name: item[name] for name in ("job", "extra", "cost_code", "category")}
                own = {"commitment": commitment["id"], "commitment_line": item["number"], "amount": str(left)}
                lines[commitment["vendor"]].append(place | own)
    day = str(spec.get("opening_date", "2026-01-31"))
    return [
        {
            "where": "master",
            "vendor": vendor,
            "id": BEFORE_ALL,
            "amount": str(sum((_number(line, "amount") for line in found), Decimal(0))),
            "invoice_date": day,
            "accounting_date": day,
            "distribution": found,
        }
        for vendor, found in lines.items()
    ]


def _rows(invoice: Spec) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    new = invoice["where"] == "new"
    header: dict[str, Any] = {
        "Vendor": invoice["vendor"],
        "Invoice": invoice["id"],
        "Description": invoice.get("description", ""),
        "Status": "Not paid",
        "Amount": float(_number(invoice, "amount")),
        "Retainage": float(sum(_number(line, "retainage") for line in invoice["distribution"])),
        "Invoice_Date": invoice["invoice_date"],
        "Accounting_Date": invoice["accounting_date"],
        "Appl_of_Origin": "AP",
        "Pending_Invoice": int(new),
    }
    lines = [
        {
            "Vendor": invoice["vendor"],
            "Invoice": invoice["id"],
            "Dist_Seq": number,
            "Status": "Not paid",
            "Description": line.get("description", ""),
            "Amount": float(_number(line, "amount")),
            "Retainage": float(_number(line, "retainage")),
            "Expense_Account": line.get("expense_account", ""),
            "Job": line.get("job", ""),
            "Extra": line.get("extra", ""),
            "Cost_Code": line.get("cost_code", ""),
            "Category": line.get("category", ""),
            "Commitment": line.get("commitment", ""),
            "Commitment_Line_Item": line.get("commitment_line", 0),
            "Units": float(_number(line, "units")),
            "Unit_Cost": float(_number(line, "unit_cost")),
        }
        for number, line in enumerate(invoice["distribution"], 1)
    ]
    return header, lines


def _cost(header: Mapping[str, Any], line: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
    kinds = {entry["id"]: TYPES[entry["type"]] for entry in spec.get("commitment", ())}
    same = ("Job", "Extra", "Cost_Code", "Category", "Description", "Units", "Unit_Cost", "Amount", "Commitment")
    return {name: line[name] for name in (*same, "Commitment_Line_Item", "Retainage", "Vendor", "Invoice")} | {
        "Transaction_Type": AP_COST_TYPE,
        "Transaction_Date": header["Invoice_Date"],
        "Accounting_Date": header["Accounting_Date"],
        "Debit_Account": line["Expense_Account"],
        "Application_of_Origin": "AP",
        "Source": "Post invoices",
        "Dist_Sequence": line["Dist_Seq"],
        "Commitment_Type": kinds.get(line["Commitment"], ""),
    }


def _opening_cost(key: Key, amount: Decimal, settings: Settings) -> dict[str, Any]:
    day = str(settings.books_day)
    return dict(zip(("Job", "Extra", "Cost_Code", "Category"), key, strict=True)) | {
        "Transaction_Type": COST_TYPE,
        "Transaction_Date": day,
        "Accounting_Date": day,
        "Description": "Opening balance",
        "Units": 0.0,
        "Amount": float(amount),
        "Application_of_Origin": "JC",
        "Source": "Opening balance",
    }
