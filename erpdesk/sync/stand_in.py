"""The stand-in Sage as erpdesk reads it: through the stand-in's own driver, with the faults switched on there."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from erpdesk.sync.sage.doors import DATA_FILE, Connect, open_standin
from erpdesk.sync.sage.problems import sentence
from erpdesk.sync.sandbox.company import SandboxCompany


def open_played(folder: Path) -> Connect:
    """The door of a stand-in company: its logins, locks, hangs and missing tables are met as at a real site.

    A call raises SageUnavailable or BadSageData with a sentence for people.
    """
    plain = open_standin(folder)

    def connect() -> Any:
        if not (folder / DATA_FILE).is_file():
            return plain()
        try:
            return SandboxCompany(folder).connect()
        except sqlite3.DatabaseError as error:
            raise sentence(error, folder=str(folder)) from error

    return connect
