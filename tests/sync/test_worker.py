"""The sync thread with real parts: accepted in the desk, imported by the stand-in Sage, read back; and its brakes."""

from __future__ import annotations

import logging
import threading
import time
from decimal import Decimal
from typing import Any

import pytest

from erpdesk.core.changes import SAGE
from erpdesk.sync.events import Changed, Exporting, Idle, Paused, Stopped, SyncEvent, Syncing, Trouble, Waiting
from erpdesk.sync.sage.doors import open_standin
from erpdesk.workflows.rows import ErpState
from tests.sync.worker_kit import PACE, PATIENCE, Ear, running, worker_of
from tests.town import Town


def test_an_accepted_commitment_turns_green_together_with_mirror_and_committed_cost(town: Town) -> None:
    project = town.project()
    before = town.facts.job(project.sage_job)
    assert before is not None
    commitment, submission = town.accepted()
    number = town.desk.queries.commitment(commitment, town.manager).row.number
    shown: list[tuple[ErpState, Decimal | None, Decimal]] = []

    def look(event: SyncEvent) -> None:
        if isinstance(event, Changed) and ("submission", submission) in event.changes.touched:
            row = town.desk.queries.commitment(commitment, town.manager).row
            job = town.facts.job(project.sage_job)
            assert job is not None
            shown.append((row.erp_state, row.sage_amount, job.revised_commitment))

    ear = Ear(look)
    with running(worker_of(town, ear), town):
        assert ear.wait(Exporting).count == 1
        ear.wait(Exporting, lambda event: event.count == 0)
        ear.wait(Changed, lambda event: ("submission", submission) in event.changes.touched)
    row = town.desk.queries.commitment(commitment, town.manager).row
    assert row.erp_state is ErpState.SYNCED and row.amount == row.sage_amount == Decimal("1234.56")
    held = town.facts.commitment(number)
    assert held is not None and held.amount == row.amount
    synced = [each for each in shown if each[0] is ErpState.SYNCED]
    assert synced == [(ErpState.SYNCED, row.amount, before.revised_commitment + row.amount)]


def test_the_first_run_reads_sage_and_ends_idle(town: Town) -> None:
    ear = Ear()
    with running(worker_of(town, ear)):
        idle = ear.wait(Idle)
        assert idle.rows > 0 and idle.last_read is not None and idle.problems == ()
        assert any(isinstance(event, Syncing) for event in ear.heard)
    ear.wait(Stopped)


def test_sync_now_reads_again_and_tells_what_changed(town: Town) -> None:
    ear = Ear()
    worker = worker_of(town, ear)
    with running(worker):
        ear.wait(Idle)
        with town.sage.changing() as connection:
            connection.execute("UPDATE APM_MASTER__VENDOR SET Name = 'Renamed' WHERE rowid = 1")
        worker.sync_now()
        changed = ear.wait(Changed)
        assert changed.changes.touched == {(SAGE, "APM_MASTER__VENDOR")}


def test_a_pause_holds_everything_until_it_ends(town: Town) -> None:
    ear = Ear()
    worker = worker_of(town, ear)
    worker.pause()
    with running(worker, town):
        ear.wait(Paused)
        commitment, submission = town.accepted()
        worker.wake()
        worker.resume()
        ear.wait(Changed, lambda event: ("submission", submission) in event.changes.touched)
    assert [type(event) for event in ear.heard][:2] == [Paused, Idle]
    assert town.desk.queries.commitment(commitment, town.manager).row.erp_state in (ErpState.EXPORTING, ErpState.SYNCED)


def test_a_sage_that_is_away_is_waited_for_and_shown_after_some_tries(town: Town) -> None:
    hidden = town.sage.data_file.with_suffix(".away")
    town.sage.data_file.rename(hidden)
    ear = Ear()
    with running(worker_of(town, ear)):
        waiting = ear.wait(Waiting)
        assert "tsdata.db is missing" in waiting.text and waiting.retry_at is not None
        trouble = ear.wait(Trouble)
        assert trouble.text == waiting.text
        assert sum(isinstance(event, Waiting) for event in ear.heard) >= PACE.quiet_tries
        hidden.rename(town.sage.data_file)
        ear.wait(Idle)


def test_a_call_that_comes_at_the_end_of_a_round_is_not_lost(town: Town) -> None:
    accepted = [town.accepted()]

    def accept_another(event: SyncEvent) -> None:
        # Told from inside the round, after it has looked for items to send.
        if event == Exporting(0) and len(accepted) == 1:
            accepted.append(town.accepted())
            worker.wake()

    ear = Ear(accept_another)
    worker = worker_of(town, ear)
    with running(worker, town):
        for count in (1, 0, 1, 0):
            assert ear.wait(Exporting).count == count
        ear.wait(Idle)
    states = {town.desk.queries.commitment(each, town.manager).row.erp_state for each, _ in accepted}
    assert states == {ErpState.SYNCED}


def test_a_read_that_hangs_ends_with_the_worker(town: Town) -> None:
    town.sage.set_faults(hang="JCT_CURRENT__TRANSACTION")
    opened = threading.Event()

    def connect() -> Any:
        opened.set()
        return town.sage.connect()

    ear = Ear()
    worker = worker_of(town, ear, connect=connect)
    worker.start()
    assert opened.wait(PATIENCE)
    began = time.monotonic()
    assert worker.stop(5)
    assert time.monotonic() - began < 5
    ear.wait(Stopped)


def test_a_call_that_nothing_can_end_is_left_behind(town: Town) -> None:
    inside, let_go = threading.Event(), threading.Event()

    def stuck() -> Any:
        inside.set()
        let_go.wait(PATIENCE)
        return open_standin(town.sage.folder)()

    worker = worker_of(town, Ear(), connect=stuck)
    worker.start()
    assert inside.wait(PATIENCE)
    began = time.monotonic()
    assert not worker.stop(0.2)
    assert time.monotonic() - began < 2
    assert worker.daemon
    let_go.set()
    worker.join(PATIENCE)
    assert not worker.is_alive()


@pytest.mark.loud
def test_a_bug_is_logged_and_shown_and_the_worker_goes_on(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    times = 0

    def at(point: str) -> None:
        nonlocal times
        if point == "rendered" and (times := times + 1) == 1:
            raise ZeroDivisionError

    town.accepted()
    ear = Ear()
    with caplog.at_level(logging.ERROR), running(worker_of(town, ear, at=at), town):
        assert "Something unexpected" in ear.wait(Trouble).text
        ear.wait(Exporting)
    assert "ZeroDivisionError" in caplog.text
