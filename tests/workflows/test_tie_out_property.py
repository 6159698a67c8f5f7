"""Whatever happened to whatever was accepted: both sides tie to the cent, and each item stands in exactly one part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpdesk.core.money import ZERO, from_whole_cents
from erpdesk.models.erp import ExportState, SubmissionState
from erpdesk.workflows import snapshots
from erpdesk.workflows.ports import CommitmentSnapshot, LineSnapshot
from erpdesk.workflows.tie_out import _Gathered
from erpdesk.workflows.tie_out_ports import Holding
from erpdesk.workflows.tie_out_rows import Held, Key, Level, Origin, Part, TieAsk
from erpdesk.workflows.tie_out_sums import TieBook
from tests.town import Town, copy_of

READ = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAYS = (date(2026, 10, 31), date(2026, 11, 1))
KEYS = tuple(Key(job, "", code, "S") for job in ("J1", "J2") for code in ("01-100", "02-200"))
HELD = ("not", "equal", "amount", "place", "date", "undated")
"""What Sage shows under the ID of an item."""
Totals = dict[tuple[Key, date | None], int]


@dataclass(frozen=True)
class Story:
    """What became of one accepted item."""

    export: ExportState
    given_back: SubmissionState
    lines: tuple[tuple[int, int], ...]
    """The code and the cents of each line."""
    job: int
    day: int
    held: str
    accepted_after: bool
    proven_after: bool


@dataclass(frozen=True)
class Mirror:
    """A mirror that holds this, as the real one would answer it."""

    holding: Holding

    def hold(self, kind: str) -> Holding:
        return self.holding


STORIES = st.builds(
    Story,
    export=st.sampled_from(ExportState),
    given_back=st.sampled_from((SubmissionState.ACCEPTED,) * 6 + (SubmissionState.REJECTED, SubmissionState.RETRIEVED)),
    lines=st.lists(st.tuples(st.integers(0, 1), st.integers(-(10**7), 10**9)), min_size=1, max_size=3).map(tuple),
    job=st.integers(0, 1),
    day=st.integers(0, 1),
    held=st.sampled_from(HELD),
    accepted_after=st.booleans(),
    proven_after=st.booleans(),
)
FOREIGN = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from((*DAYS, None)), st.integers(-(10**6), 10**9), st.booleans()),
    max_size=4,
)
ASKS = st.builds(
    TieAsk,
    job=st.sampled_from(("", "J1")),
    since=st.sampled_from((None, DAYS[0], DAYS[1])),
    until=st.sampled_from((None, DAYS[0], DAYS[1])),
)


@pytest.fixture(scope="module")
def town(prepared_town: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = copy_of(prepared_town, tmp_path_factory.mktemp("stories"))  # type: ignore[arg-type]  # a path
    yield made
    made.store.close()


def document(number: int, story: Story) -> CommitmentSnapshot:
    lines = tuple(
        LineSnapshot(at, "", "", KEYS[code].cost_code, "S", None, "", None, from_whole_cents(cents))
        for at, (code, cents) in enumerate(story.lines, start=1)
    )
    job = KEYS[2 * story.job].job
    return CommitmentSnapshot(f"SC-{number}", "Subcontract", "", "V", job, DAYS[story.day], Decimal(0), lines)


def right_part(story: Story) -> Part:
    """Where an item belongs, said once more in other words."""
    if story.given_back is SubmissionState.REJECTED:
        return Part.REJECTED
    if story.given_back is SubmissionState.RETRIEVED:
        return Part.UNLINKED
    if story.export is ExportState.POSTED:
        # What adds up to nothing may stand anywhere.
        same = story.held == "equal" or (story.held in ("place", "date", "undated") and not story.lines[0][1])
        return Part.EQUAL if same else Part.EXPORTING if story.proven_after else Part.CHANGED
    return {
        "IN_SAGE": Part.UNPOSTED,
        "REFUSED": Part.FAILED,
        "SAGE_REJECTED": Part.FAILED,
        "CLOSED_ABSENT": Part.FAILED,
        "IN_DOUBT": Part.IN_DOUBT,
        "CONFLICT": Part.IN_DOUBT,
        "DUPLICATE_ALARM": Part.IN_DOUBT,
        "CLOSED_IN_SAGE": Part.BY_HAND,
    }.get(story.export.value, Part.EXPORTING)


def held(sent: CommitmentSnapshot, story: Story) -> tuple[Held, ...]:
    """The record of Sage under the item's ID."""
    found = [
        Held(Key(sent.job, "", line.cost_code, "S"), sent.date, int(line.amount * 100), True) for line in sent.lines
    ]
    first = found[0]
    found[0] = {
        "amount": first._replace(cents=first.cents + 1),
        "place": first._replace(key=first.key._replace(category="M")),
        "date": first._replace(day=date(1999, 1, 1)),
        "undated": first._replace(day=None),
    }.get(story.held, first)
    return tuple(found)


def gathered(town: Town, stories: list[Story], foreign: list[tuple[Key, date | None, int, bool]]) -> TieBook:
    """The report of these stories, by the code that reads a company."""
    records: dict[str, tuple[Held, ...]] = {f"HAND-{at}": (Held(*each),) for at, each in enumerate(foreign)}
    sent = [document(at, story) for at, story in enumerate(stories)]
    for paper, story in zip(sent, stories, strict=True):
        if story.held != "not":
            records[paper.sage_id] = held(paper, story)
    totals: Totals = {}
    for lines in records.values():
        for line in lines:
            totals[line.key, line.day] = totals.get((line.key, line.day), 0) + line.cents
    gathering = _Gathered(town.desk.office, Mirror(Holding(records, {}, totals, READ)), None, READ + timedelta(days=9))
    for at, (paper, story) in enumerate(zip(sent, stories, strict=True)):
        decision = story.given_back
        gathering.take(
            f"id{at}",
            "commitment",
            paper.sage_id,
            story.export,
            READ + timedelta(hours=1 if story.accepted_after else -1),
            READ + timedelta(hours=2 if story.proven_after else -0.5),
            "",
            f"item{at}",
            decision,
            "",
            snapshots.to_text(paper),
        )
    return gathering.book(len(stories))


@settings(max_examples=150)
@given(stories=st.lists(STORIES, max_size=6), foreign=FOREIGN, ask=ASKS, everything=st.booleans())
def test_both_sides_tie_for_every_history(
    town: Town,
    stories: list[Story],
    foreign: list[tuple[Key, date | None, int, bool]],
    ask: TieAsk,
    everything: bool,
) -> None:
    book = gathered(town, stories, foreign)
    assert not book.broken
    if everything:
        ask = replace(ask, cut_off=READ + timedelta(days=1))
    ours = [item for item in book.items if item.accepted_at is not None]
    assert [item.part for item in ours] == [right_part(story) for story in stories]
    # (1) Counted here by hand: each item that belongs, under its one part.
    expected: dict[Part, int] = {}
    for paper, story, item in zip(map(document, range(len(stories)), stories), stories, ours, strict=True):
        inside = ask.covers(paper.date) and ask.job in ("", paper.job) and (everything or not story.accepted_after)
        if inside:
            assert item.part is not None
            expected[item.part] = expected.get(item.part, 0) + int(paper.amount * 100)
    total = book.summary(ask).total
    assert {part: cents for part, cents in expected.items() if cents} == {
        part: int(amount * 100) for part, amount in total.parts.items() if amount
    }
    assert total.accepted == from_whole_cents(sum(expected.values()))
    # (2) and the link between the two, in every place; nothing cancels out.
    assert total.gross == ZERO and total.in_sage == sum(total.origins.values(), ZERO)
    assert total.origins.get(Origin.MADE, ZERO) == total.seen
    for row in book.rows(ask, Level.CATEGORY):
        assert row.off_accepted == row.off_sage == row.off_link == ZERO
    # What the items say adds up to what the lines say.
    items = book.item_rows(ask)
    assert sum((row.accepted or ZERO for row in items), ZERO) == total.accepted
    assert sum((row.in_sage or ZERO for row in items), ZERO) == total.in_sage
    assert sum((row.differs or ZERO for row in items), ZERO) == total.sage_differs
