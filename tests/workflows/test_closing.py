"""Closing a doubt by hand: who may, in which states, once, by two people, and never against what Sage shows."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from erpdesk.core.errors import ChangedMeanwhile, ForPeople, NotAllowed, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.models.erp import Closing, ClosingState, Evidence, ExportState, Outbox, Saw, Source
from erpdesk.models.office import Mail
from erpdesk.models.people import Person, Right
from erpdesk.workflows import doubts
from erpdesk.workflows.by_hand import OF_SAW
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.doubt_rows import SAW_WORDS, DoubtPage, Statement
from erpdesk.workflows.doubts import CLOSING_STEPS
from erpdesk.workflows.rows import ErpState
from tests.town import Town, press
from tests.workflows.doubtful import closings, doubt, export_of, in_state, newcomer, stands

NOTE = "Job Cost > Inquiry > Commitments: it is not in the list."


def page(town: Town, submission: str, actor: str | None = None) -> DoubtPage:
    shown = town.desk.doubts.of(submission, actor or town.approver)
    assert shown is not None
    return shown


def waiting(town: Town, submission: str, actor: str | None = None) -> Statement:
    found = page(town, submission, actor).waiting
    assert found is not None
    return found


def stated(town: Town, submission: str, saw: Saw = Saw.ABSENT, by: str | None = None) -> str:
    town.desk.closing.state_seen(by or town.approver, submission, saw, NOTE, press())
    return waiting(town, submission).id


def entries(town: Town, item: str, act: str) -> list[AuditEntry]:
    with town.store.reading() as session:
        asked = select(AuditEntry).where(AuditEntry.ref == item, AuditEntry.act == act).order_by(AuditEntry.seq)
        return list(session.scalars(asked))


@pytest.mark.parametrize(
    ("saw", "export", "state"),
    [
        (Saw.IN_SAGE, ExportState.CLOSED_IN_SAGE, ErpState.CLOSED),
        (Saw.ABSENT, ExportState.CLOSED_ABSENT, ErpState.FAILED),
    ],
)
def test_two_people_close_a_doubt(any_town: Town, saw: Saw, export: ExportState, state: ErpState) -> None:
    made, submission = doubt(any_town)
    before = export_of(any_town, submission)
    closing = stated(any_town, submission, saw)
    assert export_of(any_town, submission).state is ExportState.IN_DOUBT, "one person closes nothing"
    rings = any_town.bell.rings
    any_town.desk.closing.confirm(any_town.both, closing, press())
    after = export_of(any_town, submission)
    assert (after.state, after.row_version > before.row_version) == (export, True)
    assert "Morgan" in after.message and after.natural_key in after.message
    assert any_town.bell.rings == rings + 1
    row = any_town.desk.queries.commitment(made, any_town.manager).row
    assert row.erp_state is state
    (kept,) = closings(any_town)
    assert (kept.state, kept.stated_by, kept.answered_by) == (
        ClosingState.CONFIRMED,
        any_town.approver,
        any_town.both,
    )
    (entry,) = entries(any_town, made, OF_SAW[saw].verb)
    evidence = json.loads(entry.evidence)
    assert entry.who == any_town.both and entry.reason == NOTE
    assert (json.loads(entry.before), json.loads(entry.after)) == ({"export": "IN_DOUBT"}, {"export": export.value})
    assert (evidence["stated_by"], evidence["answered_by"]) == (any_town.approver, any_town.both)
    with any_town.store.reading() as session:
        seen = list(session.scalars(select(Evidence).where(Evidence.source == Source.PERSON)))
    assert len(seen) == 2 and {each.id for each in seen} <= set(evidence["seen"]) and len(evidence["seen"]) == 7


def test_not_in_sage_leads_back_to_the_sender(town: Town) -> None:
    made, submission = doubt(town)
    town.desk.closing.confirm(town.both, stated(town, submission), press())
    assert town.desk.queries.commitment(made, town.manager).locked
    town.desk.erp.reject(town.approver, submission, "It is not in Sage.", press())
    detail = town.desk.queries.commitment(made, town.manager)
    assert detail.row.erp_state is ErpState.REJECTED and not detail.locked
    assert town.desk.doubts.rejection("commitment", made, town.manager) is not None


def test_only_a_doubt_is_closed(town: Town) -> None:
    open_states = [each for each in ExportState if not each.name.startswith("CLOSED")]
    for export in (*open_states, ExportState.CLOSED_IN_SAGE, ExportState.CLOSED_ABSENT):
        _, submission = doubt(town)
        if export in open_states:
            stands(town, submission, export)
        else:
            saw = Saw.IN_SAGE if export is ExportState.CLOSED_IN_SAGE else Saw.ABSENT
            town.desk.closing.confirm(town.both, stated(town, submission, saw), press())
            assert export_of(town, submission).state is export
        shown = town.desk.doubts.of(submission, town.approver)
        offered = shown is not None and shown.offers[0].allowed
        assert offered is (export is ExportState.IN_DOUBT), export
        if not offered:
            with pytest.raises(Refused, match="Only what is in doubt"):
                town.desk.closing.state_seen(town.approver, submission, Saw.IN_SAGE, NOTE, press())


def test_who_may_state_confirm_and_refuse(town: Town) -> None:
    """Level, privilege and part in the item, for everybody: the button says the same as the act."""
    people = {
        (right, push): newcomer(town, right, push=push) for right, push in itertools.product(Right, (True, False))
    }
    for (right, push), person in people.items():
        approves = push and right in (Right.STANDARD, Right.ADMIN)
        _, submission = doubt(town)
        first = page(town, submission, person).offers[0]
        assert first.allowed is approves, (right, push, first.reasons)
        if not approves:
            with pytest.raises(Refused) as refused:
                town.desk.closing.state_seen(person, submission, Saw.ABSENT, NOTE, press())
            assert refused.value.reasons == first.reasons
        closing = stated(town, submission)
        offers = {each.verb: each for each in waiting(town, submission, person).offers}
        assert offers["confirm"].allowed is approves and offers["refuse"].allowed is approves
        assert not offers["withdraw"].allowed
        if approves:
            town.desk.closing.confirm(person, closing, press())
        else:
            with pytest.raises(Refused) as refused:
                town.desk.closing.confirm(person, closing, press())
            assert refused.value.reasons == offers["confirm"].reasons
            with pytest.raises(Refused):
                town.desk.closing.refuse(person, closing, "I see it there.", press())
            assert export_of(town, submission).state is ExportState.IN_DOUBT


def test_the_first_person_is_not_the_second(town: Town) -> None:
    _, submission = doubt(town)
    closing = stated(town, submission)
    with pytest.raises(Refused, match="You stated this yourself"):
        town.desk.closing.confirm(town.approver, closing, press())
    with pytest.raises(Refused, match="You stated this yourself"):
        town.desk.closing.refuse(town.approver, closing, "No.", press())
    with pytest.raises(Refused, match="stated already"):
        town.desk.closing.state_seen(town.both, submission, Saw.IN_SAGE, NOTE, press())


def test_the_sender_may_state_and_not_confirm(town: Town) -> None:
    for sender_states in (True, False):
        made = town.approved()
        assert town.desk.erp.send(town.both, [made], press()).done
        submission = next(each.id for each in town.queue(View.READY_TO_EXPORT) if each.item_id == made)
        town.accept(submission)
        stands(town, submission, ExportState.IN_DOUBT)
        closing = stated(town, submission, by=town.both if sender_states else town.approver)
        if sender_states:
            town.desk.closing.confirm(town.approver, closing, press())
            continue
        with pytest.raises(Refused, match="You sent this item yourself"):
            town.desk.closing.confirm(town.both, closing, press())
        town.desk.closing.refuse(town.both, closing, "I see it there.", press())


def test_one_hand_does_not_confirm_for_the_other(town: Town) -> None:
    _, submission = doubt(town)
    closing = stated(town, submission)
    for target, other in ((town.both, town.approver), (town.approver, town.both)):
        with town.store.writing() as session:
            session.get_one(Person, target).sign_in_set_by = other
        with pytest.raises(Refused, match="count as one person"):
            town.desk.closing.confirm(town.both, closing, press())
        with town.store.writing() as session:
            session.get_one(Person, target).sign_in_set_by = ""
    with town.store.writing() as session:
        session.get_one(Person, town.manager).sign_in_set_by = town.both
    with pytest.raises(Refused, match="count as one person"):
        town.desk.closing.confirm(town.both, closing, press())


def test_who_stated_it_is_still_an_approver_when_it_counts(town: Town) -> None:
    _, submission = doubt(town)
    closing = stated(town, submission)
    with town.store.writing() as session:
        session.get_one(Person, town.approver).can_push = False
    with pytest.raises(Refused, match="not an accounting approver any more"):
        town.desk.closing.confirm(town.both, closing, press())
    town.desk.closing.refuse(town.both, closing, "Stated by somebody who left.", press())
    assert closings(town)[0].state is ClosingState.REFUSED


@pytest.mark.parametrize(("all_projects", "may_export"), [(False, True), (True, False)])
def test_project_and_kind_bind(town: Town, all_projects: bool, may_export: bool) -> None:
    person = newcomer(town, all_projects=all_projects, may_export=may_export)
    _, submission = doubt(town)
    with pytest.raises(Refused, match=r"does not belong to this project|may not export commitments"):
        town.desk.closing.state_seen(person, submission, Saw.ABSENT, NOTE, press())
    closing = stated(town, submission)
    with pytest.raises(Refused):
        town.desk.closing.confirm(person, closing, press())


def test_a_note_that_says_nothing_is_none(town: Town) -> None:
    _, submission = doubt(town)
    for words in ("", "  ", "…", "\u3164"):
        with pytest.raises(Refused, match="where in Sage you looked"):
            town.desk.closing.state_seen(town.approver, submission, Saw.ABSENT, words, press())
    closing = stated(town, submission)
    with pytest.raises(Refused, match="why you refuse"):
        town.desk.closing.refuse(town.both, closing, " - ", press())


def test_a_refused_or_withdrawn_statement_leaves_the_doubt(town: Town) -> None:
    made, submission = doubt(town)
    town.desk.closing.refuse(town.both, stated(town, submission), "I see it there.", press())
    with pytest.raises(Refused, match="Only Morgan"):
        town.desk.closing.withdraw(town.both, stated(town, submission), press())
    town.desk.closing.withdraw(town.approver, waiting(town, submission).id, press())
    town.desk.closing.confirm(town.both, stated(town, submission, Saw.IN_SAGE), press())
    assert sorted(each.state.value for each in closings(town)) == ["CONFIRMED", "REFUSED", "WITHDRAWN"]
    (refused,) = entries(town, made, "close_refuse")
    assert refused.reason == "I see it there." and len(entries(town, made, "close_withdraw")) == 1
    assert [each.open for each in page(town, submission).statements] == [False, False, False]


def test_the_same_press_acts_once(town: Town) -> None:
    made, submission = doubt(town)
    first, second = press(), press()
    for _ in range(2):
        town.desk.closing.state_seen(town.approver, submission, Saw.ABSENT, NOTE, first)
    closing = waiting(town, submission).id
    for _ in range(2):
        town.desk.closing.confirm(town.both, closing, second)
    assert len(closings(town)) == 1 and len(entries(town, made, "close_absent")) == 1
    with pytest.raises(ChangedMeanwhile, match="meanwhile"):
        town.desk.closing.confirm(town.both, closing, press())


@pytest.mark.parametrize("export", [ExportState.POSTED, ExportState.CONFLICT])
def test_what_sage_shows_first_overtakes_a_statement(town: Town, export: ExportState) -> None:
    _, submission = doubt(town)
    closing = stated(town, submission)
    stands(town, submission, export)
    with pytest.raises(ChangedMeanwhile, match="settled this meanwhile"):
        town.desk.closing.confirm(town.both, closing, press())
    with pytest.raises(ChangedMeanwhile, match="settled this meanwhile"):
        town.desk.closing.refuse(town.both, closing, "I see it there.", press())
    with pytest.raises(ChangedMeanwhile, match="settled this meanwhile"):
        town.desk.closing.withdraw(town.approver, closing, press())
    if export is not ExportState.POSTED:
        (shown,) = page(town, submission).statements
        assert shown.overtaken and not shown.offers
    assert export_of(town, submission).state is export


def test_overtaking_is_kept(town: Town) -> None:
    _, submission = doubt(town)
    closing = stated(town, submission)
    at = town.desk.office.clock.now()
    with town.store.writing() as session:
        outbox = session.scalars(select(Outbox)).one()
        assert doubts.overtake(session, outbox.id, at) == closing
        assert doubts.overtake(session, outbox.id, at) == ""
        outbox.state = ExportState.POSTED
    (kept,) = closings(town)
    assert (kept.state, kept.answered_at, kept.answer) == (ClosingState.OVERTAKEN, at, doubts.SETTLED)


def test_a_worker_and_a_confirmation_at_the_same_moment(any_town: Town) -> None:
    """Whoever comes second finds it changed; the item ends where the first one put it, with one story."""
    for _ in range(2):
        _, submission = doubt(any_town)
        closing, go, lost = stated(any_town, submission), threading.Barrier(2), []

        def worker(submission: str = submission, go: threading.Barrier = go) -> None:
            go.wait()
            with any_town.store.writing() as session:
                asked = select(Outbox).where(Outbox.submission_id == submission).with_for_update()
                outbox = session.scalars(asked).one()
                if outbox.state is ExportState.IN_DOUBT:
                    outbox.state = ExportState.POSTED
                    doubts.overtake(session, outbox.id, any_town.desk.office.clock.now())

        thread = threading.Thread(target=worker)
        thread.start()
        go.wait()
        try:
            any_town.desk.closing.confirm(any_town.both, closing, press())
        except ChangedMeanwhile as refused:
            lost.append(refused)
        thread.join()
        ended = export_of(any_town, submission).state
        with any_town.store.reading() as session:
            kept = session.get_one(Closing, closing).state
        won = (ExportState.CLOSED_ABSENT, ClosingState.CONFIRMED)
        assert (ended, kept) == ((ExportState.POSTED, ClosingState.OVERTAKEN) if lost else won)


def test_two_people_answer_at_the_same_moment(any_town: Town) -> None:
    other = newcomer(any_town)
    _, submission = doubt(any_town)
    closing, go = stated(any_town, submission), threading.Barrier(2)
    told: list[ForPeople] = []

    def refuse() -> None:
        go.wait()
        try:
            any_town.desk.closing.refuse(other, closing, "I see it there.", press())
        except ForPeople as refused:
            told.append(refused)

    thread = threading.Thread(target=refuse)
    thread.start()
    go.wait()
    try:
        any_town.desk.closing.confirm(any_town.both, closing, press())
    except ForPeople as refused:
        told.append(refused)
    thread.join()
    assert len(told) == 1 and isinstance(told[0], ChangedMeanwhile)
    (kept,) = closings(any_town)
    closed = export_of(any_town, submission).state is ExportState.CLOSED_ABSENT
    assert kept.state is (ClosingState.CONFIRMED if closed else ClosingState.REFUSED)


def test_the_database_closes_nothing_without_a_second_person(any_town: Town) -> None:
    _, submission = doubt(any_town)
    stated(any_town, submission)
    with pytest.raises(DBAPIError, match="Two people"), any_town.store.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET state = 'CLOSED_ABSENT'"))


def test_whoever_may_confirm_is_written_to_once_and_not_in_vain(town: Town) -> None:
    others = {name: newcomer(town, name=name, email=f"{name}@cascade.example") for name in ("Ann", "Ben", "Cy")}
    with town.store.writing() as session:
        session.get_one(Person, town.approver).email = "morgan@cascade.example"
        session.get_one(Person, town.both).email = ""
        session.get_one(Person, others["Cy"]).sign_in_set_by = others["Ann"]
    _, submission = doubt(town)
    town.change_settings(mail_host="mail.example.com", mail_from="books@cascade.example", stand_in=False)
    town.desk.closing.state_seen(others["Ann"], submission, Saw.ABSENT, NOTE, first := press())
    town.desk.closing.state_seen(others["Ann"], submission, Saw.ABSENT, NOTE, first)
    with town.store.reading() as session:
        mails = list(session.scalars(select(Mail).order_by(Mail.address)))
    assert [each.address for each in mails] == ["Ben@cascade.example", "morgan@cascade.example"]
    assert all(NOTE in each.body and "Ann looked in Sage" in each.body for each in mails)
    sage_id = export_of(town, submission).natural_key
    assert mails[0].subject.endswith(f"{sage_id} waits for a second person")
    assert "under Job Cost > Inquiry > Commitments" in mails[0].body
    taken = town.desk.notices.take()
    assert taken is not None and NOTE in taken.body
    town.desk.closing.refuse(others["Ben"], waiting(town, submission).id, "I see it there.", press())
    assert town.desk.notices.take() is None, "what was answered asks for nobody any more"


def test_evidence_is_told_in_words(town: Town) -> None:
    _, submission = doubt(town)
    shown = page(town, submission)
    assert [each.source for each in shown.seen] == [
        *("Read of Sage", "Import folder", "Rejected records", "Sage’s journal"),
    ]
    assert shown.seen[0].words == "Not there" and shown.seen[-1].words == "Says that Sage took it in"
    assert "Records read 2" in shown.seen[-1].text and not shown.seen[0].text
    assert "Job Cost > Inquiry > Commitments" in shown.todo[0] and "1,234.56" in shown.todo[0]


def test_a_conflict_is_told_field_by_field(town: Town) -> None:
    _, submission = in_state(town, ExportState.CONFLICT)
    shown = page(town, submission)
    told = [(each.field, each.approved, each.in_sage) for each in shown.differences]
    assert told == [
        ("Title", "Structural steel", "Structural steel, east"),
        ("Line 1 amount", "1,234.56", "1,334.56"),
    ]
    assert "Job Cost > Setup > Commitments" in shown.todo[0]


def test_old_evidence_is_told_field_by_field_too(town: Town) -> None:
    _, submission = in_state(town, ExportState.CONFLICT)
    old = json.dumps({"differences": ["Title: approved A, in Sage B", "Something else"]})
    with town.store.writing() as session:
        last = session.scalars(select(Evidence).order_by(Evidence.read_ended.desc()).limit(1)).one()
        later = last.read_ended + timedelta(minutes=1)
        session.add(
            Evidence(
                attempt_id=last.attempt_id,
                source=Source.ODBC_MASTER,
                read_began=later,
                read_ended=later,
                result="different",
                detail=old,
                detail_sha="x",
            )
        )
    told = [(each.field, each.approved, each.in_sage) for each in page(town, submission).differences]
    assert told == [("Title", "A", "B"), ("Something else", "", "")]


def test_who_may_not_see_the_item_sees_no_doubt(town: Town) -> None:
    made, submission = doubt(town)
    stranger = newcomer(town, all_projects=False)
    with pytest.raises(NotAllowed):
        town.desk.doubts.of(submission, stranger)
    assert town.desk.doubts.rejection("commitment", made, stranger) is None


def test_the_table_draws_itself() -> None:
    assert "STATED --> CONFIRMED" in CLOSING_STEPS.diagram()
    assert set(OF_SAW) == set(SAW_WORDS) == set(Saw)
