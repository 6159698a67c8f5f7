"""The ways into a Sage company: the stand-in's data file, or an ODBC driver in this process or in a helper program."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from erpdesk.core.connection_text import secrets, value_of
from erpdesk.core.errors import BadSageData, ForPeople, SageUnavailable
from erpdesk.sync.sage import host_door
from erpdesk.sync.sage.connection import Connection, complete, folder_of
from erpdesk.sync.sage.host_door import LOGIN_SECONDS, open_host
from erpdesk.sync.sage.host_program import command
from erpdesk.sync.sage.odbc_link import Link, manager, only_probe, utf8_or_code_page
from erpdesk.sync.sage.problems import KEPT, is_driver_error, no_fit, sentence

__all__ = ["Connect", "ask_for_dates_as_text", "choose", "give_up_after", "open_host", "open_odbc", "open_standin"]

Connect = Callable[[], Any]
"""Opens a DB-API connection, or raises a sentence for people."""

DATA_FILE = "tsdata.db"


def open_standin(folder: Path) -> Connect:
    """The door to a stand-in company folder; each call opens ``tsdata.db`` in it, read only.

    It raises SageUnavailable when the folder or the file is not there, BadSageData when the file is no data file.
    """
    folder = Path(folder)

    def connect() -> sqlite3.Connection:
        file = folder / DATA_FILE
        if not folder.is_dir():
            raise SageUnavailable(
                f"The Sage data folder {folder} is not there.",
                kept=KEPT,
                next_step="Check the network drive and the folder in the settings. erpdesk tries again by itself.",
            )
        if not file.is_file():
            raise SageUnavailable(
                f"The folder {folder} is not a Sage company: {DATA_FILE} is missing in it.",
                kept=KEPT,
                next_step="Choose the company's data folder in the settings.",
            )
        try:
            return _open_file(file)
        except sqlite3.Error as error:
            raise _standin_sentence(error, file) from error

    return connect


def _open_file(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10)
    try:
        connection.text_factory = utf8_or_code_page
        # Opening reads nothing; only a first look tells a data file from something else.
        connection.execute("SELECT COUNT(*) FROM sqlite_master").close()
    except BaseException:
        connection.close()
        raise
    return connection


def _standin_sentence(error: sqlite3.Error, file: Path) -> ForPeople:
    if "not a database" in str(error):
        return BadSageData(
            f"The file {file} is not a Sage data file.",
            kept=KEPT,
            next_step="Choose the company's data folder in the settings, or put the file back from a backup.",
        )
    return sentence(error)


def open_odbc(
    connection_string: str, *, seconds: float = LOGIN_SECONDS, faults: Path | None = None, read_only: bool = True
) -> Connect:
    """The door through an ODBC driver in this process; each call opens a new connection on which only SELECT passes.

    ``CODEPAGE=`` in the connection string says how text is encoded; ``seconds`` is how long a login may take; the file
    ``faults`` holds a stand-in company's faults. ``read_only=False`` leaves it to the company to refuse the probe for
    rights, instead of the driver. A call raises SageUnavailable when pyodbc, the driver or the company
    is missing, or the login is refused.
    """

    def connect() -> Link:
        try:
            return Link(
                connection_string,
                seconds,
                None if faults is None else str(faults),
                read_only,
                page=value_of(connection_string, "CODEPAGE"),
                secrets=secrets(connection_string),
            )
        except ImportError as error:
            raise SageUnavailable(
                "The ODBC manager is not installed on this computer.",
                kept=KEPT,
                next_step="Install unixODBC (on Windows it is part of the system), then sync again.",
            ) from error
        except Exception as error:
            if is_driver_error(error):
                raise sentence(error, folder=folder_of(connection_string)) from error
            raise

    return connect


def choose(
    connection_string: str,
    process: str = "auto",
    program: str = "",
    faults: Path | None = None,
    *,
    read_only: bool = True,
) -> Connect:
    """The door through ODBC where its driver can be loaded: ``process`` is auto, inside or apart.

    ``auto``: apart when ``program`` names a helper, else inside when this process sees the driver, else in the helper
    that belongs to erpdesk. It is decided at each call, so that a driver installed meanwhile is found. Sage's own
    driver is told every mode. A call raises SageUnavailable when nobody sees the driver.
    """
    text = complete(connection_string)
    inside = open_odbc(text, faults=faults, read_only=read_only)
    apart = open_host(text, program=command(program), faults=faults, read_only=read_only)
    if process == "inside":
        return inside
    if process == "apart" or program.strip():
        return apart

    def connect() -> Any:
        asked = Connection.parse(text)
        seen = _sight()
        if seen is not None and _sees(seen, asked):
            return inside()
        try:
            helper = host_door.look()
        except SageUnavailable:
            helper = None
        if helper is not None and _sees(helper, asked):
            return apart()
        widest = seen or helper or host_door.Sight(_BITS, (), {})
        raise no_fit(asked.driver or asked.dsn, widest.bits, widest.drivers)

    return connect


_BITS = struct.calcsize("P") * 8


def _sight() -> host_door.Sight | None:
    """What this process sees; None when it cannot load any driver."""
    try:
        pyodbc = manager()
    except ImportError:
        return None
    return host_door.Sight(_BITS, tuple(pyodbc.drivers()), dict(pyodbc.dataSources()))


def _sees(seen: host_door.Sight, asked: Connection) -> bool:
    """Whether a process can load the driver: by name or file, or behind a data source."""
    drivers = {name.lower() for name in seen.drivers}
    if asked.driver:
        return asked.driver.lower() in drivers or Path(asked.driver).is_file()
    behind = {name.lower(): driver for name, driver in seen.sources.items()}.get(asked.dsn.lower())
    return behind is not None and (behind.lower() in drivers or Path(behind).is_file())


def probe_update(connection: Any, sql: str) -> int:
    """Sends the one UPDATE that asks for rights through any door; answers how many rows the driver says it met.

    Raises ValueError for any other statement, and what the driver says when it refuses.
    """
    own = getattr(connection, "probe_update", None)
    if own is not None:
        return int(own(sql))
    only_probe(sql)
    cursor = connection.cursor()
    try:
        cursor.execute(sql)
        return int(cursor.rowcount)
    finally:
        cursor.close()


def ask_for_dates_as_text(connection: Any) -> None:
    """Makes an ODBC connection hand dates over as they stand, so that an impossible one cannot break a whole fetch."""
    ask = getattr(connection, "dates_as_text", None)
    if ask is not None:
        ask()


def give_up_after(connection: Any, seconds: float) -> None:
    """Tells a driver that knows time limits how long a query may take."""
    if hasattr(connection, "dates_as_text"):
        try:
            connection.timeout = max(1, int(seconds))
        except Exception as error:
            # Some drivers have no such setting; the watch in the session ends a long query all the same.
            if not is_driver_error(error):
                raise
