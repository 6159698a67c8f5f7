"""The settings of one company, each declared once; they live in ``settings.toml`` and hold no secrets."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from erpdesk.core.errors import ForPeople


def setting(default: Any, title: str, text: str) -> Any:
    """Declares a setting: its default, its title on screen and its help."""
    return field(default=default, metadata={"title": title, "help": text})


@dataclass(frozen=True)
class CompanySettings:
    """How erpdesk works with one company's Sage."""

    company: str = setting("", "Company", "The company's name as Sage holds it.")
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
    )
    sync_minutes: int = setting(15, "Read Sage every (minutes)", "How often the mirror is refreshed.")
    stale_hours: int = setting(24, "Oldest usable read (hours)", "Accepting on older data asks for a fresh read first.")

    @classmethod
    def load(cls, path: Path) -> CompanySettings:
        """The settings in ``path``; defaults when it is not there; raises ForPeople when it can not be understood."""
        if not path.exists():
            return cls()
        try:
            held = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise ForPeople(
                f"The settings file {path} can not be read: {problem}.",
                kept="Nothing was changed.",
                next_step="Correct the line it names, or restore the file from a backup.",
            ) from problem
        known = {each.name: each for each in fields(cls)}
        for name, value in held.items():
            if name in known and type(value) is not type(known[name].default):
                raise ForPeople(
                    f"The setting {name} in {path} should look like {known[name].default!r}, but is {value!r}.",
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
