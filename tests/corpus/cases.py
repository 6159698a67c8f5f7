"""Reads the cases of the corpus: small TOML files that say what comes from Sage and what erpdesk must make of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from erpdesk.sync.sage.odbc_link import utf8_or_code_page

ROWS = Path(__file__).parent / "sage_rows"
AS_IS, NOTE, ASIDE, STOPS, ENDS = "as is", "note", "set aside", "table stops", "run ends"
VERDICTS = (AS_IS, NOTE, ASIDE, STOPS, ENDS)
CLEANER, FILE, ODBC = "cleaner", "file", "odbc"
WAYS = (CLEANER, FILE, ODBC)


@dataclass(frozen=True)
class Text:
    """Bytes that Sage keeps in a column of text."""

    raw: bytes


@dataclass(frozen=True)
class Given:
    """One row as Sage holds it, and what erpdesk must make of it: the clean values, notes by column, or why not."""

    give: Mapping[str, Any]
    take: Mapping[str, Any] = field(default_factory=dict)
    note: Mapping[str, str] = field(default_factory=dict)
    aside: str = ""
    raw_key: str = ""


@dataclass(frozen=True)
class Case:
    """One case: rows to be read, or something that happens to a company (``happens``), with its verdict.

    ``ways`` are the roads on which it can be met; ``says`` is a part of the sentence that people read.
    """

    name: str
    about: str
    oddities: tuple[str, ...]
    table: str
    verdict: str
    ways: tuple[str, ...]
    rows: tuple[Given, ...]
    says: str
    happens: Mapping[str, Any]


def load() -> tuple[Case, ...]:
    """Every case, by its file's name; raises ValueError for a file that does not keep to the format."""
    return tuple(map(_load, sorted(ROWS.glob("*.toml"))))


def oddities() -> tuple[str, ...]:
    """The names of all oddities that the corpus must have a case for."""
    lines = (ROWS / "oddities.txt").read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def stored(value: Any) -> Any:
    """A value as SQLite keeps it; text of odd bytes is bound as bytes and cast by the statement."""
    if isinstance(value, Text):
        return value.raw
    return value if value is None or isinstance(value, str | int | float | bytes) else str(value)


def handed(value: Any) -> Any:
    """A value as a driver hands it over."""
    return utf8_or_code_page(value.raw) if isinstance(value, Text) else value


def _load(path: Path) -> Case:
    body = tomllib.loads(path.read_text("utf-8"))
    rows = tuple(_given(each) for each in body.pop("row", ()))
    made = Case(
        name=body.pop("name"),
        about=body.pop("about"),
        oddities=tuple(body.pop("oddities")),
        table=body.pop("table"),
        verdict=body.pop("verdict"),
        ways=tuple(body.pop("ways", WAYS if rows else (FILE, ODBC))),
        rows=rows,
        says=body.pop("says", ""),
        happens=body.pop("happens", {}),
    )
    if body or made.name != path.stem or made.verdict not in VERDICTS or not set(made.ways) <= set(WAYS):
        raise ValueError(f"{path.name} does not keep to the format (left over: {sorted(body)})")
    if bool(made.rows) == bool(made.happens):
        raise ValueError(f"{path.name} must hold either rows or something that happens")
    return made


def _given(body: dict[str, Any]) -> Given:
    made = Given(
        {name: _value(value) for name, value in body.pop("give").items()},
        {name: _value(value) for name, value in body.pop("take", {}).items()},
        body.pop("note", {}),
        body.pop("aside", ""),
        body.pop("raw_key", ""),
    )
    if body:
        raise ValueError(f"a row has unknown parts: {sorted(body)}")
    return made


def _value(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "hex":
        return Text(bytes.fromhex(inner))
    if kind == "bytes":
        return bytes.fromhex(inner)
    if kind == "decimal":
        return Decimal(inner)
    if kind == "null" and inner is True:
        return None
    raise ValueError(f"unknown kind of value: {kind}")
