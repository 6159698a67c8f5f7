"""What an import prints: the journal, and the file of rejected records in the form of the file that came in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from erpdesk.core.clock import CLOCK
from erpdesk.sync.sandbox.reader import Record

ENCODING = "cp1252"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Verdict:
    """What became of one record: accepted (no reason) or rejected with a reason and a sentence.

    ``document`` is the id it stands under (commitment, job, invoice); ``amount`` is the total of an accepted document
    and stands with its first record only.
    """

    line: int
    letters: str
    document: str
    reason: str = ""
    sentence: str = ""
    amount: Decimal | None = None

    @property
    def accepted(self) -> bool:
        """Whether the record went into the company."""
        return not self.reason


def journal(
    company: str, title: str, source: str, verdicts: Sequence[Verdict], warnings: Iterable[str], stopped: str
) -> bytes:
    """The printed journal: headings, one line for each rejected record and each accepted document, the counts."""
    lines = [
        company,
        f"{title}   {CLOCK.now().astimezone():%m/%d/%Y %I:%M %p}",
        f"Import file   {source}",
        *(f"Warning: {sentence}" for sentence in warnings),
        "",
    ]
    for verdict in verdicts:
        start = f"  Line {verdict.line:>4}  {verdict.letters or '?':<4}  {verdict.document:<12}  "
        if not verdict.accepted:
            lines.append(f"{start}Rejected: {verdict.sentence}")
        elif verdict.amount is not None:
            lines.append(f"{start}Accepted   {verdict.amount:.2f}")
    if verdicts:
        lines.append("")
    accepted = sum(verdict.accepted for verdict in verdicts)
    if stopped:
        lines.append(f"Import stopped: {stopped}")
    else:
        lines.append(f"Records read {len(verdicts)}   accepted {accepted}   rejected {len(verdicts) - accepted}")
    return "".join(_CONTROL.sub("?", line) + "\r\n" for line in lines).encode(ENCODING, "replace")


def rejects(records: Iterable[Record], verdicts: Sequence[Verdict]) -> bytes:
    """The rejected records byte for byte as they came, so that the file can be corrected and imported again."""
    refused = {verdict.line for verdict in verdicts if not verdict.accepted}
    return b"".join(record.raw + b"\r\n" for record in records if record.line in refused)


def stage(folder: Path, name: str, data: bytes) -> Path:
    """Writes a file whole and on disk where others do not look; ``os.replace`` then puts it in its place."""
    half = folder / f"{name}.tmp"
    try:
        with half.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        if half.is_file():
            half.unlink()
        raise
    return half
