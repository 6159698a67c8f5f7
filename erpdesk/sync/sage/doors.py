"""The ways into a Sage company: the stand-in's data file, or an ODBC connection string. Both open read only."""

from __future__ import annotations

import codecs
import re
import sqlite3
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from erpdesk.core.errors import BadSageData, ForPeople, SageUnavailable
from erpdesk.sync.sage.problems import KEPT, is_driver_error, sentence

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

Connect = Callable[[], Any]
"""Opens a DB-API connection, or raises a sentence for people."""

DATA_FILE = "tsdata.db"
LOGIN_SECONDS = 15

_CODE_PAGE = re.compile(r"(?i)\bCODEPAGE\s*=\s*\{?(\d+)")
_OWN_CODEC = "erpdesk_sage"
_SQL_CHAR = 1
_SQL_DATES = (91, 9)


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
        connection.text_factory = _utf8_or_code_page
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


def open_odbc(connection_string: str) -> Connect:
    """The door through an ODBC driver; each call opens a new connection, read only.

    ``CODEPAGE=`` in the connection string says how text is encoded. A call raises SageUnavailable when pyodbc, the
    driver or the company is missing, or the login is refused.
    """
    found = _CODE_PAGE.search(connection_string)
    encoding = f"cp{found[1]}" if found else "utf-8"

    def connect() -> Any:
        try:
            # pyodbc ships a stub but does not declare itself typed, so mypy looks past it.
            import pyodbc  # type: ignore[import-not-found]
        except ImportError as error:
            raise SageUnavailable(
                "The ODBC manager is not installed on this computer.",
                kept=KEPT,
                next_step="Install unixODBC (on Windows it is part of the system), then sync again.",
            ) from error
        try:
            connection = pyodbc.connect(connection_string, autocommit=True, timeout=LOGIN_SECONDS, readonly=True)
        except pyodbc.Error as error:
            raise sentence(error) from error
        connection.setdecoding(_SQL_CHAR, encoding=_codec(encoding))
        return connection

    return connect


def ask_for_dates_as_text(connection: Any) -> None:
    """Makes an ODBC connection hand dates over as they stand, so that an impossible one cannot break a whole fetch."""
    if hasattr(connection, "add_output_converter"):
        for kind in _SQL_DATES:
            with suppress(Exception):
                connection.add_output_converter(kind, _date_text)


def give_up_after(connection: Any, seconds: float) -> None:
    """Tells a driver that knows time limits how long a query may take."""
    if hasattr(connection, "add_output_converter"):
        try:
            connection.timeout = max(1, int(seconds))
        except Exception as error:
            # Some drivers have no such setting; the watch in the session ends a long query all the same.
            if not is_driver_error(error):
                raise


def _date_text(raw: bytes | None) -> str | None:
    """A date as a driver keeps it: text, or ODBC's structure of year, month and day."""
    if raw is None:
        return None
    if len(raw) == 6 and not raw.isdigit():
        year, month, day = struct.unpack("<hHH", raw)
        return f"{year:04d}-{month:02d}-{day:02d}"
    return raw.decode("latin-1").rstrip("\0 ")


def _utf8_or_code_page(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "surrogateescape")


def _codec(encoding: str) -> str:
    """A codec that never fails: bytes outside the code page become surrogates, which the cleaning recognises."""
    name = f"{_OWN_CODEC}_{encoding.replace('-', '')}"

    def decode(raw: Buffer, errors: str = "strict", /) -> tuple[str, int]:
        data = bytes(raw)
        text = _utf8_or_code_page(data) if encoding == "utf-8" else data.decode(encoding, "surrogateescape")
        return text, len(data)

    def encode(text: str, errors: str = "strict", /) -> tuple[bytes, int]:
        return text.encode(encoding, "surrogateescape"), len(text)

    def search(wanted: str) -> codecs.CodecInfo | None:
        return codecs.CodecInfo(encode, decode, name=name) if wanted == name else None

    codecs.register(search)
    return name
