"""A stand-in Sage company: one folder with a control file, the tables, and the folder for imports."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import partial
from pathlib import Path

from erpdesk.core.clock import CLOCK
from erpdesk.sync.sandbox.door import Door, refuse
from erpdesk.sync.sandbox.faults import Faults, read_faults, spoil_row, write_faults
from erpdesk.sync.sandbox.formats import format_rows
from erpdesk.sync.sandbox.naming import MOST_COLUMNS, STANDARD, seen, show
from erpdesk.sync.sandbox.problems import bad_login, refusal
from erpdesk.sync.sandbox.security import captions, may_enter
from erpdesk.sync.sandbox.tables import create_tables, insert
from erpdesk.sync.sandbox.writes import carry_out

CONTROL_FILE = "tl.ctl"
DATA_FILE = "tsdata.db"
OPTIONS_FILE = "options.json"
NAME_AT = 16  # the 17th byte
NAME_BYTES = 34


@dataclass(frozen=True)
class Settings:
    """What a site chose in Sage: date format, id formats (9 = one character), modules, closed periods, AP usages.

    A closed period ends with the day in ``..._closed_through`` (ISO; blank = none); its action is ``stop`` or ``warn``.
    ``books_date`` is the day from which this month, last month and next month are counted (blank = today).
    ``layouts`` holds the orders of AP import fields by name and record letters (none = the stand-in's own).
    """

    date_format: str = "mm/dd/yyyy"
    job_mask: str = "99-9999"
    cost_code_mask: str = "99-9999"
    commitment_length: int = 12
    commitment_capitals: bool = True
    operator: str = "SAGEOPER"
    pj_installed: bool = False
    categories_used: bool = True
    books_date: str = ""
    jc_closed_through: str = ""
    jc_closed_action: str = "stop"
    ap_closed_through: str = ""
    ap_closed_action: str = "stop"
    ap_date_received_usage: str = "Not required"
    ap_payment_date_usage: str = "Not required"
    ap_validate_units: bool = False
    taxes: bool = False
    layouts: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    @property
    def books_day(self) -> date:
        """The day that the periods of job cost are counted from."""
        return date.fromisoformat(self.books_date) if self.books_date else CLOCK.now().astimezone().date()

    def closed(self, module: str, day: date) -> str:
        """``stop`` or ``warn`` when the day lies in a closed period of JC or AP, blank when it is open."""
        through, action = {
            "JC": (self.jc_closed_through, self.jc_closed_action),
            "AP": (self.ap_closed_through, self.ap_closed_action),
        }[module]
        return action if through and day <= date.fromisoformat(through) else ""


class SandboxCompany:
    """A company folder of the stand-in Sage; reading and writing go through SQLite files in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    @classmethod
    def create(cls, folder: Path, name: str, settings: Settings | None = None) -> SandboxCompany:
        """Makes an empty company: control file, tables, id formats, folder for imports."""
        settings = settings or Settings()
        company = cls(folder)
        company.imports.mkdir(parents=True, exist_ok=True)
        (company.folder / OPTIONS_FILE).write_text(json.dumps(asdict(settings), indent=1), "utf-8")
        with company.changing() as connection:
            create_tables(connection)
            insert(connection, "TS_CTL_RECORD_3", format_rows(settings))
        # The control file comes last: a folder without it is no company.
        named = name.encode("cp1252")[:NAME_BYTES].ljust(NAME_BYTES)
        (company.folder / CONTROL_FILE).write_bytes(b"TLCONTROL\0\0\0\0\0\0\0" + named + bytes(206))
        return company

    @property
    def imports(self) -> Path:
        """The folder where import files are laid and journals are printed."""
        return self.folder / "Imports"

    @property
    def data_file(self) -> Path:
        """The file with the company's tables."""
        return self.folder / DATA_FILE

    @property
    def name(self) -> str:
        """The company name in the control file; raises OSError when the folder is no company."""
        raw = (self.folder / CONTROL_FILE).read_bytes()[NAME_AT : NAME_AT + NAME_BYTES]
        return raw.decode("cp1252").rstrip(" \0")

    @property
    def settings(self) -> Settings:
        """What the site chose; read from the folder each time."""
        chosen = json.loads((self.folder / OPTIONS_FILE).read_text("utf-8"))
        return Settings(**{known.name: chosen[known.name] for known in fields(Settings) if known.name in chosen})

    def choose(self, **changes: object) -> Settings:
        """Changes named settings, as a person does under Settings or by closing a month; whole or not at all."""
        chosen = Settings(**{**asdict(self.settings), **changes})
        half = self.folder / (OPTIONS_FILE + ".tmp")
        half.write_text(json.dumps(asdict(chosen), indent=1), "utf-8")
        os.replace(half, self.folder / OPTIONS_FILE)
        return chosen

    def connect(
        self, *, login: str = "", password: str = "", naming: str = STANDARD, max_columns: int = MOST_COLUMNS
    ) -> Door:
        """The door for other programs: a new connection that reads Sage's SQL; the caller closes it.

        ``naming`` is standard, custom or dictionary; tables wider than ``max_columns`` come in parts. A secured company
        asks for an operator. Raises ``sqlite3.OperationalError`` in the driver's words: for a wrong login, a backup
        that runs, a folder that is not there, and later for every write that Sage does not allow.
        """
        faults = read_faults(self.folder)
        refuse(faults)
        if faults.wrong_password or not may_enter(self.folder, login, password):
            raise bad_login()
        if not self.data_file.exists():
            raise refusal("08001", f"unable to open the data folder {self.folder}")
        door = sqlite3.connect(
            f"{self.data_file.absolute().as_uri()}?mode=ro",
            uri=True,
            factory=Door,
            isolation_level=None,
            timeout=10.0,
            check_same_thread=False,
        )
        try:
            self._settle(door)
            door.names = seen(naming, max_columns, self.captions)
            show(door, door.names)
        except BaseException:
            door.close()
            raise
        door.faults = lambda: read_faults(self.folder)
        door.writer = partial(carry_out, self, login)
        return door

    @property
    def captions(self) -> tuple[tuple[str, str], ...]:
        """The company's own words for columns, which custom mode shows."""
        return captions(self.folder)

    def _settle(self, door: sqlite3.Connection) -> None:
        """An import that was killed leaves a journal, which a read-only door cannot roll back by itself."""
        try:
            sqlite3.Connection.execute(door, "SELECT COUNT(*) FROM sqlite_master").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            self.recover()

    def writable(self) -> sqlite3.Connection:
        """Sage's own connection, for its programs only; transactions are begun and ended by hand."""
        connection = sqlite3.connect(self.data_file, isolation_level=None, timeout=0.25)
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction on Sage's own connection: all of it or nothing; the connection is closed after it."""
        with closing(self.writable()) as connection:
            connection.execute("PRAGMA busy_timeout = 10000")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def recover(self) -> None:
        """Rolls back what a killed program left half written."""
        with self.changing():
            pass

    def stamp(self) -> dict[str, object]:
        """Who changed a row and when, as Sage stamps every change: operator, local date, local time."""
        now = CLOCK.now().astimezone()
        return {
            "Operator_Stamp": self.settings.operator,
            "Date_Stamp": now.strftime("%Y-%m-%d"),
            "Time_Stamp": now.strftime("%H:%M:%S"),
        }

    @property
    def faults(self) -> Faults:
        """The switches that are on now."""
        return read_faults(self.folder)

    def set_faults(self, **changes: bool | float | str) -> Faults:
        """Turns switches on or off by name (see ``Faults``); takes effect with the next query or import."""
        return write_faults(self.folder, **changes)

    def spoil_row(self, table: str = "JCM_MASTER__COMMITMENT_ITEM", kind: str = "junk") -> dict[str, object]:
        """Makes one row unreadable on disk (nul, junk, date, number); answers its key and the spoilt column."""
        with self.changing() as connection:
            return spoil_row(connection, table, kind)
