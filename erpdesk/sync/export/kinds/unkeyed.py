"""How an item is found again that Sage keeps under no ID: by the entries that are new since before its file could go.

Sage adds such a file each time it is imported, and marks nothing. So every entry of its jobs is counted before the file
may reach Sage; what is there beyond that count afterwards, waiting or posted, is compared with the item's lines.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from erpdesk.core.clock import Clock
from erpdesk.core.errors import BadSageData, SageUnavailable
from erpdesk.models.erp import Source
from erpdesk.sync.export.kinds.kind import Look, Presence, Wanted
from erpdesk.sync.export.kinds.matching import Line, Match, differences, match, without
from erpdesk.sync.export.kinds.natural import FEWER, SHARE
from erpdesk.sync.sage.fresh_entries import TRIES, Entries, Entry, Spot, being_posted, read_entries
from erpdesk.sync.sage.fresh_estimates import Sums, Totals, read_totals
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.sync.sage.verify import Difference
from erpdesk.workflows.documents import Document

CANNOT_BE_TOLD = (
    "Sage does not show entries that wait to be posted, so it cannot be told before posting whether {name} is there."
)


@dataclass(frozen=True)
class Reading:
    """One fresh read: the entries of every job that is asked about, and what the items' categories come to."""

    session: Session
    known: Capabilities
    entries: Entries
    sums: Sums


@dataclass(frozen=True)
class Before:
    """What Sage held before the file could reach it, as it was kept with the item."""

    waiting_shown: bool
    unreadable: Mapping[str, int]
    posted: Counter[str]
    waiting: Counter[str]
    totals: Mapping[Spot, Totals]

    @property
    def entries(self) -> Counter[str]:
        """Every entry by its mark, posted or not."""
        return self.posted + self.waiting

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Before:
        """The baseline as ``Unkeyed.baseline`` made it."""
        totals = {
            (job, extra, code, category): Totals(_amount(original), _amount(changes))
            for job, extra, code, category, original, changes in kept["totals"]
        }
        posted, waiting = Counter(kept["posted"]), Counter(kept["waiting"])
        return cls(kept["waiting_shown"], kept["unreadable"], posted, waiting, totals)


@dataclass(frozen=True)
class Said:
    """What a read shows of one item."""

    presence: Presence
    differences: tuple[Difference, ...] = ()
    problem: str = ""
    undecidable: bool = False
    source: Source = Source.ODBC_MASTER


class Unkeyed(ABC):
    """The read-back of a kind without an ID (class B).

    Before anything was armed (no baseline) the answer is ABSENT, and means no more than "nothing is known": what stands
    in Sage by then can not be told from anybody else's. Afterwards ABSENT is only answered where entries that wait to
    be posted can be read; else it is UNREAD and undecidable until posting. What contradicts itself is DIFFERENT.
    """

    def look(self, sage: FreshReader, clock: Clock, wanted: Sequence[Wanted]) -> tuple[Look, ...]:
        """One look for each, in order; all from one read."""
        if not wanted:
            return ()
        began = clock.now()
        try:
            with sage.fresh() as (session, known):
                documents = [document for each in wanted for document in (each.document, *each.also)]
                reading = self._read(session, known, documents)
                said = [self._said(reading, each) for each in wanted]
        except SageUnavailable as error:
            lost = Look(Presence.UNREAD, began, clock.now(), problem=str(error), unavailable=error)
            return (lost,) * len(wanted)
        except BadSageData as error:
            return (Look(Presence.UNREAD, began, clock.now(), problem=str(error)),) * len(wanted)
        ended = clock.now()
        return tuple(_look(each, began, ended, reading) for each in said)

    def baseline(self, sage: FreshReader, clock: Clock, documents: Sequence[Document]) -> Mapping[str, Any]:
        """Every entry that counts by a mark of it, what the documents' categories come to, and ``count``."""
        with sage.fresh() as (session, known):
            reading = self._read(session, known, documents)
        for problem in reading.sums.problems.values():
            raise problem
        totals = [
            [*spot, *map(_text, (each.original, each.changes))] for spot, each in sorted(reading.sums.totals.items())
        ]
        return {
            "count": reading.entries.count,
            "waiting_shown": reading.entries.waiting_shown,
            "unreadable": dict(reading.entries.unreadable),
            "posted": _marks(each for each in reading.entries.rows if each.posted),
            "waiting": _marks(each for each in reading.entries.rows if not each.posted),
            "totals": totals,
        }

    def why_not(self, sage: FreshReader, document: Document) -> tuple[str, ...]:
        """Every reason why the document may not go in now."""
        with sage.fresh() as (session, known):
            return self.reasons(session, known, document)

    def times(self, sage: FreshReader, keys: Sequence[str]) -> dict[str, int]:
        """Nothing: Sage keeps no ID by which one could be counted."""
        return {}

    @abstractmethod
    def lines(self, document: Document) -> tuple[Line, ...]:
        """The lines by which the document can be recognised, those of 0.00 left out."""

    @abstractmethod
    def keeps(self, documents: Sequence[Document], spot: Spot, kind: str) -> bool:
        """Whether an entry of this place and type counts when these documents are looked for."""

    @abstractmethod
    def rank(self, document: Document, entry: Entry) -> int:
        """How likely the entry is of the document's kind (``matching.Rank``)."""

    @abstractmethod
    def named(self, document: Document) -> str:
        """What people call it in a sentence."""

    @abstractmethod
    def reasons(self, session: Session, known: Capabilities, document: Document) -> tuple[str, ...]:
        """What stands against the document."""

    @abstractmethod
    def whole(self, reading: Reading, before: Before, document: Document, found: Match) -> Said:
        """What it means that every line is there exactly once."""

    def none(self, reading: Reading, before: Before, document: Document) -> Said:
        """What it means that no entry is, or may be, of the document, whether or not all entries are shown."""
        return Said(Presence.ABSENT)

    def _read(self, session: Session, known: Capabilities, documents: Sequence[Document]) -> Reading:
        spots = {line.spot for document in documents for line in self.lines(document)}
        jobs = sorted({spot[0] for spot in spots})
        sums = read_totals(session, known, spots)
        for _ in range(TRIES):
            entries = read_entries(session, known, jobs, lambda spot, kind: self.keeps(documents, spot, kind))
            before, sums = sums, read_totals(session, known, spots)
            # Totals that did not move meanwhile are those of these entries.
            if before.totals == sums.totals:
                return Reading(session, known, entries, sums)
        raise being_posted()

    def _said(self, reading: Reading, wanted: Wanted) -> Said:
        document, entries = wanted.document, reading.entries
        jobs = {line.spot[0] for line in self.lines(document)}
        for problem in (reading.sums.problems[job] for job in jobs & reading.sums.problems.keys()):
            return Said(Presence.UNREAD, problem=str(problem))
        few = self._too_few(wanted, entries.count)
        if wanted.baseline is None:
            return Said(Presence.UNREAD, problem=few) if few else Said(Presence.ABSENT)
        before = Before.of(wanted.baseline)
        shown = entries.waiting_shown and before.waiting_shown
        rows = [each for each in entries.rows if shown or each.posted]
        # The read may be of other items' places too, of which the baseline of this one knows nothing.
        new = since(before.entries, [each for each in rows if self.keeps((document,), each.spot, each.type)])
        for other in wanted.also:
            new = without(new, self.lines(other), partial(self.rank, other))
        found = match(self.lines(document), new, partial(self.rank, document))
        if found.copies > 1:
            return Said(Presence.SEVERAL, source=_source(found))
        if found.copies:
            if found.again:
                return Said(Presence.DIFFERENT, tuple(differences(found)))
            return self.whole(reading, before, document, found)
        if few := few or self._unsure(document, jobs, entries, before):
            return Said(Presence.UNREAD, problem=few)
        if not found.nothing:
            return Said(Presence.DIFFERENT, tuple(differences(found)), source=_source(found))
        if not self.lines(document):
            nothing = f"Every line of {self.named(document)} is 0.00, so there is nothing to find it by."
            return Said(Presence.UNREAD, problem=nothing, undecidable=True)
        said = self.none(reading, before, document)
        if said.presence is not Presence.ABSENT:
            return said
        if not shown:
            return Said(Presence.UNREAD, problem=CANNOT_BE_TOLD.format(name=self.named(document)), undecidable=True)
        if hidden := self._hidden(reading, before, document):
            return Said(Presence.UNREAD, problem=hidden, undecidable=True)
        return said

    def _too_few(self, wanted: Wanted, count: int) -> str:
        lost = wanted.at_least - count
        if lost <= FEWER or lost * SHARE <= wanted.at_least:
            return ""
        return (
            f"Sage shows {count} entries of job cost, but showed {wanted.at_least} before, so it cannot be told "
            f"whether {self.named(wanted.document)} is there. Check the permissions of the Sage user."
        )

    def _unsure(self, document: Document, jobs: Iterable[str], entries: Entries, before: Before) -> str:
        if all(entries.unreadable.get(job, 0) <= before.unreadable.get(job, 0) for job in jobs):
            return ""
        return (
            "Sage holds a new entry of job cost that erpdesk cannot read, so it cannot be told whether "
            f"{self.named(document)} is there. Correct the entry in Sage; erpdesk looks again by itself."
        )

    def _hidden(self, reading: Reading, before: Before, document: Document) -> str:
        """Why "not there" proves nothing: Sage does not show any more what it showed before."""
        now = Counter(_mark(each) for each in reading.entries.rows)
        all_of_it, lost = before.entries.total(), (before.entries - now).total()
        gone = [spot for spot in before.totals if spot not in reading.sums.totals]
        if not gone and (not lost or (lost < all_of_it and lost <= max(FEWER, all_of_it // SHARE))):
            return ""
        return (
            f"Sage does not show entries or categories any more that it showed before {self.named(document)} was sent, "
            "so it cannot be told whether it is there. Check the permissions of the Sage user."
        )


def since(before: Counter[str], rows: Sequence[Entry]) -> list[Entry]:
    """The entries that are more than there were, each as often as it is new."""
    left = Counter(before)
    found = []
    # What is posted moved there from what waited: it uses up what was counted before it.
    for entry in sorted(rows, key=lambda each: not each.posted):
        mark = _mark(entry)
        if left[mark] > 0:
            left[mark] -= 1
        else:
            found.append(entry)
    return found


def _marks(entries: Iterable[Entry]) -> dict[str, int]:
    return dict(sorted(Counter(map(_mark, entries)).items()))


def _mark(entry: Entry) -> str:
    """An entry in a few letters, the same before and after it is posted."""
    told = [*entry.spot, entry.type, entry.day, entry.accounting_day, str(entry.units), str(entry.amount)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _look(said: Said, began: datetime, ended: datetime, reading: Reading) -> Look:
    return Look(
        said.presence,
        began,
        ended,
        said.differences,
        reading.entries.count,
        said.problem,
        undecidable=said.undecidable,
        source=said.source,
        detail={"waiting_shown": reading.entries.waiting_shown},
    )


def _source(found: Match) -> Source:
    pairs = [*found.own, *found.near]
    return Source.ODBC_NEW if any(not entry.posted for _, entry in pairs) else Source.ODBC_MASTER


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
