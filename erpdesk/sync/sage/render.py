"""A commitment as the bytes of Sage's import file, or the sentences that say why there can be no file.

Nothing is shortened, rounded or replaced: a value that does not fit is refused before a file exists (P5, P18).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from erpdesk.core.money import cents, show_amount, show_quantity
from erpdesk.sync.sage.layouts import Field, Layout, load_layout
from erpdesk.sync.sage.values import FIRST_SHORT_YEAR, FIRST_YEAR, LAST_SHORT_YEAR, LAST_YEAR
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot, Preview

_LARGEST = Decimal("1e13")
# What a code page has no room for, but a person may have meant plainly: named in the refusal.
_UNSEEN = ("Cc", "Cf", "Zl", "Zp")
_LOOKALIKES = {"\u2212": "-", "\u2033": "in.", "\u2032": "ft", "\u2010": "-", "\u2011": "-"}


@dataclass(frozen=True)
class MappedLine:
    """Which record of the file stands for which line of the commitment (number 0 = the commitment itself)."""

    line: int
    letters: str
    sage_id: str
    number: int


class JccPreview:
    """Makes commitment import files by a layout; the same commitment always gives the same bytes (``SagePreview``)."""

    def __init__(self, layout: Layout | None = None) -> None:
        self.layout = layout or load_layout("jcc")

    def preview(self, snapshot: CommitmentSnapshot) -> Preview:
        """The lines, bytes and sha256 of the file; with refusals there are no bytes, and no value makes it raise."""
        refusals: list[str] = []
        lines: list[str] = []
        for letters, where, values in _records(snapshot):
            cells = [f'"{letters}"']
            for field in self.layout.records[letters]:
                text, reasons = self._cell(field, values)
                cells.append(text)
                refusals += [_sentence(where, reason) for reason in reasons]
            lines.append(",".join(cells))
        refusals += _whole(snapshot)
        if refusals:
            return Preview(tuple(lines), b"", "", tuple(dict.fromkeys(refusals)))
        end = self.layout.line_end
        data = "".join(line + end for line in lines).encode(self.layout.code_page)
        return Preview(tuple(lines), data, hashlib.sha256(data).hexdigest(), ())

    def line_map(self, snapshot: CommitmentSnapshot) -> tuple[MappedLine, ...]:
        """Which record each line of the file stands for, so that a rejected line can be told apart."""
        return tuple(
            MappedLine(at, letters, snapshot.sage_id, 0 if letters == "C" else values["number"])
            for at, (letters, _, values) in enumerate(_records(snapshot), 1)
        )

    def warnings(self, snapshot: CommitmentSnapshot) -> tuple[str, ...]:
        """Figures past a limit on which Sage's sources disagree: worth a look, but no reason to stop."""
        found = []
        for letters, where, values in _records(snapshot):
            for field in self.layout.records[letters]:
                limit, value = self.layout.limit_of(field), values.get(field.source)
                if not limit or limit.hard or not isinstance(value, Decimal) or not _sound(value):
                    continue
                if abs(value) > limit.most:
                    over = f"the {field.label} {show_amount(value)} is over {show_amount(limit.most)}, "
                    found.append(_sentence(where, over + "which some Sage installations do not take in one line."))
        return tuple(found)

    def _cell(self, field: Field, values: dict[str, Any]) -> tuple[str, list[str]]:
        quoted = field.kind in ("text", "id")
        if not field.source:
            return (f'"{field.value}"' if quoted else field.value), []
        value = values.get(field.source)
        if value is None or value == "" or (quoted and isinstance(value, str) and not value.strip()):
            blank = '""' if quoted else ""
            return blank, [f"the {field.label} is missing. Fill it in."] if field.required else []
        if quoted:
            return f'"{value}"', _text(field, value, self.layout.code_page)
        if field.kind == "date":
            return self._date(field, value)
        if field.kind == "word":
            code = field.words.get(value) if isinstance(value, str) else None
            known = " or ".join(field.words)
            return code or "", [] if code else [f"the {field.label} must be {known}, not {value!r}."]
        return self._number(field, value)

    def _date(self, field: Field, value: object) -> tuple[str, list[str]]:
        style = self.layout.date_style
        first, last = (FIRST_YEAR, LAST_YEAR) if "yyyy" in style else (FIRST_SHORT_YEAR, LAST_SHORT_YEAR)
        if not isinstance(value, date) or not first <= value.year <= last:
            why = "" if "yyyy" in style else f", since this company's dates ({style}) have two digits for the year"
            return "", [f"the {field.label} must be a day between {first} and {last}{why}. Correct it."]
        text = style.replace("yyyy", f"{value.year:04}").replace("yy", f"{value.year % 100:02}")
        return text.replace("mm", f"{value.month:02}").replace("dd", f"{value.day:02}"), []

    def _number(self, field: Field, value: object) -> tuple[str, list[str]]:
        if isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        if not isinstance(value, Decimal) or not _sound(value):
            return "", [f"the {field.label} is not a number. Type it again."]
        places = 0 if field.kind == "whole" else field.decimals
        exact = round(value, places)
        if exact != value:
            fit = f"at most {places} decimals" if places else "no decimals"
            return "", [f"the {field.label} {value} has too many decimals; Sage takes {fit}. Round it."]
        text = f"{exact + 0:.{places}f}"
        if "." in text:
            whole, part = text.split(".")
            part = part.rstrip("0").ljust(field.show, "0")
            text = f"{whole}.{part}" if part else whole
        if text.strip("-0.") == "":
            text = text.lstrip("-")
        return text, self._range(field, value)

    def _range(self, field: Field, value: Decimal) -> list[str]:
        limit = self.layout.limit_of(field)
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


def _records(snapshot: CommitmentSnapshot) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The records in file order: letters, how a refusal begins, and the values that fields ask for."""
    header = {name: getattr(snapshot, name) for name in ("sage_id", "type", "title", "vendor", "date")}
    yield "C", "", {**header, "retainage_percent": snapshot.retainage_percent}
    for line in snapshot.lines:
        own = {name: getattr(line, name) for name in LineSnapshot.__dataclass_fields__}
        yield "CI", f"Line {line.number}: ", {**own, "sage_id": snapshot.sage_id, "job": snapshot.job}


def _sentence(where: str, reason: str) -> str:
    return f"{where}{reason}" if where else reason[:1].upper() + reason[1:]


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


def _sound(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and abs(value) < _LARGEST


def _whole(snapshot: CommitmentSnapshot) -> list[str]:
    """What is wrong with the commitment as a whole: no lines, numbers used twice, lines that do not add up."""
    reasons = []
    if not snapshot.lines:
        reasons.append("The commitment has no line. Add at least one line to the schedule of values.")
    numbers = [line.number for line in snapshot.lines]
    for number in sorted({str(each) for each in numbers if numbers.count(each) > 1}):
        reasons.append(f"Line {number}: the number stands twice in the schedule of values. Number the lines again.")
    for line in snapshot.lines:
        reasons += _adds_up(line)
    return reasons


def _adds_up(line: LineSnapshot) -> list[str]:
    where = f"Line {line.number}: "
    if line.quantity is None and line.unit_cost is None:
        return [f"{where}it has a unit but no quantity. Clear the unit or fill in the quantity."] if line.unit else []
    if line.quantity is None or line.unit_cost is None:
        there, gone = ("unit cost", "quantity") if line.quantity is None else ("quantity", "unit cost")
        return [f"{where}it has a {there} but no {gone}. Fill in both, or clear both."]
    if not (_sound(line.quantity) and _sound(line.unit_cost) and _sound(line.amount)):
        return []
    worth = cents(line.quantity * line.unit_cost)
    if worth == line.amount:
        return []
    product = f"{show_quantity(line.quantity)} × {show_quantity(line.unit_cost)} is {show_amount(worth)}"
    return [
        f"{where}{product}, but the amount is {show_amount(line.amount)}. "
        "Correct the line, or clear quantity and unit cost to keep the amount."
    ]
