"""The check of the audit trail from the command line: ``verify-audit``; it writes nothing anywhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from erpdesk import paths
from erpdesk.core.errors import ForPeople
from erpdesk.paths import CompanyPaths

WHOLE, BROKEN, UNREAD = 0, 1, 2
"""Exit codes."""

Say = Callable[[str], object]


def verify_audit(
    *,
    demo: bool = False,
    database: str = "",
    journals: Sequence[str] = (),
    say: Say = print,
    complain: Say = lambda text: print(text, file=sys.stderr),
) -> int:
    """Checks a company's audit trail against both copies of its export journal; 0 whole, 1 broken, 2 not readable.

    ``database`` is a file or a PostgreSQL URL and ``journals`` are journal files or folders; left out, they are those
    of this workstation's company (``demo``: the sample company), or those that lie beside the file.
    """
    from erpdesk.sync.export.anchors import read_anchors
    from erpdesk.workflows.audit_check import verify

    source, copies = _places(demo, database, journals)
    try:
        gone = [path for path in copies if journals and not path.is_file()]
        if gone:
            raise ForPeople(f"There is no export journal {gone[0]}.", next_step="Check the path.")
        # The journal first: whatever it names was in the trail by then, also while others write.
        anchors = read_anchors(copies)
        verdict = verify(source, anchors)
    except ForPeople as problem:
        complain(str(problem))
        return UNREAD
    seq, hashed = verdict.head
    say(f"Audit trail   {_shown(source)}")
    say(f"Entries       {verdict.entries:,} looked at" + _span(verdict.first_at, verdict.last_at))
    say(f"Head          {seq:,}  {hashed}")
    say(f"Anchors       {verdict.anchors:,} of {len(anchors.notes):,} agree")
    for path in anchors.copies:
        say(f"Journal       {path}")
    for path in anchors.missing:
        say(f"No journal    {path}")
    if not anchors.copies and not anchors.problem:
        say("Without a journal a cut end and a chain made anew can not be noticed.")
    for note in verdict.notes:
        say(f"Note          {note}")
    if verdict.broken is None:
        say("The audit trail is whole.")
        return WHOLE
    say(f"The audit trail is broken. {verdict.broken.text}")
    say("Keep the file and both journals as they are, and show this to whoever answers for the books.")
    return BROKEN


def journal_copies(company: CompanyPaths) -> tuple[Path, ...]:
    """Where the copies of a company's export journal lie: at home, and beside Sage's mailbox where settings name it."""
    from erpdesk.settings import CompanySettings

    home = company.journal / "export.jsonl"
    try:
        folder = CompanySettings.load(company.settings).sage_folder if company.settings.is_file() else ""
    except ForPeople:
        folder = ""
    return (Path(folder) / "Imports" / "journal.jsonl", home) if folder else (home,)


def _places(demo: bool, database: str, journals: Sequence[str]) -> tuple[Path | str, tuple[Path, ...]]:
    company = paths.demo_company() if demo else paths.site_company()
    source: Path | str = company.database
    copies: tuple[Path, ...] = ()
    if database.startswith("postgresql"):
        source = database
    elif database:
        source = Path(database)
        company = CompanyPaths(source.absolute().parent)
    if journals:
        copies = tuple(path / "export.jsonl" if path.is_dir() else path for path in map(Path, journals))
    elif not isinstance(source, str):
        copies = journal_copies(company)
    return source, copies


def _shown(source: Path | str) -> str:
    """The place of the trail without a password."""
    if isinstance(source, Path) or "@" not in source:
        return str(source)
    return f"{source.split('://')[0]}://…@{source.rsplit('@', 1)[1]}"


def _span(first: str, last: str) -> str:
    return f", from {first} to {last}" if first else ""
