"""When the sync thread reads what: by schedule, on demand, after an export, and after a person accepted a loss."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from erpdesk.core.changes import SAGE
from erpdesk.core.clock import CLOCK, Clock
from erpdesk.core.errors import ForPeople
from erpdesk.sync.events import Changed, Exporting, Idle, LossSeen, Syncing, Trouble, Waiting
from erpdesk.sync.mirror.book import SyncBook
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.problems import sentence
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.worker import AFTER_EXPORT, Worker
from erpdesk.workflows.sage_acts import Loss
from tests.sync.worker_kit import PACE, Ear, running, worker_of
from tests.town import Town

VENDORS = "APM_MASTER__VENDOR"


def read_times(town: Town) -> Counter[str]:
    """How often each table was read, by its title."""
    return Counter(run.table for run in SyncBook(town.mirror.store).runs())


def lose_vendors(town: Town) -> None:
    """Sage shows no vendors any more, as when a permission was taken away."""
    with town.sage.changing() as connection:
        connection.execute(f"CREATE TABLE kept AS SELECT * FROM {VENDORS}")
        connection.execute(f"DELETE FROM {VENDORS}")


def loss_of(town: Town, title: str) -> Loss:
    """What a person is asked about this table."""
    loss = next(row.loss for row in SyncBook(town.mirror.store).tables() if row.title == title)
    assert loss is not None
    return loss


def bring_vendors_back(town: Town) -> None:
    with town.sage.changing() as connection:
        connection.execute(f"INSERT INTO {VENDORS} SELECT * FROM kept")
        connection.execute("DROP TABLE kept")


def test_after_an_export_only_the_tables_that_it_shows_in_are_read(town: Town) -> None:
    ear = Ear()
    worker = worker_of(town, ear)
    with running(worker, town):
        ear.wait(Idle)
        before = read_times(town)
        town.accepted()
        worker.wake()
        ear.wait(Changed, lambda event: (SAGE, "JCM_MASTER__COMMITMENT") in event.changes.touched)
        idle = ear.wait(Idle)
    again = {title for title, count in read_times(town).items() if count > before[title]}
    titles = {row.id: row.title for row in SyncBook(town.mirror.store).tables()}
    assert again == {titles[name] for name in AFTER_EXPORT if before[titles[name]]}
    assert "Vendors" not in again and idle.rows > 1000


def test_everything_is_compared_when_a_person_asks_for_it(town: Town) -> None:
    ear = Ear()
    worker = worker_of(town, ear)
    with running(worker):
        ear.wait(Idle)
        worker.sync_now()
        ear.wait(Idle)
        worker.sync_now(full=True)
        ear.wait(Idle)
        runs = SyncBook(town.mirror.store).runs()
        tables = len({run.table for run in runs})
        assert {run.kind for run in runs[:tables]} == {"Everything"}
        worker.sync_now()
        ear.wait(Idle)
    assert "Stamped since" in {run.kind for run in SyncBook(town.mirror.store).runs()[:tables]}


def test_a_loss_is_told_once_and_taken_over_once_a_person_accepted_it(town: Town) -> None:
    ear = Ear()
    worker = worker_of(town, ear)
    with running(worker):
        ear.wait(Idle)
        lose_vendors(town)
        worker.sync_now()
        seen = ear.wait(LossSeen)
        assert seen.table == "Vendors" and "no rows at all" in seen.text
        assert any("no rows at all" in problem for problem in ear.wait(Idle).problems)
        worker.sync_now()
        ear.wait(Idle)
        assert sum(isinstance(event, LossSeen) for event in ear.heard) == 1
        before = read_times(town)
        worker.accept_loss("Vendors", loss_of(town, "Vendors"))
        assert ear.wait(Changed).changes.touched == {(SAGE, VENDORS)}
        assert ear.wait(Idle).problems == () and town.facts.vendors() == ()
        assert read_times(town) == before + Counter(["Vendors"])
        # The permission was for one run: the next loss waits for a person again.
        bring_vendors_back(town)
        worker.sync_now()
        ear.wait(Changed, lambda event: (SAGE, VENDORS) in event.changes.touched)
        lose_vendors(town)
        worker.sync_now()
        assert ear.wait(LossSeen).table == "Vendors"
    assert town.facts.vendors()


def test_a_loss_that_grew_after_a_person_accepted_it_is_not_taken_over(town: Town) -> None:
    ear = Ear()
    worker = worker_of(town, ear)
    with running(worker):
        ear.wait(Idle)
        with town.sage.changing() as connection:
            connection.execute(f"DELETE FROM {VENDORS} WHERE rowid % 2")
        worker.sync_now()
        ear.wait(LossSeen)
        seen, before = loss_of(town, "Vendors"), town.facts.vendors()
        lose_vendors(town)
        worker.accept_loss("Vendors", seen)
        assert "more is gone by now: Vendors" in ear.wait(Trouble).text
        assert "no rows at all" in ear.wait(LossSeen).text
        assert town.facts.vendors() == before
        worker.accept_loss("Vendors", loss_of(town, "Vendors"))
        ear.wait(Changed)
    assert town.facts.vendors() == ()


def test_a_permission_that_could_not_be_used_is_gone_and_said(town: Town) -> None:
    ear = Ear()
    worker = worker_of(town, ear)
    hidden = town.sage.data_file.with_suffix(".away")
    with running(worker):
        ear.wait(Idle)
        lose_vendors(town)
        town.sage.data_file.rename(hidden)
        worker.accept_loss("Vendors", Loss(1000, 1000))
        assert "was not taken over" in ear.wait(Trouble).text
        ear.wait(Waiting)
        hidden.rename(town.sage.data_file)
        worker.sync_now()
        assert ear.wait(LossSeen).table == "Vendors"
    assert town.facts.vendors()


def test_a_backup_that_has_the_company_to_itself_is_waited_for(town: Town) -> None:
    def connect() -> Any:
        try:
            return town.sage.connect()
        except sqlite3.Error as error:
            raise sentence(error) from error

    town.sage.set_faults(backup_window=True)
    ear = Ear()
    with running(worker_of(town, ear, connect=connect)):
        assert ear.wait(Waiting).retry_at is not None
        town.sage.set_faults(backup_window=False)
        assert ear.wait(Idle, lambda event: event.last_read is not None).problems == ()


class DayClock(Clock):
    """A clock whose time of day somebody else changes; its seconds run on as ever."""

    def __init__(self) -> None:
        super().__init__(lambda: datetime.now(UTC) + self.ahead)
        self.ahead = timedelta(0)


@pytest.mark.parametrize(("ahead", "reads"), [(timedelta(hours=9), True), (timedelta(seconds=20), False)])
def test_a_machine_that_slept_reads_sage_when_it_wakes(town: Town, ahead: timedelta, reads: bool) -> None:
    clock, ear = DayClock(), Ear()
    pace = replace(PACE, look=0.01)
    worker = worker_of(town, ear, clock=clock, pace=pace)
    with running(worker):
        ear.wait(Idle)
        before = read_times(town)
        clock.ahead = ahead
        if reads:
            ear.wait(Idle)
        else:
            # A whole round of looks at the clocks, and no read; then one that is asked for.
            worker.accept_loss("Jobs", Loss(1, 10))
            ear.wait(Idle)
    more = read_times(town) - before
    assert ("Vendors" in more) is reads and "Jobs" in more


def test_a_clock_that_is_put_back_delays_nothing(town: Town) -> None:
    clock, ear = DayClock(), Ear()
    worker = worker_of(town, ear, clock=clock, pace=replace(PACE, look=0.01), interval=timedelta(seconds=0.2))
    with running(worker, town):
        ear.wait(Idle)
        clock.ahead = -timedelta(days=400)
        ear.wait(Syncing)
        ear.wait(Idle)
        town.accepted()
        worker.wake()
        ear.wait(Exporting, lambda event: event.count == 1)
        ear.wait(Exporting, lambda event: event.count == 0)


def test_what_comes_after_a_reading_is_called_and_its_trouble_said(town: Town) -> None:
    calls: list[datetime] = []

    def look() -> None:
        calls.append(CLOCK.now())
        raise ForPeople("The note could not be written.")

    ear = Ear()
    with running(worker_of(town, ear, after_read=look)):
        assert ear.wait(Trouble).text == "The note could not be written."
        assert ear.wait(Idle).rows > 0
    assert calls


def test_the_schedule_is_five_minutes(town: Town) -> None:
    worker = Worker(mirror=town.mirror, reader=FreshReader(open_standin(town.sage.folder)), exporter=None, emit=Ear())
    assert worker.interval == timedelta(minutes=5)
