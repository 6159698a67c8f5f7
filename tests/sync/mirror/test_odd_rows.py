"""Rows of Sage that cannot be read, or stand there twice: kept apart with a reason, and the run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpdesk.sync.sage.doors import Connect, open_standin
from erpdesk.sync.sage.tables import table
from erpdesk.sync.sandbox.company import SandboxCompany
from tests.sync.mirror.kit import Desk, alter, ask, copied, differences, report_of


@pytest.mark.parametrize("kind", ["nul", "junk", "date", "number"])
@pytest.mark.parametrize("name", ["JCM_MASTER__COMMITMENT_ITEM", "JCT_CURRENT__TRANSACTION"])
def test_a_spoilt_row_is_kept_apart_and_the_run_goes_on(
    name: str, kind: str, desk: Desk, sage: Path, connect: Connect
) -> None:
    """One unreadable value: noted or set aside with its raw form and the reason, never lost, never guessed."""
    before = desk.rows(table(name))
    spoilt = SandboxCompany(sage).spoil_row(name, kind)
    report = desk.refresh(connect)
    assert report.ok
    told = report_of(report, table(name).title)
    shown = [*desk.facts.set_aside(), *desk.facts.notes()]
    about = [each for each in shown if each.table == table(name).title]
    key = " / ".join(str(value) for column, value in spoilt.items() if column != "column")
    assert [each.key for each in about] == [key] and about[0].raw and about[0].reason
    if kind == "number":
        # Nobody knows the amount, so the row keeps the one it had; it counts neither as gone nor as changed.
        assert told.set_aside == 1 and not told.changed and desk.rows(table(name)) == before
    else:
        assert told.set_aside == 0 and told.notes == 1 and len(desk.rows(table(name))) == len(before)
        column = [each.name for each in table(name).columns].index(str(spoilt["column"]))
        keys = [at for at, each in enumerate(table(name).columns) if each.key]
        row = next(row for row in desk.rows(table(name)) if " / ".join(str(row[at]) for at in keys) == key)
        assert row[column] == {"nul": "Anchor", "junk": "Anc\u00ffh\\x81or", "date": None}[kind]


def test_a_spoilt_row_that_is_put_right_is_forgotten(desk: Desk, sage: Path, connect: Connect) -> None:
    """Set aside in one run, readable in the next: it is in the mirror and on no list."""
    amount = ask(sage, "SELECT Amount FROM JCT_CURRENT__TRANSACTION ORDER BY Run, Sequence LIMIT 1")[0][0]
    first = "(SELECT rowid FROM JCT_CURRENT__TRANSACTION ORDER BY Run, Sequence LIMIT 1)"
    alter(sage, f"UPDATE JCT_CURRENT__TRANSACTION SET Amount = 'n/a' WHERE rowid = {first}")
    assert report_of(desk.refresh(connect), "Job-cost transactions").set_aside == 1
    alter(sage, (f"UPDATE JCT_CURRENT__TRANSACTION SET Amount = ? WHERE rowid = {first}", (amount,)))
    assert desk.refresh(connect).ok
    assert desk.facts.set_aside() == () and not list(differences(desk, sage))


def test_a_commitment_that_cannot_be_read_still_owns_its_id(desk: Desk, sage: Path, connect: Connect) -> None:
    """A new commitment whose amount is no number: not shown as a commitment, but its ID is taken."""
    alter(
        sage,
        "INSERT INTO JCM_MASTER__COMMITMENT (Commitment, Vendor, Job, Amount) VALUES ('SC-BAD', 'V', 'J', '#######')",
    )
    assert desk.refresh(connect).ok
    assert desk.facts.commitment("SC-BAD") is None
    assert desk.facts.commitment_id_taken("SC-BAD") and desk.facts.commitment_id_taken("sc-bad")
    assert not desk.facts.commitment_id_taken("SC-BA")


def test_a_table_of_unreadable_rows_is_not_believed(desk: Desk, sage: Path, connect: Connect) -> None:
    """When a whole column turns into something else, the earlier rows stay and a sentence says what to look at."""
    before = desk.rows(table("JCT_CURRENT__TRANSACTION"))
    alter(sage, "UPDATE JCT_CURRENT__TRANSACTION SET Billed = 0, Amount = 'x' || Amount")
    report = desk.refresh(connect)
    assert "cannot be read" in report_of(report, "Job-cost transactions").problem
    assert desk.rows(table("JCT_CURRENT__TRANSACTION")) == before
    assert len(desk.facts.set_aside()) == len(before)


def test_double_keys_are_set_aside(sample_folder: Path, tmp_path: Path) -> None:
    """Two rows under one key: the first stays, the second is shown, at the first load and at each refresh."""
    sage = copied(sample_folder, tmp_path / "sage")
    vendor = ask(sage, "SELECT Vendor FROM APM_MASTER__VENDOR ORDER BY Vendor DESC LIMIT 1")[0][0]
    alter(sage, ("INSERT INTO APM_MASTER__VENDOR (Vendor, Name) VALUES (?, 'Twin')", (vendor.ljust(10),)))
    desk = Desk(tmp_path / "mirror")
    for _ in range(2):
        report = desk.refresh(open_standin(sage))
        assert report.ok and report_of(report, "Vendors").rows == 60 and report_of(report, "Vendors").set_aside == 1
        held, aside = desk.facts.vendor(vendor), desk.facts.set_aside()
        assert held and held.name != "Twin"
        assert [each.reason for each in aside] == ["Sage holds this key twice."] and "Twin" in aside[0].raw


def test_a_row_whose_key_became_unreadable_is_not_taken_for_gone(desk: Desk, sage: Path, connect: Connect) -> None:
    """Its ID must not look free in the mirror while Sage still holds it."""
    taken = ask(sage, "SELECT Commitment FROM JCM_MASTER__COMMITMENT ORDER BY Commitment LIMIT 1")[0][0]
    alter(
        sage,
        (
            "UPDATE JCM_MASTER__COMMITMENT SET Commitment = CAST(X'53432D81' AS TEXT) WHERE Commitment = ?",
            (taken,),
        ),
    )
    report = report_of(desk.refresh(connect), "Commitments")
    assert not report.problem and report.set_aside == 1 and report.gone == 0
    assert desk.facts.commitment_id_taken(taken.strip())


def test_amounts_too_large_to_be_added_up_stop_no_run(desk: Desk, sage: Path, connect: Connect) -> None:
    """Two of the largest numbers there are, in batches of their own: both are set aside, the rest is read."""
    columns = "Run, Sequence, Job, Cost_Code, Category, Transaction_Type, Amount"
    rows = [(90_000, 1, 1.7e308), *((90_001, at, 1.0) for at in range(1, 1201)), (90_002, 1, 1.7e308)]
    insert = f"INSERT INTO JCT_CURRENT__TRANSACTION ({columns}) VALUES (?, ?, 'J', 'C', 'S', 'JC cost', ?)"
    alter(sage, *((insert, row) for row in rows))
    report = report_of(desk.refresh(connect), "Job-cost transactions")
    assert report.ok and report.set_aside == 2 and report.inserted == 1200
