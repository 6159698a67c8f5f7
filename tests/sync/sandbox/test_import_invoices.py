"""The stand-in's import of AP invoices: what the golden cases leave to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import post_invoices, read_journal, run_import
from erpdesk.sync.sandbox.tables import insert
from tests.sync.sandbox.looking import row, run, value

Lay = Callable[..., None]
NAME = "import_ap"
ORDER = {
    "APIF": [
        "record",
        "vendor",
        "invoice",
        "description",
        "amount",
        "tax",
        "invoice_date",
        "accounting_date",
        "date_received",
    ],
    "APDF": [
        "record",
        "commitment",
        "commitment_line",
        "job",
        "extra",
        "cost_code",
        "category",
        "expense_account",
        "amount",
        "retainage",
        "units",
        "unit_cost",
        "tax",
        "tax_group",
        "exempt_1099",
        "reserved",
    ],
}


@pytest.fixture(autouse=True)
def layout(company: SandboxCompany) -> None:
    """The company has an order of fields of its own."""
    company.choose(layouts={"default": ORDER, "bare": {"APIF": ["record"]}})


def head(amount: str = "100.00", **changed: str) -> str:
    """An invoice header."""
    usual = {"vendor": "STEEL", "invoice": "I-1", "tax": "", "day": "10/31/2026", "received": ""}
    told = usual | changed
    start = f'"APIF","{told["vendor"]}","{told["invoice"]}","Text",{amount},{told["tax"]}'
    return f"{start},10/30/2026,{told['day']},{told['received']}"


def line(amount: str = "100.00", **changed: str) -> str:
    """A distribution on the open commitment."""
    usual = dict.fromkeys(["retainage", "units", "cost", "tax", "group", "account", "flag", "reserved"], "")
    usual |= {"commitment": "OPEN", "item": "1", "job": "J1", "extra": "X1", "code": "05-100", "category": "S"}
    told = usual | changed
    place = ",".join(f'"{told[name]}"' for name in ("job", "extra", "code", "category", "account"))
    figures = f"{amount},{told['retainage']},{told['units']},{told['cost']},{told['tax']}"
    start = f'"APDF","{told["commitment"]}",{told["item"]},{place},{figures}'
    return f'{start},"{told["group"]}",{told["flag"]},{told["reserved"]}'


def office(amount: str = "100.00", **changed: str) -> str:
    """A distribution without a job."""
    bare = dict.fromkeys(["commitment", "item", "job", "extra", "code", "category"], "")
    return line(amount, **(bare | {"account": "6100"} | changed))


CASES = [
    ([head(vendor="IRON"), line()], "vendor_unknown", "vendor IRON does not exist."),
    ([head("99.99"), line()], "header_not_lines", "the amount is 99.99, its lines come to 100.00."),
    ([head(""), line()], "header_not_lines", "the amount is missing; the lines come to 100.00."),
    ([head(tax="5.00"), line(tax="4.99")], "header_not_lines", "the tax is 5.00, its lines come to 4.99."),
    ([head()], "header_not_lines", "the header is not followed by its lines."),
    ([line()], "header_not_lines", "the line does not follow the header of its invoice."),
    ([head(invoice=""), line()], "layout_mismatch", "the invoice is missing."),
    ([head(invoice="I" * 16), line()], "width", "the invoice is 16 characters wide; 15 fit."),
    ([head(day="31/10/2026"), line()], "bad_date", "is not a date of the form mm/dd/yyyy."),
    ([head("10000000.00"), line("10000000.00")], "number_range", "7 digits and 2 decimals fit."),
    ([head(), line(job="J2", extra="")], "closed_job", "job J2 is closed."),
    ([head(), line(code="05-200", extra="")], "closed_cost_code", "cost code 05-200 of job J1 is closed."),
    ([head(), office(code="05-100")], "unknown_job", "the job is missing."),
    ([head(), office(account="")], "layout_mismatch", "the line has neither a job nor an expense account."),
    ([head(), line(commitment="NONE")], "commitment_unknown", "commitment NONE does not exist."),
    ([head(), line(item="2")], "commitment_unknown", "commitment OPEN has no item 2."),
    ([head(), line(commitment="")], "commitment_unknown", "a commitment line without its commitment."),
    ([head(), line(commitment="SHUT")], "closed_commitment", "commitment SHUT is closed."),
    ([head(), line(extra="")], "commitment_place", "item 1 of commitment OPEN is on another cost code."),
    ([head(), line(retainage="100.01")], "number_range", "is not a part of the amount 100.00."),
    ([head(), line(retainage="-1.00")], "number_range", "is not a part of the amount 100.00."),
    ([head(), line(flag="X")], "layout_mismatch", "the 1099 exempt X is neither Y nor N."),
    ([head(), line(reserved="x")], "layout_mismatch", "field 16 (reserved) is not known and must be blank."),
    ([head(), '"APTXF","WA",5.00'], "layout_mismatch", "the record letters APTXF are not known."),
]


@pytest.mark.parametrize(("lines", "reason", "sentence"), CASES, ids=[f"{case[1]}-{n}" for n, case in enumerate(CASES)])
def test_refusals(company: SandboxCompany, lay: Lay, lines: list[str], reason: str, sentence: str) -> None:
    """Each rule refuses its invoice whole, says why, hands every record back; the next invoice goes in."""
    lay(NAME, *lines, head("5.00", invoice="GOOD"), office("5.00"))
    found = run(company, NAME)
    assert reason in found[:-2] and "" not in found[:-2] and found[-2:] == ["", ""]
    assert any(printed.endswith(sentence) for printed in read_journal(company, NAME).splitlines())
    rejected = (company.imports / "invoices.rej").read_text("cp1252")
    assert rejected == "".join(record + "\n" for record in lines)
    assert row(company, "SELECT Invoice, Amount FROM API_NEW__INVOICE") == {"Invoice": "GOOD", "Amount": 5.0}


def test_what_waits_and_what_posting_does(company: SandboxCompany, lay: Lay) -> None:
    """Gross amount, retainage and accounts; then cost, invoiced commitment and units, all at once and stamped."""
    lay(NAME, head("112.50"), line("100.00", retainage="10.00", units="8", cost="12.50", flag='"Y"'), office("12.50"))
    assert run(company, NAME) == ["", "", ""]
    waiting = row(company, "SELECT * FROM API_NEW__INVOICE")
    assert (waiting["Amount"], waiting["Retainage"], waiting["Status"]) == (112.5, 10.0, "Not paid")
    assert (waiting["Invoice_Date"], waiting["Accounting_Date"]) == ("2026-10-30", "2026-10-31")
    assert value(company, "SELECT Commitment_Invoiced FROM JCM_MASTER__EXTRA WHERE Extra = 'X1'") == 0.0
    result = post_invoices(company)
    assert (result.posted, result.left, str(result.amount), result.stopped) == (1, 0, "112.50", "")
    line_posted = row(company, "SELECT * FROM APM_MASTER__DISTRIBUTION WHERE Dist_Seq = 1")
    assert (line_posted["Exempt_1099"], line_posted["Operator_Stamp"]) == (1, "SAGEOPER")
    item = row(company, "SELECT * FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = 'OPEN'")
    assert (item["Amount_Invoiced"], item["Units_Invoiced"]) == (100.0, 8.0)
    extra = row(company, "SELECT * FROM JCM_MASTER__EXTRA WHERE Extra = 'X1'")
    assert (extra["Commitment_Invoiced"], extra["JTD_Cost"]) == (100.0, 100.0)
    assert (extra["Commitment_Invoiced__Sub"], extra["JTD_Subcontract_Cost"]) == (100.0, 100.0)
    cost = row(company, "SELECT * FROM JCT_CURRENT__TRANSACTION WHERE Transaction_Type = 'AP cost'")
    told = (cost["Vendor"], cost["Invoice"], cost["Commitment"], cost["Commitment_Type"], cost["Retainage"])
    assert told == ("STEEL", "I-1", "OPEN", "Subcontract", 10.0)
    assert value(company, "SELECT COUNT(*) FROM APT_CURRENT__TRANSACTION WHERE Transaction_Type = 'Invoice'") == 2
    assert post_invoices(company).posted == 0


def test_a_duplicate_in_the_same_file(company: SandboxCompany, lay: Lay) -> None:
    """Of two invoices with one number the first goes in; another vendor's number is its own."""
    lay(NAME, head(), line(), head("1.00"), office("1.00"))
    assert run(company, NAME) == ["", "", "duplicate_invoice", "with_its_header"]
    post_invoices(company)
    assert run(company, NAME) == ["duplicate_invoice", "with_its_header"] * 2
    assert "already exists and is posted." in read_journal(company, NAME)


def test_lines_of_zero_need_no_amount(company: SandboxCompany, lay: Lay) -> None:
    """A blank amount is nothing when the lines come to nothing; a credit is negative."""
    lay(NAME, head(""), line("50.00"), line("-50.00"), head("-5.00", invoice="C-1"), office("-5.00"))
    assert run(company, NAME) == [""] * 5


def test_settings_of_accounts_payable(company: SandboxCompany, lay: Lay) -> None:
    """Usages, units, taxes, accounts and closed periods are the company's own choice."""
    lay(NAME, head(), line())
    company.choose(ap_date_received_usage="Required")
    assert run(company, NAME)[0] == "bad_date"
    company.choose(ap_date_received_usage="Not required", ap_validate_units=True)
    assert run(company, NAME)[1] == "number_range"
    company.choose(ap_validate_units=False, taxes=True)
    lay(NAME, head(), line(group="WA"))
    assert run(company, NAME)[1] == "unknown_tax_group"
    with company.changing() as connection:
        insert(connection, "TXM_MASTER__TAX_GROUP", [{"Tax_Group": "WA"}])
        insert(connection, "GLM_MASTER__ACCOUNT", [{"Account": "6100"}])
    lay(NAME, head(), line(group="WA", account="6109"))
    assert run(company, NAME)[1] == "unknown_account"
    company.choose(ap_closed_through="2026-10-31", ap_closed_action="warn")
    lay(NAME, head(), line(group="WA", account="6100"))
    assert run_import(company, NAME).warned == ("closed_period",)


def test_a_layout_that_is_not_set_up_stops(company: SandboxCompany, lay: Lay) -> None:
    """Nothing is guessed; a layout without distributions knows no such record."""
    lay(NAME, head(), line())
    assert run_import(company, NAME, layout="other").stopped.startswith("the import format other is not set up.")
    assert set(run(company, NAME, layout="bare")) == {"layout_mismatch", "with_its_header"}


def test_sage_rejects_the_next_invoice_once(company: SandboxCompany, lay: Lay) -> None:
    """A reason of Sage's own hits the first sound invoice, and only once."""
    company.set_faults(reject_next="the vendor is on hold.")
    lay(NAME, head(), line(), head("5.00", invoice="I-2"), office("5.00"))
    assert run(company, NAME) == ["refused_by_sage", "with_its_header", "", ""]
    assert company.faults.reject_next == ""
