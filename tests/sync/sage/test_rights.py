"""Whether Sage refuses to be written to: proven by a refusal, never by a setting, and nothing is ever changed."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage.doors import Connect, open_host, open_odbc, open_standin
from erpdesk.sync.sage.rights import STATEMENTS, check_rights
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.security import grant_write
from tests.sync.mirror.kit import alter, copied

FORM = re.compile(r"UPDATE (\w+) SET (\w+) = \2 WHERE (\w+) = '\.~'( AND \w+ = '\.~')?")


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


def through(kind: str, folder: Path, *, more: str = "") -> Connect:
    """A real ODBC driver without any read-only setting of erpdesk's, in this process or in the helper program."""
    opened = open_odbc if kind == "odbc" else open_host
    return opened(f"DRIVER={{SQLite3}};Database=file:{folder / 'tsdata.db'}{more};Timeout=1000", read_only=False)


def content(folder: Path) -> list[str]:
    connection = sqlite3.connect(folder / "tsdata.db")
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_the_words_are_fixed() -> None:
    """Each sets a column to itself where the key is one that cannot exist; there are no others."""
    assert [FORM.fullmatch(each) is not None for each in STATEMENTS] == [True, True, True]
    assert [each.split()[1] for each in STATEMENTS] == ["JCM_MASTER__JOB", "JCM_MASTER__EXTRA", "APM_MASTER__VENDOR"]
    assert STATEMENTS[0] == "UPDATE JCM_MASTER__JOB SET Description = Description WHERE Job = '.~'"
    assert STATEMENTS[2].endswith("WHERE Vendor = '.~'")


def test_a_refusal_is_proof(sage: Path) -> None:
    """The stand-in's door and a driver on a read-only file refuse: proven."""
    before = content(sage)
    company = SandboxCompany(sage)
    driven = [through(kind, sage, more="?mode=ro") for kind in ("odbc", "host")]
    for connect in (company.connect, open_standin(sage), *driven):
        rights = check_rights(connect)
        assert rights.proven is True and rights.sentence.startswith("Proven read-only"), rights.sentence
    assert content(sage) == before


@pytest.mark.parametrize("kind", ["odbc", "host"])
def test_acceptance_is_shown_and_is_no_error(kind: str, sage: Path) -> None:
    """A driver that takes the statement, with no row in it, leaves the matter unproven; nothing changed."""
    before = content(sage)
    rights = check_rights(through(kind, sage))
    assert rights.proven is False and "JCM_MASTER__JOB, JCM_MASTER__EXTRA, APM_MASTER__VENDOR" in rights.sentence
    assert "Write Access" in rights.sentence and content(sage) == before


@pytest.mark.parametrize("table", ["JCM_MASTER__JOB", "APM_MASTER__VENDOR"])
def test_one_table_with_write_access_is_enough_to_be_unproven(table: str, sage: Path) -> None:
    """Sage gives write access table by table: the others refuse, this one does not."""
    grant_write(sage, table)
    rights = check_rights(SandboxCompany(sage).connect)
    assert rights.proven is False and f"changes to {table} from" in rights.sentence


def test_any_other_trouble_is_not_known(sage: Path) -> None:
    """A table that is not there, or a login that fails, proves nothing either way."""
    alter(sage, "DROP TABLE APM_MASTER__VENDOR")
    rights = check_rights(open_standin(sage))
    assert rights.proven is None and "APM_MASTER__VENDOR" in rights.sentence
    rights = check_rights(open_standin(sage / "nowhere"))
    assert rights.proven is None and "not there" in rights.sentence


def failing(error: sqlite3.Error) -> Connect:
    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = (), /) -> Any:
            raise error

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = None) -> Any:
            return super().cursor(Cursor)

    return lambda: sqlite3.connect(":memory:", factory=Connection)


@pytest.mark.parametrize(
    ("error", "proven"),
    [
        (sqlite3.OperationalError("25006", "[Timberline][ODBC Driver] transaction state"), True),
        (sqlite3.OperationalError("HYC00", "[Timberline][ODBC Driver] Driver not capable."), True),
        (sqlite3.OperationalError("42000", "[Timberline][ODBC Driver] No permission for this table."), True),
        (sqlite3.OperationalError("42000", "[Timberline][ODBC Driver] Syntax error near UPDATE."), None),
        (sqlite3.OperationalError("28000", "Not authorized: Invalid account name."), None),
        (sqlite3.OperationalError("database is locked"), None),
        (sqlite3.OperationalError("HYT00", "timeout expired"), None),
        (sqlite3.OperationalError("S0002", "no such table, access denied"), None),
    ],
)
def test_what_counts_as_a_refusal(error: sqlite3.Error, proven: bool | None) -> None:
    """Only words or a state that speak of rights; a lock, a time-out or a slip in the statement prove nothing."""
    rights = check_rights(failing(error))
    assert rights.proven is proven and rights.sentence.endswith(".")


@pytest.mark.parametrize("raised", [SageUnavailable("The driver is not installed.", next_step="Install it.")])
def test_a_door_that_does_not_open(raised: Exception) -> None:
    """What the door says is handed on."""

    def connect() -> Any:
        raise raised

    rights = check_rights(connect)
    assert rights.proven is None and "The driver is not installed. Install it." in rights.sentence


def test_a_bug_is_not_taken_for_an_answer() -> None:
    """Only a driver's own error is an answer."""

    def connect() -> Any:
        return object()

    with pytest.raises(AttributeError):
        check_rights(connect)
