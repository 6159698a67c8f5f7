"""The connection string: every key of Sage's driver read and written, never a password, and what is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.sync.sage.connection import DRIVER, Connection, complete, folder_of

GOOD = Connection(driver=DRIVER, folder=r"\\server\sage\Data", login="erpdesk")
PLAIN = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12).map(str.strip)
SWITCH = st.sampled_from([0, 1])
KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_ ]{0,8}[A-Za-z0-9]", fullmatch=True).filter(
    lambda key: Connection.parse(f"{key}=1").others == ((key, "1"),)
)
CONNECTIONS = st.builds(
    Connection,
    driver=PLAIN,
    dsn=PLAIN,
    folder=PLAIN,
    login=PLAIN,
    code_page=st.integers(0, 99999),
    standard_mode=SWITCH,
    dictionary_mode=SWITCH,
    custom_mode=SWITCH,
    max_columns=st.integers(0, 5000),
    shorten_names=SWITCH,
    database_type=st.sampled_from([1, 2]),
    keep_files_open=st.none() | SWITCH,
    others=st.lists(st.tuples(KEYS, PLAIN), max_size=3).map(tuple),
)


@given(CONNECTIONS)
def test_what_is_written_is_read_again(connection: Connection) -> None:
    """Braces, quotation marks, semicolons and blanks in any value."""
    assert Connection.parse(connection.text()) == connection


@given(CONNECTIONS, st.text(min_size=1))
def test_a_password_is_put_in_and_never_kept(connection: Connection, password: str) -> None:
    """The text to open with holds it; what is read from that text does not."""
    opened = connection.text_with(password)
    assert opened.startswith(connection.text()) and opened != connection.text()
    again = Connection.parse(opened)
    assert again.had_password and again.text() == connection.text()


def test_the_canonical_string() -> None:
    """Every mode is written out."""
    assert GOOD.text() == (
        r"Driver={Timberline Data};DBQ=\\server\sage\Data;UID=erpdesk;CODEPAGE=1252;StandardMode=1;DictionaryMode=0;"
        "CustomMode=0;MaxColSupport=1536;ShortenNames=0;DatabaseType=1;"
    )
    assert GOOD.check() == ()


@pytest.mark.parametrize(
    "text",
    [
        r"driver={TIMBERLINE DATA};dbq=X:\Data;uid=op;codepage=850;standardmode=0;DICTIONARYMODE=1;custommode=0;"
        "maxcolsupport=255;shortennames=1;databasetype=2;keepfilesopen=1;Extra=1",
        r""" Driver = "TIMBERLINE DATA" ; DBQ = {X:\Data} ; UID = 'op' ; CodePage={850}; StandardMode = 0 ;"""
        "DictionaryMode=1;CustomMode=0;MaxColSupport=255;ShortenNames=1;DatabaseType=2;KeepFilesOpen=1; Extra = 1 ;;",
    ],
)
def test_every_key_is_read(text: str) -> None:
    """In any spelling, order and kind of quotation."""
    assert Connection.parse(text) == Connection(
        "TIMBERLINE DATA", "", r"X:\Data", "op", 850, 0, 1, 0, 255, 1, 2, 1, (("Extra", "1"),)
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"driver": ""}, "names no driver and no data source"),
        ({"dsn": "TimberlineDataSource"}, "names a driver and a data source"),
        ({"folder": ""}, "names no data folder"),
        ({"folder": r"Data\Company"}, "is no full path"),
        ({"standard_mode": 0}, "Set StandardMode=1"),
        ({"dictionary_mode": 1}, "StandardMode and DictionaryMode contradict"),
        ({"standard_mode": 0, "custom_mode": 1}, "Set StandardMode=1"),
        ({"custom_mode": 7}, "CustomMode must be 0 or 1, not 7"),
        ({"shorten_names": 1}, "ShortenNames=1"),
        ({"max_columns": 0}, "MaxColSupport must be at least 1"),
        ({"database_type": 2}, "must be 1"),
        ({"keep_files_open": 1}, "which a backup needs free"),
        ({"code_page": 99}, "is no code page"),
        ({"login": "op\nPWD=x"}, "line break"),
        ({"others": (("StandardMode", "yes"),)}, "StandardMode must be a number, not “yes”"),
        ({"others": (("DBQ", "y"),)}, "DBQ stands twice"),
        ({"others": (("a", "1"), ("A", "2"))}, "A stands twice"),
        ({"others": (("Provider", "MSDASQL.1"),)}, "written for OLE DB"),
        ({"others": (("", "lost"),)}, "“lost” in the connection belongs to no key"),
        ({"had_password": True}, "holds a password"),
    ],
)
def test_each_mistake_has_its_sentence(change: dict[str, object], words: str) -> None:
    """One mistake, one sentence that says what to enter."""
    said = Connection(**{"driver": DRIVER, "folder": r"X:\Data", **change}).check()  # type: ignore[arg-type]  # any key
    assert any(words in each for each in said), said
    assert all(each.endswith(".") for each in said)


def test_a_data_source_alone_is_enough() -> None:
    """A DSN knows its folder itself."""
    assert Connection.parse("DSN=Timberline Data Source;UID=op").check() == ()


def test_mistakes_of_the_text_are_found_again() -> None:
    """What is no number, stands twice or is a password is told of a text as a person typed it."""
    said = Connection.parse(r"Driver={Timberline Data};DBQ=X:\a;dbq=X:\b;StandardMode=on;PWD=canary").check()
    assert ["password" in said[0], "dbq stands twice" in said[1], "not “on”" in said[2]] == [True] * 3
    assert "canary" not in " ".join(said)


def test_sages_driver_is_told_every_mode() -> None:
    """Left out, a mode would be the driver's choice; what a person wrote stays, and so do other drivers' strings."""
    given_text = r"DRIVER={Timberline Data};DBQ=X:\Data;CODEPAGE=850;PWD={a;b}"
    assert complete(given_text) == (
        given_text + ";StandardMode=1;DictionaryMode=0;CustomMode=0;MaxColSupport=1536;ShortenNames=0;DatabaseType=1;"
    )
    assert complete(complete(given_text)) == complete(given_text)
    assert complete("DSN=Timberline Data Source").startswith("DSN=Timberline Data Source;CODEPAGE=1252;StandardMode=1;")
    for other in ("DRIVER={SQLite3};Database=x", "DSN=Company"):
        assert complete(other) == other


def test_the_folder_of_a_text() -> None:
    """For a sentence about a folder that is away."""
    assert folder_of("Driver={X};dbq={C:\\a;b};PWD=x") == r"C:\a;b" and folder_of("DSN=x") == ""
