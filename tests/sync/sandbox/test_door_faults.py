"""The faults of a site, seen through the read door."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.faults import Faults

QUERY = "SELECT COUNT(*) FROM JCM_MASTER__JOB"
HANGS_IN_A_THREAD = """
import sys, threading
from pathlib import Path
from erpdesk.sync.sandbox.company import SandboxCompany
connection = SandboxCompany(Path(sys.argv[1])).connect()
threading.Thread(target=lambda: connection.execute("SELECT Job FROM JCM_MASTER__JOB"), daemon=True).start()
print("left")
"""


def test_switches_keep_each_other(company: SandboxCompany) -> None:
    """One switch does not reset another; unknown names are errors; no file means a healthy company."""
    assert company.faults == Faults()
    company.set_faults(lock=True)
    assert company.set_faults(slow=0.5) == Faults(lock=True, slow=0.5) == company.faults
    with pytest.raises(TypeError):
        company.set_faults(typo=True)
    assert company.set_faults(lock=False, slow=0.0) == Faults()


def test_a_slow_site_delays_each_query(company: SandboxCompany) -> None:
    """Queries wait before they run, through the connection and through a cursor."""
    with closing(company.connect()) as connection:
        company.set_faults(slow=0.05)
        for execute in (connection.execute, connection.cursor().execute):
            began = time.monotonic()
            assert execute(QUERY).fetchone() == (2,)
            assert time.monotonic() - began >= 0.05


def test_a_hanging_read_ends_when_it_is_interrupted(company: SandboxCompany) -> None:
    """A query that hangs ends with an error when another thread interrupts it; the connection goes on to work."""
    company.set_faults(hang="JCM_MASTER__JOB")
    with closing(company.connect()) as connection:
        caught: list[str] = []

        def read() -> None:
            try:
                connection.execute(QUERY)
            except sqlite3.OperationalError as error:
                caught.append(str(error))

        reader = threading.Thread(target=read)
        reader.start()
        assert connection.execute("SELECT COUNT(*) FROM APM_MASTER__VENDOR").fetchone() == (1,)
        assert not caught
        connection.interrupt()
        reader.join(10)
        assert caught == ["interrupted"]
        company.set_faults(hang="")
        assert connection.execute(QUERY).fetchone() == (2,)


def test_a_hanging_read_does_not_keep_a_process_alive(company: SandboxCompany) -> None:
    """A process ends while one of its daemon threads hangs in a read."""
    company.set_faults(hang="*")
    command = [sys.executable, "-c", HANGS_IN_A_THREAD, str(company.folder)]
    done = subprocess.run(command, capture_output=True, timeout=30, check=True)
    assert done.stdout.strip() == b"left"


def test_a_missing_table_is_an_error(company: SandboxCompany) -> None:
    """A module that is not installed: queries on its table fail, others work."""
    company.set_faults(missing_table="JCT_CURRENT__TRANSACTION")
    with closing(company.connect()) as connection:
        with pytest.raises(sqlite3.OperationalError, match="no such table: JCT_CURRENT__TRANSACTION"):
            connection.execute("SELECT Job FROM JCT_CURRENT__TRANSACTION")
        assert connection.execute(QUERY).fetchone() == (2,)


def test_unreadable_rows(company: SandboxCompany) -> None:
    """Each kind of damage shows when the row is fetched: an error, a NUL, an impossible date, text for a number."""
    item = "SELECT {} FROM JCM_MASTER__COMMITMENT_ITEM WHERE Commitment = ? AND Item_Number = ?"
    found: dict[str, object] = {}
    for kind in ("nul", "date", "number", "junk"):
        spoilt = company.spoil_row(kind=kind)
        with closing(company.connect()) as connection:
            query = connection.execute(item.format(spoilt["column"]), (spoilt["Commitment"], spoilt["Item_Number"]))
            if kind == "junk":
                with pytest.raises(sqlite3.OperationalError, match="decode"):
                    query.fetchone()
            else:
                found[kind] = query.fetchone()[0]
    assert "\0" in str(found["nul"])
    assert found["date"] == "0000-00-00"
    assert found["number"] == "#######"
