"""A commitment is found again in Sage by its ID: once, as approved, or with what differs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from erpdesk.core.clock import Clock
from erpdesk.models.erp import Source
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.kinds.kind import Presence, Wanted
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.workflows import snapshots
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot
from tests.sync.export.kinds.keyed import DOORS, Counting, bring_in, build, looks, one, reasons
from tests.sync.mirror.kit import alter, copied, door
from tests.sync.stand_in_files import DAY

LINES = (
    LineSnapshot(1, "Piles", "X1", "03-100", "SUB", None, "", None, Decimal("21000.00")),
    LineSnapshot(2, "Bolts", "X1", "05-100", "MAT", Decimal("10.5"), "each", Decimal("100.00"), Decimal("1050.00")),
)
SENT = CommitmentSnapshot("PO-801", "Purchase order", "Piles", "DOORPRO", "14-500", DAY, Decimal("5"), LINES)
ARMED = {"count": 1}
HEADER, ITEM = "JCM_MASTER__COMMITMENT", "JCM_MASTER__COMMITMENT_ITEM"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("commitments") / "sage", "jcc")
    bring_in(folder, "jcc", SENT)
    return folder


@pytest.fixture
def sage(imported: Path, tmp_path: Path) -> Path:
    return copied(imported, tmp_path / "sage")


def untied(sage: Path, *statements: str) -> None:
    """Changes that Sage itself would not make: two records under one ID."""
    alter(sage, f"DROP INDEX IF EXISTS {HEADER}_KEY", f"DROP INDEX IF EXISTS {ITEM}_KEY", *statements)


@pytest.mark.parametrize("way", DOORS)
def test_absent_equal_and_different_are_told_through_each_door(way: str, sage: Path) -> None:
    """One read for three items, in the order in which they were asked for."""
    other = replace(SENT, sage_id="SC-1")
    changed = replace(SENT, title="Sheet piles")
    absent, equal, different = looks(COMMITMENT, sage, [Wanted(each) for each in (other, SENT, changed)], way)
    assert (absent.presence, equal.presence) == (Presence.ABSENT, Presence.EQUAL)
    assert different.presence is Presence.DIFFERENT and not different.another
    assert [str(each) for each in different.differences] == ["Title: approved Sheet piles, in Sage Piles"]
    assert {each.count for each in (absent, equal, different)} == {2}
    assert equal.source is Source.ODBC_MASTER and equal.observation().result == "equal"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (f"UPDATE {HEADER} SET Commitment_Type = 'Subcontract'", "Type"),
        (f"UPDATE {HEADER} SET Description = 'Pile'", "Title"),
        (f"UPDATE {HEADER} SET Vendor = 'STEELCO'", "Vendor"),
        (f"UPDATE {HEADER} SET Job = '14-501'", "Job"),
        (f"UPDATE {HEADER} SET Date = '2026-11-25'", "Date"),
        (f"UPDATE {HEADER} SET Retainage_Percent = 5.5", "Retainage percent"),
        (f"UPDATE {HEADER} SET Committed = 0", "Committed to Job Cost"),
        (f"UPDATE {HEADER} SET Closed = 1", "Closed"),
        (f"UPDATE {HEADER} SET Amount = 22050.01", "Amount"),
        (f"UPDATE {ITEM} SET Description = 'Nuts'", "Line 2 description"),
        (f"UPDATE {ITEM} SET Job = '14-501'", "Line 2 job"),
        (f"UPDATE {ITEM} SET Extra = ''", "Line 2 extra"),
        (f"UPDATE {ITEM} SET Cost_Code = '03-100'", "Line 2 cost code"),
        (f"UPDATE {ITEM} SET Category = 'SUB'", "Line 2 category"),
        (f"UPDATE {ITEM} SET Units = 10", "Line 2 quantity"),
        (f"UPDATE {ITEM} SET Unit_Description = 'ea'", "Line 2 unit"),
        (f"UPDATE {ITEM} SET Unit_Cost = 99", "Line 2 unit cost"),
        (f"UPDATE {ITEM} SET Amount = 1049.99", "Line 2 amount"),
        (f"UPDATE {ITEM} SET Tax = 1", "Line 2 tax"),
        (f"UPDATE {ITEM} SET Retainage_Percent = 7", "Line 2 retainage percent"),
        (f"DELETE FROM {ITEM}", "Line 2"),
    ],
)
def test_each_field_is_compared(change: str, field: str, sage: Path) -> None:
    """A person changed one thing in Sage: that one is told, and no other."""
    alter(sage, f"{change} WHERE Commitment = 'PO-801'" + (" AND Item_Number = 2" if ITEM in change else ""))
    found = one(COMMITMENT, sage, SENT)
    assert (found.presence, [each.field for each in found.differences]) == (Presence.DIFFERENT, [field])
    assert found.another == (field == "Vendor")


@pytest.mark.parametrize("written", ["PO-801      ", "      PO-801"])
def test_padding_is_no_difference(written: str, sage: Path) -> None:
    alter(
        sage,
        *((f"UPDATE {name} SET Commitment = ? WHERE Commitment = 'PO-801'", (written,)) for name in (HEADER, ITEM)),
        f"UPDATE {HEADER} SET Description = 'Piles   ', Vendor = 'DOORPRO   ' WHERE Description = 'Piles'",
    )
    assert one(COMMITMENT, sage, SENT).presence is Presence.EQUAL


def test_the_case_of_an_id_follows_the_companys_rule(sage: Path, tmp_path: Path) -> None:
    """Where IDs are in capitals, their case says nothing; elsewhere it does, and may be ours once the file was out."""
    lower = replace(SENT, sage_id="po-801")
    assert one(COMMITMENT, sage, lower).presence is Presence.ABSENT
    armed = one(COMMITMENT, sage, lower, baseline=ARMED)
    assert armed.presence is Presence.DIFFERENT and armed.differences[0].field == "Commitment ID"
    assert reasons(COMMITMENT, sage, lower) == (
        "Sage has a commitment PO-801, which differs by capital letters only. Use another ID.",
    )
    capitals = build(tmp_path / "capitals", "jcc", commitment_capitals=True)
    bring_in(capitals, "jcc", SENT)
    assert one(COMMITMENT, capitals, lower).presence is Presence.EQUAL
    with FreshReader(door("file", capitals)) as reader:
        assert COMMITMENT.read_back.times(reader, ["po-801", "PO-9"]) == {"po-801": 1, "PO-9": 0}


def test_a_second_one_is_several(sage: Path) -> None:
    """Also when it is spelled with padding."""
    untied(sage, f"INSERT INTO {HEADER} (Commitment, Amount) VALUES ('PO-801      ', 5)")
    assert one(COMMITMENT, sage, SENT).presence is Presence.SEVERAL
    with FreshReader(door("file", sage)) as reader:
        assert COMMITMENT.read_back.times(reader, ["PO-801", "S-7001"]) == {"PO-801": 2, "S-7001": 1}


def test_another_commitment_under_the_id_is_told(sage: Path) -> None:
    alter(sage, f"UPDATE {ITEM} SET Cost_Code = '05-100', Category = 'SUB' WHERE Commitment = 'PO-801'")
    found = one(COMMITMENT, sage, SENT)
    assert found.presence is Presence.DIFFERENT and found.another


@pytest.mark.parametrize("name", [HEADER, ITEM])
def test_a_row_that_cannot_be_read_is_not_absence_and_stands_in_the_way_of_one_only(name: str, sage: Path) -> None:
    alter(sage, f"UPDATE {name} SET Amount = '#####' WHERE Commitment = 'S-7001'")
    seven = replace(SENT, sage_id="S-7001")
    unread, equal, absent = looks(
        COMMITMENT, sage, [Wanted(each) for each in (seven, SENT, replace(SENT, sage_id="N"))]
    )
    assert unread.presence is Presence.UNREAD and "S-7001, but erpdesk cannot read it" in unread.problem
    assert (equal.presence, absent.presence) == (Presence.EQUAL, Presence.ABSENT)


def test_a_line_whose_number_cannot_be_read_stands_in_the_way_of_its_commitment_only(sage: Path) -> None:
    """The key of such a row is not known, so each commitment is asked for by itself."""
    untied(sage, f"UPDATE {ITEM} SET Item_Number = 'x' WHERE Commitment = 'S-7001' AND Item_Number = 2")
    unread, equal = looks(COMMITMENT, sage, [Wanted(replace(SENT, sage_id="S-7001")), Wanted(SENT)])
    assert (unread.presence, equal.presence) == (Presence.UNREAD, Presence.EQUAL)


def test_a_lost_permission_proves_no_absence(sage: Path) -> None:
    """An empty table is no answer where there were many records; three fewer, or a tenth, may have been deleted."""
    alter(sage, f"DELETE FROM {HEADER}")
    many = one(COMMITMENT, sage, SENT, at_least=40)
    assert many.presence is Presence.UNREAD and many.unavailable is None
    assert many.problem == (
        "Sage shows 0 commitments, but showed 40 before, so it cannot be told whether PO-801 is there. "
        "Check the permissions of the Sage user."
    )
    assert one(COMMITMENT, sage, SENT, at_least=3).presence is Presence.ABSENT


def test_commitments_without_any_line_in_sage_are_unread(sage: Path) -> None:
    """The right to read the lines is gone: nothing differs, one does not see it."""
    alter(sage, f"DELETE FROM {ITEM}")
    found = one(COMMITMENT, sage, SENT)
    assert found.presence is Presence.UNREAD and "shows no lines of any commitment" in found.problem


def test_a_sage_that_cannot_be_reached_is_unread(tmp_path: Path) -> None:
    found = one(COMMITMENT, tmp_path / "away", SENT)
    assert found.presence is Presence.UNREAD and found.unavailable is not None and found.problem


def test_fifty_are_found_in_one_read(sage: Path) -> None:
    """As many statements for fifty as for a few; the probe's own are left out."""
    sent = [replace(SENT, sage_id=f"B-{number}") for number in range(50)]
    bring_in(sage, "jcc", *sent)
    counting = Counting(door("file", sage))
    with FreshReader(counting) as reader:
        reader.probe()
        counting.said.clear()
        found = COMMITMENT.read_back.look(reader, Clock(), [Wanted(each) for each in sent])
    assert {each.presence for each in found} == {Presence.EQUAL} and len(found) == 50
    assert len(counting.said) == 5, counting.said


def test_the_baseline_counts_and_the_kind_is_declared(sage: Path) -> None:
    with FreshReader(door("file", sage)) as reader:
        assert COMMITMENT.read_back.baseline(reader, Clock(), [SENT]) == {"count": 2}
    assert COMMITMENT.document(snapshots.to_text(SENT), "PO-9") == replace(SENT, sage_id="PO-9")
    assert COMMITMENT.printed(SENT) == "PO-801" and COMMITMENT.part(SENT) == "" and COMMITMENT.lane(SENT) == ""
    assert COMMITMENT.place.file == "commitments.jcc" and COMMITMENT.posting == ""


def test_nothing_wanted_asks_nothing(tmp_path: Path) -> None:
    assert looks(COMMITMENT, tmp_path / "away", []) == ()


def test_what_stands_against_it_is_said(sage: Path) -> None:
    assert reasons(COMMITMENT, sage, replace(SENT, sage_id="N")) == ()
    alter(sage, "UPDATE JCM_MASTER__JOB SET Status = 'Closed'")
    against = reasons(COMMITMENT, sage, replace(SENT, vendor="GONE"))
    assert "no vendor GONE" in against[0] and "leave the commitment out of Sage" in against[1] and len(against) == 2
