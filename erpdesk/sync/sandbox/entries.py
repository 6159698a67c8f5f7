"""How an accepted commitment or change order goes into the tables, with what it does to committed cost."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

from erpdesk.sync.sandbox.books import Key, add_to_category
from erpdesk.sync.sandbox.import_rules import Document
from erpdesk.sync.sandbox.reader import Record
from erpdesk.sync.sandbox.tables import insert

TYPES = {1: "Subcontract", 2: "Purchase order"}
# Only the first and the last status have known names.
CO_STATUS = {0: "Not issued", 1: "Not issued", 2: "Status 2", 3: "Status 3", 4: "Status 4", 5: "Approved"}


def accept(connection: sqlite3.Connection, document: Document, stamp: dict[str, object]) -> tuple[Decimal, set[str]]:
    """Writes one document into the tables; answers its total and the jobs that changed."""
    header = document.header
    if header is None:
        raise ValueError("a line without its header is never accepted")
    if header.letters == "C":
        return _new_commitment(connection, header, document.lines, stamp)
    return _new_change_order(connection, header, document.lines, stamp)


def _new_commitment(
    connection: sqlite3.Connection, header: Record, lines: list[Record], stamp: dict[str, object]
) -> tuple[Decimal, set[str]]:
    total = sum((line.number("amount") for line in lines), Decimal(0))
    jobs = {line.text("job") for line in lines}
    row: dict[str, object] = {
        "Commitment": header.text("commitment"),
        "Commitment_Type": TYPES[int(header.number("type"))],
        "Description": header.text("description"),
        "Vendor": header.text("vendor"),
        "Job": jobs.copy().pop() if len(jobs) == 1 else "",
        "Date": str(header.day("date")),
        "Retainage_Percent": float(header.number("retainage_percent")),
        "Committed": int(header.number("committed")),
        "Closed": int(header.number("closed")),
        "Printed": int(header.number("printed")),
        "Amount": float(total),
        "To_Address_1": header.text("to_address_1"),
        "To_Address_2": header.text("to_address_2"),
        "To_City": header.text("to_city"),
        "To_State": header.text("to_state"),
        "To_ZIP_Code": header.text("to_zip"),
        "Ship_to_Address_1": header.text("ship_address_1"),
        "Ship_to_Address_2": header.text("ship_address_2"),
        "Ship_to_City": header.text("ship_city"),
        "Ship_to_State": header.text("ship_state"),
        "Ship_to_ZIP_Code": header.text("ship_zip"),
        "Ordered_By": header.text("ordered_by"),
        "Terms": header.text("terms"),
        "Ship_Via": header.text("ship_via"),
        "FOB": header.text("fob"),
    }
    insert(connection, "JCM_MASTER__COMMITMENT", [row | stamp])
    insert(connection, "JCM_MASTER__COMMITMENT_ITEM", [_item(line) | stamp for line in lines])
    for line in lines:
        # Only what is committed to Job Cost counts as committed cost.
        added = line.number("amount") if header.number("committed") else Decimal(0)
        add_to_category(connection, _key(line), stamp, Original_Commitment=added)
    return total, jobs


def _item(line: Record) -> dict[str, object]:
    delivery = line.day("delivery_date")
    return {
        "Commitment": line.text("commitment"),
        "Item_Number": int(line.number("item")),
        "Description": line.text("description"),
        "Job": line.text("job"),
        "Extra": line.text("extra"),
        "Cost_Code": line.text("cost_code"),
        "Category": line.text("category"),
        "Units": float(line.number("units")),
        "Unit_Description": line.text("unit"),
        "Unit_Cost": float(line.number("unit_cost")),
        "Amount": float(line.number("amount")),
        "Tax_Group": line.text("tax_group"),
        "Tax": float(line.number("tax")),
        "Retainage_Percent": float(line.number("retainage_percent")),
        "Delivery_Date": str(delivery) if delivery else None,
        "Scope_of_Work": line.text("scope"),
    }


def _key(line: Record) -> Key:
    return line.text("job"), line.text("extra"), line.text("cost_code"), line.text("category")


def _new_change_order(
    connection: sqlite3.Connection, header: Record, lines: list[Record], stamp: dict[str, object]
) -> tuple[Decimal, set[str]]:
    name, order, status = header.text("commitment"), header.text("co"), int(header.number("status"))
    approved = status == 5
    total = sum((line.number("amount") for line in lines), Decimal(0))
    row: dict[str, object] = {
        "Commitment": name,
        "Commitment_CO": order,
        "Description": header.text("description"),
        "Printed": int(header.number("printed")),
        "Date": str(header.day("date")),
        "Type": header.text("co_type"),
        "Scope_of_Work": header.text("scope"),
        "Status": CO_STATUS[status],
        "Release_to_Accounting": int(approved),
        "Amount": float(total),
    }
    insert(connection, "JCM_MASTER__COMMITMENT_CO", [row | stamp])
    committed = connection.execute(
        "SELECT Committed FROM JCM_MASTER__COMMITMENT WHERE Commitment = ?", (name,)
    ).fetchone()[0]
    jobs: set[str] = set()
    for line in lines:
        number, amount, units = int(line.number("item")), line.number("amount"), line.number("units")
        place = connection.execute(
            "SELECT Job, Extra, Cost_Code, Category, Unit_Description, Unit_Cost, Tax_Group"
            " FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = ? AND Item_Number = ?",
            (name, number),
        ).fetchone()
        names = ("Job", "Extra", "Cost_Code", "Category", "Unit_Description", "Unit_Cost", "Tax_Group")
        item: dict[str, object] = {
            "Commitment": name,
            "Commitment_CO": order,
            "Item_Number": number,
            "Description": line.text("description"),
            "Units": float(units),
            "Amount": float(amount),
        }
        insert(connection, "JCM_MASTER__COMMITMENT_CO_ITEM", [item | dict(zip(names, place, strict=True)) | stamp])
        if approved:
            _approve(connection, name, number, amount, units, stamp)
        column = "Approved_Commitment_Changes" if approved else "Pending_Commitment_Changes"
        add_to_category(connection, place[:4], stamp, **{column: amount if committed else Decimal(0)})
        jobs.add(place[0])
    return total, jobs


def _approve(
    connection: sqlite3.Connection,
    name: str,
    number: int,
    amount: Decimal,
    units: Decimal,
    stamp: dict[str, object],
) -> None:
    stamped = "".join(f', "{column}" = ?' for column in stamp)
    added = "Approved_Commitment_CO_Amount = ROUND(Approved_Commitment_CO_Amount + ?, 2)"
    connection.execute(
        f"UPDATE JCM_MASTER__COMMITMENT SET {added}{stamped} WHERE Commitment = ?",
        [float(amount), *stamp.values(), name],
    )
    units_added = "Approved_Commitment_CO_Units = ROUND(Approved_Commitment_CO_Units + ?, 4)"
    connection.execute(
        f"UPDATE JCM_MASTER__COMMITMENT_ITEM SET {added}, {units_added}{stamped}"
        " WHERE Commitment = ? AND Item_Number = ?",
        [float(amount), float(units), *stamp.values(), name, number],
    )
