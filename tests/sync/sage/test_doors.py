"""Every way in which a company can fail to open has its sentence, and tells passing trouble from wrong data."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from erpdesk.core.errors import BadSageData, ForPeople, SageUnavailable
from erpdesk.sync.sage.doors import open_odbc, open_standin
from erpdesk.sync.sage.problems import Trouble, is_driver_error, sentence, trouble
from erpdesk.sync.sage.reader import SageReader
from tests.sync.mirror.kit import DOORS, alter, copied, door


def test_a_missing_folder_is_passing_trouble(tmp_path: Path) -> None:
    """A share that is away comes back."""
    with pytest.raises(SageUnavailable, match="is not there") as caught:
        open_standin(tmp_path / "away")()
    assert caught.value.kept and "network drive" in caught.value.next_step


def test_a_folder_without_a_data_file_is_no_company(tmp_path: Path) -> None:
    """The wrong folder was chosen; none is made in it."""
    with pytest.raises(SageUnavailable, match=r"not a Sage company: tsdata\.db is missing"):
        open_standin(tmp_path)()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_wrong_data(tmp_path: Path) -> None:
    """Something else under the name of the data file."""
    (tmp_path / "tsdata.db").write_bytes(b"not a database at all" * 200)
    with pytest.raises(BadSageData, match="not a Sage data file"):
        open_standin(tmp_path)()
    with SageReader(door("odbc", tmp_path)) as reader, pytest.raises(BadSageData, match="could not be read"):
        reader.probe()


def test_odbc_makes_no_file_where_there_is_none(tmp_path: Path) -> None:
    """A wrong folder stays as it is."""
    with SageReader(door("odbc", tmp_path)) as reader, pytest.raises(SageUnavailable, match="could not be reached"):
        reader.probe()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "string", ["DRIVER={Timberline Data};DBQ=x;UID=u;PWD=secret1", "DSN=TimberlineDataSource;PWD=secret1"]
)
def test_a_missing_driver_is_named(string: str) -> None:
    """Neither driver nor data source on this computer: what to install, and no password in the sentence."""
    with pytest.raises(SageUnavailable, match="driver is not installed") as caught:
        open_odbc(string)()
    assert "Timberline Data" in caught.value.next_step and "secret1" not in str(caught.value)


@pytest.mark.parametrize("kind", DOORS)
def test_a_locked_file_is_passing_trouble(kind: str, sample_folder: Path, tmp_path: Path) -> None:
    """Somebody has Sage's file to himself; when he is done, reading works."""
    sage = copied(sample_folder, tmp_path / "sage")
    connect = door(kind, sage) if kind == "odbc" else impatient(sage)
    with closing(sqlite3.connect(sage / "tsdata.db")) as other, SageReader(connect) as reader:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SageUnavailable, match="locked by another program"):
            reader.probe()
        other.rollback()
        assert reader.probe().missing_tables == ()


def impatient(sage: Path):  # type: ignore[no-untyped-def]  # a door like the real one that waits for no lock
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"{(sage / 'tsdata.db').as_uri()}?mode=ro", uri=True, timeout=0, isolation_level=None)

    return connect


def test_a_half_written_file_waits_for_sage(sample_folder: Path, tmp_path: Path) -> None:
    """Sage was killed while it wrote: a reader may not repair that, and says who does."""
    sage, killed = copied(sample_folder, tmp_path / "sage"), tmp_path / "killed"
    killed.mkdir()
    with closing(sqlite3.connect(sage / "tsdata.db", isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 2")
        writer.execute("BEGIN")
        writer.execute("UPDATE JCT_CURRENT__TRANSACTION SET Description = 'half'")
        for name in ("tsdata.db", "tsdata.db-journal"):
            shutil.copy(sage / name, killed / name)
        writer.execute("ROLLBACK")
    with pytest.raises(SageUnavailable, match="interrupted while it was writing"):
        open_standin(killed)()
    alter(killed, "UPDATE JCM_MASTER__JOB SET Description = 'repaired by the next writer'")
    with SageReader(open_standin(killed)) as reader:
        assert reader.probe().missing_tables == ()


def test_the_code_page_of_the_connection_string_is_used(sample_folder: Path, tmp_path: Path) -> None:
    """With CODEPAGE=1252 each byte is a letter of that code page, and bytes that are none are kept recognisable."""
    sage = copied(sample_folder, tmp_path / "sage")
    alter(
        sage,
        "INSERT INTO JCM_MASTER__EXTRA (Job, Extra, Description) VALUES ('J', '1', CAST(x'436166E920C3A9' AS TEXT))",
    )
    string = f"DRIVER={{SQLite3}};Database=file:{sage / 'tsdata.db'}?mode=ro;CODEPAGE=1252"
    connection = open_odbc(string)()
    try:
        found = connection.cursor().execute("SELECT Description FROM JCM_MASTER__EXTRA WHERE Job = 'J'").fetchone()
    finally:
        connection.close()
    assert tuple(found) == ("Café Ã©",)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (sqlite3.OperationalError("no such table: X"), Trouble.NO_TABLE),
        (sqlite3.OperationalError("no such column: X"), Trouble.NO_COLUMN),
        (sqlite3.OperationalError("database is locked"), Trouble.LOCKED),
        (sqlite3.OperationalError("unable to open database file"), Trouble.UNREACHABLE),
        (sqlite3.OperationalError("disk I/O error"), Trouble.UNREACHABLE),
        (sqlite3.OperationalError("attempt to write a readonly database"), Trouble.HALF_WRITTEN),
        (sqlite3.DatabaseError("file is not a database"), Trouble.NOT_A_DATABASE),
        (sqlite3.DatabaseError("database disk image is malformed"), Trouble.NOT_A_DATABASE),
        (sqlite3.Error("42S02", "[42S02] whatever"), Trouble.NO_TABLE),
        (sqlite3.Error("42S22", "[42S22] whatever"), Trouble.NO_COLUMN),
        (sqlite3.Error("28000", "[28000] Invalid authorization"), Trouble.LOGIN),
        (sqlite3.Error("HY000", "[Timberline][ODBC Driver][DLL]Invalid account name."), Trouble.LOGIN),
        (sqlite3.Error("HYT00", "[HYT00] Timeout expired"), Trouble.TIMEOUT),
        (sqlite3.Error("08S01", "[08S01] Communication link failure"), Trouble.UNREACHABLE),
        (sqlite3.Error("HY000", "[HY000] General error"), Trouble.OTHER),
        (sqlite3.Error(), Trouble.OTHER),
    ],
)
def test_each_complaint_of_a_driver_has_its_kind_and_its_sentence(error: sqlite3.Error, expected: Trouble) -> None:
    """State codes first, words after; every kind has a sentence that says what is kept and what to do."""
    assert is_driver_error(error) and trouble(error) is expected
    said = sentence(error, "JCM_MASTER__JOB")
    lasting = expected in (Trouble.NO_TABLE, Trouble.NO_COLUMN, Trouble.NOT_A_DATABASE)
    assert isinstance(said, BadSageData if lasting else SageUnavailable)
    assert said.what.endswith(".") and said.kept and said.next_step


def test_a_bug_is_no_complaint_of_a_driver() -> None:
    """Other errors are not dressed up as trouble with Sage."""
    assert not is_driver_error(ValueError("x")) and not is_driver_error(KeyError("Error"))


def test_a_sentence_shows_no_password() -> None:
    """Whatever a driver repeats of the connection string, user and password are left out (P17)."""
    said: ForPeople = sentence(sqlite3.Error("HY000", "bad attribute in UID=alice;PWD=hunter2;DBQ=x"))
    assert "hunter2" not in str(said) and "alice" not in str(said)
