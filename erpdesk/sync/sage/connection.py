"""The ODBC connection to one Sage company, key by key; it never holds a password."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, fields
from pathlib import PurePosixPath, PureWindowsPath

from erpdesk.core.connection_text import SECRETS, pairs

DRIVER = "Timberline Data"
"""The name under which Sage installs its ODBC driver."""
WIDEST = 1536
"""Columns a table may have before Sage's driver splits it; the job table has more than the usual 255."""

_MAKER = "timberline"
_TEXTS = {"DRIVER": "driver", "DSN": "dsn", "DBQ": "folder", "UID": "login"}
_NUMBERS = {
    "CODEPAGE": "code_page",
    "STANDARDMODE": "standard_mode",
    "DICTIONARYMODE": "dictionary_mode",
    "CUSTOMMODE": "custom_mode",
    "MAXCOLSUPPORT": "max_columns",
    "SHORTENNAMES": "shorten_names",
    "DATABASETYPE": "database_type",
    "KEEPFILESOPEN": "keep_files_open",
}
_SPELLED = {
    "driver": "Driver",
    "dsn": "DSN",
    "folder": "DBQ",
    "login": "UID",
    "code_page": "CODEPAGE",
    "standard_mode": "StandardMode",
    "dictionary_mode": "DictionaryMode",
    "custom_mode": "CustomMode",
    "max_columns": "MaxColSupport",
    "shorten_names": "ShortenNames",
    "database_type": "DatabaseType",
    "keep_files_open": "KeepFilesOpen",
}
_SWITCHES = ("standard_mode", "dictionary_mode", "custom_mode", "shorten_names", "keep_files_open")
_SPECIAL = frozenset("[]{}(),;?*=!@'\"")


@dataclass(frozen=True)
class Connection:
    """How the ODBC driver finds and opens a company: by ``driver`` name or by ``dsn`` (a data source of the system).

    ``folder`` is DBQ, the company's data folder; ``login`` is UID, a Sage operator. ``others`` holds keys that erpdesk
    does not know, and known ones that are written twice or are no number, as pairs. ``had_password`` tells that the
    text it was read from held a password, which was left out.
    """

    driver: str = ""
    dsn: str = ""
    folder: str = ""
    login: str = ""
    code_page: int = 1252
    standard_mode: int = 1
    dictionary_mode: int = 0
    custom_mode: int = 0
    max_columns: int = WIDEST
    shorten_names: int = 0
    database_type: int = 1
    keep_files_open: int | None = None
    others: tuple[tuple[str, str], ...] = ()
    had_password: bool = False

    @classmethod
    def parse(cls, text: str) -> Connection:
        """Reads a connection string; keys in any spelling, values plain, in braces or in quotation marks."""
        texts: dict[str, str] = {}
        numbers: dict[str, int] = {}
        others: list[tuple[str, str]] = []
        had_password = False
        for key, value in pairs(text):
            known = key.upper()
            field = _TEXTS.get(known) or _NUMBERS.get(known, "")
            if known in SECRETS:
                had_password = True
            elif known in _TEXTS and not value:
                continue
            elif known in _TEXTS and field not in texts:
                texts[field] = value
            elif known in _NUMBERS and field not in numbers and value.isascii() and value.isdigit() and len(value) < 10:
                numbers[field] = int(value)
            else:
                others.append((key, value))
        return cls(
            texts.get("driver", ""),
            texts.get("dsn", ""),
            texts.get("folder", ""),
            texts.get("login", ""),
            **numbers,
            others=tuple(others),
            had_password=had_password,
        )

    def text(self) -> str:
        """The connection string, without a password; every mode is written out, since the driver's defaults vary."""
        known = [(_SPELLED[each.name], getattr(self, each.name)) for each in fields(self) if each.name in _SPELLED]
        written = [(key, str(value)) for key, value in known if value is not None and value != ""]
        return "".join(f"{key}={_value(key, value)};" for key, value in (*written, *self.others))

    def text_with(self, password: str) -> str:
        """The connection string to open the company with; keep it nowhere."""
        return f"{self.text()}PWD={{{password.replace('}', '}}')}}};" if password else self.text()

    def check(self) -> tuple[str, ...]:
        """What a person should put right in it, most important first; empty when nothing."""
        found = [*self._way(), *self._modes(), *self._rest()]
        if self.had_password:
            found.insert(0, "The connection holds a password (PWD). Take it out; it belongs in this machine's vault.")
        return tuple(found)

    def _way(self) -> list[str]:
        found = []
        if self.driver and self.dsn:
            found.append("The connection names a driver and a data source (DSN). Keep one of them.")
        if not self.driver and not self.dsn:
            found.append(f"The connection names no driver and no data source. Enter Driver={{{DRIVER}}} or a DSN.")
        if self.driver and not self.folder:
            found.append("The connection names no data folder. Enter it as DBQ, for example DBQ=<company folder>.")
        if self.folder and not (PureWindowsPath(self.folder).is_absolute() or PurePosixPath(self.folder).is_absolute()):
            found.append(f"The data folder “{self.folder}” is no full path. Enter it with its drive or server (DBQ).")
        return found

    def _modes(self) -> list[str]:
        found = []
        for field in _SWITCHES:
            value = getattr(self, field)
            if value not in (None, 0, 1):
                found.append(f"{_SPELLED[field]} must be 0 or 1, not {value}.")
        on = [_SPELLED[field] for field in ("standard_mode", "dictionary_mode", "custom_mode") if getattr(self, field)]
        if len(on) > 1:
            found.append(f"{' and '.join(on)} contradict each other. Keep StandardMode=1 only.")
        elif on != ["StandardMode"]:
            found.append("erpdesk reads Sage's standard names. Set StandardMode=1, DictionaryMode=0 and CustomMode=0.")
        if self.shorten_names == 1:
            found.append("ShortenNames=1 may change column names. Set it to 0.")
        return found

    def _rest(self) -> list[str]:
        found = []
        if self.max_columns < 1:
            found.append(f"MaxColSupport must be at least 1; {WIDEST} keeps Sage's wide tables whole.")
        if self.database_type != 1:
            found.append("DatabaseType must be 1 (accounting); erpdesk reads no estimating data.")
        if self.keep_files_open == 1:
            found.append("KeepFilesOpen=1 holds Sage's files between reads, which a backup needs free. Set it to 0.")
        try:
            codecs.lookup(f"cp{self.code_page}")
        except LookupError:
            found.append(f"CODEPAGE={self.code_page} is no code page. Sage's is 1252 in most places.")
        seen: set[str] = set()
        for key, value in self.others:
            known = _TEXTS.get(key.upper()) or _NUMBERS.get(key.upper())
            if not key:
                found.append(f"“{value}” in the connection belongs to no key.")
            elif key.upper() == "PROVIDER":
                found.append("The connection is written for OLE DB. Leave out Provider and keep the rest.")
            elif known and key.upper() in _NUMBERS and not (value.isascii() and value.isdigit()):
                found.append(f"{_SPELLED[known]} must be a number, not “{value}”.")
            elif known or key.upper() in seen:
                found.append(f"{key} stands twice in the connection. Keep one.")
            seen.add(key.upper())
        if any(not str(getattr(self, field)).isprintable() for field in ("driver", "dsn", "folder", "login")):
            found.append("The connection holds a line break or a character that cannot be seen. Type it again.")
        return found


def complete(text: str) -> str:
    """The connection string with every mode written out when it names Sage's driver or a data source called after it.

    Without StandardMode=1 Sage's driver gives a company's own table names. ``text`` may hold a password: it is kept.
    """
    parsed = Connection.parse(text)
    if _MAKER not in f"{parsed.driver} {parsed.dsn}".lower():
        return text
    present = {key.upper() for key, _ in pairs(text)}
    lacking = [
        f"{_SPELLED[field]}={value};"
        for key, field in _NUMBERS.items()
        if key not in present and (value := getattr(parsed, field)) is not None
    ]
    return "".join((text.rstrip().rstrip(";"), ";", *lacking)) if lacking else text


def folder_of(text: str) -> str:
    """The data folder that a connection string names (DBQ), '' when none."""
    return Connection.parse(text).folder


def _value(key: str, value: str) -> str:
    if key == "Driver" or value != value.strip() or _SPECIAL & set(value):
        return "{" + value.replace("}", "}}") + "}"
    return value
