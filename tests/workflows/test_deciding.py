"""Deciding on what was sent, on both databases: accept, reject, rights, and races (J2, J4, J6, P4, P5, P14)."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from sqlalchemy import select

from erpdesk.core.errors import ChangedMeanwhile, ForPeople, NotAllowed, Refused
from erpdesk.models.erp import ExportState, Outbox, Submission
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import ErpState, LineDraft
from tests.town import Town, press


def test_a_rejected_commitment_is_editable_and_can_be_sent_again(any_town: Town) -> None:
    """J6, C10."""
    town = any_town
    made, submission = town.sent()
    town.desk.erp.reject(town.approver, submission, "Split the steel.", press())
    detail = town.desk.queries.commitment(made, town.manager)
    assert detail.row.erp_state is ErpState.REJECTED
    assert detail.message == "Split the steel."
    assert [offer.verb for offer in detail.offers if offer.allowed] == ["resend"]
    assert town.desk.erp.send(town.manager, [made], press()).done == (made,)
    (row,) = town.queue(View.READY_TO_EXPORT)
    assert row.id != submission
    with pytest.raises(ChangedMeanwhile, match="sent again"):
        town.accept(submission)


def test_accept_writes_the_intent_and_wakes_the_worker(any_town: Town) -> None:
    """P4, P5, C6."""
    town = any_town
    made, submission = town.sent(number="SC-41")
    review = town.console.review(submission, None, town.approver)
    assert review.row.sage_id == "SC-41"
    assert review.offers[0].allowed, review.offers
    town.desk.erp.accept(
        town.approver, submission, "SC-42", town.console.review(submission, "SC-42", town.approver).sha256, press()
    )
    with town.store.reading() as session:
        outbox = session.scalars(select(Outbox)).one()
        assert (outbox.state, outbox.natural_key) == (ExportState.INTENT, "SC-42")
        assert session.get_one(Submission, submission).decided_by == town.approver
    assert town.bell.rings == 1
    assert town.desk.queries.commitment(made, town.manager).row.erp_state is ErpState.EXPORTING
    assert len(town.queue(View.EXPORTING)) == 1


def test_accept_refuses_what_was_not_shown(town: Town) -> None:
    """P5."""
    _, submission = town.sent()
    with pytest.raises(Refused, match="no longer what you were shown"):
        town.desk.erp.accept(town.approver, submission, "SC-OTHER", "0" * 64, press())


def test_accept_refuses_a_taken_id_a_wrong_format_and_a_second_use(town: Town) -> None:
    """J4."""
    taken = next(iter(sorted(_ids(town))))
    _, one = town.sent()
    _, two = town.sent()
    for wrong, words in (
        (taken, "already has a commitment"),
        ("", "Type the Sage commitment ID"),
        ("S" * 13, "13 characters"),
        ("sc-1", "in capitals"),
    ):
        with pytest.raises(Refused, match=words):
            town.accept(one, wrong) if wrong else town.desk.erp.accept(town.approver, one, "", "", press())
    town.accept(one, "SC-1")
    with pytest.raises(Refused, match="already goes to Sage"):
        town.accept(two, "SC-1")


def _ids(town: Town) -> list[str]:
    with town.sage.connect() as door:
        return [row[0].strip() for row in door.execute("SELECT Commitment FROM JCM_MASTER__COMMITMENT")]


def test_nobody_accepts_what_they_sent(any_town: Town) -> None:
    """P4."""
    town = any_town
    made = town.approved()
    town.desk.erp.send(town.both, [made], press())
    (row,) = town.queue(View.READY_TO_EXPORT)
    seen = town.console.review(row.id, None, town.both)
    assert "sent this item yourself" in seen.offers[0].reasons[0]
    with pytest.raises(Refused, match="sent this item yourself"):
        town.desk.erp.accept(town.both, row.id, row.sage_id, seen.sha256, press())


def test_rights_are_checked_at_the_act(any_town: Town) -> None:
    """J2."""
    town = any_town
    made, submission = town.sent()
    for act in (
        lambda: town.desk.erp.reject(town.viewer, submission, "", press()),
        lambda: town.desk.commitments.save(town.approver, town.draft()),
        lambda: town.desk.commitments.set_status(town.viewer, made, "Void", 2),
        lambda: town.desk.erp.reject("nobody", submission, "", press()),
    ):
        with pytest.raises(Refused):
            act()
    assert town.desk.erp.retrieve(town.viewer, [made], press()).not_done[0].reasons[0].startswith("This needs Admin")
    with pytest.raises(NotAllowed):
        town.desk.erp.send("nobody", [made], press())


def test_pressing_twice_acts_once(any_town: Town) -> None:
    town = any_town
    made = town.approved()
    once = press()
    first = town.desk.erp.send(town.manager, [made], once)
    assert town.desk.erp.send(town.manager, [made], once) == first
    (row,) = town.queue(View.READY_TO_EXPORT)
    seen = town.console.review(row.id, None, town.approver)
    twice = press()
    changes = town.desk.erp.accept(town.approver, row.id, row.sage_id, seen.sha256, twice)
    assert town.desk.erp.accept(town.approver, row.id, row.sage_id, seen.sha256, twice) == changes
    with town.store.reading() as session:
        assert len(session.scalars(select(Outbox)).all()) == 1


def test_of_accept_reject_and_retrieve_exactly_one_wins(any_town: Town) -> None:
    """P14."""
    town = any_town
    made, submission = town.sent()
    seen = town.console.review(submission, None, town.approver)
    outcomes: list[str] = []
    gate = threading.Barrier(3)

    def compete(name: str) -> None:
        gate.wait()
        try:
            if name == "accept":
                town.desk.erp.accept(town.approver, submission, seen.row.sage_id, seen.sha256, press())
            elif name == "reject":
                town.desk.erp.reject(town.both, submission, "", press())
            elif not town.desk.erp.retrieve(town.manager, [made], press()).done:
                return
        except ForPeople:
            return
        outcomes.append(name)

    threads = [threading.Thread(target=compete, args=(name,)) for name in ("accept", "reject", "retrieve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 1


def test_bulk_says_what_was_not_done(any_town: Town) -> None:
    town = any_town
    good, bad = town.approved(), town.approved(title="")
    result = town.desk.erp.send(town.manager, [good, bad, "gone"], press())
    assert result.done == (good,)
    assert {each.id for each in result.not_done} == {bad, "gone"}


def test_the_review_shows_the_effect_on_committed_cost(town: Town) -> None:
    code = town.codes()[0]
    lines = tuple(LineDraft("", code.cost_code, "S", "Part", amount=Decimal(part)) for part in ("100.10", "200.20"))
    _, submission = town.sent(lines=lines)
    review = town.console.review(submission, None, town.approver)
    (row,) = review.impact
    assert (row.budget, row.committed) == (code.budget, code.committed)
    assert row.this == Decimal("300.30")
    assert row.left == code.budget - code.committed - Decimal("300.30")
    assert review.file_lines[0].startswith('"C"')
    assert len(review.file_lines) == 3


def test_a_wrong_format_says_how_it_looks_right(town: Town) -> None:
    """J4."""
    town.change_settings(commitment_id_mask="AA-9999-999")
    _, submission = town.sent(number="SC-0014-900")
    with pytest.raises(Refused, match="Type it like AA-1111-111"):
        town.accept(submission, "STEEL-1")
    town.accept(submission)
