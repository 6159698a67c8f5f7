"""One connection through an ODBC driver, on which only SELECT passes; it stands alone and imports no other part.

Standard library and pyodbc only: the helper program beside erpdesk loads it without erpdesk.
"""

from __future__ import annotations

import codecs
import json
import re
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

_SELECT = re.compile(r"SELECT\s", re.ASCII)
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_INTO = re.compile(r"(?i)\bINTO\b")
_NAME = r'(?:\w+\.)?(?:\w+|"\w+")'
_PROBE = re.compile(
    rf"UPDATE\s+{_NAME}\s+SET\s+{_NAME}\s*=\s*(?:{_NAME}|'[^']*')"
    rf"\s+WHERE\s+{_NAME}\s*=\s*'\.~'(?:\s+AND\s+{_NAME}\s*=\s*'\.~')*",
    re.ASCII,
)
_SQL_CHAR = 1
_SQL_DATES = (91, 9)
_OWN_CODEC = "erpdesk_sage"


def only_select(sql: str) -> None:
    """Raises ValueError for anything but one SELECT that makes no table."""
    # Behind a comment's quotation mark words could hide from this look: there are no comments.
    comment = "--" in sql or "/*" in sql
    if not _SELECT.match(sql) or comment or ";" in sql or _INTO.search(_LITERAL.sub("", sql)):
        raise ValueError(f"only one SELECT may reach Sage: {sql[:80]}")


def only_probe(sql: str) -> None:
    """Raises ValueError for anything but an UPDATE that can meet no row, since its key is ``.~``."""
    if not _PROBE.fullmatch(sql):
        raise ValueError(f"only an UPDATE of the key '.~' may ask for rights: {sql[:80]}")


def utf8_or_code_page(raw: bytes) -> str:
    """Text of unknown encoding: UTF-8 where it is that, else code page 1252 with odd bytes kept recognisable."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "surrogateescape")


def codec(encoding: str) -> str:
    """A codec that never fails: bytes outside the code page become surrogates, which the cleaning recognises."""
    name = f"{_OWN_CODEC}_{encoding.replace('-', '')}"

    def decode(raw: Any, errors: str = "strict", /) -> tuple[str, int]:
        data = bytes(raw)
        text = utf8_or_code_page(data) if encoding == "utf-8" else data.decode(encoding, "surrogateescape")
        return text, len(data)

    def encode(text: str, errors: str = "strict", /) -> tuple[bytes, int]:
        return text.encode(encoding, "surrogateescape"), len(text)

    def search(wanted: str) -> codecs.CodecInfo | None:
        return codecs.CodecInfo(encode, decode, name=name) if wanted == name else None

    codecs.register(search)
    return name


def _as_code_page(raw: bytes) -> str:
    return raw.decode("cp1252", "surrogateescape")


# A codec in Python for each text takes more time than all of the driver's work. The usual text is plain ASCII, so it is
# read as Latin-1, and only what is not ASCII is read again. What a driver hands over as Unicode stays as it is in code
# page 1252, which has the same letters where Latin-1 has letters; other code pages have not, and keep their codec.
_MENDED: dict[str, Callable[[bytes], str]] = {"cp1252": _as_code_page, "utf-8": utf8_or_code_page}


def mend(rows: Sequence[Any], places: Sequence[int], right: Callable[[bytes], str]) -> None:
    """Reads the texts in these columns of a driver's rows again where they are not plain."""
    columns = list(zip(*rows, strict=True))
    for at in places if rows else ():
        try:
            plain = "".join(columns[at]).isascii()
        except TypeError:
            plain = False
        if plain:
            continue
        for row in rows:
            value = row[at]
            if isinstance(value, str) and not value.isascii():
                with suppress(UnicodeEncodeError):
                    row[at] = right(value.encode("latin-1"))


def date_text(raw: bytes | None) -> str | None:
    """A date as a driver keeps it: text, or ODBC's structure of year, month and day."""
    if raw is None:
        return None
    if len(raw) == 6 and not raw.isdigit():
        year, month, day = struct.unpack("<hHH", raw)
        return f"{year:04d}-{month:02d}-{day:02d}"
    return raw.decode("latin-1").rstrip("\0 ")


def manager() -> Any:
    """The ODBC manager's module; raises ImportError where pyodbc or the system's ODBC is missing."""
    # pyodbc ships a stub but does not declare itself typed, so mypy looks past it.
    import pyodbc  # type: ignore[import-not-found]

    # A pool would keep Sage's files open after a connection was closed; it must be off before the first one.
    pyodbc.pooling = False
    return pyodbc


class Link:
    """One connection through an ODBC driver: a DB-API connection on which only SELECT passes, and faults on demand.

    Raises pyodbc.Error with the driver's SQLSTATE, the ``secrets`` of ``text`` taken out of its words. ``page`` is the
    code page that the text names, '' = none. ``faults`` is the file of a
    stand-in company in which wrong_password, slow, hang and drop_after are switched on. ``read_only`` is a wish to the
    driver, on which nothing relies; without it, a refused write is the refusal of the company itself.
    """

    def __init__(
        self,
        text: str,
        seconds: float = 15,
        faults: str | None = None,
        read_only: bool = True,
        *,
        page: str,
        secrets: Sequence[str],
    ) -> None:
        self._pyodbc = pyodbc = manager()
        self._secrets = secrets
        self._faults_file = faults
        self._woken = threading.Event()
        self._busy: Any = None
        self._dropped = False
        with self._clean():
            if self._faults().get("wrong_password"):
                raise pyodbc.Error("HY000", "[HY000] [Timberline][ODBC Driver][DLL]Invalid account name.")
            self._raw = pyodbc.connect(text, autocommit=True, timeout=max(1, int(seconds)), readonly=read_only)
        encoding = f"cp{page}" if page.isdigit() else "utf-8"
        self.mend = _MENDED.get(encoding)
        """What makes the right text of one that came as Latin-1; None where texts come right."""
        self._raw.setdecoding(_SQL_CHAR, encoding="latin-1" if self.mend else codec(encoding))

    @property
    def timeout(self) -> int:
        """Seconds that a query may take by the driver's own clock; 0 = no end."""
        return int(self._raw.timeout)

    @timeout.setter
    def timeout(self, seconds: int) -> None:
        with self._clean():
            self._raw.timeout = seconds

    def dates_as_text(self) -> None:
        """From now on dates come as they stand, so that an impossible one cannot break a whole fetch."""
        for kind in _SQL_DATES:
            with suppress(self._pyodbc.Error):
                self._raw.add_output_converter(kind, date_text)

    def cursor(self) -> LinkCursor:
        """A cursor for one query."""
        with self._clean():
            return LinkCursor(self, self._raw.cursor())

    def probe_update(self, sql: str) -> int:
        """Sends the one UPDATE that asks for rights and can change nothing; answers the driver's count of rows."""
        only_probe(sql)
        with self._clean():
            cursor = self._raw.cursor()
        with self.calling(cursor, sql):
            cursor.execute(sql)
            count = int(cursor.rowcount)
            cursor.close()
            return count

    def interrupt(self) -> None:
        """Asks the driver, from any thread, to give up the call under way."""
        self._woken.set()
        busy = self._busy
        if busy is not None:
            with suppress(self._pyodbc.Error):
                busy.cancel()

    def close(self) -> None:
        """Ends the connection and lets Sage's files go."""
        self._woken.set()
        with self._clean():
            self._raw.close()

    @contextmanager
    def calling(self, raw: Any, sql: str) -> Iterator[None]:
        """A call of the driver that ``interrupt`` can reach, behind the faults that are switched on."""
        with self._clean():
            self._woken.clear()
            self._busy = raw
            try:
                self._gate(sql)
                yield
            finally:
                self._busy = None

    def handed(self, rows: int) -> None:
        """Raises a link failure when an answer of so many rows is longer than the faults let pass."""
        limit = self._faults().get("drop_after") or 0
        self._dropped = self._dropped or bool(limit and rows > limit)
        self._refuse_when_dropped()

    def _gate(self, sql: str) -> None:
        self._refuse_when_dropped()
        faults = self._faults()
        hang = faults.get("hang") or ""
        if hang and (hang == "*" or hang in sql):
            self._wait(None)
        if faults.get("slow"):
            self._wait(float(faults["slow"]))

    def _wait(self, seconds: float | None) -> None:
        if self._woken.wait(seconds):
            raise self._pyodbc.OperationalError("HY008", "[HY008] [Timberline][ODBC Driver]Operation canceled")

    def _refuse_when_dropped(self) -> None:
        if self._dropped:
            text = "[08S01] [Timberline][ODBC Driver]Communication link failure"
            raise self._pyodbc.OperationalError("08S01", text)

    def _faults(self) -> dict[str, Any]:
        if self._faults_file is None:
            return {}
        try:
            with open(self._faults_file, encoding="utf-8") as file:
                found = json.load(file)
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @contextmanager
    def _clean(self) -> Iterator[None]:
        try:
            yield
        except self._pyodbc.Error as error:
            # The error itself is changed: a new one would carry the old one along.
            if error.args:
                words = str(error.args[-1])
                for secret in self._secrets:
                    words = words.replace(secret, "…")
                error.args = (*error.args[:-1], words)
            raise


class LinkCursor:
    """A cursor of a link."""

    def __init__(self, link: Link, raw: Any) -> None:
        self._link, self._raw, self._sql, self._handed = link, raw, "", 0
        self._texts: list[int] = []

    @property
    def description(self) -> Any:
        """The columns of the query, as the DB-API says."""
        return self._raw.description

    def execute(self, sql: str, values: Sequence[Any] = ()) -> LinkCursor:
        """Runs one SELECT; raises ValueError for anything else."""
        only_select(sql)
        self._sql, self._handed = sql, 0
        with self._link.calling(self._raw, sql):
            self._raw.execute(sql, *([tuple(values)] if values else []))
            self._texts = [at for at, each in enumerate(self._raw.description or ()) if each[1] is str]
        return self

    def fetchmany(self, size: int = 500) -> list[Any]:
        """The next rows, at most ``size``."""
        with self._link.calling(self._raw, self._sql):
            rows: list[Any] = self._raw.fetchmany(size)
            self._handed += len(rows)
            self._link.handed(self._handed)
            if self._link.mend:
                mend(rows, self._texts, self._link.mend)
            return rows

    def fetchone(self) -> Any:
        """The next row, or None."""
        return next(iter(self.fetchmany(1)), None)

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        rows = []
        while more := self.fetchmany():
            rows += more
        return rows

    def cancel(self) -> None:
        """Asks the driver, from any thread, to give up."""
        self._link.interrupt()

    def close(self) -> None:
        """Lets the query go."""
        self._raw.close()
