"""The SQL that Sage's driver takes, the login, and the ways in which a connection fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.problems import DriverRefusal
from erpdesk.sync.sandbox.security import set_operator

COSTS = "JCT_CURRENT__TRANSACTION"


def ask(company: SandboxCompany, sql: str, *values: object) -> list[Any]:
    """All rows of one query through a door of its own."""
    with closing(company.connect()) as door:
        return door.execute(sql, values).fetchall()


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT Job FROM JCM_MASTER__JOB ORDER BY 1", [("J1",), ("J2",)]),
        ("SELECT a.Job, b.Extra FROM JCM_MASTER__JOB a, JCM_MASTER__EXTRA b WHERE a.Job = b.Job ORDER BY 1, 2 DESC",
         [("J1", "X2"), ("J1", "X1")]),
        ("SELECT a.Job, COUNT(b.Extra) FROM JCM_MASTER__JOB a LEFT OUTER JOIN JCM_MASTER__EXTRA b ON a.Job = b.Job "
         "GROUP BY a.Job ORDER BY 1", [("J1", 2), ("J2", 0)]),
        ("SELECT DISTINCT Status FROM JCM_MASTER__JOB UNION ALL SELECT DISTINCT Status FROM JCM_MASTER__EXTRA",
         [("In progress",), ("Closed",), ("In progress",), ("Closed",)]),
        ("SELECT SUM(Amount), MIN(Commitment), MAX(Commitment) FROM JCM_MASTER__COMMITMENT", [(250.0, "OPEN", "SHUT")]),
        ("SELECT Commitment, IF(Closed = 1, 'shut', 'open') FROM JCM_MASTER__COMMITMENT ORDER BY 1",
         [("OPEN", "open"), ("SHUT", "shut")]),
        ("SELECT IFNULL(NULLIF(Extra, ''), 'base'), LTRIM(RTRIM(' x ')) FROM JCM_MASTER__CATEGORY WHERE Extra = '' "
         "AND Category = 'M'", [("base", "x")]),
        ("SELECT Commitment FROM JCM_MASTER__COMMITMENT WHERE Commitment LIKE 'O%'", [("OPEN",)]),
        ("SELECT Commitment FROM JCM_MASTER__COMMITMENT WHERE Commitment LIKE 'o%'", []),
        ("SELECT Commitment FROM JCM_MASTER__COMMITMENT WHERE \"Date\" < {d '2026-01-16'} AND Closed = 0", [("OPEN",)]),
        ("SELECT {fn IFNULL(Vendor, '')} FROM APM_MASTER__VENDOR WHERE Name <> 'O''Neil';", [("STEEL",)]),
        ("SELECT Amount * 2 - 1 FROM JCM_MASTER__COMMITMENT WHERE Commitment = 'OPEN'", [(249.0,)]),
        ("SELECT Vendor FROM APM_MASTER__VENDOR WHERE Vendor = '.~'", []),
    ],
)  # fmt: skip
def test_what_public_programs_ask_is_answered(company: SandboxCompany, sql: str, rows: list[Any]) -> None:
    """Joins, unions, sums, ordinals, Sage's functions, dates in braces; capitals count in what is compared."""
    assert ask(company, sql) == rows


@pytest.mark.parametrize(
    ("sql", "state", "words"),
    [
        ("SELECT Job FROM JCM_MASTER__NOTHING", "S0002", "no such table: JCM_MASTER__NOTHING"),
        ("SELECT Jobb FROM JCM_MASTER__JOB", "S0022", "no such column: Jobb"),
        ('SELECT "Jobb" FROM JCM_MASTER__JOB', "S0022", "no such column: Jobb"),
        ("SELECT Job FROM JCM_MASTER__JOB WHERE Authorization = ''", "37000", "quotation marks"),
        ("SELECT Check FROM JCT_CURRENT__TRANSACTION", "37000", "quotation marks"),
        ("SELECT Group FROM JCM_MASTER__JOB", "37000", "quotation marks"),
        ("SELECT Job FROM JCM_MASTER__JOB LIMIT 1", "37000", "LIMIT"),
        ("SELECT TOP 1 Job FROM JCM_MASTER__JOB", "37000", "TOP"),
        ("SELECT CASE WHEN 1 = 1 THEN 2 END FROM JCM_MASTER__JOB", "37000", "CASE"),
        ("SELECT UPPER(Job) FROM JCM_MASTER__JOB", "S1C00", "Scalar function not supported: UPPER"),
        ("SELECT rowid FROM JCM_MASTER__JOB", "S0022", "no such column"),
        ("SELECT name FROM sqlite_master", "S0002", "no such table"),
        ("SELECT Job FROM JCM_MASTER__JOB; SELECT 1", "37000", "Syntax error"),
        ("SELECT Job || Extra FROM JCM_MASTER__EXTRA", "37000", "Syntax error"),
        ("SELECT `Job` FROM JCM_MASTER__JOB", "37000", "Syntax error"),
        ("SELECT Job FROM JCM_MASTER__JOB WHERE", "37000", "incomplete|Syntax error"),
        ("PRAGMA user_version", "37000", "PRAGMA is not supported"),
        ("", "37000", "empty"),
    ],
)
def test_anything_else_is_an_error_as_with_sage(company: SandboxCompany, sql: str, state: str, words: str) -> None:
    """An unknown table or column, an unquoted reserved word, a row limit, a function of another database."""
    with pytest.raises(DriverRefusal, match=words) as caught:
        ask(company, sql)
    assert caught.value.sqlstate == state
    assert str(caught.value).startswith("[Timberline][ODBC Driver]")


def test_reserved_words_pass_in_quotation_marks(company: SandboxCompany) -> None:
    """The same columns, quoted."""
    assert ask(company, 'SELECT "Authorization" FROM JCM_MASTER__JOB') == [("",), ("",)]
    assert ask(company, 'SELECT "Check" FROM JCT_CURRENT__TRANSACTION') == []


def test_values_come_as_sage_gives_them(sample_folder: Any) -> None:
    """Statuses are words, amounts are doubles, an extra that is none is a blank and no null."""
    company = SandboxCompany(sample_folder)
    assert {row[0] for row in ask(company, "SELECT DISTINCT Status FROM JCM_MASTER__JOB")} <= {
        "Unstarted",
        "In progress",
        "Closed",
    }
    kinds = ask(company, f"SELECT Extra, Amount FROM {COSTS} WHERE Extra = ''")
    assert kinds and all(isinstance(amount, float) for _, amount in kinds)
    assert ask(company, f"SELECT COUNT(*) FROM {COSTS} WHERE Extra IS NULL") == [(0,)]


@pytest.mark.parametrize(
    ("login", "password"),
    [("SYNC", "wrong1"), ("sync", "Secret1"), ("SYNC", "secret1"), ("OTHER", "Secret1"), ("", "")],
)
def test_a_secured_company_asks_for_the_login(company: SandboxCompany, login: str, password: str) -> None:
    """Wrong operator, wrong password, wrong case, none at all: the same words. The password lies nowhere in clear."""
    company.connect().close()
    set_operator(company.folder, "SYNC", "Secret1")
    company.connect(login="SYNC", password="Secret1").close()
    with pytest.raises(DriverRefusal) as caught:
        company.connect(login=login, password=password)
    assert str(caught.value) == "[Timberline][ODBC Driver][DLL]Invalid account name."
    assert b"Secret1" not in b"".join(path.read_bytes() for path in company.folder.glob("*.json"))


def test_the_login_can_be_made_to_fail(company: SandboxCompany) -> None:
    """The switch refuses even the right login."""
    company.set_faults(wrong_password=True)
    with pytest.raises(DriverRefusal, match="Invalid account name"):
        company.connect()


def test_a_backup_keeps_everybody_out(company: SandboxCompany) -> None:
    """Who comes is refused with status 88, who is in with 85; afterwards the same connection goes on."""
    with closing(company.connect()) as door:
        company.set_faults(backup_window=True)
        with pytest.raises(DriverRefusal, match="status 85: File is locked"):
            door.execute("SELECT Job FROM JCM_MASTER__JOB")
        with pytest.raises(DriverRefusal, match="status 88"):
            company.connect()
        company.set_faults(backup_window=False)
        assert len(door.execute("SELECT Job FROM JCM_MASTER__JOB").fetchall()) == 2


@pytest.mark.parametrize("status", [84, 85, 88])
def test_the_engine_says_its_status(company: SandboxCompany, status: int) -> None:
    """A locked record, a locked file, another open mode."""
    with closing(company.connect()) as door:
        company.set_faults(btrieve_status=status)
        with pytest.raises(DriverRefusal, match=f"Btrieve status {status}: "):
            door.execute("SELECT Job FROM JCM_MASTER__JOB")


def one_by_one(cursor: sqlite3.Cursor) -> list[Any]:
    """Fetches row after row."""
    return list(iter(cursor.fetchone, None))


@pytest.mark.parametrize(
    "fetch", [one_by_one, list, lambda cursor: cursor.fetchall(), lambda cursor: cursor.fetchmany(9)]
)
def test_the_connection_breaks_in_the_middle(company: SandboxCompany, fetch: Callable[[Any], list[Any]]) -> None:
    """An answer of that many rows comes whole, a longer one breaks off, and the connection is gone for good."""
    sql = "SELECT Cost_Code FROM JCM_MASTER__CATEGORY"
    with closing(company.connect()) as door:
        company.set_faults(drop_after=5)
        assert len(fetch(door.execute(sql))) == 5
        company.set_faults(drop_after=4)
        with pytest.raises(DriverRefusal, match="link failure") as caught:
            fetch(door.execute(sql))
        assert caught.value.sqlstate == "08S01"
        company.set_faults(drop_after=0)
        with pytest.raises(DriverRefusal, match="link failure"):
            door.execute(sql)
    assert len(ask(company, sql)) == 5


def test_a_folder_that_is_gone_is_named(company: SandboxCompany) -> None:
    """The path stands in the error, so that a person can look."""
    company.folder.rename(company.folder.with_name("moved"))
    with pytest.raises(DriverRefusal, match=r"unable to open the data folder .*sage"):
        company.connect()


def test_one_statement_at_a_time(company: SandboxCompany) -> None:
    """Neither many rows of parameters nor a script."""
    with closing(company.connect()) as door:
        for refused in (
            lambda: door.executescript("DELETE FROM JCM_MASTER__JOB"),
            lambda: door.executemany("SELECT Job FROM JCM_MASTER__JOB WHERE Job = ?", [("J1",)]),
            lambda: door.cursor().executescript("DELETE FROM JCM_MASTER__JOB"),
            lambda: door.cursor().executemany("SELECT Job FROM JCM_MASTER__JOB WHERE Job = ?", [("J1",)]),
        ):
            with pytest.raises(DriverRefusal, match="not supported"):
                refused()
    assert len(ask(company, "SELECT Job FROM JCM_MASTER__JOB")) == 2
