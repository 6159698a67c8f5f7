"""A stand-in Sage company: one folder with a control file, the tables, and the folder for imports."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from erpdesk.core.clock import CLOCK
from erpdesk.sync.sandbox.door import Door
from erpdesk.sync.sandbox.faults import Faults, read_faults, spoil_row, write_faults
from erpdesk.sync.sandbox.tables import create_tables, insert

CONTROL_FILE = "tl.ctl"
DATA_FILE = "tsdata.db"
OPTIONS_FILE = "options.json"
NAME_AT = 16  # the 17th byte
NAME_BYTES = 34


@dataclass(frozen=True)
class Settings:
    """What a site chose in Sage: date format, id formats (9 = one character) and how commitment ids look."""

    date_format: str = "mm/dd/yyyy"
    job_mask: str = "99-9999"
    cost_code_mask: str = "99-9999"
    commitment_length: int = 12
    commitment_capitals: bool = True
    operator: str = "SAGEOPER"


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
            insert(connection, "TS_CTL_RECORD_3", _formats(settings))
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
        return Settings(**{field.name: chosen[field.name] for field in fields(Settings) if field.name in chosen})

    def connect(self) -> sqlite3.Connection:
        """The door for other programs: a new read-only connection; the caller closes it.

        Inserts and updates are refused (``sqlite3.OperationalError``), as is a folder that is not there.
        """
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
        except BaseException:
            door.close()
            raise
        door.faults = lambda: read_faults(self.folder)
        return door

    def _settle(self, door: sqlite3.Connection) -> None:
        """An import that was killed leaves a journal, which a read-only door cannot roll back by itself."""
        try:
            door.execute("SELECT FLDCODE FROM TS_CTL_RECORD_3").close()
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


def _formats(settings: Settings) -> list[dict[str, object]]:
    """The id formats as Sage's control record holds them: one row a section, with the separator behind it."""
    rows: list[dict[str, object]] = []
    for code, caption, mask in ((16, "Job", settings.job_mask), (18, "Cost code", settings.cost_code_mask)):
        sections = re.findall(r"(9+)([^9]?)", mask)
        for section, (digits, separator) in enumerate(sections, 1):
            rows.append(_format(code, section, len(digits), separator, caption if section == 1 else "", False))
    rows.append(_format(20, 1, settings.commitment_length, "", "Commitment", settings.commitment_capitals))
    return rows


def _format(code: int, section: int, length: int, separator: str, caption: str, capitals: bool) -> dict[str, object]:
    names = ("FLDCODE", "SECTION", "CSLEN", "CNPUNCT", "CNDESC", "CNTCAP")
    return dict(zip(names, (code, section, length, separator, caption, int(capitals)), strict=True))
