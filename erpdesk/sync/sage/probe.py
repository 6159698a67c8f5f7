"""Asks a Sage company what it has, table by table and column by column, without reading a single row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from erpdesk.core.errors import BadSageData
from erpdesk.sync.sage.problems import KEPT, Trouble, is_driver_error, missing, sentence, trouble
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.tables import Column, Table, catalogue

# What Sage's own driver says about a name it does not know is not documented, so words that nobody knows count as "no".
_SAYS_NO = (Trouble.NO_TABLE, Trouble.NO_COLUMN, Trouble.OTHER)


@dataclass(frozen=True)
class Capabilities:
    """What a Sage company has: the columns found in each table, and what it lacks without harm.

    ``missing_columns`` holds pairs of table and column name.
    """

    columns: dict[str, tuple[Column, ...]]
    missing_tables: tuple[str, ...]
    missing_columns: tuple[tuple[str, str], ...]

    def has(self, table: Table) -> bool:
        """Whether the company has this table."""
        return table.name in self.columns

    def sentences(self) -> tuple[str, ...]:
        """What the company lacks, for people."""
        titles = {table.name: table.title for table in catalogue()}
        return (
            *(f"{titles[name]} are not read: this company has no table {name}." for name in self.missing_tables),
            *(f"{titles[table]}: Sage has no column {name}; it stays empty." for table, name in self.missing_columns),
        )


def probe(session: Session) -> Capabilities:
    """Looks for every table and column; raises BadSageData naming all required ones that are not there."""
    columns: dict[str, tuple[Column, ...]] = {}
    no_tables: list[Table] = []
    no_columns: list[tuple[Table, Column]] = []
    for table in catalogue():
        found = _columns(session, table)
        lacking = [column for column in table.columns if column not in found]
        if not found or (not table.required and any(column.key for column in lacking)):
            no_tables.append(table)
            continue
        columns[table.name] = found
        no_columns += [(table, column) for column in lacking]
    _insist(no_tables, no_columns)
    return Capabilities(
        columns,
        tuple(table.name for table in no_tables),
        tuple((table.name, column.name) for table, column in no_columns),
    )


def _insist(no_tables: list[Table], no_columns: list[tuple[Table, Column]]) -> None:
    needed = [table for table in no_tables if table.required]
    if needed and len(needed) == sum(table.required for table in catalogue()):
        raise BadSageData(
            "This is not a Sage 300 company: none of Sage's tables is in it.",
            kept=KEPT,
            next_step="Choose the company's data folder in the settings.",
        )
    if needed:
        raise missing([f"{table.name} ({table.title})" for table in needed])
    insisted = [(table, column) for table, column in no_columns if table.required and column.required]
    if insisted:
        named = ", ".join(f"{column.name} in {table.name}" for table, column in insisted)
        raise BadSageData(
            f"Sage lacks columns that erpdesk needs: {named}.",
            kept=KEPT,
            next_step="Check the Sage version, and that the connection asks for MaxColSupport=1536.",
        )


def _columns(session: Session, table: Table) -> tuple[Column, ...]:
    if _exist(session, table, table.columns):
        return table.columns
    if not _exist(session, table, table.key[:1]):
        return ()
    return tuple(column for column in table.columns if _exist(session, table, (column,)))


def _exist(session: Session, table: Table, columns: Sequence[Column]) -> bool:
    """Whether a select of these columns passes; its condition is one that no row can meet."""
    names = ", ".join(table.quoted(column.name) for column in columns)
    key = table.key[0]
    never = f"{key.name} = '.~'" if key.kind == "char" else f"{key.name} < 0 AND {key.name} > 0"
    try:
        session.try_select(f"SELECT {names} FROM {table.name} WHERE {never}").close()
    except Exception as error:
        if not is_driver_error(error):
            raise
        if trouble(error) not in _SAYS_NO:
            raise sentence(error, table.name) from error
        return False
    return True
