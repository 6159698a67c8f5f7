"""A refresh brings over what changed and nothing else; what cannot be true leaves the table as it was."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from erpdesk.core.errors import BadSageData, SageUnavailable
from erpdesk.sync.mirror.guard import Guard
from erpdesk.sync.sage.doors import Connect
from erpdesk.sync.sage.tables import table
from erpdesk.workflows.sage_acts import Loss
from tests.sync.mirror.kit import Desk, alter, ask, differences, ignore, report_of

VENDORS = table("APM_MASTER__VENDOR")
COSTS = table("JCT_CURRENT__TRANSACTION")


def test_only_what_changed_is_written(desk: Desk, sage: Path, connect: Connect) -> None:
    """One edit, one new row, one deletion: exactly these are written, and each is marked with the run that did it."""
    before = {row[0]: row for row in desk.select("SELECT vendor, run_changed, gone_run FROM vendor")}
    first, second = (row[0] for row in ask(sage, "SELECT Vendor FROM APM_MASTER__VENDOR ORDER BY Vendor LIMIT 2"))
    alter(
        sage,
        ("UPDATE APM_MASTER__VENDOR SET Telephone = '(555) 555-0101' WHERE Vendor = ?", (first,)),
        ("DELETE FROM APM_MASTER__VENDOR WHERE Vendor = ?", (second,)),
        "INSERT INTO APM_MASTER__VENDOR (Vendor, Name) VALUES ('NEW', 'Newcomer Inc')",
    )
    report = desk.refresh(connect)
    vendors = report_of(report, "Vendors")
    assert report.ok and (vendors.inserted, vendors.updated, vendors.gone) == (1, 1, 1)
    assert [each.title for each in report.tables if each.changed] == ["Vendors"]
    run = desk.select("SELECT id FROM run WHERE \"table\" = 'APM_MASTER__VENDOR' ORDER BY id DESC")[0][0]
    after = {row[0]: row for row in desk.select("SELECT vendor, run_changed, gone_run FROM vendor")}
    assert after[first] == (first, run, None) and after[second] == (second, run, run)
    assert after["NEW"] == ("NEW", run, None)
    assert {name: row for name, row in after.items() if name not in (first, second, "NEW")} == {
        name: row for name, row in before.items() if name not in (first, second)
    }
    assert not list(differences(desk, sage))
    assert desk.facts.vendor(second) is None


def test_a_row_that_comes_back_is_the_same_row(desk: Desk, sage: Path, connect: Connect) -> None:
    """A deleted row leaves a tombstone; added again it lives on under its first run, with its new content."""
    alter(sage, "INSERT INTO APM_MASTER__VENDOR (Vendor, Name) VALUES ('V9', 'First name')")
    desk.refresh(connect)
    first = desk.select("SELECT rowid, run_first FROM vendor WHERE vendor = 'V9'")
    alter(sage, "DELETE FROM APM_MASTER__VENDOR WHERE Vendor = 'V9'")
    assert report_of(desk.refresh(connect), "Vendors").gone == 1
    assert report_of(desk.refresh(connect), "Vendors").gone == 0
    alter(sage, "INSERT INTO APM_MASTER__VENDOR (Vendor, Name) VALUES ('V9', 'Second name')")
    assert report_of(desk.refresh(connect), "Vendors").inserted == 1
    assert desk.select("SELECT rowid, run_first FROM vendor WHERE vendor = 'V9' AND gone_run IS NULL") == first
    found = desk.facts.vendor("V9")
    assert found and found.name == "Second name"


def test_a_key_that_is_padded_or_shifted_is_the_same_key(desk: Desk, sage: Path, connect: Connect) -> None:
    """Blanks that Sage puts around an ID change nothing but the raw key that is kept beside it."""
    job = ask(sage, "SELECT Job FROM JCM_MASTER__JOB ORDER BY Job")[0][0]
    alter(sage, ("UPDATE JCM_MASTER__JOB SET Job = ? WHERE Job = ?", (job.ljust(10), job)))
    assert not desk.refresh(connect).changed
    alter(sage, ("UPDATE JCM_MASTER__JOB SET Job = ? WHERE Job = ?", (job.rjust(10), job.ljust(10))))
    jobs = report_of(desk.refresh(connect), "Jobs")
    assert (jobs.inserted, jobs.updated, jobs.gone) == (0, 1, 0)
    assert desk.select("SELECT raw_key FROM job WHERE job = ?", job) == [(f"Job={job.rjust(10)!r}",)]


def test_an_empty_table_is_not_believed(desk: Desk, sage: Path, connect: Connect) -> None:
    """No vendors at all: the earlier ones stay with a sentence, the other tables are refreshed, a person may insist."""
    before = desk.rows(VENDORS)
    alter(sage, "DELETE FROM APM_MASTER__VENDOR", "UPDATE JCM_MASTER__JOB SET Description = 'Renamed'")
    report = desk.refresh(connect)
    assert not report.ok and desk.rows(VENDORS) == before
    assert report.problems == (report_of(report, "Vendors").problem,) and "no rows at all" in report.problems[0]
    assert report_of(report, "Jobs").updated == len(desk.facts.jobs())
    shown = next(each for each in desk.facts.freshness() if each.table == "Vendors")
    assert shown.rows == len(before) and shown.problem == report.problems[0] and shown.read_began is not None
    assert desk.asked() == {"Vendors": Loss(60, 60)} and desk.refresh(connect, force=desk.asked()).ok
    assert desk.rows(VENDORS) == [] and desk.facts.vendors() == ()
    assert not list(differences(desk, sage))


def test_an_accepted_loss_covers_that_loss_and_no_more(desk: Desk, sage: Path, connect: Connect) -> None:
    """A person saw that a fifth is gone; then more goes, and at last all: each time the question is a new one."""
    before = desk.rows(COSTS)
    alter(sage, f"DELETE FROM {COSTS.name} WHERE rowid % 5 = 0")
    assert "no longer in Sage" in report_of(desk.refresh(connect), COSTS.title).problem
    seen = desk.asked()
    assert seen[COSTS.title].before == len(before) and 0 < seen[COSTS.title].lost < len(before)
    alter(sage, f"DELETE FROM {COSTS.name} WHERE rowid % 7 = 0")
    report = report_of(desk.refresh(connect, force=seen), COSTS.title)
    assert report.loss == desk.asked()[COSTS.title] != seen[COSTS.title] and desk.rows(COSTS) == before
    seen = desk.asked()
    alter(sage, f"CREATE TABLE kept AS SELECT * FROM {COSTS.name}", f"DELETE FROM {COSTS.name}")
    report = report_of(desk.refresh(connect, force=seen), COSTS.title)
    assert "no rows at all" in report.problem and desk.rows(COSTS) == before
    alter(sage, f"INSERT INTO {COSTS.name} SELECT * FROM kept", "DROP TABLE kept")
    assert desk.refresh(connect, force=seen).ok and not list(differences(desk, sage)) and desk.asked() == {}


def test_an_empty_table_is_accepted_only_as_such(desk: Desk, sage: Path, connect: Connect) -> None:
    """Whoever accepted all rows but one has not accepted that Sage shows none at all."""
    alter(sage, "DELETE FROM APM_MASTER__VENDOR")
    for accepted in (Loss(59, 60), Loss(60, 61), Loss(0, 0)):
        assert report_of(desk.refresh(connect, force={"Vendors": accepted}), "Vendors").loss == Loss(60, 60)
    assert desk.refresh(connect, force={"APM_MASTER__VENDOR": Loss(60, 60)}).ok and desk.rows(VENDORS) == []


def test_rows_that_cannot_be_read_are_accepted_up_to_their_number(desk: Desk, sage: Path, connect: Connect) -> None:
    """Too many amounts that are none: a person may go on without those rows, but not without more of them."""
    alter(sage, f"UPDATE {COSTS.name} SET Amount = '?' WHERE rowid % 4 = 0")
    assert "cannot be read" in report_of(desk.refresh(connect), COSTS.title).problem
    seen = desk.asked()
    alter(sage, f"UPDATE {COSTS.name} SET Amount = '?' WHERE rowid % 3 = 0")
    assert report_of(desk.refresh(connect, force=seen), COSTS.title).loss is not None
    assert desk.refresh(connect, force=desk.asked()).ok and desk.asked() == {}


@pytest.mark.parametrize(("deleted", "believed"), [(6, True), (7, False)])
def test_a_tenth_may_go_and_no_more(deleted: int, believed: bool, desk: Desk, sage: Path, connect: Connect) -> None:
    """Of 60 vendors 6 may vanish between two readings; with 7 the table keeps its rows."""
    before = desk.rows(VENDORS)
    assert len(before) == 60
    alter(
        sage,
        f"DELETE FROM APM_MASTER__VENDOR WHERE Vendor IN (SELECT Vendor FROM APM_MASTER__VENDOR LIMIT {deleted})",
        "INSERT INTO APM_MASTER__VENDOR (Vendor, Name) VALUES ('NEW', 'Newcomer Inc')",
    )
    report = desk.refresh(connect)
    assert report.ok is believed
    assert (desk.rows(VENDORS) == before) is not believed
    if believed:
        assert not list(differences(desk, sage))
    else:
        assert "7 of 60" in report.problems[0]


def test_how_much_may_go_can_be_set(sage: Path, connect: Connect, tmp_path: Path) -> None:
    """A company that deletes a lot sets the share higher."""
    desk = Desk(tmp_path / "patient", guard=Guard(share=0.5))
    desk.refresh(connect)
    alter(sage, "DELETE FROM APM_MASTER__VENDOR WHERE Vendor IN (SELECT Vendor FROM APM_MASTER__VENDOR LIMIT 25)")
    assert desk.refresh(connect).ok and len(desk.facts.vendors()) == 35


def test_sage_that_changes_while_it_is_read_is_read_again(desk: Desk, sage: Path, connect: Connect) -> None:
    """A row that comes between the counting and the reading: the table is read once more and then agrees."""
    added: list[int] = []

    def meanwhile(title: str, done: int, total: int) -> None:
        if title == "Vendors" and done == 0 and not added:
            added.append(total)
            alter(sage, "INSERT INTO APM_MASTER__VENDOR (Vendor, Name) VALUES ('NEW', 'Newcomer Inc')")

    assert desk.refresh(connect, progress=meanwhile).ok
    assert not list(differences(desk, sage))


@pytest.mark.parametrize(
    ("title", "change", "says"),
    [
        (
            "Vendors",
            "INSERT INTO APM_MASTER__VENDOR (Vendor, Name) VALUES ('N' || hex(randomblob(4)), 'N')",
            "rows came",
        ),
        (
            "Commitment lines",
            "UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = Amount + 0.01 WHERE Item_Number = 1",
            "Sage says",
        ),
    ],
)
def test_sage_that_never_stands_still_keeps_the_earlier_rows(
    title: str, change: str, says: str, desk: Desk, sage: Path, connect: Connect
) -> None:
    """When rows or sums disagree at each try, the table stays as it was, to the last mark (5.9)."""
    before = desk.everything()

    def meanwhile(now: str, done: int, total: int) -> None:
        if now == title and done == 0:
            alter(sage, change)

    report = desk.refresh(connect, progress=meanwhile)
    assert not report.ok and says in report_of(report, title).problem
    assert desk.everything() == before
    assert desk.refresh(connect).ok and not list(differences(desk, sage))


@pytest.mark.parametrize("title", ["Vendors", "Commitment lines", "Job-cost transactions"])
def test_a_stop_leaves_the_table_in_hand_as_it_was(title: str, desk: Desk, sage: Path, connect: Connect) -> None:
    """A stop request while a table is read: tables before it are done, it and the later ones are untouched."""
    alter(
        sage,
        "UPDATE JCM_MASTER__JOB SET Description = 'Renamed'",
        "UPDATE APM_MASTER__VENDOR SET City = 'Elsewhere'",
        "UPDATE JCM_MASTER__COMMITMENT_ITEM SET Description = 'Changed'",
        "UPDATE JCT_CURRENT__TRANSACTION SET Description = 'Changed'",
    )
    before = desk.everything()
    seen: list[str] = []
    report = desk.refresh(connect, progress=lambda now, done, total: seen.append(now), stop=lambda: title in seen)
    assert report.stopped and not report.ok and report_of(report, "Jobs").updated > 0
    done = {each.title for each in report.tables}
    after = desk.everything()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {table(each.table).mirror for each in report.tables if each.changed}
    assert title not in done
    assert all(each.problem == "" for each in desk.facts.freshness())
    assert desk.refresh(connect).ok and not list(differences(desk, sage))


@pytest.mark.parametrize("looks", range(0, 60, 6))
def test_a_stop_at_any_look_leaves_whole_tables(looks: int, desk: Desk, sage: Path, connect: Connect) -> None:
    """Wherever the stop is noticed, in a read or inside a merge, each table is as before or as Sage."""
    alter(sage, "UPDATE JCT_CURRENT__TRANSACTION SET Ref_1 = 'X'", "UPDATE JCM_MASTER__CATEGORY SET Status = 'Closed'")
    before = desk.everything()
    left = [looks]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    desk.refresh(connect, stop=stop)
    wrong = {line.split(":")[0] for line in differences(desk, sage)}
    after = desk.everything()
    for title, name in (("Job-cost transactions", "job_cost"), ("Categories", "category")):
        assert title not in wrong or after[name] == before[name]
    assert desk.refresh(connect).ok and not list(differences(desk, sage))


def test_a_read_that_breaks_off_keeps_the_table_and_says_so(desk: Desk, sage: Path, connect: Connect) -> None:
    """A table that vanishes in the middle of a run: the run ends with a sentence, the rows stay, the status knows."""
    before = desk.everything()

    def meanwhile(title: str, done: int, total: int) -> None:
        if title == "Vendors" and done == 0:
            alter(sage, "ALTER TABLE APM_MASTER__VENDOR RENAME TO AWAY")

    with pytest.raises(BadSageData, match="APM_MASTER__VENDOR"):
        desk.refresh(connect, progress=meanwhile)
    assert desk.everything() == before
    problem = {each.table: each.problem for each in desk.facts.freshness()}
    assert problem["Vendors"] and not problem["Jobs"]
    alter(sage, "ALTER TABLE AWAY RENAME TO APM_MASTER__VENDOR")
    assert desk.refresh(connect).ok
    assert all(each.problem == "" for each in desk.facts.freshness())


def test_an_optional_table_that_vanishes_keeps_its_rows(desk: Desk, sage: Path, connect: Connect) -> None:
    """Change orders that Sage no longer shows: kept, with a sentence, and everything else is refreshed."""
    before = desk.rows(table("JCM_MASTER__COMMITMENT_CO"))
    assert before
    alter(sage, "DROP TABLE JCM_MASTER__COMMITMENT_CO")
    report = desk.refresh(connect)
    assert not report.ok and "no longer shows the table JCM_MASTER__COMMITMENT_CO" in report.problems[0]
    assert desk.rows(table("JCM_MASTER__COMMITMENT_CO")) == before


def test_a_sage_that_is_away_leaves_everything(desk: Desk, sage: Path, connect: Connect) -> None:
    """The share is gone: SageUnavailable, and the mirror answers as before."""
    before = desk.everything()
    sage.rename(sage.with_name("away"))
    with pytest.raises(SageUnavailable, match="is not there"):
        desk.refresh(connect)
    assert desk.everything() == before and desk.facts.vendors()


def test_every_run_is_on_record(desk: Desk, sage: Path, connect: Connect) -> None:
    """When, how many rows, what changed, and what went wrong: one line a table and run."""
    alter(sage, "UPDATE APM_MASTER__VENDOR SET City = 'Elsewhere'")
    desk.refresh(connect)
    alter(sage, "DELETE FROM APM_MASTER__VENDOR")
    desk.refresh(connect)
    runs = desk.select(
        "SELECT rows, inserted, updated, gone, ok, problem = '' FROM run WHERE \"table\" = ? ORDER BY id", VENDORS.name
    )
    assert runs == [(60, 60, 0, 0, 1, 1), (60, 0, 60, 0, 1, 1), (60, 0, 0, 0, 0, 0)]


def test_a_reader_in_another_thread_sees_whole_tables(desk: Desk, sage: Path, connect: Connect) -> None:
    """While a refresh merges, whoever looks sees all vendors before or all after, and is never turned away."""
    alter(sage, "UPDATE APM_MASTER__VENDOR SET City = 'Elsewhere'")
    seen: set[frozenset[str]] = set()
    troubles: list[BaseException] = []
    done = threading.Event()
    old = frozenset(vendor.city for vendor in desk.facts.vendors())

    def look() -> None:
        try:
            while not done.is_set():
                seen.add(frozenset(vendor.city for vendor in desk.facts.vendors()))
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert desk.refresh(connect, progress=ignore).ok
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert not troubles
    assert seen <= {old, frozenset(("Elsewhere",))}


def test_nothing_but_select_reaches_sage(desk: Desk, sage: Path, connect: Connect) -> None:
    """A whole run leaves Sage's file untouched, byte for byte."""
    before = (sage / "tsdata.db").read_bytes()
    listed = sorted(each.name for each in sage.iterdir())
    desk.refresh(connect)
    assert (sage / "tsdata.db").read_bytes() == before
    assert sorted(each.name for each in sage.iterdir()) == listed


def test_a_table_that_posting_empties_asks_nobody(desk: Desk, sage: Path, connect: Connect) -> None:
    """Entries leave the unposted tables when they are posted: that is no loss."""
    desk.refresh(connect)
    assert desk.rows(table("JCT_NEW__TRANSACTION"))
    alter(sage, "DELETE FROM JCT_NEW__TRANSACTION")
    report = report_of(desk.refresh(connect), "Unposted job-cost entries")
    assert report.ok and report.gone and report.rows == 0
