"""The company folder and its read-only door."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany, Settings
from erpdesk.sync.sandbox.tables import tables

KILLED_IN_A_TRANSACTION = """
import sys
from pathlib import Path
from erpdesk.sync.sandbox.company import SandboxCompany
connection = SandboxCompany(Path(sys.argv[1])).writable()
connection.execute("PRAGMA cache_size = 2")
connection.execute("BEGIN IMMEDIATE")
for number in range(400):
    connection.execute("INSERT INTO APM_MASTER__VENDOR (Vendor, Address_1) VALUES (?, ?)", (f"V{number}", "x" * 30))
connection.execute("UPDATE JCM_MASTER__JOB SET Description = 'half done'")
print("written", flush=True)
sys.stdin.read()
"""


def test_control_file_holds_the_name_from_byte_17(tmp_path: Path) -> None:
    """The company name stands where programs look for it, padded with blanks."""
    company = SandboxCompany.create(tmp_path / "sage", "Müller & Fils")
    raw = (tmp_path / "sage" / "tl.ctl").read_bytes()
    assert raw[16:50] == "Müller & Fils".encode("cp1252").ljust(34)
    assert company.name == "Müller & Fils"


def test_id_formats_stand_in_the_control_record(tmp_path: Path) -> None:
    """Sections of job, cost code and commitment ids, with separators and the capitals flag."""
    settings = Settings(job_mask="99-9999", cost_code_mask="99-999.9", commitment_length=11)
    company = SandboxCompany.create(tmp_path / "sage", "Formats", settings)
    assert company.settings == settings
    with closing(company.connect()) as connection:
        rows = connection.execute(
            "SELECT FLDCODE, SECTION, CSLEN, CNPUNCT, CNTCAP FROM TS_CTL_RECORD_3 "
            "WHERE FLDCODE IN (16, 18, 20) ORDER BY 1, 2"
        ).fetchall()
    job, commitment = [(16, 1, 2, "-", 0), (16, 2, 4, "", 0)], (20, 1, 11, "", 1)
    assert rows == [*job, (18, 1, 2, "-", 0), (18, 2, 3, ".", 0), (18, 3, 1, "", 0), commitment]


@pytest.mark.parametrize("name", tables())
def test_each_table_has_all_its_columns(company: SandboxCompany, name: str) -> None:
    """Every known column is there under Sage's name, with its width, also the reserved words."""
    with closing(company.connect()) as connection:
        found = [(row[1], row[2]) for row in connection.execute(f'PRAGMA table_info("{name}")')]
    kinds = {"float": "DOUBLE", "bit": "BIT", "int": "INTEGER", "text": "TEXT", "date": "DATE", "time": "TIME"}
    assert found == [(c.name, kinds.get(c.kind, f"CHAR({c.width})")) for c in tables()[name].columns]


def test_reserved_words_need_quotes(company: SandboxCompany) -> None:
    """As through Sage's driver: Check is a word of SQL unless it is quoted."""
    with closing(company.connect()) as connection:
        assert connection.execute('SELECT "Check" FROM JCT_CURRENT__TRANSACTION').fetchall() == []
        with pytest.raises(sqlite3.OperationalError):
            connection.execute("SELECT Check FROM JCT_CURRENT__TRANSACTION")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO APM_MASTER__VENDOR (Vendor) VALUES ('NEW')",
        "UPDATE JCM_MASTER__JOB SET Description = 'mine'",
        "DELETE FROM JCM_MASTER__JOB",
        "DROP TABLE JCM_MASTER__JOB",
        "CREATE TABLE mine (a)",
    ],
)
def test_the_door_refuses_writes(company: SandboxCompany, sql: str) -> None:
    """Nothing can be changed through the door, and each call opens a door of its own."""
    with closing(company.connect()) as first, closing(company.connect()) as second:
        assert first is not second
        with pytest.raises(sqlite3.OperationalError, match=r"\[Timberline\]\[ODBC Driver\]"):
            first.execute(sql)
        assert second.execute("SELECT COUNT(*) FROM JCM_MASTER__JOB").fetchone() == (2,)


def test_a_wrong_folder_is_no_company(tmp_path: Path) -> None:
    """The door does not make files where no company is."""
    with pytest.raises(sqlite3.OperationalError):
        SandboxCompany(tmp_path / "nowhere").connect()
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(OSError, match=r"tl\.ctl"):
        _ = SandboxCompany(tmp_path / "nowhere").name


def test_the_door_opens_after_a_program_was_killed_in_a_transaction(company: SandboxCompany) -> None:
    """Half of a transaction on disk is rolled back before anybody reads it."""
    command = [sys.executable, "-c", KILLED_IN_A_TRANSACTION, str(company.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline().strip() == b"written"
        child.kill()
    assert Path(f"{company.data_file}-journal").exists()
    with closing(company.connect()) as connection:
        assert connection.execute("SELECT COUNT(*) FROM APM_MASTER__VENDOR").fetchone() == (1,)
        assert connection.execute("SELECT Description FROM JCM_MASTER__JOB ORDER BY 1").fetchall() == [
            ("One",),
            ("Two",),
        ]


def test_a_change_is_all_or_nothing(company: SandboxCompany) -> None:
    """An error inside a change leaves the tables as they were."""
    with pytest.raises(ZeroDivisionError), company.changing() as connection:
        connection.execute("DELETE FROM APM_MASTER__VENDOR")
        raise ZeroDivisionError
    with closing(company.connect()) as connection:
        assert connection.execute("SELECT COUNT(*) FROM APM_MASTER__VENDOR").fetchone() == (1,)
