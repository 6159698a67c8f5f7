"""Turns what a database driver complains about into a sentence for people: passing trouble, or wrong data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from erpdesk.core.errors import BadSageData, ForPeople, SageUnavailable

KEPT = "What was read before is kept."

LOGIN_CAUSES = (
    "User and password are written exactly as in Sage: capital letters count.",
    "The password holds letters and digits only.",
    "The password has not expired and need not be changed at the next login.",
    "The user's role may use ODBC, and ODBC is not restricted for all users.",
    "The user has permission for this data folder.",
    "The data folder was selected again after the last upgrade of Sage.",
    "Sage and its ODBC driver on this computer are of the same version.",
)
"""What keeps a right password from being accepted, as consultants of Sage know it; for a person to go through."""

_DRIVERS = ("sqlite3", "pyodbc", "erpdesk.sync.sage.host_door")
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
    EXPIRED = "password expired"
    NO_RIGHT = "no right"
    NO_LICENCE = "no licence"
    NO_DRIVER = "no driver"
    ARCHITECTURE = "other bitness"
    NO_FOLDER = "no folder"
    LOCKED = "locked"
    RECORD_LOCKED = "record locked"
    FILE_LOCKED = "file locked"
    OTHER_MODE = "open in another mode"
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
    "IM014": Trouble.ARCHITECTURE,
    "HYT00": Trouble.TIMEOUT,
    "HYT01": Trouble.TIMEOUT,
    "08001": Trouble.UNREACHABLE,
    "08S01": Trouble.UNREACHABLE,
}
# Btrieve numbers: 84 from the documents, 85 and 88 from memory. Sage's own words for the rest are not known.
_OLD_PASSWORD = re.compile(r"(?i)password.{0,40}(expired|must be changed|has to be changed)")
_WORDS = (
    (re.compile(r"(?i)architecture mismatch"), Trouble.ARCHITECTURE),
    (re.compile(r"(?i)can't open lib|data source name not found|driver .*could not be loaded"), Trouble.NO_DRIVER),
    (_OLD_PASSWORD, Trouble.EXPIRED),
    (re.compile(r"(?i)licen[cs]e|(maximum|number of) users|user count"), Trouble.NO_LICENCE),
    (re.compile(r"(?i)invalid account name|invalid password|login failed|not authori[sz]ed"), Trouble.LOGIN),
    (re.compile(r"(?i)no such table|table .*(not found|not exist)|base table"), Trouble.NO_TABLE),
    (re.compile(r"(?i)no such column|column .*not found|unknown column|invalid column"), Trouble.NO_COLUMN),
    (re.compile(r"(?i)(btrieve|pervasive|status)\D{0,20}\b84\b|record or page is locked"), Trouble.RECORD_LOCKED),
    (re.compile(r"(?i)(btrieve|pervasive|status)\D{0,20}\b85\b|file is locked"), Trouble.FILE_LOCKED),
    (re.compile(r"(?i)(btrieve|pervasive|status)\D{0,20}\b88\b|incompatible (open )?mode"), Trouble.OTHER_MODE),
    (re.compile(r"(?i)permission denied|access (is )?denied|no permission|privilege"), Trouble.NO_RIGHT),
    (re.compile(r"(?i)readonly database"), Trouble.HALF_WRITTEN),
    (re.compile(r"(?i)locked|busy|in use|marked as read-?only|sharing violation"), Trouble.LOCKED),
    (re.compile(r"(?i)not a database|malformed"), Trouble.NOT_A_DATABASE),
    (re.compile(r"(?i)(path|folder|directory)\b.*\b(not found|invalid|not exist|not valid)"), Trouble.NO_FOLDER),
    (re.compile(r"(?i)(cannot find|invalid) the (specified )?(path|folder)|invalid path"), Trouble.NO_FOLDER),
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
        found = _STATES[state]
        # One state stands for every refused login; the words say when a password has only grown old.
        return Trouble.EXPIRED if found is Trouble.LOGIN and _OLD_PASSWORD.search(words) else found
    return next((kind for pattern, kind in _WORDS if pattern.search(words)), Trouble.OTHER)


def sentence(error: BaseException, table: str = "", *, folder: str = "") -> ForPeople:
    """The driver's error for people: SageUnavailable when trying again can help, BadSageData when it cannot.

    ``table`` was being read; ``folder`` is the data folder that the connection names.
    """
    kind = trouble(error)
    where = f" while erpdesk read {table}" if table else ""
    if kind is Trouble.NO_TABLE:
        return missing([table or "a table"])
    if kind is Trouble.OTHER:
        return SageUnavailable(f"Sage could not be read{where} ({_words(error)}).", kept=KEPT, next_step=AGAIN)
    what, next_step = _SENTENCES[kind]
    named = f" {folder}" if folder else ""
    said = what.format(where=where, table=table or "being read", words=_words(error), folder=named)
    kept_apart = kind in (Trouble.NO_COLUMN, Trouble.NOT_A_DATABASE)
    return (BadSageData if kept_apart else SageUnavailable)(said, kept=KEPT, next_step=next_step)


AGAIN = "erpdesk tries again by itself."

# What happened, and what to do; {where} is " while erpdesk read <table>", {folder} " <data folder>", or nothing.
_SENTENCES = {
    Trouble.NO_COLUMN: (
        "Sage's table {table} lacks a column that erpdesk reads ({words}).",
        "Check the Sage version, and that the connection asks for MaxColSupport=1536.",
    ),
    Trouble.LOGIN: ("Sage refused the user name or password{where}.", f"Check in Sage: {' '.join(LOGIN_CAUSES)}"),
    Trouble.EXPIRED: (
        "Sage wants the password of its user to be changed{where}.",
        "Log in to Sage with this user, set a new password that never expires, and keep it in this machine's vault.",
    ),
    Trouble.NO_RIGHT: (
        "Sage does not let this user read{where} ({words}).",
        "In Sage's Security Administration, allow it under Tasks > ODBC > Read Access.",
    ),
    Trouble.NO_LICENCE: (
        "Sage has no licence free for reading{where}.",
        f"Ask somebody to leave Sage, or see whether the ODBC driver is licensed. {AGAIN}",
    ),
    Trouble.NO_DRIVER: (
        "The Sage ODBC driver is not installed on this computer, or has another name.",
        "Install the Sage client with its ODBC driver (Timberline Data), then sync again.",
    ),
    Trouble.ARCHITECTURE: (
        "Sage's ODBC driver is of another kind than the program that loads it: one is 32-bit, the other 64-bit.",
        "In the settings, run the ODBC driver apart and name the helper program that fits it (32-bit for Sage's own).",
    ),
    Trouble.NO_FOLDER: (
        "Sage's data folder{folder} is not there{where}.",
        f"Check the network drive, and the folder in the settings (DBQ). {AGAIN}",
    ),
    Trouble.LOCKED: (
        "Sage's files were locked by another program{where}.",
        f"{AGAIN} If it stays, see whether a backup or a file tool is running.",
    ),
    Trouble.RECORD_LOCKED: (
        "Somebody was changing a record in Sage{where}, so Sage kept it locked (status 84).",
        f"{AGAIN} If it stays, see who has left an entry open in Sage.",
    ),
    Trouble.FILE_LOCKED: (
        "A Sage task had a whole file to itself{where} (status 85).",
        f"{AGAIN} If it stays, see whether a backup, a posting or a file tool is running.",
    ),
    Trouble.OTHER_MODE: (
        "A Sage file was open in a way that lets nobody else in{where} (status 88).",
        f"{AGAIN} If it stays, end file tools and exclusive tasks in Sage.",
    ),
    Trouble.HALF_WRITTEN: (
        "Sage was interrupted while it was writing, and its files wait to be repaired.",
        f"Start Sage once, so that it repairs them. {AGAIN}",
    ),
    Trouble.NOT_A_DATABASE: (
        "Sage's data could not be read{where}: a file is damaged or is something else.",
        "Check the data folder in the settings, and the files with Sage's own tools.",
    ),
    Trouble.TIMEOUT: ("Sage did not answer in time{where}.", AGAIN),
    Trouble.UNREACHABLE: (
        "Sage's data{folder} could not be reached{where}.",
        f"Check the network drive and the data folder. {AGAIN}",
    ),
}


def no_fit(driver: str, bits: int, seen: Sequence[str]) -> SageUnavailable:
    """The error when neither erpdesk nor its helper sees the driver that the connection names."""
    shown = ", ".join(seen) if seen else "none at all"
    return SageUnavailable(
        f"No ODBC driver or data source “{driver}” can be seen by this {bits}-bit program (it sees {shown}).",
        kept=KEPT,
        next_step=(
            "Install the Sage client with its ODBC driver (Timberline Data) on this computer. If it is installed, it "
            "is 32-bit: name the 32-bit ODBC helper program in the settings."
        ),
    )


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
    return masked(" ".join(words.split()))[:200]


def masked(words: str) -> str:
    """The words without the names and passwords of a connection string in them."""
    return _SECRET.sub(r"\1=…", words)
