"""Anchors of the audit trail in the export journal: its newest entry is noted there with each file and once a day.

Whoever alters the trail and makes its chain anew still stands against both copies of the journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from erpdesk.core.clock import Clock
from erpdesk.core.errors import ForPeople
from erpdesk.sync.export.disk import DISK, Disk
from erpdesk.sync.export.journal import Entry, ExportJournal, JournalTrouble, lines_of
from erpdesk.sync.export.store import ExportStore
from erpdesk.workflows.audit_check import Anchor, Anchors, SetAside

HEAD = "head"
"""The line that holds nothing but an anchor."""


def note_head(journal: ExportJournal, store: ExportStore, clock: Clock) -> bool:
    """Writes the newest audit entry into both copies, the first time that it is asked on a day; True when written.

    Raises JournalTrouble when that can not be done.
    """

    def noted() -> bool:
        last = journal.last(HEAD)
        return last is not None and last.astimezone().date() >= clock.today()

    if noted():
        return False
    seq, anchor = store.audit_head()
    return seq > 0 and journal.claim(HEAD, noted, company=store.company, audit_seq=seq, audit_hash=anchor)


def read_anchors(copies: Sequence[Path], disk: Disk = DISK) -> Anchors:
    """What the copies of a journal say about the trail, without touching them; a copy that is not there is named.

    A copy that was changed, or copies that contradict each other, are told as ``problem``. Raises ForPeople when a copy
    can not be read.
    """
    read: list[tuple[Path, list[Entry]]] = []
    missing: list[str] = []
    problem = ""
    for path in copies:
        try:
            if disk.size(path) < 0:
                missing.append(str(path))
            else:
                read.append((path, lines_of(path, disk)))
        except JournalTrouble as trouble:
            problem = problem or f"{trouble.what} What it says of the audit trail proves nothing."
        except OSError as error:
            raise ForPeople(
                f"The export journal {path} can not be read: {error.strerror or error}.",
                kept="Nothing was changed.",
                next_step="Check the path and the right to read there.",
            ) from error
    longest = max((entries for _, entries in read), key=len, default=[])
    for path, entries in read:
        if entries != longest[: len(entries)] and not problem:
            problem = f"The two copies of the export journal contradict each other ({path})."
    return Anchors(
        notes=tuple(_anchor(entry) for entry in longest if entry.body.get("audit_seq")),
        set_aside=tuple(_set_aside(entry) for entry in longest if entry.what == "reconciled"),
        copies=tuple(str(path) for path, _ in read),
        missing=tuple(missing),
        problem=problem,
    )


def _anchor(entry: Entry) -> Anchor:
    where = f"line {entry.seq:,}" + (f", file {entry.body['file']}" if "file" in entry.body else "")
    return Anchor(int(entry.body["audit_seq"]), str(entry.body.get("audit_hash", "")), entry.at, where)


def _set_aside(entry: Entry) -> SetAside:
    # A journal of an older erpdesk does not say how far the trail went: what disagrees was lost then.
    return SetAside(
        int(entry.body.get("fork_seq", entry.body.get("audit_seq", 0))), entry.at, str(entry.body.get("who", ""))
    )
