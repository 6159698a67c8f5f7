"""What no form lets through is refused with a sentence all the same, and a press is answered for itself only."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from erpdesk.core.errors import ForPeople, Refused
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import ErpState
from tests.town import Town, press

NUMBERS = [Decimal(word) for word in ("NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1e27", "9999999999999.9999")]


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_without_end_are_refused(town: Town, number: Decimal) -> None:
    """P13."""
    draft = town.draft()
    line = draft.lines[0]
    unit = replace(line, quantity=number, unit_cost=Decimal("2.5"), unit="ea")
    for bad in (
        replace(draft, retainage_percent=number),
        replace(draft, lines=(replace(line, amount=number),)),
        replace(draft, method="unit", lines=(unit,)),
    ):
        with pytest.raises(ForPeople):
            town.desk.commitments.save(town.manager, bad)
    assert town.desk.queries.commitments() == ()


def test_a_line_holds_nine_digits(town: Town) -> None:
    line = town.draft().lines[0]
    with pytest.raises(Refused, match="is over 999,999,999"):
        town.desk.commitments.save(town.manager, town.draft(lines=(replace(line, amount=Decimal("1000000000")),)))


@pytest.mark.parametrize("changes", [{"title": "Steel \ud800"}, {"type": "Lease"}, {"method": "gift"}])
def test_words_that_can_not_be_kept_are_refused(town: Town, changes: dict[str, object]) -> None:
    with pytest.raises(ForPeople):
        town.desk.commitments.save(town.manager, town.draft(**changes))


def test_a_comment_that_can_not_be_kept_is_refused(town: Town) -> None:
    _, submission = town.sent()
    with pytest.raises(ForPeople, match="The comment"):
        town.desk.erp.reject(town.approver, submission, "why \ud800", press())


def test_a_press_is_not_answered_for_another_act_or_person(town: Town) -> None:
    _, one = town.sent()
    other, two = town.sent()
    used = press()
    town.desk.erp.reject(town.approver, one, "no", used)
    seen = town.console.review(two, None, town.approver)
    with pytest.raises(Refused, match="already used for something else"):
        town.desk.erp.accept(town.approver, two, seen.row.sage_id, seen.sha256, used)
    with pytest.raises(Refused, match="already used for something else"):
        town.desk.erp.reject(town.viewer, one, "no", used)
    assert town.desk.queries.commitment(other, town.manager).row.erp_state is ErpState.SENT


def test_what_was_accepted_once_is_not_deleted(town: Town) -> None:
    """C7."""
    made, submission = town.accepted()
    town.fail(submission)
    town.desk.erp.reject(town.approver, submission, "", press())
    version = town.desk.queries.commitment(made, town.manager).version
    town.desk.commitments.set_status(town.manager, made, "Draft", version)
    with pytest.raises(Refused, match="accepted for export once"):
        town.desk.commitments.delete(town.manager, made)


def test_what_failed_is_rejected_corrected_and_sent_again(town: Town) -> None:
    """J5."""
    made, submission = town.accepted(number="SC-1")
    town.fail(submission)
    detail = town.desk.queries.commitment(made, town.manager)
    assert detail.row.erp_state is ErpState.FAILED
    assert detail.message == "Sage rejected it: not today."
    assert [offer.verb for offer in detail.offers if offer.allowed] == []
    review = town.console.review(submission, None, town.approver)
    assert [offer.verb for offer in review.offers if offer.allowed] == ["reject"]
    town.desk.erp.reject(town.approver, submission, "", press())
    assert town.desk.erp.send(town.manager, [made], press()).done == (made,)
    again = town.queue(View.READY_TO_EXPORT)[0]
    town.accept(again.id, "SC-1")
    assert len(town.queue(View.EXPORTING)) == 1
