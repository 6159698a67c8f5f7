"""A whole column of ordinary values at once, without a word about them; what is odd goes the slow way, one by one.

Whatever is read here is what the slow way in ``values.py`` would read, without a reason to tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from itertools import repeat
from operator import mul, truediv
from typing import Any

from erpdesk.sync.sage.tables import MAY_BE_BLANK, Column
from erpdesk.sync.sage.values import LARGEST, NOISE, slow

Memory = dict[Any, str | None]
"""Texts, dates or times that were read before, as they stood and as clean text: the same few come again and again."""

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d", re.ASCII)
_WHOLE = 2.0**51
"""Below it a double tells apart what its declared decimals tell apart."""
_MOST_TEXTS = 2000
_MOST_DATES = 20_000


def quick(column: Column, values: Sequence[Any], memory: Memory) -> Sequence[Any] | None:
    """A whole column of ordinary values at once; None when one of them needs a closer look.

    ``memory`` holds texts, dates or times already read. It belongs to the caller, who gives each column of texts one of
    its own, all dates another and all times a third; it is emptied when it grows.
    """
    return _QUICK[column.kind](column, values, memory)


def _quick_text(column: Column, values: Sequence[Any], memory: Memory) -> Sequence[Any] | None:
    try:
        return list(map(memory.__getitem__, values))
    except (KeyError, TypeError, ValueError):
        pass
    try:
        new = set(values).difference(memory)
    # Not every value can be looked up: a view of memory cannot.
    except (TypeError, ValueError):
        return None
    if None in new:
        blank = slow(column, None)
        if blank.reason:
            return None
        new.discard(None)
        memory[None] = blank.value
    texts = _ordinary(column, new)
    if texts is None:
        return None
    if 2 * len(new) > len(values):
        # Few words come twice here: what they have in common is quicker to ask than to remember.
        return _unpadded(values)
    if len(memory) + len(new) > _MOST_TEXTS:
        memory.clear()
        return _quick_text(column, values, memory)
    memory.update(zip(new, texts, strict=True))
    return list(map(memory.__getitem__, values))


def _unpadded(values: Sequence[str | None]) -> Sequence[str]:
    try:
        together = "|".join(values)  # type: ignore[arg-type]  # texts without a gap are the rule, gaps raise
    except TypeError:
        return [(value or "").rstrip(" ") for value in values]
    if " |" in together or together.endswith(" "):
        return [value.rstrip(" ") for value in values if value is not None]
    return values  # type: ignore[return-value]  # joined, so there is no gap


def _ordinary(column: Column, new: set[Any]) -> list[str] | None:
    """These texts without padding, in the order of the set; None when one of them needs a closer look."""
    try:
        together = "|".join(new)
    except TypeError:
        return None
    # Not printable: NUL, control characters, and the surrogates that stand for bytes outside the code page.
    if not together.isprintable():
        return None
    texts = [value.rstrip(" ") for value in new]
    if column.width and len(max(texts, key=len, default="")) > column.width:
        return None
    if column.identity:
        if not together.isascii() or any(text[:1] == " " for text in texts):
            return None
        if column.key and column.name not in MAY_BE_BLANK and "" in texts:
            return None
    if column.choices and not set(texts) <= {"", *column.choices}:
        return None
    return texts


def _quick_float(column: Column, values: Sequence[Any], memory: Memory) -> Sequence[Any] | None:
    if set(map(type, values)) == {float}:
        distinct = set(values)
        if 2 * len(distinct) < len(values):
            few = list(distinct)
            whole = _whole_numbers(column, few)
            return None if whole is None else list(map(dict(zip(few, whole, strict=True)).__getitem__, values))
    return _whole_numbers(column, values)


def _whole_numbers(column: Column, values: Sequence[Any]) -> list[int] | None:
    factor = 10 ** (column.scale or 0)
    limit = min(LARGEST, _WHOLE / factor)
    try:
        # The size first: a decimal of a million digits takes a minute to become a whole number.
        if not -limit < min(values) <= max(values) < limit:
            return None
        whole = list(map(round, map(mul, values, repeat(factor))))
        # Mostly each number is the very double that its declared decimals make.
        if tuple(map(truediv, whole, repeat(factor))) == tuple(values):
            return whole
        apart = max(abs(value - number / factor) for value, number in zip(values, whole, strict=True))
    except (TypeError, ValueError, ArithmeticError):
        return None
    return whole if apart <= NOISE else None


def _quick_int(column: Column, values: Sequence[Any], memory: Memory) -> Sequence[Any] | None:
    return values if set(map(type, values)) == {int} and -(2**53) < min(values) <= max(values) < 2**53 else None


def _quick_bit(column: Column, values: Sequence[Any], memory: Memory) -> Sequence[Any] | None:
    try:
        return list(map(int, values)) if set(values) <= {0, 1} else None
    # Not every value can be looked up: a view of memory cannot.
    except (TypeError, ValueError):
        return None


def _quick_date(column: Column, values: Sequence[Any], memory: Memory) -> Sequence[Any] | None:
    return _remembered(column, values, memory, _is_day)


def _remembered(
    column: Column, values: Sequence[Any], memory: Memory, plain: Callable[[Any], bool]
) -> Sequence[Any] | None:
    """Reads each ``plain`` value that was not met before with care, and all others from memory."""
    try:
        return list(map(memory.__getitem__, values))
    except (KeyError, TypeError, ValueError):
        pass
    if len(memory) > _MOST_DATES:
        memory.clear()
    try:
        for value in set(values).difference(memory):
            reading = slow(column, value)
            if reading.reason or not plain(value):
                return None
            memory[value] = reading.value
    except (TypeError, ValueError):
        return None
    return list(map(memory.__getitem__, values))


def _is_day(value: Any) -> bool:
    """Whether equal values of this kind are the same day: not so with time zones."""
    return value is None or type(value) in (str, date) or (type(value) is datetime and value.tzinfo is None)


def _quick_time(column: Column, values: Sequence[Any], memory: Memory) -> Sequence[Any] | None:
    return _remembered(column, values, memory, _is_moment)


def _is_moment(value: Any) -> bool:
    """Whether this is a time to the second, or nothing; equal ones are then the same time."""
    if type(value) is time:
        return not value.microsecond and value.tzinfo is None
    return value is None or (type(value) is str and len(value) == 8 and bool(_TIME.fullmatch(value)))


_QUICK: dict[str, Callable[[Column, Sequence[Any], Memory], Sequence[Any] | None]] = {
    "char": _quick_text,
    "text": _quick_text,
    "float": _quick_float,
    "int": _quick_int,
    "bit": _quick_bit,
    "date": _quick_date,
    "time": _quick_time,
}
