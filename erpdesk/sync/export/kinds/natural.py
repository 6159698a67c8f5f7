"""How an item is found again in Sage by its ID, for every kind that has one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from erpdesk.core.clock import Clock
from erpdesk.core.errors import BadSageData, SageUnavailable
from erpdesk.models.erp import Source
from erpdesk.sync.export.kinds.kind import Look, Presence, Wanted
from erpdesk.sync.sage.fresh_rows import Held, Key
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sage.verify import Difference
from erpdesk.workflows.documents import Document

FEWER, SHARE = 3, 10
"""Sage may show three records fewer than before, or a tenth, whichever is more; past that it hides some."""


@dataclass(frozen=True)
class Seen:
    """What Sage shows of one item: how often it is there, and how it differs when it is there once.

    ``problem`` says why that cannot be told although Sage answered, ``undecidable`` that only a posting can tell it;
    ``unposted`` is set for what waits to be posted.
    """

    times: int = 0
    differences: tuple[Difference, ...] = ()
    another: bool = False
    unposted: bool = False
    problem: str = ""
    undecidable: bool = False


@dataclass(frozen=True)
class Read:
    """One fresh read for several items: what it shows of each, and how many records of the kind there are."""

    seen: Sequence[Seen]
    count: int
    detail: Mapping[str, Any] = field(default_factory=dict)


class NaturalKey(ABC):
    """The read-back of a kind whose records have an ID: one read of every ID in Sage, and one of those found."""

    plural: ClassVar[str]

    def look(self, sage: FreshReader, clock: Clock, wanted: Sequence[Wanted]) -> tuple[Look, ...]:
        """One look for each, in order; all from one read.

        Absence counts only when Sage shows about as many records as it ever did: a lost permission reads as an empty
        table.
        """
        if not wanted:
            return ()
        began = clock.now()
        try:
            with sage.fresh() as (session, known):
                read = self.read(session, known, wanted)
        except SageUnavailable as error:
            lost = Look(Presence.UNREAD, began, clock.now(), problem=str(error), unavailable=error)
            return (lost,) * len(wanted)
        except BadSageData as error:
            return (Look(Presence.UNREAD, began, clock.now(), problem=str(error)),) * len(wanted)
        ended = clock.now()
        looks = []
        for each, seen in zip(wanted, read.seen, strict=True):
            problem = seen.problem or (self._too_few(each, read.count) if not seen.times else "")
            looks.append(
                Look(
                    _presence(seen, problem),
                    began,
                    ended,
                    () if problem else seen.differences,
                    read.count,
                    problem,
                    another=seen.another and not problem,
                    undecidable=seen.undecidable,
                    source=Source.ODBC_NEW if seen.unposted else Source.ODBC_MASTER,
                    detail=read.detail,
                )
            )
        return tuple(looks)

    def baseline(self, sage: FreshReader, clock: Clock, documents: Sequence[Document]) -> Mapping[str, Any]:
        """How many records of the kind Sage shows."""
        with sage.fresh() as (session, known):
            return self.counted(session, known)

    def times(self, sage: FreshReader, keys: Sequence[str]) -> dict[str, int]:
        """How often Sage holds each natural key, padding aside, all from one read."""
        with sage.fresh() as (session, known):
            capitals = self.capitals(known)
            every = self.held(session, known)
        counted = Counter[str]()
        for each in every:
            for key, written in each.written.items():
                counted[_case(" ".join(key), capitals)] += len(written)
        return {key: counted[_case(key.strip(" "), capitals)] for key in keys}

    def why_not(self, sage: FreshReader, document: Document) -> tuple[str, ...]:
        """Every reason why Sage would not take the document now."""
        with sage.fresh() as (session, known):
            return self.reasons(session, known, document)

    def natural_key(self, document: Document) -> str:
        """The document's ``Outbox.natural_key``: the parts of its ID with a blank between."""
        return " ".join(self.key(document))

    @abstractmethod
    def key(self, document: Document) -> Key:
        """The ID under which Sage holds the document, in its parts."""

    @abstractmethod
    def named(self, document: Document) -> str:
        """What people call it in a sentence."""

    @abstractmethod
    def read(self, session: Session, known: Capabilities, wanted: Sequence[Wanted]) -> Read:
        """What Sage shows of each, in order; raises BadSageData or SageUnavailable."""

    @abstractmethod
    def held(self, session: Session, known: Capabilities) -> tuple[Held, ...]:
        """Every ID of the kind, in each place where Sage keeps it."""

    @abstractmethod
    def counted(self, session: Session, known: Capabilities) -> dict[str, Any]:
        """``count``, and what else an absence will rest on."""

    @abstractmethod
    def reasons(self, session: Session, known: Capabilities, document: Document) -> tuple[str, ...]:
        """What stands against the document."""

    def capitals(self, known: Capabilities) -> bool:
        """Whether this company writes these IDs in capitals only, so that their case says nothing."""
        return False

    def found(self, known: Capabilities, held: Held, each: Wanted) -> list[Key]:
        """The ID of every record that may be this one.

        Once the file could reach Sage, an ID in other capitals counts too when there is no other: nobody knows what
        Sage makes of them.
        """
        key = self.key(each.document)
        exact = held.like(key, either_case=self.capitals(known))
        return exact or (held.like(key, either_case=True) if each.baseline is not None else [])

    def _too_few(self, each: Wanted, count: int) -> str:
        lost = each.at_least - count
        if lost <= FEWER or lost * SHARE <= each.at_least:
            return ""
        return (
            f"Sage shows {count} {self.plural}, but showed {each.at_least} before, so it cannot be told whether "
            f"{self.named(each.document)} is there. Check the permissions of the Sage user."
        )


def _case(text: str, capitals: bool) -> str:
    return text.upper() if capitals else text


def _presence(seen: Seen, problem: str) -> Presence:
    if problem:
        return Presence.UNREAD
    if seen.times > 1:
        return Presence.SEVERAL
    if not seen.times:
        return Presence.ABSENT
    if seen.differences:
        return Presence.DIFFERENT
    return Presence.UNPOSTED if seen.unposted else Presence.EQUAL
