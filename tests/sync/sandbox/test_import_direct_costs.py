"""The stand-in's import of direct costs and ledger lines: what the golden case leaves to it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import post_entries, read_journal, run_import
from erpdesk.sync.sandbox.tables import insert
from tests.sync.sandbox.looking import row, run, value

Lay = Callable[..., None]
NAME = "import_direct_costs"
DC = '"DC","{job}","{extra}","05-100","S",{type},"10/30/2026","{day}","Text",{units},{cost},{amount},"{debit}",""'


def dc(amount: str = "10.00", **changed: object) -> str:
    """A direct cost."""
    usual: dict[str, object] = {"job": "J1", "extra": "", "type": 2, "day": "10/31/2026", "debit": ""}
    return DC.format(amount=amount, **(usual | {"units": "", "cost": ""} | changed))


def gl(amount: str = "75.25", debit: str = "6100", credit: str = "1010") -> str:
    """A ledger line."""
    return f'"GL","10/30/2026","10/31/2026","Text",{amount},"{debit}","{credit}"'


CASES = [
    (dc(job="J9"), "unknown_job", "job J9 does not exist."),
    (dc(job="J2"), "closed_job", "job J2 is closed."),
    (dc(extra="X9"), "extra_unknown", "extra X9 does not exist in job J1."),
    (dc(type=1), "number_range", "the transaction type 1 is none of 2."),
    (dc(day="10/32/2026"), "bad_date", "is not a date of the form mm/dd/yyyy."),
    (dc(day=""), "layout_mismatch", "the accounting date is missing."),
    (dc(units="2", cost="5.10"), "number_range", "units times unit cost come to 10.20, not to the amount."),
    (dc("10.001"), "number_range", "is too long; 9 digits and 2 decimals fit."),
    (dc().replace('"J1"', '"J1234567890"'), "width", "the job is 11 characters wide; 10 fit."),
    (dc() + ',"x"', "layout_mismatch", "field 15 and later are not known in a direct cost."),
    (gl(), "unknown_account", "account 6100 does not exist in General Ledger."),
]


@pytest.mark.parametrize(("line", "reason", "sentence"), CASES, ids=[f"{case[1]}-{n}" for n, case in enumerate(CASES)])
def test_refusals(company: SandboxCompany, lay: Lay, line: str, reason: str, sentence: str) -> None:
    """Each rule refuses its line only; the next one waits for posting."""
    lay(NAME, line, dc("7.00"))
    assert run(company, NAME) == [reason, ""]
    assert any(found.endswith(sentence) for found in read_journal(company, NAME).splitlines())
    assert (company.imports / "direct.rej").read_text("cp1252").strip() == line
    assert value(company, "SELECT SUM(Amount) FROM JCT_NEW__TRANSACTION") == 7.0


def test_a_closed_month_stops_or_warns(company: SandboxCompany, lay: Lay) -> None:
    """By the company's setting for job cost: the last closed day is closed, the day after it is open."""
    company.choose(jc_closed_through="2026-10-31")
    lay(NAME, dc(), dc(day="11/01/2026"))
    assert run(company, NAME) == ["closed_period", ""]
    company.choose(jc_closed_action="warn")
    result = run_import(company, NAME)
    assert all(verdict.accepted for verdict in result.verdicts)
    assert result.warned == ("closed_period",)
    assert result.warnings == ("the accounting date of line 1 is in a closed period.",)


def test_ledger_lines_show_in_the_balances(company: SandboxCompany, lay: Lay) -> None:
    """They wait like costs; posting moves the balances of both accounts and no job."""
    with company.changing() as connection:
        insert(connection, "GLM_MASTER__ACCOUNT", [{"Account": "6100"}, {"Account": "1010"}])
    lay(NAME, gl(), gl("-0.25"), dc(debit="6100"), dc(debit="6109"))
    assert run(company, NAME) == ["", "", "", "unknown_account"]
    balance = "SELECT Current_Balance FROM GLM_MASTER__ACCOUNT WHERE Account = ?"
    assert value(company, balance, "6100") == 0.0
    result = post_entries(company)
    assert (result.posted, result.left, result.amount) == (3, 0, Decimal("85.00"))
    assert (value(company, balance, "6100"), value(company, balance, "1010")) == (75.0, -75.0)
    posted = row(company, "SELECT * FROM JCT_CURRENT__TRANSACTION WHERE Transaction_Type = 'JC cost' AND Amount = 10")
    assert (posted["Debit_Account"], posted["Accounting_Date"], posted["Source"]) == (
        "6100",
        "2026-10-31",
        "Direct cost import",
    )


def test_sage_rejects_the_next_cost_once(company: SandboxCompany, lay: Lay) -> None:
    """A reason of Sage's own hits the first sound line, and only once."""
    company.set_faults(reject_next="the job is being audited.")
    lay(NAME, dc(job="J9"), dc(), dc())
    assert run(company, NAME) == ["unknown_job", "refused_by_sage", ""]
    assert company.faults.reject_next == ""
