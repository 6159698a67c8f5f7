"""One value of a Sage row at a time: how text, numbers, yes/no and dates are read, and what is said about odd ones.

This is the slow way, which can explain itself; ``quick.py`` has the quick one for a whole column of ordinary values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import filterfalse
from typing import Any

from erpdesk.sync.sage.tables import MAY_BE_BLANK, Column

CODE_PAGE = "cp1252"
OLD_CODE_PAGE = "cp850"
"""How programs of the DOS days wrote letters; most of its accented letters are the same in code page 437."""
NOISE = 1e-6
"""A double may lie this far from its declared decimals before somebody is told."""
LARGEST = 1e13
FIRST_YEAR = 1950
LAST_YEAR = 2098
"""Years outside are how old programs write "no date" (1899, 1900, 2099) or a slip of the keyboard (0025).

The writer keeps to them as well: a date that cannot be read back could never be found equal.
"""
FIRST_SHORT_YEAR = 2000
LAST_SHORT_YEAR = 2049
"""Years that two digits stand for, however the reading program splits the centuries."""

_NO_DATES = frozenset(("0", "0000-00-00", "1899-12-30", "1899-12-31", "1900-01-01"))
_SURROGATES = re.compile("[\ud800-\udfff]")
# Code page 1252 has marks where the old code pages have letters: a mark that touches a letter is suspicious in an ID.
_MARKS = "".join(filterfalse(str.isalpha, bytes(range(0x80, 0xC0)).decode(CODE_PAGE, "ignore")))
_MARK_AT_LETTER = re.compile(f"(?<=[^\\W\\d_])[{_MARKS}]|[{_MARKS}](?=[^\\W\\d_])")


@dataclass(frozen=True)
class Reading:
    """What a value was read as; with a ``reason`` when it is odd, and ``fatal`` when its row cannot be used."""

    value: Any
    reason: str = ""
    fatal: bool = False


def slow(column: Column, value: Any) -> Reading:
    """One value, read with care."""
    if value is None and column.key and column.name not in MAY_BE_BLANK:
        return Reading(None, "is empty.", fatal=True)
    return _SLOW[column.kind](column, value)


def _slow_text(column: Column, value: Any) -> Reading:
    if value is None:
        return Reading("")
    if isinstance(value, bytes | bytearray | memoryview):
        value = bytes(value).decode(CODE_PAGE, "surrogateescape")
    reasons = []
    if column.choices and isinstance(value, int | float) and not isinstance(value, bool):
        # Whoever reads Sage's raw files sees the number of a word; only Sage's driver turns it into the word.
        value = f"{value:g}" if abs(value) < LARGEST else as_it_stands(value)
    if not isinstance(value, str):
        return Reading("", f"{as_it_stands(value)} is not text.", fatal=True)
    text, nul, junk = value.partition("\0")
    if nul and junk.strip("\0 "):
        reasons.append("had left-over characters behind its end; they were cut off.")
    text = text.rstrip(" ")
    if column.identity:
        text = text.lstrip(" ")
    if _SURROGATES.search(text):
        if column.identity:
            return Reading("", f"holds bytes that are no letters{_old_reading(text)}.", fatal=True)
        text = _SURROGATES.sub(_as_number, text)
        reasons.append("holds bytes that are no letters; they are shown as \\x and a number.")
    if column.width and len(text) > column.width:
        reason = f"has {len(text)} characters; Sage has room for {column.width}."
        if column.identity:
            return Reading("", reason, fatal=True)
        reasons.append(reason)
    if column.key and not text and column.name not in MAY_BE_BLANK:
        return Reading("", "is blank.", fatal=True)
    if column.identity and _MARK_AT_LETTER.search(text):
        reasons.append(f"holds marks within letters{_old_reading(text)}.")
    if column.choices and text and text not in column.choices:
        known = ", ".join(column.choices)
        reasons.append(f"{as_it_stands(text)} is none of the words that erpdesk knows here ({known}).")
    return Reading(text, " ".join(reasons))


def raw_bytes(text: str) -> bytes:
    """The bytes that a text was read from, those outside the code page included."""
    try:
        return text.encode(CODE_PAGE, "surrogateescape")
    except UnicodeEncodeError:
        pass
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Half a letter of UTF-16, as a driver for wide characters may hand over.
        return text.encode("utf-8", "surrogatepass")


def _as_number(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code & 0xFF:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def as_it_stands(value: Any, longest: int = 200) -> str:
    """A value for a person to look at, as Python writes it and not too long: bytes in memory as the bytes they are."""
    if isinstance(value, bytearray | memoryview):
        value = bytes(value)
    try:
        return repr(value)[:longest]
    except ValueError:
        return "a number of thousands of digits"


def _old_reading(text: str) -> str:
    """How a suspicious ID reads in the code page of old programs, as a hint in brackets; '' when that is no better."""
    old = raw_bytes(text).decode(OLD_CODE_PAGE)
    better = old.isprintable() and all(char.isascii() or char.isalpha() for char in old)
    return f" (in the old code page 850 it would be “{old}”; see CODEPAGE in the connection)" if better else ""


def _slow_float(column: Column, value: Any) -> Reading:
    if value is None:
        return Reading(None)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return Reading(None, f"{as_it_stands(value)} is not a number.", fatal=True)
    try:
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not exact.is_finite() or abs(exact) >= Decimal(LARGEST):
            return Reading(None, f"{as_it_stands(value)} is too large to be an amount.", fatal=True)
        step = Decimal(1).scaleb(-(column.scale or 0))
        rounded = exact.quantize(step, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return Reading(None, f"{as_it_stands(value)} is not a number.", fatal=True)
    whole = int(rounded.scaleb(column.scale or 0))
    if abs(exact - rounded) > Decimal(repr(NOISE)):
        return Reading(whole, f"{as_it_stands(value)} was rounded to {rounded + 0}.")
    return Reading(whole)


def _slow_int(column: Column, value: Any) -> Reading:
    if value is None:
        return Reading(None)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        with suppress(ArithmeticError):
            if -(2**53) < value < 2**53 and int(value) == value:
                return Reading(int(value))
    return Reading(None, f"{as_it_stands(value)} is not a whole number.", fatal=True)


def _slow_bit(column: Column, value: Any) -> Reading:
    if value is None:
        return Reading(None)
    with suppress(ArithmeticError):
        # -1 is how Visual Basic writes yes.
        if value in (-1, 0, 1):
            return Reading(1 if value else 0)
    return Reading(None, f"{as_it_stands(value)} is neither yes nor no.", fatal=True)


def _slow_date(column: Column, value: Any) -> Reading:
    if value is None:
        return Reading(None)
    if isinstance(value, datetime):
        return _sane(value.date())
    if isinstance(value, date):
        return _sane(value)
    text = _written(value)
    if not text:
        return Reading(None)
    if text in _NO_DATES:
        return Reading(None, f"{as_it_stands(value)} is how Sage writes no date.")
    try:
        if text[10:11] in ("", " ", "T"):
            return _sane(date.fromisoformat(text[:10]))
    except ValueError:
        pass
    return Reading(None, f"{as_it_stands(value)} is not a date.")


def _slow_time(column: Column, value: Any) -> Reading:
    """A time of day as ISO text; a stamp that is no time is no time, with a note."""
    if value is None:
        return Reading(None)
    if isinstance(value, datetime):
        return Reading(value.time().isoformat())
    if isinstance(value, time):
        return Reading(value.replace(tzinfo=None).isoformat())
    text = _written(value)
    if not text:
        return Reading(None)
    try:
        # Some drivers hand a time over with the day on which their calendar begins.
        return Reading(time.fromisoformat(text.replace("T", " ").rpartition(" ")[2]).replace(tzinfo=None).isoformat())
    except ValueError:
        return Reading(None, f"{as_it_stands(value)} is not a time.")


def _written(value: Any) -> str:
    """A date or time as text; a number of thousands of digits is neither."""
    if isinstance(value, str):
        return value.partition("\0")[0].strip()
    return str(value) if not isinstance(value, int) or abs(value) < 2**63 else "-"


def _sane(day: date) -> Reading:
    text = day.isoformat()
    if text in _NO_DATES:
        return Reading(None, f"{text} is how Sage writes no date.")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return Reading(None, f"{text} is out of range ({FIRST_YEAR} to {LAST_YEAR}).")
    return Reading(text)


_SLOW: dict[str, Callable[[Column, Any], Reading]] = {
    "char": _slow_text,
    "text": _slow_text,
    "float": _slow_float,
    "int": _slow_int,
    "bit": _slow_bit,
    "date": _slow_date,
    "time": _slow_time,
}
