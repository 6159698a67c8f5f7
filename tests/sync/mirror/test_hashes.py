"""Hashes of all rows: what changed is found without the mirror's rows, in little memory, and nothing is overlooked."""

from __future__ import annotations

from array import array
from pathlib import Path

import apsw
import pytest

from erpdesk.sync.mirror import hashes
from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.tables import table
from tests.sync.mirror.kit import Desk, alter, ask, differences, open_mirror, report_of

VENDORS = table("APM_MASTER__VENDOR")
COSTS = table("JCT_CURRENT__TRANSACTION")
HEADS = table("JCM_MASTER__COMMITMENT")


def test_equal_rows_have_equal_hashes_whoever_hands_them_over() -> None:
    """The content counts: not which driver made the row, nor how its texts lie in memory."""
    text = "".join(("Con", "crete"))
    first, second = hashes.fingerprints([(1, "Concrete", 2.5, None), (1, "Concrete", 2.5, "")])
    assert first == hashes.fingerprints([(1, text, 2.5, None)])[0] != second


def test_the_tape_finds_its_place_again() -> None:
    """A row more or less on either side shifts the streams for one batch only."""
    db = apsw.Connection(":memory:")
    for name in ("print", "touched", "print_version"):
        db.execute(
            {
                "print": 'CREATE TABLE print (id INTEGER PRIMARY KEY, "table", "rows", hashes)',
                "touched": 'CREATE TABLE touched ("table", "row")',
                "print_version": 'CREATE TABLE print_version ("table" PRIMARY KEY, version)',
            }[name]
        )
    writer = hashes.Writer(db, VENDORS, ["Vendor"])
    writer.add(range(1, 5001), range(1001, 6001))
    writer.close()
    assert hashes.known(db, VENDORS, ["Vendor"]) and not hashes.known(db, VENDORS, ["Vendor", "Name"])
    tape = hashes.Tape(db, VENDORS)
    fresh = array("q", [*range(1001, 1400), -5, *range(1402, 1502)])
    assert tape.level(fresh) == 501
    assert tape.take(501)[0][-1] == 501
    db.executemany("INSERT INTO touched VALUES (?, ?)", [(VENDORS.name, row) for row in (7, 8, 12)])
    hashes.bring_up_to_date(db, VENDORS, {7: 77, 9000: 99}, frozenset((8,)))
    # Row 12 was not looked at: its hash still does not count.
    assert db.execute('SELECT "row" FROM touched').fetchall() == [(12,)]
    rows, prints = hashes.Tape(db, VENDORS).take(6000)
    assert list(rows[5:8]) == [6, 7, 9] and prints[6] == 77 and (rows[-1], prints[-1]) == (9000, 99)
    db.close()


@pytest.mark.parametrize("share", [2, 50])
def test_everything_at_once_is_still_found(share: int, desk: Desk, sage: Path, connect: Connect) -> None:
    """Edits, deletions and new rows all over the table; then the same again from where that left it."""
    for step in range(3):
        alter(
            sage,
            f"UPDATE {COSTS.name} SET Ref_2 = 'e{step}' WHERE rowid % {share} = {step}",
            f"DELETE FROM {COSTS.name} WHERE rowid % 97 = {step}",
            f"INSERT INTO {COSTS.name} (Run, Sequence, Job, Amount) SELECT Run, Sequence + {1000 * (step + 1)}, Job, "
            f"Amount FROM {COSTS.name} WHERE rowid % {share * 5} = {step}",
        )
        report = desk.refresh(connect)
        assert report.ok and report_of(report, COSTS.title).full and not list(differences(desk, sage))
    assert not desk.refresh(connect).changed


def test_a_second_row_with_the_same_key_is_set_aside_each_time(desk: Desk, sage: Path, connect: Connect) -> None:
    """Also when it equals the first to the last letter, and the first stays what it was."""
    names = ", ".join(name for _, name, *_ in ask(sage, "PRAGMA table_info(APM_MASTER__VENDOR)") if name != "Vendor")
    alter(
        sage,
        "CREATE TABLE loose AS SELECT * FROM APM_MASTER__VENDOR",
        "DROP TABLE APM_MASTER__VENDOR",
        "ALTER TABLE loose RENAME TO APM_MASTER__VENDOR",
    )
    before = desk.rows(VENDORS)
    vendor = before[0][0]
    alter(
        sage, f"INSERT INTO APM_MASTER__VENDOR (Vendor, {names}) SELECT Vendor, {names} FROM APM_MASTER__VENDOR LIMIT 1"
    )
    for _ in range(3):
        report = report_of(desk.refresh(connect), "Vendors")
        assert report.ok and report.set_aside == 1 and desk.rows(VENDORS) == before
    alter(
        sage,
        (
            "UPDATE APM_MASTER__VENDOR SET Name = 'Other' WHERE rowid = (SELECT MAX(rowid) FROM "
            "APM_MASTER__VENDOR) AND Vendor = ?",
            (vendor,),
        ),
    )
    for _ in range(2):
        report = report_of(desk.refresh(connect), "Vendors")
        assert report.ok and report.set_aside == 1 and desk.rows(VENDORS) == before


def test_a_row_kept_for_its_key_is_missed_once_it_is_gone(desk: Desk, sage: Path, connect: Connect) -> None:
    """Two rows cannot be read in a reading without hashes; then one of them goes, and another unreadable one comes."""
    assert desk.number is not None
    db = open_mirror(desk.store.path(desk.number))
    hashes.forget(db, HEADS)
    db.close()
    before = desk.rows(HEADS)
    alter(sage, f"UPDATE {HEADS.name} SET Amount = '?' WHERE rowid IN (1, 2)")
    assert report_of(desk.refresh(connect), HEADS.title).set_aside == 2 and desk.rows(HEADS) == before
    (gone,) = ask(sage, f"SELECT Commitment FROM {HEADS.name} WHERE rowid = 1")[0]
    alter(
        sage,
        f"DELETE FROM {HEADS.name} WHERE rowid = 1",
        f"INSERT INTO {HEADS.name} (Commitment, Amount) VALUES ('NEW', '?')",
    )
    report = report_of(desk.refresh(connect), HEADS.title)
    assert report.ok and (report.set_aside, report.gone) == (2, 1)
    assert desk.rows(HEADS) == [row for row in before if row[0] != gone]


@pytest.mark.parametrize(
    "harm",
    [
        "INSERT INTO commitment SELECT * FROM commitment WHERE rowid = 5; "
        "UPDATE commitment SET commitment = 'NOWHERE' WHERE rowid = (SELECT MAX(rowid) FROM commitment)",
        "DELETE FROM commitment WHERE rowid IN (5, 6)",
    ],
)
def test_hashes_that_do_not_fit_the_rows_are_found_beside_an_unreadable_row(
    harm: str, desk: Desk, sage: Path, connect: Connect
) -> None:
    """More or fewer rows than Sage's own and those kept for their key: every row is compared without the hashes."""
    before = desk.rows(HEADS)
    assert desk.number is not None
    db = open_mirror(desk.store.path(desk.number))
    db.execute(harm)
    db.close()
    alter(sage, f"UPDATE {HEADS.name} SET Amount = '?' WHERE rowid = 1")
    report = report_of(desk.refresh(connect), HEADS.title)
    assert report.ok and report.set_aside == 1 and desk.rows(HEADS) == before


def test_a_note_stays_while_its_row_stays(desk: Desk, sage: Path, connect: Connect) -> None:
    """A value that was rounded is noted once, and still shown when its row was not looked at again."""
    alter(sage, "UPDATE JCM_MASTER__COMMITMENT_ITEM SET Tax = 1.005 WHERE rowid = 1")
    assert report_of(desk.refresh(connect), "Commitment lines").notes == 1
    assert report_of(desk.refresh(connect), "Commitment lines").notes == 1 and len(desk.facts.notes()) == 1
    alter(sage, "UPDATE JCM_MASTER__COMMITMENT_ITEM SET Tax = 1 WHERE rowid = 1")
    assert report_of(desk.refresh(connect), "Commitment lines").notes == 0 and not desk.facts.notes()


def test_jobs_that_vanish_from_a_table_stop_it(desk: Desk, sage: Path, connect: Connect) -> None:
    """Few rows, but a good part of the jobs: lost permissions on jobs look like that."""
    alter(
        sage,
        "INSERT INTO JCM_MASTER__EXTRA (Job, Extra) WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99) "
        "SELECT 'BIG', 'E' || i FROM n",
        "INSERT INTO JCM_MASTER__EXTRA (Job, Extra) WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) "
        "SELECT 'SMALL' || i, 'E' FROM n",
    )
    assert desk.refresh(connect).ok
    before = desk.rows(table("JCM_MASTER__EXTRA"))
    alter(sage, "DELETE FROM JCM_MASTER__EXTRA WHERE Job LIKE 'SMALL%'")
    report = desk.refresh(connect)
    assert "values of job are no longer in Sage" in report_of(report, "Extras").problem
    assert desk.rows(table("JCM_MASTER__EXTRA")) == before
    assert desk.refresh(connect, force=desk.asked()).ok and not list(differences(desk, sage))
