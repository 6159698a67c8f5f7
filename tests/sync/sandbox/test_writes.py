"""What may be written through the door: white-listed columns of setup tables, where write access is on."""

from __future__ import annotations

from contextlib import closing

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.problems import DriverRefusal
from erpdesk.sync.sandbox.security import grant_write, set_operator, write_access
from erpdesk.sync.sandbox.writes import enabled

PROBE = "UPDATE JCM_MASTER__JOB SET Description = Description WHERE Job = '.~'"
NEW_EXTRA = "INSERT INTO JCM_MASTER__EXTRA (Job, Extra, Description, Status) VALUES (?, ?, ?, ?)"
INSURANCE = "UPDATE APM_MASTER__VENDOR SET GL_Ins_Company = ?, GL_Ins_Expiration_Dt = {d '2027-06-30'} WHERE Vendor = ?"


def write(company: SandboxCompany, sql: str, *values: object) -> int:
    """Runs one statement; answers its row count."""
    with closing(company.connect()) as door:
        return door.execute(sql, values).rowcount


def test_the_rights_probe_tells_whether_writing_is_allowed(company: SandboxCompany) -> None:
    """Refused without write access, accepted with no row when it is on, refused again when it is taken away."""
    with pytest.raises(DriverRefusal, match="Write access is denied: JCM_MASTER__JOB"):
        write(company, PROBE)
    grant_write(company.folder, "JCM_MASTER__JOB")
    assert write(company, PROBE) == 0
    grant_write(company.folder, "JCM_MASTER__JOB", False)
    with pytest.raises(DriverRefusal, match="denied"):
        write(company, PROBE)


def test_an_extra_is_inserted_and_stamped(company: SandboxCompany) -> None:
    """Once; with the stamps of the operator who wrote it."""
    grant_write(company.folder, "JCM_MASTER__EXTRA")
    set_operator(company.folder, "SYNC", "Secret1")
    with closing(company.connect(login="SYNC", password="Secret1")) as door:
        assert door.execute(NEW_EXTRA, ("J1", "X9", "It's new", "In progress")).rowcount == 1
        row = door.execute("SELECT Description, Operator_Stamp, Date_Stamp FROM JCM_MASTER__EXTRA WHERE Extra = 'X9'")
        assert row.fetchone()[:2] == ("It's new", "SYNC")
        with pytest.raises(DriverRefusal, match="already exists"):
            door.execute(NEW_EXTRA, ("J1", "X9", "Again", "In progress"))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("NONE", "X9", "", "In progress"), "Job NONE does not exist"),
        (("J2", "X9", "", "In progress"), "does not use extras"),
        (("J1", "", "", "In progress"), "needs an id"),
        (("J1", "X9", "", "5"), "Status '5' is not one of"),
        (("J1", "X9", "d" * 31, "In progress"), "Description holds 30 characters"),
        (("J1", "X" * 11, "", "In progress"), "Extra holds 10 characters"),
    ],
)
def test_sage_looks_at_a_new_extra(company: SandboxCompany, values: tuple[str, ...], words: str) -> None:
    """Job, status and widths; nothing is cut to fit, and a refused row leaves nothing."""
    grant_write(company.folder, "JCM_MASTER__EXTRA")
    with pytest.raises(DriverRefusal, match=words):
        write(company, NEW_EXTRA, *values)
    with closing(company.connect()) as door:
        assert door.execute("SELECT COUNT(*) FROM JCM_MASTER__EXTRA").fetchone() == (2,)


def test_insurance_of_a_vendor_is_changed(company: SandboxCompany) -> None:
    """The insurance columns change, and the row count says how many vendors did."""
    grant_write(company.folder, "APM_MASTER__VENDOR")
    assert write(company, INSURANCE, "Harbor Mutual", "STEEL") == 1
    assert write(company, INSURANCE, "Harbor Mutual", "NOBODY") == 0
    with closing(company.connect()) as door:
        row = door.execute("SELECT GL_Ins_Company, GL_Ins_Expiration_Dt, Name FROM APM_MASTER__VENDOR").fetchone()
    assert row == ("Harbor Mutual", "2027-06-30", "Steel & Co")


def test_names_of_another_mode_write_too(company: SandboxCompany) -> None:
    """Through dictionary names, and into one part of a split table."""
    grant_write(company.folder, "JCM_MASTER__JOB")
    sql = "UPDATE MASTER_JCM_RECORD_1_1 SET JDESC = 'Renamed' WHERE MASTER_JCM_RECORD_1_1.JOB = 'J1'"
    with closing(company.connect(naming="dictionary", max_columns=255)) as door:
        assert door.execute(sql).rowcount == 1
    with closing(company.connect()) as door:
        assert door.execute("SELECT Description FROM JCM_MASTER__JOB ORDER BY Job").fetchall() == [
            ("Renamed",),
            ("Two",),
        ]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE APM_MASTER__VENDOR SET Name = 'Mine'", "Column Name .* not enabled for update"),
        ("INSERT INTO APM_MASTER__VENDOR (Vendor) VALUES ('NEW')", "Insert is not enabled for table"),
        ("UPDATE JCM_MASTER__JOB SET Total_Estimate = 0", "Total_Estimate .* not enabled"),
        ("UPDATE JCM_MASTER__JOB SET Description = 'x', Status = 'Closed'", "Status .* not enabled"),
        ("UPDATE JCM_MASTER__COMMITMENT SET Amount = 0", "Update is not enabled for table JCM_MASTER__COMMITMENT"),
        ("INSERT INTO JCT_NEW__TRANSACTION (Run) VALUES (1)", "Insert is not enabled"),
        ("UPDATE JCM_MASTER__EXTRA SET Description = 'x'", "Update is not enabled"),
        ("DELETE FROM JCM_MASTER__EXTRA", "DELETE is not supported"),
        ("DROP TABLE JCM_MASTER__EXTRA", "DROP is not supported"),
        ("UPDATE NOWHERE SET a = 1 WHERE b = 2", "no such table: NOWHERE"),
        ("UPDATE JCM_MASTER__JOB SET Nothing = 1", "no such column: Nothing"),
        ("INSERT INTO JCM_MASTER__EXTRA (Job, Extra) VALUES ('J1')", "does not match column list"),
        ("INSERT INTO JCM_MASTER__EXTRA (Job) SELECT Job FROM JCM_MASTER__JOB", "Syntax error"),
        ("INSERT INTO JCM_MASTER__EXTRA VALUES ('J1')", "Syntax error"),
        ("INSERT INTO JCM_MASTER__EXTRA (Job", "Syntax error"),
        ("UPDATE JCM_MASTER__JOB", "Syntax error"),
        ("INSERT", "no such table"),
    ],
)
def test_everything_else_is_refused_with_every_right(company: SandboxCompany, sql: str, words: str) -> None:
    """Money, transactions, keys and statements that Sage does not take; the data stays as it was."""
    for table in enabled():
        grant_write(company.folder, table)
    before = company.data_file.read_bytes()
    with pytest.raises(DriverRefusal, match=words):
        write(company, sql)
    assert company.data_file.read_bytes() == before


def test_rights_stand_for_one_table_each(company: SandboxCompany) -> None:
    """One table's right opens no other; a new company has none."""
    assert write_access(company.folder) == frozenset()
    grant_write(company.folder, "TXM_MASTER__TAX_GROUP")
    assert write(company, "INSERT INTO TXM_MASTER__TAX_GROUP (Tax_Group, Rate) VALUES ('WA', 8.7)") == 1
    assert write(company, "UPDATE TXM_MASTER__TAX_GROUP SET Rate = Rate + 0.1 WHERE Tax_Group = 'WA'") == 1
    with pytest.raises(DriverRefusal, match="denied"):
        write(company, "INSERT INTO ARM_MASTER__CUSTOMER (Customer, Name) VALUES ('OWNER', 'Owner')")
