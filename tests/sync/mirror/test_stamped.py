"""A refresh by Sage's stamps reads little and loses nothing; whatever does not add up is read in full."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from erpdesk.sync.sage.doors import Connect, open_standin
from erpdesk.sync.sage.tables import table
from tests.sync.mirror.kit import DOORS, Desk, alter, ask, differences, door, report_of

COSTS = table("JCT_CURRENT__TRANSACTION")
TITLE = COSTS.title
NOW = "2026-11-24"


@pytest.fixture
def stamped(sage: Path, tmp_path: Path) -> Desk:
    """A mirror of a company whose transactions were stamped on days of their own, the last on 20 November."""
    alter(
        sage,
        f"UPDATE {COSTS.name} SET Time_Stamp = '16:45:00', Date_Stamp = date('2026-11-20', '-' || "
        f"((SELECT MAX(rowid) FROM {COSTS.name}) - rowid) || ' days')",
    )
    desk = Desk(tmp_path / "stamped")
    assert desk.refresh(open_standin(sage)).ok
    return desk


def cursor(desk: Desk) -> tuple[Any, ...]:
    return desk.select('SELECT cursor, stamped, hidden_at FROM reading WHERE "table" = ?', COSTS.name)[0]


@pytest.mark.parametrize("kind", DOORS)
def test_what_sage_stamped_is_brought_over(kind: str, stamped: Desk, sage: Path) -> None:
    """An edit, a new row, a deletion: found by stamps and keys alone, and the cursor goes to Sage's latest stamp."""
    first, second, third = (row[0] for row in ask(sage, f"SELECT rowid FROM {COSTS.name} ORDER BY 1 LIMIT 3"))
    alter(
        sage,
        (f"UPDATE {COSTS.name} SET Amount = 1.25, Date_Stamp = '2026-11-22' WHERE rowid = ?", (first,)),
        (f"DELETE FROM {COSTS.name} WHERE rowid = ?", (second,)),
        f"INSERT INTO {COSTS.name} (Run, Sequence, Job, Amount, Date_Stamp, Time_Stamp) "
        "VALUES (900001, 1, 'J', 5, '2026-11-23', '08:00:00')",
        (f"UPDATE {COSTS.name} SET Ref_2 = 'no stamp', Date_Stamp = NULL WHERE rowid = ?", (third,)),
    )
    costs = report_of(stamped.refresh(door(kind, sage), full=False), TITLE)
    assert costs.ok and not costs.full and (costs.inserted, costs.updated, costs.gone) == (1, 2, 1)
    assert not list(differences(stamped, sage))
    assert cursor(stamped) == ("2026-11-23 08:00:00", 1, None)
    # A row without a stamp is read each time.
    alter(sage, (f"UPDATE {COSTS.name} SET Ref_2 = 'again' WHERE rowid = ?", (third,)))
    costs = report_of(stamped.refresh(door(kind, sage), full=False), TITLE)
    assert not costs.full and costs.updated == 1 and not list(differences(stamped, sage))


def test_a_stamp_in_the_future_neither_loses_rows_nor_carries_the_cursor_away(stamped: Desk, sage: Path) -> None:
    """Somebody's clock was years ahead: that row is read each time, and the rows of today are still found."""
    first, second = (row[0] for row in ask(sage, f"SELECT rowid FROM {COSTS.name} ORDER BY 1 LIMIT 2"))
    alter(sage, (f"UPDATE {COSTS.name} SET Ref_2 = 'ahead', Date_Stamp = '2090-01-01' WHERE rowid = ?", (first,)))
    assert not report_of(stamped.refresh(open_standin(sage), full=False), TITLE).full
    assert cursor(stamped)[0] == "2026-11-20 16:45:00"
    alter(
        sage,
        (f"UPDATE {COSTS.name} SET Ref_2 = 'later', Date_Stamp = '2026-11-21' WHERE rowid = ?", (second,)),
        (f"UPDATE {COSTS.name} SET Ref_2 = 'ahead still' WHERE rowid = ?", (first,)),
    )
    costs = report_of(stamped.refresh(open_standin(sage), full=False), TITLE)
    assert not costs.full and costs.updated == 2 and not list(differences(stamped, sage))


def test_a_late_stamp_within_two_days_is_still_found(stamped: Desk, sage: Path) -> None:
    """A computer in the office runs a day behind: its edits lie in the window before the cursor."""
    first = ask(sage, f"SELECT rowid FROM {COSTS.name} ORDER BY 1 LIMIT 1")[0][0]
    alter(sage, (f"UPDATE {COSTS.name} SET Ref_2 = 'slow', Date_Stamp = '2026-11-19' WHERE rowid = ?", (first,)))
    costs = report_of(stamped.refresh(open_standin(sage), full=False), TITLE)
    assert not costs.full and costs.updated == 1 and not list(differences(stamped, sage))


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE {COSTS.name} SET Amount = Amount + 0.01 WHERE rowid = 1",
        f"INSERT INTO {COSTS.name} (Run, Sequence, Job, Date_Stamp) VALUES (0, 1, 'J', '2020-01-01')",
        f"UPDATE {COSTS.name} SET Run = Run + 500000 WHERE rowid = 2",
    ],
)
def test_totals_or_keys_that_disagree_lead_to_a_look_at_every_row(change: str, stamped: Desk, sage: Path) -> None:
    """A cent, a row or a key changed behind its stamp: found at once, and the stamps are not relied on for a week."""
    alter(sage, change)
    costs = report_of(stamped.refresh(open_standin(sage), full=False), TITLE)
    assert costs.ok and costs.full and costs.changed and not list(differences(stamped, sage))
    assert cursor(stamped)[2] is not None
    assert report_of(stamped.refresh(open_standin(sage), full=False), TITLE).full


def test_what_stamps_and_totals_hide_the_next_full_reading_finds(stamped: Desk, sage: Path) -> None:
    """A text changed behind its stamp changes no total: the daily reading of every row brings it."""
    alter(sage, f"UPDATE {COSTS.name} SET Ref_2 = 'hidden' WHERE rowid = 1")
    costs = report_of(stamped.refresh(open_standin(sage), full=False), TITLE)
    assert not costs.full and not costs.changed
    costs = report_of(stamped.refresh(open_standin(sage), full=True), TITLE)
    assert costs.full and costs.updated == 1 and not list(differences(stamped, sage))
    assert cursor(stamped)[2] is not None


def test_a_row_that_came_back_is_found_beside_an_unreadable_one(stamped: Desk, sage: Path) -> None:
    """Its hash from before it went is none to compare with, however many readings lie between."""
    go = open_standin(sage)
    first, second = (row[0] for row in ask(sage, f"SELECT rowid FROM {COSTS.name} ORDER BY 1 LIMIT 2"))
    before = stamped.rows(COSTS)
    alter(
        sage,
        f"CREATE TABLE kept AS SELECT rowid AS old, * FROM {COSTS.name} WHERE rowid = {first}",
        f"DELETE FROM {COSTS.name} WHERE rowid = {first}",
    )
    assert report_of(stamped.refresh(go, full=False), TITLE).gone == 1
    assert report_of(stamped.refresh(go), TITLE).ok
    names = ", ".join(f'"{row[1]}"' for row in ask(sage, f"PRAGMA table_info({COSTS.name})"))
    alter(
        sage,
        f"INSERT INTO {COSTS.name} (rowid, {names}) SELECT old, {names} FROM kept",
        f"UPDATE {COSTS.name} SET Amount = 'rubbish' WHERE rowid = {second}",
    )
    assert report_of(stamped.refresh(go), TITLE).ok and stamped.rows(COSTS) == before


def test_a_row_that_was_put_back_while_it_was_unreadable_is_put_back_here_too(stamped: Desk, sage: Path) -> None:
    """Edited, then spoilt, then as it was at first: the hash of the first reading must not hide the edit."""
    go = open_standin(sage)
    first = ask(sage, f"SELECT rowid FROM {COSTS.name} ORDER BY 1 LIMIT 1")[0][0]
    old = ask(sage, f"SELECT Ref_2, Date_Stamp, Amount FROM {COSTS.name} WHERE rowid = {first}")[0]
    alter(sage, f"UPDATE {COSTS.name} SET Ref_2 = 'wrong', Date_Stamp = '2026-11-20' WHERE rowid = {first}")
    assert report_of(stamped.refresh(go, full=False), TITLE).updated == 1
    alter(sage, f"UPDATE {COSTS.name} SET Amount = 'rubbish' WHERE rowid = {first}")
    assert report_of(stamped.refresh(go), TITLE).set_aside == 1
    alter(sage, (f"UPDATE {COSTS.name} SET Ref_2 = ?, Date_Stamp = ?, Amount = ? WHERE rowid = {first}", old))
    assert report_of(stamped.refresh(go), TITLE).ok and not list(differences(stamped, sage))


def test_a_window_that_holds_most_rows_is_no_saving(desk: Desk, connect: Connect) -> None:
    """When nearly everything was stamped lately, every row is compared by its hash instead."""
    report = desk.refresh(connect, full=False)
    assert report.ok and report_of(report, "Vendors").full and not report.changed


def test_only_some_tables(stamped: Desk, sage: Path) -> None:
    """After an export: the named tables are refreshed; the others stay as old as they were and say so."""
    before = {each.table: each.read_began for each in stamped.facts.freshness()}
    alter(
        sage,
        "UPDATE JCM_MASTER__COMMITMENT SET Description = 'Renamed'",
        "UPDATE APM_MASTER__VENDOR SET City = 'Elsewhere'",
    )
    report = stamped.refresh(open_standin(sage), only=["JCM_MASTER__COMMITMENT", "Commitment lines"])
    assert report.ok and report.subset and [each.title for each in report.tables] == ["Commitments", "Commitment lines"]
    after = {each.table: each.read_began for each in stamped.facts.freshness()}
    assert {name for name in after if after[name] != before[name]} == {"Commitments", "Commitment lines"}
    assert {line.split(":")[0] for line in differences(stamped, sage)} == {"Vendors"}
    assert not stamped.refresh(open_standin(sage)).subset


def test_the_cursor_stays_when_the_run_fails(stamped: Desk, sage: Path) -> None:
    """Cursor and rows are written together or not at all."""
    alter(
        sage,
        f"INSERT INTO {COSTS.name} (Run, Sequence, Job, Date_Stamp) VALUES (900001, 1, 'J', '2026-11-23')",
        f"DELETE FROM {COSTS.name} WHERE rowid % 3 = 0",
    )
    before, old = stamped.everything(), cursor(stamped)
    report = stamped.refresh(open_standin(sage), full=False, only=[TITLE])
    assert not report.ok and stamped.everything() == before and cursor(stamped) == old
    assert stamped.refresh(open_standin(sage), full=False, force=stamped.asked()).ok
    assert not list(differences(stamped, sage)) and cursor(stamped)[0].startswith("2026-11-23")


def test_a_stop_in_a_stamped_run_leaves_the_table(stamped: Desk, sage: Path) -> None:
    """Whether rows or keys are under way."""
    alter(sage, f"UPDATE {COSTS.name} SET Ref_2 = 'x', Date_Stamp = '2026-11-22' WHERE rowid < 20")
    before = stamped.everything()
    for left in range(6):
        looks = [left]
        stamped.refresh(open_standin(sage), full=False, only=[TITLE], stop=_after(looks))
        after = stamped.everything()
        assert after == before or not list(differences(stamped, sage))
    assert stamped.refresh(open_standin(sage), full=False).ok and not list(differences(stamped, sage))


def _after(left: list[int]) -> Callable[[], bool]:
    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    return stop
