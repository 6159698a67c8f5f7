"""What can be seen of an item: a fresh read of Sage, Sage's journal and its rejected records, and where the file is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from erpdesk.core.clock import Clock
from erpdesk.core.errors import BadSageData, SageUnavailable
from erpdesk.models.erp import Source
from erpdesk.sync.export.decide import Presence, Said, Token
from erpdesk.sync.export.items import Observation
from erpdesk.sync.sage.results import parse_journal, parse_rejects
from erpdesk.sync.sage.verify import another, compare
from erpdesk.workflows.ports import CommitmentSnapshot, SageCommitment

BASELINE = "baseline"
GAVE_BACK = "gave back"
_FEWER, _SHARE = 3, 10
"""Sage may show three commitments fewer than before, or a tenth, whichever is more; past that it hides some."""


class FreshSage(Protocol):
    """Reads Sage this moment, never the mirror."""

    def commitment(self, commitment: str) -> SageCommitment | None: ...

    def commitments_like(self, commitment: str) -> int: ...

    def times(self, commitments: Sequence[str]) -> dict[str, int]: ...

    def count_commitments(self) -> int: ...

    def why_not(self, snapshot: CommitmentSnapshot) -> tuple[str, ...]: ...

    def cancel(self) -> None: ...

    def renew(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Look:
    """A fresh read: whether the item is in Sage, once, and as approved. ``problem`` says why it could not be told."""

    presence: Presence
    began: datetime
    ended: datetime
    differences: tuple[str, ...] = ()
    count: int = 0
    problem: str = ""
    unavailable: SageUnavailable | None = None
    another: bool = False
    """What is there is plainly another commitment under the same ID."""

    def observation(self) -> Observation:
        """The read as evidence."""
        detail = {"count": self.count, "differences": list(self.differences), "problem": self.problem}
        return Observation(Source.ODBC_MASTER, self.began, self.ended, self.presence.value, _text(detail))

    def baseline(self) -> Observation:
        """How many commitments Sage showed before delivery."""
        return Observation(Source.ODBC_MASTER, self.began, self.ended, BASELINE, _text({"count": self.count}))


@dataclass(frozen=True)
class Heard:
    """What Sage printed about the item, and whether it gave the record back."""

    said: Said
    reason: str
    gave_back: bool
    observations: tuple[Observation, ...]


def look(sage: FreshSage, snapshot: CommitmentSnapshot, clock: Clock, *, at_least: int = 0) -> Look:
    """Reads Sage for one item; ``at_least`` is the most commitments that it ever showed (0 = not known).

    Absence counts only when Sage shows about as many commitments as before: a lost permission reads as an empty table.
    """
    began = clock.now()
    try:
        count = sage.count_commitments()
        times = sage.commitments_like(snapshot.sage_id)
        found = sage.commitment(snapshot.sage_id) if times == 1 else None
    except SageUnavailable as error:
        return Look(Presence.UNREAD, began, clock.now(), problem=str(error), unavailable=error)
    except BadSageData as error:
        return Look(Presence.UNREAD, began, clock.now(), problem=str(error))
    ended = clock.now()
    if times > 1:
        return Look(Presence.SEVERAL, began, ended, count=count)
    if times == 0:
        lost = at_least - count
        if lost > _FEWER and lost * _SHARE > at_least:
            problem = (
                f"Sage shows {count} commitments, but showed {at_least} before, so it cannot be told whether "
                f"{snapshot.sage_id} is there. Check the permissions of the Sage user."
            )
            return Look(Presence.UNREAD, began, ended, count=count, problem=problem)
        return Look(Presence.ABSENT, began, ended, count=count)
    if found is None:
        return Look(Presence.UNREAD, began, ended, count=count, problem="Sage changed while it was read.")
    differences = tuple(str(each) for each in compare(snapshot, found))
    if not differences:
        return Look(Presence.EQUAL, began, ended, count=count)
    return Look(Presence.DIFFERENT, began, ended, differences, count, another=another(snapshot, found))


def listen(printed: bytes | None, rejected: bytes | None, sage_id: str, clock: Clock) -> Heard:
    """What Sage's journal and rejected records say about one item; nothing is read into them."""
    now = clock.now()
    observations = []
    said, reason = Said.NOTHING, ""
    if printed is not None:
        said, reason = _journal(printed, sage_id)
        text = printed.decode("cp1252", "replace")[:20_000]
        observations.append(Observation(Source.JOURNAL, now, now, said.value, text))
    gave_back = False
    if rejected is not None:
        wanted = sage_id.strip().upper()
        records = [each for each in parse_rejects(rejected) if each.commitment.upper() == wanted]
        gave_back = any(each.letters == "C" for each in records)
        text = rejected.decode("cp1252", "replace")[:20_000]
        result = GAVE_BACK if gave_back else "not this one"
        observations.append(Observation(Source.REJECTED, now, now, result, text))
    return Heard(said, reason, gave_back, tuple(observations))


def _journal(printed: bytes, sage_id: str) -> tuple[Said, str]:
    report = parse_journal(printed)
    if report.stopped:
        return Said.STOPPED, report.stopped
    about = report.about(sage_id)
    if not about:
        # A whole journal that does not name the item was printed by an import of something else.
        return (Said.FOREIGN if report.ended else Said.UNCLEAR), ""
    if not report.ended:
        return Said.UNCLEAR, ""
    if report.exists_already(sage_id):
        return Said.EXISTS, report.reason(sage_id)
    if any(not line.accepted for line in about):
        return Said.REJECTED, report.reason(sage_id)
    return Said.ACCEPTED, ""


def where(token: Token, clock: Clock) -> Observation:
    """Where the live file was found, as evidence."""
    now = clock.now()
    return Observation(Source.LISTING, now, now, token.value)


def first_sign(seen: Sequence[Observation]) -> datetime | None:
    """When an import of this item showed itself first: its journal, its rejected record, or the commitment in Sage."""
    return min((each.ended for each in seen if _is_sign(each)), default=None)


def _is_sign(seen: Observation) -> bool:
    if seen.source is Source.JOURNAL:
        return seen.result != Said.FOREIGN
    if seen.source is Source.REJECTED:
        return seen.result == GAVE_BACK
    return seen.source is Source.ODBC_MASTER and seen.result in (Presence.EQUAL, Presence.DIFFERENT)


def _text(detail: dict[str, object]) -> str:
    return json.dumps(detail, sort_keys=True, ensure_ascii=False)
