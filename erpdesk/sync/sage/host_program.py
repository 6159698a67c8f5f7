"""Which program holds the ODBC driver apart from erpdesk: the one installed beside it, or the one settings name."""

from __future__ import annotations

import sys
from pathlib import Path

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage import odbc_host
from erpdesk.sync.sage.problems import KEPT

SCRIPT = str(Path(odbc_host.__file__).with_suffix(".py"))
"""The helper as a script; an installed erpdesk carries it along for a Python of another bitness."""
HELPER = "erpdesk-odbc"
"""The name of the helper program beside an installed erpdesk."""


def own_program() -> list[str]:
    """The helper that belongs to this erpdesk; raises SageUnavailable when an installation lacks it."""
    if not getattr(sys, "frozen", False):
        return [sys.executable, SCRIPT]
    path = Path(sys.executable).with_name(HELPER + Path(sys.executable).suffix)
    if path.is_file():
        return [str(path)]
    raise SageUnavailable(
        f"The ODBC helper program {path.name} is not installed beside erpdesk.",
        kept=KEPT,
        next_step="Install erpdesk again, or name a helper program in the settings.",
    )


def command(program: str) -> list[str] | None:
    """The command of the helper named in the settings: a program, or a Python that runs erpdesk's own script."""
    if not program.strip():
        return None
    path = Path(program.strip().strip('"'))
    return [str(path), SCRIPT] if path.stem.lower().startswith("python") else [str(path)]
