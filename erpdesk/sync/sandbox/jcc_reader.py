"""Reads a commitment import file, strictly: each line becomes a record that is sound, or refused with a reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from erpdesk.paths import resources

Value = str | int | Decimal | date | None


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


@dataclass(frozen=True)
class _Cell:
    text: str
    quoted: bool


@cache
def layout() -> Mapping[str, Any]:
    """The stand-in's own layout of the file, from its own data."""
    return tomllib.loads((resources() / "sage" / "sandbox" / "jcc_layout.toml").read_text("utf-8"))


def read(data: bytes, date_format: str) -> list[Record]:
    """Cuts the file into records; dates are read by the company's date option, such as ``mm/dd/yyyy``."""
    if not data:
        return []
    lines = data.split(b"\r\n")
    last = lines.pop()
    records = [_record(number, line, date_format) for number, line in enumerate(lines, 1)]
    if last:
        cut = Refusal("layout_mismatch", "the last line of the file is not complete.")
        records.append(Record(len(lines) + 1, "", last, {}, cut))
    return records


def _record(number: int, raw: bytes, date_format: str) -> Record:
    text, refusal = _decode(raw)
    cells, wrong = _cells(text)
    refusal = refusal or wrong
    letters = cells[0].text if cells else ""
    shape = layout()["record"].get(letters)
    if shape is None:
        what = f"the record letters {letters} are not known." if letters else "the line has no record letters."
        return Record(number, "", raw, {}, refusal or _mismatch(what))
    values: dict[str, Value] = {}
    fields = shape["field"]
    for position, (spec, cell) in enumerate(zip(fields, cells[1:] + [_Cell("", False)] * len(fields), strict=False), 2):
        values[spec["name"]], wrong = _value(spec, cell, position, date_format)
        refusal = refusal or wrong
    if any(cell.text for cell in cells[len(fields) + 1 :]):
        refusal = refusal or _mismatch(f"field {len(fields) + 2} and later are not known in a {shape['title']}.")
    if len(cells) > shape["longest"]:
        refusal = refusal or _mismatch(f"the line has {len(cells)} fields; the record has {shape['longest']}.")
    return Record(number, letters, raw, values, refusal)


def _mismatch(sentence: str) -> Refusal:
    return Refusal("layout_mismatch", sentence)


def _decode(raw: bytes) -> tuple[str, Refusal | None]:
    encoding: str = layout()["encoding"]
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode(encoding, "replace"), _mismatch("the line holds a character that is not in code page 1252.")
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


def _value(spec: Mapping[str, Any], cell: _Cell, position: int, date_format: str) -> tuple[Value, Refusal | None]:
    kind, label, text = spec["kind"], spec["label"], cell.text
    if kind in ("text", "id"):
        if len(text) > spec["width"]:
            too_wide = f"the {label} is {len(text)} characters wide; {spec['width']} fit."
            return text, Refusal("width", too_wide)
        if kind == "id" and text != text.strip(" "):
            return text, Refusal("id_mask", f"the {label} begins or ends with a blank.")
        if spec.get("required") and not text:
            return text, _mismatch(f"the {label} is missing.")
        return text, None
    if cell.quoted and text:
        return None, _mismatch(f"the {label} (field {position}) stands in quotation marks.")
    if not text:
        return None, _mismatch(f"the {label} is missing.") if spec.get("required") else None
    if kind == "date":
        day = parse_date(text, date_format)
        return day, None if day else Refusal("bad_date", f"the {label} {text} is not a date of the form {date_format}.")
    return _NUMBERS[kind](text, label, spec)


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


def _decimal(digits: int, decimals: int) -> Callable[[str, str, Mapping[str, Any]], tuple[Value, Refusal | None]]:
    def parse(text: str, label: str, spec: Mapping[str, Any]) -> tuple[Value, Refusal | None]:
        match = re.fullmatch(r"-?([0-9]+)(?:\.([0-9]+))?", text)
        if not match:
            return None, _mismatch(f"the {label} {text} is not a number.")
        if len(match[1]) > digits or len(match[2] or "") > decimals:
            fits = f"{digits} digits and {decimals} decimals fit."
            return None, Refusal("number_range", f"the {label} {text} is too long; {fits}")
        number = Decimal(text)
        limit = layout()["unit_cost_limit"]
        if spec["kind"] == "unit_cost" and abs(number) > limit:
            return number, Refusal("number_range", f"the unit cost {text} is over {limit:,}.")
        if spec["kind"] == "percent" and not 0 <= number <= 100:
            return number, Refusal("number_range", f"the {label} {text} is not between 0 and 100.")
        return number, None

    return parse


def _code(text: str, label: str, spec: Mapping[str, Any]) -> tuple[Value, Refusal | None]:
    choices = [str(choice) for choice in spec.get("of", (0, 1))]
    if text not in choices:
        return None, Refusal("number_range", f"the {label} {text} is none of {', '.join(choices)}.")
    return int(text), None


def _whole(text: str, label: str, spec: Mapping[str, Any]) -> tuple[Value, Refusal | None]:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) == 0:
        return None, Refusal("number_range", f"the {label} {text} is not a whole number from 1 to 99999.")
    return int(text), None


_NUMBERS: Mapping[str, Callable[[str, str, Mapping[str, Any]], tuple[Value, Refusal | None]]] = {
    "money": _decimal(9, 2),
    "units": _decimal(8, 4),
    "unit_cost": _decimal(8, 4),
    "percent": _decimal(3, 4),
    "flag": _code,
    "code": _code,
    "whole": _whole,
}
