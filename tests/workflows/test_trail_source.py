"""The audit trail as a long list: several columns sort it, and conditions on columns narrow it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from erpdesk.core.lists import ListAsk, ListTest, Sorts
from erpdesk.workflows.trail_rows import TrailRow
from erpdesk.workflows.trail_source import TrailSource
from tests.town import Town
from tests.workflows.trails import write


@pytest.fixture
def source(any_town: Town) -> TrailSource:
    any_town.sent()
    any_town.sent(number="SC-21-902")
    write(any_town.store.engine, 5)
    return any_town.desk.trail.source(any_town.approver)


def whole(source: TrailSource) -> list[TrailRow]:
    return [row for row in source.rows(list(source.spine(ListAsk()).ids)) if row is not None]


@pytest.mark.parametrize(
    "sorts", [(("kind", False), ("act", True)), (("act", True), ("id", False)), (("who", False), ("at", True))]
)
def test_several_columns_sort_one_after_the_other(source: TrailSource, sorts: Sorts) -> None:
    ask = ListAsk((), sorts)
    ids = list(source.spine(ask).ids)
    assert sorted(ids) == sorted(row.id for row in whole(source))
    assert [row.id for row in source.first(ask, 10)] == ids[:10]
    rows = [row for row in source.rows(ids) if row is not None]
    (first, _down), (second, down) = sorts
    for one, two in pairwise(rows):
        if getattr(one, first) == getattr(two, first) and second in ("id", "at"):
            assert (one.id > two.id) is down


@pytest.mark.parametrize("key", ["who", "act", "kind", "why", "login", "machine", "version"])
def test_every_word_of_a_column_finds_its_entries(source: TrailSource, key: str) -> None:
    rows = whole(source)
    found = source.words(key, "", 999)
    assert dict(found.counts) == {word: sum(getattr(row, key) == word for row in rows) for word, _n in found.counts}
    assert sum(count for _word, count in found.counts) == len(rows) and found.left == 0
    for word, _count in found.counts:
        ids = source.spine(ListAsk((), (), (ListTest(key, (word,)),))).ids
        assert list(ids) == [row.id for row in rows if getattr(row, key) == word], word
    assert source.words(key, "", 1).left == len(found.counts) - 1
    assert not source.spine(ListAsk((), (), (ListTest(key, ("x') OR 1=1 --",)),))).ids


def test_numbers_and_days_are_ranges(source: TrailSource) -> None:
    rows = whole(source)
    middle = rows[len(rows) // 2]
    above = source.spine(ListAsk((), (), (ListTest("id", low=Decimal(middle.id)),))).ids
    assert list(above) == [row.id for row in rows if row.id >= middle.id]
    assert not source.spine(ListAsk((), (), (ListTest("id", low=Decimal(10) ** 40),))).ids
    day = middle.at.astimezone().date()
    on_day = source.spine(ListAsk((), (), (ListTest("at", (), day, day),))).ids
    assert list(on_day) == [row.id for row in rows if row.at.astimezone().date() == day]
    assert not source.spine(ListAsk((), (), (ListTest("at", high=date(1999, 1, 1)),))).ids
    late = max(row.at for row in rows).astimezone().date() + timedelta(days=1)
    assert not source.spine(ListAsk((), (), (ListTest("at", low=late),))).ids


def test_what_is_worked_out_for_each_entry_is_not_tested(source: TrailSource) -> None:
    """Words find it; a test of it changes nothing."""
    assert not {"record", "what", "hash"} & source.narrows
    assert source.spine(ListAsk((), (), (ListTest("what", ("x",)),))).ids == source.spine(ListAsk()).ids
