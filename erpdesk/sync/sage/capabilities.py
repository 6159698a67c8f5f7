"""What a Sage company was found to have, and how a query names each table and column of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from erpdesk.sync.sage.masks import Masks
from erpdesk.sync.sage.tables import Column, Naming, Table, catalogue, written

_UNPOSTED = ("JCT_NEW__TRANSACTION", "API_NEW__INVOICE", "API_NEW__DISTRIBUTION")


@dataclass(frozen=True)
class Part:
    """A table as the driver shows it: its name in the connection's mode, and the columns found in it."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Place:
    """Where a table stands: in one part, or split into several (MaxColSupport), each of which repeats the key."""

    naming: Naming
    key: tuple[Column, ...]
    parts: tuple[Part, ...]

    @property
    def split(self) -> bool:
        return len(self.parts) > 1

    def source(self) -> str:
        """What stands behind FROM. Rows follow the first part: none is lost when another part lags behind."""
        first = self.parts[0].name
        joined = (f" LEFT JOIN {part.name} ON {self._same(first, part.name)}" for part in self.parts[1:])
        return first + "".join(joined)

    def expression(self, name: str) -> str:
        """The column as a query writes it; raises KeyError for one that is not there."""
        for part in self.parts:
            for column in part.columns:
                if column.name == name:
                    return self._written(column, part.name)
        raise KeyError(f"this Sage company has no column {name} in {self.parts[0].name}")

    def _written(self, column: Column, part: str) -> str:
        name = column.named(self.naming)
        reserved = written(name) != name
        # A reserved word is told its table too: in quotation marks alone some drivers take it for a text.
        return written(name, part if self.split or reserved else "")

    def _same(self, first: str, other: str) -> str:
        names = [column.named(self.naming) for column in self.key]
        return " AND ".join(f"{written(name, first)} = {written(name, other)}" for name in names)


@dataclass(frozen=True)
class Capabilities:
    """What a Sage company has: the columns found in each table, and what it lacks without harm.

    ``missing_columns`` holds pairs of table and column name. ``naming`` is the mode of the connection, ``masks`` are
    the ID formats, ``extras`` says whether any job has an extra, ``pj_jobs`` are the jobs whose change orders live in
    Project Management (None = Sage does not tell), ``version`` is that of the installed Sage ('' = not known).
    """

    columns: Mapping[str, tuple[Column, ...]]
    missing_tables: tuple[str, ...]
    missing_columns: tuple[tuple[str, str], ...]
    places: Mapping[str, Place] = field(default_factory=dict)
    naming: Naming = Naming.STANDARD
    masks: Masks = field(default_factory=Masks)
    extras: bool = False
    pj_jobs: frozenset[str] | None = None
    version: str = ""

    def has(self, table: Table) -> bool:
        """Whether the company has this table."""
        return table.name in self.columns

    def has_column(self, table: Table, name: str) -> bool:
        """Whether the company has this table with this column."""
        return any(column.name == name for column in self.columns.get(table.name, ()))

    def stamped(self, table: Table) -> bool:
        """Whether the rows of this table carry date and time of their last change here."""
        return table.stamps and self.has_column(table, "Date_Stamp") and self.has_column(table, "Time_Stamp")

    def source(self, table: Table) -> str:
        """What stands behind FROM: the table, or its parts joined on the key; raises KeyError when it is not there."""
        return self.places[table.name].source()

    def expression(self, table: Table, name: str) -> str:
        """The column as a query writes it: by its name here, quoted when reserved, with its part when split."""
        return self.places[table.name].expression(name)

    @property
    def taxes(self) -> bool:
        """Whether taxes are set up; without them Sage has no table of tax groups."""
        return "TXM_MASTER__TAX_GROUP" in self.columns

    @property
    def contracts(self) -> bool:
        """Whether the Contracts module is there under the name that erpdesk expects."""
        return "CNM_MASTER__CONTRACT" in self.columns

    @property
    def unposted(self) -> frozenset[str]:
        """The tables of entries that were imported and not yet posted, as far as they can be read."""
        return frozenset(name for name in _UNPOSTED if name in self.columns)

    @property
    def unposted_costs(self) -> bool:
        return "JCT_NEW__TRANSACTION" in self.columns

    @property
    def unposted_invoices(self) -> bool:
        return "API_NEW__INVOICE" in self.columns

    def sentences(self) -> tuple[str, ...]:
        """What the company lacks, for people."""
        tables = {table.name: table for table in catalogue()}
        return (
            *(self._lacks(tables[name]) for name in self.missing_tables),
            *(
                f"{tables[table].title}: Sage has no column {name}; it stays empty."
                for table, name in self.missing_columns
            ),
        )

    def summary(self) -> tuple[str, ...]:
        """What the company has and how it works, for people."""
        pj = "Sage does not tell which jobs keep change orders in Project Management."
        if self.pj_jobs is not None:
            pj = f"Jobs that keep change orders in Project Management: {len(self.pj_jobs)}."
        split = [self.places[name].parts[0].name.removesuffix("_1") for name in self.places if self.places[name].split]
        readable = "can be read" if self.unposted_costs else "cannot be read, so erpdesk sees a cost once it is posted"
        bills = "can be read" if self.unposted_invoices else "cannot be read, so erpdesk sees them once they are posted"
        return (
            *([f"Sage version {self.version}."] if self.version else []),
            f"Tables have their {self.naming.value} names.",
            *([f"Tables read in parts: {', '.join(split)}."] if split else []),
            "Taxes are set up." if self.taxes else "Taxes are not set up.",
            "Some jobs have extras." if self.extras else "No job has extras.",
            pj,
            f"Job-cost entries not yet posted {readable}.",
            f"AP invoices not yet posted {bills}.",
            "Contracts are there." if self.contracts else "Contracts were not found.",
            *self.masks.sentences(),
        )

    def _lacks(self, table: Table) -> str:
        name = table.named(self.naming)
        if not name:
            return f"{table.title} are not read: the {self.naming.value} name of {table.name} is not known."
        return f"{table.title} are not read: this company has no table {name}."
