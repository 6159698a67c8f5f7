"""The form of the files that erpdesk writes for Sage, read from data: a site differs by its data, not by code."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from erpdesk.core.errors import ForPeople
from erpdesk.paths import resources
from erpdesk.workflows.ports import OpenField

KINDS = frozenset({"text", "id", "number", "whole", "date", "word", "flag", "blank"})
MARKS = {
    "P": "seen in public code that writes these files",
    "V": "documented by Sage",
    "T": "documented by a vendor that ships an integration",
    "I": "inferred from other facts",
    "M": "a guess",
}
"""How sure a field is; the last two are open until a site confirms them."""
OPEN = frozenset("IM")
CLASSES = frozenset("ABC")
"""What Sage does with a record it has already: A rejects it, B adds it again, C overwrites. Unknown counts as B."""
NAMES = ("jce", "jcc", "dc", "ap_fixed", "ap_variable_minimal", "ap_variable")


@dataclass(frozen=True)
class Limit:
    """The largest figure of a kind, as declared for the site; past a hard one nothing is written."""

    most: Decimal
    hard: bool


@dataclass(frozen=True)
class Field:
    """One field of a record: where its value comes from, how it is written, what it may hold, and how sure that is.

    ``width`` is how many characters the value may have (0 = not known), in a number with its point and sign.
    ``mark`` is a key of ``MARKS``, ``basis`` says why in a few words, ``settle`` where a site finds the answer in Sage.
    """

    kind: str
    label: str
    source: str = ""
    value: str = ""
    width: int = 0
    decimals: int = 0
    show: int = 0
    required: bool = False
    least: Decimal | None = None
    most: Decimal | None = None
    limit: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    blank: str | None = None
    mark: str = "M"
    basis: str = ""
    settle: str = ""

    @property
    def quoted(self) -> bool:
        """Whether the value stands in quotation marks."""
        return self.kind in ("text", "id", "flag")


@dataclass(frozen=True)
class RecordType:
    """A kind of document that a layout carries: its letters, what a repeated import does, and what to tick in Sage."""

    name: str
    letters: tuple[str, ...]
    repeated: str
    tick: tuple[str, ...]
    clear: tuple[str, ...]


@dataclass(frozen=True)
class Site:
    """What differs from one Sage installation to the next; the defaults are what Sage's sources show.

    ``justify`` names values (such as cost_code) that this site writes right-justified to so many characters, when they
    consist of digits and dots. ``orders`` holds the labels of a record's fields as Sage's own printout lists them.
    """

    date_style: str = ""
    decimal: str = "."
    separator: str = ","
    limits: Mapping[str, Limit] = field(default_factory=dict)
    justify: Mapping[str, int] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """The form of one import file: its records with their fields in file order, limits, and how a person imports it.

    Positions count from 1, the letters of the record being the first field.
    """

    name: str
    title: str
    version: int
    code_page: str
    line_end: str
    date_style: str
    records: Mapping[str, tuple[Field, ...]]
    limits: Mapping[str, Limit]
    others: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    always: Mapping[str, int] = field(default_factory=dict)
    record_types: tuple[RecordType, ...] = ()
    menu: str = ""
    after: str = ""
    mailbox: str = ""
    site_dependent: bool = False
    quote_dates: bool = False
    blank_text: str = '""'
    decimal: str = "."
    separator: str = ","
    justify: Mapping[str, int] = field(default_factory=dict)
    confirmed: frozenset[tuple[str, int]] = frozenset()

    def limit_of(self, wanted: Field) -> Limit | None:
        """The declared limit of a field, if it has one."""
        return self.limits.get(wanted.limit) if wanted.limit else None

    def known(self, letters: str) -> tuple[Field, ...]:
        """Every field of a record that erpdesk can fill: those of its order, then those a site may add."""
        return self.records[letters] + self.others.get(letters, ())

    def position(self, letters: str, source: str) -> int:
        """Where the value of that name stands in the record, 0 when it has no place."""
        return next((at for at, each in enumerate(self.records[letters], 2) if each.source == source), 0)

    def record_type(self, letters: str) -> RecordType:
        """The kind of document that begins with these letters; raises KeyError when the layout has none."""
        for each in self.record_types:
            if letters in each.letters:
                return each
        raise KeyError(letters)

    def open_fields(self, used: Mapping[str, Collection[int]]) -> tuple[OpenField, ...]:
        """The fields that would carry a value though nobody has settled them; ``used`` holds positions by letters.

        A layout that depends on the site is open in every used field until it is confirmed there.
        """
        found = []
        for letters, fields in self.records.items():
            for at, each in enumerate(fields, 2):
                is_open = each.mark in OPEN or self.site_dependent
                if at in used.get(letters, ()) and is_open and (letters, at) not in self.confirmed:
                    # Another vendor's order says nothing certain of this site: inferred.
                    mark = each.mark if each.mark in OPEN else "I"
                    found.append(OpenField(letters, at, each.label, mark, each.settle))
        return tuple(found)


def load_layout(
    name: str = "jcc",
    *,
    site: Site | None = None,
    confirmed: frozenset[tuple[str, int]] = frozenset(),
    date_style: str = "",
    limits: Mapping[str, Limit] | None = None,
    folder: Path | None = None,
) -> Layout:
    """Reads a layout as it is at a site, with the fields that were confirmed there (letters and position).

    ``date_style`` is the site's (Sage: Tools > Options > Date Format), such as ``mm/dd/yyyy``; ``limits`` replaces
    declared limits by name; both may also stand in ``site``. Raises ForPeople when the file is missing or contradicts
    itself, and when the site's style, separators or order are none that the layout can be written in.
    """
    path = (folder or resources() / "sage" / "layouts") / f"{name}.toml"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        layout = _layout(raw)
        styles = tuple(raw["date_styles"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ForPeople(
            f"The layout of the import file ({path.name}) cannot be read: {error}.",
            kept="Nothing was written.",
            next_step="Install erpdesk again, or put the layout file back.",
        ) from error
    at_site = site or Site()
    wanted = date_style or at_site.date_style
    # Some imports read one style of dates whatever the company's option says.
    style = (wanted.strip().lower() if raw.get("dates", "site") == "site" else "") or layout.date_style
    if style not in styles:
        raise ForPeople(
            f"The date style {wanted!r} is not one that erpdesk can write.",
            kept="Nothing was written.",
            next_step=f"Choose the one that Sage shows in Tools > Options > Date Format: {', '.join(styles)}.",
        )
    if at_site.decimal not in (".", ",") or at_site.separator not in (",", ";", "\t"):
        raise _site(f"Numbers with {at_site.decimal!r} and fields with {at_site.separator!r} cannot be written.")
    if at_site.decimal == at_site.separator:
        raise _site("The same sign cannot stand between fields and before decimals.")
    for letters, labels in at_site.orders.items():
        layout = _ordered(layout, letters, labels)
    return replace(
        layout,
        date_style=style,
        limits={**layout.limits, **at_site.limits, **(limits or {})},
        decimal=at_site.decimal,
        separator=at_site.separator,
        justify=dict(at_site.justify),
        confirmed=confirmed,
    )


def _site(happened: str) -> ForPeople:
    return ForPeople(
        happened, kept="Nothing was written.", next_step="Correct the layout of this site as Sage prints it."
    )


def _ordered(layout: Layout, letters: str, labels: Sequence[str]) -> Layout:
    """The layout with one record in the site's own order; an empty label is a field that is left blank."""
    if letters not in layout.records:
        raise _site(f"{layout.title} has no record {letters!r}.")
    known = {each.label.casefold(): each for each in layout.known(letters)}
    old = {each.label: at for at, each in enumerate(layout.records[letters])}
    fields = []
    for at, label in enumerate(labels):
        if not label.strip():
            fields.append(Field("blank", "left blank", mark="I", settle=layout.menu))
            continue
        found = known.pop(label.strip().casefold(), None)
        if found is None:
            raise _site(f"The record {letters} has no field {label!r}, or it stands twice in the order.")
        moved = old.get(found.label) != at
        fields.append(replace(found, mark="I", basis="the order was given at this site") if moved else found)
    missing = [each.label for each in known.values() if each.required]
    if missing:
        raise _site(f"The order of the record {letters} lacks {', '.join(missing)}.")
    return replace(
        layout,
        records={**layout.records, letters: tuple(fields)},
        always={**layout.always, letters: len(fields) + 1},
    )


def _layout(raw: Mapping[str, Any]) -> Layout:
    limits = {name: Limit(Decimal(given["most"]), bool(given["hard"])) for name, given in raw["limits"].items()}
    records, others, always = {}, {}, {}
    for letters, record in raw["record"].items():
        records[letters] = tuple(_field(given, record, limits) for given in record["field"])
        others[letters] = tuple(_field(given, record, limits) for given in record.get("other", ()))
        always[letters] = int(record.get("always", len(records[letters]) + 1))
        labels = [each.label for each in (*records[letters], *others[letters]) if each.kind != "blank"]
        if len({each.casefold() for each in labels}) < len(labels):
            raise ValueError(f"two fields of {letters!r} have the same label")
    types = tuple(_type(given, records) for given in raw["record_type"])
    "".encode(raw["code_page"])
    return Layout(
        raw["name"],
        raw["title"],
        int(raw["version"]),
        raw["code_page"],
        raw["line_end"],
        raw["date_style"],
        records,
        limits,
        others,
        always,
        types,
        raw["menu"],
        raw.get("after", ""),
        raw["mailbox"],
        bool(raw.get("site_dependent", False)),
        bool(raw.get("quote_dates", False)),
        raw.get("blank_text", '""'),
    )


def _type(given: Mapping[str, Any], records: Mapping[str, object]) -> RecordType:
    repeated = given.get("repeated", "B")
    if repeated not in CLASSES or not set(given["letters"]) <= set(records):
        raise ValueError(f"the record type {given['name']!r} names a class or record that is not known")
    texts = (tuple(given.get(name, ())) for name in ("tick", "clear"))
    return RecordType(given["name"], tuple(given["letters"]), repeated, *texts)


def _field(given: Mapping[str, Any], record: Mapping[str, Any], limits: Mapping[str, Limit]) -> Field:
    if given["kind"] not in KINDS:
        raise ValueError(f"the kind {given['kind']!r} is not known")
    if [given["kind"] == "blank", "from" in given, "value" in given].count(True) != 1:
        raise ValueError(f"the field {given['label']!r} needs either from or value")
    if "limit" in given and given["limit"] not in limits:
        raise ValueError(f"the limit {given['limit']!r} is not declared")
    mark = given.get("mark", record.get("mark"))
    settle = given.get("settle", record.get("settle", ""))
    if mark not in MARKS or (mark in OPEN and not settle):
        raise ValueError(f"the field {given['label']!r} does not say how sure it is, or how to settle it")
    return Field(
        kind=given["kind"],
        label=given["label"],
        source=given.get("from", ""),
        value=given.get("value", ""),
        width=given.get("width", 0),
        decimals=given.get("decimals", 0),
        show=given.get("show", 0),
        required=given.get("required", False),
        least=Decimal(given["least"]) if "least" in given else None,
        most=Decimal(given["most"]) if "most" in given else None,
        limit=given.get("limit", ""),
        words={word: str(code) for word, code in given.get("words", {}).items()},
        blank=given.get("blank"),
        mark=mark,
        basis=given.get("basis", record.get("basis", MARKS[mark])),
        settle=settle,
    )
