"""Every folder that erpdesk uses, in one place; ERPDESK_HOME moves them all."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

APP = "erpdesk"


def home() -> Path | None:
    """The folder that ERPDESK_HOME names, if it is set."""
    named = os.environ.get("ERPDESK_HOME")
    return Path(named).absolute() if named else None


def user_data() -> Path:
    """A person's own data: the sample company, the layout of lists, logs."""
    moved = home()
    if moved:
        return moved / "user"
    import appdirs

    return Path(appdirs.user_data_dir(APP, False))


def site_data() -> Path:
    """The data of a real company, shared by everybody at this workstation."""
    moved = home()
    if moved:
        return moved / "site"
    import appdirs

    return Path(appdirs.site_data_dir(APP, False))


def logs() -> Path:
    """Where the rotating log files lie."""
    return user_data() / "logs"


def layout_file() -> Path:
    """Widths, sort orders and the theme that a person chose."""
    return user_data() / "layout.ini"


def resources() -> Path:
    """Icons, Sage layouts, licences: beside the package in a checkout, inside it when installed or frozen."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen) / "resources"
    package = Path(__file__).parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


@dataclass(frozen=True)
class CompanyPaths:
    """The files of one company."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "erpdesk.db"

    @property
    def settings(self) -> Path:
        return self.root / "settings.toml"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def search(self) -> Path:
        return self.root / "search.db"

    @property
    def attachments(self) -> Path:
        return self.root / "attachments"

    @property
    def lock(self) -> Path:
        return self.root / "erpdesk.lock"

    def mirror(self, number: int) -> Path:
        return self.root / f"mirror-{number}.db"


def site_company() -> CompanyPaths:
    """The company of this workstation."""
    return CompanyPaths(site_data() / "company")


def demo_company() -> CompanyPaths:
    """The sample company."""
    return CompanyPaths(user_data() / "sample" / "company")


def demo_sage() -> Path:
    """The data folder of the sample company's stand-in Sage."""
    return user_data() / "sample" / "sage"
