"""Paying posted invoices: checks, AP's entries with check dates, dollars paid in job cost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest

from erpdesk.core.errors import Refused
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import pay_invoices, post_invoices
from erpdesk.sync.sandbox.tables import insert
from tests.sync.sandbox.looking import row, run, value

Lay = Callable[..., None]
HEAD = '"APIF","STEEL","{}","Text",{},,,,10/30/2026,,,,10/31/2026,,,,,,,,'
ON_JOB = '"APDF","OPEN",1,,,"J1","X1","05-100","S",,,"",,,,,,{},,,,{},,,,,,,,,,"Text",,'
OFFICE = '"APDF",,,,,,,,,,,"6100",,,,,,{},,,,,,,,,,,,,,"Text",,'


@pytest.fixture
def books(company: SandboxCompany, lay: Lay) -> SandboxCompany:
    """The company with two posted invoices: 100.00 on the job with 10.00 retainage, 40.00 for the office."""
    company.choose(books_date="2026-11-18")
    with company.changing() as connection:
        insert(connection, "CMM_MASTER__BANK_ACCOUNT", [{"Bank_Account": "OPER", "Description": "Operating"}])
    lay("import_ap", HEAD.format("I-1", "100.00"), ON_JOB.format("100.00", "10.00"))
    run(company, "import_ap")
    lay("import_ap", HEAD.format("I-2", "40.00"), OFFICE.format("40.00"))
    run(company, "import_ap")
    assert post_invoices(company).posted == 2
    return company


def test_all_that_is_open_is_paid_with_one_check(books: SandboxCompany) -> None:
    """All but the retainage; payment, AP entry, invoice and job cost say the same, stamped."""
    result = pay_invoices(books)
    assert (result.checks, result.invoices, result.amount) == ((10001,), 2, Decimal("130.00"))
    invoice = row(books, "SELECT * FROM APM_MASTER__INVOICE WHERE Invoice = 'I-1'")
    assert (invoice["Status"], invoice["Amount_Paid"], invoice["Retainage_Held"]) == ("Partially paid", 90.0, 10.0)
    assert value(books, "SELECT Status FROM APM_MASTER__INVOICE WHERE Invoice = 'I-2'") == "Fully paid"
    payment = row(books, "SELECT * FROM APM_MASTER__INVOICE_PAYMENT WHERE Invoice = 'I-1'")
    told = (payment["Check"], payment["Bank_Account"], payment["Amount_Paid"], payment["Operator_Stamp"])
    assert told == (10001, "OPER", 90.0, "SAGEOPER")
    entry = row(books, "SELECT * FROM APT_CURRENT__TRANSACTION WHERE Payment_ID = ?", payment["Payment_ID"])
    assert (entry["Transaction_Type"], entry["Check_Date"], entry["Amount"]) == ("Payment", "2026-11-18", 90.0)
    extra = row(books, "SELECT * FROM JCM_MASTER__EXTRA WHERE Extra = 'X1'")
    assert (extra["JTD_Dollars_Paid"], extra["MTD_Dollars_Paid"], extra["JTD_Sub_Dollars_Paid"]) == (90.0, 90.0, 90.0)
    assert pay_invoices(books).invoices == 0


def test_chosen_invoices_and_days(books: SandboxCompany) -> None:
    """Named invoices on a named day; the next check has the next number, last month's check is last month's money."""
    assert pay_invoices(books, [("STEEL", "I-2")], check_date=date(2026, 11, 2)).checks == (10001,)
    assert pay_invoices(books, [("STEEL", "I-1")], check_date=date(2026, 10, 31), bank_account="B2").checks == (10002,)
    assert value(books, "SELECT LM_Dollars_Paid FROM JCM_MASTER__EXTRA WHERE Extra = 'X1'") == 90.0
    assert value(books, "SELECT MAX(Bank_Account) FROM APM_MASTER__INVOICE_PAYMENT") == "OPER"
    assert value(books, "SELECT MIN(Bank_Account) FROM APM_MASTER__INVOICE_PAYMENT") == "B2"


@pytest.mark.parametrize(
    ("invoices", "changes", "words"),
    [
        ([("STEEL", "I-9")], {}, "Invoice I-9 of vendor STEEL is not posted."),
        ([("STEEL", "I-1"), ("STEEL", "I-9")], {}, "is not posted."),
        (None, {"ap_closed_through": "2026-11-30"}, "The check date 2026-11-18 is in a closed period"),
    ],
)
def test_refusals(
    books: SandboxCompany, invoices: list[tuple[str, str]] | None, changes: dict[str, str], words: str
) -> None:
    """Nothing is paid when one of the invoices cannot be."""
    books.choose(**changes)
    with pytest.raises(Refused, match=words):
        pay_invoices(books, invoices)
    assert value(books, "SELECT COUNT(*) FROM APM_MASTER__INVOICE_PAYMENT") == 0


def test_nothing_is_paid_twice(books: SandboxCompany) -> None:
    """An invoice that is paid is refused; a locked file too."""
    pay_invoices(books)
    with pytest.raises(Refused, match=r"Invoice I-1 of vendor STEEL is already paid\."):
        pay_invoices(books, [("STEEL", "I-1")])
    books.set_faults(lock=True)
    with pytest.raises(Refused, match="File is locked"):
        pay_invoices(books)
    books.set_faults(lock=False)
    with closing(books.connect()) as door:
        assert door.execute("SELECT COUNT(*) FROM APM_MASTER__INVOICE_PAYMENT").fetchone()[0] == 2
