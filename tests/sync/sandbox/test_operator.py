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
from erpdesk.sync.sandbox.programs import PROGRAMS
from tests.sync.sandbox.looking import SOUND as ALL
from tests.sync.sandbox.looking import value

NEW_ENTRIES = "SELECT COUNT(*) FROM JCT_NEW__TRANSACTION"
NEW_INVOICES = "SELECT COUNT(*) FROM API_NEW__INVOICE"
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


def test_every_kind_of_file_in_one_round(company: SandboxCompany, lay: Callable[..., None]) -> None:
    """Budgets first, then commitments, costs and invoices; what waits is posted by the switch."""
    for name, lines in ALL.items():
        lay(name, *lines)
    assert SandboxOperator(company).step()
    assert all((company.imports / program.print).exists() for program in PROGRAMS.values())
    assert (value(company, NEW_ENTRIES), value(company, NEW_INVOICES)) == (2, 1)
    for program in PROGRAMS.values():
        (company.imports / program.file).unlink()
        (company.imports / program.print).unlink()
    lay("import_direct_costs", *ALL["import_direct_costs"])
    lay("import_ap", *(line.replace("I-1", "I-2") for line in ALL["import_ap"]))
    assert SandboxOperator(company, posts=True).step()
    assert (value(company, NEW_ENTRIES), value(company, NEW_INVOICES)) == (0, 0)
    assert value(company, "SELECT JTD_Cost FROM JCM_MASTER__JOB WHERE Job = 'J1'") == 20.0
    assert value(company, "SELECT JTD_Cost FROM JCM_MASTER__EXTRA WHERE Extra = 'X1'") == 100.0
    assert value(company, "SELECT Original_Estimate FROM JCM_MASTER__JOB WHERE Job = 'J1'") == 5010.0


def test_what_the_person_ticks(company: SandboxCompany, lay: Callable[..., None]) -> None:
    """Options are chosen by program."""
    lay("import_estimates", *ALL["import_estimates"])
    ticked = {"import_estimates": {"approved_estimate_change": True}}
    assert SandboxOperator(company, posts=True, options=ticked).step()
    assert value(company, "SELECT JTD_Aprvd_Estimate_Chgs FROM JCM_MASTER__JOB WHERE Job = 'J1'") == 10.0


def test_a_silent_import_is_not_run_again(company: SandboxCompany, lay: Callable[..., None]) -> None:
    """No journal came: the person believes that it went in; another file is another import."""
    operator = SandboxOperator(company)
    company.set_faults(import_timeout=True)
    lay("import_estimates", *ALL["import_estimates"])
    assert operator.step()
    company.set_faults(import_timeout=False)
    assert not operator.step()
    assert value(company, NEW_ENTRIES) == 1
    lay("import_estimates", *ALL["import_estimates"], ALL["import_estimates"][1])
    assert operator.step()
    assert value(company, NEW_ENTRIES) == 3


def test_a_file_that_fails_keeps_no_other_waiting(company: SandboxCompany, lay: Callable[..., None]) -> None:
    """The error of one program is told after the others had their turn."""
    lay("import_direct_costs", *ALL["import_direct_costs"])
    lay("import_estimates", *ALL["import_estimates"])
    # A folder where the half-written journal belongs: this program cannot print.
    (company.folder / "estimates.prn.tmp").mkdir()
    with pytest.raises(OSError):
        SandboxOperator(company).step()
    assert not (company.imports / "estimates.prn").exists()
    assert (company.imports / "direct.prn").exists()
    assert value(company, NEW_ENTRIES) == 1


def test_a_question_on_the_screen_ends_with_the_thread(company: SandboxCompany, lay: Callable[..., None]) -> None:
    """The operator that waits for an answer can be stopped, and nothing was imported."""
    company.set_faults(prompt_hang=True)
    lay("import_estimates", *ALL["import_estimates"])
    operator = SandboxOperator(company, interval=0.01)
    operator.start()
    operator.stop(20)
    assert not operator.is_alive()
    assert value(company, NEW_ENTRIES) == 0
