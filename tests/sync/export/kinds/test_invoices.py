"""An invoice is found again by vendor and number, first among those that wait to be posted, then among the posted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erpdesk.core.clock import Clock
from erpdesk.models.erp import Source
from erpdesk.sync.export.kinds.invoices import INVOICE
from erpdesk.sync.export.kinds.kind import Presence, Wanted
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.posting import post_invoices
from erpdesk.workflows import document_text
from erpdesk.workflows.documents import Distribution, InvoiceFile
from tests.sync.export.kinds.keyed import DOORS, Counting, bring_in, build, looks, one, reasons
from tests.sync.mirror.kit import alter, copied, door
from tests.sync.stand_in_files import DAY, LAST, LATER

LINE = Distribution(
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
    tax_group="WATAC",
    tax=Decimal("7.00"),
    discount=Decimal("3.00"),
    misc_deduction=Decimal("2.00"),
)
SMALL = Distribution(Decimal("40.00"), expense_account="6-2000", description="Paper")
SENT = InvoiceFile(
    "STEELCO",
    "A-2",
    Decimal("8290.50"),
    DAY,
    LAST,
    (LINE, SMALL),
    "Application 2",
    discount=Decimal("3.00"),
    misc_deduction=Decimal("2.00"),
    date_received=DAY + timedelta(days=1),
    discount_date=DAY + timedelta(days=2),
    payment_date=LATER,
    tax=Decimal("7.00"),
    invoice_code_1="IC1",
    invoice_code_2="IC2",
)
ARMED = {"count": 0, "new": 0}
NEW, NEW_LINE = "API_NEW__INVOICE", "API_NEW__DISTRIBUTION"
OLD, OLD_LINE = "APM_MASTER__INVOICE", "APM_MASTER__DISTRIBUTION"


@pytest.fixture(scope="module")
def waiting_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("invoices") / "sage", "ap_fixed")
    bring_in(folder, "ap_fixed", SENT)
    return folder


@pytest.fixture
def waiting(waiting_company: Path, tmp_path: Path) -> Path:
    """The invoice was imported."""
    return copied(waiting_company, tmp_path / "sage")


@pytest.fixture
def posted(waiting: Path) -> Path:
    """The invoice was posted."""
    assert post_invoices(SandboxCompany(waiting)).posted == 1
    return waiting


@pytest.mark.parametrize("way", DOORS)
def test_an_invoice_waits_and_is_posted(way: str, waiting: Path) -> None:
    """Absent, waiting, posted and different are told through each door; the number of another vendor is another."""
    other, elsewhere = replace(SENT, invoice="A-3"), replace(SENT, vendor="DOORPRO")
    wanted = [Wanted(each) for each in (other, elsewhere, SENT)]
    absent, another, unposted = looks(INVOICE, waiting, wanted, way)
    assert [each.presence for each in (absent, another, unposted)] == [
        Presence.ABSENT,
        Presence.ABSENT,
        Presence.UNPOSTED,
    ]
    assert unposted.source is Source.ODBC_NEW and unposted.count == 1 and unposted.detail == {"new": 1}
    assert post_invoices(SandboxCompany(waiting)).posted == 1
    *_, equal = looks(INVOICE, waiting, wanted, way)
    assert equal.presence is Presence.EQUAL and equal.source is Source.ODBC_MASTER and equal.detail == {"new": 0}
    changed = one(INVOICE, waiting, replace(SENT, description="Application 3"), way)
    assert [str(each) for each in changed.differences] == ["Description: approved Application 3, in Sage Application 2"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("UPDATE {head} SET Description = 'App 2'", "Description"),
        ("UPDATE {head} SET Amount = 8290.51", "Amount"),
        ("UPDATE {head} SET Retainage = 825", "Retainage"),
        ("UPDATE {head} SET Invoice_Date = '2026-11-23'", "Invoice date"),
        ("UPDATE {head} SET Accounting_Date = '2026-12-01'", "Accounting date"),
        ("UPDATE {head} SET Date_Received = '2026-12-01'", "Date received"),
        ("UPDATE {head} SET Discount_Date = '2026-12-01'", "Discount date"),
        ("UPDATE {head} SET Payment_Date = '2026-12-01'", "Payment date"),
        ("UPDATE {head} SET Tax = 8", "Tax"),
        ("UPDATE {head} SET Discount_Offered = 4", "Discount offered"),
        ("UPDATE {head} SET Misc_Deduction = 4", "Misc deduction"),
        ("UPDATE {head} SET Invoice_Code_1 = ''", "Invoice code 1"),
        ("UPDATE {head} SET Invoice_Code_2 = ''", "Invoice code 2"),
        ("UPDATE {head} SET Status = 'Void'", "Status"),
        ("UPDATE {line} SET Commitment = ''", "Line 1 commitment"),
        ("UPDATE {line} SET Commitment_Line_Item = 2", "Line 1 commitment line"),
        ("UPDATE {line} SET Job = '14-501'", "Line 1 job"),
        ("UPDATE {line} SET Extra = ''", "Line 1 extra"),
        ("UPDATE {line} SET Cost_Code = '03-100'", "Line 1 cost code"),
        ("UPDATE {line} SET Category = 'MAT'", "Line 1 category"),
        ("UPDATE {line} SET Amount = 8250.49", "Line 1 amount"),
        ("UPDATE {line} SET Retainage = 0", "Line 1 retainage"),
        ("UPDATE {line} SET Description = 'Steel'", "Line 1 description"),
        ("UPDATE {line} SET Expense_Account = '5-1001'", "Line 1 expense account"),
        ("UPDATE {line} SET Accounts_Payable_Account = '2-1001'", "Line 1 payable account"),
        ("UPDATE {line} SET Tax_Group = ''", "Line 1 tax group"),
        ("UPDATE {line} SET Tax = 6", "Line 1 tax"),
        ("UPDATE {line} SET Discount_Offered = 2", "Line 1 discount"),
        ("UPDATE {line} SET Misc_Deduction = 1", "Line 1 misc deduction"),
        ("UPDATE {line} SET Units = 9", "Line 1 quantity"),
        ("UPDATE {line} SET Unit_Cost = 825", "Line 1 unit cost"),
        ("DELETE FROM {line}", "Line 1"),
        ("INSERT INTO {line} (Vendor, Invoice, Dist_Seq, Amount) VALUES ('STEELCO', 'A-2', 9, 1)", "Distribution 9"),
    ],
)
@pytest.mark.parametrize(("head", "line"), [(NEW, NEW_LINE), (OLD, OLD_LINE)])
def test_each_field_is_compared(change: str, field: str, head: str, line: str, waiting: Path) -> None:
    if head == OLD:
        post_invoices(SandboxCompany(waiting))
    only = " WHERE Dist_Seq = 1" if "{line}" in change and "INSERT" not in change else ""
    alter(waiting, change.format(head=head, line=line) + only)
    found = one(INVOICE, waiting, SENT)
    assert (found.presence, [each.field for each in found.differences]) == (Presence.DIFFERENT, [field])
    assert found.source is (Source.ODBC_NEW if head == NEW else Source.ODBC_MASTER) and not found.another


def test_the_order_of_distributions_and_payments_say_nothing(posted: Path) -> None:
    alter(
        posted,
        f"UPDATE {OLD_LINE} SET Dist_Seq = 5 WHERE Dist_Seq = 1",
        f"UPDATE {OLD} SET Amount_Paid = 40, Status = 'Partially paid'",
    )
    assert one(INVOICE, posted, SENT).presence is Presence.EQUAL


def test_another_invoice_under_the_number_is_told(posted: Path) -> None:
    alter(posted, f"UPDATE {OLD} SET Amount = 5", f"UPDATE {OLD_LINE} SET Cost_Code = '01-000', Job = '14-501'")
    found = one(INVOICE, posted, replace(SENT, distributions=(LINE,), amount=LINE.amount))
    assert found.presence is Presence.DIFFERENT and found.another


@pytest.mark.parametrize("vendor, number", [("STEELCO   ", "A-2            "), ("   STEELCO", "            A-2")])
def test_padding_is_no_difference(vendor: str, number: str, waiting: Path) -> None:
    for name in (NEW, NEW_LINE):
        alter(waiting, (f"UPDATE {name} SET Vendor = ?, Invoice = ?", (vendor, number)))
    assert one(INVOICE, waiting, SENT).presence is Presence.UNPOSTED


def test_the_case_of_a_number_counts_until_the_file_was_out(waiting: Path) -> None:
    lower = replace(SENT, invoice="a-2")
    assert one(INVOICE, waiting, lower).presence is Presence.ABSENT
    armed = one(INVOICE, waiting, lower, baseline=ARMED)
    assert [each.field for each in armed.differences] == ["Invoice number"]


def test_a_second_one_is_several_waiting_or_posted(posted: Path) -> None:
    """Once posted and once waiting is twice."""
    alter(posted, f"INSERT INTO {NEW} (Vendor, Invoice, Amount) VALUES ('STEELCO', 'A-2', 5)")
    assert one(INVOICE, posted, SENT).presence is Presence.SEVERAL
    with FreshReader(door("file", posted)) as reader:
        assert INVOICE.read_back.times(reader, ["STEELCO A-2", "STEELCO A-3"]) == {"STEELCO A-2": 2, "STEELCO A-3": 0}


class Posting(Counting):
    """A door behind which somebody posts the invoices, once it is ``due``, before the posted ones are looked at."""

    due = False

    def __init__(self, folder: Path) -> None:
        super().__init__(door("file", folder))
        self._company = SandboxCompany(folder)

    def say(self, sql: str) -> None:
        """A statement is about to be asked."""
        super().say(sql)
        if self.due and f"FROM {OLD}" in sql:
            self.due = False
            assert post_invoices(self._company).posted == 1


def test_what_is_posted_between_two_reads_is_seen_once(waiting: Path) -> None:
    """Neither in none of the two places nor in both."""
    posting = Posting(waiting)
    with FreshReader(posting) as reader:
        reader.probe()
        posting.due = True
        (found,) = INVOICE.read_back.look(reader, Clock(), [Wanted(SENT)])
    assert not posting.due and found.presence is Presence.EQUAL and found.count == 1


@pytest.mark.parametrize("name", [NEW, NEW_LINE, OLD, OLD_LINE])
def test_a_row_that_cannot_be_read_is_not_absence_and_stands_in_the_way_of_one_only(name: str, waiting: Path) -> None:
    second = replace(SENT, invoice="A-5")
    if name in (OLD, OLD_LINE):
        post_invoices(SandboxCompany(waiting))
    bring_in(waiting, "ap_fixed", second)
    alter(waiting, f"UPDATE {name} SET Amount = '#####' WHERE Invoice = 'A-2'")
    unread, unposted = looks(INVOICE, waiting, [Wanted(SENT), Wanted(second)])
    assert unread.presence is Presence.UNREAD and unposted.presence is Presence.UNPOSTED
    assert "invoice A-2 of vendor STEELCO, but erpdesk cannot read it" in unread.problem


def test_a_lost_permission_proves_nothing(waiting: Path) -> None:
    """Too few invoices, none waiting although some did, or no line of any invoice."""
    absent = replace(SENT, invoice="A-9")
    assert "showed 40 before" in one(INVOICE, waiting, absent, at_least=40).problem
    assert one(INVOICE, waiting, absent, at_least=4, baseline={"count": 1, "new": 1}).presence is Presence.ABSENT
    alter(waiting, f"DELETE FROM {NEW_LINE}")
    assert "shows no lines of any invoice" in one(INVOICE, waiting, SENT).problem
    alter(waiting, f"DELETE FROM {NEW}")
    hidden = one(INVOICE, waiting, absent, baseline={"count": 1, "new": 1})
    assert hidden.presence is Presence.UNREAD and "but showed 1 before, and they were not posted" in hidden.problem
    assert not hidden.undecidable
    assert one(INVOICE, waiting, absent, baseline=ARMED).presence is Presence.ABSENT


def test_where_waiting_invoices_are_not_shown_only_a_posting_can_tell(waiting: Path) -> None:
    """Before anything was sent, absence among the posted ones is all there is to see; afterwards it proves nothing."""
    alter(waiting, f"ALTER TABLE {NEW} RENAME TO HIDDEN", f"ALTER TABLE {NEW_LINE} RENAME TO HIDDEN_LINES")
    assert one(INVOICE, waiting, SENT).presence is Presence.ABSENT
    found = one(INVOICE, waiting, SENT, baseline={"count": 0, "new": None})
    assert found.presence is Presence.UNREAD and found.undecidable
    assert "only after posting whether invoice A-2 of STEELCO is there" in found.problem
    with FreshReader(door("file", waiting)) as reader:
        assert INVOICE.read_back.baseline(reader, Clock(), [SENT]) == {"count": 0, "new": None}


def test_where_the_figures_of_waiting_invoices_are_not_shown_they_are_seen_but_not_compared(waiting: Path) -> None:
    alter(waiting, f"ALTER TABLE {NEW_LINE} RENAME TO HIDDEN")
    found = one(INVOICE, waiting, SENT)
    assert found.presence is Presence.UNREAD and found.undecidable


def test_fifty_are_found_in_one_read(waiting: Path) -> None:
    """Half of them wait, half are posted."""
    first = [replace(SENT, invoice=f"B-{number}") for number in range(25)]
    second = [replace(SENT, invoice=f"B-{number}") for number in range(25, 50)]
    bring_in(waiting, "ap_fixed", *first)
    post_invoices(SandboxCompany(waiting))
    bring_in(waiting, "ap_fixed", *second)
    counting = Counting(door("file", waiting))
    with FreshReader(counting) as reader:
        reader.probe()
        counting.said.clear()
        found = INVOICE.read_back.look(reader, Clock(), [Wanted(each) for each in (*first, *second)])
        assert len(counting.said) <= 8, counting.said
        assert INVOICE.read_back.baseline(reader, Clock(), [SENT]) == {"count": 51, "new": 25}
    assert [each.presence for each in found] == [Presence.EQUAL] * 25 + [Presence.UNPOSTED] * 25


def test_what_stands_against_it_is_said(waiting: Path) -> None:
    sound = replace(SENT, invoice="A-9")
    assert reasons(INVOICE, waiting, sound) == ()
    assert "no vendor GONE" in reasons(INVOICE, waiting, replace(sound, vendor="GONE"))[0]

    def with_line(**changes: Any) -> tuple[str, ...]:
        return reasons(INVOICE, waiting, replace(sound, distributions=(SMALL, replace(LINE, **changes))))

    assert with_line(commitment="S-9") == ("Sage has no commitment S-9. Send the commitment first, or ask accounting.",)
    assert with_line(commitment_line=8) == ("Line 2: commitment S-7001 has no line 8 in Sage. Choose another line.",)
    assert with_line(category="MAT") == (
        "Line 2: line 1 of commitment S-7001 is on 14-500 X1 05-100 SUB in Sage, not on 14-500 X1 05-100 MAT. "
        "Correct the line.",
    )
    assert "has no 99-999 SUB of extra X1" in with_line(commitment="", commitment_line=None, cost_code="99-999")[0]
    alter(waiting, "UPDATE JCM_MASTER__COMMITMENT SET Closed = 1", "UPDATE JCM_MASTER__JOB SET Status = 'Closed'")
    closed, job = reasons(INVOICE, waiting, sound)
    assert "Commitment S-7001 is closed" in closed and "leave the invoice out of Sage" in job


def test_the_kind_is_declared() -> None:
    payload = document_text.to_text(SENT)
    assert INVOICE.document(payload, "STEELCO A 7") == replace(SENT, invoice="A 7")
    for other in ("A-7", "DOORPRO A-7", "STEELCO "):
        with pytest.raises(ValueError, match="no invoice of vendor STEELCO"):
            INVOICE.document(payload, other)
    assert (INVOICE.printed(SENT), INVOICE.part(SENT)) == ("A-2", "A-2")
    assert INVOICE.place.file == "invoices.txt" and INVOICE.posting == "Accounts Payable > Tasks > Post Invoices"
