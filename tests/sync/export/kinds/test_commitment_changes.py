"""A commitment change order is found again by its commitment and its own ID: approved, and the same line by line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from erpdesk.core.clock import Clock
from erpdesk.core.errors import BadSageData
from erpdesk.sync.export.kinds.commitment_changes import COMMITMENT_CHANGE
from erpdesk.sync.export.kinds.kind import Presence, Wanted
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.workflows import document_text
from erpdesk.workflows.documents import ChangeLine, CommitmentChange
from tests.sync.export.kinds.keyed import DOORS, Counting, bring_in, build, looks, one, reasons
from tests.sync.mirror.kit import alter, copied, door
from tests.sync.stand_in_files import DAY, NEW_LINE

SENT = CommitmentChange(
    "S-7001",
    "C1",
    "More",
    DAY,
    (
        ChangeLine(1, "Frame 2", Decimal("1500.00")),
        ChangeLine(2, "Rails 2", Decimal("250.00"), Decimal("20"), Decimal("12.5")),
    ),
)
ORDER, LINE = "JCM_MASTER__COMMITMENT_CO", "JCM_MASTER__COMMITMENT_CO_ITEM"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("changes") / "sage", "jcc")
    bring_in(folder, "jcc", SENT)
    return folder


@pytest.fixture
def sage(imported: Path, tmp_path: Path) -> Path:
    return copied(imported, tmp_path / "sage")


@pytest.mark.parametrize("way", DOORS)
def test_absent_equal_and_different_are_told_through_each_door(way: str, sage: Path) -> None:
    """The same ID on another commitment is another change order."""
    elsewhere = replace(SENT, sage_id="S-7002")
    changed = replace(SENT, description="Less")
    absent, other, equal, different = looks(
        COMMITMENT_CHANGE,
        sage,
        [Wanted(each) for each in (replace(SENT, change_order="C2"), elsewhere, SENT, changed)],
        way,
    )
    assert [absent.presence, other.presence, equal.presence] == [Presence.ABSENT, Presence.ABSENT, Presence.EQUAL]
    assert different.presence is Presence.DIFFERENT and not different.another
    assert [str(each) for each in different.differences] == ["Description: approved Less, in Sage More"]
    assert equal.count == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (f"UPDATE {ORDER} SET Description = 'Mor'", "Description"),
        (f"UPDATE {ORDER} SET Date = '2026-11-25'", "Date"),
        (f"UPDATE {ORDER} SET Status = 'Status 2'", "Status"),
        (f"UPDATE {ORDER} SET Release_to_Accounting = 0", "Released to accounting"),
        (f"UPDATE {ORDER} SET Amount = 1750.01", "Amount"),
        (f"UPDATE {LINE} SET Description = 'Rail' WHERE Item_Number = 2", "Line 2 description"),
        (f"UPDATE {LINE} SET Units = 19 WHERE Item_Number = 2", "Line 2 quantity"),
        (f"UPDATE {LINE} SET Amount = 249.99 WHERE Item_Number = 2", "Line 2 amount"),
        (f"DELETE FROM {LINE} WHERE Item_Number = 2", "Line 2"),
        (f"INSERT INTO {LINE} (Commitment, Commitment_CO, Item_Number) VALUES ('S-7001', 'C1', 3)", "Line 3"),
        ("UPDATE JCM_MASTER__COMMITMENT SET Committed = 0", "Commitment committed to Job Cost"),
    ],
)
def test_each_field_is_compared(change: str, field: str, sage: Path) -> None:
    alter(sage, change)
    found = one(COMMITMENT_CHANGE, sage, SENT)
    assert (found.presence, [each.field for each in found.differences]) == (Presence.DIFFERENT, [field])
    assert not found.another


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        ("Job", "14-501", "Line 3 job"),
        ("Extra", "", "Line 3 extra"),
        ("Cost_Code", "05-100", "Line 3 cost code"),
        ("Category", "SUB", "Line 3 category"),
        ("Unit_Cost", 9, "Line 3 unit cost"),
        ("Description", "Canopy", ""),
    ],
)
def test_a_new_line_is_compared_with_its_place(column: str, value: object, field: str, sage: Path) -> None:
    """The stand-in takes no new lines, so somebody enters this one by hand."""
    alter(
        sage,
        (
            f"INSERT INTO {ORDER} (Commitment, Commitment_CO, Description, Date, Status, Release_to_Accounting, Amount)"
            " VALUES ('S-7001', 'C2', 'New line', ?, 'Approved', 1, 70)",
            (NEW_LINE.date.isoformat(),),
        ),
        f"INSERT INTO {LINE} (Commitment, Commitment_CO, Item_Number, Description, Job, Extra, Cost_Code, Category, "
        "Units, Unit_Cost, Amount) VALUES ('S-7001', 'C2', 3, 'Canopy', '14-500', 'X1', '03-100', 'MAT', 7, 10, 70)",
        (f"UPDATE {LINE} SET {column} = ? WHERE Commitment_CO = 'C2'", (value,)),
    )
    assert [each.field for each in one(COMMITMENT_CHANGE, sage, NEW_LINE).differences] == [field] * bool(field)


def test_another_change_order_under_the_id_changes_other_lines(sage: Path) -> None:
    found = one(COMMITMENT_CHANGE, sage, replace(NEW_LINE, change_order="C1"))
    assert found.presence is Presence.DIFFERENT and found.another


@pytest.mark.parametrize("commitment, order", [("S-7001      ", "C1        "), ("S-7001", "        C1")])
def test_padding_is_no_difference(commitment: str, order: str, sage: Path) -> None:
    for name in (ORDER, LINE):
        alter(sage, (f"UPDATE {name} SET Commitment = ?, Commitment_CO = ?", (commitment, order)))
    assert one(COMMITMENT_CHANGE, sage, SENT).presence is Presence.EQUAL


def test_the_case_of_an_id_counts_until_the_file_was_out(sage: Path) -> None:
    lower = replace(SENT, change_order="c1")
    assert one(COMMITMENT_CHANGE, sage, lower).presence is Presence.ABSENT
    armed = one(COMMITMENT_CHANGE, sage, lower, baseline={"count": 0})
    assert [each.field for each in armed.differences] == ["Change order ID"]
    assert any("differs by capital letters only" in each for each in reasons(COMMITMENT_CHANGE, sage, lower))


def test_a_second_one_is_several(sage: Path) -> None:
    alter(
        sage,
        f"DROP INDEX IF EXISTS {ORDER}_KEY",
        f"INSERT INTO {ORDER} (Commitment, Commitment_CO, Amount) VALUES ('S-7001', 'C1  ', 5)",
    )
    assert one(COMMITMENT_CHANGE, sage, SENT).presence is Presence.SEVERAL
    with FreshReader(door("file", sage)) as reader:
        assert COMMITMENT_CHANGE.read_back.times(reader, ["S-7001 C1", "S-7001 C2"]) == {"S-7001 C1": 2, "S-7001 C2": 0}


@pytest.mark.parametrize("name", [ORDER, LINE])
def test_a_row_that_cannot_be_read_is_not_absence_and_stands_in_the_way_of_one_only(name: str, sage: Path) -> None:
    second = replace(SENT, change_order="C5")
    bring_in(sage, "jcc", second)
    alter(sage, f"UPDATE {name} SET Amount = '#####' WHERE Commitment_CO = 'C1'")
    unread, equal = looks(COMMITMENT_CHANGE, sage, [Wanted(SENT), Wanted(second)])
    assert unread.presence is Presence.UNREAD
    assert "change order C1 of commitment S-7001, but erpdesk cannot read it" in unread.problem
    assert equal.presence is Presence.EQUAL


def test_a_lost_permission_proves_nothing(sage: Path) -> None:
    """Neither absence, where there were many, nor a difference, where no line shows at all."""
    absent = replace(SENT, change_order="C9")
    found = one(COMMITMENT_CHANGE, sage, absent, at_least=40)
    assert found.presence is Presence.UNREAD
    assert "shows 1 commitment change orders, but showed 40 before" in found.problem
    assert one(COMMITMENT_CHANGE, sage, absent, at_least=4).presence is Presence.ABSENT
    alter(sage, f"DELETE FROM {LINE}")
    found = one(COMMITMENT_CHANGE, sage, SENT)
    assert found.presence is Presence.UNREAD and "shows no lines of any commitment change order" in found.problem


def test_a_sage_without_the_lines_of_change_orders_gets_none(sage: Path) -> None:
    """What could not be proven is not sent, and was it sent, it is not told to be there."""
    alter(sage, f"ALTER TABLE {LINE} RENAME TO HIDDEN")
    (why,) = reasons(COMMITMENT_CHANGE, sage, replace(SENT, change_order="C9"))
    assert f"does not show {LINE}" in why and "none is sent" in why
    assert one(COMMITMENT_CHANGE, sage, SENT).presence is Presence.UNREAD


def test_fifty_are_found_in_one_read(sage: Path) -> None:
    sent = [replace(SENT, change_order=f"B{number}") for number in range(50)]
    bring_in(sage, "jcc", *sent)
    counting = Counting(door("file", sage))
    with FreshReader(counting) as reader:
        reader.probe()
        counting.said.clear()
        found = COMMITMENT_CHANGE.read_back.look(reader, Clock(), [Wanted(each) for each in sent])
    assert {each.presence for each in found} == {Presence.EQUAL}
    assert len(counting.said) <= 8, counting.said


def test_what_stands_against_it_is_said(sage: Path) -> None:
    sound = replace(SENT, change_order="C9")
    assert reasons(COMMITMENT_CHANGE, sage, sound) == ()
    assert reasons(COMMITMENT_CHANGE, sage, replace(NEW_LINE, change_order="C9")) == ()
    cost = replace(sound, lines=(replace(SENT.lines[1], unit_cost=Decimal("13")),))
    assert "the unit cost in Sage is 12.5, not 13" in reasons(COMMITMENT_CHANGE, sage, cost)[0]
    gone = replace(sound, lines=(replace(SENT.lines[0], number=8),))
    assert "has no line 8 in Sage" in reasons(COMMITMENT_CHANGE, sage, gone)[0]
    taken = replace(sound, lines=(replace(NEW_LINE.lines[0], number=1, cost_code="99-999"),))
    number, code = reasons(COMMITMENT_CHANGE, sage, taken)
    assert "has a line 1 in Sage already" in number and "has no 99-999 MAT of extra X1" in code
    assert "Sage has no commitment S-9" in reasons(COMMITMENT_CHANGE, sage, replace(sound, sage_id="S-9"))[0]
    alter(
        sage,
        "UPDATE JCM_MASTER__COMMITMENT SET Closed = 1, Committed = 0",
        "UPDATE JCM_MASTER__JOB SET Status = 'Closed'",
    )
    closed, uncommitted, job = reasons(COMMITMENT_CHANGE, sage, sound)
    assert "Commitment S-7001 is closed" in closed and "not committed to Job Cost" in uncommitted
    assert "leave the change order out of Sage" in job


def test_a_commitment_that_cannot_be_read_is_not_taken_for_gone(sage: Path) -> None:
    alter(sage, "UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = '####'")
    with pytest.raises(BadSageData, match="commitment S-7001, but erpdesk cannot read it"):
        reasons(COMMITMENT_CHANGE, sage, replace(SENT, change_order="C9"))


def test_the_kind_is_declared(sage: Path) -> None:
    payload = document_text.to_text(SENT)
    assert COMMITMENT_CHANGE.document(payload, "S-7001 C7") == replace(SENT, change_order="C7")
    for other in ("C7", "S-7002 C7", "S-7001 ", "S-7001"):
        with pytest.raises(ValueError, match="no change order of commitment S-7001"):
            COMMITMENT_CHANGE.document(payload, other)
    assert (COMMITMENT_CHANGE.printed(SENT), COMMITMENT_CHANGE.part(SENT)) == ("S-7001", "C1")
    assert COMMITMENT_CHANGE.place.file == "commitments.jcc" and COMMITMENT_CHANGE.posting == ""
    with FreshReader(door("file", sage)) as reader:
        assert COMMITMENT_CHANGE.read_back.baseline(reader, Clock(), [SENT]) == {"count": 1}
