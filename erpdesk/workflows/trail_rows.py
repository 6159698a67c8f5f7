"""What the window about the audit trail shows: frozen rows, and what narrows the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

SHORT_HASH = 16
"""Letters of a hash that are printed: no two entries will ever share so many."""
SYSTEM_NAME = "erpdesk"
"""Who did it when no person did."""

KIND_WORDS: dict[str, str] = {
    "commitment": "Commitment",
    "submission": "Submission",
    "sage": "Sage table",
    "layout": "Import layout",
    "record_class": "Record type",
    "export journal": "Export journal",
    "company": "Company",
    "person": "Person",
    "project": "Project",
    "vendor": "Vendor",
    "settings": "Settings",
    "attachment": "Attachment",
    "mail": "E-mail",
    "draft": "Draft",
    "budget": "Budget",
    "invoice": "Invoice",
    "audit": "Audit trail",
}
"""What each kind of record is called on screen."""


def kind_words(kind: str) -> str:
    """What a kind of record is called, also one that has no words of its own."""
    return KIND_WORDS.get(kind) or kind.replace("_", " ").capitalize()


def head_words(seq: int, digest: str) -> str:
    """What papers print of the newest entry: ``Audit trail entry 1,234 · 3f9a0c…``; empty for an empty trail."""
    return f"Audit trail entry {seq:,} · {digest[:SHORT_HASH]}…" if seq else ""


@dataclass(frozen=True)
class TrailFilter:
    """Which entries: of whom, which act, which kind, on which days of this workstation; '' and None mean all."""

    person: str = ""
    act: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class TrailChoices:
    """Everybody, every act and every kind that the trail can be narrowed to: key and words."""

    people: tuple[tuple[str, str], ...]
    acts: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TrailRow:
    """One entry as the list shows it; ``id`` is its number in the chain."""

    id: int
    at: datetime
    who: str
    act: str
    kind: str
    record: str
    what: str
    """What changed, in one line."""
    why: str
    login: str
    machine: str
    version: str
    hash: str


@dataclass(frozen=True)
class TrailChange:
    """One field of an entry: how it was, how it is."""

    id: int
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class TrailDetail:
    """An entry with everything that it holds. ``fits``: what it says and its hash go together."""

    row: TrailRow
    changes: tuple[TrailChange, ...]
    evidence: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    prev: str
    form: int
    fits: bool
