"""Reads a field order as a person pasted it from Sage's printout: numbered lines, comma lists or TOML, with distrust.

An order counts only when it is whole: numbered lines follow each other without a gap, and each record begins with its
letters. Nothing in the text can make the reading raise, run long, or grow without bound.
"""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

MOST_CHARACTERS = 64_000
MOST_FIELDS = 400
LONGEST_LINE = 4_000
LONGEST_NUMBERED = 200
LONGEST_NAME = 60
MOST_ODD = 50

# "date" or "amount" may end a name as well, so these words are a type only behind a wide gap.
_TYPED = re.compile(
    r"^(?P<name>\S.*?)"
    r"(?:\s+(?P<sure>alphanumeric|alpha|text|character|char|string|numeric|integer)"
    r"|(?:\s{2,}|\s*\t\s*)(?P<wide>date|amount|number|decimal|units?|percent|flag|yes/no|y/n))"
    r"(?:[\s(]*(?:length\s*|size\s*)?[-\u2212\u2013]?(?P<width>\d{1,3})(?:\.(?P<decimals>\d{1,2}))?\)?)?"
    r"(?:[\s,;(*]+(?P<rest>.*))?$",
    re.IGNORECASE,
)
_SIZED = re.compile(
    r"^(?P<name>\S.*?)(?:\s{2,}|\s*\t\s*)[-\u2212\u2013]?(?P<width>\d{1,3})(?:\.(?P<decimals>\d{1,2}))?$"
)
_NUMBERED = re.compile(
    r"^(?:field\s+|no\.?\s*|#\s*)?(?P<number>\d{1,4})\s*(?:[.):\-]\s*|\s+)(?P<rest>\S.*)$", re.IGNORECASE
)
_QUOTED = re.compile(r'^"(?P<name>[^"]*)"(?P<rest>[^"]*)$')
_BARE_NUMBER = re.compile(r"^\d{1,4}[.):]?$")
_KINDS = {
    "alphanumeric": "text",
    "alpha": "text",
    "text": "text",
    "character": "text",
    "char": "text",
    "string": "text",
}
_WORD = re.compile(r"[^\W_]+")
_RECORD_ID = frozenset({"record id", "record identifier", "record type", "record", "id", "rec id", "rec"})
_BLANK = frozenset({"", "blank", "unused", "not used", "reserved", "filler", "empty", "left blank"})


@dataclass(frozen=True)
class PastedField:
    """One field of a pasted order: its name as printed, its type and width where Sage prints them (0 = not printed)."""

    name: str
    kind: str = ""
    width: int = 0
    decimals: int | None = None
    required: bool = False

    @property
    def blank(self) -> bool:
        """Whether the printout itself says that nothing stands here."""
        return plain(self.name) in _BLANK


@dataclass
class Pasted:
    """What stood in the text: fields by record (without the letters), lines that are no field, and what is wrong."""

    records: dict[str, list[PastedField]] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def skip(self, number: int, line: str) -> None:
        """Notes a line that is no field."""
        if len(self.odd) < MOST_ODD:
            self.odd.append(
                f"Line {number}, “{short(line)}”, is no field of a record erpdesk writes and was passed over."
            )
        elif len(self.odd) == MOST_ODD:
            self.odd.append("More lines were passed over.")


def plain(name: str) -> str:
    """A name as it is compared: small letters and digits, words apart by one blank."""
    return " ".join(_WORD.findall(name.casefold()))


def short(text: str) -> str:
    """A piece of pasted text, short enough to show and without anything unseen."""
    seen = "".join(each if each.isprintable() else " " for each in text[: LONGEST_NAME * 4])
    seen = " ".join(seen.split())
    return seen if len(seen) <= LONGEST_NAME else f"{seen[: LONGEST_NAME - 1].rstrip()}…"


def read_order(text: str, letters: Collection[str]) -> Pasted:
    """Reads a pasted order for a file with these records; what is wrong stands in ``wrong``, it never raises."""
    found = Pasted()
    if len(text) > MOST_CHARACTERS:
        found.wrong.append(
            f"The text has {len(text):,} characters, and a field order at most {MOST_CHARACTERS:,}. Paste only that."
        )
        return found
    lines = _clean(text).splitlines()
    if any(each.strip().startswith("[record") or each.strip().startswith("[[record") for each in lines):
        _toml(_clean(text), letters, found)
    else:
        _Lines(letters, found).read(lines)
    if not found.records and not found.wrong:
        found.wrong.append(
            "Nothing in this text is a field order. Paste the numbered list that Sage prints, with the record’s "
            f"letters ({', '.join(letters)}) above each list."
        )
    found.wrong = list(dict.fromkeys(found.wrong))[:MOST_ODD]
    return found


def _clean(text: str) -> str:
    """The text without half characters and unseen signs; tabs and line ends stay."""
    kept = []
    for each in text:
        if each in "\n\r\t":
            kept.append(each)
        elif unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            kept.append("\n" if each in "\u2028\u2029\x0b\x0c\x85" else " " if each == "\x00" else "")
        else:
            kept.append(" " if unicodedata.category(each) == "Zs" else each)
    return "".join(kept)


class _Lines:
    """Numbered lines and comma lists, record by record."""

    def __init__(self, letters: Collection[str], found: Pasted) -> None:
        self._known = {each.casefold(): each for each in letters}
        self._found = found
        self._current: str | None = None
        self._announced: str | None = None
        self._next = 1

    def read(self, lines: list[str]) -> None:
        """Goes through the lines; a heading names the record of the list below it."""
        for number, raw in enumerate(lines, 1):
            line = raw.strip()
            if not line:
                continue
            if len(line) > LONGEST_LINE:
                self._found.wrong.append(f"Line {number} is longer than {LONGEST_LINE:,} characters.")
                continue
            if self._comma_list(number, line) or self._numbered(number, line):
                continue
            heading = self._heading(line)
            if heading is None:
                self._found.skip(number, line)
                continue
            # The heading of the next page of the same list ends nothing.
            self._announced, self._current = heading, heading if heading == self._current else None

    def _heading(self, line: str) -> str | None:
        """The one record that a line names; a single letter counts only where the line begins with it."""
        if len(line) > LONGEST_NUMBERED:
            return None
        first = line.split()[0].strip("\"':.,()").casefold() if line.split() else ""
        words = {word.casefold() for word in _WORD.findall(line) if len(word) > 1} | {first}
        named = {self._known[word] for word in words if word in self._known}
        return named.pop() if len(named) == 1 else None

    def _comma_list(self, number: int, line: str) -> bool:
        if "," not in line:
            return False
        try:
            cells = next(csv.reader([line], skipinitialspace=True))
        except (csv.Error, StopIteration):
            return False
        record = self._known.get(cells[0].strip().casefold())
        if record is None:
            return False
        self._announced = self._current = None
        if self._begin(number, record):
            for cell in cells[1:]:
                self._add(record, PastedField(short(cell)))
        return True

    def _numbered(self, number: int, line: str) -> bool:
        if _BARE_NUMBER.match(line) and self._current is not None and int(line.rstrip(".):")) == self._next:
            self._found.wrong.append(f"Line {number}: field {self._next} has no name. Paste it with its name.")
            self._next += 1
            return True
        matched = _NUMBERED.match(line) if len(line) <= LONGEST_NUMBERED else None
        if matched is None:
            return False
        at, rest = int(matched["number"]), matched["rest"].strip()
        if at == 1:
            self._first(number, rest)
        elif self._current is None and not self._found.records:
            self._found.skip(number, line)
        elif self._current is None:
            self._found.wrong.append(
                f"Line {number}, “{short(line)}”, belongs to no record. Take it away, or paste each list from field 1."
            )
        elif at != self._next:
            self._found.wrong.append(
                f"The {self._current} record goes from field {self._next - 1} to field {at} (line {number}). "
                "Paste the whole list in Sage’s order."
            )
            self._next = at + 1
        else:
            self._next += 1
            self._add(self._current, split_name(rest))
        return True

    def _first(self, number: int, rest: str) -> None:
        """The first field of a list: the letters themselves, or the record ID below a heading with the letters."""
        named = split_name(rest).name
        record = self._heading(rest) or self._announced
        is_id = plain(named) in _RECORD_ID or self._heading(named) is not None
        self._announced = self._current = None
        if not is_id:
            self._found.wrong.append(
                f"Line {number}: a record begins with its letters (Sage: Record ID), not with “{short(named)}”."
            )
        elif record is None:
            self._found.wrong.append(
                f"Line {number}: it is not clear which record begins here. Write its letters "
                f"({', '.join(self._known.values())}) on a line above it."
            )
        elif self._begin(number, record):
            self._current, self._next = record, 2

    def _begin(self, number: int, record: str) -> bool:
        if record in self._found.records:
            self._found.wrong.append(f"The {record} record stands twice; the second one begins in line {number}.")
            return False
        self._found.records[record] = []
        return True

    def _add(self, record: str, one: PastedField) -> None:
        fields = self._found.records[record]
        if len(fields) < MOST_FIELDS:
            fields.append(one)
        else:
            self._found.wrong.append(f"The {record} record has more than {MOST_FIELDS} fields.")


def split_name(rest: str) -> PastedField:
    """Takes a printed field apart: “Vendor  Alpha 10” is the name Vendor, a text of at most 10 characters."""
    rest = rest[:LONGEST_NUMBERED]
    quoted = _QUOTED.match(rest)
    if quoted is not None:
        return replace(split_name(f"x  {quoted['rest'].strip()}"), name=short(quoted["name"]))
    matched = _TYPED.match(rest)
    if matched is not None:
        word = (matched["sure"] or matched["wide"]).casefold()
        kind = _KINDS.get(word, "date" if word == "date" else "flag" if "/" in word or word == "flag" else "number")
        required = (matched["rest"] or "").strip(" )*").casefold().startswith("req")
        return _field(matched["name"], kind, matched["width"], matched["decimals"], required)
    matched = _SIZED.match(rest)
    if matched is not None:
        return _field(matched["name"], "", matched["width"], matched["decimals"], False)
    return PastedField(short(rest))


def _field(name: str, kind: str, width: str | None, decimals: str | None, required: bool) -> PastedField:
    return PastedField(short(name), kind, int(width or 0), int(decimals) if decimals else None, required)


def _toml(text: str, letters: Collection[str], found: Pasted) -> None:
    """The form of erpdesk's own layout files: [record.APIF] with a list of names, or of tables with a label."""
    try:
        raw: dict[str, Any] = tomllib.loads(text)
        records = dict(raw["record"])
        for record, body in records.items():
            if record not in letters:
                found.odd.append(f"The record “{short(record)}” is none that erpdesk writes.")
                continue
            given = body.get("fields", body.get("field"))
            if not isinstance(given, list) or len(given) > MOST_FIELDS:
                found.wrong.append(f"The {record} record needs a list of at most {MOST_FIELDS} fields.")
                continue
            found.records[record] = [_toml_field(each) for each in given]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        found.records.clear()
        found.wrong.append(f"The text looks like TOML, but it cannot be read as a layout ({short(str(problem))}).")


def _toml_field(given: Any) -> PastedField:
    if isinstance(given, str):
        return PastedField(short(given))
    label, width = given.get("label", ""), given.get("width", 0)
    if not isinstance(label, str) or type(width) is not int or not 0 <= width <= 999:
        raise ValueError("a field needs a label, and a width from 0 to 999")
    return PastedField(short(label), width=width)


def write_field(position: int, one: PastedField) -> str:
    """A field as ``read_order`` reads it back: number, name, type and width."""
    name = "(blank)" if one.blank else one.name.replace('"', "'")
    word = {"text": "Alpha", "number": "Numeric", "date": "Date", "flag": "Y/N"}.get(one.kind, "")
    size = f"{one.width}" + (f".{one.decimals}" if one.decimals is not None else "") if one.width else ""
    tail = "  ".join(part for part in (word, size) if part)
    if split_name(name) != PastedField(short(name)) or name.startswith(("'", '"')):
        name = f'"{name}"'
    return f"{position}  {name}  {tail}".rstrip()
