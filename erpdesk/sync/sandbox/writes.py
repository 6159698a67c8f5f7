"""What may be written through Sage's driver: a few columns of setup tables, and only where the company allows it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from erpdesk.sync.sandbox.dialect import Statement, Token, as_sqlite
from erpdesk.sync.sandbox.naming import Seen
from erpdesk.sync.sandbox.problems import DriverRefusal, in_drivers_words, refusal
from erpdesk.sync.sandbox.security import write_access
from erpdesk.sync.sandbox.tables import tables

EXTRA, JOB = "JCM_MASTER__EXTRA", "JCM_MASTER__JOB"
VENDOR, CUSTOMER, TAX_GROUP = "APM_MASTER__VENDOR", "ARM_MASTER__CUSTOMER", "TXM_MASTER__TAX_GROUP"
JOB_STATUSES = ("Unstarted", "In progress", "Closed")

# Public programs insert extras and change these sixteen columns of a vendor; that jobs, customers and tax groups can be
# written is known, which of their columns is a guess: the ones that describe and hold no money.
INSURANCE = (
    "Gen_Liab_Ins_Proof_Req Work_Comp_Ins_Proof_Req Umbrella_Ins_Proof_Req Auto_Ins_Proof_Req "
    "GL_Ins_Company Work_Comp_Ins_Cmpany Umbrella_Ins_Company Auto_Ins_Company "
    "GL_Ins_Policy_Number Work_Comp_Policy_Num Umb_Ins_Policy_Num Auto_Ins_Policy_Num "
    "GL_Ins_Expiration_Dt Work_Comp_Expir_Dt Umb_Ins_Expir_Dt Auto_Ins_Expir_Dt"
)
_JOB_WORDS = "Description Address_1 Address_2 City State ZIP_Code Site_Phone Fax_Phone Misc_Phone Project_Manager"
_CUSTOMER_WORDS = "Name Customer_Type Address_1 Address_2 City State ZIP_Code Telephone Fax Email_Address Status"


@dataclass(frozen=True)
class Enabled:
    """What Sage enabled of one table: the columns of a new row, and the columns that may change."""

    insert: frozenset[str] = frozenset()
    update: frozenset[str] = frozenset()

    def of(self, verb: str) -> frozenset[str]:
        """The columns for INSERT or UPDATE."""
        return self.insert if verb == "INSERT" else self.update


@cache
def enabled() -> Mapping[str, Enabled]:
    """The setup tables that can be written at all, by standard name."""
    taxes = frozenset(column.name for column in tables()[TAX_GROUP].columns)
    job, customer = frozenset(_JOB_WORDS.split()), frozenset(_CUSTOMER_WORDS.split())
    return {
        EXTRA: Enabled(insert=frozenset({"Job", "Extra", "Description", "Status"})),
        VENDOR: Enabled(update=frozenset(INSURANCE.split())),
        JOB: Enabled(insert=job | {"Job", "Status"}, update=job),
        CUSTOMER: Enabled(insert=customer | {"Customer"}, update=customer),
        TAX_GROUP: Enabled(insert=taxes, update=taxes - {"Tax_Group"}),
    }


@dataclass(frozen=True)
class Write:
    """One insert or update under standard names: the columns it sets, and its text around the stamps."""

    verb: str
    table: str
    columns: tuple[str, ...]
    pieces: tuple[str, str, str]

    def sql(self, stamp: Mapping[str, object]) -> str:
        """The statement with the stamps of whoever writes (operator, date, time)."""
        kept = {column.name for column in tables()[self.table].columns}
        values = {name: "'" + str(value).replace("'", "''") + "'" for name, value in stamp.items() if name in kept}
        first, second, third = self.pieces
        if self.verb == "INSERT":
            names = "".join(f', "{name}"' for name in values)
            return first + names + second + "".join(f", {value}" for value in values.values()) + third
        return first + "".join(f', "{name}" = {value}' for name, value in values.items()) + second + third


class Office(Protocol):
    """The company folder in which a write takes place."""

    @property
    def folder(self) -> Path:
        """The company's folder."""

    def changing(self) -> AbstractContextManager[sqlite3.Connection]:
        """One transaction on Sage's own connection."""

    def stamp(self) -> dict[str, object]:
        """Operator, date and time for a changed row."""


def read_write(statement: Statement, names: Mapping[str, Seen]) -> Write:
    """Reads an insert or update and checks it against what Sage enabled; raises the driver's refusal.

    ``names`` are the tables as the program sees them; INSERT takes values only, UPDATE any expression of the subset.
    """
    verb, tokens = statement.verb, statement.tokens
    at = 2 if verb == "INSERT" else 1
    target = names.get(tokens[at].name) if len(tokens) > at else None
    if target is None:
        raise refusal("S0002", f"no such table: {tokens[at].text if len(tokens) > at else ''}")
    write = _insert(tokens, target) if verb == "INSERT" else _update(tokens, target)
    rule = enabled().get(write.table)
    if rule is None or not rule.of(verb):
        raise refusal("42000", f"{verb.capitalize()} is not enabled for table {write.table}.")
    for column in write.columns:
        if column not in rule.of(verb):
            raise refusal("42000", f"Column {column} of table {write.table} is not enabled for {verb.lower()}.")
    return write


def carry_out(office: Office, login: str, write: Write, parameters: Sequence[Any]) -> int:
    """Writes where the table's write access is on, stamps the rows, and answers how many there are.

    Raises the driver's refusal without access, for a row that is there already, and for values that Sage
    would not take.
    """
    if write.table not in write_access(office.folder):
        raise refusal("42000", f"Write access is denied: {write.table}.")
    stamp = office.stamp() | ({"Operator_Stamp": login} if login else {})
    try:
        with office.changing() as connection:
            cursor = connection.execute(write.sql(stamp), parameters)
            count = cursor.rowcount
            _check(connection, write, int(cursor.lastrowid or 0))
    except sqlite3.IntegrityError as error:
        raise refusal("23000", f"Record already exists in {write.table}, or a value is missing.") from error
    except sqlite3.OperationalError as error:
        raise in_drivers_words(error) from error
    return count


def _syntax(near: Token | None = None) -> DriverRefusal:
    return refusal("37000", f"Syntax error near {near.text!r}." if near else "Syntax error at the end.")


def _column(token: Token, target: Seen) -> str:
    found = target.standard(token.name) if token.kind in ("name", "quoted") else None
    if found is None:
        raise refusal("S0022", f"no such column: {token.text}")
    return found


def _insert(tokens: Sequence[Token], target: Seen) -> Write:
    lists = list(_lists(tokens[3:]))
    if tokens[1].text.upper() != "INTO" or len(lists) != 2 or lists[0][0] is not None:
        raise _syntax(tokens[1])
    between = lists[1][0]
    if between is None or between.text.upper() != "VALUES":
        raise _syntax(between)
    columns = tuple(_column(token, target) for (token,) in lists[0][1])
    values = []
    for value in lists[1][1]:
        if not all(token.kind in ("text", "number") or token.text.upper() in ("?", "-", "NULL") for token in value):
            raise _syntax(value[0])
        values.append(" ".join(token.text for token in value))
    if len(values) != len(columns):
        raise refusal("21S01", "Insert value list does not match column list.")
    named = ", ".join(f'"{name}"' for name in columns)
    pieces = (f'INSERT INTO "{target.table.name}" ({named}', ") VALUES (" + ", ".join(values), ")")
    return Write("INSERT", target.table.name, columns, pieces)


def _lists(tokens: Sequence[Token]) -> Iterator[tuple[Token | None, list[list[Token]]]]:
    """Lists in parentheses, each with the token before it: the columns, and after VALUES the values."""
    rest = list(tokens)
    while rest:
        before = None if rest[0].text == "(" else rest.pop(0)
        if not rest or rest.pop(0).text != "(":
            raise _syntax(before)
        shut = next((place for place, token in enumerate(rest) if token.text == ")"), None)
        if shut is None:
            raise _syntax()
        parts = [list(part) for comma, part in groupby(rest[:shut], lambda token: token.text == ",") if not comma]
        yield before, parts
        del rest[: shut + 1]


def _update(tokens: Sequence[Token], target: Seen) -> Write:
    if len(tokens) < 6 or tokens[2].text.upper() != "SET":
        raise _syntax(tokens[2] if len(tokens) > 2 else None)
    where = next((place for place, token in enumerate(tokens) if token.text.upper() == "WHERE"), len(tokens))
    columns = []
    depth = 0
    for before, token, after in zip(tokens[2:where], tokens[3:where], tokens[4:where], strict=False):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if not depth and before.text.upper() in ("SET", ",") and after.text == "=":
            columns.append(_column(token, target))
    if not columns:
        raise _syntax(tokens[3])
    changed = " ".join(_standard(token, target) for token in tokens[3:where])
    chosen = " ".join(_standard(token, target) for token in tokens[where:])
    pieces = (f'UPDATE "{target.table.name}" SET {changed}', f" {chosen}", "")
    return Write("UPDATE", target.table.name, tuple(columns), pieces)


def _standard(token: Token, target: Seen) -> str:
    if token.kind not in ("name", "quoted"):
        return as_sqlite(token)
    named = target.table.name if token.name == target.name.upper() else _column(token, target)
    return f'"{named}"'


def _check(connection: sqlite3.Connection, write: Write, row: int) -> None:
    """What Sage looks at before it takes a row: widths everywhere, the job and the status of a new extra."""
    kinds = {column.name: column for column in tables()[write.table].columns}
    for name in write.columns:
        column = kinds[name]
        if (
            column.kind == "char"
            and connection.execute(
                f'SELECT 1 FROM "{write.table}" WHERE LENGTH("{name}") > ?', (column.width,)
            ).fetchone()
        ):
            raise refusal("22001", f"String data right truncation: {name} holds {column.width} characters.")
    if write.verb == "INSERT" and write.table == EXTRA:
        job, extra, status = connection.execute(
            "SELECT Job, Extra, Status FROM JCM_MASTER__EXTRA WHERE rowid = ?", (row,)
        ).fetchone()
        used = connection.execute("SELECT Extras FROM JCM_MASTER__JOB WHERE Job = ?", (job,)).fetchone()
        if used is None or not extra:
            raise refusal("23000", f"Job {job} does not exist." if used is None else "An extra needs an id.")
        if used[0] == "No":
            raise refusal("23000", f"Job {job} does not use extras.")
        if status not in JOB_STATUSES:
            raise refusal("22005", f"Status {status!r} is not one of {', '.join(JOB_STATUSES)}.")
