"""What Sage printed about an import: the journal and the file of rejected records, read with distrust.

Both come from outside: they are read up to a bound, nothing in them makes a reader raise, and what cannot be understood
says so instead of being guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

LONGEST = 4_000_000
"""Bytes of a journal or reject file that are looked at."""
_LONGEST_LINE = 2_000

_LINE = re.compile(
    r"\s*Line\s+(?P<line>\d{1,7})\s+(?P<letters>[A-Z?]{1,4})\s+(?P<id>\S.*?)\s+"
    r"(?:Rejected:\s*(?P<reason>.*\S)|Accepted\s+(?P<amount>-?[\d,]+\.\d\d))\s*",
    re.ASCII,
)
_COUNTS = re.compile(
    r"\s*Records\s+read\s+(?P<read>\d{1,9})\s+accepted\s+(?P<ok>\d{1,9})\s+rejected\s+(?P<no>\d{1,9})\s*", re.ASCII
)
_STOPPED = re.compile(r"\s*Import stopped:\s*(?P<reason>.*\S)?\s*")
_EXISTS = re.compile(r"\balready\s+exists\b", re.IGNORECASE)
# A record that fell only because another one of the same commitment was refused explains nothing.
_FOLLOWS = re.compile(r"same document was rejected|its header on line \d+ was rejected", re.IGNORECASE)


@dataclass(frozen=True)
class JournalLine:
    """What Sage says of one record: accepted with an amount, or rejected with a reason."""

    line: int
    letters: str
    commitment: str
    reason: str = ""
    amount: Decimal | None = None

    @property
    def accepted(self) -> bool:
        return not self.reason


@dataclass(frozen=True)
class JournalReport:
    """A printed journal. ``ended`` is False while its last line is missing or not understood."""

    lines: tuple[JournalLine, ...] = ()
    stopped: str = ""
    ended: bool = False
    read: int = 0
    accepted: int = 0
    rejected: int = 0

    def about(self, commitment: str) -> tuple[JournalLine, ...]:
        """The lines on one commitment, by its ID without padding and in either case."""
        wanted = commitment.strip().upper()
        return tuple(line for line in self.lines if line.commitment.strip().upper() == wanted)

    def reason(self, commitment: str) -> str:
        """Why Sage rejected a commitment, each reason once, the cause before what only followed from it; '' if not."""
        rejected = [line for line in self.about(commitment) if not line.accepted]
        causes = [line for line in rejected if not _FOLLOWS.search(line.reason)] or rejected
        return " ".join(dict.fromkeys(_sentence(line.reason) for line in causes))

    def exists_already(self, commitment: str) -> bool:
        """Whether the reason is that Sage has this ID already."""
        return bool(_EXISTS.search(self.reason(commitment)))


@dataclass(frozen=True)
class RejectedRecord:
    """One record that Sage gave back, its fields as text; ``sound`` is False when the line is not what it claims."""

    letters: str
    commitment: str
    fields: tuple[str, ...]
    sound: bool = True


def parse_journal(data: bytes, code_page: str = "cp1252") -> JournalReport:
    """Reads a printed journal; anything that is not understood leaves ``ended`` False, and nothing is guessed."""
    if len(data) > LONGEST:
        return JournalReport()
    found: list[JournalLine] = []
    last = ""
    for text in data.decode(code_page, "replace").splitlines():
        if not text.strip():
            continue
        last = text[:_LONGEST_LINE]
        match = _LINE.fullmatch(last)
        if match:
            found.append(_journal_line(match))
    stopped = _STOPPED.fullmatch(last)
    if stopped:
        reason = stopped["reason"] or "Sage gave no reason."
        return JournalReport(tuple(found), stopped=reason, ended=True)
    counts = _COUNTS.fullmatch(last)
    if not counts:
        return JournalReport(tuple(found))
    read, ok, no = (int(counts[name]) for name in ("read", "ok", "no"))
    return JournalReport(tuple(found), ended=ok + no == read, read=read, accepted=ok, rejected=no)


def parse_rejects(data: bytes, code_page: str = "cp1252") -> tuple[RejectedRecord, ...]:
    """The records of a reject file, which has the form of the import file; empty lines are left out."""
    records = []
    for raw in data[:LONGEST].split(b"\n"):
        line = raw.rstrip(b"\r")
        if not line.strip():
            continue
        text = line[:_LONGEST_LINE].decode(code_page, "replace")
        fields, sound = _fields(text)
        whole = sound and "\ufffd" not in text and len(line) <= _LONGEST_LINE and len(data) <= LONGEST
        records.append(RejectedRecord(fields[0], fields[1].strip() if len(fields) > 1 else "", fields, whole))
    return tuple(records)


def _journal_line(match: re.Match[str]) -> JournalLine:
    amount: Decimal | None = None
    if match["amount"]:
        try:
            amount = Decimal(match["amount"].replace(",", ""))
        except InvalidOperation:
            amount = None
    return JournalLine(int(match["line"]), match["letters"], match["id"].strip(), match["reason"] or "", amount)


def _fields(text: str) -> tuple[tuple[str, ...], bool]:
    """The fields of one line, and whether its quotation marks make sense."""
    fields: list[str] = []
    sound = True
    at = 0
    while at <= len(text):
        if text[at : at + 1] == '"':
            end = text.find('"', at + 1)
            if end < 0:
                return (*fields, text[at + 1 :]), False
            fields.append(text[at + 1 : end])
            after = text.find(",", end)
            after = len(text) if after < 0 else after
            sound = sound and after == end + 1
        else:
            after = text.find(",", at)
            after = len(text) if after < 0 else after
            fields.append(text[at:after])
            sound = sound and '"' not in fields[-1]
        at = after + 1
    return tuple(fields), sound


def _sentence(reason: str) -> str:
    reason = reason.strip()
    reason = reason[:1].upper() + reason[1:]
    return reason if reason.endswith((".", "!", "?")) else reason + "."
