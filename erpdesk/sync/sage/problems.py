"""Turns what a database driver complains about into a sentence for people: passing trouble, or wrong data."""

from __future__ import annotations

import re
from enum import Enum

from erpdesk.core.errors import BadSageData, ForPeople, SageUnavailable

KEPT = "What was read before is kept."

_DRIVERS = ("sqlite3", "pyodbc")
_STATE = re.compile(r"[0-9A-Z]{5}")
# A value in braces or quotation marks may hold blanks and semicolons; any other one ends at its semicolon.
_SECRET = re.compile(
    r"""(?i)\b(pwd|password|uid|user\s+id)\s*=\s*(?:\{(?:[^}]|\}\})*(?:\}|$)|"[^"]*(?:"|$)|'[^']*(?:'|$)|[^;]*)"""
)


class Trouble(Enum):
    """What kind of trouble a driver reports."""

    NO_TABLE = "no table"
    NO_COLUMN = "no column"
    LOGIN = "login"
    NO_DRIVER = "no driver"
    LOCKED = "locked"
    HALF_WRITTEN = "half written"
    NOT_A_DATABASE = "not a database"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    OTHER = "other"


# Looked for in this order: state codes of ODBC first, then words, since drivers hide much behind HY000.
_STATES = {
    "42S02": Trouble.NO_TABLE,
    "S0002": Trouble.NO_TABLE,
    "42S22": Trouble.NO_COLUMN,
    "S0022": Trouble.NO_COLUMN,
    "28000": Trouble.LOGIN,
    "IM002": Trouble.NO_DRIVER,
    "IM003": Trouble.NO_DRIVER,
    "HYT00": Trouble.TIMEOUT,
    "HYT01": Trouble.TIMEOUT,
    "08001": Trouble.UNREACHABLE,
    "08S01": Trouble.UNREACHABLE,
}
_WORDS = (
    (re.compile(r"(?i)can't open lib|data source name not found"), Trouble.NO_DRIVER),
    (re.compile(r"(?i)invalid account name|invalid password|login failed|not authori[sz]ed"), Trouble.LOGIN),
    (re.compile(r"(?i)no such table|table .*not found|base table"), Trouble.NO_TABLE),
    (re.compile(r"(?i)no such column|column .*not found|unknown column|invalid column"), Trouble.NO_COLUMN),
    (re.compile(r"(?i)readonly database"), Trouble.HALF_WRITTEN),
    (re.compile(r"(?i)locked|busy|in use|sharing violation"), Trouble.LOCKED),
    (re.compile(r"(?i)not a database|malformed"), Trouble.NOT_A_DATABASE),
    (re.compile(r"(?i)unable to open|connect failed|disk i/o|link failure"), Trouble.UNREACHABLE),
    (re.compile(r"(?i)timeout|timed out"), Trouble.TIMEOUT),
)


def is_driver_error(error: BaseException) -> bool:
    """Whether the error was raised by a database driver (sqlite3 or pyodbc, which need not be installed)."""
    return any(each.__name__ == "Error" and each.__module__ in _DRIVERS for each in type(error).__mro__)


def trouble(error: BaseException) -> Trouble:
    """What kind of trouble the driver reports."""
    words = str(error)
    state = error.args[0] if len(error.args) > 1 else ""
    if isinstance(state, str) and _STATE.fullmatch(state) and state in _STATES:
        return _STATES[state]
    return next((kind for pattern, kind in _WORDS if pattern.search(words)), Trouble.OTHER)


def sentence(error: BaseException, table: str = "") -> ForPeople:
    """The driver's error for people: SageUnavailable when trying again can help, BadSageData when it cannot."""
    where = f" while erpdesk read {table}" if table else ""
    again = "erpdesk tries again by itself."
    match trouble(error):
        case Trouble.NO_TABLE:
            return missing([table or "a table"])
        case Trouble.NO_COLUMN:
            return BadSageData(
                f"Sage's table {table} lacks a column that erpdesk reads ({_words(error)}).",
                kept=KEPT,
                next_step="Check the Sage version, and that the connection asks for MaxColSupport=1536.",
            )
        case Trouble.LOGIN:
            return SageUnavailable(
                f"Sage refused the user name or password{where}.",
                kept=KEPT,
                next_step="Check user, password and the ODBC role in Sage's Security Administration, then sync again.",
            )
        case Trouble.NO_DRIVER:
            return SageUnavailable(
                "The Sage ODBC driver is not installed on this computer, or has another name.",
                kept=KEPT,
                next_step="Install the Sage client with its ODBC driver (Timberline Data), then sync again.",
            )
        case Trouble.LOCKED:
            return SageUnavailable(
                f"Sage's files were locked by another program{where}.",
                kept=KEPT,
                next_step=f"{again} If it stays, see whether a backup or a file tool is running.",
            )
        case Trouble.HALF_WRITTEN:
            return SageUnavailable(
                "Sage was interrupted while it was writing, and its files wait to be repaired.",
                kept=KEPT,
                next_step=f"Start Sage once, so that it repairs them. {again}",
            )
        case Trouble.NOT_A_DATABASE:
            return BadSageData(
                f"Sage's data could not be read{where}: a file is damaged or is something else.",
                kept=KEPT,
                next_step="Check the data folder in the settings, and the files with Sage's own tools.",
            )
        case Trouble.TIMEOUT:
            return SageUnavailable(f"Sage did not answer in time{where}.", kept=KEPT, next_step=again)
        case Trouble.UNREACHABLE:
            return SageUnavailable(
                f"Sage's data could not be reached{where}.",
                kept=KEPT,
                next_step=f"Check the network drive and the data folder. {again}",
            )
    return SageUnavailable(f"Sage could not be read{where} ({_words(error)}).", kept=KEPT, next_step=again)


def missing(tables: list[str]) -> BadSageData:
    """The error for tables that erpdesk cannot do without; ``tables`` are Sage's names with words for people."""
    which = ", ".join(tables)
    return BadSageData(
        f"Sage has no table {which}, or does not show it to this user.",
        kept=KEPT,
        next_step=(
            "Check that the data folder is a company with Job Cost and Accounts Payable, and that the Sage user may "
            "read it (Security Administration > Tasks > ODBC > Read Access)."
        ),
    )


def _words(error: BaseException) -> str:
    """What the driver said, without names and passwords, and not too long."""
    words = str(error.args[-1]) if error.args else type(error).__name__
    return _SECRET.sub(r"\1=…", " ".join(words.split()))[:200]
