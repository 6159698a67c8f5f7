"""Filter, sort and sums, worked out in slices, agree with the plain way of doing it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpdesk.views.kit import record_order
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.record_order import Shown, Wish, runs_of, shown_rows, sums
from erpdesk.views.kit.sliced import Steps

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    vendor: str | None
    amount: Decimal | None


VENDOR = Column("vendor", "Vendor", value=lambda row: row.vendor)
AMOUNT = Column("amount", "Amount", kind="money", value=lambda row: row.amount)
COLUMNS = (VENDOR, AMOUNT)


def run(steps: Steps[T]) -> T:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def shown(rows: list[Row], wish: Wish, known: list[str] | None = None) -> Shown:
    return run(shown_rows(rows, COLUMNS, lambda row: row.id, [] if known is None else known, wish))


def some_rows(count: int) -> list[Row]:
    dice = random.Random(7)
    names = ["Hollis Steel", "northlight", "Brassworks", None, "Cable & Conduit", ""]
    return [
        Row(place, dice.choice(names), None if place % 11 == 0 else Decimal(dice.randrange(-500000, 500000)).scaleb(-2))
        for place in range(count)
    ]


@pytest.fixture(params=[1, 3, 1000])
def small_slices(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices so small that every loop goes round several times."""
    monkeypatch.setattr(record_order, "CHUNK", max(2, request.param))
    monkeypatch.setattr(record_order, "RUN", request.param)


@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("column", "key"), [(VENDOR, "vendor"), (AMOUNT, "amount")])
def test_sorting_is_stable_with_empty_cells_last(column: Column, key: str, descending: bool) -> None:
    rows = some_rows(100)
    full = [row for row in rows if getattr(row, key) not in (None, "")]
    empty = [row for row in rows if getattr(row, key) in (None, "")]

    def plain(row: Row) -> Any:
        value = getattr(row, key)
        return value.casefold() if isinstance(value, str) else value

    expected = sorted(full, key=plain, reverse=descending) + empty
    assert shown(rows, Wish(sorts=((column, descending),))).rows == expected


@pytest.mark.usefixtures("small_slices")
def test_every_word_must_occur_in_some_column() -> None:
    rows = some_rows(100)
    found = shown(rows, Wish(words=("steel", "1,"))).rows
    assert found == [row for row in rows if row.vendor == "Hollis Steel" and "1," in AMOUNT.shown(row)]
    assert found


def test_words_are_not_found_across_two_cells() -> None:
    rows = [Row(1, "Hollis", Decimal("1.00"))]
    assert not shown(rows, Wish(words=("hollis1",))).rows


def test_a_dropped_search_keeps_what_it_read() -> None:
    rows, known = some_rows(3000), list[str]()
    steps = shown_rows(rows, COLUMNS, lambda row: row.id, known, Wish(words=("steel",)))
    next(steps)
    steps.close()
    assert 0 < len(known) < len(rows)
    again = shown(rows, Wish(words=("steel",)), known)
    assert again.rows == [row for row in rows if row.vendor == "Hollis Steel"]
    assert len(known) == len(rows)


@pytest.mark.usefixtures("small_slices")
def test_a_condition_narrows_beside_the_words() -> None:
    rows = some_rows(100)

    def positive(row: Row) -> bool:
        return row.amount is not None and row.amount > 0

    found = shown(rows, Wish(words=("brass",), where=positive)).rows
    assert found == [row for row in rows if row.vendor == "Brassworks" and positive(row)]


@pytest.mark.usefixtures("small_slices")
def test_ids_places_and_sums_belong_to_the_rows_shown() -> None:
    result = shown(some_rows(50), Wish(words=("north",), sorts=((AMOUNT, False),)))
    assert result.ids == [row.id for row in result.rows]
    assert all(result.ids[place] == record_id for record_id, place in result.places.items())
    assert result.sums == {"amount": sum((row.amount for row in result.rows if row.amount), Decimal("0.00"))}


def test_the_sum_of_nothing_is_zero() -> None:
    assert run(sums([], COLUMNS)) == {"amount": Decimal("0.00")}


def test_two_rows_with_one_id_are_a_fault() -> None:
    with pytest.raises(ValueError, match="same id"):
        shown([Row(1, "a", None), Row(1, "b", None)], Wish())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.one_of(st.none(), st.text(max_size=4)), st.one_of(st.none(), st.integers(-999, 999)))),
    st.booleans(),
    st.sampled_from([None, VENDOR, AMOUNT]),
)
def test_nothing_is_lost_or_doubled(cells: list[tuple[str | None, int | None]], down: bool, by: Column | None) -> None:
    rows = [
        Row(place, name, None if cents is None else Decimal(cents).scaleb(-2))
        for place, (name, cents) in enumerate(cells)
    ]
    result = shown(rows, Wish(sorts=((by, down),) if by else ()))
    assert set(result.ids) == {row.id for row in rows}
    assert len(result.rows) == len(rows)


@given(st.sets(st.integers(0, 30)))
def test_runs_hold_exactly_the_records_asked_for(ids: set[int]) -> None:
    order = Shown(ids=list(range(25)), places={place: place for place in range(25)})
    runs = runs_of(order, ids)
    assert {place for top, bottom in runs for place in range(top, bottom + 1)} == {place for place in ids if place < 25}
    assert all(below[0] > above[1] + 1 for above, below in pairwise(runs))


def test_several_columns_sort_the_most_important_first() -> None:
    rows = [Row(1, "B", Decimal(2)), Row(2, "A", Decimal(1)), Row(3, "B", Decimal(3)), Row(4, "A", None)]
    rows.append(Row(5, "", Decimal(9)))
    found = shown(rows, Wish(sorts=((VENDOR, False), (AMOUNT, True))))
    assert [row.id for row in found.rows] == [2, 4, 3, 1, 5], "empty cells stand last within each"
