"""What the sync thread tells the window: frozen events, light enough to be imported before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from erpdesk.core.changes import Changes


@dataclass(frozen=True)
class Syncing:
    """A Sage table is being read: its name for people, rows read, rows in all (0 = not known)."""

    table: str
    done: int
    total: int


@dataclass(frozen=True)
class Idle:
    """Nothing to do now: when the last good read began, rows in the mirror, and what went wrong table by table."""

    last_read: datetime | None
    rows: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """Sage cannot be reached; the worker tries again by itself at that time."""

    text: str
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Paused:
    """A person paused the work; nothing is read or sent."""


@dataclass(frozen=True)
class Stopped:
    """The worker has ended."""


@dataclass(frozen=True)
class Changed:
    """Records that lists show have changed; the kind ``SAGE`` stands for the mirror."""

    changes: Changes


@dataclass(frozen=True)
class Exporting:
    """How many accepted items are on their way into Sage now."""

    count: int


@dataclass(frozen=True)
class Trouble:
    """Something that a person must see and put right, told once while it lasts; an empty text tells that it is over."""

    text: str


@dataclass(frozen=True)
class LossSeen:
    """A table (its title) lost more rows than may be true: the earlier ones are kept until a person decides.

    Told once while it lasts; ``text`` says what was lost and what to look at.
    """

    table: str
    text: str


SyncEvent = Syncing | Idle | Waiting | Paused | Stopped | Changed | Exporting | Trouble | LossSeen
