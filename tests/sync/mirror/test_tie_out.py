"""What the tie-out report is told about Sage: every line once, its standing, and what is wrong with the readings."""

from __future__ import annotations

from pathlib import Path

import apsw

from erpdesk.sync.mirror.tie_out import MirrorHoldings
from erpdesk.sync.mirror.watch import Watch
from erpdesk.sync.sage.doors import Connect
from erpdesk.workflows.tie_out_ports import Holding, Odd
from tests.sync.mirror.kit import Desk, alter, ask, damage, report_of

COMMITMENT, LINES = "JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"


def hold(desk: Desk) -> Holding:
    found = MirrorHoldings(desk.store).hold("commitment")
    assert found is not None
    return found


def one(sage: Path) -> tuple[str, str]:
    """A commitment of Sage and the job of its first line."""
    found = ask(sage, f"SELECT Commitment, Job FROM {LINES} ORDER BY Commitment, Item_Number LIMIT 1")[0]
    return str(found[0]), str(found[1])


def test_every_line_of_sage_is_in_one_record_and_in_the_totals(desk: Desk, sage: Path) -> None:
    found = hold(desk)
    expected = {
        (str(record), str(job), str(code), str(category)): round(cents)
        for record, job, code, category, cents in ask(
            sage,
            f"SELECT Commitment, Job, Cost_Code, Category, sum(round(Amount * 100)) FROM {LINES} GROUP BY 1, 2, 3, 4",
        )
    }
    lines: dict[tuple[str, str, str, str], int] = {}
    for record, held in found.records.items():
        for line in held:
            where = (record, line.key.job, line.key.cost_code, line.key.category)
            lines[where] = lines.get(where, 0) + line.cents
    assert lines == expected
    assert sum(found.totals.values()) == sum(expected.values())
    assert found.warnings == found.notes == ()
    runs = desk.select(f"SELECT MIN(read_began) FROM run WHERE \"table\" IN ('{COMMITMENT}', '{LINES}')")
    assert found.read_began is not None and runs[0][0].startswith(f"{found.read_began:%Y-%m-%d}")


def test_before_the_first_reading_there_is_nothing(tmp_path: Path) -> None:
    found = hold(Desk(tmp_path / "empty"))
    assert found == Holding()


def test_a_damaged_mirror_answers_nothing(desk: Desk) -> None:
    assert desk.number is not None
    damage(desk.store.path(desk.number), 0)
    assert hold(desk) == Holding()


def test_what_turns_up_after_the_first_look_was_not_there_before(desk: Desk, sage: Path, connect: Connect) -> None:
    record, job = one(sage)
    watch = Watch(desk.store)
    assert {line.before for line in hold(desk).records[record]} == {True}
    watch.look([job])
    alter(
        sage,
        f"CREATE TEMP TABLE c AS SELECT * FROM {COMMITMENT} WHERE Commitment = '{record}'",
        "UPDATE c SET Commitment = 'NEW-1'",
        f"INSERT INTO {COMMITMENT} SELECT * FROM c",
        f"CREATE TEMP TABLE i AS SELECT * FROM {LINES} WHERE Commitment = '{record}'",
        "UPDATE i SET Commitment = 'NEW-1'",
        f"INSERT INTO {LINES} SELECT * FROM i",
    )
    assert desk.refresh(connect).ok
    watch.look([job])
    found = hold(desk)
    assert {line.before for line in found.records["NEW-1"]} == {False}
    assert {line.before for line in found.records[record]} == {True}
    assert found.titles["NEW-1"] == found.titles[record]


def test_tables_of_different_passes_are_told(desk: Desk, connect: Connect) -> None:
    desk.refresh(connect)
    assert hold(desk).warnings == ()
    desk.refresh(connect, only=(LINES,))
    (told,) = hold(desk).warnings
    assert told.startswith("Not all was read in one pass: Commitments at ") and "Commitment lines at " in told


def test_a_reading_that_kept_the_earlier_rows_is_told_and_does_not_make_them_younger(
    desk: Desk, sage: Path, connect: Connect
) -> None:
    before = hold(desk)
    alter(sage, f"DELETE FROM {LINES}")
    report = desk.refresh(connect)
    problem = report_of(report, "Commitment lines").problem
    after = hold(desk)
    assert problem and problem in after.warnings
    assert after.records == before.records


def test_rows_that_could_not_be_used_prove_nothing(desk: Desk, sage: Path, connect: Connect) -> None:
    record, _ = one(sage)
    alter(sage, f"UPDATE {LINES} SET Amount = 'many' WHERE Commitment = '{record}' AND Item_Number = 1")
    desk.refresh(connect)
    (told,) = hold(desk).broken
    assert "1 row could not be used and is in no figure" in told


def test_a_table_that_was_never_read_to_the_end_proves_nothing(desk: Desk) -> None:
    assert desk.number is not None
    db = apsw.Connection(str(desk.store.path(desk.number)))
    db.execute('UPDATE run SET ok = 0 WHERE "table" = ?', (LINES,))
    db.close()
    found = hold(desk)
    assert found.read_began is None
    assert found.broken == ("Commitment lines were never read to the end.",)


def test_totals_of_sage_that_are_not_the_sum_of_their_lines_are_noted(desk: Desk, sage: Path, connect: Connect) -> None:
    record, _ = one(sage)
    alter(sage, f"UPDATE {COMMITMENT} SET Amount = Amount + 12.34 WHERE Commitment = '{record}'")
    desk.refresh(connect)
    found = hold(desk)
    (note,) = found.notes
    assert "totals of 1 of these records" in note and "12.34 apart" in note
    assert found.odd[record] == Odd(apart=1234, uncommitted=False)


def test_a_record_that_does_not_count_in_sage_is_odd(desk: Desk, sage: Path, connect: Connect) -> None:
    record, _ = one(sage)
    alter(sage, f"UPDATE {COMMITMENT} SET Committed = 0 WHERE Commitment = '{record}'")
    desk.refresh(connect)
    assert hold(desk).odd[record] == Odd(apart=0, uncommitted=True) and not hold(desk).notes


def test_lines_without_a_date_are_noted(desk: Desk, sage: Path, connect: Connect) -> None:
    record, _ = one(sage)
    alter(sage, f"UPDATE {COMMITMENT} SET Date = NULL WHERE Commitment = '{record}'")
    desk.refresh(connect)
    found = hold(desk)
    assert {line.day for line in found.records[record]} == {None}
    assert found.notes[0].endswith("have no date in Sage; they are in no period.")
