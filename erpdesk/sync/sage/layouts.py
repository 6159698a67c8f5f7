"""The form of the files that erpdesk writes for Sage, read from data: a site differs by its data, not by code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from erpdesk.core.errors import ForPeople
from erpdesk.paths import resources

KINDS = frozenset({"text", "id", "number", "whole", "date", "word", "blank"})


@dataclass(frozen=True)
class Limit:
    """The largest figure of a kind, as declared for the site; past a hard one nothing is written."""

    most: Decimal
    hard: bool


@dataclass(frozen=True)
class Field:
    """One field of a record: where its value comes from, how it is written, and what it may hold."""

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


@dataclass(frozen=True)
class Layout:
    """The form of one import file: its records with their fields in file order, code page and limits."""

    name: str
    title: str
    code_page: str
    line_end: str
    date_style: str
    records: Mapping[str, tuple[Field, ...]]
    limits: Mapping[str, Limit]

    def limit_of(self, wanted: Field) -> Limit | None:
        """The declared limit of a field, if it has one."""
        return self.limits.get(wanted.limit) if wanted.limit else None


def load_layout(
    name: str = "jcc",
    *,
    date_style: str = "",
    limits: Mapping[str, Limit] | None = None,
    folder: Path | None = None,
) -> Layout:
    """Reads a layout; ``date_style`` is the site's (Sage: Tools > Options > Date Format), such as ``mm/dd/yyyy``.

    ``limits`` replaces declared limits by name. Raises ForPeople when the file is missing or contradicts itself,
    or when the date style is none that the layout knows.
    """
    path = (folder or resources() / "sage" / "layouts") / f"{name}.toml"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        layout = _layout(raw)
        styles = tuple(raw["date_styles"])
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise ForPeople(
            f"The layout of the import file ({path.name}) cannot be read: {error}.",
            kept="Nothing was written.",
            next_step="Install erpdesk again, or put the layout file back.",
        ) from error
    style = date_style.strip().lower() or layout.date_style
    if style not in styles:
        raise ForPeople(
            f"The date style {date_style!r} is not one that erpdesk can write.",
            kept="Nothing was written.",
            next_step=f"Choose the one that Sage shows in Tools > Options > Date Format: {', '.join(styles)}.",
        )
    return Layout(
        name=layout.name,
        title=layout.title,
        code_page=layout.code_page,
        line_end=layout.line_end,
        date_style=style,
        records=layout.records,
        limits={**layout.limits, **(limits or {})},
    )


def _layout(raw: Mapping[str, Any]) -> Layout:
    limits = {name: Limit(Decimal(given["most"]), bool(given["hard"])) for name, given in raw["limits"].items()}
    records = {
        letters: tuple(_field(given, limits) for given in record["field"]) for letters, record in raw["record"].items()
    }
    "".encode(raw["code_page"])
    return Layout(raw["name"], raw["title"], raw["code_page"], raw["line_end"], raw["date_style"], records, limits)


def _field(given: Mapping[str, Any], limits: Mapping[str, Limit]) -> Field:
    if given["kind"] not in KINDS:
        raise ValueError(f"the kind {given['kind']!r} is not known")
    if [given["kind"] == "blank", "from" in given, "value" in given].count(True) != 1:
        raise ValueError(f"the field {given['label']!r} needs either from or value")
    if "limit" in given and given["limit"] not in limits:
        raise ValueError(f"the limit {given['limit']!r} is not declared")
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
    )
