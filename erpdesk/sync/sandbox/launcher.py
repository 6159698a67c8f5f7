"""The stand-in's macro launcher: ``python -m erpdesk.sync.sandbox.launcher MACRO USER PASSWORD``, in the data folder.

Like Sage's own it runs one recorded macro and answers nothing: its exit code is 0 whatever happened, and it prints to
no screen. A macro is a small file that names the program it was recorded for.
"""

from __future__ import annotations

import sqlite3
import sys
import tomllib
from pathlib import Path

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.import_commitments import Withdrawn, import_commitments

MACROS = "Macros"


def record(company: SandboxCompany, name: str, program: str) -> Path:
    """Records a macro of one program in the company's folder of macros."""
    path = company.folder / MACROS / f"{name}.mac"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'program = "{program}"\n', "utf-8")
    return path


def main(words: list[str]) -> int:
    """Runs the macro; 0 always, since Sage's launcher tells nobody how it went."""
    company = SandboxCompany(Path.cwd())
    if len(words) != 3 or not words[1] or company.faults.wrong_password:
        return 0
    try:
        program = tomllib.loads(Path(words[0]).read_text("utf-8"))["program"]
        if program == "import_commitments":
            import_commitments(company)
    except (OSError, ValueError, KeyError, sqlite3.Error, Withdrawn):
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
