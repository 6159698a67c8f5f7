"""What an act changed, field by field and in words, out of the before and after of its audit entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

Names = Mapping[str, str]
"""What people call a record, by its id."""


@dataclass(frozen=True)
class Change:
    """One field: its name in words, how it was, how it is; '' = empty."""

    field: str
    before: str
    after: str

    def words(self) -> str:
        """The change in one line."""
        if self.field.endswith((" added", " deleted")):
            return f"{self.field}: {self.after or self.before}"
        return f"{self.field}: {self.before or 'empty'} → {self.after or 'empty'}"


FIELDS = {
    "company": "contract company",
    "retainage_percent": "retainage",
    "method": "accounting method",
    "export": "export to Sage",
    "erp": "ERP status",
    "": "value",
}
LINE_FIELDS = ("extra", "cost code", "category", "description", "quantity", "unit cost", "amount")
EXPORT_WORDS = {
    "INTENT": "Accepted, waits",
    "STAGED": "File written",
    "ARMED": "Checked in Sage",
    "DELIVERED": "In Sage’s mailbox",
    "IN_SAGE": "Found in Sage",
    "POSTED": "Read back, equal",
    "REFUSED": "Refused before sending",
    "SAGE_REJECTED": "Rejected by Sage",
    "IN_DOUBT": "In doubt",
    "CONFLICT": "Differs in Sage",
    "DUPLICATE_ALARM": "Twice in Sage",
    "CLOSED_IN_SAGE": "Closed by hand: in Sage",
    "CLOSED_ABSENT": "Closed by hand: not in Sage",
}


def changes(before: object, after: object, names: Names, field: str = "") -> tuple[Change, ...]:
    """Every field that differs; ``field`` is the name of a value that has no fields of its own."""
    return tuple(_changes(before, after, names, field))


def _changes(before: object, after: object, names: Names, field: str) -> Iterator[Change]:
    if isinstance(before, dict) or isinstance(after, dict):
        was, now = (each if isinstance(each, dict) else {} for each in (before, after))
        for name in dict.fromkeys((*now, *was)):
            if was.get(name) != now.get(name):
                inner = _word(name) if not field else f"{field} {_word(name)}"
                yield from _changes(was.get(name), now.get(name), names, inner)
    elif _has_rows(before) or _has_rows(after):
        yield from _rows(before if isinstance(before, list) else [], after if isinstance(after, list) else [], names)
    else:
        one, other = said(before, names, field), said(after, names, field)
        if one != other:
            yield Change(field or FIELDS[""], one, other)


def _has_rows(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, (list, dict)) for each in value)


def _rows(before: Sequence[Any], after: Sequence[Any], names: Names) -> Iterator[Change]:
    for number, (was, now) in enumerate(zip_longest(before, after), 1):
        if was is None:
            yield Change(f"line {number} added", "", _line(now, names))
        elif now is None:
            yield Change(f"line {number} deleted", _line(was, names), "")
        elif was != now:
            yield from _changes(_fields(was), _fields(now), names, f"line {number}")


def _fields(line: Any) -> dict[str, Any]:
    if isinstance(line, dict):
        return line
    return dict(zip(LINE_FIELDS, line, strict=False)) if isinstance(line, list) else {"": line}


def _line(line: Any, names: Names) -> str:
    """A line that came or went: its cost code, category and amount, or all that it holds."""
    if isinstance(line, list) and len(line) == len(LINE_FIELDS):
        return f"{line[1]} {line[2]}, {line[6]}"
    held = (said(value, names) for key, value in _fields(line).items() if key != "id")
    return ", ".join(each for each in held if each)


def said(value: object, names: Names, field: str = "") -> str:
    """A value in words: '' for nothing, Yes and No, names for ids."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(said(each, names) for each in value)
    if isinstance(value, dict):
        return "; ".join(f"{_word(key)} {said(each, names, _word(key))}".strip() for key, each in value.items())
    text = str(value)
    if field == FIELDS["export"]:
        return EXPORT_WORDS.get(text, text)
    return names.get(text, text)


def _word(name: str) -> str:
    return FIELDS.get(name, name.replace("_", " "))
