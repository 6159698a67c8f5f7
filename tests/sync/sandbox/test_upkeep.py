"""A person in Sage beside the imports: editing a vendor, deleting a commitment, closing a month."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from erpdesk.core.errors import Refused
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import close_month, delete_commitment, edit_vendor, post_invoices
from tests.sync.sandbox.looking import row, run, value

Lay = Callable[..., None]


def test_a_vendor_is_edited_and_stamped(company: SandboxCompany) -> None:
    """Named fields change, others stay."""
    edit_vendor(company, "STEEL", GL_Ins_Expiration_Dt="2027-01-31", Telephone="(555) 555-0100", Auto_Ins_Expir_Dt=None)
    vendor = row(company, "SELECT * FROM APM_MASTER__VENDOR")
    assert (vendor["Name"], vendor["GL_Ins_Expiration_Dt"]) == ("Steel & Co", "2027-01-31")
    assert (vendor["Telephone"], vendor["Operator_Stamp"]) == ("(555) 555-0100", "SAGEOPER")
    assert vendor["Date_Stamp"] == company.stamp()["Date_Stamp"]


@pytest.mark.parametrize(
    ("vendor", "changes", "words"),
    [
        ("IRON", {"Name": "Iron"}, "Vendor IRON does not exist."),
        ("STEEL", {"Colour": "red"}, "A vendor has no field Colour"),
        ("STEEL", {"Vendor": "IRON"}, "A vendor has no field Vendor that can be changed."),
        ("STEEL", {"Name": "S" * 31}, "Name is 31 characters wide; 30 fit."),
        ("STEEL", {"GL_Ins_Expiration_Dt": "soon"}, "GL_Ins_Expiration_Dt soon is not a date"),
    ],
)
def test_what_a_vendor_refuses(company: SandboxCompany, vendor: str, changes: dict[str, str], words: str) -> None:
    """Nothing changes, and the sentence says why."""
    with pytest.raises(Refused, match=words.replace(".", r"\.")):
        edit_vendor(company, vendor, **changes)
    assert value(company, "SELECT Name FROM APM_MASTER__VENDOR") == "Steel & Co"


def test_a_commitment_is_deleted_with_its_committed_cost(company: SandboxCompany) -> None:
    """Header and items go, committed cost goes down by them."""
    extra = "SELECT Original_Commitment FROM JCM_MASTER__EXTRA WHERE Extra = 'X1'"
    assert value(company, extra) == 250.0
    delete_commitment(company, "OPEN")
    assert value(company, extra) == 125.0
    assert value(company, "SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT_ITEM") == 1
    with pytest.raises(Refused, match=r"Commitment OPEN does not exist\."):
        delete_commitment(company, "OPEN")


def test_what_is_not_committed_takes_nothing_away(company: SandboxCompany, lay: Lay) -> None:
    """A commitment that is not in committed cost leaves it as it is."""
    lay(
        "import_commitments",
        '"C","SC-1",1,"Steel","STEEL",01/02/2026,10,0,0,0',
        '"CI","SC-1",1,"Line",,,,"J1","","05-100","S","",,,,"",100.00',
    )
    assert run(company, "import_commitments") == ["", ""]
    delete_commitment(company, "SC-1")
    assert value(company, "SELECT Original_Commitment FROM JCM_MASTER__JOB WHERE Job = 'J1'") == 0.0


def test_a_commitment_with_a_change_order_stays(company: SandboxCompany, lay: Lay) -> None:
    """Also when the change order is not approved yet."""
    lay("import_commitments", '"CCO","OPEN","1","More",,01/02/2026,,,1', '"CCOI","OPEN","1",1,"More",,5.00')
    assert run(company, "import_commitments") == ["", ""]
    with pytest.raises(Refused, match=r"Commitment OPEN cannot be deleted\. It has a change order\."):
        delete_commitment(company, "OPEN")


def test_a_commitment_with_an_invoice_stays(company: SandboxCompany, lay: Lay) -> None:
    """Waiting or posted; the books tie all the time."""
    lay(
        "import_ap",
        '"APIF","STEEL","I-1","Text",50.00,,,,10/30/2026,,,,10/31/2026,,,,,,,,',
        '"APDF","OPEN",1,,,"J1","X1","05-100","S",,,"",,,,,,50.00,,,,,,,,,,,,,,"Text",,',
    )
    assert run(company, "import_ap") == ["", ""]
    with pytest.raises(Refused, match=r"An invoice against it waits to be posted\."):
        delete_commitment(company, "OPEN")
    post_invoices(company)
    with pytest.raises(Refused, match=r"An invoice is posted against it\."):
        delete_commitment(company, "OPEN")
    assert value(company, "SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT") == 2


def test_months_of_payables_are_closed_one_by_one(company: SandboxCompany) -> None:
    """From the month of the books on; job cost has its own page; other modules have none."""
    company.choose(books_date="2026-01-15")
    assert [str(close_month(company, "AP")) for _ in range(2)] == ["2026-01-31", "2026-02-28"]
    assert company.settings.books_date == "2026-01-15"
    assert str(close_month(company, "JC")) == "2026-01-31"
    assert company.settings.books_date == "2026-02-01"
    with pytest.raises(Refused, match="Module GL has no month to close here"):
        close_month(company, "GL")
