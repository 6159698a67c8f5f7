"""Counts and sums of what came over: every row takes part, and what cannot be added up is not guessed."""

from __future__ import annotations

from typing import Any

from erpdesk.sync.mirror.totals import Tally
from erpdesk.sync.sage.reader import Totals
from erpdesk.sync.sage.tables import table

ITEMS = table("JCM_MASTER__COMMITMENT_ITEM")
COLUMNS = tuple(each for each in ITEMS.columns if each.name in ("Commitment", "Item_Number", *ITEMS.sums))


def tally(*rows: tuple[Any, ...]) -> Tally:
    adds = Tally(ITEMS, COLUMNS)
    adds.add(rows)
    return adds


def totals(rows: int, amount: float, invoiced: float) -> Totals:
    return Totals(rows, {"Amount": amount, "Amount_Invoiced": invoiced})


GOOD = ("SC-1", 1, 1.25, 0.5)
NO_KEY = (None, 2, 2.5, 0.25)
NO_AMOUNT = ("SC-1", 3, "?", 0.0)
EMPTY_AMOUNT = ("SC-1", 4, None, -1.0)


def test_sums_cover_the_bad_rows_too() -> None:
    """What Sage counts in a sum is counted here, whatever else is wrong with the row."""
    assert tally(GOOD, NO_KEY).sums() == {"Amount": (3.75, 3.75), "Amount_Invoiced": (0.75, 0.75)}
    assert tally(GOOD, EMPTY_AMOUNT).sums() == {"Amount": (1.25, 1.25), "Amount_Invoiced": (-0.5, 1.5)}


def test_an_amount_that_cannot_be_read_makes_its_sum_unknown() -> None:
    """And no other: the column beside it is still compared with Sage."""
    assert tally(GOOD, NO_AMOUNT).sums() == {"Amount_Invoiced": (0.5, 0.5)}
    assert tally(GOOD, ("SC-1", 5, float("nan"), 0.0)).sums() == {"Amount_Invoiced": (0.5, 0.5)}
    adds = tally(GOOD)
    adds.lost()
    assert adds.rows == 2 and adds.sums() == {}


def test_a_row_or_a_cent_too_few_is_said() -> None:
    """Each difference from what Sage itself says is one sentence; rounding of doubles is none."""
    adds = tally(GOOD, NO_KEY)
    assert adds.disagreement(ITEMS, totals(2, 3.75 + 1e-9, 0.75)) == ""
    assert "2 rows came, but Sage counts 3" in adds.disagreement(ITEMS, totals(3, 3.75, 0.75))
    assert "Amount_Invoiced adds up to 0.75, but Sage says 0.76" in adds.disagreement(ITEMS, totals(2, 3.75, 0.76))
