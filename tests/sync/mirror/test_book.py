"""The book of readings over a real mirror: runs, freshness, rows set aside, each as a person reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from erpdesk.core.clock import CLOCK
from erpdesk.sync.mirror.book import SyncBook, TableState
from erpdesk.sync.mirror.facts import table_title
from erpdesk.sync.mirror.guard import Guard
from erpdesk.sync.sage.tables import catalogue, table
from erpdesk.workflows.sage_acts import Loss
from tests.sync.mirror.kit import Desk, alter, copied, door

COMMITMENTS = table("JCM_MASTER__COMMITMENT")


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "mirror")


@pytest.fixture
def book(desk: Desk) -> SyncBook:
    return SyncBook(desk.store)


def states(book: SyncBook) -> dict[str, TableState]:
    return {row.title: row.state for row in book.tables()}


def test_before_the_first_reading_every_table_is_there_and_says_so(book: SyncBook) -> None:
    assert [row.id for row in book.tables()] == [each.name for each in catalogue()]
    assert set(states(book).values()) == {TableState.NEVER}
    assert all(row.as_of is None and row.rows == 0 for row in book.tables())
    assert book.runs() == () and book.odd_rows() == ()


def test_a_reading_is_a_row_for_each_table_with_the_time_it_began(desk: Desk, book: SyncBook, sage: Path) -> None:
    before = CLOCK.now()
    desk.refresh(door("file", sage))
    after = CLOCK.now()
    runs = book.runs()
    assert [run.id for run in runs] == sorted((run.id for run in runs), reverse=True)
    read = {row.title for row in book.tables() if row.state is TableState.AS_IN_SAGE}
    assert {run.table for run in runs} == read and "Commitments" in read
    for run in runs:
        assert before <= run.began <= run.ended <= after and run.ok and run.problem == ""
        assert run.came == run.rows and run.changed == run.gone == 0
    fresh = {row.title: row for row in book.tables()}
    assert fresh["Commitments"].rows == len(desk.rows(COMMITMENTS))
    assert fresh["Commitments"].as_of == next(run.began for run in runs if run.table == "Commitments")


def test_what_came_changed_and_went_is_told_newest_first(desk: Desk, book: SyncBook, sage: Path) -> None:
    desk.refresh(door("file", sage))
    alter(sage, "UPDATE APM_MASTER__VENDOR SET Name = 'Renamed' WHERE rowid = 1")
    alter(sage, "DELETE FROM APM_MASTER__VENDOR WHERE rowid = 2")
    desk.refresh(door("file", sage))
    run = next(each for each in book.runs() if each.table == "Vendors")
    assert (run.came, run.changed, run.gone, run.ok) == (0, 1, 1, True)
    assert len(book.runs(limit=3)) == 3 and book.runs(limit=3) == book.runs()[:3]


def test_a_table_that_a_company_does_not_have_is_no_problem(desk: Desk, book: SyncBook, sage: Path) -> None:
    alter(sage, "DROP TABLE TS_CTL_RECORD_3")
    desk.refresh(door("file", sage))
    row = next(each for each in book.tables() if each.id == "TS_CTL_RECORD_3")
    assert (row.state, row.problem, row.as_of, row.waits) == (TableState.NOT_HERE, "", None, False)


def test_a_loss_waits_for_a_person_and_the_table_stays_as_old_as_it_is(desk: Desk, book: SyncBook, sage: Path) -> None:
    desk.refresh(door("file", sage))
    began = next(row.as_of for row in book.tables() if row.title == "Vendors")
    rows = next(row.rows for row in book.tables() if row.title == "Vendors")
    alter(sage, "DELETE FROM APM_MASTER__VENDOR")
    desk.refresh(door("file", sage))
    row = next(each for each in book.tables() if each.title == "Vendors")
    assert row.waits and row.state is TableState.DECIDE and "no rows at all" in row.problem
    assert (row.as_of, row.rows) == (began, rows)
    assert states(book)["Jobs"] is TableState.AS_IN_SAGE
    run = next(each for each in book.runs() if each.table == "Vendors")
    assert not run.ok and run.problem == row.problem and run.rows == rows
    assert row.loss == Loss(rows, rows) and desk.asked() == {"Vendors": row.loss}
    desk.refresh(door("file", sage), force=desk.asked())
    row = next(each for each in book.tables() if each.title == "Vendors")
    assert (row.state, row.rows, row.waits) == (TableState.AS_IN_SAGE, 0, False)


def test_a_table_that_vanished_keeps_its_rows_but_is_no_loss_to_accept(desk: Desk, book: SyncBook, sage: Path) -> None:
    desk.refresh(door("file", sage))
    alter(sage, "DROP TABLE TS_CTL_RECORD_3")
    desk.refresh(door("file", sage))
    row = next(each for each in book.tables() if each.id == "TS_CTL_RECORD_3")
    assert row.state is TableState.OLDER and row.rows > 0 and row.as_of is not None and not row.waits


@pytest.mark.parametrize(
    ("loss", "read", "groups", "says"),
    [
        (Loss(50, 50), 0, (0, 0), "no rows at all"),
        (Loss(20, 50), 30, (0, 0), "20 of 50 rows are no longer"),
        (Loss(5, 50), 45, (10, 5), "5 of 10 values"),
        (Loss(0, 50, 30), 50, (0, 0), "30 of 50 rows cannot be read"),
    ],
)
def test_whoever_accepted_a_loss_is_asked_again_about_a_larger_one(
    loss: Loss, read: int, groups: tuple[int, int], says: str
) -> None:
    guard = Guard()
    assert says in guard.verdict(COMMITMENTS, loss, read, groups)
    assert guard.verdict(COMMITMENTS, loss, read, groups, loss) == ""
    less = Loss(max(0, loss.lost - 1), loss.before, max(0, loss.unreadable - 1))
    assert says in guard.verdict(COMMITMENTS, loss, read, groups, less)
    assert loss.covers(less) and not less.covers(loss)


def test_what_is_no_loss_asks_nobody() -> None:
    assert Guard().verdict(COMMITMENTS, Loss(0, 50), 50) == ""
    assert not Loss(60, 100).covers(Loss(60, 60)) and Loss(60, 60).covers(Loss(60, 60))


def test_rows_set_aside_come_with_key_raw_text_and_reason(desk: Desk, book: SyncBook, sage: Path) -> None:
    alter(sage, "UPDATE JCM_MASTER__COMMITMENT SET Amount = 'a lot' WHERE rowid = 1")
    alter(sage, "UPDATE APM_MASTER__VENDOR SET Name = CAST(X'416E6E8141' AS TEXT) WHERE rowid = 1")
    desk.refresh(door("file", sage))
    found = book.odd_rows()
    row = next(each for each in found if each.table == "Commitments")
    assert row.column == "" and row.key and "a lot" in row.raw and row.reason
    assert book.odd_rows("Commitments") == (row,)
    assert len({each.id for each in found}) == len(found)
    count = next(each for each in book.tables() if each.title == "Commitments")
    assert count.set_aside == 1


def test_a_table_of_another_version_is_called_by_its_own_name() -> None:
    assert table_title("JCM_MASTER__JOB") == "Jobs"
    assert table_title("JCM_MASTER__UNKNOWN") == "JCM_MASTER__UNKNOWN"


def test_times_are_aware(desk: Desk, book: SyncBook, sage: Path) -> None:
    desk.refresh(door("file", sage))
    assert all(run.began.tzinfo is UTC and isinstance(run.began, datetime) for run in book.runs())
