"""Budgets and budget changes: Sage adds their lines to its estimates, and only what they come to tells that it did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache

from erpdesk.core.money import cents, fourths, show_amount
from erpdesk.models.erp import Source
from erpdesk.sync.export.kinds.kind import ExportKind, Place, Presence
from erpdesk.sync.export.kinds.matching import OPPOSITE, OWN, UNKNOWN, Line, Match, named
from erpdesk.sync.export.kinds.unkeyed import Before, Reading, Said, Unkeyed, since
from erpdesk.sync.sage.fresh_entries import Entry, Spot
from erpdesk.sync.sage.fresh_estimates import Totals, estimate_reasons
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.verify import Difference
from erpdesk.workflows import document_text
from erpdesk.workflows.documents import Document, EstimateFile

ZERO = Decimal("0.00")
ORIGINAL, CHANGE, SOMETHING = "an original estimate", "an approved estimate change", "something else"
_TITLES = {ORIGINAL: "original estimate", CHANGE: "approved estimate changes"}
_OPTION = "imported as"

# How Sage spells the two types in its twenty characters is not known; these are words that neither of them can be.
_NOT_AN_ESTIMATE = re.compile(r"(?i)^\w\w cost$|^GL entry$|\bsch|\bpend|\bpo?ten")
_ESTIMATE = re.compile(r"(?i)\best|\bbudget")
_CHANGED = re.compile(r"(?i)\bch(n?g|ange)|\bapp?rv?")


@cache
def kind_of(word: str) -> str:
    """What an entry is by Sage's word for its type: one of the two estimates, '' = neither, or nobody knows."""
    if _NOT_AN_ESTIMATE.search(word):
        return ""
    if _ESTIMATE.search(word):
        return CHANGE if _CHANGED.search(word) else ORIGINAL
    return SOMETHING


class EstimateReadBack(Unkeyed):
    """Finds an estimate by its lines among the entries that are new in its job, and by what its categories come to.

    Which of the two estimates it became, the totals tell once it is posted, and until then Sage's word for the type: a
    person ticks that at the import, and may tick the wrong one.
    """

    def lines(self, document: Document) -> tuple[Line, ...]:
        """Its lines; one without amount and quantity leaves no entry in Sage."""
        estimate = estimate_of(document)
        return tuple(
            Line(
                (estimate.job, line.extra, line.cost_code, line.category),
                line.date.isoformat(),
                "",
                fourths(line.quantity),
                cents(line.amount),
            )
            for line in estimate.lines
            if line.amount or line.quantity
        )

    def keeps(self, documents: Sequence[Document], spot: Spot, kind: str) -> bool:
        """Every entry of the job that is, or may be, an estimate: a line may have gone to the wrong extra."""
        return bool(kind_of(kind)) and any(estimate_of(each).job == spot[0] for each in documents)

    def rank(self, document: Document, entry: Entry) -> int:
        """By Sage's word for its type."""
        kind = kind_of(entry.type)
        if kind == SOMETHING:
            return UNKNOWN
        return OWN if kind == _wanted(document) else OPPOSITE

    def named(self, document: Document) -> str:
        """The budget, or the change, of its job."""
        estimate = estimate_of(document)
        return f"the {'budget change' if estimate.approved_change else 'budget'} of job {estimate.job}"

    def reasons(self, session: Session, known: Capabilities, document: Document) -> tuple[str, ...]:
        """Job, extras, cost codes and standard categories as Sage holds them now."""
        return estimate_reasons(session, known, estimate_of(document))

    def whole(self, reading: Reading, before: Before, document: Document, found: Match) -> Said:
        """Waiting, or posted; and as which of the two estimates."""
        own = [entry for _, entry in found.own]
        waits = any(not entry.posted for entry in own)
        source = Source.ODBC_NEW if waits else Source.ODBC_MASTER
        wrong = [entry for entry in own if self.rank(document, entry) != OWN]
        landed = None if waits else self._landed(reading, before, document, own)
        if landed == _wanted(document) or (landed is None and not wrong):
            return Said(Presence.UNPOSTED if waits else Presence.EQUAL, source=source)
        if landed is None and all(self.rank(document, entry) == UNKNOWN for entry in wrong):
            if waits:
                return Said(Presence.UNPOSTED, source=source)
            landed = f"“{wrong[0].type}”"
        became = landed or _other(document)
        return Said(Presence.DIFFERENT, (Difference(_OPTION, _wanted(document), became),), source=source)

    def none(self, reading: Reading, before: Before, document: Document) -> Said:
        """No entry is there; the totals may have moved all the same, where Sage shows no entries of estimates."""
        landed = self._landed(reading, before, document, ())
        if landed == _wanted(document):
            return Said(Presence.EQUAL)
        if landed is not None:
            return Said(Presence.DIFFERENT, (Difference(_OPTION, _wanted(document), landed),))
        moved = tuple(self._unexplained(reading, before, document))
        return Said(Presence.DIFFERENT, moved) if moved else Said(Presence.ABSENT)

    def _landed(self, reading: Reading, before: Before, document: Document, own: Sequence[Entry]) -> str | None:
        """As which estimate exactly these amounts were added to the totals; None when the totals do not say that."""
        wanted = {spot: amount for spot, amount in self._amounts(document).items() if amount}
        moved = _moved(reading, before, wanted, own)
        for kind, other in ((ORIGINAL, CHANGE), (CHANGE, ORIGINAL)):
            as_this = all(moved[spot][kind] == amount and moved[spot][other] == ZERO for spot, amount in wanted.items())
            if wanted and as_this:
                return kind
        return None

    def _unexplained(self, reading: Reading, before: Before, document: Document) -> Iterator[Difference]:
        """Totals that moved without an entry that says why."""
        amounts = self._amounts(document)
        for spot, moved in _moved(reading, before, amounts, ()).items():
            for kind, by in moved.items() if any(moved.values()) else ():
                approved = amounts[spot] if kind == _wanted(document) else ZERO
                held = _column(reading.sums.totals, spot, kind)
                if held is not None and by is not None and by != approved:
                    expected = show_amount(held - by + approved)
                    yield Difference(f"{named(spot)}, {_TITLES[kind]}", expected, show_amount(held))

    def _amounts(self, document: Document) -> dict[Spot, Decimal]:
        """What the document adds to each category."""
        found: dict[Spot, Decimal] = {}
        for line in self.lines(document):
            found[line.spot] = found.get(line.spot, ZERO) + line.amount
        return found


def _moved(
    reading: Reading, before: Before, spots: Iterable[Spot], own: Sequence[Entry]
) -> dict[Spot, dict[str, Decimal | None]]:
    """By how much the two totals of each category moved, beyond what other entries posted there; None = not known.

    What waited before and is posted by now moved them too.
    """
    posted = since(before.posted, [each for each in reading.entries.rows if each.posted])
    others = [each for each in posted if each not in own]
    found: dict[Spot, dict[str, Decimal | None]] = {}
    for spot in spots:
        found[spot] = {}
        for kind in (ORIGINAL, CHANGE):
            now, was = _column(reading.sums.totals, spot, kind), _column(before.totals, spot, kind)
            known = sum((each.amount for each in others if each.spot == spot and kind_of(each.type) == kind), ZERO)
            found[spot][kind] = None if now is None or was is None else now - was - known
    return found


def _column(totals: Mapping[Spot, Totals], spot: Spot, kind: str) -> Decimal | None:
    if spot not in totals:
        return None
    return totals[spot].original if kind == ORIGINAL else totals[spot].changes


def _wanted(document: Document) -> str:
    return CHANGE if estimate_of(document).approved_change else ORIGINAL


def _other(document: Document) -> str:
    return ORIGINAL if estimate_of(document).approved_change else CHANGE


def estimate_of(document: Document) -> EstimateFile:
    """The document as the estimate that it is; raises TypeError for another kind."""
    if not isinstance(document, EstimateFile):
        raise TypeError(f"{type(document).__name__} is not an estimate")
    return document


def _budget(payload: str, sage_id: str) -> Document:
    return _of(payload, approved_change=False)


def _budget_change(payload: str, sage_id: str) -> Document:
    return _of(payload, approved_change=True)


def _of(payload: str, *, approved_change: bool) -> EstimateFile:
    estimate = estimate_of(document_text.from_text(payload))
    if estimate.approved_change is not approved_change:
        raise TypeError("a budget is no budget change")
    return estimate


def job_of(document: Document) -> str:
    """The job, which Sage's journal prints for every line and which has one estimate on its way at a time."""
    return estimate_of(document).job


_PLACE = Place.named("estimates", "jce")
_READ_BACK = EstimateReadBack()
_LOOK_AT = "Job Cost > Inquiry > Jobs"
_POSTING = "Job Cost > Tasks > Post Entries"

BUDGET = ExportKind(
    name="budget",
    noun="budget",
    place=_PLACE,
    record_type="original estimate",
    letters="*",
    layout="jce",
    document=_budget,
    printed=job_of,
    read_back=_READ_BACK,
    look_at=_LOOK_AT,
    posting=_POSTING,
    together=False,
    keyed=False,
    lane=job_of,
)
BUDGET_CHANGE = ExportKind(
    name="budget_change",
    noun="budget change",
    place=_PLACE,
    record_type="approved estimate change",
    letters="*",
    layout="jce",
    document=_budget_change,
    printed=job_of,
    read_back=_READ_BACK,
    look_at=_LOOK_AT,
    posting=_POSTING,
    together=False,
    keyed=False,
    lane=job_of,
)
