"""What a column of a list must hold: one of some words, a range of amounts or dates, or a span such as this month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from erpdesk.core.clock import CLOCK
from erpdesk.core.lists import ListTest
from erpdesk.core.money import show_amount, show_quantity
from erpdesk.views.kit.columns import RIGHT, Column, show_date

SPANS = {
    "today": "today",
    "week": "this week",
    "month": "this month",
    "last_month": "last month",
    "year": "this year",
}
EMPTY_WORDS = "empty"
_NAMED = 3
_FIRST_DAY, _LAST_DAY = date.min, date.max


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one column, by its key: ``words`` as they stand on screen, or a range with both ends in it.

    ``low`` and ``high`` are Decimal for amounts and numbers, date for dates; None leaves that end open. ``span`` names
    a stretch of days that moves with the calendar (a key of ``SPANS``). Empty cells fit only the word "".
    """

    key: str
    words: tuple[str, ...] = ()
    low: Decimal | date | None = None
    high: Decimal | date | None = None
    span: str = ""

    def fits(self, column: Column) -> Callable[[Any], bool]:
        """A test for rows, as of today."""
        if self.words:
            wanted = frozenset(self.words)
            return lambda row: column.shown(row) in wanted
        if column.kind == "date":
            first, last = self.days()
            return lambda row: first <= (_day(column.value(row)) or last) <= last if _day(column.value(row)) else False
        low = self.low if isinstance(self.low, Decimal) else None
        high = self.high if isinstance(self.high, Decimal) else None

        def within(row: Any) -> bool:
            value = column.value(row)
            if not isinstance(value, Decimal | int):
                return False
            return (low is None or value >= low) and (high is None or value <= high)

        return within

    def test(self, column: Column) -> ListTest:
        """The condition as it is asked of whoever holds the rows, as of today."""
        if self.words or column.kind != "date":
            return ListTest(self.key, self.words, self.low, self.high)
        low, high = self.days()
        return ListTest(self.key, (), low if low > _FIRST_DAY else None, high if high < _LAST_DAY else None)

    def days(self) -> tuple[date, date]:
        """The first and last day of a range of dates."""
        if self.span:
            return span_days(self.span, CLOCK.today())
        low = self.low if isinstance(self.low, date) else _FIRST_DAY
        high = self.high if isinstance(self.high, date) else _LAST_DAY
        return low, high

    def said(self, column: Column) -> str:
        """The condition in words: ``Amount 1,000.00 to 5,000.00``."""
        if self.words:
            named = [word or EMPTY_WORDS for word in self.words]
            more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
            listed = ", ".join(named[:_NAMED]) if more or len(named) < 2 else f"{', '.join(named[:-1])} or {named[-1]}"
            return f"{column.title}: {listed}{more}"
        if self.span:
            return f"{column.title} {SPANS[self.span]}"
        low, high = (None if end is None else show_end(column.kind, end) for end in (self.low, self.high))
        if low is not None and high is not None:
            return f"{column.title} {low}" if low == high else f"{column.title} {low} to {high}"
        return f"{column.title} from {low}" if low is not None else f"{column.title} up to {high}"

    def kept(self) -> dict[str, Any]:
        """The condition as it is stored; ``read_condition`` reads it."""
        ends = {name: str(end) for name, end in (("low", self.low), ("high", self.high)) if end is not None}
        return {"key": self.key, "words": list(self.words), "span": self.span, **ends}


def read_condition(kept: Mapping[str, Any], columns: Mapping[str, Column]) -> Condition | None:
    """A stored condition; None when its column is gone or it cannot be read."""
    column = columns.get(str(kept.get("key", "")))
    if column is None:
        return None
    span = str(kept.get("span", ""))
    if span and (span not in SPANS or column.kind != "date"):
        return None
    try:
        words = tuple(str(word) for word in kept.get("words", ()))
        low, high = (_end(column.kind, kept.get(name)) for name in ("low", "high"))
    except (ValueError, TypeError, InvalidOperation):
        return None
    found = Condition(column.key, words, low, high, span)
    return found if words or span or low is not None or high is not None else None


def show_end(kind: str, end: Decimal | date) -> str:
    """One end of a range in the words of the list."""
    if isinstance(end, date):
        return show_date(end)
    return show_amount(end) if kind == "money" else show_quantity(end)


def span_days(span: str, today: date) -> tuple[date, date]:
    """First and last day of a named span; weeks begin on Sunday, as calendars do here."""
    if span == "today":
        return today, today
    if span == "week":
        first = today - timedelta(days=(today.weekday() + 1) % 7)
        return first, first + timedelta(days=6)
    if span == "year":
        return today.replace(month=1, day=1), today.replace(month=12, day=31)
    first = today.replace(day=1)
    if span == "last_month":
        first = (first - timedelta(days=1)).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first, following - timedelta(days=1)


def by_range(column: Column) -> bool:
    """Whether a column is narrowed by a range rather than by its words."""
    return column.kind == "date" or column.kind in RIGHT


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone().date()
    return value if isinstance(value, date) else None


def _end(kind: str, kept: Any) -> Decimal | date | None:
    if kept is None:
        return None
    if kind == "date":
        return date.fromisoformat(str(kept))
    number = Decimal(str(kept))
    if not number.is_finite():
        raise ValueError(f"{kept} is no number")
    return number
