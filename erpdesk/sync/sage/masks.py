"""How a company writes its IDs: sections, separators and capitals, as Sage's control records or a person say.

Sage keeps them in ``TS_CTL_RECORD_3``: one row for each field and section. Where that cannot be read, a person may
enter the masks. A field without a known mask takes any ID.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from erpdesk.core.errors import Refused

CONTROL_TABLE = "TS_CTL_RECORD_3"
CONTROL_COLUMNS = ("FLDCODE", "SECTION", "CSLEN", "CNPUNCT", "CNDESC", "CNTCAP")
FIELDS = {9: "gl_account", 16: "job", 18: "cost_code", 20: "commitment", 69: "equipment", 187: "eq_cost_code"}
"""The fields whose IDs have a format, by Sage's number for them."""

CAPTIONS = (50, 51, 52, 500)
"""Sage's numbers for the captions of the vendor types, which come in this order (inferred)."""

TITLES = {
    "gl_account": "GL account",
    "job": "Job",
    "cost_code": "Cost code",
    "commitment": "Commitment",
    "equipment": "Equipment",
    "eq_cost_code": "Equipment cost code",
}
DEFAULT_VENDOR_TYPES = ("vendor type 1", "vendor type 2", "vendor type 3", "vendor type 4", "summary")

_SUFFIX = 5
_BASE = 4
_LINE = re.compile(r"\s*([A-Za-z ]+?)\s*[:=]\s*(\S+)\s*")
_SECTION = re.compile(r"([A9X#]+)([^A-Za-z0-9#\s]?)")


@dataclass(frozen=True)
class Section:
    """One section of an ID: at most ``length`` characters, then its ``separator`` ('' = none)."""

    length: int
    separator: str = ""
    caption: str = ""
    capitals: bool = False


@dataclass(frozen=True)
class Mask:
    """The format of one field's IDs; the first ``prefix`` sections may be left out."""

    sections: tuple[Section, ...]
    prefix: int = 0

    @property
    def text(self) -> str:
        """The mask for people, such as ``XX-XXX.X``; A stands for a capital."""
        last = len(self.sections) - 1
        return "".join(
            ("A" if each.capitals else "X") * each.length + (each.separator if at < last else "")
            for at, each in enumerate(self.sections)
        )

    @property
    def plain_width(self) -> int:
        """How many characters an ID has without its separators."""
        return sum(each.length for each in self.sections)

    def split(self, written: str) -> tuple[str, ...] | None:
        """The sections of an ID, with or without its separators; None when it does not fit."""
        return self._formatted(written) or self._unformatted(written)

    def canonical(self, written: str) -> str:
        """The ID with separators and capitals as the mask has them; as it stands, without padding, when it misfits."""
        bare = written.strip(" ")
        parts = self.split(bare)
        if parts is None:
            return self._without_prefix().canonical(bare) if self.prefix else bare
        made = ""
        for at, part in enumerate(parts):
            made += part.upper() if self.sections[at].capitals else part
            made += self.sections[at].separator if at < len(parts) - 1 else ""
        return made

    def fits(self, written: str) -> str:
        """Why the ID, as it stands, is not written as the mask says; '' when it is."""
        if not written or (self.prefix and not self._without_prefix().fits(written)):
            return ""
        parts = self._formatted(written)
        if parts is None:
            as_mask = self.canonical(written)
            hint = f"; written as {as_mask} it would" if self.split(written.strip(" ")) and as_mask != written else ""
            return f"{written} does not have the form {self.text}{hint}."
        small = any(each.capitals and part != part.upper() for each, part in zip(self.sections, parts, strict=False))
        return f"{written} must be in capitals: {self.canonical(written)}." if small else ""

    def is_group(self, written: str) -> bool:
        """Whether a cost code looks like a group code: several sections, and the last is all zeros."""
        parts = self.split(written.strip(" "))
        return bool(parts) and len(self.sections) > 1 and len(parts or ()) == len(self.sections) and _zeros(parts)

    def _without_prefix(self) -> Mask:
        return Mask(self.sections[self.prefix :])

    def _formatted(self, written: str) -> tuple[str, ...] | None:
        parts: list[str] = []
        rest = written
        for at, each in enumerate(self.sections):
            last = at == len(self.sections) - 1
            if last or not each.separator:
                part, rest = rest[: each.length], rest[each.length :]
            else:
                part, found, rest = rest.partition(each.separator)
                if not found and rest == "":
                    # A shorter ID, such as a job without its last section.
                    parts.append(part)
                    return self._sound(parts)
            parts.append(part)
            if not rest:
                break
        return None if rest else self._sound(parts)

    def _unformatted(self, written: str) -> tuple[str, ...] | None:
        if len(written) != self.plain_width:
            return None
        parts: list[str] = []
        at = 0
        for each in self.sections:
            parts.append(written[at : at + each.length])
            at += each.length
        return self._sound(parts)

    def _sound(self, parts: Sequence[str]) -> tuple[str, ...] | None:
        separators = {each.separator for each in self.sections[:-1]} - {""}
        for each, part in zip(self.sections, parts, strict=False):
            if not part or len(part) > each.length or part != part.strip(" ") or separators & set(part):
                return None
        return tuple(parts)


def _zeros(parts: Sequence[str] | None) -> bool:
    return bool(parts) and set((parts or ("",))[-1]) == {"0"}


@dataclass(frozen=True)
class Masks:
    """The masks of a company by field (``FIELDS``), and what it calls its five vendor types."""

    by_field: Mapping[str, Mask] = field(default_factory=dict)
    vendor_types: tuple[str, ...] = DEFAULT_VENDOR_TYPES
    from_sage: bool = False

    @classmethod
    def from_control(cls, rows: Sequence[Mapping[str, Any]]) -> Masks:
        """The masks of control rows as a driver gives them, each with ``CONTROL_COLUMNS``; odd ones are left out.

        The kinds of these columns are inferred, so numbers are also taken from text.
        """
        sections: dict[str, list[tuple[int, Section]]] = {}
        captions: dict[int, str] = {}
        for row in rows:
            code, number, length = (_number(row[name]) for name in ("FLDCODE", "SECTION", "CSLEN"))
            caption = _text(row["CNDESC"])
            if code is None or number is None:
                continue
            if code in CAPTIONS and caption:
                captions.setdefault(code, caption)
            if code in FIELDS and length is not None and length > 0:
                made = Section(length, _text(row["CNPUNCT"])[:1], caption, _yes(row["CNTCAP"]))
                sections.setdefault(FIELDS[code], []).append((number, made))
        types = [captions.get(code, given) for code, given in zip(CAPTIONS, DEFAULT_VENDOR_TYPES, strict=False)]
        return cls(
            {name: _mask(name, found) for name, found in sections.items()},
            (*types, DEFAULT_VENDOR_TYPES[-1]),
            from_sage=bool(sections),
        )

    @classmethod
    def from_text(cls, text: str) -> Masks:
        """Masks that a person entered, one a line or with semicolons between: ``cost code: 99-999.9``.

        X, 9 and # stand for any character, A for one in capitals. Raises Refused for a line that says something else.
        """
        found: dict[str, Mask] = {}
        titles = {title.lower(): name for name, title in TITLES.items()}
        for line in filter(str.strip, re.split(r"[;\n]", text)):
            matched = _LINE.fullmatch(line)
            name = titles.get(" ".join(matched[1].lower().split())) if matched else None
            sections = _entered(matched[2]) if matched else None
            if name is None or sections is None:
                form = f"Write one of {', '.join(TITLES.values())}, a colon, and a mask such as 99-999.9."
                raise Refused([f"“{line.strip()}” is not a mask.", form])
            found[name] = Mask(sections)
        return cls(found)

    def or_else(self, entered: Masks) -> Masks:
        """These masks, and for fields that Sage does not tell, those that a person entered."""
        return Masks({**entered.by_field, **self.by_field}, self.vendor_types, self.from_sage)

    def compare(self, entered: Masks) -> tuple[str, ...]:
        """Whether the masks that a person entered agree with Sage's, one sentence for each field that they name."""
        told = []
        for name, mask in entered.by_field.items():
            held = self.by_field.get(name)
            if held is None:
                told.append(f"{TITLES[name]}: Sage does not tell its format, so {mask.text} could not be compared.")
            elif _shape(held) == _shape(mask):
                told.append(f"{TITLES[name]}: sections match.")
            else:
                told.append(f"{TITLES[name]}: sections do not match; Sage has {held.text}, entered is {mask.text}.")
        return tuple(told)

    def fits(self, field: str, written: str) -> str:
        """Why this company would not write the ID so; '' when it would, or when the format is not known."""
        mask = self.by_field.get(field)
        return mask.fits(written) if mask else ""

    def canonical(self, field: str, written: str) -> str:
        """The ID as this company writes it: a code without separators gets them."""
        mask = self.by_field.get(field)
        return mask.canonical(written) if mask else written.strip(" ")

    def same(self, field: str, one: str, other: str) -> bool:
        """Whether two spellings, with or without separators, are one ID."""
        return self.canonical(field, one) == self.canonical(field, other)

    def is_group(self, cost_code: str) -> bool:
        """Whether a cost code looks like a group code; Sage's own mark on the code decides."""
        mask = self.by_field.get("cost_code")
        return mask is not None and mask.is_group(cost_code)

    def sentences(self) -> tuple[str, ...]:
        """The formats for people."""
        if not self.by_field:
            return ("The formats of IDs cannot be read from Sage; enter them in the settings.",)
        shown = ", ".join(f"{TITLES[name].lower()} {mask.text}" for name, mask in self.by_field.items())
        return (f"ID formats: {shown}.",)


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("cp1252", "replace")
    return value.partition("\0")[0].strip() if isinstance(value, str) else ""


def _yes(value: Any) -> bool:
    return (
        _text(value).upper() not in ("", "0", "N", "NO", "F", "FALSE")
        if isinstance(value, str | bytes)
        else bool(value)
    )


def _mask(name: str, found: Sequence[tuple[int, Section]]) -> Mask:
    ordered = sorted(found, key=lambda each: each[0])
    if name != "gl_account":
        return Mask(tuple(section for _, section in ordered))
    # Base and suffix of a GL account are joined by a point, whether or not the control record repeats it.
    has_suffix = any(number == _SUFFIX for number, _ in ordered)
    return Mask(
        tuple(
            Section(each.length, each.separator or ".", each.caption, each.capitals)
            if number == _BASE and has_suffix
            else each
            for number, each in ordered
        ),
        # Job Cost keeps accounts without their prefix, which comes from the job.
        prefix=sum(number < _BASE for number, _ in ordered) if any(number >= _BASE for number, _ in ordered) else 0,
    )


def _entered(text: str) -> tuple[Section, ...] | None:
    sections: list[Section] = []
    at = 0
    while at < len(text):
        found = _SECTION.match(text, at)
        if found is None:
            return None
        sections.append(Section(len(found[1]), found[2], "", "A" in found[1]))
        at = found.end()
    return None if not sections or sections[-1].separator else tuple(sections)


def _shape(mask: Mask) -> tuple[tuple[int, str], ...]:
    last = len(mask.sections) - 1
    return tuple((each.length, each.separator if at < last else "") for at, each in enumerate(mask.sections))
