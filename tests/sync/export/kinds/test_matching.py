"""Lines and entries are put together exactly, in whatever order Sage shows them and whatever else is there."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from erpdesk.sync.export.kinds.matching import OPPOSITE, OWN, UNKNOWN, Line, differences, match, without
from erpdesk.sync.sage.fresh_entries import Entry

AMOUNTS = st.sampled_from([Decimal("1.00"), Decimal("1.01"), Decimal("-2.00")])
CODES = st.sampled_from(["03-100", "05-100"])
DAYS = st.sampled_from(["2026-11-24", "2026-11-27"])
LINES = st.lists(
    st.builds(
        lambda code, day, amount: Line(("J", "", code, "S"), day, "", Decimal("0.0000"), amount), CODES, DAYS, AMOUNTS
    ),
    min_size=1,
    max_size=4,
)


def entry(line: Line, at: int, kind: str = "own", *, posted: bool = False) -> Entry:
    """The entry that Sage makes of a line."""
    return Entry(line.spot, kind, line.day, line.day, line.units, line.amount, posted, (1, at))


def rank(each: Entry) -> int:
    return {"own": OWN, "other": OPPOSITE}.get(each.type, UNKNOWN)


@settings(max_examples=80)
@given(LINES, st.integers(0, 3), st.data())
def test_whole_copies_are_counted_exactly(lines: list[Line], copies: int, data: st.DataObject) -> None:
    """As many copies as there are, in any order, beside entries that share neither day nor amount with a line."""
    entries = [entry(line, at) for at, line in enumerate(lines * copies)]
    alien = Line(("J", "", "03-100", "S"), "2027-01-05", "", Decimal("0.0000"), Decimal("77.00"))
    entries = data.draw(st.permutations([*entries, entry(alien, 99)]))
    found = match(lines, entries, rank)
    assert found.copies == copies
    assert found.nothing is (copies == 0)
    if copies == 1:
        assert list(differences(found)) == [] and len(found.own) == len(lines)
    without_one = without(entries, lines, rank)
    assert len(without_one) == len(entries) - (len(lines) if copies else 0)


@settings(max_examples=80)
@given(LINES, st.data())
def test_one_line_less_is_never_whole(lines: list[Line], data: st.DataObject) -> None:
    """A line that is missing, or has another amount, is said by name."""
    gone = data.draw(st.integers(0, len(lines) - 1))
    entries = [entry(line, at) for at, line in enumerate(lines) if at != gone]
    found = match(lines, entries, rank)
    assert found.copies == 0 and len(list(differences(found))) >= 1
    spoilt = replace(lines[gone], amount=Decimal("9.99"))
    found = match(lines, [*entries, entry(spoilt, 99)], rank)
    assert found.copies == 0 and not found.missing
    assert [each.in_sage for each in differences(found) if each.field.endswith("amount")] != []


def test_an_entry_of_unknown_kind_counts_only_without_another() -> None:
    """A commitment of the same amount and day is no second import; alone it may be the item."""
    line = Line(("J", "", "03-100", "S"), "2026-11-24", "", Decimal("0.0000"), Decimal("1.00"))
    strange, own, other = (entry(line, at, kind) for at, kind in enumerate(("strange", "own", "other")))
    assert match([line], [strange, own], rank).copies == 1
    assert match([line], [strange], rank).own == [(line, strange)]
    assert match([line], [other, own], rank).copies == 2
    assert match([line], [other, own], rank).own == [(line, own)]
    assert without([other, own], [line], rank) == [other]
    near = Entry(line.spot, "strange", line.day, line.day, Decimal("1.0000"), Decimal("2.00"), False, (1, 9))
    assert match([line], [near], rank).nothing


def test_posted_before_waiting() -> None:
    """Of equal entries the posted one is the item's own; a later item of erpdesk has the one that waits."""
    line = Line(("J", "", "03-100", "S"), "2026-11-24", "", Decimal("0.0000"), Decimal("1.00"))
    waits, posted = entry(line, 1), entry(line, 2, posted=True)
    assert match([line], [waits, posted], rank).own == [(line, posted)]
    assert without([waits, posted], [line], rank) == [posted]
