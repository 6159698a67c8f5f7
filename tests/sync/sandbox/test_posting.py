"""Posting: months, closed periods, runs, and that a killed posting leaves everything as it was."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import close_month, post_entries, post_invoices, run_import
from tests.sync.sandbox.looking import row, run, value

Lay = Callable[..., None]
DC = '"DC","J1","","05-100","S",2,"{day}","{day}","Text",{units},,{amount},"",""'
CATEGORY = (
    "SELECT * FROM JCM_MASTER__CATEGORY WHERE Job = 'J1' AND Extra = '' AND Cost_Code = '05-100' AND Category = 'S'"
)
INVOICE = (
    '"APIF","STEEL","I-1","Text",100.00,,,,10/30/2026,,,,10/31/2026,,,,,,,,',
    '"APDF","OPEN",1,,,"J1","X1","05-100","S",,,"",,,,,,100.00,,,,10.00,,,,,,,,,,"Text",,',
)
KILLED = """
import sys
from pathlib import Path
from erpdesk.sync.sandbox import posting
from erpdesk.sync.sandbox.company import SandboxCompany

def wait(connection, jobs):
    print("before the totals", flush=True)
    sys.stdin.read()

posting.roll_up = wait
getattr(posting, sys.argv[2])(SandboxCompany(Path(sys.argv[1])))
"""


def costs(company: SandboxCompany) -> dict[str, float]:
    """The costs of the category by period, those that are not zero."""
    found = row(company, CATEGORY)
    return {name[:-5]: found[name] for name in found if name.endswith("_Cost") and found[name] and "Tax" not in name}


@pytest.fixture
def books(company: SandboxCompany) -> SandboxCompany:
    """The company on a Wednesday in November."""
    company.choose(books_date="2026-11-18")
    return company


def test_costs_fall_into_their_months(books: SandboxCompany, lay: Lay) -> None:
    """Job, year, quarter and month to date, last and next month, this and last week, by accounting date."""
    days = ("12/05/2025", "03/05/2026", "10/02/2026", "11/10/2026", "11/16/2026", "12/01/2026", "01/05/2027")
    lay("import_direct_costs", *(DC.format(day=day, amount=f"{2**n}.00", units=n) for n, day in enumerate(days)))
    run(books, "import_direct_costs")
    assert costs(books) == {}
    result = post_entries(books)
    assert (result.posted, result.amount) == (7, Decimal("127.00"))
    assert costs(books) == {
        **{"JTD": 127.0, "YTD": 30.0, "QTD": 28.0, "MTD": 24.0},
        **{"LM": 4.0, "NM": 32.0, "WTD": 16.0, "LW": 8.0},
    }
    assert row(books, CATEGORY)["JTD_Units"] == 21.0
    assert value(books, "SELECT MTD_Subcontract_Cost FROM JCM_MASTER__JOB WHERE Job = 'J1'") == 24.0
    assert value(books, "SELECT Last_Cost_Update FROM JCM_MASTER__JOB WHERE Job = 'J1'") == "2027-01-05"


def test_closing_a_month_turns_the_page(books: SandboxCompany, lay: Lay) -> None:
    """This month becomes last month, next month this month; a new quarter and year begin when it is time."""
    days = ("10/02/2026", "11/10/2026", "12/01/2026", "01/05/2027")
    lay("import_direct_costs", *(DC.format(day=day, amount=f"{2**n}.00", units="") for n, day in enumerate(days)))
    run(books, "import_direct_costs")
    post_entries(books)
    assert str(close_month(books, "JC")) == "2026-11-30"
    assert costs(books) == {"JTD": 15.0, "YTD": 7.0, "QTD": 7.0, "MTD": 4.0, "LM": 2.0, "NM": 8.0, "WTD": 4.0}
    assert str(close_month(books, "JC")) == "2026-12-31"
    assert costs(books) == {"JTD": 15.0, "YTD": 8.0, "QTD": 8.0, "MTD": 8.0, "LM": 4.0}
    assert books.settings.jc_closed_through == "2026-12-31"


def test_runs_and_sequences_go_up(books: SandboxCompany, lay: Lay) -> None:
    """One run a posting, above all runs there were; a sequence within it."""
    before = value(books, "SELECT MAX(Run) FROM JCT_CURRENT__TRANSACTION") or 0
    for number in (1, 2):
        lay("import_direct_costs", *(DC.format(day="11/10/2026", amount=number, units=n) for n in (1, 2)))
        run(books, "import_direct_costs")
        post_entries(books)
        assert value(books, "SELECT MAX(Run) FROM JCT_CURRENT__TRANSACTION") == before + number
    sql = "SELECT MAX(Sequence) FROM JCT_CURRENT__TRANSACTION WHERE Run = ?"
    assert value(books, sql, before + 2) == 2


@pytest.mark.parametrize("action", ["stop", "warn"])
def test_entries_in_a_month_that_was_closed_meanwhile(books: SandboxCompany, lay: Lay, action: str) -> None:
    """Imported in time, posted too late: they stay in new.jct, or go in with a warning."""
    lay("import_direct_costs", *(DC.format(day=day, amount="1.00", units="") for day in ("11/10/2026", "12/10/2026")))
    run(books, "import_direct_costs")
    books.choose(jc_closed_action=action)
    close_month(books, "JC")
    result = post_entries(books)
    left = int(action == "stop")
    assert (result.posted, result.left, len(result.warnings)) == (2 - left, left, 1)
    assert "the accounting date is in a closed period" in result.warnings[0]
    assert value(books, "SELECT COUNT(*) FROM JCT_NEW__TRANSACTION") == left


@pytest.mark.parametrize(("module", "action"), [("AP", "stop"), ("AP", "warn"), ("JC", "stop"), ("JC", "warn")])
def test_invoices_in_a_period_that_was_closed_meanwhile(
    books: SandboxCompany, lay: Lay, module: str, action: str
) -> None:
    """A closed period of either module keeps a job's invoice in new.api, or warns."""
    lay("import_ap", *INVOICE)
    assert run(books, "import_ap") == ["", ""]
    books.choose(**{f"{module.lower()}_closed_action": action})
    close_month(books, module)
    result = post_invoices(books)
    left = int(action == "stop")
    assert (result.posted, result.left, len(result.warnings)) == (1 - left, left, 1)
    assert f"in a closed period of {module}." in result.warnings[0]
    assert bool(row(books, "SELECT * FROM API_NEW__INVOICE")) == bool(left)


@pytest.mark.parametrize("fault", ["lock", "no_licence", "backup_window"])
def test_what_keeps_a_posting_from_starting(books: SandboxCompany, lay: Lay, fault: str) -> None:
    """Sage's words, and nothing was posted."""
    lay("import_ap", *INVOICE)
    run(books, "import_ap")
    books.set_faults(**{fault: True})
    for post in (post_entries, post_invoices):
        assert post(books).stopped.endswith("Nothing was posted.")
    books.set_faults(**{fault: False})
    assert value(books, "SELECT COUNT(*) FROM API_NEW__INVOICE") == 1


@pytest.mark.parametrize("what", ["post_entries", "post_invoices"])
def test_a_killed_posting_is_rolled_back(books: SandboxCompany, lay: Lay, what: str) -> None:
    """A real process is killed after it moved everything and before the totals: all is as before, and posts again."""
    lay("import_ap", *INVOICE)
    lay("import_direct_costs", DC.format(day="11/10/2026", amount="5.00", units=""))
    for program in ("import_ap", "import_direct_costs"):
        assert not run_import(books, program).stopped
    before = costs(books)
    command = [sys.executable, "-c", KILLED, str(books.folder), what]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline().decode().strip() == "before the totals"
        child.kill()
    assert costs(books) == before
    assert value(books, "SELECT COUNT(*) FROM API_NEW__INVOICE") == 1
    assert value(books, "SELECT COUNT(*) FROM JCT_NEW__TRANSACTION") == 1
    assert (post_entries(books).posted, post_invoices(books).posted) == (1, 1)
    assert costs(books)["JTD"] == 5.0
