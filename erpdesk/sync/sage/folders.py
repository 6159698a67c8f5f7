"""Which company a Sage data folder belongs to: the name in its control file; and whether two paths are one folder."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import Any

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage.doors import Connect

CONTROL = "tl.ctl"
NAME = slice(16, 50)
"""Where the company's name lies in the control file."""


def control_name(folder: Path) -> str:
    """The company's name in the folder's control file; '' when there is none that can be read."""
    return read_control(folder)[0]


def read_control(folder: Path) -> tuple[str, str]:
    """The company's name, and for people why there is none ('' when there is one)."""
    try:
        with (folder / CONTROL).open("rb") as file:
            raw = file.read(NAME.stop)[NAME]
    except (FileNotFoundError, ValueError):
        return "", f"It has no control file {CONTROL}, so it is no Sage company."
    except OSError as error:
        return "", f"Its control file {CONTROL} cannot be read ({error.strerror or type(error).__name__})."
    name = raw.split(b"\0")[0].decode("cp1252", "replace").strip()
    return name, "" if name else f"Its control file {CONTROL} holds no company name."


_OF_A_FILE = attrgetter("st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")


def one_place(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same folder, as a mapped drive and its network name do.

    A network drive under two names is known by its control file: its number on the server, its times and every byte,
    of which a copy of the company shares the bytes alone.
    """
    try:
        if one == other or one.resolve() == other.resolve() or one.samefile(other):
            return True
    except (OSError, ValueError, RuntimeError):
        # What cannot be reached or followed has to show by its control file that it is the same.
        pass
    mine, theirs = one / CONTROL, other / CONTROL
    try:
        return bool(_OF_A_FILE(mine.stat()) == _OF_A_FILE(theirs.stat())) and mine.read_bytes() == theirs.read_bytes()
    except (OSError, ValueError):
        return False


ONE_FOLDER = "Let the data folder and the connection (DBQ) name one and the same folder, written alike."


def why_apart(folder: Path, reads: str) -> str:
    """Why ``reads``, a connection's DBQ, is not the company whose mailbox lies in ``folder``; '' when it is.

    It is '' too for a connection without DBQ, with which nothing can be compared.
    """
    if not reads or one_place(folder, Path(reads)):
        return ""
    mine, theirs = control_name(folder), control_name(Path(reads))
    if mine and theirs and mine != theirs:
        return f"Sage would be read from “{theirs}” in {reads}, but files would go to “{mine}” in {folder}."
    return f"Sage would be read from {reads}, but files would go to {folder}, and they do not prove to be one folder."


def only_company(connect: Connect, folder: Path, name: str, reads: str = "") -> Connect:
    """The same way into Sage, refused while the folder shows another company than ``name`` ('' = not checked).

    It is refused as well while ``reads``, the connection's DBQ, does not lead to this folder.
    """

    def checked() -> Any:
        shown = control_name(folder)
        if name and shown and shown != name:
            raise SageUnavailable(
                f"The folder {folder} now holds the company “{shown}”, not “{name}”.",
                kept="Nothing was read from it and nothing is sent to it.",
                next_step="Put the right company's data back in its place.",
            )
        if apart := why_apart(folder, reads):
            raise SageUnavailable(
                apart, kept="Nothing was read from it and nothing is sent to it.", next_step=ONE_FOLDER
            )
        return connect()

    return checked
