"""Which Sage tables and columns erpdesk mirrors, declared once: reader, cleaning and mirror all follow this list.

Kinds, widths, scales and how sure we are of a name come from ``resources/sage/tables.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from typing import Any

from erpdesk import paths
from erpdesk.core.errors import BadSageData
from erpdesk.sync.sage.catalogue import CHOICES, WANTED, Wanted

IDENTITIES = frozenset(
    ("Job", "Extra", "Cost_Code", "Category", "Vendor", "Commitment", "Commitment_CO"),
)
"""Columns that name a record: blanks on either side mean nothing, and an unreadable letter makes the row useless."""

MAY_BE_BLANK = frozenset(("Extra",))
"""Key columns for which nothing is an answer: the base job has a blank extra."""

RESERVED = frozenset(
    (
        *("AUTHORIZATION", "CHECK", "DATE", "DAY", "GROUP", "KEY", "LEVEL", "MONTH", "ORDER", "SESSION"),
        *("SIZE", "TIME", "UNION", "USER", "VALUE", "YEAR"),
    ),
)
"""Names that SQL keeps for itself and that stand between double quotes in a query."""

_SCALES = {"money": 2, "units": 4, "unit_cost": 4, "percent": 4, "number": 0}
_RECORD_PART = re.compile(r"(?<=_RECORD_)(\d+)_1$", re.ASCII)


class Naming(Enum):
    """How a connection names Sage's tables: the connection string asks for one of three modes."""

    STANDARD = "standard"
    CUSTOM = "custom"
    DICTIONARY = "dictionary"


@dataclass(frozen=True)
class Column:
    """One column of a Sage table.

    ``scale`` is the number of decimals of a number (2 = kept as whole cents, 4 = as ten-thousandths), None for others.
    A ``required`` column must exist at every site; others are mirrored where Sage has them. ``certainty`` says how sure
    the name is (P = seen at real companies, I = inferred, M = a guess), ``dictionary`` is its name in dictionary mode
    ('' = not known), ``choices`` are the words it can hold where all of them are known.
    """

    name: str
    kind: str
    width: int
    scale: int | None
    required: bool
    key: bool
    certainty: str = "P"
    dictionary: str = ""
    choices: tuple[str, ...] = ()

    @cached_property
    def field(self) -> str:
        """The name of the column in the mirror."""
        return self.name.lower()

    @property
    def identity(self) -> bool:
        return self.kind == "char" and (self.key or self.name in IDENTITIES)

    @property
    def sql_type(self) -> str:
        """How the mirror stores it: text (dates and times as ISO text) or whole numbers."""
        return "TEXT" if self.kind in ("char", "text", "date", "time") else "INTEGER"

    def named(self, naming: Naming) -> str:
        """What the column is called in this mode; '' when that is not known.

        In custom mode a company that changed its descriptions has other names, which nobody can foresee.
        """
        return self.dictionary if naming is Naming.DICTIONARY else self.name


@dataclass(frozen=True)
class Table:
    """One Sage table that is mirrored: its Sage name, its name in the mirror, and its name for people.

    ``sums`` names the amounts whose total must agree with Sage after each read; ``custom`` and ``dictionary`` are the
    table's names in the other two modes ('' = not known), ``also`` are other standard names that it may have. Rows of a
    ``passing`` table leave it as a matter of course.
    """

    name: str
    mirror: str
    title: str
    required: bool
    columns: tuple[Column, ...]
    sums: tuple[str, ...] = ()
    custom: str = ""
    dictionary: str = ""
    also: tuple[str, ...] = ()
    passing: bool = False

    @cached_property
    def key(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.key)

    @property
    def stamps(self) -> bool:
        """Whether Sage stamps each row with date and time of its last change, where a site has these columns."""
        return {"Date_Stamp", "Time_Stamp"} <= {column.name for column in self.columns}

    def named(self, naming: Naming) -> str:
        """What the whole table is called in this mode; '' when that is not known."""
        if naming is Naming.STANDARD:
            return self.name
        if naming is Naming.CUSTOM:
            return self.custom
        # The known dictionary name of a wide table may be that of its first part.
        return _RECORD_PART.sub(r"\1", self.dictionary)

    def names(self, naming: Naming) -> tuple[str, ...]:
        """Every name under which the table is looked for in this mode, the likeliest first."""
        other = self.also if naming is Naming.STANDARD else ()
        return tuple(filter(None, (self.named(naming), *other)))


def written(name: str, table: str = "") -> str:
    """A column name as a query writes it: quoted where it is a reserved word, with its table in front when given."""
    quoted = f'"{name}"' if name.upper() in RESERVED else name
    return f"{table}.{quoted}" if table else quoted


@cache
def catalogue() -> tuple[Table, ...]:
    """Every table that erpdesk mirrors, in the order it is read; raises BadSageData when the resource lacks one."""
    with (paths.resources() / "sage" / "tables.toml").open("rb") as file:
        described = {each["standard"]: each for each in tomllib.load(file)["table"]}
    return tuple(_table(wanted, described.get(wanted.name, {})) for wanted in WANTED)


def table(name: str) -> Table:
    """The table with this Sage name; raises KeyError for one that erpdesk does not mirror."""
    return next((each for each in catalogue() if each.name == name), None) or _unknown(name)


def _unknown(name: str) -> Table:
    raise KeyError(f"{name} is not mirrored")


def _table(wanted: Wanted, described: Mapping[str, Any]) -> Table:
    columns = {each["name"]: each for each in described.get("columns", ())}
    lacking = [name for name in (*wanted.columns, *wanted.more) if name not in columns]
    if lacking:
        raise BadSageData(
            f"resources/sage/tables.toml does not describe {wanted.name}: {', '.join(lacking)}.",
            next_step="Install erpdesk again.",
        )
    keys = described["key"]
    made = (
        *(_column(wanted.name, columns[name], name in keys, True) for name in wanted.columns),
        *(_column(wanted.name, columns[name], name in keys, False) for name in wanted.more),
    )
    return Table(
        wanted.name,
        wanted.mirror,
        wanted.title,
        wanted.required,
        made,
        wanted.sums,
        custom=described["custom"],
        dictionary=described["dictionary"],
        also=wanted.also,
        passing=wanted.passing,
    )


def _column(table: str, described: Mapping[str, Any], key: bool, needed: bool) -> Column:
    scale = _SCALES[described["measure"]] if described["kind"] == "float" else None
    # Only names seen at real companies may be insisted on; a key is always needed.
    return Column(
        described["name"],
        described["kind"],
        described["width"],
        scale,
        required=key or (needed and described["certainty"] == "P"),
        key=key,
        certainty=described["certainty"],
        dictionary=described.get("dictionary", ""),
        choices=CHOICES.get((table, described["name"]), ()),
    )
