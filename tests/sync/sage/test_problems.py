"""What a driver says becomes a sentence with a next step; it shows no name and no password, however written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.core.errors import BadSageData, SageUnavailable
from erpdesk.sync.sage.connection import Connection
from erpdesk.sync.sage.doors import open_odbc
from erpdesk.sync.sage.host_door import Error
from erpdesk.sync.sage.odbc_link import manager
from erpdesk.sync.sage.problems import LOGIN_CAUSES, Trouble, is_driver_error, no_fit, sentence, trouble
from tests.sync.sage.doorways import string

STATUS = "[Timberline][ODBC Driver][DLL]Btrieve status "
ROWS = [
    (
        "IM002",
        "Data source name not found and no default driver specified",
        Trouble.NO_DRIVER,
        "Install the Sage client",
    ),
    ("IM003", "Specified driver could not be loaded", Trouble.NO_DRIVER, "Install the Sage client"),
    ("01000", "Can't open lib 'Timberline Data' : file not found", Trouble.NO_DRIVER, "Install the Sage client"),
    ("IM014", "The specified DSN contains an architecture mismatch", Trouble.ARCHITECTURE, "helper program"),
    ("HY000", "[Timberline][ODBC Driver][DLL]Invalid account name.", Trouble.LOGIN, "capital letters count"),
    ("28000", "whatever", Trouble.LOGIN, "ODBC is not restricted"),
    ("28000", "the password has expired", Trouble.EXPIRED, "password"),
    ("HY000", "Your password has expired", Trouble.EXPIRED, "never expires"),
    ("HY000", "Password must be changed at next login", Trouble.EXPIRED, "never expires"),
    ("HY000", "No licenses are available", Trouble.NO_LICENCE, "leave Sage"),
    ("HY000", "Path not found: X:\\Data", Trouble.NO_FOLDER, "network drive"),
    ("HY000", "The system cannot find the path specified.", Trouble.NO_FOLDER, "network drive"),
    ("HY000", "This file is in use or has been marked as read-only", Trouble.LOCKED, "a backup or a file tool"),
    ("HY000", STATUS + "84", Trouble.RECORD_LOCKED, "left an entry open"),
    ("HY000", "The record or page is locked", Trouble.RECORD_LOCKED, "left an entry open"),
    ("HY000", STATUS + "85", Trouble.FILE_LOCKED, "a backup, a posting"),
    ("HY000", STATUS + "88", Trouble.OTHER_MODE, "exclusive tasks"),
    ("HY000", "Permission denied on APM_MASTER__VENDOR", Trouble.NO_RIGHT, "Read Access"),
    ("42S02", "Base table or view not found", Trouble.NO_TABLE, "Read Access"),
    ("HY000", "Table PRM_MASTER__EMPLOYEE does not exist", Trouble.NO_TABLE, "Read Access"),
    ("42S22", "Column not found", Trouble.NO_COLUMN, "MaxColSupport=1536"),
    ("08S01", "Communication link failure", Trouble.UNREACHABLE, "network drive"),
    ("HYT00", "Timeout expired", Trouble.TIMEOUT, "tries again by itself"),
    ("HY000", "Something that nobody has seen", Trouble.OTHER, "tries again by itself"),
]


@pytest.mark.parametrize(("state", "words", "kind", "next_step"), ROWS)
def test_each_row_of_the_error_table(state: str, words: str, kind: Trouble, next_step: str) -> None:
    """What reading can meet at a site: its kind, whether waiting helps, what is kept, and what a person does."""
    for make in (sqlite3.Error, Error):
        error = make(state, f"[{state}] {words}")
        assert is_driver_error(error) and trouble(error) is kind
        said = sentence(error, "JCM_MASTER__JOB", folder=r"X:\Data")
        lasting = kind in (Trouble.NO_TABLE, Trouble.NO_COLUMN)
        assert isinstance(said, BadSageData if lasting else SageUnavailable)
        assert next_step in said.next_step and said.kept and said.what.endswith(".")


@pytest.mark.parametrize("kind", [Trouble.NO_FOLDER, Trouble.UNREACHABLE])
def test_the_folder_that_is_away_is_named(kind: Trouble) -> None:
    """A person sees which path the connection asks for."""
    words = next(row for row in ROWS if row[2] is kind)
    assert r"X:\Data" in sentence(sqlite3.Error(words[0], words[1]), folder=r"X:\Data").what


def test_numbers_of_btrieve_are_not_found_in_other_numbers() -> None:
    """A row of 84 000 is no locked record, and status 184 is another one."""
    for words in ("84 rows", "status 184", "row 85", "error at 88%"):
        assert trouble(sqlite3.Error("HY000", words)) is Trouble.OTHER


def test_a_refused_login_lists_what_consultants_look_at() -> None:
    """Every known cause is there, one sentence each."""
    said = sentence(sqlite3.Error("HY000", "Invalid account name."))
    assert len(LOGIN_CAUSES) == 7 and all(cause in said.next_step for cause in LOGIN_CAUSES)


def test_nobody_sees_the_driver() -> None:
    """What is there instead is named."""
    said = str(no_fit("Timberline Data", 64, ["SQL Server"]))
    assert "64-bit" in said and "SQL Server" in said and "32-bit" in said
    assert "none at all" in str(no_fit("Timberline Data", 64, []))


@pytest.mark.parametrize(
    "secret", ["canary", "{canary one}", "{can;ary}", "{can}};ary}", '"can;ary"', "'can ary'", "{can ary", "can ary"]
)
@pytest.mark.parametrize("key", ["PWD", "password", "Pwd ", "UID", "User ID"])
def test_a_secret_is_taken_out_whole(key: str, secret: str) -> None:
    said = str(sentence(sqlite3.OperationalError(f"cannot parse DSN=x;{key}={secret};SERVERNAME=y")))
    assert "can" not in said.replace("cannot parse", "") and "ary" not in said
    assert "cannot parse DSN=x" in said


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
CANARY = st.text("abc;{}\"'= ", max_size=8).map(lambda text: f"ca{text}nary")


@given(CANARY, CANARY, WORDS)
def test_whatever_a_driver_repeats_of_the_connection_stays_out(password: str, login: str, words: str) -> None:
    """The whole string, as it is opened with, in the middle of any complaint (P17)."""
    text = Connection(driver="Timberline Data", folder=r"X:\Data", login=login).text_with(password)
    for state in ("HY000", "28000", "42S22"):
        said = str(sentence(sqlite3.Error(state, f"{words}; cannot open {text}")))
        assert password not in said and login not in said


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="{}"), min_size=3, max_size=8))
def test_a_password_that_stands_alone_stays_out_too(word: str) -> None:
    """A driver that repeats the bare word: the door knows it and takes it out; states and the rest stay."""
    secret = f"canary{word}"
    pyodbc = manager()
    with closing(open_odbc(f"DRIVER={{SQLite3}};Database=:memory:;PWD={{{secret}}}")()) as link:
        with pytest.raises(pyodbc.Error) as caught, link._clean():
            raise pyodbc.OperationalError("HY000", f"the word {secret} is wrong")
        assert caught.value.args == ("HY000", "the word … is wrong")
        assert secret not in str(caught.value) and caught.value.__context__ is None


def test_a_table_named_after_the_password_is_not_shown(tmp_path: Path) -> None:
    """Through the real driver: what it says about a name holds the secret, what erpdesk says does not."""
    (tmp_path / "tsdata.db").touch()
    with closing(open_odbc(string(tmp_path, more="PWD=canary;"))()) as connection:
        with pytest.raises(Exception, match="no such table: …") as caught:
            connection.cursor().execute("SELECT 1 FROM canary")
        assert "canary" not in str(caught.value)
