"""A mirror that is built again, after an upgrade or a damage, is no way past the question whether rows went."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpdesk.sync.mirror.book import SyncBook, TableState
from erpdesk.sync.mirror.guard import Guard
from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.tables import table
from erpdesk.workflows.sage_acts import Loss
from tests.sync.mirror.kit import Desk, alter, differences, open_mirror, report_of

HEADS = table("JCM_MASTER__COMMITMENT")
COSTS = table("JCT_CURRENT__TRANSACTION")


def spoil(desk: Desk, *statements: str) -> None:
    """The current file was written by the version before, and something else may be odd about it."""
    assert desk.number is not None
    db = open_mirror(desk.store.path(desk.number))
    for statement in (*statements, "PRAGMA user_version = 2"):
        db.execute(statement)
    db.close()


def files(desk: Desk) -> set[str]:
    return {each.name for each in desk.folder.iterdir() if each.suffix == ".db"}


def state(desk: Desk, title: str) -> TableState:
    return next(row.state for row in SyncBook(desk.store).tables() if row.title == title)


@pytest.mark.parametrize(
    ("lost", "says"),
    [("1", "no rows at all"), ("rowid % 2", "are no longer in Sage")],
)
def test_a_loss_asks_a_person_after_an_upgrade_too(
    lost: str, says: str, desk: Desk, connect: Connect, sage: Path
) -> None:
    """The earlier rows are brought along, as old as they are; accepting works as ever, and then the old file goes."""
    before, as_of = desk.rows(HEADS), {each.table: each.read_began for each in desk.facts.freshness()}[HEADS.title]
    spoil(desk)
    alter(sage, f"DELETE FROM {HEADS.name} WHERE {lost}")
    report = report_of(desk.refresh(connect), HEADS.title)
    assert says in report.problem and report.rows == len(before) and desk.rows(HEADS) == before
    assert report.loss == desk.asked()[HEADS.title] and state(desk, HEADS.title) is TableState.DECIDE
    shown = next(each for each in desk.facts.freshness() if each.table == HEADS.title)
    assert shown.read_began == as_of and shown.rows == len(before)
    assert files(desk) == {"mirror-1.db", "mirror-2.db"}
    again = report_of(desk.refresh(connect), HEADS.title)
    assert (again.problem, again.loss, desk.rows(HEADS)) == (report.problem, report.loss, before)
    assert desk.refresh(connect, force=desk.asked()).ok and not list(differences(desk, sage))
    assert files(desk) == {"mirror-2.db"}


def test_a_rebuild_without_a_loss_asks_nobody(desk: Desk, connect: Connect, sage: Path) -> None:
    """A tenth may go as ever; rows that came meanwhile, or that are set aside under their key, are no loss."""
    spoil(desk)
    alter(
        sage,
        f"DELETE FROM {COSTS.name} WHERE rowid % 15 = 0",
        f"UPDATE {COSTS.name} SET Amount = '?' WHERE rowid % 20 = 1",
        "INSERT INTO APM_MASTER__VENDOR (Vendor, Name) VALUES ('NEW', 'Newcomer Inc')",
    )
    report = desk.refresh(connect)
    assert report.ok and report.first_load and desk.asked() == {} and files(desk) == {"mirror-2.db"}


def test_the_sites_own_share_counts_in_a_rebuild(connect: Connect, sage: Path, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "patient", guard=Guard(share=0.6))
    assert desk.refresh(connect).ok
    spoil(desk)
    alter(sage, "DELETE FROM APM_MASTER__VENDOR WHERE rowid % 2")
    assert desk.refresh(connect).ok


def test_jobs_that_vanish_stop_a_rebuilt_table(desk: Desk, connect: Connect, sage: Path) -> None:
    """Few rows of many, but a good part of the jobs."""
    alter(
        sage,
        "INSERT INTO JCM_MASTER__EXTRA (Job, Extra) WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99) "
        "SELECT 'BIG', 'E' || i FROM n",
        "INSERT INTO JCM_MASTER__EXTRA (Job, Extra) WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) "
        "SELECT 'SMALL' || i, 'E' FROM n",
    )
    assert desk.refresh(connect).ok
    spoil(desk)
    alter(sage, "DELETE FROM JCM_MASTER__EXTRA WHERE Job LIKE 'SMALL%'")
    assert "values of job are no longer in Sage" in report_of(desk.refresh(connect), "Extras").problem


@pytest.mark.parametrize(
    "harm",
    [
        # Another version called a column otherwise: its number of rows is known, the rows are not.
        f"ALTER TABLE {HEADS.mirror} RENAME COLUMN description TO title",
        f"ALTER TABLE {HEADS.mirror} RENAME COLUMN commitment TO id",
        f"DROP TABLE {HEADS.mirror}",
    ],
)
def test_rows_that_cannot_be_brought_along_are_asked_about_all_the_same(
    harm: str, desk: Desk, connect: Connect, sage: Path
) -> None:
    """An empty table is not called as in Sage, at no later reading either, until a person accepts it or rows come."""
    count = len(desk.rows(HEADS))
    spoil(desk, harm)
    alter(sage, f"CREATE TABLE kept AS SELECT * FROM {HEADS.name}", f"DELETE FROM {HEADS.name}")
    for _ in range(3):
        report = report_of(desk.refresh(connect), HEADS.title)
        assert "no rows at all" in report.problem and report.rows == 0
        assert desk.asked()[HEADS.title] == Loss(count, count) and state(desk, HEADS.title) is TableState.DECIDE
        assert "mirror-1.db" in files(desk)
    alter(sage, f"INSERT INTO {HEADS.name} SELECT * FROM kept LIMIT {count // 2}")
    assert report_of(desk.refresh(connect), HEADS.title).loss == Loss(count - count // 2, count)
    assert desk.refresh(connect, force=desk.asked()).ok and not list(differences(desk, sage))
    assert desk.asked() == {} and files(desk) == {"mirror-2.db"}


def test_rows_count_also_without_the_record_of_their_readings(desk: Desk, connect: Connect, sage: Path) -> None:
    """The earlier file lost its list of runs: its rows are compared and brought along; nobody says how old they are."""
    before = desk.rows(HEADS)
    spoil(desk, "DROP TABLE run")
    alter(sage, f"DELETE FROM {HEADS.name}")
    report = report_of(desk.refresh(connect), HEADS.title)
    assert report.loss == Loss(len(before), len(before)) and desk.rows(HEADS) == before
    assert next(each for each in desk.facts.freshness() if each.table == HEADS.title).read_began is None


def test_a_second_rebuild_forgets_neither_rows_nor_question(desk: Desk, connect: Connect, sage: Path) -> None:
    """Rows that could not be brought along once are still owed by the mirror after next."""
    count = len(desk.rows(HEADS))
    spoil(desk, f"DROP TABLE {HEADS.mirror}")
    alter(sage, f"DELETE FROM {HEADS.name}")
    assert not desk.refresh(connect).ok
    spoil(desk)
    report = desk.refresh(connect)
    assert report.first_load and report_of(report, HEADS.title).loss == Loss(count, count)


def test_a_table_that_vanished_keeps_its_rows_in_a_rebuild(desk: Desk, connect: Connect, sage: Path) -> None:
    """Sage does not show a table any more that some companies lack: its rows stay, and it is said."""
    formats = table("TS_CTL_RECORD_3")
    before = desk.rows(formats)
    spoil(desk)
    alter(sage, f"ALTER TABLE {formats.name} RENAME TO hidden")
    for _ in range(2):
        report = report_of(desk.refresh(connect), formats.title)
        assert "no longer shows the table" in report.problem and report.rows == len(before) > 0
        assert desk.rows(formats) == before and state(desk, formats.title) is TableState.OLDER
    alter(sage, f"ALTER TABLE hidden RENAME TO {formats.name}")
    assert desk.refresh(connect).ok and not list(differences(desk, sage)) and files(desk) == {"mirror-2.db"}


def test_a_rebuild_that_is_stopped_leaves_the_earlier_file(desk: Desk, connect: Connect) -> None:
    spoil(desk)
    asked: list[str] = []
    report = desk.refresh(
        connect, progress=lambda title, done, total: asked.append(title), stop=lambda: "Commitments" in asked
    )
    assert report.stopped and desk.number == 1 and files(desk) == {"mirror-1.db"}
