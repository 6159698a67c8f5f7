"""One value as the text of one field, or the sentences that say why Sage would not take it as it is.

Nothing is shortened, rounded, padded or replaced; an ID is right-justified only where the site's layout says so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from erpdesk.core.money import show_quantity
from erpdesk.sync.sage.layouts import Field, Layout
from erpdesk.sync.sage.values import FIRST_SHORT_YEAR, FIRST_YEAR, LAST_SHORT_YEAR, LAST_YEAR

LARGEST = Decimal("1e13")
# What a code page has no room for, but a person may have meant plainly: named in the refusal.
_UNSEEN = ("Cc", "Cf", "Zl", "Zp")
_LOOKALIKES = {"\u2212": "-", "\u2033": "in.", "\u2032": "ft", "\u2010": "-", "\u2011": "-"}


def cell(layout: Layout, field: Field, values: Mapping[str, object]) -> tuple[str, list[str]]:
    """The text of a field and what is wrong with its value; no value makes it raise."""
    if not field.source:
        return (f'"{field.value}"' if field.quoted else field.value), []
    value = values.get(field.source)
    if empty(value):
        blank = layout.blank_text if field.quoted else ""
        shown = blank if field.blank is None else field.blank
        return shown, [f"the {field.label} is missing. Fill it in."] if field.required else []
    if field.kind == "flag":
        if not isinstance(value, bool):
            return "", [f"the {field.label} must be yes or no, not {value!r}."]
        return '"Y"' if value else '"N"', []
    if field.quoted:
        return f'"{_justified(layout, field, value)}"', _text(field, value, layout.code_page)
    if field.kind == "date":
        return _date(layout, field, value)
    if field.kind == "word":
        code = field.words.get(value) if isinstance(value, str) else None
        known = " or ".join(field.words)
        return code or "", [] if code else [f"the {field.label} must be {known}, not {value!r}."]
    return _number(layout, field, value)


def empty(value: object) -> bool:
    """Whether a value is blank: None, or a text without anything to see."""
    return value is None or (isinstance(value, str) and not value.strip())


def sound(value: object) -> bool:
    """Whether a value is a number that Sage could hold at all."""
    return isinstance(value, Decimal) and value.is_finite() and abs(value) < LARGEST


def _justified(layout: Layout, field: Field, value: object) -> object:
    width = layout.justify.get(field.source, 0)
    if width and field.kind == "id" and isinstance(value, str) and value.replace(".", "").isdecimal():
        return value.rjust(min(width, field.width or width))
    return value


def _date(layout: Layout, field: Field, value: object) -> tuple[str, list[str]]:
    style = layout.date_style
    first, last = (FIRST_YEAR, LAST_YEAR) if "yyyy" in style else (FIRST_SHORT_YEAR, LAST_SHORT_YEAR)
    if not isinstance(value, date) or not first <= value.year <= last:
        why = "" if "yyyy" in style else f", since this company's dates ({style}) have two digits for the year"
        return "", [f"the {field.label} must be a day between {first} and {last}{why}. Correct it."]
    text = style.replace("yyyy", f"{value.year:04}").replace("yy", f"{value.year % 100:02}")
    text = text.replace("mm", f"{value.month:02}").replace("dd", f"{value.day:02}")
    return f'"{text}"' if layout.quote_dates else text, []


def _number(layout: Layout, field: Field, value: object) -> tuple[str, list[str]]:
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not sound(value):
        return "", [f"the {field.label} is not a number. Type it again."]
    places = 0 if field.kind == "whole" else field.decimals
    exact = round(value, places)
    if exact != value:
        fit = f"at most {places} decimal{'s' * (places > 1)}" if places else "no decimals"
        return "", [f"the {field.label} {value} has too many decimals; Sage takes {fit}. Round it."]
    text = f"{exact + 0:.{places}f}"
    if "." in text:
        whole, part = text.split(".")
        part = part.rstrip("0").ljust(field.show, "0")
        text = f"{whole}{layout.decimal}{part}" if part else whole
    if text.strip("-0.,") == "":
        text = text.lstrip("-")
    if field.width and len(text) > field.width:
        return text, [
            f"the {field.label} {text} has {len(text)} characters; Sage's own field order has room for {field.width}. "
            "Correct it, or the field order in Layouts."
        ]
    return text, _range(layout, field, value)


def _range(layout: Layout, field: Field, value: Decimal) -> list[str]:
    limit = layout.limit_of(field)
    most, least = field.most, field.least
    if limit and limit.hard:
        most = limit.most if most is None else min(most, limit.most)
        least = -limit.most if least is None else max(least, -limit.most)
    shown = show_quantity(value)
    if most is not None and value > most:
        return [f"the {field.label} {shown} is too large; Sage takes at most {show_quantity(most)}. Lower it."]
    if least is not None and value < least:
        return [f"the {field.label} {shown} is too small; Sage takes at least {show_quantity(least)}. Raise it."]
    return []


def _text(field: Field, value: object, code_page: str) -> list[str]:
    if not isinstance(value, str):
        return [f"the {field.label} is not a text. Type it again."]
    reasons = []
    controls = sorted({each for each in value if unicodedata.category(each) in _UNSEEN})
    if controls:
        what = "a line break or tab" if set(controls) & set("\r\n\t\u2028\u2029") else "a character that cannot be seen"
        reasons.append(f"the {field.label} holds {what}, which Sage cannot read. Type it again on one line.")
    if '"' in value:
        reasons.append(
            f'the {field.label} holds a double quotation mark ("), and nothing proves that Sage reads it. '
            "Write it another way, such as in. for inches."
        )
    foreign = sorted({each for each in value if each not in controls and not _fits(each, code_page)})
    if foreign:
        named = ", ".join(_named(each) for each in foreign[:5])
        reasons.append(f"the {field.label} holds {named}, which Sage's character set does not have. Replace it.")
    if field.width and len(value) > field.width:
        reasons.append(
            f"the {field.label} {value!r} has {len(value)} characters; Sage takes at most {field.width}. Shorten it."
        )
    odd = {each for each in value if unicodedata.category(each) == "Zs" and each != " " and _fits(each, code_page)}
    if field.kind == "id" and odd:
        # It looks like a blank on screen and in Sage, but makes another ID.
        named = ", ".join(_named(each) for each in sorted(odd))
        reasons.append(f"the {field.label} holds {named}, which only looks like a blank. Type it again.")
    if field.kind == "id" and value != value.strip():
        reasons.append(f"the {field.label} {value!r} begins or ends with a blank. Take it away.")
    return reasons


def _fits(character: str, code_page: str) -> bool:
    try:
        # A byte that the code page leaves undefined comes back as another character or not at all.
        return character.encode(code_page).decode(code_page) == character
    except UnicodeError:
        return False


def _named(character: str) -> str:
    if character in _LOOKALIKES:
        return f"{character!r} (instead of {_LOOKALIKES[character]})"
    shown = repr(character) if character.isprintable() else f"U+{ord(character):04X}"
    return f"{shown} ({unicodedata.name(character, 'unnamed').lower()})"
