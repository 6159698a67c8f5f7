"""A company as the program opens it: over the stand-in's own file and over a real ODBC driver."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from erpdesk import demo, sample
from erpdesk.company import Company, open_company
from erpdesk.core.clock import CLOCK
from erpdesk.core.errors import ForPeople
from erpdesk.paths import CompanyPaths
from erpdesk.settings import CompanySettings
from erpdesk.sync.events import Idle, SyncEvent
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import CommitmentRow, ErpState

PATIENCE = 30


@pytest.fixture
def place(tmp_path: Path) -> CompanyPaths:
    return demo.prepare(CompanyPaths(tmp_path / "company"), tmp_path / "sage", transactions=300)


def over_odbc(place: CompanyPaths) -> None:
    settings = CompanySettings.load(place.settings)
    file = Path(settings.sage_folder) / "tsdata.db"
    settings.changed(stand_in=False, odbc=f"DRIVER={{SQLite3}};Database=file:{file}?mode=ro").save(place.settings)


def over_file(place: CompanyPaths) -> None:
    """The sample company's settings already say so."""


def wait_for(events: SimpleQueue[SyncEvent], good: Callable[[], bool]) -> None:
    """Follows the worker's events until something holds."""
    while not good():
        try:
            events.get(timeout=PATIENCE)
        except Empty:
            raise AssertionError("the worker went quiet before it was done") from None


@pytest.mark.parametrize("door", [over_file, over_odbc])
def test_a_commitment_goes_into_sage_and_back(place: CompanyPaths, door: Callable[[CompanyPaths], None]) -> None:
    """P1, P2, P3, P12: mirror, list and committed cost agree to the cent."""
    door(place)
    events: SimpleQueue[SyncEvent] = SimpleQueue()
    company = open_company(place, events.put)
    operator = demo.operator(company.settings)
    sample.add_people(company.store)
    operator.start()
    company.worker.start()
    wait_for(events, lambda: bool(company.facts.jobs()))
    demo.settle(company.store, company.facts, company.desk)
    people = {each.name: each.id for each in company.desk.queries.people()}
    waiting = company.desk.console.queue("commitment", View.READY_TO_EXPORT, None, people[sample.APPROVER])[0]
    wait_for(events, lambda: _at_rest(company))
    read_anew(company, events)
    before = company.facts.job(waiting.job)
    approver = people[sample.APPROVER]
    seen = company.desk.console.review(waiting.id, None, approver)
    company.desk.erp.accept(approver, waiting.id, waiting.sage_id, seen.sha256, uuid.uuid4().hex)
    wait_for(events, lambda: _row(company, waiting.item_id).sage_amount is not None)
    read_anew(company, events)
    row, after = _row(company, waiting.item_id), company.facts.job(waiting.job)
    assert row.erp_state is ErpState.SYNCED
    assert row.sage_amount == row.amount
    assert before is not None and after is not None
    assert after.revised_commitment - before.revised_commitment == row.amount
    assert after.revised_commitment == seen.job_committed + row.amount
    assert company.close(PATIENCE)
    operator.stop()


def read_anew(company: Company, events: SimpleQueue[SyncEvent]) -> None:
    """Waits for a read of Sage in which every table was begun from now on."""
    asked = CLOCK.now()
    company.worker.sync_now()
    wait_for(events, lambda: company.read_since(asked))


def _at_rest(company: Company) -> bool:
    """Whether nothing is on its way any more, and the mirror shows everything that arrived."""
    rows = company.desk.queries.commitments()
    exporting = any(row.erp_state is ErpState.EXPORTING for row in rows)
    return not exporting and all(row.sage_amount is not None for row in rows if row.erp_state is ErpState.SYNCED)


def _row(company: Company, commitment: str) -> CommitmentRow:
    return next(each for each in company.desk.queries.commitments() if each.id == commitment)


def test_rows_that_can_not_be_read_are_told(place: CompanyPaths) -> None:
    settings = CompanySettings.load(place.settings)
    SandboxCompany(Path(settings.sage_folder)).spoil_row("JCT_CURRENT__TRANSACTION", "number")
    events: SimpleQueue[SyncEvent] = SimpleQueue()
    company = open_company(place, events.put)
    company.worker.start()
    told: list[Idle] = []

    def idle() -> bool:
        event = events.get(timeout=PATIENCE)
        if isinstance(event, Idle):
            told.append(event)
        return bool(told and told[-1].last_read)

    while not idle():
        pass
    assert "is not a number" in told[-1].problems[0]
    assert told[-1].problems[0].startswith("Job-cost transactions, row ")
    assert company.close(PATIENCE)


def test_the_current_mirror_is_remembered(place: CompanyPaths) -> None:
    first = open_company(place, lambda event: None)
    assert first.read_once().first_load
    jobs = first.facts.jobs()
    first.close()
    second = open_company(place, lambda event: None)
    assert second.facts.jobs() == jobs
    assert not second.read_once().first_load
    second.close()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"wrong_password": True}, "refused the user name or password"),
        ({"backup_window": True}, "status 85"),
        ({"missing_table": "JCT_CURRENT__TRANSACTION"}, "no table"),
    ],
)
def test_what_goes_wrong_at_the_stand_in_is_met_and_passes(
    place: CompanyPaths, fault: dict[str, bool | str], words: str
) -> None:
    """The switches of the sample company reach erpdesk, and when they are off it reads again."""
    company = open_company(place, lambda event: None)
    sage = SandboxCompany(Path(company.settings.sage_folder))
    assert company.read_once().ok
    sage.set_faults(**fault)
    with pytest.raises(ForPeople, match=words):
        company.read_once()
    sage.set_faults(**dict.fromkeys(fault, "" if "missing_table" in fault else False))
    assert company.read_once().ok
    company.close()
