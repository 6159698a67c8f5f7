"""Whether export journal and database agree: as after a restored backup, when the one knows what the other lost (5.10).

Pure functions over the lines of the journal and what the database says; nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erpdesk.sync.export.journal import Entry, items_of

COMPARED, RECONCILED, WITHDRAWN = "compared", "reconciled", "withdrawn"
ABSENT = "not in Sage"
NAMED = 8


@dataclass(frozen=True)
class Journalled:
    """One item of one armed file, as the journal has it; ``amount`` in dollars and cents as text.

    ``sha256`` is the whole file's; ``record`` and ``payload_sha`` say what was sent, '' by an older erpdesk.
    """

    file: str
    export_key: str
    kind: str
    sage_id: str
    amount: str
    at: str
    sha256: str = ""
    record: str = ""
    payload_sha: str = ""

    @property
    def id(self) -> str:
        """Names the item of this file."""
        return f"{self.file}/{self.export_key}"


@dataclass(frozen=True)
class Disagreement:
    """Why journal and database do not agree; any one of these locks the exports.

    ``restored`` are the marks in the audit trail that a backup was put back and nobody has answered, ``older`` is the
    audit entry that the journal anchored and this trail does not hold (0 = it holds), ``ahead`` are files that the
    journal knows and the database does not, ``unwritten`` those that lay in the mailbox without a line in the journal.
    """

    restored: tuple[str, ...] = ()
    older: int = 0
    ahead: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    sage_ids: tuple[str, ...] = ()
    """What the files of ``ahead`` hold."""

    def sentence(self) -> str:
        """Why exports wait, and what to do."""
        listed = ", ".join(self.sage_ids[:NAMED]) + (" and more" if len(self.sage_ids) > NAMED else "")
        if self.ahead:
            why = f"the export journal knows of files sent to Sage ({listed}) that this database does not"
        elif self.unwritten:
            count = len(self.unwritten)
            why = f"this database knows of files sent to Sage ({count}) that the export journal does not hold"
        elif self.restored:
            why = "a backup was put back, and what happened since may be in Sage"
        else:
            why = f"the export journal noted entry {self.older:,} of an audit trail that is not this database's"
        cause = (
            "The journal was probably deleted or replaced; put it back if you can."
            if self.unwritten and not self.ahead
            else "An older backup was probably put back."
        )
        return f"Exports are locked: {why}. {cause if not self.restored else ''}".rstrip() + f" {COMPARE}"


COMPARE = "Compare with Sage under Sage, Export journal; nothing is sent before."


def disagreement(
    entries: Sequence[Entry],
    armed_files: Container[str],
    delivered_files: Iterable[str],
    audit_lookup: Callable[[int], str],
    *,
    company: str = "",
    restores: Sequence[str] = (),
) -> Disagreement | None:
    """What journal and database contradict each other in; None when they agree.

    Another program may be sending meanwhile, so the order of reading matters: ``delivered_files`` (names of files that
    lay in the mailbox) before the journal, ``armed_files`` (names that may have reached Sage) and the audit trail after
    it. ``audit_lookup`` answers the hash of an audit entry by its number, '' where there is none. ``restores`` are the
    hashes of the entries by which the database says that it was put back from a backup.
    """
    answered = {str(each) for entry in entries if entry.what == RECONCILED for each in entry.body.get("restores", ())}
    ahead = [each for each in _unanswered(entries, company) if each.file not in armed_files]
    held = {str(entry.body["file"]) for entry in entries if entry.what == "armed"} | _settled(entries)
    found = Disagreement(
        restored=tuple(each for each in restores if each not in answered),
        older=_older(entries, company, audit_lookup),
        ahead=tuple(dict.fromkeys(each.file for each in ahead)),
        unwritten=tuple(sorted(set(delivered_files) - held)),
        sage_ids=tuple(dict.fromkeys(each.sage_id for each in ahead)),
    )
    return found if found != Disagreement() else None


def _older(entries: Sequence[Entry], company: str, audit_lookup: Callable[[int], str]) -> int:
    """The newest anchor of the journal, when this trail does not hold it; the chain vouches for all before it."""
    for entry in reversed(entries):
        seq = int(entry.body.get("audit_seq") or 0)
        if seq and str(entry.body.get("company", company)) == company:
            return 0 if audit_lookup(seq) == str(entry.body.get("audit_hash", "")) else seq
    return 0


def fork(entries: Sequence[Entry], audit_lookup: Callable[[int], str]) -> int:
    """The number of the newest audit entry that journal and database still agree on; 0 when they share none."""
    best = 0
    for entry in entries:
        seq = int(entry.body.get("audit_seq") or 0)
        if seq > best and audit_lookup(seq) == str(entry.body.get("audit_hash", "")):
            best = seq
    return best


def journalled(entries: Iterable[Entry], company: str = "") -> Iterator[Journalled]:
    """Every item of every armed file, in the order of the journal."""
    for entry in entries:
        if entry.what != "armed" or (company and str(entry.body.get("company", company)) != company):
            continue
        kind = str(entry.body.get("kind", "commitment"))
        for item in items_of(entry):
            yield Journalled(
                file=str(entry.body["file"]),
                export_key=str(item.get("export_key", "")),
                kind=kind,
                sage_id=str(item.get("sage_id", "")),
                amount=str(item.get("amount", "")),
                at=entry.at,
                sha256=str(entry.body.get("sha256", "")),
                record=str(item.get("record", "")),
                payload_sha=str(item.get("payload_sha", "")),
            )


def _settled(entries: Iterable[Entry]) -> set[str]:
    """Files that a person has answered for, by an earlier word that all was compared."""
    return {str(each) for entry in entries if entry.what == RECONCILED for each in entry.body.get("files", ())}


def _unanswered(entries: Sequence[Entry], company: str) -> list[Journalled]:
    settled = _settled(entries)
    return [each for each in journalled(entries, company) if each.file not in settled]


def compared(entries: Iterable[Entry], *, since: int = 0) -> dict[str, Mapping[str, Any]]:
    """The last word of a person on each item that was compared with Sage after line ``since``, by its id.

    "Not in Sage" does not count when the file was still found where Sage could import it afterwards.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        if entry.what == COMPARED and entry.seq > since:
            for each in entry.body.get("ids", ()):
                found[str(each)] = {**entry.body, "at": entry.at, "seq": entry.seq}
        elif entry.what == WITHDRAWN:
            for each in entry.body.get("ids", ()):
                if found.get(str(each), {}).get("found") == ABSENT:
                    del found[str(each)]
    return found


def last_reconciled(entries: Iterable[Entry]) -> int:
    """The number of the last line by which a person let exports go on; 0 when there is none."""
    return max((entry.seq for entry in entries if entry.what == RECONCILED), default=0)


def lost_sendings(entries: Sequence[Entry], known_files: Container[str]) -> list[Journalled]:
    """What was sent by the journal, is unknown to this database, and of which nobody said that it is not in Sage.

    Only what a person has answered for: before that, exports are locked as a whole.
    """
    settled, said = _settled(entries), compared(entries)
    return [
        each
        for each in journalled(entries)
        if each.file in settled and each.file not in known_files and said.get(each.id, {}).get("found") != ABSENT
    ]


def journal_says_sent(
    entries: Sequence[Entry], kind: str, natural_key: str, known_files: Container[str] = ()
) -> Journalled | None:
    """The sending of this kind and natural key that this database has lost; None when it may go.

    For what Sage keeps under no ID of its own (class B): no fresh read would find the first one.
    """
    same = natural_key.strip().upper()
    lost = (each for each in lost_sendings(entries, known_files) if each.kind == kind)
    return next((each for each in lost if each.sage_id.strip().upper() == same), None)


class Sendings:
    """What the journal of one company holds, by kind and Sage ID, record or payload; reads only what came since."""

    def __init__(self, company: str) -> None:
        self._company = company
        self._read: tuple[Entry, ...] = ()
        self._found: dict[tuple[str, str, str], list[Journalled]] = {}

    def like(
        self, entries: tuple[Entry, ...], kind: str, *, sage_id: str, record: str, payload_sha: str
    ) -> tuple[Journalled, ...]:
        """Every sending of this kind under this Sage ID, of this record, or with this content, in their order."""
        self._catch_up(entries)
        wanted = ((kind, "sage_id", sage_id), (kind, "record", record), (kind, "payload_sha", payload_sha))
        return tuple(dict.fromkeys(each for key in wanted for each in self._found.get(key, ())))

    def _catch_up(self, entries: tuple[Entry, ...]) -> None:
        known = len(self._read)
        if known and (len(entries) < known or entries[known - 1].hash != self._read[-1].hash):
            known, self._found = 0, {}
        for each in journalled(entries[known:], self._company):
            for name, value in (("sage_id", each.sage_id), ("record", each.record), ("payload_sha", each.payload_sha)):
                if value:
                    self._found.setdefault((each.kind, name, value), []).append(each)
        self._read = entries


def day_of(lost: Journalled) -> str:
    """The day on which it was sent."""
    return f"{lost.at[5:7]}/{lost.at[8:10]}/{lost.at[:4]}"


def why_not_again(lost: Journalled, noun: str) -> str:
    """The sentence with which such an item is refused."""
    return (
        f"The export journal knows that a {noun} of {lost.sage_id} went to Sage on {day_of(lost)} (file {lost.file}), "
        "which this database lost with a restored backup. Sent again, Sage would count it twice. Look in Sage; when it "
        "is not there, say so under Sage, Export journal, and try again."
    )
