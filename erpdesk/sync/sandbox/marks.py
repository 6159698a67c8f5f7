"""Which estimate files Sage has imported: it remembers, warns when one comes again, and lets it in all the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.journal import stage

# How Sage keeps the mark is not known. Here it is the content that counts, since the file in the mailbox has one name.
MARKS_FILE = "imported.json"
KEPT = 10_000


def _marks(company: SandboxCompany) -> dict[str, Any]:
    try:
        marks = json.loads((company.folder / MARKS_FILE).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return marks if isinstance(marks, dict) else {}


def already_imported(company: SandboxCompany, data: bytes) -> bool:
    """Whether a file with these bytes was imported before."""
    return hashlib.sha256(data).hexdigest() in _marks(company)


def with_mark(company: SandboxCompany, data: bytes, name: str) -> tuple[Path, Path]:
    """Writes the marks with this file among them beside their place; answers both for ``os.replace``."""
    marks = _marks(company) | {hashlib.sha256(data).hexdigest(): name}
    kept = dict(list(marks.items())[-KEPT:])
    return stage(company.folder, MARKS_FILE, json.dumps(kept, indent=0).encode()), company.folder / MARKS_FILE
