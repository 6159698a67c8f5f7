"""Undo and redo of one's own acts: exact, named, refused with a reason once somebody built upon them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from erpdesk.core.changes import Changes
from erpdesk.core.clock import Clock
from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.core.steps import Offer
from erpdesk.models.audit import AuditEntry
from erpdesk.models.people import Person, Right
from erpdesk.workflows import audit
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.operation import operation
from erpdesk.workflows.rows import CommitmentDetail, ErpState, LineDraft
from erpdesk.workflows.undo import NOTHING, UndoActs
from tests.town import Town, press


def undo_of(town: Town) -> UndoActs:
    return UndoActs(town.desk.office)


def offers(town: Town, actor: str | None = None) -> tuple[Offer, Offer]:
    return undo_of(town).offers(actor or town.manager)


def undo(town: Town, actor: str | None = None) -> Changes:
    return undo_of(town).undo(actor or town.manager, press())


def redo(town: Town) -> Changes:
    return undo_of(town).redo(town.manager, press())


def seen(town: Town, commitment: str) -> CommitmentDetail:
    return town.desk.queries.commitment(commitment, town.manager)


def content(detail: CommitmentDetail) -> tuple[object, ...]:
    """What a person typed of it; not its version, not what may be done with it."""
    return (detail.row, detail.company_id, detail.description, detail.method, detail.lines)


def unit_order(town: Town) -> str:
    code, other = town.codes("M")[:2]
    made, _ = town.desk.commitments.save(
        town.manager,
        town.draft(
            type="Purchase order",
            number="PO-77",
            method="unit",
            date=date(2026, 11, 3),
            retainage_percent=Decimal("7.1250"),
            description="Doors,\nframes – and “hardware”",
            lines=(
                LineDraft("", code.cost_code, "M", "Doors", Decimal("3.3333"), "each", Decimal("0.8355")),
                LineDraft("", other.cost_code, "M", "Freight", amount=Decimal("-50.05"), unit="ls"),
            ),
        ),
    )
    return made


def retitled(town: Town, commitment: str, title: str, actor: str | None = None) -> None:
    detail = seen(town, commitment)
    lines = tuple(
        LineDraft(
            extra=each.extra,
            cost_code=each.cost_code,
            category=each.category,
            description=each.description,
            quantity=each.quantity,
            unit=each.unit,
            unit_cost=each.unit_cost,
            amount=each.amount,
            id=each.id,
        )
        for each in detail.lines
    )
    draft = town.draft(
        type=detail.row.type,
        number=detail.row.number,
        title=title,
        method=detail.method,
        lines=lines,
        id=commitment,
        version=detail.version,
        date=detail.row.date,
        retainage_percent=detail.row.retainage_percent,
        description=detail.description,
        company_id=detail.company_id,
    )
    town.desk.commitments.save(actor or town.manager, draft)


def test_a_deleted_commitment_comes_back_exactly(town: Town) -> None:
    made = unit_order(town)
    before = seen(town, made)
    town.desk.commitments.delete(town.manager, made)
    assert offers(town)[0].title == "Undo delete of PO-77"
    changes = undo(town)
    assert ("commitment", made) in changes.touched
    after = seen(town, made)
    assert content(after) == content(before)
    assert [line.id for line in after.lines] == [line.id for line in before.lines]
    assert after.lines[0].quantity == Decimal("3.3333") and after.lines[0].unit_cost == Decimal("0.8355")
    assert after.version > before.version, "a page that is still open must not save over it"
    assert offers(town)[1].title == "Redo delete of PO-77"
    redo(town)
    with pytest.raises(ChangedMeanwhile):
        seen(town, made)
    undo(town)
    assert content(seen(town, made)) == content(before)


def test_an_edit_is_taken_back_and_done_again(town: Town) -> None:
    made = unit_order(town)
    before = seen(town, made)
    town.desk.commitments.save(
        town.manager,
        town.draft(
            type="Purchase order",
            number="PO-78",
            title="Other",
            method="unit",
            lines=(),
            id=made,
            version=before.version,
            company_id="",
        ),
    )
    edited = seen(town, made)
    assert offers(town)[0].title == "Undo edit of PO-78"
    undo(town)
    assert content(seen(town, made)) == content(before)
    assert offers(town)[1].title == "Redo edit of PO-77"
    redo(town)
    assert content(seen(town, made)) == content(edited)
    undo(town)
    undo(town)
    with pytest.raises(ChangedMeanwhile):
        seen(town, made)
    assert offers(town)[0].reasons == (NOTHING,)
    assert [offers(town)[1].title, redo(town) and offers(town)[1].title] == [
        "Redo creation of PO-77",
        "Redo edit of PO-77",
    ]
    redo(town)
    assert content(seen(town, made)) == content(edited)


def test_a_status_and_a_send_are_taken_back_and_done_again(town: Town) -> None:
    made, submission = town.sent(number="SC-14")
    assert offers(town)[0].title == "Undo send of SC-14"
    undo(town)
    assert seen(town, made).row.erp_state is ErpState.RETRIEVED
    assert offers(town)[0].title == "Undo approve SC-14"
    undo(town)
    assert seen(town, made).row.status == "Draft"
    assert [offers(town)[1].title] == ["Redo approve SC-14"]
    redo(town)
    redo(town)
    detail = seen(town, made)
    assert (detail.row.status, detail.row.erp_state) == ("Approved", ErpState.SENT)
    assert [each.id for each in town.queue(View.READY_TO_EXPORT)] != [submission]
    undo(town)
    assert seen(town, made).row.erp_state is ErpState.RETRIEVED


def test_what_was_accepted_is_never_taken_back(town: Town) -> None:
    made, _ = town.accepted(number="SC-15")
    offer = offers(town)[0]
    assert not offer.allowed
    assert "It was accepted at" in offer.reasons[0] and "can not be taken back here" in offer.reasons[0]
    with pytest.raises(Refused, match="It was accepted at"):
        undo(town)
    rows = undo_of(town).acts(town.manager)
    assert [row.title for row in rows] == ["Undo send of SC-15", "Undo approve SC-15", "Undo creation of SC-15"]
    assert all("accepted" in row.reasons[0] for row in rows)
    for row in rows:
        with pytest.raises(Refused, match="accepted"):
            undo_of(town).undo(town.manager, press(), row.id)
    assert seen(town, made).row.erp_state is ErpState.EXPORTING


def test_a_rejected_item_and_an_older_act_beside_it(town: Town) -> None:
    other = unit_order(town)
    _, submission = town.sent(number="SC-16")
    town.desk.erp.reject(town.approver, submission, "No.", press())
    assert "Accounting rejected it at" in offers(town)[0].reasons[0]
    row = next(each for each in undo_of(town).acts(town.manager) if each.title == "Undo creation of PO-77")
    assert row.reasons == ()
    undo_of(town).undo(town.manager, press(), row.id)
    with pytest.raises(ChangedMeanwhile):
        seen(town, other)


def test_somebody_else_built_upon_it(town: Town) -> None:
    made = unit_order(town)
    retitled(town, made, "Mine")
    retitled(town, made, "Theirs", town.both)
    name = next(name for name, each in town.people.items() if each == town.both)
    assert offers(town)[0].reasons == (f"{name} changed it since.",)
    with pytest.raises(Refused, match="changed it since"):
        undo(town)
    assert seen(town, made).row.title == "Theirs"
    undo(town, town.both)
    assert seen(town, made).row.title == "Mine"
    assert offers(town)[0].allowed, "what stood between was taken back"


def test_each_person_takes_back_only_their_own(town: Town) -> None:
    unit_order(town)
    assert offers(town, town.both)[0].reasons == (NOTHING,)
    with pytest.raises(Refused, match="nothing today"):
        undo(town, town.both)


def test_taking_back_is_an_act_that_names_its_entry(town: Town) -> None:
    made = unit_order(town)
    retitled(town, made, "Later")
    undo(town)
    redo(town)
    with town.store.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.ref == made).order_by(AuditEntry.seq)).all()
        assert [entry.act for entry in entries] == ["create", "edit", "undo", "redo"]
        edit, back, again = entries[1:]
        assert json.loads(back.body)["undoes"] == edit.seq and json.loads(again.body)["redoes"] == back.seq
        assert json.loads(back.before)["title"] == "Later" == json.loads(again.after)["title"]
        assert all(audit.entry_hash(entry) == entry.hash for entry in entries)


def test_several_sent_at_once_are_taken_back_at_once(town: Town) -> None:
    made = [town.approved(number=f"SC-2{place}") for place in range(3)]
    town.desk.erp.send(town.manager, made, press())
    assert offers(town)[0].title == "Undo send of 3 commitments"
    ready = town.queue(View.READY_TO_EXPORT)
    submission = next(each.id for each in ready if each.item_id == made[0])
    town.accept(submission)
    assert offers(town)[0].allowed, "two of them can still be taken back"
    undo(town)
    states = [seen(town, each).row.erp_state for each in made]
    assert states == [ErpState.EXPORTING, ErpState.RETRIEVED, ErpState.RETRIEVED]
    assert offers(town)[0].title == "Undo send of SC-20" and not offers(town)[0].allowed
    assert offers(town)[1].title == "Redo send of 2 commitments"


def test_the_same_press_takes_back_once(town: Town) -> None:
    made = unit_order(town)
    retitled(town, made, "Later")
    acts, id_ = undo_of(town), press()
    first = acts.undo(town.manager, id_)
    assert acts.undo(town.manager, id_).touched == first.touched
    assert offers(town)[0].title == "Undo creation of PO-77"


def test_another_act_than_the_one_shown_is_not_taken_back(town: Town) -> None:
    made = unit_order(town)
    shown = int(offers(town)[0].verb.removeprefix("undo:"))
    undo(town)
    unit_order(town)
    with pytest.raises(ChangedMeanwhile, match="Something else was done"):
        undo_of(town).undo(town.manager, press(), shown)
    with pytest.raises(ChangedMeanwhile):
        seen(town, made)


def test_rights_are_looked_at_anew(town: Town) -> None:
    made = unit_order(town)
    with town.store.writing() as session:
        person = session.get_one(Person, town.manager)
        for right in person.rights:
            right.right = Right.READ_ONLY
    with pytest.raises(NotAllowed):
        undo(town)
    assert seen(town, made).row.number == "PO-77"


def test_a_number_given_away_is_said(town: Town) -> None:
    made = unit_order(town)
    town.desk.commitments.delete(town.manager, made)
    town.desk.commitments.save(town.both, town.draft(number="PO-77"))
    with pytest.raises(Refused, match="PO-77 is used by another"):
        undo(town)


def test_an_entry_of_an_older_erpdesk_is_not_offered(town: Town) -> None:
    made = unit_order(town)
    with operation(town.desk.office, town.manager) as running:
        running.record("edit", "commitment", made, before={"title": "Old"}, after={"title": "New"})
    assert "older erpdesk" in offers(town)[0].reasons[0]
    with pytest.raises(Refused, match="older erpdesk"):
        undo(town)


def test_yesterday_is_over(town: Town) -> None:
    unit_order(town)
    tomorrow = town.desk.office.clock.now().timestamp() + 86_400 * 1.5
    later = replace(town.desk.office, clock=Clock(lambda: datetime.fromtimestamp(tomorrow, UTC)))
    assert UndoActs(later).offers(town.manager)[0].reasons == (NOTHING,)


def test_retrieving_by_the_button_leaves_no_send_to_take_back(town: Town) -> None:
    made, _ = town.sent(number="SC-30")
    town.desk.erp.retrieve(town.manager, [made], press())
    assert offers(town)[0].title == "Undo approve SC-30" and offers(town)[0].allowed
    undo(town)
    assert seen(town, made).row.status == "Draft"
