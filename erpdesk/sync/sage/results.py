"""What Sage printed about an import: the journal and the file of rejected records, read with distrust.

Both come from outside: they are read up to a bound, nothing in them makes a reader raise, and what cannot be understood
says so instead of being guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erpdesk.sync.sage.render import MappedLine

LONGEST = 4_000_000
"""Bytes of a journal or reject file that are looked at."""
_LONGEST_LINE = 2_000

# A line is matched in steps: one pattern for all of it takes minutes for a file of long runs of blanks.
_HEAD = re.compile(r"\s*Line\s+(?P<line>\d{1,7})\s+(?P<letters>[A-Z?*]{1,5})\s+", re.ASCII)
_VERDICT = re.compile(r"(?<=\s)(?:Rejected:|Accepted)", re.ASCII)
_TAIL = re.compile(
    r"Rejected:(?P<reason>.+)|Accepted(?:\s+(?P<amount>-?(?:\d{1,13}|\d{1,3}(?:,\d{3}){1,4})\.\d\d))?", re.ASCII
)
_BLANKS = " \t\r\n\f\v"
_LIKE_A_LINE = re.compile(r"\s*Line\s+\d", re.ASCII)
_COUNTS = re.compile(
    r"\s*Records\s+read\s+(?P<read>\d{1,9})\s+accepted\s+(?P<ok>\d{1,9})\s+rejected\s+(?P<no>\d{1,9})\s*", re.ASCII
)
_STOPPED = re.compile(r"\s*Import stopped:\s*(?P<reason>.*\S)?\s*")
_EXISTS = re.compile(r"\balready\s+exists\b", re.IGNORECASE)
# A record that fell only because another one of the same commitment was refused explains nothing.
_FOLLOWS = re.compile(r"same document was rejected|its header on line \d+ was rejected", re.IGNORECASE)


@dataclass(frozen=True)
class JournalLine:
    """What Sage says of one record: accepted, with an amount if it has one, or rejected with a reason.

    ``commitment`` is the ID that Sage prints for it: of the commitment, the job, the invoice or the batch.
    """

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
        """The lines on one commitment (or job, or invoice), by its ID without padding and in either case."""
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
    """One record that Sage gave back, its fields as text; ``sound`` is False when the line is not what it claims.

    ``commitment`` is its first field behind the letters: in a commitment file, the commitment.
    """

    letters: str
    commitment: str
    fields: tuple[str, ...]
    sound: bool = True


@dataclass(frozen=True)
class Returned:
    """A record that Sage gave back, with its document (``sage_id`` and ``part`` of the line map) when that is certain.

    ``lines`` are the lines of the file that it may be; with ``document`` None a person has to look.
    """

    record: RejectedRecord
    document: tuple[str, str] | None
    lines: tuple[int, ...]


def parse_journal(data: bytes, code_page: str = "cp1252") -> JournalReport:
    """Reads a printed journal; anything that is not understood leaves ``ended`` False, and nothing is guessed."""
    if len(data) > LONGEST:
        return JournalReport()
    found: list[JournalLine] = []
    last, understood = "", True
    for text in data.decode(code_page, "replace").splitlines():
        if not text.strip():
            continue
        # Nothing may follow the last word of Sage: a second one, or more records, make the journal two or none.
        understood = understood and not (_COUNTS.fullmatch(last) or _STOPPED.fullmatch(last))
        last = text[:_LONGEST_LINE]
        line = _journal_line(last)
        # A line that is cut off here may have said something else; only a reason may go on for ever.
        if line and (len(text) <= _LONGEST_LINE or line.reason):
            found.append(line)
        elif _LIKE_A_LINE.match(last) or len(text) > _LONGEST_LINE:
            understood = False
    stopped = _STOPPED.fullmatch(last)
    if stopped and understood:
        reason = stopped["reason"] or "Sage gave no reason."
        return JournalReport(tuple(found), stopped=reason, ended=True)
    counts = _COUNTS.fullmatch(last)
    if not counts:
        return JournalReport(tuple(found))
    read, ok, no = (int(counts[name]) for name in ("read", "ok", "no"))
    agreed = ok + no == read and _as_counted(found, ok, no)
    return JournalReport(tuple(found), ended=understood and agreed, read=read, accepted=ok, rejected=no)


def _as_counted(found: Sequence[JournalLine], ok: int, no: int) -> bool:
    """Whether the lines do not say more than the counts, nor two things of one record."""
    accepted = {line.line for line in found if line.accepted}
    rejected = {line.line for line in found if not line.accepted}
    return len(accepted) <= ok and len(rejected) <= no and not accepted & rejected


def parse_rejects(data: bytes, code_page: str = "cp1252", separator: str = ",") -> tuple[RejectedRecord, ...]:
    """The records of a reject file, which has the form of the import file; empty lines are left out."""
    records = []
    for raw in data[:LONGEST].split(b"\n"):
        line = raw.rstrip(b"\r")
        if not line.strip():
            continue
        text = line[:_LONGEST_LINE].decode(code_page, "replace")
        fields, sound = fields_of(text, separator)
        whole = sound and "\ufffd" not in text and len(line) <= _LONGEST_LINE and len(data) <= LONGEST
        records.append(RejectedRecord(fields[0], fields[1].strip() if len(fields) > 1 else "", fields, whole))
    return tuple(records)


def split_rejects(
    data: bytes, sent: bytes, line_map: Sequence[MappedLine], code_page: str = "cp1252", separator: str = ","
) -> tuple[Returned, ...]:
    """The rejected records with the documents they belong to, told by what was sent and its line map.

    A record belongs to the line that was sent with the same fields, or to the document whose ID it carries; a line that
    several documents share goes by the header above it in the reject file, and without one it stays undecided.
    """
    texts = sent.decode(code_page, "replace").split("\n")
    as_sent: dict[tuple[str, ...], list[MappedLine]] = {}
    for line in line_map:
        if 1 <= line.line <= len(texts):
            as_sent.setdefault(_bare(fields_of(texts[line.line - 1].rstrip("\r"), separator)[0]), []).append(line)
    above: tuple[str, str] | None = None
    found = []
    for record in parse_rejects(data, code_page, separator):
        may_be = (as_sent.get(_bare(record.fields)) or list(_by_id(record, line_map))) if record.sound else []
        documents = {(line.sage_id, line.part) for line in may_be}
        document = above if above in documents else next(iter(documents)) if len(documents) == 1 else None
        if may_be and all(line.number == 0 for line in may_be):
            document = next(iter(documents)) if len(documents) == 1 else None
            above = document
        lines = [line.line for line in may_be if document in (None, (line.sage_id, line.part))]
        found.append(Returned(record, document, tuple(lines)))
    return tuple(found)


def _by_id(record: RejectedRecord, line_map: Sequence[MappedLine]) -> Iterable[MappedLine]:
    """The lines that carry the IDs of a record which came back changed; estimates and direct costs carry none."""
    first, second, third = (*(_same(each) for each in record.fields[1:4]), "", "", "")[:3]
    keys = {
        "C": (first, "", ""),
        "CI": (first, "", second),
        "CCO": (first, second, ""),
        "CCOI": (first, second, third),
        "API": (first, second, ""),
        "APIF": (first, second, ""),
    }
    if record.letters not in keys or any(line.letters == "*" for line in line_map):
        return
    sage_id, part, number = keys[record.letters]
    for line in line_map:
        mine = (_same(line.sage_id), _same(line.part), str(line.number) if line.number else "")
        if line.letters == record.letters and mine == (sage_id, part, number):
            yield line


def _bare(fields: Sequence[str]) -> tuple[str, ...]:
    """Fields without padding and without the blank ones at the end, which Sage may add or leave off."""
    bare = [each.strip() for each in fields]
    while bare and not bare[-1]:
        bare.pop()
    return tuple(bare)


def _same(text: str) -> str:
    return text.strip().upper()


def _journal_line(text: str) -> JournalLine | None:
    """One record's line, or None when it is none or is not understood."""
    head = _HEAD.match(text)
    if not head:
        return None
    text = text.rstrip(_BLANKS)
    for verdict in _VERDICT.finditer(text, head.end()):
        tail = _TAIL.fullmatch(text, verdict.start())
        if tail and (tail["reason"] is None or tail["reason"].strip()):
            commitment = text[head.end() : verdict.start()].strip(_BLANKS)
            if "\0" in commitment or "\ufffd" in commitment:
                return None
            amount = Decimal(tail["amount"].replace(",", "")) if tail["amount"] else None
            reason = (tail["reason"] or "").strip(_BLANKS)
            return JournalLine(int(head["line"]), head["letters"], commitment, reason, amount)
    return None


def fields_of(text: str, separator: str = ",") -> tuple[tuple[str, ...], bool]:
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
            after = text.find(separator, end)
            after = len(text) if after < 0 else after
            sound = sound and after == end + 1
        else:
            after = text.find(separator, at)
            after = len(text) if after < 0 else after
            fields.append(text[at:after])
            sound = sound and '"' not in fields[-1]
        at = after + 1
    return tuple(fields), sound


def _sentence(reason: str) -> str:
    reason = reason.strip()
    reason = reason[:1].upper() + reason[1:]
    return reason if reason.endswith((".", "!", "?")) else reason + "."
