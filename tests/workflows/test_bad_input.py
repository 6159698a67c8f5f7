"""What no form lets through is refused with a sentence all the same, and a press is answered for itself only."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from erpdesk.core.errors import ForPeople, Refused
from erpdesk.core.lists import ListAsk
from erpdesk.workflows.console_rows import Pick, View
from erpdesk.workflows.people_rows import PersonDraft
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


NUL, HALF = "a\0b", "half \ud800 a letter"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "x" * 256}, "The title has 256 characters; at most 255 can be kept"),
        ({"number": "x" * 61}, "The number has 61 characters; at most 60"),
        ({"description": "x" * 10_001}, "The description has 10,001 characters; at most 10,000"),
        ({"title": NUL}, "The title holds a character that can not be kept"),
        ({"number": NUL}, "The number holds a character"),
        ({"description": NUL}, "The description holds a character"),
    ],
)
def test_what_does_not_fit_into_a_commitment_is_refused(any_town: Town, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        any_town.desk.commitments.save(any_town.manager, any_town.draft(**changes))
    assert any_town.desk.queries.commitments() == ()


@pytest.mark.parametrize("name", ["unit", "description", "extra", "cost_code", "category"])
@pytest.mark.parametrize("typed", [NUL, HALF, "x" * 256])
def test_what_does_not_fit_into_a_line_is_refused(any_town: Town, name: str, typed: str) -> None:
    draft = any_town.draft()
    good = replace(draft.lines[0], quantity=Decimal(2), unit_cost=Decimal(3), unit="each")
    changed: dict[str, Any] = {name: typed}
    bad = replace(good, **changed)
    with pytest.raises(Refused, match=f"Line 2: the {name.replace('_', ' ')}"):
        any_town.desk.commitments.save(any_town.manager, replace(draft, method="unit", lines=(good, bad)))
    assert any_town.desk.queries.commitments() == ()


def test_the_longest_texts_are_kept_whole(any_town: Town) -> None:
    draft = any_town.draft(number="ä" * 60, title=" " + "€" * 255 + " ", description="x" * 10_000)
    line = replace(draft.lines[0], description="ß" * 255, unit="u" * 20, quantity=Decimal(1), unit_cost=Decimal(1))
    made, _ = any_town.desk.commitments.save(any_town.manager, replace(draft, method="unit", lines=(line,)))
    held = any_town.desk.queries.commitment(made, any_town.manager)
    assert (held.row.number, held.row.title) == ("ä" * 60, "€" * 255)
    assert held.lines[0].unit == "u" * 20


@pytest.mark.parametrize("typed", [NUL, HALF, "x" * 10_001])
def test_comments_and_reasons_that_can_not_be_kept_are_refused(any_town: Town, typed: str) -> None:
    town, desk = any_town, any_town.desk
    made, submission = town.sent()
    attached, _ = desk.attachments.add_bytes(town.manager, "commitment", made, "a.txt", b"a")
    seen = town.console.review(submission, None, town.approver)
    pick = Pick(submission, seen.row.sage_id, seen.sha256)
    for act in (
        lambda: desk.erp.reject(town.approver, submission, typed, press()),
        lambda: desk.erp.reject_many(town.approver, [submission], typed, press()),
        lambda: desk.erp.accept(town.approver, submission, seen.row.sage_id, seen.sha256, press(), typed),
        lambda: desk.people.set_active(town.both, town.viewer, False, typed),
        lambda: desk.people.request_push(town.both, town.viewer, typed, press()),
        lambda: desk.people.withdraw_push(town.both, town.approver, typed, press()),
        lambda: desk.attachments.remove(town.manager, attached, typed),
        lambda: desk.settings.change(town.both, "stale_hours", 7, typed),
    ):
        with pytest.raises(Refused, match=r"The (comment|reason) (holds a character|has 10,001 characters)"):
            act()
    result = desk.erp.accept_many(town.approver, [pick], press(), typed)
    assert result.done == () and "The reason" in result.not_done[0].reasons[0]
    assert [each.id for each in town.queue(View.READY_TO_EXPORT)] == [submission]


@pytest.mark.parametrize("typed", [NUL, HALF, "x" * 61])
def test_a_sage_id_that_can_not_be_kept_is_refused(any_town: Town, typed: str) -> None:
    _, submission = any_town.sent()
    with pytest.raises(Refused, match="The Sage ID"):
        any_town.desk.erp.accept(any_town.approver, submission, typed, "0", press())
    if len(typed) < 60:
        with pytest.raises(Refused, match="The Sage ID"):
            any_town.console.review(submission, typed, any_town.approver)
    assert [each.id for each in any_town.queue(View.READY_TO_EXPORT)] == [submission]


@pytest.mark.parametrize("typed", [NUL, HALF, "x" * 81])
def test_a_person_who_can_not_be_kept_is_refused(any_town: Town, typed: str) -> None:
    known = next(each for each in any_town.desk.people.everybody(any_town.both) if each.id == any_town.viewer)
    fields = {each.name for each in dataclass_fields(PersonDraft)}
    draft = PersonDraft(**{name: getattr(known, name) for name in fields})
    for name in ("name", "title", "email", "windows_account"):
        changed: dict[str, Any] = {name: typed * 3}
        with pytest.raises(Refused):
            any_town.desk.people.save(any_town.both, replace(draft, **changed))


@pytest.mark.parametrize("typed", ["zzq\0qzz", HALF, "\ud800", "\0", "x" * 10_001])
def test_looking_for_what_no_record_can_hold_finds_nothing(any_town: Town, typed: str) -> None:
    made, _ = any_town.sent(title="Half a letter")
    assert any_town.desk.finder.find(any_town.manager, typed) == ()
    assert list(any_town.desk.trail.source(any_town.approver).spine(ListAsk((typed,))).ids) == []
    assert [each.ref for each in any_town.desk.finder.find(any_town.manager, "Half a letter")] == [made]


def test_a_form_that_is_kept_holds_any_text_that_a_database_can(any_town: Town) -> None:
    kept = {"title": "x" * 20_000, "number": NUL}
    any_town.desk.drafts.keep(any_town.manager, "commitment", "", 0, kept)
    found = any_town.desk.drafts.found(any_town.manager, "commitment", "")
    assert found is not None and found.body == kept
    with pytest.raises(Refused, match="What is in the form"):
        any_town.desk.drafts.keep(any_town.manager, "commitment", "", 0, {"title": HALF})
