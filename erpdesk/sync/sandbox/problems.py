"""What Sage's driver says when it refuses: a state code, and words with the driver's name before them."""

from __future__ import annotations

import sqlite3

DRIVER = "[Timberline][ODBC Driver]"


class DriverRefusal(sqlite3.OperationalError):
    """A refusal of the stand-in's driver; ``args`` are state and words, as ODBC drivers of Python give them."""

    def __init__(self, state: str, words: str) -> None:
        super().__init__(state, words)
        self.sqlstate = state

    def __str__(self) -> str:
        return str(self.args[1])


def refusal(state: str, words: str) -> DriverRefusal:
    """The error with the driver's name before its words; ``state`` is the five characters of ODBC."""
    return DriverRefusal(state, f"{DRIVER}{words}")


def bad_login() -> DriverRefusal:
    """Sage's words for a wrong operator, a wrong password, or the right ones in the wrong case."""
    return DriverRefusal("28000", f"{DRIVER}[DLL]Invalid account name.")


def link_failure() -> DriverRefusal:
    """The connection broke."""
    return refusal("08S01", "Communication link failure.")


_STATUSES = {
    84: "Record or page is locked.",
    85: "File is locked.",
    88: "Incompatible open mode: the file is locked by another program.",
}


def engine_status(status: int, table: str = "") -> DriverRefusal:
    """A status of the data engine (84, 85, 88 and others), on a table where one is known."""
    where = f" ({table})" if table else ""
    return refusal("S1000", f"Btrieve status {status}: {_STATUSES.get(status, 'Operation failed.')}{where}")


_STATES = {
    "no such table": "S0002",
    "no such column": "S0022",
    "ambiguous column": "37000",
    "near ": "37000",
    "incomplete input": "37000",
    "misuse of aggregate": "37000",
    "wrong number of arguments": "37000",
}


def in_drivers_words(error: sqlite3.Error) -> sqlite3.Error:
    """What SQLite complains about, with the state that an ODBC driver gives for it; other errors as they are."""
    words = str(error)
    state = next((state for start, state in _STATES.items() if words.startswith(start)), "")
    return refusal(state, words) if state else error
