"""The declaration by which a kind of item joins the export protocol, and what a fresh read of Sage answers about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from erpdesk.core.clock import Clock
from erpdesk.core.errors import SageUnavailable
from erpdesk.models.erp import Source
from erpdesk.sync.export.items import Observation
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sage.verify import Difference
from erpdesk.workflows.documents import Document

__all__ = ["BASELINE", "Difference", "ExportKind", "Look", "Place", "Presence", "ReadBack", "Wanted"]

BASELINE = "baseline"


class Presence(StrEnum):
    """What a fresh read of Sage shows for an item."""

    UNREAD = "unread"
    ABSENT = "absent"
    UNPOSTED = "unposted"
    EQUAL = "equal"
    DIFFERENT = "different"
    SEVERAL = "several"


@dataclass(frozen=True)
class Place:
    """One mailbox place in Sage's import folder: the fixed names under which one import program looks."""

    file: str
    print: str
    rejects: str
    manifest: str

    @classmethod
    def named(cls, stem: str, ending: str) -> Place:
        """The place of an import that is called so: ``commitments`` and ``jcc``."""
        return cls(f"{stem}.{ending}", f"{stem}.prn", f"{stem}.rej", f"{stem}-manifest.json")

    @property
    def ending(self) -> str:
        """How staged files of this place end."""
        return self.file.rpartition(".")[2]


@dataclass(frozen=True)
class Look:
    """A fresh read for one item: whether it is in Sage, once, and as approved. ``problem`` says why it cannot be told.

    ``count`` is how many records of the kind Sage showed; ``detail`` is whatever else the read rests on.
    """

    presence: Presence
    began: datetime
    ended: datetime
    differences: tuple[Difference, ...] = ()
    count: int = 0
    problem: str = ""
    unavailable: SageUnavailable | None = None
    another: bool = False
    """What is there is plainly another record under the same ID."""
    undecidable: bool = False
    """With UNREAD: Sage was read, but this site does not show where unposted entries stand; only posting can tell."""
    source: Source = Source.ODBC_MASTER
    detail: Mapping[str, Any] = field(default_factory=dict)

    def observation(self) -> Observation:
        """The read as evidence."""
        told = {
            "count": self.count,
            "differences": [[each.field, each.approved, each.in_sage] for each in self.differences],
            "problem": self.problem,
            **self.detail,
        }
        return Observation(self.source, self.began, self.ended, self.presence.value, baseline_text(told))


@dataclass(frozen=True)
class Wanted:
    """An item that is looked for: its document under the Sage ID that was decided, and what Sage held before.

    ``baseline`` is what ``ReadBack.baseline`` answered before the file could reach Sage; None when nothing was armed
    yet. ``at_least`` is the most records of the kind that Sage ever showed (0 = not known).
    """

    document: Document
    baseline: Mapping[str, Any] | None = None
    at_least: int = 0
    also: tuple[Document, ...] = ()
    """What else erpdesk brought into Sage in the same lane since the baseline; it is not taken for this one again."""


class ReadBack(Protocol):
    """How a kind is found again in Sage. Every call reads Sage this moment, never the mirror.

    A read that fails is answered as ``Presence.UNREAD`` with its problem (and ``unavailable`` when Sage cannot be
    reached), never as absence.
    """

    def look(self, sage: FreshReader, clock: Clock, wanted: Sequence[Wanted]) -> tuple[Look, ...]:
        """One look for each, in order; all from one read."""
        ...

    def baseline(self, sage: FreshReader, clock: Clock, documents: Sequence[Document]) -> Mapping[str, Any]:
        """What Sage holds before the file may reach it, as plain JSON; holds ``count`` at least.

        Raises SageUnavailable or BadSageData.
        """
        ...

    def why_not(self, sage: FreshReader, document: Document) -> tuple[str, ...]:
        """Every reason why Sage would not take the document now, one sentence each; the checks of the accept again.

        Raises SageUnavailable or BadSageData.
        """
        ...

    def times(self, sage: FreshReader, keys: Sequence[str]) -> dict[str, int]:
        """How often Sage holds each natural key (``Outbox.natural_key``), from one read; {} for a kind without one.

        Raises SageUnavailable or BadSageData.
        """
        ...


@dataclass(frozen=True)
class ExportKind:
    """What the export needs to know of one kind; a kind joins by declaring this.

    ``name`` is the one of its workflow and of ``Outbox.kind``, ``noun`` what people call one of it. ``record_type`` is
    its name in the self-test that proves what Sage does with a second one (class A, B or C). ``letters`` begin its
    first record. ``document`` makes the document of a payload under the decided Sage ID. ``printed`` is what Sage's
    journal calls it, ``part`` its second name in the line map. ``lane``: of two items with the same lane only one is
    on its way; ``together``: several may share a file.
    """

    name: str
    noun: str
    place: Place
    record_type: str
    letters: str
    document: Callable[[str, str], Document]
    printed: Callable[[Document], str]
    read_back: ReadBack
    look_at: str
    """Where a person looks for it in Sage, in Sage's own menu words: "Job Cost > Inquiry > Commitments"."""
    posting: str = ""
    """Where a person posts it in Sage, in Sage's menu words; '' = Sage has no posting step for it."""
    layout: str = "jcc"
    """The layout by which its file is written."""
    together: bool = True
    keyed: bool = True
    """Whether Sage keeps it under an ID of its own, by which a second one is found at any time (``times``)."""
    part: Callable[[Document], str] = lambda document: ""
    lane: Callable[[Document], str] = lambda document: ""


def baseline_text(detail: Mapping[str, Any]) -> str:
    """What Sage held, as it is kept with the evidence."""
    return json.dumps(detail, sort_keys=True, ensure_ascii=False)
