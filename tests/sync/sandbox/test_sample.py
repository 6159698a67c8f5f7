"""The sample company: its size, that it is the same every time, and that every total ties to the cent."""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.operator import SandboxOperator
from erpdesk.sync.sandbox.programs import pay_invoices, post_entries, post_invoices
from erpdesk.sync.sandbox.sample import make_sample, ties
from erpdesk.sync.sandbox.tables import tables
from tests.sync.mirror.kit import copied

PLACE = ("Job", "Extra", "Cost_Code", "Category")
Rows = list[dict[str, Any]]
Totals = dict[tuple[Any, ...], int]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SandboxCompany:
    """The sample company as it is shipped."""
    return make_sample(tmp_path_factory.mktemp("sample") / "sage")


@pytest.fixture(scope="module")
def door(sample: SandboxCompany) -> Iterator[sqlite3.Connection]:
    """Its read door."""
    with closing(sample.connect()) as connection:
        yield connection


@pytest.fixture(scope="module")
def smaller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample company to copy and spoil."""
    return make_sample(tmp_path_factory.mktemp("smaller") / "sage", transactions=2000).folder


def rows(door: sqlite3.Connection, table: str) -> Rows:
    """All rows of a table by column name."""
    cursor = door.execute(f'SELECT * FROM "{table}"')
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def cents(value: float) -> int:
    """A stored dollar amount as whole cents; it must be a whole number of cents."""
    exact = Decimal(str(value)) * 100
    assert exact == int(exact), value
    return int(exact)


def add_up(found: Rows, keys: tuple[str, ...], column: str) -> Totals:
    """Sums of one column by key, in cents; zero sums are left out."""
    totals: Totals = defaultdict(int)
    for row in found:
        totals[tuple(row[key] for key in keys)] += cents(row[column])
    return {key: total for key, total in totals.items() if total}


def test_it_is_what_it_says(sample: SandboxCompany, door: sqlite3.Connection) -> None:
    """Three jobs, one with extras, 160 costable codes each, 60 vendors, 60 commitments, 20,000 transactions."""
    assert sample.name == "Cascade Ridge Builders"
    jobs = rows(door, "JCM_MASTER__JOB")
    assert [(job["Job"], job["Status"], job["Extras"]) for job in jobs] == [
        ("03-0014", "In progress", "No"),
        ("03-0021", "In progress", "Yes"),
        ("04-0003", "In progress", "No"),
    ]
    codes = rows(door, "JCM_MASTER__COST_CODE")
    for job in jobs:
        costable = [c for c in codes if c["Job"] == job["Job"] and not c["Extra"] and not c["Group_Cost_Code"]]
        assert len(costable) >= 150
    assert all(code["Cost_Code"].endswith("-0000") == bool(code["Group_Cost_Code"]) for code in codes)
    categories = rows(door, "JCM_MASTER__CATEGORY")
    assert {category["Category"] for category in categories} == {"L", "M", "S", "E", "O"}
    vendors = rows(door, "APM_MASTER__VENDOR")
    assert len(vendors) == len({vendor["Name"] for vendor in vendors}) == 60
    assert {vendor["Status"] for vendor in vendors} == {"Active", "Inactive"}
    commitments = rows(door, "JCM_MASTER__COMMITMENT")
    assert 50 <= len(commitments) <= 70
    assert {c["Commitment_Type"] for c in commitments} == {"Subcontract", "Purchase order"}
    assert {c["Committed"] for c in commitments} == {c["Closed"] for c in commitments} == {0, 1}
    assert {order["Status"] for order in rows(door, "JCM_MASTER__COMMITMENT_CO")} == {"Approved", "Not issued"}
    transactions = rows(door, "JCT_CURRENT__TRANSACTION")
    assert len(transactions) == len({(t["Run"], t["Sequence"]) for t in transactions}) == 20_000
    assert {t["Transaction_Type"] for t in transactions} == {"AP cost", "PR cost", "JC cost", "EQ cost"}
    dates = [t["Accounting_Date"] for t in transactions]
    assert min(dates).startswith("2025-01") and max(dates) == "2026-11-20"


def test_every_text_fits_its_column(door: sqlite3.Connection) -> None:
    """No text is wider than Sage's column, no value is null where Sage has blanks, every text is code page 1252."""
    for table in tables().values():
        for row in rows(door, table.name):
            for column in table.columns:
                value = row[column.name]
                if column.kind in ("char", "text"):
                    assert isinstance(value, str)
                    assert column.kind == "text" or len(value.encode("cp1252")) <= column.width, (column, value)
                elif column.kind not in ("date", "time"):
                    assert value is not None


def test_references_lead_somewhere(door: sqlite3.Connection) -> None:
    """Items, transactions and distributions are on categories of the job, none on a group code; vendors exist."""
    places = {tuple(row[key] for key in PLACE) for row in rows(door, "JCM_MASTER__CATEGORY")}
    codes = {
        (c["Job"], c["Extra"], c["Cost_Code"]) for c in rows(door, "JCM_MASTER__COST_CODE") if not c["Group_Cost_Code"]
    }
    assert {place[:3] for place in places} <= codes
    vendors = {row["Vendor"] for row in rows(door, "APM_MASTER__VENDOR")}
    for table in ("JCM_MASTER__COMMITMENT_ITEM", "JCT_CURRENT__TRANSACTION", "APM_MASTER__DISTRIBUTION"):
        assert {tuple(row[key] for key in PLACE) for row in rows(door, table)} <= places
    for table in ("JCM_MASTER__COMMITMENT", "APM_MASTER__INVOICE"):
        assert {row["Vendor"] for row in rows(door, table)} <= vendors


def test_costs_tie_to_the_cent(door: sqlite3.Connection) -> None:
    """Job to date and month to date are the transactions; AP costs are the invoice distributions."""
    transactions = rows(door, "JCT_CURRENT__TRANSACTION")
    categories = rows(door, "JCM_MASTER__CATEGORY")
    assert add_up(transactions, PLACE, "Amount") == add_up(categories, PLACE, "JTD_Cost")
    for column, months in (("MTD_Cost", ("2026-11",)), ("LM_Cost", ("2026-10",)), ("QTD_Cost", ("2026-10", "2026-11"))):
        inside = [t for t in transactions if t["Accounting_Date"][:7] in months]
        assert add_up(inside, PLACE, "Amount") == add_up(categories, PLACE, column)
    distributions = rows(door, "APM_MASTER__DISTRIBUTION")
    invoice_line = ("Vendor", "Invoice", "Dist_Sequence")
    from_ap = [t for t in transactions if t["Transaction_Type"] == "AP cost"]
    lines = [d | {"Dist_Sequence": d["Dist_Seq"]} for d in distributions]
    assert add_up(from_ap, invoice_line, "Amount") == add_up(lines, invoice_line, "Amount")
    assert len(from_ap) == len(distributions)
    invoices = rows(door, "APM_MASTER__INVOICE")
    for column in ("Amount", "Amount_Paid", "Retainage"):
        assert add_up(distributions, invoice_line[:2], column) == add_up(invoices, invoice_line[:2], column)


def test_commitments_tie_to_the_cent(door: sqlite3.Connection) -> None:
    """Headers are their items, changes are their approved orders, committed cost is what is committed."""
    commitments = rows(door, "JCM_MASTER__COMMITMENT")
    items = rows(door, "JCM_MASTER__COMMITMENT_ITEM")
    for column in ("Amount", "Approved_Commitment_CO_Amount", "Amount_Invoiced"):
        assert add_up(items, ("Commitment",), column) == add_up(commitments, ("Commitment",), column)
    orders = {(o["Commitment"], o["Commitment_CO"]): o["Status"] for o in rows(door, "JCM_MASTER__COMMITMENT_CO")}
    changes = rows(door, "JCM_MASTER__COMMITMENT_CO_ITEM")
    approved = [c for c in changes if orders[c["Commitment"], c["Commitment_CO"]] == "Approved"]
    pending = [c for c in changes if c not in approved]
    item = ("Commitment", "Item_Number")
    assert add_up(approved, item, "Amount") == add_up(items, item, "Approved_Commitment_CO_Amount")
    billed = [d | {"Item_Number": d["Commitment_Line_Item"]} for d in rows(door, "APM_MASTER__DISTRIBUTION")]
    billed = [d for d in billed if d["Commitment"]]
    assert add_up(billed, item, "Amount") == add_up(items, item, "Amount_Invoiced")
    committed = {c["Commitment"] for c in commitments if c["Committed"]}
    categories = rows(door, "JCM_MASTER__CATEGORY")
    for found, column in (
        (items, "Original_Commitment"),
        (approved, "Approved_Commitment_Changes"),
        (pending, "Pending_Commitment_Changes"),
        (billed, "Commitment_Invoiced"),
    ):
        counted = [row for row in found if row["Commitment"] in committed]
        assert counted
        assert add_up(counted, PLACE, "Amount") == add_up(categories, PLACE, column)
    for row in categories:
        original, changed = cents(row["Original_Commitment"]), cents(row["Approved_Commitment_Changes"])
        assert cents(row["Revised_Commitment"]) == original + changed
        assert cents(row["Total_Estimate"]) == cents(row["Original_Estimate"]) + cents(row["Approved_Estimate_Changes"])
    for row in items:
        assert 0 <= cents(row["Amount_Invoiced"]) <= cents(row["Amount"]) + cents(row["Approved_Commitment_CO_Amount"])
        if row["Units"]:
            assert round(row["Units"] * row["Unit_Cost"] * 100) == cents(row["Amount"])


def test_roll_ups_tie_to_the_cent(door: sqlite3.Connection) -> None:
    """Category to cost code to job and extra; base and extras apart; the families by what a category accumulates as."""
    categories = rows(door, "JCM_MASTER__CATEGORY")
    codes = rows(door, "JCM_MASTER__COST_CODE")
    jobs, extras = rows(door, "JCM_MASTER__JOB"), rows(door, "JCM_MASTER__EXTRA")
    base, beside = [c for c in codes if not c["Extra"]], [c for c in codes if c["Extra"]]
    same = ["Original_Estimate", "Total_Estimate", "Original_Commitment", "Pending_Commitment_Changes", "JTD_Cost"]
    same += ["Approved_Commitment_Changes", "Revised_Commitment", "Commitment_Invoiced", "YTD_Cost", "MTD_Cost"]
    columns = {name: name for name in same} | {"Approved_Estimate_Changes": "JTD_Aprvd_Estimate_Chgs"}
    for below, above in columns.items():
        assert add_up(categories, PLACE[:3], below) == add_up(codes, PLACE[:3], above)
        assert add_up(base, PLACE[:1], above) == add_up(jobs, PLACE[:1], above)
        assert add_up(beside, PLACE[:2], above) == add_up(extras, PLACE[:2], above)
    assert add_up(extras, PLACE[:1], "JTD_Cost") == add_up(jobs, PLACE[:1], "Extras_JTD_Cost")
    labor = [c for c in categories if c["Accumulate_As"] == "Labor" and not c["Extra"]]
    assert add_up(labor, PLACE[:1], "JTD_Cost") == add_up(jobs, PLACE[:1], "JTD_Labor_Cost")
    bought = [c for c in categories if c["Accumulate_As"] == "Subcontract"]
    assert add_up(bought, PLACE[:3], "Revised_Commitment") == add_up(codes, PLACE[:3], "Total_Sub_Commitment")


def test_payments_have_checks_and_dates(door: sqlite3.Connection) -> None:
    """Each paid invoice has one payment, and AP's entry of it the same check with its date; vendors share checks."""
    invoices = {(row["Vendor"], row["Invoice"]): row for row in rows(door, "APM_MASTER__INVOICE")}
    payments = rows(door, "APM_MASTER__INVOICE_PAYMENT")
    paid = {key for key, row in invoices.items() if row["Status"] != "Not paid"}
    assert paid and {(row["Vendor"], row["Invoice"]) for row in payments} == paid
    entries = {row["Payment_ID"]: row for row in rows(door, "APT_CURRENT__TRANSACTION") if row["Check_Date"]}
    assert len(entries) == len(payments)
    vendors: dict[int, set[str]] = defaultdict(set)
    for payment in payments:
        entry = entries[payment["Payment_ID"]]
        assert (entry["Check"], entry["Bank_Account"]) == (payment["Check"], "OPER")
        assert invoices[payment["Vendor"], payment["Invoice"]]["Invoice_Date"] < entry["Check_Date"] <= "2026-11-20"
        vendors[payment["Check"]].add(payment["Vendor"])
    assert all(len(names) == 1 for names in vendors.values())


def test_what_waits_and_what_stands_around(door: sqlite3.Connection) -> None:
    """Six invoices and nine entries wait; accounts, tax groups, a bank account and insured vendors are there."""
    waiting = rows(door, "API_NEW__DISTRIBUTION")
    assert len(rows(door, "API_NEW__INVOICE")) == len(waiting) == 6
    assert {bool(row["Job"]) for row in waiting} == {bool(row["Commitment"]) for row in waiting} == {True, False}
    entries = rows(door, "JCT_NEW__TRANSACTION")
    assert len(entries) == 9 and {e["Transaction_Type"] for e in entries} == {"JC cost", "Aprvd estimate chng"}
    accounts = {row["Account"] for row in rows(door, "GLM_MASTER__ACCOUNT")}
    for table, column in (
        ("JCT_CURRENT__TRANSACTION", "Debit_Account"),
        ("JCT_CURRENT__TRANSACTION", "Credit_Account"),
        ("APM_MASTER__DISTRIBUTION", "Expense_Account"),
        ("API_NEW__DISTRIBUTION", "Expense_Account"),
    ):
        assert {row[column] for row in rows(door, table)} <= accounts
    assert len(rows(door, "TXM_MASTER__TAX_GROUP")) == 3
    assert [row["Bank_Account"] for row in rows(door, "CMM_MASTER__BANK_ACCOUNT")] == ["OPER"]
    insured = [row for row in rows(door, "APM_MASTER__VENDOR") if row["GL_Ins_Expiration_Dt"]]
    assert insured and all(row["GL_Ins_Company"] and row["GL_Ins_Policy_Number"] for row in insured)


def test_what_waits_can_be_posted(tmp_path: Path) -> None:
    """Posting and paying everything in the sample company leaves nothing behind, and the books tie."""
    company = make_sample(tmp_path / "sage", transactions=300)
    assert post_invoices(company).posted == 6
    assert (post_entries(company).posted, post_entries(company).posted) == (9, 0)
    assert pay_invoices(company).invoices >= 6
    with closing(company.connect()) as door:
        assert rows(door, "API_NEW__INVOICE") == rows(door, "JCT_NEW__TRANSACTION") == []
        assert {row["Status"] for row in rows(door, "APM_MASTER__INVOICE")} == {"Partially paid", "Fully paid"}
        assert ties(door) == []


def test_its_own_audit_agrees(door: sqlite3.Connection) -> None:
    """The stand-in's audit finds nothing."""
    assert ties(door) == []


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE JCT_CURRENT__TRANSACTION SET Amount = Amount + 0.01 WHERE Run = 20 AND Sequence = 1", "JTD_Cost"),
        ("DELETE FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = 'SC-0014-001' AND Item_Number = 1", "is missing"),
        ("UPDATE JCM_MASTER__JOB SET Revised_Commitment = Revised_Commitment - 0.01", "Revised_Commitment"),
        (
            "UPDATE JCM_MASTER__CATEGORY SET Total_Estimate = Total_Estimate + 0.01 WHERE Category = 'L'",
            "is not Original",
        ),
        ("UPDATE APM_MASTER__DISTRIBUTION SET Amount = Amount + 1 WHERE Dist_Seq = 2", "APM_MASTER__INVOICE"),
        ("UPDATE JCM_MASTER__COMMITMENT_CO SET Status = 'Not issued'", "Pending_Commitment_Changes"),
        ("UPDATE JCM_MASTER__COMMITMENT SET Committed = 1", "Original_Commitment"),
        ("UPDATE APM_MASTER__INVOICE_PAYMENT SET Amount_Paid = Amount_Paid + 0.01 WHERE Payment_ID = 3", "Amount_Paid"),
        ("UPDATE JCM_MASTER__JOB SET JTD_Labor_Units = JTD_Labor_Units + 0.25", "JTD_Labor_Units"),
        ("UPDATE JCM_MASTER__CATEGORY SET Total_Estimate_Units = 1 WHERE Category = 'O'", "Total_Estimate_Units"),
        ("UPDATE API_NEW__INVOICE SET Amount = Amount + 0.01", "API_NEW__INVOICE"),
        ("UPDATE JCT_NEW__TRANSACTION SET Category = 'Q' WHERE Sequence = 1", "does not exist"),
        ("DELETE FROM JCT_CURRENT__TRANSACTION WHERE Transaction_Type = 'AP cost'", "its details come to 0.00"),
    ],
)
def test_the_audit_sees_a_cent(smaller: Path, tmp_path: Path, sql: str, words: str) -> None:
    """One wrong number anywhere is found and named."""
    company = SandboxCompany(copied(smaller, tmp_path / "sage"))
    with company.changing() as connection:
        assert connection.execute(sql).rowcount > 0
    with closing(company.connect()) as door:
        assert any(words in sentence for sentence in ties(door))


def test_the_same_seed_makes_the_same_company(tmp_path: Path) -> None:
    """Row for row; another seed makes another one."""
    dumps = []
    for number, seed in enumerate((1, 1, 2)):
        company = make_sample(tmp_path / str(number), seed=seed, transactions=500)
        with closing(company.writable()) as inside:
            dumps.append(list(inside.iterdump()))
            assert ties(inside) == []
    assert dumps[0] == dumps[1] != dumps[2]


@pytest.mark.parametrize("transactions", [0, 1, 777])
def test_any_number_of_transactions(tmp_path: Path, transactions: int) -> None:
    """Exactly as many as asked for, and the books tie."""
    with closing(make_sample(tmp_path / "sage", transactions=transactions).connect()) as door:
        assert door.execute("SELECT COUNT(*) FROM JCT_CURRENT__TRANSACTION").fetchone() == (transactions,)
        assert ties(door) == []


def test_a_large_company_is_made_in_seconds(tmp_path: Path) -> None:
    """100,000 transactions in well under ten seconds of processor time."""
    began = time.process_time()
    company = make_sample(tmp_path / "sage", transactions=100_000)
    assert time.process_time() - began < 10
    with closing(company.connect()) as door:
        assert door.execute("SELECT COUNT(*) FROM JCT_CURRENT__TRANSACTION").fetchone() == (100_000,)
        assert ties(door) == []


def test_a_commitment_goes_into_the_sample_company(tmp_path: Path) -> None:
    """What erpdesk will send: it is accepted, and the committed cost of the job moves by it, to the cent."""
    company = make_sample(tmp_path / "sage", transactions=200)
    job = "SELECT Revised_Commitment FROM JCM_MASTER__JOB WHERE Job = '03-0014'"
    with closing(company.connect()) as door:
        before = cents(door.execute(job).fetchone()[0])
    lines = (
        '"C","SC-0014-900",1,"Late steel","NORTHSTL",11/24/2026,5,1,0,0',
        '"CI","SC-0014-900",1,"Canopy steel",,,,"03-0014","","05-1200","S","",,,,"",12345.67',
    )
    (company.imports / "commitments.jcc").write_bytes("".join(f"{line}\r\n" for line in lines).encode("cp1252"))
    assert SandboxOperator(company).step()
    with closing(company.connect()) as door:
        assert cents(door.execute(job).fetchone()[0]) - before == 1234567
        assert ties(door) == []
