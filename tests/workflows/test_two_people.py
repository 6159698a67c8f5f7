"""Who may accept: each level, with and without the push right, as sender and as another; function, button, database."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from erpdesk.core.errors import NotAllowed, Refused
from erpdesk.models.erp import Submission, SubmissionState
from erpdesk.models.people import GrantState, KindRight, Person, ProjectMember, PushGrant, Right, Tool, ToolRight
from tests.town import Town, press

EVERYBODY = list(itertools.product(Right, (True, False), ("sender", "other")))


def newcomer(town: Town, right: Right, push: bool) -> str:
    """Somebody who may send, and whose level and push right are as given."""
    person = Person(name=f"Pat {press()[:6]}", can_push=False, all_projects=True)
    person.rights = [
        ToolRight(tool=Tool.COMMITMENTS, right=Right.ADMIN),
        ToolRight(tool=Tool.ERP_INTEGRATIONS, right=right),
    ]
    with town.store.writing() as session:
        session.add(person)
        session.flush()
        if push:
            asked = {"person_id": person.id, "requested_by": town.both, "requested_at": town.desk.office.clock.now()}
            session.add(PushGrant(**asked, state=GrantState.CONFIRMED, answered_by=town.manager))
            session.flush()
            person.can_push = True
    return person.id


def sent_by(town: Town, sender: str) -> str:
    made = town.approved()
    assert town.desk.erp.send(sender, [made], press()).done == (made,)
    with town.store.reading() as session:
        return session.scalars(select(Submission.id).where(Submission.item_id == made)).one()


def state(town: Town, submission: str) -> SubmissionState:
    with town.store.reading() as session:
        return session.get_one(Submission, submission).state


def test_accepting_by_level_push_right_and_sender(any_town: Town) -> None:
    """At the function and at the button: exactly Standard or Admin with the push right, and never the sender."""
    for right, push, role in EVERYBODY:
        person = newcomer(any_town, right, push)
        submission = sent_by(any_town, person if role == "sender" else any_town.manager)
        expected = right in (Right.STANDARD, Right.ADMIN) and push and role == "other"
        seen = any_town.desk.console.review(submission, None, any_town.approver)
        mine = any_town.desk.console.review(submission, None, person)
        button = next(each for each in mine.offers if each.verb == "accept")
        assert button.allowed is expected, (right, push, role, button.reasons)
        try:
            any_town.desk.erp.accept(person, submission, seen.row.sage_id, seen.sha256, press())
        except Refused as refused:
            assert not expected and refused.reasons == button.reasons, (right, push, role)
        else:
            assert expected, (right, push, role)
        wanted = SubmissionState.ACCEPTED if expected else SubmissionState.PENDING
        assert state(any_town, submission) is wanted


def test_accepting_by_level_push_right_and_sender_past_the_program(any_town: Town) -> None:
    """The database knows no levels: whatever they are, it refuses the sender and an export that nobody decided."""
    export = text(
        "INSERT INTO outbox (id, submission_id, company, kind, natural_key, export_key, approved_sha256, state,"
        ' attempt, "class", row_version, accepted_at, changed_at, message)'
        " VALUES (:id, :submission, 'c', 'commitment', :id, :key, 'x', 'INTENT', 0, 'A', 1, '', '', '')"
    )
    for place, (right, push, role) in enumerate(EVERYBODY):
        person = newcomer(any_town, right, push)
        submission = sent_by(any_town, person if role == "sender" else any_town.manager)
        row = {"id": press(), "submission": submission, "key": f"K{place}"}
        with pytest.raises(DBAPIError, match="needs an accept"), any_town.store.engine.begin() as connection:
            connection.execute(export, row)
        accept = (
            update(Submission)
            .where(Submission.id == submission)
            .values(state=SubmissionState.ACCEPTED, decided_by=person)
        )
        for decided_by in (None, person):
            refused = decided_by is None or role == "sender"
            statement = accept.values(decided_by=decided_by)
            if refused:
                with pytest.raises(DBAPIError, match="two_people"), any_town.store.engine.begin() as connection:
                    connection.execute(statement)
            else:
                with any_town.store.engine.begin() as connection:
                    connection.execute(statement)
                    connection.execute(export, row)
        wanted = SubmissionState.PENDING if role == "sender" else SubmissionState.ACCEPTED
        assert state(any_town, submission) is wanted


@pytest.mark.parametrize("loss", ["push", "level", "kind", "project", "left"])
def test_a_right_that_was_taken_while_the_window_was_open_is_gone_at_the_act(any_town: Town, loss: str) -> None:
    _, submission = any_town.sent()
    seen = any_town.desk.console.review(submission, None, any_town.approver)
    assert next(each for each in seen.offers if each.verb == "accept").allowed
    with any_town.store.writing() as session:
        person = session.get_one(Person, any_town.approver)
        if loss == "push":
            person.can_push = False
        elif loss == "level":
            person.rights = [each for each in person.rights if each.tool is not Tool.ERP_INTEGRATIONS]
        elif loss == "kind":
            person.kinds = [KindRight(kind="commitment", can_import=True, can_export=False)]
        elif loss == "project":
            person.all_projects = False
            person.projects = [ProjectMember(project_id=any_town.project(1).id)]
        else:
            person.active = False
    with pytest.raises(Refused):
        any_town.desk.erp.accept(any_town.approver, submission, seen.row.sage_id, seen.sha256, press())
    assert state(any_town, submission) is SubmissionState.PENDING
    if loss == "left":
        with pytest.raises(NotAllowed):
            any_town.desk.console.review(submission, None, any_town.approver)


def test_membership_lets_in_and_keeps_out(any_town: Town) -> None:
    """A sender and an approver each of one project only."""
    for person_id in (any_town.manager, any_town.approver):
        with any_town.store.writing() as session:
            person = session.get_one(Person, person_id)
            person.all_projects, person.projects = False, [ProjectMember(project_id=any_town.project().id)]
    _, submission = any_town.sent()
    any_town.accept(submission)
    assert state(any_town, submission) is SubmissionState.ACCEPTED
    with pytest.raises(NotAllowed, match="do not belong"):
        any_town.codes(place=1)
    with any_town.store.writing() as session:
        session.get_one(Person, any_town.manager).all_projects = True
    made = any_town.approved()
    with any_town.store.writing() as session:
        person = session.get_one(Person, any_town.manager)
        person.all_projects, person.projects = False, [ProjectMember(project_id=any_town.project(1).id)]
    result = any_town.desk.erp.send(any_town.manager, [made], press())
    assert [each.reasons for each in result.not_done] == [
        ("Dana Whitfield does not belong to this project. Ask an administrator.",)
    ]
