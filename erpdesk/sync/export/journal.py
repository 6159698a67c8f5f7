"""The export journal: one line for each file that may reach Sage, in two copies, so that a restored backup is noticed.

Backup and restore leave it alone. Lines are JSON, each holding the hash of the one before it; a line is on disk in both
copies before its file is delivered (5.5 step 4, 5.10). Two programs on one company take turns under a lock file, and
each reads what the other wrote before it adds a line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from erpdesk.core.clock import CLOCK, Clock, from_iso, iso
from erpdesk.core.errors import ForPeople
from erpdesk.sync.export.disk import DISK, Disk
from erpdesk.sync.export.locks import alone
from erpdesk.sync.export.mailbox import no_hook

START = "0" * 64
_SAID = frozenset(("reconciled", "compared", "fewer"))
"""Lines that a person's word stands behind."""
_ITEM = ("export_key", "attempt", "sage_id", "amount", "submission")


class JournalTrouble(ForPeople):
    """The export journal cannot be trusted or written; nothing is exported meanwhile."""


@dataclass(frozen=True)
class Entry:
    """One line: what happened (``armed``, ``reconciled``, ``fewer`` or ``head``), and to which file, items and amounts.

    ``audit_seq`` and ``audit_hash`` in the body anchor the newest entry of the audit trail.
    """

    seq: int
    at: str
    what: str
    body: dict[str, Any]
    prev: str
    hash: str

    def line(self) -> bytes:
        """The line as it stands in the file."""
        fields = {"seq": self.seq, "at": self.at, "what": self.what, "body": self.body, "prev": self.prev}
        return _dump({**fields, "hash": self.hash}) + b"\n"


class ExportJournal:
    """Two copies of one chain, beside the mailbox and at home; ``open`` before use brings a copy that a crash left
    behind up to the other. ``company`` is the one whose files it is about.
    """

    def __init__(
        self,
        copies: tuple[Path, Path],
        *,
        company: str = "",
        clock: Clock = CLOCK,
        at: Callable[[str], None] = no_hook,
        disk: Disk = DISK,
    ) -> None:
        self.copies = copies
        self.entries: tuple[Entry, ...] = ()
        self._company = company
        self._sizes: tuple[int, ...] = ()
        self._armed: dict[str, list[Entry]] = {}
        self._files: dict[str, list[Entry]] = {}
        self._unsure: set[Path] = set()
        self._clock = clock
        self._at = at
        self._disk = disk

    def open(self) -> None:
        """Reads and mends both copies; raises JournalTrouble when a chain is broken or the copies contradict."""
        with self._alone():
            self._load()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                for path in self.copies:
                    stack.enter_context(alone(path.with_name(path.name + ".lock"), self._disk))
            except OSError as error:
                raise self._unusable("written", error) from error
            yield

    def _load(self) -> None:
        try:
            read = [_read(path, self._disk) for path in self.copies]
        except OSError as error:
            raise self._unusable("read", error) from error
        self._same_company(read[0][0], read[1][0])
        longest = max((entries for entries, _ in read), key=len)
        self._only_files_ahead(*(entries for entries, _ in read))
        for path, (entries, _) in zip(self.copies, read, strict=True):
            if entries != longest[: len(entries)]:
                raise JournalTrouble(
                    f"The two copies of the export journal contradict each other ({path}).",
                    kept="Nothing was exported.",
                    next_step="Somebody changed one of them. Keep both files, and ask who did before you export again.",
                )
        self.entries, self._armed, self._files = tuple(longest), {}, {}
        for entry in longest:
            self._index(entry)
        try:
            for path, (entries, end) in zip(self.copies, read, strict=True):
                with self._surely(path):
                    self._mend(path, end, longest, len(entries))
            self._sizes = self._measure()
        except OSError as error:
            raise self._unusable("written", error) from error

    def _only_files_ahead(self, beside_mailbox: list[Entry], at_home: list[Entry]) -> None:
        """Beside the mailbox others may write: what a person said counts only when it is at home too.

        A line at home is written first. What stands beside the mailbox only is a file that left, by an older erpdesk
        or another workstation; a lost copy at home is made again as a whole.
        """
        said = [each for each in beside_mailbox[len(at_home) :] if each.what in _SAID] if at_home else []
        if said:
            raise JournalTrouble(
                f"The export journal beside Sage's mailbox ({self.copies[0]}) says in line {said[0].seq} what a person "
                f"decided, and the copy that erpdesk keeps ({self.copies[1]}) does not know of it.",
                kept="Nothing was exported.",
                next_step="Somebody may have added it. Keep both files, and ask who did before you export again.",
            )

    def _same_company(self, beside_mailbox: list[Entry], at_home: list[Entry]) -> None:
        """A journal that is gone beside the mailbox is made again, but not from the journal of another company."""
        named = [str(entry.body["company"]) for entry in at_home if "company" in entry.body]
        if beside_mailbox or not named or not self._company or named[-1] == self._company:
            return
        raise JournalTrouble(
            f"Exports are locked: beside Sage's mailbox lies no export journal ({self.copies[0]}), and the one that "
            f"erpdesk keeps ({self.copies[1]}) is about {named[-1]}, not about {self._company}.",
            kept="Nothing was exported.",
            next_step="Check the Sage folder and the company's name in the settings; one of them was probably changed.",
        )

    def _index(self, entry: Entry) -> None:
        if entry.what == "armed":
            self._files.setdefault(str(entry.body.get("file")), []).append(entry)
            for key in {str(item.get("export_key", "")) for item in items_of(entry)}:
                self._armed.setdefault(key, []).append(entry)

    def _measure(self) -> tuple[int, ...]:
        return tuple(self._disk.size(path) for path in self.copies)

    @contextmanager
    def _surely(self, path: Path) -> Iterator[None]:
        """Remembers a copy of which an error leaves open what is on disk and what only seems to be."""
        try:
            yield
        except OSError:
            self._unsure.add(path)
            raise
        self._unsure.discard(path)

    def append(self, what: str, **body: Any) -> Entry:
        """Adds one line to both copies, each on disk before this returns; raises JournalTrouble when it cannot."""
        with self._alone():
            self._catch_up()
            return self._append(what, body)

    def claim(self, what: str, taken: Callable[[], bool], **body: Any) -> bool:
        """Adds one line unless ``taken`` says, with all that other programs wrote, that it must not; True when added.

        Looking and writing are one step under the lock: of several programs one at most gets True.
        """
        with self._alone():
            self._catch_up()
            if taken():
                return False
            self._append(what, body)
            return True

    def _catch_up(self) -> None:
        """Reads what another program has added since; lines that are gone stop everything."""
        try:
            if self._measure() == self._sizes and not self._unsure:
                return
        except OSError as error:
            raise self._unusable("read", error) from error
        before = self.entries
        self._load()
        if self.entries[: len(before)] != before:
            raise JournalTrouble(
                f"Lines of the export journal are gone ({self.copies[0]}, {self.copies[1]}).",
                kept="Nothing was exported.",
                next_step="Put the journal back, or ask who took it away.",
            )

    def _append(self, what: str, body: dict[str, Any]) -> Entry:
        last = self.entries[-1] if self.entries else None
        fields: dict[str, Any] = {
            "seq": (last.seq if last else 0) + 1,
            "at": iso(self._clock.now()),
            "what": what,
            "body": body,
            "prev": last.hash if last else START,
        }
        entry = Entry(**fields, hash=_hash(fields))
        try:
            # At home first: a crash in between never leaves more beside the mailbox, where others may write.
            for number, path in enumerate(reversed(self.copies)):
                with self._surely(path):
                    self._disk.append(path, entry.line())
                if number == 0 and what == "armed":
                    self._at("journalled_once")
            self._sizes = self._measure()
        except OSError as error:
            # Written in one copy only, or not for sure: the next opening mends that.
            raise self._unusable("written", error) from error
        self.entries += (entry,)
        self._index(entry)
        return entry

    def knows(self, file_name: str) -> bool:
        """Whether a file was journalled."""
        return file_name in self._files

    def line_of(self, file_name: str) -> int:
        """The number of the line that first names a file; it only ever grows. 0 when none does."""
        return min((entry.seq for entry in self._files.get(file_name, ())), default=0)

    def for_macro(self, file_name: str) -> bool:
        """Whether the file went out to be imported by Sage's macro, not by a person."""
        return any(entry.body.get("macro") is True for entry in self._files.get(file_name, ()))

    def armed(self, export_key: str) -> tuple[Entry, ...]:
        """Every line about a file of this item that may have reached Sage, also of tries that the database lost."""
        return tuple(self._armed.get(export_key, ()))

    def last(self, what: str) -> datetime | None:
        """When something was written for the last time; None when it never was."""
        return next((from_iso(entry.at) for entry in reversed(self.entries) if entry.what == what), None)

    def _mend(self, path: Path, end: int, lines: list[Entry], held: int) -> None:
        """Brings a copy that holds the first lines, up to a byte, to hold all of them and nothing else."""
        disk = self._disk
        disk.mkdir(path.parent)
        if path in self._unsure:
            # What a failed flush left may be read back and yet not be on disk: the copy is written as a new file.
            disk.replace(path, b"".join(entry.line() for entry in lines))
            return
        if disk.size(path) > end:
            disk.cut(path, end)
        if lines[held:]:
            disk.append(path, b"".join(entry.line() for entry in lines[held:]))

    def _unusable(self, what: str, error: OSError) -> JournalTrouble:
        return JournalTrouble(
            f"The export journal cannot be {what}: {error.strerror or error} ({error.filename or self.copies[0]}).",
            kept="Nothing was exported; what was accepted stays accepted.",
            next_step="Check the folder, its free space and the right to write there. erpdesk tries again by itself.",
        )


def items_of(entry: Entry) -> tuple[Mapping[str, Any], ...]:
    """The items in the file of an ``armed`` line, each with ``export_key``, ``attempt``, ``sage_id``, ``amount`` and
    ``submission``; none for any other line. An older erpdesk sent one item a file, and wrote it into the line itself.
    """
    if entry.what != "armed":
        return ()
    if "items" in entry.body:
        return tuple(entry.body["items"])
    return ({name: entry.body[name] for name in _ITEM if name in entry.body},)


def lines_of(path: Path, disk: Disk = DISK) -> list[Entry]:
    """The lines of one copy, read and checked without touching it; raises JournalTrouble when one was changed, OSError
    when the file can not be read."""
    return _read(path, disk)[0]


def _well_made(entry: Entry) -> bool:
    """Whether a line says what lines of its kind say, so that whoever reads it later is not misled or broken off."""
    body: Any = entry.body
    what: Any = entry.what
    if not isinstance(body, dict) or not isinstance(what, str):
        return False
    from_iso(entry.at)
    if not isinstance(body.get("audit_seq", 0), int):
        return False
    lists = [body[name] for name in ("files", "restores", "ids") if name in body]
    if not all(isinstance(each, list) and all(isinstance(one, str) for one in each) for each in lists):
        return False
    if entry.what != "armed":
        return True
    items = body.get("items", [])
    return (
        isinstance(body.get("file"), str)
        and isinstance(items, list)
        and all(
            isinstance(each, dict)
            and isinstance(each.get("export_key", ""), str)
            and isinstance(each.get("attempt", 0), int)
            for each in items
        )
    )


def _dump(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _hash(fields: dict[str, Any]) -> str:
    return hashlib.sha256(_dump(fields)).hexdigest()


def _read(path: Path, disk: Disk) -> tuple[list[Entry], int]:
    """The sound lines of a copy and where they end; a last line without its end was cut short by a crash."""
    try:
        data = disk.read(path)
    except FileNotFoundError:
        return [], 0
    whole = data[: data.rfind(b"\n") + 1]
    entries: list[Entry] = []
    for raw in whole.splitlines():
        prev, seq = (entries[-1].hash, entries[-1].seq) if entries else (START, 0)
        try:
            fields = json.loads(raw)
            entry = Entry(**fields)
            fields.pop("hash")
            sound = entry.hash == _hash(fields) and entry.prev == prev and entry.seq == seq + 1 and _well_made(entry)
        except (ValueError, TypeError, KeyError, AttributeError):
            sound = False
        if not sound:
            raise JournalTrouble(
                f"The export journal {path} was changed or damaged in line {len(entries) + 1}.",
                kept="Nothing was exported.",
                next_step="Keep the file. Put back the copy that is intact, or ask who changed it.",
            )
        entries.append(entry)
    return entries, len(whole)
