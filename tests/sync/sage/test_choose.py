"""Where the ODBC driver runs: inside when this process sees it, apart when asked or needed, told when nobody does."""

from __future__ import annotations

import struct
import sys
from contextlib import closing
from pathlib import Path

import pytest

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage import doors, odbc_host
from erpdesk.sync.sage.connection import Connection
from erpdesk.sync.sage.doors import choose
from erpdesk.sync.sage.host_door import HostConnection, Sight
from erpdesk.sync.sage.odbc_link import Link
from tests.sync.mirror.kit import copied
from tests.sync.sage.doorways import every, string, switch

BITS = struct.calcsize("P") * 8


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


@pytest.mark.parametrize(
    ("process", "program", "expected"),
    [
        ("auto", "", Link),
        ("inside", "", Link),
        ("apart", "", HostConnection),
        ("auto", sys.executable, HostConnection),
        ("apart", sys.executable, HostConnection),
    ],
)
def test_the_setting_decides(process: str, program: str, expected: type, sage: Path) -> None:
    """A named helper is used; else the driver is loaded here when it can be."""
    with closing(choose(string(sage), process, program)()) as connection:
        assert type(connection) is expected
        assert every(connection, "SELECT COUNT(*) FROM JCM_MASTER__JOB") == [(3,)]


def test_a_data_source_of_the_system_is_found(sage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A DSN whose driver this process sees is opened here."""
    (tmp_path / "odbc.ini").write_text(f"[Company]\nDriver=SQLite3\nDatabase={sage / 'tsdata.db'}\n", "utf-8")
    monkeypatch.setenv("ODBCINI", str(tmp_path / "odbc.ini"))
    with closing(choose("DSN=company")()) as connection:
        assert type(connection) is Link
        assert every(connection, "SELECT COUNT(*) FROM JCM_MASTER__JOB") == [(3,)]


def test_a_process_without_odbc_reads_apart(sage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process cannot load the driver, the helper can."""
    monkeypatch.setattr(doors, "_sight", lambda: Sight(BITS, (), {}))
    with closing(choose(string(sage))()) as connection:
        assert type(connection) is HostConnection


@pytest.mark.parametrize("text", ["DRIVER={Timberline Data};DBQ=x;UID=canary;PWD=canary", "DSN=Nowhere;PWD=canary"])
def test_a_driver_that_nobody_sees_is_told(text: str) -> None:
    """Neither this process nor the helper: which drivers are there, and what to install or name."""
    with pytest.raises(SageUnavailable, match=f"can be seen by this {BITS}-bit program") as caught:
        choose(text)()
    said = str(caught.value)
    assert "SQLite3" in said and "32-bit ODBC helper program" in said and "canary" not in said


@pytest.mark.parametrize("process", ["inside", "apart"])
def test_a_driver_missing_where_it_was_asked_for_is_told(process: str) -> None:
    """IM002, or its kin of unixODBC, has its sentence through both roads."""
    for text in ("DRIVER={Timberline Data};DBQ=x", "DSN=Nowhere"):
        with pytest.raises(SageUnavailable, match="driver is not installed"):
            choose(text, process)()


@pytest.mark.parametrize("process", ["inside", "apart"])
def test_faults_go_along(process: str, sage: Path) -> None:
    """The stand-in's faults are met on the chosen road."""
    switch(sage, wrong_password=True)
    with pytest.raises(SageUnavailable, match="refused the user name"):
        choose(string(sage), process, faults=sage / "faults.json")()


def test_what_a_process_sees() -> None:
    """Names in any spelling, files of drivers, data sources with their driver."""
    seen = Sight(64, ("SQLite3", "Timberline Data"), {"Company": "timberline data", "Other": "Gone"})
    for text, expected in (
        ("DRIVER={TIMBERLINE DATA}", True),
        ("DRIVER={Other}", False),
        (f"DRIVER={{{odbc_host.__file__}}}", True),
        ("DSN=COMPANY", True),
        ("DSN=Other", False),
        ("DSN=Nowhere", False),
    ):
        assert doors._sees(seen, Connection.parse(text)) is expected
