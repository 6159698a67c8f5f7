"""The tie-out report: what was accepted for Sage and what Sage holds, to the cent, at one cut-off (P7).

Every accepted item stands in exactly one part. What was found in Sage counts as equal only while the mirror still shows
the same amounts in the same places and the same period; else it stands under “Changed or gone in Sage”. An item whose
proof is younger than the reading of Sage was still exporting at that moment; a proof from the future is none. An item
that failed has no claim on what stands under its ID, but where Sage holds exactly it, that differs. On Sage's side an
amount is made by erpdesk when it is what was accepted under that Sage ID; it was there before the first sync when its
job was first looked at with it, or is not synced at all; everything else was made or changed in Sage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import func, select

from erpdesk.core.errors import ForPeople, NotAllowed
from erpdesk.core.money import to_whole_cents
from erpdesk.models.erp import ExportState, Outbox, Submission, SubmissionState
from erpdesk.models.jobs import Project
from erpdesk.models.people import ProjectMember
from erpdesk.workflows import erp_item, review, rights, snapshots
from erpdesk.workflows.erp_item import KINDS
from erpdesk.workflows.operation import Office, person
from erpdesk.workflows.tie_out_lines import TIE_KINDS, TieKind, amount_of, lines_of, title_of
from erpdesk.workflows.tie_out_ports import Holding, SageHoldings
from erpdesk.workflows.tie_out_rows import NOT_THERE, Accepted, Held, Key, Part, TieItem
from erpdesk.workflows.tie_out_sums import TieBook

L = TypeVar("L", Accepted, Held)
READ = "console.read"
AT_ONCE = 2000
"""So many items are read in one short transaction: nobody waits for the report."""

AGAIN = "Open it again when you want it."

GIVEN_BACK: dict[SubmissionState, Part] = {
    SubmissionState.REJECTED: Part.REJECTED,
    SubmissionState.RETRIEVED: Part.UNLINKED,
}
"""What became of an accepted item that is no longer accepted: rejected, or given back without a reject."""

OF_EXPORT: dict[ExportState, Part] = {
    **dict.fromkeys((ExportState.INTENT, ExportState.STAGED, ExportState.ARMED, ExportState.DELIVERED), Part.EXPORTING),
    ExportState.IN_SAGE: Part.UNPOSTED,
    ExportState.POSTED: Part.EQUAL,
    **dict.fromkeys((ExportState.REFUSED, ExportState.SAGE_REJECTED, ExportState.CLOSED_ABSENT), Part.FAILED),
    **dict.fromkeys((ExportState.IN_DOUBT, ExportState.CONFLICT, ExportState.DUPLICATE_ALARM), Part.IN_DOUBT),
    ExportState.CLOSED_IN_SAGE: Part.BY_HAND,
}
YET_THERE = (Part.FAILED, Part.REJECTED)
"""Parts that say that nothing of an item is in Sage: where Sage holds exactly it under its ID, somebody has to look."""
BUT_THERE = "It failed, but Sage holds exactly this under its Sage ID. Look there before you send anything again."


class StoppedGathering(ForPeople):
    """The report is no longer wanted."""


def part_of(decision: SubmissionState, export: ExportState, *, equal: bool, proven_later: bool) -> Part | None:
    """The part of an accepted item; None where none is declared for its states.

    ``equal``: the mirror shows what was accepted. ``proven_later``: its state rests on a look younger than the mirror.
    """
    if decision is not SubmissionState.ACCEPTED:
        return GIVEN_BACK.get(decision)
    part = OF_EXPORT.get(export)
    if part is not Part.EQUAL or equal:
        return part
    return Part.EXPORTING if proven_later else Part.CHANGED


class TieOut:
    """Gathers the report for whoever may look at ERP Integrations; people of some projects see the jobs of those."""

    def __init__(self, office: Office, holdings: SageHoldings) -> None:
        self._office = office
        self._holdings = holdings

    def gather(self, actor: str, stop: Callable[[], bool] = lambda: False) -> TieBook:
        """Reads all that the report is made of; takes seconds where there are many items.

        Raises NotAllowed without the right to look at ERP Integrations, StoppedGathering when ``stop`` says so.
        """
        office, now = self._office, self._office.clock.now()
        jobs = self._jobs_of(actor)
        seen = _Gathered(office, self._holdings, jobs, now)
        last = ""
        while True:
            if stop():
                raise StoppedGathering(
                    "The report was stopped.", kept="Nothing was changed.", next_step="Open it again."
                )
            with office.store.reading() as session:
                found = session.connection().execute(_PIECE.where(Outbox.id > last).limit(AT_ONCE)).all()
            for row in found:
                seen.take(*row)
            if len(found) < AT_ONCE:
                break
            last = found[-1][0]
        with office.store.reading() as session:
            there = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.accepted_at <= now)) or 0
        return seen.book(there)

    def _jobs_of(self, actor: str) -> frozenset[str] | None:
        """The jobs that a person sees; None = all."""
        with self._office.store.reading() as session:
            acting = person(session, actor)
            if why := rights.why_not(acting, READ):
                raise NotAllowed([why])
            if acting.all_projects:
                return None
            mine = select(ProjectMember.project_id).where(ProjectMember.person_id == actor)
            found = session.scalars(select(Project.sage_job).where(Project.id.in_(mine), Project.sage_job.is_not(None)))
            return frozenset(str(job) for job in found)


_PIECE = (
    select(
        *(Outbox.id, Outbox.kind, Outbox.natural_key, Outbox.state, Outbox.accepted_at, Outbox.changed_at),
        *(Outbox.message, Submission.item_id, Submission.state, Submission.comment, Submission.payload),
    )
    .join(Submission, Submission.id == Outbox.submission_id)
    .order_by(Outbox.id)
)


class _Gathered:
    """The report while it is gathered."""

    def __init__(self, office: Office, holdings: SageHoldings, jobs: frozenset[str] | None, now: datetime) -> None:
        self._office, self._jobs, self._now, self._holdings = office, jobs, now, holdings
        self._kinds: dict[str, TieKind] = {}
        self._held: dict[str, Holding | None] = {}
        self._by_case: dict[str, dict[str, str]] = {}
        self._claimed: set[tuple[str, str]] = set()
        self._items: list[TieItem] = []
        self._unreadable: Counter[str] = Counter()
        self._keys: dict[Key, Key] = {}
        self._days: dict[date, date] = {}
        self._count = 0
        for kind in TIE_KINDS.values():
            self._meet(kind)

    def take(
        self,
        id_: str,
        kind: str,
        sage_id: str,
        export: ExportState,
        accepted_at: datetime,
        changed_at: datetime,
        message: str,
        item_id: str,
        decision: SubmissionState,
        comment: str,
        payload: str,
    ) -> None:
        """One accepted item."""
        self._count += accepted_at <= self._now
        if kind not in self._kinds:
            self._meet(TieKind(kind, KINDS[kind].title if kind in KINDS else kind, _document))
        try:
            document = self._kinds[kind].document(payload, sage_id)
            lines = tuple(map(self._same, lines_of(document)))
            total, title = to_whole_cents(amount_of(document)), title_of(document)
        except (ValueError, KeyError, TypeError, ArithmeticError):
            self._unreadable[kind] += 1
            return
        holding = self._held[kind]
        likely = part_of(decision, export, equal=True, proven_later=False)
        record = "" if likely is None or likely in NOT_THERE else self._claim(kind, sage_id)
        held = holding.records[record] if holding and record else ()
        odd = holding.odd.get(record) if holding else None
        equal = bool(held) and odd is None and _sums(lines) == _sums(held)
        began = holding.read_began if holding else None
        # Another workstation's clock may run ahead: what it says of the future must not hide a difference until then.
        later = began is None or began < changed_at <= self._now
        part = part_of(decision, export, equal=equal, proven_later=later)
        ought = part in (Part.CHANGED, Part.BY_HAND) and not later
        state = erp_item.derive(decision, export)
        item = TieItem(
            id=id_,
            kind=kind,
            sage_id=sage_id,
            title=title,
            item_id=item_id,
            part=part,
            state=review.state_text(state, export),
            message=" ".join(filter(None, (odd.words() if odd else "", review.message(decision, comment, message)))),
            accepted_at=accepted_at,
            accepted=self._visible(lines),
            unbroken=total - sum(line.cents for line in lines),
            held=self._visible(held),
            equal=equal,
            differs=not equal and (bool(held) or ought),
            apart=odd.apart if odd else 0,
        )
        if item.accepted or item.held or (item.unbroken and self._jobs is None):
            self._items.append(item)

    def book(self, there: int) -> TieBook:
        """All of it; ``there`` is how many accepted items the database counts."""
        self._find_yet_there()
        for kind, holding in self._held.items():
            for record, held in (holding.records if holding else {}).items():
                if (kind, record) not in self._claimed and (seen := self._visible(held)):
                    title = holding.titles.get(record, "") if holding else ""
                    self._items.append(TieItem(f"Sage|{kind}|{record}", kind, record, title, held=seen))
        holdings = [each for each in self._held.values() if each is not None]
        starts = [each.read_began for each in holdings]
        began = min((each for each in starts if each is not None), default=None)
        limited = () if self._jobs is None else ("Only the jobs of your projects are in this report.",)
        return TieBook(
            items=tuple(self._items),
            totals={kind: self._totals(holding) for kind, holding in self._held.items() if holding is not None},
            titles={kind: each.title for kind, each in self._kinds.items()},
            jobs={job.job: job.description for job in self._office.facts.jobs()},
            read_began=began,
            gathered=self._now,
            warnings=(*limited, *(text for each in holdings for text in each.warnings), *self._age(began)),
            broken=(*(text for each in holdings for text in each.broken), *self._broken(there)),
            notes=tuple(text for each in holdings for text in each.notes),
        )

    def _same(self, line: Accepted) -> Accepted:
        """The line with one place and one day for all that are equal: a hundred thousand items share a few hundred."""
        key, day = self._keys.setdefault(line.key, line.key), self._days.setdefault(line.day, line.day)
        return Accepted(key, day, line.cents)

    def _meet(self, kind: TieKind) -> None:
        self._kinds[kind.name] = kind
        holding = self._held[kind.name] = self._holdings.hold(kind.name)
        self._by_case[kind.name] = {each.casefold(): each for each in holding.records} if holding else {}

    def _find_yet_there(self) -> None:
        """What failed and stands in Sage all the same, once every other item has the record that is its own."""
        # Of several with one ID the last one accepted is meant.
        failed = [at for at, item in enumerate(self._items) if item.part in YET_THERE]
        for at in sorted(failed, key=lambda at: self._items[at].accepted_at or self._now, reverse=True):
            item, holding = self._items[at], self._held[self._items[at].kind]
            record = self._free(item.kind, item.sage_id)
            if holding is None or not record:
                continue
            held = self._visible(holding.records[record])
            if held and _sums(item.accepted) == _sums(held):
                self._claimed.add((item.kind, record))
                self._items[at] = replace(item, held=held, differs=True, message=f"{BUT_THERE} {item.message}".strip())

    def _claim(self, kind: str, sage_id: str) -> str:
        """The record of Sage that belongs to an ID from now on; '' = none."""
        record = self._free(kind, sage_id)
        if record:
            self._claimed.add((kind, record))
        return record

    def _free(self, kind: str, sage_id: str) -> str:
        """The record of Sage under an ID, capitals aside; '' = none, since a record belongs to one item only."""
        holding = self._held[kind]
        if holding is None:
            return ""
        record = sage_id if sage_id in holding.records else self._by_case[kind].get(sage_id.casefold(), "")
        if (kind, record) in self._claimed or (record and record != sage_id and self._is_sent(kind, record)):
            return ""
        return record

    def _is_sent(self, kind: str, sage_id: str) -> bool:
        with self._office.store.reading() as session:
            asked = select(Outbox.id).where(
                Outbox.kind == kind, Outbox.natural_key == sage_id, Outbox.state.not_in(erp_item.FAILED)
            )
            return session.scalar(asked.limit(1)) is not None

    def _visible(self, lines: Sequence[L]) -> tuple[L, ...]:
        return tuple(lines) if self._jobs is None else tuple(line for line in lines if line.key.job in self._jobs)

    def _totals(self, holding: Holding) -> Mapping[tuple[Key, date | None], int]:
        if self._jobs is None:
            return holding.totals
        return {where: cents for where, cents in holding.totals.items() if where[0].job in self._jobs}

    def _broken(self, there: int) -> Iterator[str]:
        for kind, holding in self._held.items():
            if holding is None:
                yield f"{self._kinds[kind].title}: the report does not read what Sage holds of them."
            elif holding.read_began is None:
                yield f"{self._kinds[kind].title} of Sage were never read. Press F5 in the main window to read Sage."
        for kind, many in self._unreadable.items():
            items = "1 accepted item is" if many == 1 else f"{many:,} accepted items are"
            yield f"{self._kinds[kind].title}: {items} in no figure, because what was sent can not be read."
        if there != self._count:
            yield f"The database counts {there:,} accepted items, but {self._count:,} were read. Press Refresh."

    def _age(self, began: datetime | None) -> Iterator[str]:
        hours = self._office.settings().stale_hours
        if began is not None and self._now - began > timedelta(hours=hours):
            yield f"Sage was last read more than {hours:,} hours ago. Press F5 in the main window to read it."


def _sums(lines: Sequence[Any]) -> dict[tuple[Key, date | None], int]:
    """Whole cents by place and day; what adds up to nothing is left out."""
    found: dict[tuple[Key, date | None], int] = {}
    for line in lines:
        found[line.key, line.day] = found.get((line.key, line.day), 0) + line.cents
    return {where: cents for where, cents in found.items() if cents}


def _document(text: str, sage_id: str) -> Any:
    """The document of a kind that declared none here: most are sent in the form of a commitment."""
    return snapshots.from_text(text, sage_id=sage_id)
