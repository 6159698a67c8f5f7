"""Where Sage hides, hinders or moves what is read of an estimate, nothing is guessed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from erpdesk.core.clock import CLOCK
from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.export.kinds.estimates import BUDGET
from erpdesk.sync.export.kinds.kind import Presence, Wanted
from erpdesk.sync.sage.doors import open_standin
from tests.sync.export.kinds.unkeyed_town import (
    BUDGETS,
    CATEGORY,
    CURRENT,
    DAY,
    NEW,
    OTHER_DAY,
    UnkeyedTown,
    budget,
    line,
    told,
)


@pytest.fixture
def town(tmp_path: Path) -> UnkeyedTown:
    return UnkeyedTown.build(tmp_path / "sage", BUDGET, "jce")


def test_where_what_waits_cannot_be_read(town: UnkeyedTown) -> None:
    """Absence is not decidable before posting; before arming nothing is known, and after posting all is."""
    town.company.set_faults(missing_table=NEW)
    assert town.look(BUDGETS, None).presence is Presence.ABSENT
    before = town.before(BUDGETS)
    assert before["waiting_shown"] is False
    for imported in (False, True):
        if imported:
            town.bring_in(BUDGETS)
        found = town.look(BUDGETS, before)
        assert (found.presence, found.undecidable, found.unavailable) == (Presence.UNREAD, True, None)
        assert "cannot be told before posting whether the budget of job 14-500 is there" in found.problem
    # Told to erpdesk later, it does not know what waited there when the file went.
    town.company.set_faults(missing_table="")
    assert town.look(BUDGETS, before).undecidable
    town.company.set_faults(missing_table=NEW)
    town.post()
    assert town.look(BUDGETS, before).presence is Presence.EQUAL
    town.bring_in(BUDGETS)
    town.post()
    assert town.look(BUDGETS, before).presence is Presence.SEVERAL


def test_a_permission_that_is_lost_on_the_way(town: UnkeyedTown) -> None:
    """One reader that could read what waits, and then may not: no absence, and no trouble for the rest."""
    before = town.before(BUDGETS)
    with town.reader() as reader:
        wanted = [Wanted(BUDGETS, before)]
        (found,) = BUDGET.read_back.look(reader, CLOCK, wanted)
        assert found.presence is Presence.ABSENT
        town.company.set_faults(missing_table=NEW)
        (found,) = BUDGET.read_back.look(reader, CLOCK, wanted)
        assert (found.presence, found.undecidable) == (Presence.UNREAD, True)


def test_fewer_entries_than_ever(town: UnkeyedTown) -> None:
    """A table that reads as empty is a lost permission sooner than an empty table."""
    found = town.look(BUDGETS, None, at_least=40)
    assert found.presence is Presence.UNREAD and not found.undecidable
    assert "Sage shows 0 entries of job cost, but showed 40 before" in found.problem
    assert town.look(BUDGETS, town.before(BUDGETS), at_least=3).presence is Presence.ABSENT


@pytest.mark.parametrize(
    "hides", [f"DELETE FROM {NEW}", f"DELETE FROM {CATEGORY} WHERE Extra = 'X1'"], ids=["entries", "categories"]
)
def test_what_was_there_is_hidden(hides: str, town: UnkeyedTown) -> None:
    """Entries of the job, or its categories, that Sage showed before and does not now: "not there" proves nothing."""
    town.bring_in(budget(line("1.00", OTHER_DAY), line("2.00", OTHER_DAY)))
    before = town.before(BUDGETS)
    town.alter(hides)
    found = town.look(BUDGETS, before)
    assert (found.presence, found.undecidable) == (Presence.UNREAD, True)
    assert "does not show entries or categories any more" in found.problem


def test_an_entry_that_cannot_be_read(town: UnkeyedTown) -> None:
    """One that was unreadable before is old; a new one may be ours."""
    town.bring_in(budget(line("1.00", OTHER_DAY)))
    town.alter(f"UPDATE {NEW} SET Amount = '###'")
    before = town.before(BUDGETS)
    assert town.look(BUDGETS, before).presence is Presence.ABSENT
    town.bring_in(BUDGETS)
    assert town.look(BUDGETS, before).presence is Presence.UNPOSTED
    town.alter(f"UPDATE {NEW} SET Amount = '###'")
    found = town.look(BUDGETS, before)
    assert found.presence is Presence.UNREAD and not found.undecidable
    assert "a new entry of job cost that erpdesk cannot read" in found.problem


def test_sage_is_away(town: UnkeyedTown) -> None:
    """Nothing is decided, and the read says why; a baseline is not made up."""
    before = town.before(BUDGETS)
    town.company.set_faults(btrieve_status=84)
    found = town.look(BUDGETS, before)
    assert found.presence is Presence.UNREAD and found.unavailable and not found.undecidable
    with pytest.raises(SageUnavailable):
        town.before(BUDGETS)


ENTRIES = f"FROM {CURRENT} WHERE"


def test_posting_while_erpdesk_reads(town: UnkeyedTown) -> None:
    """Posting takes entries out of one table and into another; a read across it is made again."""
    before = town.before(BUDGETS)
    town.bring_in(BUDGETS)
    asked: list[int] = []

    def post(at: int) -> None:
        asked.append(at)
        if at == 1:
            town.post()

    town.meddle(ENTRIES, post)
    assert town.look(BUDGETS, before).presence is Presence.EQUAL
    assert asked == [1, 2]


def test_posting_without_end(town: UnkeyedTown) -> None:
    """Where each read meets another posting, nothing is told."""
    before = town.before(BUDGETS)
    town.bring_in(BUDGETS)

    def post(at: int) -> None:
        town.post()
        town.bring_in(budget(line(f"{at}.00", OTHER_DAY)))

    town.meddle(ENTRIES, post)
    found = town.look(BUDGETS, before)
    assert found.presence is Presence.UNREAD and found.unavailable and "being posted" in found.problem


@pytest.mark.parametrize("at_each", [False, True])
def test_totals_that_move_while_erpdesk_reads(at_each: bool, town: UnkeyedTown) -> None:
    """What others post between the entries and the totals is no total that nobody can explain."""
    town.bring_in(budget(line("9.00", OTHER_DAY)))
    before = town.before(BUDGETS)

    def post(at: int) -> None:
        if at_each and at > 1:
            town.bring_in(budget(line(f"{at}.00", OTHER_DAY)))
        if at_each or at == 2:
            town.post()

    town.meddle(f"FROM {CATEGORY} WHERE", post)
    assert town.look(BUDGETS, before).presence is (Presence.UNREAD if at_each else Presence.ABSENT)


@pytest.mark.parametrize("columns", ["Original_Estimate", "Approved_Estimate_Changes"])
def test_totals_alone(columns: str, town: UnkeyedTown) -> None:
    """Where Sage shows no entry of it at all, totals that moved by exactly its amounts are it, in its own column."""
    before = town.before(BUDGETS)
    for each in BUDGETS.lines:
        town.alter(
            (
                f"UPDATE {CATEGORY} SET {columns} = {columns} + ? WHERE Extra = ? AND Cost_Code = ? AND Category = ?",
                (float(each.amount), each.extra, each.cost_code, each.category),
            )
        )
    found = town.look(BUDGETS, before)
    assert found.presence is (Presence.EQUAL if columns == "Original_Estimate" else Presence.DIFFERENT)
    town.alter(f"UPDATE {CATEGORY} SET {columns} = {columns} + 0.01 WHERE Extra = 'X1'")
    found = town.look(BUDGETS, before)
    assert found.presence is Presence.DIFFERENT
    if columns == "Original_Estimate":
        assert told(found) == ["05-100 MAT of extra X1, original estimate: approved (700.25), in Sage (700.24)"]


def test_a_line_of_zero_makes_no_entry(town: UnkeyedTown) -> None:
    """It is not waited for; an estimate of nothing else is not sent."""
    ours = budget(line("10.00"), line("0.00", DAY, "05-100", "MAT"))
    before = town.before(ours)
    town.bring_in(ours)
    assert town.look(ours, before).presence is Presence.UNPOSTED
    empty = budget(line("0.00"))
    assert "Every line of the budget is 0.00" in " ".join(town.reasons(empty))
    assert town.look(empty, town.before(empty)).undecidable


def test_all_from_one_read(town: UnkeyedTown) -> None:
    """Several are answered in order, by one connection; none by none."""
    ours, other = budget(line("10.00")), budget(line("20.00", OTHER_DAY, "05-100", "MAT"))
    before = [town.before(each) for each in (ours, other)]
    town.bring_in(other)
    opened: list[bool] = []
    plain = open_standin(town.folder)

    def counted() -> Any:
        opened.append(True)
        return plain()

    town.way = counted
    found = town.looks([Wanted(ours, before[0]), Wanted(other, before[1]), Wanted(ours)])
    assert [each.presence for each in found] == [Presence.ABSENT, Presence.UNPOSTED, Presence.ABSENT]
    assert len(opened) == 1 and len({(each.began, each.ended) for each in found}) == 1
    assert town.looks([]) == () and len(opened) == 1


@pytest.mark.parametrize(
    "spoils",
    [
        f"UPDATE {NEW} SET Amount = '###' WHERE Job = '14-501'",
        f"UPDATE {CATEGORY} SET Total_Estimate = '###' WHERE Job = '14-501'",
    ],
    ids=["entry", "category"],
)
def test_one_job_does_not_stand_in_the_way_of_another(spoils: str, town: UnkeyedTown) -> None:
    """What cannot be read in one job is the trouble of that job."""
    town.alter(
        "INSERT INTO JCM_MASTER__JOB (Job, Description, Status, Extras) VALUES ('14-501', 'Two', 'In progress', 'No')",
        "INSERT INTO JCM_MASTER__COST_CODE (Job, Extra, Cost_Code, Group_Cost_Code, Status) "
        "VALUES ('14-501', '', '03-100', 0, 'In progress')",
        f"INSERT INTO {CATEGORY} (Job, Extra, Cost_Code, Category, Status) "
        "VALUES ('14-501', '', '03-100', 'SUB', 'In progress')",
    )
    ours, other = budget(line("10.00")), replace(budget(line("20.00")), job="14-501")
    wanted = [Wanted(each, town.before(each)) for each in (ours, other)]
    town.bring_in(replace(budget(line("5.00", OTHER_DAY)), job="14-501"))
    assert [each.presence for each in town.looks(wanted)] == [Presence.ABSENT] * 2
    town.alter(spoils)
    found = town.looks(wanted)
    assert [each.presence for each in found] == [Presence.ABSENT, Presence.UNREAD]
    assert "cannot read" in found[1].problem
