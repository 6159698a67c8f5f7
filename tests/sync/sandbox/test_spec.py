"""Companies made from a description: their books tie from the start, whatever history the description leaves out."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import post_invoices
from erpdesk.sync.sandbox.spec import create_from_spec
from tests.sync.sandbox.conftest import SPEC
from tests.sync.sandbox.looking import row, value

EXTRA = {"job": "J1", "extra": "X1", "cost_code": "05-100", "category": "S"}


@pytest.fixture
def spec() -> dict[str, Any]:
    """The small company, to be changed by a test."""
    return copy.deepcopy(SPEC)


def test_settings_accounts_and_layouts(spec: dict[str, Any], tmp_path: Path) -> None:
    """What a description says of a site is kept; what it does not know stays usual."""
    spec["settings"] |= {
        "ap_closed_through": "2026-08-31",
        "ap_closed_action": "warn",
        "pj_installed": True,
        "other": 1,
    }
    spec["layouts"] = {"default": {"API": ["record", "vendor"]}}
    spec["gl_account"] = ["5-1000"]
    company = create_from_spec(tmp_path / "sage", spec)
    chosen = company.settings
    assert (chosen.ap_closed_through, chosen.ap_closed_action, chosen.pj_installed) == ("2026-08-31", "warn", True)
    assert (chosen.layouts, chosen.job_mask) == (spec["layouts"], "99-999")
    assert value(company, "SELECT Account FROM GLM_MASTER__ACCOUNT") == "5-1000"


def made(tmp_path: Path, spec: dict[str, Any], where: str) -> SandboxCompany:
    """The company with one invoice of 60.00 against the open commitment."""
    line = EXTRA | {"commitment": "OPEN", "commitment_line": 1, "amount": "60.00", "retainage": "6.00", "units": "4.8"}
    days = {"invoice_date": "2026-01-30", "accounting_date": "2026-01-31"}
    spec["invoice"] = [
        {"where": where, "vendor": "STEEL", "id": "I-1", "amount": "60.00", "distribution": [line]} | days
    ]
    return create_from_spec(tmp_path / "sage", spec)


def test_a_posted_invoice_brings_its_cost(spec: dict[str, Any], tmp_path: Path) -> None:
    """The invoice's cost is an AP cost; the rest of job to date is one opening entry; the item is invoiced."""
    spec["commitment"][0]["item"][0]["amount_invoiced"] = "60.00"
    spec["category"][2] |= {"commitment_invoiced": "60.00", "jtd_cost": "100.00"}
    company = made(tmp_path, spec, "master")
    sql = "SELECT Amount FROM JCT_CURRENT__TRANSACTION WHERE Transaction_Type = ?"
    assert (value(company, sql, "AP cost"), value(company, sql, "JC cost")) == (60.0, 40.0)
    item = row(company, "SELECT * FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = 'OPEN'")
    assert (item["Amount_Invoiced"], item["Units_Invoiced"]) == (60.0, 4.8)


def test_what_was_invoiced_before_the_description(spec: dict[str, Any], tmp_path: Path) -> None:
    """An item that is invoiced further than the invoices say has an opening invoice behind it."""
    spec["commitment"][0]["item"][0]["amount_invoiced"] = "75.00"
    spec["category"][2] |= {"commitment_invoiced": "75.00", "jtd_cost": "75.00"}
    company = made(tmp_path, spec, "master")
    opening = row(company, "SELECT * FROM APM_MASTER__INVOICE WHERE Invoice = 'OPENING'")
    assert (opening["Vendor"], opening["Amount"]) == ("STEEL", 15.0)


def test_a_waiting_invoice_moves_nothing(spec: dict[str, Any], tmp_path: Path) -> None:
    """It stands in new.api until somebody posts it."""
    company = made(tmp_path, spec, "new")
    extra = "SELECT JTD_Cost FROM JCM_MASTER__EXTRA WHERE Extra = 'X1'"
    assert value(company, extra) == 0.0
    assert post_invoices(company).posted == 1
    assert value(company, extra) == 60.0
