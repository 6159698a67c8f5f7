"""A stand-in company and documents that the writer makes files of for it, with another value in every field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from erpdesk.workflows.documents import (
    Address,
    ChangeLine,
    Commitment,
    CommitmentChange,
    DirectCost,
    DirectCosts,
    Distribution,
    Document,
    EstimateFile,
    EstimateLine,
    InvoiceFile,
    LineTerms,
    Terms,
)
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot

HEADER = "vendor invoice description amount invoice_date payment_date accounting_date"
PAYEE = "payee_name payee_address_1 payee_address_2 payee_city payee_state payee_zip"
ORDERS = {
    "ap_fixed": {
        "APIF": (
            "record vendor invoice description amount tax discount_offered misc_deduction invoice_date date_received "
            f"discount_date payment_date accounting_date invoice_code_1 invoice_code_2 {PAYEE}"
        ),
        "APDF": (
            "record commitment commitment_line equipment eq_cost_code job extra cost_code category standard_item "
            "reserved expense_account ap_account taxable_payments tax_group units unit_cost amount tax tax_liability "
            "discount_offered retainage misc_deduction misc_deduction2_percent exempt_1099 dist_code misc_entry_1 "
            "misc_units_1 misc_entry_2 misc_units_2 meter_odometer description authorization joint_payee"
        ),
    },
    "ap_variable_minimal": {
        "API": f"record {HEADER} reserved {PAYEE}",
        "APD": "record expense_account amount exempt_1099 description joint_payee",
    },
    "ap_variable": {
        "API": f"record {HEADER} reserved {PAYEE}",
        "APD": (
            "record commitment commitment_line reserved reserved reserved expense_account reserved reserved reserved "
            "amount reserved exempt_1099 reserved description reserved reserved"
        ),
    },
}
"""The orders of invoice files as Sage's documents and other vendors' give them: what the stand-in company is set to."""

PROGRAM = {
    "jce": "import_estimates",
    "jcc": "import_commitments",
    "dc": "import_direct_costs",
    "ap_fixed": "import_ap",
    "ap_variable_minimal": "import_ap",
    "ap_variable": "import_ap",
}

SPEC: dict[str, Any] = {
    "name": "Harbor Works",
    "settings": {"date_format": "mm/dd/yyyy", "cost_code_mask": "99-999", "taxes": True, "commitment_length": 12},
    "standard_category": [
        {"id": "SUB", "description": "Subcontract", "accumulate_as": "Subcontract"},
        {"id": "MAT", "description": "Material", "accumulate_as": "Material"},
    ],
    "standard_cost_code": [{"id": code, "description": code, "group": False} for code in ("03-100", "05-100")],
    "job": [
        {
            "id": "14-500",
            "description": "Pier",
            "status": "In progress",
            "uses_extras": True,
            "use_pj_change_management": False,
        }
    ],
    "extra": [{"job": "14-500", "id": "X1", "description": "Ramp", "status": "In progress"}],
    "cost_code": [
        {"job": "14-500", "extra": extra, "id": code, "description": code, "group": False, "status": "In progress"}
        for extra in ("", "X1")
        for code in ("03-100", "05-100")
    ],
    "category": [
        {"job": "14-500", "extra": extra, "cost_code": code, "id": category}
        for extra in ("", "X1")
        for code in ("03-100", "05-100")
        for category in ("SUB", "MAT")
    ],
    "vendor": [{"id": "STEELCO", "name": "Northgate Steel"}, {"id": "DOORPRO", "name": "Door Pro"}],
    "tax_group": [{"id": "WATAC", "rate": "8.7"}],
    "commitment": [
        {
            "id": "S-7001",
            "type": 1,
            "description": "Steel",
            "vendor": "STEELCO",
            "job": "14-500",
            "date": "2026-01-15",
            "retainage_percent": "0",
            "closed": False,
            "item": [
                {
                    "number": number,
                    "description": text,
                    "job": "14-500",
                    "extra": "X1",
                    "cost_code": "05-100",
                    "category": "SUB",
                    "units": units,
                    "unit_cost": cost,
                    "unit": "ea" if float(units) else "",
                    "amount": amount,
                }
                for number, text, units, cost, amount in (
                    (1, "Frame", "0", "0", "90000.00"),
                    (2, "Rails", "100", "12.50", "1250.00"),
                )
            ],
            "co": [],
        }
    ],
}
SPEC["category"] = [
    each
    | (
        {"original_commitment": "91250.00"}
        if (each["extra"], each["cost_code"], each["id"]) == ("X1", "05-100", "SUB")
        else {}
    )
    for each in SPEC["category"]
]

DAY, LATER, LAST = date(2026, 11, 24), date(2026, 11, 27), date(2026, 11, 30)


def spec_for(layout: str) -> dict[str, Any]:
    """The company as the stand-in builds it, set to the invoice order of that layout."""
    named = {letters: order.split() for letters, order in ORDERS.get(layout, {}).items()}
    return SPEC | ({"layouts": {"default": named}} if named else {})


_LINES = (
    LineSnapshot(1, "Piles", "X1", "03-100", "SUB", None, "", None, Decimal("21000.00")),
    LineSnapshot(2, "Bolts", "X1", "05-100", "MAT", Decimal("10"), "each", Decimal("100.00"), Decimal("1087.00")),
)
_SNAPSHOT = CommitmentSnapshot("PO-801", "Purchase order", "Piles", "DOORPRO", "14-500", DAY, Decimal("5"), _LINES)
_TERMS = Terms(
    Address("1 Dock Road", "Gate 4", "Tacoma", "WA", "98421"),
    Address("2 Foundry Way", "Dock 7", "Kent", "OR", "97032"),
    "J. Pae",
    "Net 30",
    "Own truck",
    "Jobsite",
    {1: LineTerms(Decimal("7")), 2: LineTerms(Decimal("8"), LATER, "WATAC", Decimal("87.00"))},
)
_CHANGE = CommitmentChange(
    "S-7001",
    "C1",
    "More",
    DAY,
    (
        ChangeLine(1, "Frame 2", Decimal("1500.00")),
        ChangeLine(2, "Rails 2", Decimal("250.00"), Decimal("20"), Decimal("12.5")),
    ),
)
NEW_LINE = CommitmentChange(
    "S-7001",
    "C2",
    "New line",
    LATER,
    (
        ChangeLine(
            3,
            "Canopy",
            Decimal("70.00"),
            Decimal("7"),
            Decimal("10"),
            new=True,
            job="14-500",
            extra="X1",
            cost_code="03-100",
            category="MAT",
        ),
    ),
)
_DISTRIBUTION = Distribution(
    Decimal("8250.50"),
    commitment="S-7001",
    commitment_line=1,
    job="14-500",
    extra="X1",
    cost_code="05-100",
    category="SUB",
    expense_account="5-1000",
    payable_account="2-1000",
    description="Steel, app 2",
    retainage=Decimal("825.05"),
    quantity=Decimal("10"),
    unit_cost=Decimal("825.05"),
    equipment="EQ1",
    equipment_cost_code="EC1",
    tax_group="WATAC",
    tax=Decimal("7.00"),
    discount=Decimal("3.00"),
    misc_deduction=Decimal("2.00"),
    exempt_1099=True,
    distribution_code="D1",
    authorization="AU7",
    joint_payee="Mill",
)
_INVOICE = InvoiceFile(
    "STEELCO",
    "A-2",
    Decimal("8250.50"),
    DAY,
    LAST,
    (_DISTRIBUTION,),
    "Application 2",
    Decimal("7.00"),
    Decimal("3.00"),
    Decimal("2.00"),
    date(2026, 11, 25),
    date(2026, 11, 26),
    LATER,
    "IC1",
    "IC2",
    "Steel Finance",
    "5 Bank St",
    "Floor 9",
    "Seattle",
    "WA",
    "98101",
)
_SHORT = InvoiceFile(
    "STEELCO",
    "V-9",
    Decimal("240.10"),
    DAY,
    LAST,
    (
        Distribution(
            Decimal("240.10"), expense_account="6-2000", description="Paper", exempt_1099=False, joint_payee="Mill"
        ),
    ),
    "Supplies",
    payment_date=LATER,
    payee_name="Steel Finance",
    payee_address_1="5 Bank St",
    payee_address_2="Floor 9",
    payee_city="Seattle",
    payee_state="WA",
    payee_zip="98101",
)
_LONG = InvoiceFile(
    "STEELCO",
    "V-10",
    Decimal("240.10"),
    DAY,
    LAST,
    (
        # Its two fields of a commitment stay blank: the stand-in takes a commitment's line only with its job and codes.
        Distribution(Decimal("240.10"), expense_account="6-2000", description="Frame", exempt_1099=True),
    ),
    "Frame",
    payment_date=LATER,
    payee_name="Steel Finance",
    payee_address_1="5 Bank St",
    payee_address_2="Floor 9",
    payee_city="Seattle",
    payee_state="WA",
    payee_zip="98101",
)
DOCUMENTS: dict[str, tuple[Document, ...]] = {
    "jce": (
        EstimateFile(
            "14-500",
            "Pier works",
            (
                EstimateLine("03-100", "SUB", DAY, Decimal("5400.00"), Decimal("120"), "hour", "Piles"),
                EstimateLine("05-100", "MAT", DAY, Decimal("700.25"), Decimal("3.5"), "ton", "Steel", "X1"),
            ),
            {"X1": "Ramp 2"},
        ),
    ),
    "jcc": (Commitment(_SNAPSHOT, _TERMS), _CHANGE),
    "dc": (
        DirectCosts(
            "week 48",
            (
                DirectCost(
                    "14-500",
                    "05-100",
                    "MAT",
                    DAY,
                    LAST,
                    Decimal("2500.00"),
                    "5-1000",
                    "X1",
                    "Crane",
                    Decimal("40"),
                    Decimal("62.5"),
                    "2-1000",
                ),
            ),
        ),
    ),
    "ap_fixed": (_INVOICE,),
    "ap_variable_minimal": (_SHORT,),
    "ap_variable": (_LONG,),
}
