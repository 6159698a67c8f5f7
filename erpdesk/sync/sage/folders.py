"""Which company a Sage data folder belongs to: the name in its control file."""

from __future__ import annotations

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
    except FileNotFoundError:
        return "", f"It has no control file {CONTROL}, so it is no Sage company."
    except OSError as error:
        return "", f"Its control file {CONTROL} cannot be read ({error.strerror or type(error).__name__})."
    name = raw.split(b"\0")[0].decode("cp1252", "replace").strip()
    return name, "" if name else f"Its control file {CONTROL} holds no company name."


def only_company(connect: Connect, folder: Path, name: str) -> Connect:
    """The same way into Sage, refused while the folder shows another company than ``name`` ('' = not checked)."""

    def checked() -> Any:
        shown = control_name(folder)
        if name and shown and shown != name:
            raise SageUnavailable(
                f"The folder {folder} now holds the company “{shown}”, not “{name}”.",
                kept="Nothing was read from it and nothing is sent to it.",
                next_step="Put the right company's data back in its place.",
            )
        return connect()

    return checked
