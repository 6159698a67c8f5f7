"""The operator in Sage: imports what is delivered, once; a crash between the tables and the journal is survived."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from erpdesk.sync.sandbox.audit import ties
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.import_commitments import FILE, PRINT, REJECT
from erpdesk.sync.sandbox.operator import SandboxOperator

LINES = (
    '"C","SC-1",1,"Steel","STEEL",01/02/2026,10,1,0,0',
    '"CI","SC-1",1,"Line",,,,"J1","","05-100","S","",,,,"",100.10',
    '"C","SC-2",1,"No such vendor","NONE",01/02/2026,10,1,0,0',
    '"CI","SC-2",1,"Line",,,,"J1","","05-100","S","",,,,"",5.00',
)
STOPS_AT = """
import sys
from pathlib import Path
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.operator import SandboxOperator

def wait(step):
    if step == sys.argv[2]:
        print(step, flush=True)
        sys.stdin.read()

SandboxOperator(SandboxCompany(Path(sys.argv[1])), on_step=wait).step()
"""


def books(company: SandboxCompany) -> tuple[int, float]:
    """Number of commitments and the committed cost of the job."""
    with closing(company.connect()) as connection:
        assert ties(connection) == []
        count = connection.execute("SELECT COUNT(*) FROM JCM_MASTER__COMMITMENT").fetchone()[0]
        total = connection.execute("SELECT Original_Commitment FROM JCM_MASTER__JOB WHERE Job = 'J1'").fetchone()[0]
    return count, total


def last_line(company: SandboxCompany) -> str:
    """The last line of the journal."""
    return (company.imports / PRINT).read_text("cp1252").splitlines()[-1]


def test_one_round(company: SandboxCompany, deliver: Callable[..., None]) -> None:
    """Nothing to do; then an import; then nothing again until the journal was taken away; the input stays."""
    operator = SandboxOperator(company)
    assert not operator.step()
    deliver(*LINES)
    assert operator.step()
    assert books(company) == (3, 100.1)
    assert (company.imports / FILE).exists()
    assert not operator.step()
    assert last_line(company) == "Records read 4   accepted 2   rejected 2"
    # Taken away in this order, the next round finds nothing.
    (company.imports / FILE).unlink()
    assert not operator.step()
    (company.imports / PRINT).unlink()
    assert not operator.step()


@pytest.mark.parametrize("step", ["read", "committed", "rejects_written", "printed"])
def test_killed_at_each_step(company: SandboxCompany, deliver: Callable[..., None], step: str) -> None:
    """A real process is killed there; after it the import is run again and nothing is in the books twice."""
    deliver(*LINES)
    command = [sys.executable, "-c", STOPS_AT, str(company.folder), step]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline().decode().strip() == step
        child.kill()
    committed = step != "read"
    assert books(company) == ((3, 100.1) if committed else (2, 0.0))
    assert (company.imports / PRINT).exists() == (step == "printed")
    assert (company.imports / REJECT).exists() == (step in ("rejects_written", "printed"))
    ran = SandboxOperator(company).step()
    assert ran == (step != "printed")
    assert books(company) == (3, 100.1)
    if step in ("committed", "rejects_written"):
        # Faithful to Sage: it imports again and finds its own work.
        assert last_line(company) == "Records read 4   accepted 0   rejected 4"
        assert "commitment SC-1 already exists." in (company.imports / PRINT).read_text("cp1252")
        assert (company.imports / REJECT).read_bytes() == (company.imports / FILE).read_bytes()
    else:
        assert last_line(company) == "Records read 4   accepted 2   rejected 2"


def test_the_thread_imports_and_stops(company: SandboxCompany, deliver: Callable[..., None]) -> None:
    """Running by itself it sees a delivered file, prints, and ends when it is told to."""
    printed = threading.Event()
    operator = SandboxOperator(
        company, interval=0.01, on_step=lambda step: printed.set() if step == "printed" else None
    )
    operator.start()
    try:
        deliver(*LINES)
        assert printed.wait(20)
    finally:
        operator.stop()
    assert not operator.is_alive()
    assert operator.last_error is None
    assert books(company) == (3, 100.1)


def test_the_thread_outlives_an_error(company: SandboxCompany, deliver: Callable[..., None], tmp_path: Path) -> None:
    """A folder that is away for a while is an error of a round, not the end of the operator."""
    seen = threading.Event()
    printed = threading.Event()

    class Watched(SandboxOperator):
        """Tells when a round failed."""

        def step(self) -> bool:
            """One round."""
            try:
                return super().step()
            except OSError:
                seen.set()
                raise

    operator = Watched(company, interval=0.01, on_step=lambda step: printed.set() if step == "printed" else None)
    options = company.folder / "options.json"
    options.rename(tmp_path / "options.json")
    deliver(*LINES)
    operator.start()
    try:
        assert seen.wait(20)
        (tmp_path / "options.json").rename(options)
        assert printed.wait(20)
    finally:
        operator.stop()
    assert books(company) == (3, 100.1)
