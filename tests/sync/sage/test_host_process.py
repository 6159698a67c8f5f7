"""The helper program as a process: it can be killed and hang, it tells no secret, and it is never left behind."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import date
from datetime import time as clock_time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage import odbc_host, odbc_link
from erpdesk.sync.sage.doors import open_host
from erpdesk.sync.sage.host_door import HostConnection, look
from erpdesk.sync.sage.host_program import command, own_program
from erpdesk.sync.sage.odbc_host import pack, unpack
from erpdesk.sync.sage.reader import SageReader
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import table
from tests.sync.mirror.kit import copied
from tests.sync.sage.doorways import PATIENCE, ended, every, string

COSTS = table("JCT_CURRENT__TRANSACTION")
PLACES = (odbc_host, odbc_link)


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


def test_the_program_needs_nothing_but_python_and_pyodbc() -> None:
    """No import of erpdesk but the file beside it, so that a Python without erpdesk can run it."""
    allowed = set(sys.stdlib_module_names) | {"pyodbc", "odbc_link", "erpdesk.sync.sage.odbc_link"}
    for module in PLACES:
        assert module.__file__ is not None
        for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name if name in allowed else name.partition(".")[0] for name in names} <= allowed


def test_a_python_without_erpdesk_runs_it(sage: Path, tmp_path: Path) -> None:
    """The two files and pyodbc in a folder, and a Python that knows no installed package."""
    found = importlib.util.find_spec("pyodbc")
    assert found is not None and found.origin is not None
    alone = tmp_path / "alone"
    alone.mkdir()
    for file in (odbc_host.__file__, odbc_link.__file__, found.origin):
        shutil.copy(file, alone)
    program = [sys.executable, "-S", "-E", str(alone / "odbc_host.py")]
    with closing(open_host(string(sage), program=program)()) as connection:
        assert every(connection, "SELECT COUNT(*) FROM JCM_MASTER__JOB") == [(3,)]


def test_a_python_without_pyodbc_is_told(sage: Path) -> None:
    """What to install, instead of a search for a driver that is there."""
    program = [sys.executable, "-S", "-E", odbc_host.__file__]
    for ask in (open_host(string(sage), program=program), lambda: look(program)):
        with pytest.raises(SageUnavailable, match="lacks pyodbc"):
            ask()


def test_the_program_tells_what_it_sees() -> None:
    """Its bitness and the drivers of the system."""
    seen = look()
    assert seen.bits == struct.calcsize("P") * 8 and "SQLite3" in seen.drivers


def test_a_killed_program_is_told_and_reading_goes_on(sage: Path) -> None:
    """Killed in the middle of a table: a clear sentence, and the next read starts a new one."""
    with SageReader(open_host(string(sage))) as reader:
        reader.probe()
        rows = reader.rows(COSTS)
        connection = reader._session.connection if reader._session else None
        assert isinstance(connection, HostConnection)
        os.kill(connection.pid, signal.SIGKILL)
        with pytest.raises(SageUnavailable, match=r"helper program odbc_host\.py ended by itself \(exit code -9\)"):
            list(rows)
        with pytest.raises(SageUnavailable, match="ended by itself"):
            list(reader.rows(COSTS))
        reader.close()
        assert sum(len(batch.rows) for batch in reader.rows(COSTS)) == 300


def test_a_program_that_does_not_obey_is_ended(sage: Path) -> None:
    """Stopped dead, it hears no cancel: its process is ended within the bound, and the sentence says why."""
    stopped = threading.Event()
    with closing(Session(open_host(string(sage)), 60, stopped)) as session:
        pid = session.connection.pid
        os.kill(pid, signal.SIGSTOP)
        canceller = threading.Timer(0.2, stopped.set)
        canceller.start()
        began = time.monotonic()
        with pytest.raises(SageUnavailable, match="was stopped"):
            session.select("SELECT 1")
        assert time.monotonic() - began < 8
        canceller.join()
        assert ended(pid)


def test_one_interrupt_is_enough(sage: Path) -> None:
    """Asked once from another thread, a program that hears nothing is ended; a later call says the same."""
    with closing(open_host(string(sage))()) as connection:
        os.kill(connection.pid, signal.SIGSTOP)
        other = threading.Timer(0.2, connection.interrupt)
        other.start()
        for _ in range(2):
            with pytest.raises(SageUnavailable, match="did not answer any more"):
                connection.cursor().execute("SELECT 1")
        other.join()


def test_an_interrupt_between_calls_does_nothing(sage: Path) -> None:
    """Nothing is under way, so nothing is ended."""
    with closing(open_host(string(sage))()) as connection:
        connection.interrupt()
        assert every(connection, "SELECT 1") == [(1,)]


def test_a_connection_that_hangs_while_closing_is_ended(sage: Path) -> None:
    """Closing waits for nobody for long, and leaves no process."""
    connection = open_host(string(sage))()
    os.kill(connection.pid, signal.SIGSTOP)
    connection.close()
    connection.close()
    assert ended(connection.pid)


def test_nothing_is_left_of_a_closed_connection(sage: Path) -> None:
    """No process, not even a dead one, no thread, no pipe."""
    before = set(os.listdir("/proc/self/fd")), set(threading.enumerate())
    connection = open_host(string(sage))()
    pid = connection.pid
    connection.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)
    assert (set(os.listdir("/proc/self/fd")), set(threading.enumerate())) == before


def test_a_refused_login_leaves_nothing(tmp_path: Path) -> None:
    """A company that does not open costs no process."""
    before = set(threading.enumerate())
    with pytest.raises(SageUnavailable, match="driver is not installed"):
        open_host("DRIVER={Timberline Data};DBQ=x;UID=u;PWD=secret1")()
    assert set(threading.enumerate()) == before


@pytest.mark.parametrize("hanging", [False, True])
def test_the_program_ends_with_erpdesk(hanging: bool, sage: Path) -> None:
    """erpdesk is killed: its helper goes as well, even from a query without end."""
    endless = "SELECT COUNT(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)"
    script = f"""
import sys
from erpdesk.sync.sage.doors import open_host
connection = open_host({string(sage)!r})()
print(connection.pid, flush=True)
if {hanging}:
    connection.cursor().execute({endless!r}).fetchmany(1)
sys.stdin.read()
"""
    parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        helper = int(parent.stdout.readline())
        parent.kill()
        assert ended(helper)


def wrapper(tmp_path: Path, before: str) -> list[str]:
    """The program with something in front of it."""
    file = tmp_path / "wrapper.py"
    start = f"runpy.run_path({odbc_host.__file__!r}, run_name='__main__')"
    place = str(Path(odbc_host.__file__).parent)
    file.write_text(f"import runpy, sys\nsys.path[0] = {place!r}\n{before}\n{start}\n", "utf-8")
    return [sys.executable, str(file)]


def test_a_driver_that_prints_much_stops_nothing(sage: Path, tmp_path: Path) -> None:
    """A million characters of complaints, on both outputs, and the rows still come."""
    noise = "sys.stderr.write('noise\\n' * 200_000)\nsys.stderr.flush()"
    with closing(open_host(string(sage), program=wrapper(tmp_path, noise))()) as connection:
        assert every(connection, "SELECT COUNT(*) FROM JCM_MASTER__JOB") == [(3,)]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (["no-such-helper-program"], "no-such-helper-program cannot be started"),
        ([sys.executable, "-c", "print('hello')"], r"ended by itself \(exit code 0\)"),
        ([sys.executable, "-c", "import sys; sys.stdin.readline(); sys.exit('broken PWD=canary')"], r"broken PWD=…"),
        ([sys.executable, "-c", "import sys; sys.stdin.readline(); sys.exit('no canary')"], r"exit code 1: no …\)"),
        (["cat"], "answers what erpdesk does not understand"),
    ],
)
def test_a_program_that_is_no_helper_is_told(program: list[str], words: str) -> None:
    """A wrong name in the settings, or a helper that cannot run."""
    with pytest.raises(SageUnavailable, match=words) as caught:
        open_host("DSN=x;PWD=canary", program=program)()
    assert "canary" not in str(caught.value) and caught.value.next_step


def test_a_program_that_never_answers_is_ended() -> None:
    """A login that hangs is given up after its time."""
    program = [sys.executable, "-c", "import sys; [None for line in sys.stdin]"]
    began = time.monotonic()
    with pytest.raises(SageUnavailable, match="did not answer any more"):
        open_host("DSN=x", program=program, seconds=-1)()
    assert time.monotonic() - began < PATIENCE


def test_the_password_is_in_no_command_and_no_environment(sage: Path) -> None:
    """What other users of the computer can look at holds neither the password nor the login."""
    text = string(sage, more="UID=canary-login;PWD={canary};;secret};")
    with closing(open_host(text)()) as connection:
        shown = b"".join(Path(f"/proc/{connection.pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
        assert b"canary" not in shown and odbc_host.__file__.encode() in shown


def test_the_program_itself_refuses_what_is_no_select(sage: Path) -> None:
    """Even when it is asked past erpdesk's own check."""
    with closing(open_host(string(sage))()) as connection:
        for sql in ("DELETE FROM JCM_MASTER__JOB", "SELECT 1; SELECT 2", "SELECT 1 INTO x"):
            with pytest.raises(ValueError, match="only one SELECT"):
                connection.ask("execute", cursor=9, sql=sql, values="")
        with pytest.raises(ValueError, match=r"the key '\.~'"):
            connection.ask("probe_update", sql="UPDATE JCM_MASTER__JOB SET Job = '' WHERE Job = '1'")
        with pytest.raises(ValueError, match="unknown request"):
            connection.ask("run", sql="SELECT 1")


def test_a_closed_connection_says_so(sage: Path) -> None:
    """Using it after closing is an error of the driver's kind."""
    connection = open_host(string(sage))()
    connection.close()
    with pytest.raises(Exception, match="08003"):
        connection.cursor().execute("SELECT 1")


def test_commands_of_the_settings(tmp_path: Path) -> None:
    """A helper program as it is; a Python runs erpdesk's script; nothing means erpdesk's own."""
    assert command(" ") is None
    assert command("helper.exe") == ["helper.exe"]
    assert command('"python.exe"') == ["python.exe", odbc_host.__file__]
    assert own_program() == [sys.executable, odbc_host.__file__]


def test_an_installation_without_its_helper_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installed erpdesk looks beside itself."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "erpdesk.exe"))
    with pytest.raises(SageUnavailable, match=r"erpdesk-odbc\.exe is not installed beside"):
        own_program()
    (tmp_path / "erpdesk-odbc.exe").touch()
    assert own_program() == [str(tmp_path / "erpdesk-odbc.exe")]


class Words(str):
    """A text of a driver's own kind."""


class Bits(bytes):
    """Bytes of a driver's own kind."""


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.text(st.characters(categories=["Cs"])),
    st.binary(),
    st.binary().map(bytearray),
    st.binary().map(Bits),
    st.text().map(Words),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.decimals(allow_nan=False),
)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[VALUES] * width), max_size=6)))
def test_rows_come_back_equal(rows: list[tuple[Any, ...]]) -> None:
    """Every type that a driver hands over comes back equal, and of the plain type."""
    back = unpack(pack(rows))
    assert back == rows
    for row, before in zip(back, rows, strict=True):
        for value, was in zip(row, before, strict=True):
            assert isinstance(was, type(value)) and type(value) not in (Words, Bits)


def test_a_value_that_cannot_be_carried_is_said() -> None:
    """Nothing is turned into something else silently."""
    with pytest.raises(TypeError, match="type complex cannot be carried"):
        pack([(1j,)])
    kept = (date(2026, 2, 28), clock_time(1, 2, 3), Decimal("1.10"))
    assert str(unpack(pack([kept]))[0][2]) == "1.10"
    assert json.dumps(unpack(pack([(), ()]))) == "[[], []]"
