"""The connection to a Sage company as a person enters it, before it is saved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from erpdesk.settings import CompanySettings
from erpdesk.sync.sage.connection import DRIVER, Connection
from erpdesk.sync.sage.folders import ONE_FOLDER, why_apart


@dataclass(frozen=True)
class Draft:
    """How erpdesk shall reach a company; the password is no part of it."""

    company: str
    folder: str
    connection: Connection
    process: str = "auto"
    program: str = ""
    test_company: bool = False
    date_format: str = "mm/dd/yyyy"

    def at_fields(self) -> dict[str, str]:
        """What must be put right, by field: company, folder, way (driver or data source), login, program."""
        found: dict[str, str] = {}
        if not self.folder.strip():
            found["folder"] = "Choose the company's data folder."
        elif not Path(self.folder.strip()).is_dir():
            found["folder"] = f"The folder {self.folder.strip()} is not there. Choose the company's data folder."
        elif apart := why_apart(Path(self.folder.strip()), self.connection.folder.strip()):
            found["folder"] = f"{apart} {ONE_FOLDER}"
        if not self.company.strip():
            found["company"] = "Enter the company's name as Sage holds it."
        if not self.connection.driver and not self.connection.dsn:
            found["way"] = f"Enter the name of the ODBC driver (Sage's is “{DRIVER}”) or of a data source."
        if not self.connection.login:
            found["login"] = "Enter the Sage operator whose login erpdesk uses."
        if self.program.strip() and not Path(self.program.strip().strip('"')).is_file():
            found["program"] = f"The program {self.program.strip()} is not there."
        return found

    def problems(self) -> tuple[str, ...]:
        """Every reason why it cannot be saved: those of fields first, then what contradicts itself in it."""
        held = self.connection
        # What an empty field lacks is said at the field; the rest is judged as if it were filled.
        filled = replace(
            held,
            driver=held.driver or ("" if held.dsn else DRIVER),
            folder=held.folder or str(Path.cwd()),
        )
        return (*self.at_fields().values(), *filled.check())

    def settings(self, before: CompanySettings) -> CompanySettings:
        """The company's settings with this connection in them."""
        return replace(
            before,
            company=self.company.strip(),
            sage_folder=self.folder.strip(),
            odbc=self.connection.text(),
            stand_in=False,
            odbc_process=self.process,
            odbc_program=self.program.strip(),
            test_company=self.test_company,
            date_format=self.date_format,
        )
