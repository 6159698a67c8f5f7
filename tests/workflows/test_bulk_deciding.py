"""Several items decided on at once: one confirmation, one answer, in the order in which they go to Sage."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from erpdesk.core.errors import NotAllowed, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.models.erp import Outbox, Submission
from erpdesk.models.people import Person
from erpdesk.sync.export.store import ExportStore
from erpdesk.workflows import erp_bulk
from erpdesk.workflows.commitments import KIND
from erpdesk.workflows.console_rows import Pick, View
from erpdesk.workflows.erp_acts import ErpActs
from erpdesk.workflows.erp_item import EXPORTING, KINDS
from erpdesk.workflows.rows import ErpState, QueueRow
from tests.town import Town, press
from tests.workflows.console_town import Items, with_table
from tests.workflows.second_kind import NAME, joined

GOES_ON: dict[ErpState, frozenset[ErpState]] = {
    ErpState.SENT: frozenset((ErpState.EXPORTING, ErpState.REJECTED)),
    ErpState.FAILED: frozenset((ErpState.REJECTED,)),
}
"""Where a decision may lead from each state; from every other one it leads nowhere."""


@pytest.fixture(params=[KIND, NAME])
def items(request: pytest.FixtureRequest, town: Town) -> Iterator[Items]:
    with joined():
        with_table(town)
        yield Items(town, request.param)


@pytest.fixture(params=[KIND, NAME])
def items_anywhere(request: pytest.FixtureRequest, any_town: Town) -> Iterator[Items]:
    """Items of each kind on each database."""
    with joined():
        with_table(any_town)
        yield Items(any_town, request.param)


@pytest.fixture
def mixed(town: Town) -> Iterator[tuple[Items, Items]]:
    with joined():
        with_table(town)
        yield Items(town, KIND), Items(town, NAME)


def picks(town: Town, ids: list[str]) -> tuple[Pick, ...]:
    return town.console.accept_preview(town.approver, ids).picks


def test_one_confirmation_names_count_total_and_what_can_not_be_done(items: Items) -> None:
    town = items.town
    first, second, exporting = items.sent(), items.sent(), items.at(View.EXPORTING)
    own = items.send(items.made(), town.both)
    seen = town.console.accept_preview(town.both, [second.id, first.id, exporting.id, own.id, first.id])
    assert {pick.submission_id for pick in seen.picks} == {first.id, second.id}
    assert seen.total == first.amount + second.amount
    assert set(seen.order) == {first.id, second.id}
    cannot = {row.id: reasons for row, reasons in seen.cannot}
    assert set(cannot) == {exporting.id, own.id}
    assert "sent this item yourself" in cannot[own.id][0]
    assert "waits for a decision" in cannot[exporting.id][0]
    assert seen.needs_reason == ""
    no = town.console.reject_preview(town.both, [first.id, own.id])
    assert [pick.submission_id for pick in no.picks] == [first.id]
    assert "Retrieve it instead" in no.cannot[0][1][0]


def test_bulk_accept_does_each_that_can_be_done_and_says_why_the_others_were_not(items_anywhere: Items) -> None:
    items = items_anywhere
    town = items.town
    first, second, other = items.sent(), items.sent(), items.sent()
    asked = [*picks(town, [first.id, second.id]), Pick(other.id, other.sage_id, "0" * 64), Pick("gone", "X", "")]
    rings, once = town.bell.rings, press()
    result = town.desk.erp.accept_many(town.approver, asked, once)
    assert set(result.done) == {first.id, second.id}
    why = {each.id: each.reasons[0] for each in result.not_done}
    assert "no longer what you were shown" in why[other.id]
    assert "no longer there" in why["gone"]
    assert {each.id: each.label for each in result.not_done}[other.id].startswith(other.number)
    assert result.changes.kinds == {items.kind, "submission"}
    assert town.bell.rings == rings + 1
    assert town.desk.erp.accept_many(town.approver, asked, once) == result
    assert len(items.queue(View.EXPORTING)) == 2
    with pytest.raises(Refused, match="used for something else"):
        town.desk.erp.accept_many(town.approver, asked[:1], once)
    with pytest.raises(NotAllowed):
        town.desk.erp.accept_many("nobody", asked, press())


def test_bulk_reject_gives_one_comment_to_all(items: Items) -> None:
    town = items.town
    first, second, exporting = items.sent(), items.sent(), items.at(View.EXPORTING)
    failed = items.at(View.FAILED_TO_EXPORT)
    once = press()
    ids = [first.id, second.id, exporting.id, failed.id]
    result = town.desk.erp.reject_many(town.approver, ids, " Split it. ", once)
    assert set(result.done) == {first.id, second.id, failed.id}
    assert [each.id for each in result.not_done] == [exporting.id]
    assert town.desk.erp.reject_many(town.approver, ids, " Split it. ", once) == result
    for row in (first, second, failed):
        assert town.console.review(row.id, None, town.approver).row.message == "Split it."


def test_what_depends_on_another_goes_after_it_and_not_without_it(mixed: tuple[Items, Items]) -> None:
    """Dependencies: commitment, then change order."""
    commitments, changes = mixed
    town = commitments.town
    base = commitments.sent()
    change = changes.send(changes.change(base.item_id))
    alone = town.console.accept_preview(town.approver, [change.id])
    ((row, reasons),) = alone.cannot
    assert row.id == change.id
    assert reasons == (f"It waits for commitment {base.number}, which waits for a decision. Accept that first.",)
    page = town.console.review(change.id, None, town.approver)
    assert reasons[0] in page.offers[0].reasons
    with pytest.raises(Refused, match=f"waits for commitment {base.number}"):
        changes.accept(change)
    together = town.console.accept_preview(town.approver, [change.id, base.id])
    assert together.order == (base.id, change.id)
    assert town.desk.erp.accept_many(town.approver, together.picks[::-1], press()).done == (base.id, change.id)
    with town.store.reading() as session:
        states = select(Submission.id).join(Outbox).order_by(Outbox.accepted_at)
        assert list(session.scalars(states)) == [base.id, change.id]


@pytest.mark.parametrize(
    ("end", "words"), [("sage_reject", "which failed to export"), ("doubt", "not certain whether Sage has it")]
)
def test_what_depends_on_one_that_failed_waits(mixed: tuple[Items, Items], end: str, words: str) -> None:
    commitments, changes = mixed
    base = commitments.sent()
    commitments.accept(base)
    commitments.reach(base.id, end)
    change = changes.send(changes.change(base.item_id))
    pick = Pick(change.id, change.sage_id, "")
    result = commitments.town.desk.erp.accept_many(commitments.town.approver, [pick], press())
    assert words in result.not_done[0].reasons[0]


def test_when_the_first_is_refused_what_needs_it_is_not_done(mixed: tuple[Items, Items]) -> None:
    commitments, changes = mixed
    town = commitments.town
    base = commitments.sent()
    change = changes.send(changes.change(base.item_id))
    good = town.console.accept_preview(town.approver, [base.id, change.id]).picks
    spoiled = [replace(good[0], sha256="0" * 64), good[1]]
    result = town.desk.erp.accept_many(town.approver, spoiled, press())
    assert result.done == ()
    assert [each.id for each in result.not_done] == [base.id, change.id]
    assert f"waits for commitment {base.number}" in result.not_done[1].reasons[0]


def test_two_items_of_one_selection_do_not_take_the_same_id(town: Town) -> None:
    items = Items(town, KIND)
    first = items.sent(number="SC-9")
    second = items.sent(number="SC-8")
    asked = [replace(items.pick(first), sage_id="SC-9"), Pick(second.id, "SC-9", "")]
    shown = town.console.review(second.id, "SC-9", town.approver).sha256
    asked[1] = replace(asked[1], sha256=shown)
    result = town.desk.erp.accept_many(town.approver, asked, press())
    assert result.done == (first.id,)
    assert "already goes to Sage as SC-9" in result.not_done[0].reasons[0]


class Crash(BaseException):
    """The program ends here."""


@pytest.mark.parametrize(("after", "together", "left"), [(0, 1, 0), (1, 1, 1), (2, 1, 2), (1, 2, 0), (2, 2, 2)])
def test_a_crash_in_the_middle_leaves_whole_items_and_the_same_press_does_the_rest(
    items_anywhere: Items, after: int, together: int, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items that share a transaction are there together or not at all."""
    items = items_anywhere
    town = items.town
    monkeypatch.setattr(erp_bulk, "TOGETHER", together)
    rows = [items.sent() for _ in range(3)]
    asked, once = picks(town, [row.id for row in rows]), press()
    real, done = ErpActs._accept, 0

    def dies(self: ErpActs, *args: Any, **kwargs: Any) -> Any:
        nonlocal done
        if done == after:
            raise Crash
        done += 1
        return real(self, *args, **kwargs)

    monkeypatch.setattr(ErpActs, "_accept", dies)
    with pytest.raises(Crash):
        town.desk.erp.accept_many(town.approver, asked, once)
    monkeypatch.undo()
    assert len(items.queue(View.EXPORTING)) == left
    with town.store.reading() as session:
        exporting = Submission.kind == items.kind, Outbox.state.in_(EXPORTING)
        assert session.scalar(select(func.count(Outbox.id)).join(Submission).where(*exporting)) == left
    result = town.desk.erp.accept_many(town.approver, asked, once)
    assert set(result.done) == {row.id for row in rows} and result.not_done == ()
    with town.store.reading() as session:
        entries = select(func.count()).where(AuditEntry.act == "accept", AuditEntry.kind == items.kind)
        assert session.scalar(entries) == 3


def test_rights_are_read_at_the_moment_of_the_act(items: Items) -> None:
    town = items.town
    rows = [items.sent(), items.sent()]
    asked = picks(town, [row.id for row in rows])
    with town.store.writing() as session:
        session.get_one(Person, town.approver).can_push = False
    result = town.desk.erp.accept_many(town.approver, asked, press())
    assert result.done == ()
    assert all("Can push to accounting" in each.reasons[0] for each in result.not_done)
    assert len(items.queue(View.READY_TO_EXPORT)) == 2


def test_the_exporter_takes_a_bulk_in_its_order(mixed: tuple[Items, Items]) -> None:
    commitments, _ = mixed
    town = commitments.town
    rows = [commitments.sent() for _ in range(4)]
    asked = list(picks(town, [row.id for row in rows]))
    random.Random(1).shuffle(asked)
    result = town.desk.erp.accept_many(town.approver, asked, press())
    exports = ExportStore(town.store.sessions, town.settings.company, "a test")
    assert tuple(each.submission_id for each in exports.items(EXPORTING)) == result.done


@pytest.fixture
def many(town: Town) -> Iterator[tuple[Items, Items]]:
    with joined():
        with_table(town)
        yield Items(town, KIND), Items(town, NAME)


@given(data=st.data())
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_mix_is_answered_whole_and_no_state_is_skipped(many: tuple[Items, Items], data: st.DataObject) -> None:
    commitments, changes = many
    town = commitments.town
    places = st.sampled_from((View.READY_TO_EXPORT, View.FAILED_TO_EXPORT, View.EXPORTING, View.SYNCED))
    rows: list[QueueRow] = []
    for view in data.draw(st.lists(places, min_size=1, max_size=3)):
        rows.append(commitments.at(view))
        if data.draw(st.booleans()):
            rows.append(changes.send(changes.change(rows[-1].item_id)))
    ids = data.draw(st.lists(st.sampled_from([*(row.id for row in rows), "gone"]), min_size=1, max_size=6))
    before = states(town, rows)
    actor = data.draw(st.sampled_from((town.approver, town.both, town.viewer)))
    if data.draw(st.booleans()):
        shown = town.console.accept_preview(actor, ids)
        assert {pick.submission_id for pick in shown.picks} | {row.id for row, _ in shown.cannot} == set(ids) - {"gone"}
        seen = {pick.submission_id: pick for pick in shown.picks}
        result = town.desk.erp.accept_many(actor, [seen.get(each, Pick(each, "", "")) for each in ids], press())
        assert set(result.done) == set(seen)
    else:
        shown = town.console.reject_preview(actor, ids)
        result = town.desk.erp.reject_many(actor, ids, "No.", press())
        assert set(result.done) == {pick.submission_id for pick in shown.picks}
    left = [each.id for each in result.not_done]
    assert set(result.done) | set(left) == set(ids)
    assert not set(result.done) & set(left) and len(left) == len(set(left))
    assert all(each.reasons for each in result.not_done)
    after = states(town, rows)
    for row in rows:
        if row.id in result.done:
            assert after[row.id] in GOES_ON[before[row.id]]
        else:
            assert after[row.id] is before[row.id]


def states(town: Town, rows: list[QueueRow]) -> dict[str, ErpState]:
    return {row.id: town.console.review(row.id, None, town.approver).row.state for row in rows}


def test_only_kinds_that_joined_are_there() -> None:
    assert set(KINDS) == {KIND}
