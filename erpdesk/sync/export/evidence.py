"""What can be seen of an item besides a read of Sage: Sage's journal, its rejected records, and where the file is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from erpdesk.core.clock import Clock
from erpdesk.models.erp import Source
from erpdesk.sync.export.decide import Said, Token
from erpdesk.sync.export.items import Observation
from erpdesk.sync.export.kinds.kind import Presence
from erpdesk.sync.sage.render import MappedLine
from erpdesk.sync.sage.results import JournalLine, JournalReport, Returned, parse_journal, split_rejects

GAVE_BACK = "gave back"
_LONGEST_DETAIL = 20_000
_NAMED = frozenset(("C", "CI", "CCO", "CCOI", "API", "APD", "APIF", "APDF", "APTX", "APTXF"))
"""Records that carry the ID of their document, or follow one that does."""


@dataclass(frozen=True)
class Heard:
    """What Sage printed about the item, and whether it gave the record back."""

    said: Said
    reason: str
    gave_back: bool
    observations: tuple[Observation, ...]


@dataclass(frozen=True)
class Name:
    """What an item is called in the journal and in the line map of its file."""

    printed: str
    sage_id: str
    part: str = ""


class Printed:
    """What Sage printed and gave back about one file, for all the items in it; nothing is read into it.

    ``line_map`` says which line of the file stands for which record; a file of one item is all its.
    """

    def __init__(
        self, journal: bytes | None, rejects: bytes | None, line_map: Sequence[MappedLine], clock: Clock
    ) -> None:
        self._now = clock.now()
        self._report = None if journal is None else parse_journal(journal)
        self._journal = _text(journal)
        self._rejects = _text(rejects)
        self._returned: tuple[Returned, ...] = () if rejects is None else split_rejects(rejects, b"", line_map)
        self._lines: dict[tuple[str, str], set[int]] = {}
        self._heads: dict[tuple[str, str], set[int]] = {}
        self._bare: set[str] = set()
        estimate = any(line.letters == "*" for line in line_map)
        for line in line_map:
            key = (_same(line.sage_id), _same(line.part))
            self._lines.setdefault(key, set()).add(line.line)
            if line.number == 0:
                self._heads.setdefault(key, set()).add(line.line)
            if estimate or line.letters not in _NAMED:
                self._bare.add(line.letters)

    def of(self, name: Name) -> Heard:
        """What it says of one item."""
        said, reason = Said.NOTHING, ""
        seen: list[Observation] = []
        if self._report is not None:
            said, reason = self._said(self._report, name)
            seen.append(Observation(Source.JOURNAL, self._now, self._now, said.value, self._journal or ""))
        gave_back = self._gave_back(name)
        if self._rejects is not None:
            result = GAVE_BACK if gave_back else "not this one"
            seen.append(Observation(Source.REJECTED, self._now, self._now, result, self._rejects))
        return Heard(said, reason, gave_back, tuple(seen))

    def _said(self, report: JournalReport, name: Name) -> tuple[Said, str]:
        if report.stopped:
            return Said.STOPPED, report.stopped
        about = self._about(report, name)
        if not about:
            # A whole journal that names none of the file's items was printed by an import of something else.
            foreign = report.ended and not any(_same(each.commitment) in self._names() for each in report.lines)
            return (Said.FOREIGN if foreign else Said.UNCLEAR), ""
        if not report.ended:
            return Said.UNCLEAR, ""
        own = replace(report, lines=tuple(replace(each, commitment=name.printed) for each in about))
        if own.exists_already(name.printed):
            return Said.EXISTS, own.reason(name.printed)
        if any(not line.accepted for line in about):
            return Said.REJECTED, own.reason(name.printed)
        return Said.ACCEPTED, ""

    def _names(self) -> set[str]:
        return {text for key in self._lines for text in key if text} | {" ".join(key).strip() for key in self._lines}

    def _about(self, report: JournalReport, name: Name) -> tuple[JournalLine, ...]:
        """The lines on one item; where two items of the file go by one name, Sage's line numbers tell them apart."""
        names = {_same(name.printed), _same(name.sage_id), _same(name.part)} - {""}
        called = tuple(each for each in report.lines if _same(each.commitment) in names)
        if called and len(self._lines) == 1 and self._bare:
            # Lines without an ID are printed by what they are about; in a file of one item all are that item's.
            return report.lines
        if sum(bool(names & {key[0], key[1]}) for key in self._lines) < 2:
            return called
        own = self._lines.get((_same(name.sage_id), _same(name.part)), set())
        return tuple(each for each in called if each.line in own)

    def _gave_back(self, name: Name) -> bool:
        """Whether the item's own record came back; where it has none of its own, any of its lines."""
        key = (_same(name.sage_id), _same(name.part))
        own = [each for each in self._returned if each.document is not None and _key(each.document) == key]
        if len(self._lines) == 1:
            # Lines of a budget or of costs carry no ID; in a file of one item they are that item's.
            own += [each for each in self._returned if each.document is None and each.record.letters in self._bare]
        heads = self._heads.get(key)
        return any(heads is None or each.document is None or heads & set(each.lines) for each in own)


def _key(document: tuple[str, str]) -> tuple[str, str]:
    return _same(document[0]), _same(document[1])


def _same(text: str) -> str:
    return text.strip().upper()


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("cp1252", "replace")[:_LONGEST_DETAIL]


def where(token: Token, clock: Clock) -> Observation:
    """Where the live file was found, as evidence."""
    now = clock.now()
    return Observation(Source.LISTING, now, now, token.value)


def first_sign(seen: Sequence[Observation]) -> datetime | None:
    """When an import of this item showed itself first: its journal, its rejected record, or the item in Sage."""
    return min((each.ended for each in seen if _is_sign(each)), default=None)


_SHOWN = (Presence.EQUAL, Presence.UNPOSTED, Presence.DIFFERENT)


def _is_sign(seen: Observation) -> bool:
    if seen.source is Source.JOURNAL:
        return seen.result != Said.FOREIGN
    if seen.source is Source.REJECTED:
        return seen.result == GAVE_BACK
    return seen.source in (Source.ODBC_MASTER, Source.ODBC_NEW) and seen.result in _SHOWN
