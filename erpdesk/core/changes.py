"""What an act tells the rest of the program: which records it touched, and how a bulk act went."""

from __future__ import annotations

from dataclasses import dataclass, field

SAGE = "sage"
"""The kind that stands for what Sage holds, as it was read last; its ids are the names of Sage's tables."""


@dataclass(frozen=True)
class Changes:
    """Which records an act touched: pairs of kind and id, so that lists know what to read again."""

    touched: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, kind: str, *ids: str) -> Changes:
        return cls(frozenset((kind, each) for each in ids))

    def __or__(self, other: Changes) -> Changes:
        return Changes(self.touched | other.touched)

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(kind for kind, _ in self.touched)

    def __bool__(self) -> bool:
        return bool(self.touched)


@dataclass(frozen=True)
class NotDone:
    """One record that a bulk act left alone, and why."""

    id: str
    label: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class BulkResult:
    """How an act on several records went: what was done, and each one not done with its reasons."""

    done: tuple[str, ...] = ()
    not_done: tuple[NotDone, ...] = ()
    changes: Changes = field(default_factory=Changes)
