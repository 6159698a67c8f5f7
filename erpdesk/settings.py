"""The settings of one company, each declared once; they live in ``settings.toml`` and hold no secrets."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from erpdesk.core.errors import ForPeople

Check = Callable[[Any], bool]


def setting(default: Any, title: str, text: str, check: Check = lambda value: True) -> Any:
    """Declares a setting: its default, its title on screen, its help, and what a value must fulfil."""
    return field(default=default, metadata={"title": title, "help": text, "check": check})


def within(least: int, most: int) -> Check:
    """A whole number between two bounds."""
    return lambda value: least <= value <= most


def one_of(*words: str) -> Check:
    """One of a few words."""
    return lambda value: value in words


def _amount(value: str) -> bool:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return False
    return amount.is_finite() and amount > 0


@dataclass(frozen=True)
class CompanySettings:
    """How erpdesk works with one company's Sage."""

    company: str = setting("", "Company", "The company's name as Sage holds it.", lambda name: bool(name.strip()))
    sage_folder: str = setting("", "Sage data folder", "The company's data folder; the import mailbox lies in it.")
    odbc: str = setting(
        "", "ODBC connection", "Connection string without a password; empty reads the stand-in company directly."
    )
    stand_in: bool = setting(False, "Stand-in Sage", "The data folder is the sample company, not a real Sage.")
    date_format: str = setting(
        "mm/dd/yyyy", "Date format of Sage", "Must be the one under Tools > Options > Date Format in Sage."
    )
    commitment_id_mask: str = setting(
        "",
        "Commitment ID format",
        "9 = digit, A = letter, X = either, other characters stand for themselves; empty = any ID that fits.",
    )
    number_is_sage_id: bool = setting(
        True, "Propose the contract number", "The Sage commitment ID is filled with the contract number."
    )
    line_amount_limit: str = setting(
        "999999.99",
        "Largest line amount",
        "A larger line amount is pointed out before export. Unverified: two sources disagree on what Sage limits.",
        _amount,
    )
    test_company: bool = setting(
        False, "Test company", "The data folder is a company made for trying things; layouts not proven may go to it."
    )
    query_seconds: int = setting(
        300, "Longest query (seconds)", "A query that Sage does not answer in this time is ended.", within(10, 3600)
    )
    odbc_process: str = setting(
        "auto",
        "Where the ODBC driver runs",
        "auto = apart when the driver is 32-bit or the helper program is named; inside; apart = in a helper program.",
        one_of("auto", "inside", "apart"),
    )
    odbc_program: str = setting(
        "", "ODBC helper program", "The 32-bit helper program that loads Sage's driver; empty = the one installed."
    )
    import_mode: str = setting(
        "assisted",
        "How import files are run",
        "assisted = a person runs the import in Sage; macro = Sage's launcher runs a recorded macro.",
        one_of("assisted", "macro"),
    )
    macro_command: str = setting(
        "", "Macro command", "The launcher with its macro, as it is called in the data folder; only in macro mode."
    )
    macro_minutes: int = setting(
        10, "Longest import (minutes)", "After this time an import that Sage runs is In doubt.", within(1, 240)
    )
    sync_minutes: int = setting(5, "Read Sage every (minutes)", "How often the mirror is refreshed.", within(1, 1440))
    full_read_hours: int = setting(
        24, "Compare everything every (hours)", "In between, only what Sage stamped as changed is read.", within(1, 168)
    )
    guard_percent: int = setting(
        10, "Largest loss (percent)", "A reading that loses more rows than this asks a person first.", within(1, 100)
    )
    stale_hours: int = setting(
        24, "Oldest usable read (hours)", "Accepting on older data asks for a fresh read first.", within(1, 8760)
    )
    sage_moved_from: str = setting(
        "",
        "Sage data folder before",
        "Confirms once that the same company was moved: the folder it lay in before; emptied when it was used.",
    )
    company_kind_before: str = setting(
        "",
        "Kind of company before",
        "live = confirms once that a live company is made a test company or stand-in; emptied when it was used.",
        one_of("", "live"),
    )

    @classmethod
    def load(cls, path: Path) -> CompanySettings:
        """The settings in ``path``; defaults when it is not there; raises ForPeople when it can not be understood."""
        if not path.exists():
            return cls()
        try:
            held = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
            raise ForPeople(
                f"The settings file {path} can not be read: {problem}.",
                kept="Nothing was changed.",
                next_step="Correct the line it names, or restore the file from a backup.",
            ) from problem
        known = {each.name: each for each in fields(cls)}
        for name, value in held.items():
            if name not in known:
                continue
            each = known[name]
            if type(value) is not type(each.default) or not each.metadata["check"](value):
                raise ForPeople(
                    f"The setting {name} in {path} can not be {value!r} ({each.metadata['help']})",
                    kept="Nothing was changed.",
                    next_step="Correct it in the file.",
                )
        return cls(**{name: value for name, value in held.items() if name in known})

    def save(self, path: Path) -> None:
        """Writes the settings as a whole: the old file stays until the new one is complete."""
        import tomli_w

        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as out:
            tomli_w.dump({each.name: getattr(self, each.name) for each in fields(self)}, out)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)

    def changed(self, **values: Any) -> CompanySettings:
        """The same settings with some values changed."""
        return replace(self, **values)
