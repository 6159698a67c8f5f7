"""erpdesk says nothing to Sage but SELECT, the probe for rights apart: seen at the driver manager and in the code."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import erpdesk
from erpdesk.sync.sage.doors import open_host
from erpdesk.sync.sage.odbc_link import only_select
from erpdesk.sync.sage.rights import STATEMENTS, check_rights
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.standing import FreshReader
from tests.sync.export.yard import SNAPSHOT
from tests.sync.mirror.kit import Desk, ask, copied
from tests.sync.sage.doorways import string

SAID = re.compile(r"\[(SQL\w+?)W?\.c\]\[\d+\]\s+Entry:(?:(?!\[ODBC\]).)*?SQL = \[(.*?)\]\[length", re.DOTALL)
ENTERED = re.compile(r"\[(SQL\w+?)W?\.c\]\[\d+\]\s+Entry:")
WRITING_CALLS = {"SQLSetPos", "SQLBulkOperations"}


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A driver manager that writes down every call that a helper program makes from now on."""
    shown = subprocess.run(["odbcinst", "-j"], capture_output=True, text=True, check=True).stdout
    drivers = next(line.partition(":")[2].strip() for line in shown.splitlines() if line.startswith("DRIVERS"))
    folder, log = tmp_path / "manager", tmp_path / "trace.log"
    folder.mkdir()
    shutil.copy(drivers, folder / "odbcinst.ini")
    with (folder / "odbcinst.ini").open("a") as file:
        file.write(f"\n[ODBC]\nTrace=Yes\nTraceFile={log.name}\n")
    # The manager cuts a long path off; a helper program starts where this process is.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ODBCSYSINI", str(folder))
    return log


def statements(log: Path) -> list[str]:
    """Every statement that the driver manager was given, in order."""
    return [sql for _, sql in SAID.findall(log.read_text("utf-8", "replace"))]


def test_a_whole_refresh_and_a_check_before_export_say_only_select(sage: Path, trace: Path, tmp_path: Path) -> None:
    """Every statement is looked at where the driver manager gets it; no other way of writing is entered."""
    before = (sage / "tsdata.db").read_bytes()
    connect = open_host(string(sage))
    desk = Desk(tmp_path / "mirror")
    assert desk.refresh(connect).ok and desk.refresh(connect).ok
    with FreshReader(connect) as reader:
        reader.why_not(replace(SNAPSHOT, sage_id="SC-NEW"))
        reader.count_commitments()
        reader.times([ask(sage, "SELECT Commitment FROM JCM_MASTER__COMMITMENT")[0][0], "SC-NEW"])
        assert reader.commitment("SC-NEW") is None
    said = statements(trace)
    assert len(said) > 40
    for sql in said:
        assert sql.startswith("SELECT ") and ";" not in sql
    for name in ("JCT_CURRENT__TRANSACTION", "APM_MASTER__VENDOR", "JCM_MASTER__COMMITMENT_ITEM"):
        assert any(name in sql for sql in said)
    entered = set(ENTERED.findall(trace.read_text("utf-8", "replace")))
    assert "SQLFetch" in entered and not entered & WRITING_CALLS
    assert (sage / "tsdata.db").read_bytes() == before


def test_the_probe_is_the_one_exception(sage: Path, trace: Path) -> None:
    """Asking for rights says these statements and nothing else."""
    check_rights(open_host(string(sage), read_only=False))
    said = statements(trace)
    assert said and set(said) <= set(STATEMENTS)


def test_a_refused_statement_never_reaches_the_driver(sage: Path, trace: Path) -> None:
    """Refusing is done before the driver manager hears of it."""
    with closing(Session(open_host(string(sage)), 60, threading.Event())) as session:
        with pytest.raises(ValueError, match="only one SELECT"):
            session.select("DELETE FROM JCM_MASTER__JOB")
        session.select("SELECT 'the trace is on'").close()
    assert statements(trace) == ["SELECT 'the trace is on'"]


def calls(source: str, names: tuple[str, ...]) -> Iterator[str]:
    """The functions in which something of these names is called."""

    def walk(node: ast.AST, inside: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            deeper = child.name if isinstance(child, ast.FunctionDef) else inside
            if isinstance(child, ast.Attribute) and child.attr in names:
                yield deeper
            yield from walk(child, deeper)

    yield from walk(ast.parse(source), "")


def test_few_places_speak_to_sage() -> None:
    """In the connector a statement is said for a query, for the probe, and by the door of the driver itself."""
    folder = Path(erpdesk.__file__).parent / "sync" / "sage"
    found = {
        (path.name, function)
        for path in folder.glob("*.py")
        for function in calls(path.read_text("utf-8"), ("execute", "executemany", "executescript"))
    }
    assert found == {
        ("session.py", "try_select"),
        ("doors.py", "probe_update"),
        # The stand-in's file: a look whether it is one.
        ("doors.py", "_open_file"),
        # The driver's own door: both sides of the check, in this process and in the helper program.
        ("odbc_link.py", "execute"),
        ("odbc_link.py", "probe_update"),
        ("odbc_host.py", "_answer"),
    }


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT Job --'\nINTO stolen --'\nFROM JCM_MASTER__JOB",
        "SELECT Job /*'*/ INTO stolen /*'*/ FROM JCM_MASTER__JOB",
    ],
)
def test_nothing_hides_behind_a_comment(sql: str) -> None:
    with pytest.raises(ValueError, match="only one SELECT"):
        only_select(sql)


def test_nobody_else_opens_a_query() -> None:
    """Outside of the connector's doors nobody takes a cursor, and nobody but them loads pyodbc."""
    root = Path(erpdesk.__file__).parent
    allowed = {"session.py", "doors.py", "odbc_link.py", "odbc_host.py", "host_door.py"}
    for path in root.rglob("*.py"):
        source = path.read_text("utf-8")
        if path.parent == root / "sync" / "sage" and path.name in allowed:
            continue
        if path.parent == root / "sync" / "sandbox":
            continue
        assert list(calls(source, ("probe_update",))) == [] or path.name == "rights.py", path
        assert not re.search(r"^\s*(import|from) pyodbc", source, re.MULTILINE), path
        if path.is_relative_to(root / "sync"):
            assert not re.search(r"(session|self|door)\.connection\.cursor\(|connect\(\)\.cursor\(", source), path


def test_the_trace_sees_a_write(sage: Path, trace: Path) -> None:
    """The proof itself is proven: what another program writes through ODBC stands in the trace."""
    text = f"DRIVER={{SQLite3}};Database={sage / 'tsdata.db'}"
    writer = 'import pyodbc, sys\npyodbc.connect(sys.argv[1]).cursor().execute("DELETE FROM ODD WHERE 1 = 0")'
    with closing(open_host(text)()):
        subprocess.run([sys.executable, "-c", writer, text], capture_output=True, check=False)
    assert "DELETE FROM ODD WHERE 1 = 0" in statements(trace)
