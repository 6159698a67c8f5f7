"""Reads an import file of Sage, strictly: each line becomes a record that is sound, or refused with a reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from erpdesk.paths import resources

Value = str | int | Decimal | date | None
ENCODING = "cp1252"
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of the largest file an import takes."""
LONGEST_LINE = 16 * 1024
"""Bytes of the longest line an import takes."""


@dataclass(frozen=True)
class Refusal:
    """Why a record is refused: a short reason for programs and a sentence for the journal."""

    reason: str
    sentence: str


@dataclass(frozen=True)
class Record:
    """One line of the file: its number from 1, record letters, bytes as read, values by field name, and its refusal."""

    line: int
    letters: str
    raw: bytes
    values: Mapping[str, Value] = field(default_factory=dict)
    refusal: Refusal | None = None

    def text(self, name: str) -> str:
        """A text or id; blank when it was left off or unreadable."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> Decimal:
        """A number; zero when it was left off or unreadable."""
        value = self.values.get(name)
        return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)

    def day(self, name: str) -> date | None:
        """A date, or None when it was left off."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def given(self, name: str) -> bool:
        """Whether the field was filled in at all."""
        return self.values.get(name) not in (None, "")


@dataclass(frozen=True)
class _Cell:
    text: str
    quoted: bool


@cache
def layout_file(name: str) -> Mapping[str, Any]:
    """One of the stand-in's own layouts, from its own data."""
    return tomllib.loads((resources() / "sage" / "sandbox" / f"{name}.toml").read_text("utf-8"))


def read_file(
    data: bytes, shapes: Mapping[str, Any], date_format: str, *, unit_cost_limit: int = 999_999
) -> list[Record]:
    """Cuts the file into records by the shapes of its record letters (``title``, ``longest``, ``field``).

    Dates are read by the company's date option, such as ``mm/dd/yyyy``, or by the field's own ``format``.
    """
    if not data:
        return []
    lines = data.split(b"\r\n")
    last = lines.pop()
    records = [_record(number, line, shapes, date_format, unit_cost_limit) for number, line in enumerate(lines, 1)]
    if last:
        cut = Refusal("layout_mismatch", "the last line of the file is not complete.")
        records.append(Record(len(lines) + 1, "", last, {}, cut))
    return records


def _record(number: int, raw: bytes, shapes: Mapping[str, Any], date_format: str, unit_cost_limit: int) -> Record:
    if len(raw) > LONGEST_LINE:
        return Record(number, "", raw, {}, _mismatch(f"the line is over {LONGEST_LINE} characters long."))
    text, refusal = _decode(raw)
    cells, wrong = _cells(text)
    refusal = refusal or wrong
    letters = cells[0].text if cells else ""
    shape = shapes.get(letters)
    if shape is None:
        what = f"the record letters {letters} are not known." if letters else "the line has no record letters."
        return Record(number, "", raw, {}, refusal or _mismatch(what))
    values: dict[str, Value] = {}
    fields = shape["field"]
    for position, (spec, cell) in enumerate(zip(fields, cells[1:] + [_Cell("", False)] * len(fields), strict=False), 2):
        values[spec["name"]], wrong = _value(spec, cell, position, date_format, unit_cost_limit)
        refusal = refusal or wrong
    if any(cell.text for cell in cells[len(fields) + 1 :]):
        refusal = refusal or _mismatch(f"field {len(fields) + 2} and later are not known in a {shape['title']}.")
    if len(cells) > shape["longest"]:
        refusal = refusal or _mismatch(f"the line has {len(cells)} fields; the record has {shape['longest']}.")
    return Record(number, letters, raw, values, refusal)


def _mismatch(sentence: str) -> Refusal:
    return Refusal("layout_mismatch", sentence)


def _decode(raw: bytes) -> tuple[str, Refusal | None]:
    try:
        text = raw.decode(ENCODING)
    except UnicodeDecodeError:
        return raw.decode(ENCODING, "replace"), _mismatch("the line holds a character that is not in code page 1252.")
    if re.search(r"[\x00-\x1f\x7f]", text):
        return text, _mismatch("the line holds a control character or a line end that is not CR LF.")
    return text, None


def _cells(text: str) -> tuple[list[_Cell], Refusal | None]:
    """Splits a line at its commas; text may stand in quotation marks and may hold none."""
    cells: list[_Cell] = []
    at = 0
    while True:
        if text[at : at + 1] == '"':
            end = text.find('"', at + 1)
            if end < 0:
                cells.append(_Cell(text[at + 1 :], True))
                return cells, _mismatch("a quotation mark is not closed.")
            cells.append(_Cell(text[at + 1 : end], True))
            at = end + 1
            if text[at : at + 1] not in ("", ","):
                return cells, _mismatch("a text holds a quotation mark.")
        else:
            end = text.find(",", at)
            end = len(text) if end < 0 else end
            cells.append(_Cell(text[at:end], False))
            at = end
            if '"' in cells[-1].text:
                return cells, _mismatch("a text holds a quotation mark.")
        if at >= len(text):
            return cells, None
        at += 1


def _value(
    spec: Mapping[str, Any], cell: _Cell, position: int, date_format: str, unit_cost_limit: int
) -> tuple[Value, Refusal | None]:
    kind, label, text = spec["kind"], spec["label"], cell.text
    if kind == "unknown":
        bad = _mismatch(f"field {position} ({label}) is not known and must be blank.") if text.strip(" ") else None
        return "", bad
    if kind in ("text", "id"):
        return _text(spec, text)
    if cell.quoted and text and not spec.get("quoted"):
        return None, _mismatch(f"the {label} (field {position}) stands in quotation marks.")
    if not text:
        return None, _mismatch(f"the {label} is missing.") if spec.get("required") else None
    if kind == "date":
        form = spec.get("format", date_format)
        day = parse_date(text, form)
        return day, None if day else Refusal("bad_date", f"the {label} {text} is not a date of the form {form}.")
    value, wrong = _NUMBERS[kind](text, label, spec)
    if wrong is None and kind == "unit_cost" and isinstance(value, Decimal) and abs(value) > unit_cost_limit:
        wrong = Refusal("number_range", f"the unit cost {text} is over {unit_cost_limit:,}.")
    return value, wrong


def _text(spec: Mapping[str, Any], text: str) -> tuple[Value, Refusal | None]:
    label = spec["label"]
    if spec.get("justified"):
        text = text.lstrip(" ")  # Sage writes such ids right-justified
    if len(text) > spec["width"]:
        return text, Refusal("width", f"the {label} is {len(text)} characters wide; {spec['width']} fit.")
    if spec["kind"] == "id" and text != text.strip(" "):
        return text, Refusal("id_mask", f"the {label} begins or ends with a blank.")
    if spec.get("required") and not text:
        return text, _mismatch(f"the {label} is missing.")
    return text, None


def parse_date(text: str, date_format: str) -> date | None:
    """A date in exactly the company's form; None for anything else, never a guess."""
    tokens = {"mm": r"(?P<month>[0-9]{2})", "dd": r"(?P<day>[0-9]{2})", "yyyy": r"(?P<year>[0-9]{4})"}
    parts = re.split("(yyyy|mm|dd)", date_format.lower())
    match = re.fullmatch("".join(tokens.get(part) or re.escape(part) for part in parts), text)
    if not match:
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None


Parse = Callable[[str, str, Mapping[str, Any]], tuple[Value, Refusal | None]]


def _decimal(digits: int, decimals: int) -> Parse:
    def parse(text: str, label: str, spec: Mapping[str, Any]) -> tuple[Value, Refusal | None]:
        match = re.fullmatch(r"-?([0-9]+)(?:\.([0-9]+))?", text)
        if not match:
            return None, _mismatch(f"the {label} {text} is not a number.")
        if len(match[1]) > digits or len(match[2] or "") > decimals:
            fits = f"{digits} digits and {decimals} decimals fit."
            return None, Refusal("number_range", f"the {label} {text} is too long; {fits}")
        number = Decimal(text)
        if spec["kind"] == "percent" and not 0 <= number <= 100:
            return number, Refusal("number_range", f"the {label} {text} is not between 0 and 100.")
        return number, None

    return parse


def _code(text: str, label: str, spec: Mapping[str, Any]) -> tuple[Value, Refusal | None]:
    choices = [str(choice) for choice in spec.get("of", (0, 1))]
    if text not in choices:
        return None, Refusal("number_range", f"the {label} {text} is none of {', '.join(choices)}.")
    return int(text), None


def _yes_no(text: str, label: str, spec: Mapping[str, Any]) -> tuple[Value, Refusal | None]:
    if text not in ("Y", "N"):
        return None, _mismatch(f"the {label} {text} is neither Y nor N.")
    return int(text == "Y"), None


def _whole(text: str, label: str, spec: Mapping[str, Any]) -> tuple[Value, Refusal | None]:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) == 0:
        return None, Refusal("number_range", f"the {label} {text} is not a whole number from 1 to 99999.")
    return int(text), None


_NUMBERS: Mapping[str, Parse] = {
    "money": _decimal(9, 2),
    "invoice_money": _decimal(7, 2),
    "small_money": _decimal(5, 2),
    "estimate": _decimal(6, 2),
    "units": _decimal(8, 4),
    "unit_cost": _decimal(8, 4),
    "percent": _decimal(3, 4),
    "flag": _code,
    "code": _code,
    "yes_no": _yes_no,
    "whole": _whole,
}


def named(fields: Sequence[str], known: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Field shapes for an order of field names; a name that is not known stands for a field that must stay blank."""
    unknown: Mapping[str, Any] = {"kind": "unknown"}
    return [{"label": name.replace("_", " ")} | dict(known.get(name, unknown)) | {"name": name} for name in fields]
