"""How the connection page speaks: columns and words of the doctor's findings and of the record types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from erpdesk.core.changes import Changes
from erpdesk.sync.doctor.findings import Finding, Verdict
from erpdesk.views.kit.columns import Column
from erpdesk.views.kit.pills import Pill

PILLS = {
    Verdict.PASS: Pill("Pass", "green", "check"),
    Verdict.LOOK: Pill("Look", "yellow", "warning"),
    Verdict.FAIL: Pill("Fail", "red", "error"),
    Verdict.SKIPPED: Pill("Not used", "grey"),
}
CLASS_PILLS = {
    "A": Pill("A · refuses", "green", "check"),
    "B": Pill("B · adds again", "yellow", "warning"),
    "C": Pill("C · overwrites", "yellow", "warning"),
}
UNTESTED = Pill("Not tested · counts as B", "grey")
MEANING = {
    "A": "Sage refuses a record that it has already, so one that was sent twice by mistake does no harm.",
    "B": "Sage adds it again, or that is not known. erpdesk never sends one twice, and asks a person when in doubt.",
    "C": "Sage overwrites the record that it has. erpdesk never sends one twice, and asks a person when in doubt.",
}
LETTERS = (
    "When a record is sent again, Sage refuses it (A), adds it a second time (B), or overwrites the one it has (C)."
)
NOT_TESTED = "Not tested at this site, so it counts as B."


@dataclass(frozen=True)
class FindingRow:
    """A finding with a number of its own, in the order of the doctor's round."""

    id: int
    finding: Finding


@dataclass(frozen=True)
class TypeRow:
    """A record type with its class; ``at`` None = never tested here."""

    id: str
    idempotency: str
    evidence: str
    by: str
    at: datetime | None


@dataclass(frozen=True)
class RecordNews:
    """What a test of record types came to: what it changed, how many types were proven, and why others were not."""

    changes: Changes
    proven: int
    unproven: tuple[tuple[str, str], ...] = ()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


TO_DO = "to do"
"""The column of what is to be done; the sentence stands in full below the list."""

CHECKS = (
    Column("state", "State", "status", 92, value=lambda row: PILLS[row.finding.verdict]),
    Column("title", "What", width=170, value=lambda row: row.finding.title),
    Column("text", "Found", width=240, stretch=True, value=lambda row: _sentence(row.finding.text)),
    Column(TO_DO, "What to do", width=150, value=lambda row: row.finding.next_step),
)
TYPES = (
    Column("name", "Record type", width=206, value=lambda row: _sentence(row.id)),
    Column(
        *("class", "When sent again", "status", 190),
        value=lambda row: CLASS_PILLS[row.idempotency] if row.at else UNTESTED,
    ),
    Column("at", "Tested", "date", 96, value=lambda row: row.at),
    Column("by", "By", width=110, value=lambda row: row.by),
    Column("evidence", "What Sage did", width=200, stretch=True, value=lambda row: row.evidence or NOT_TESTED),
)


def about_finding(row: FindingRow | None) -> str:
    """The chosen finding in full."""
    if row is None:
        return "Press Check now to look at everything between erpdesk and Sage. Nothing is changed in Sage."
    found = row.finding
    return f"{found.title}: {_sentence(found.text)}" + (f"\n\nWhat to do: {found.next_step}" if found.next_step else "")


def about_type(row: TypeRow | None) -> str:
    """What the class of the chosen type means."""
    if row is None:
        return ""
    return f"{row.evidence or NOT_TESTED}\n\n{LETTERS} {MEANING[row.idempotency]}"


def summary(found: Sequence[Finding]) -> str:
    """The round in one sentence."""
    if not found:
        return "Not checked yet."
    fails = sum(each.verdict is Verdict.FAIL for each in found)
    looks = sum(each.verdict is Verdict.LOOK for each in found)
    passed = sum(each.verdict is Verdict.PASS for each in found)
    unused = sum(each.verdict is Verdict.SKIPPED for each in found)
    parts = []
    if passed:
        parts.append("1 check passes" if passed == 1 else f"{passed} checks pass")
    if fails:
        parts.append("one thing to put right" if fails == 1 else f"{fails} things to put right")
    if looks:
        parts.append("one worth a look" if looks == 1 else f"{looks} worth a look")
    if unused:
        parts.append(f"{unused} not used")
    return _sentence(f"{', '.join(parts)}.")


def tested(news: RecordNews) -> str:
    """The outcome of a test of record types in a few sentences."""
    kept = "1 record type was proven." if news.proven == 1 else f"{news.proven} record types were proven."
    if not news.unproven:
        return f"{kept} Exports go by it from now on."
    why = " ".join(f"{name[:1].upper()}{name[1:]}: {reason}" for name, reason in news.unproven[:2])
    more = f" And {len(news.unproven) - 2} more." if len(news.unproven) > 2 else ""
    return f"{kept} {len(news.unproven)} not, so they stay as they were. {why}{more}"
