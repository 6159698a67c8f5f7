"""“Can push to accounting” takes two people, on both databases and however it is tried."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from erpdesk.core.errors import ChangedMeanwhile, NotAllowed, Refused
from erpdesk.models.people import GrantState, PushGrant, Right, Tool
from erpdesk.workflows.people_acts import PeopleActs
from tests.town import Town
from tests.workflows.people_town import GOOD, People, people_of, press

WHY = "Stands in for Morgan in December."


@pytest.fixture
def people(town: Town) -> People:
    return people_of(town.store, town.desk.office)


def make_administrator(people: People, town: Town, person_id: str) -> None:
    draft = people.detail(town.both, person_id).draft()
    people.acts.save(town.both, replace(draft, rights={**draft.rights, Tool.DIRECTORY: Right.ADMIN}))


def test_one_asks_and_an_approver_confirms(town: Town, people: People) -> None:
    changes = people.acts.request_push(town.both, town.manager, WHY, press())
    assert changes.touched == {("person", town.manager)}
    assert not people.named("Dana Whitfield").can_push
    grant = people.open_grant(town.approver)
    assert (grant.person, grant.requested_by, grant.reason) == ("Dana Whitfield", "Lee Okafor", WHY)
    assert grant.may_answer == () and not grant.mine
    people.later(minutes=5)
    people.acts.answer_push(town.approver, grant.id, True, "", press())
    assert people.detail(town.both, town.manager).can_push
    (done,) = people.acts.grants(town.both)
    assert (done.state, done.answered_by, done.mine) == (GrantState.CONFIRMED, "Morgan Reyes", True)
    asked, confirmed = people.audit(town.manager)
    assert (asked.act, asked.who, asked.reason) == ("push_request", town.both, WHY)
    assert (confirmed.act, confirmed.who) == ("push_confirm", town.approver)
    assert json.loads(confirmed.after) == {"can_push": True}
    assert json.loads(confirmed.evidence)["asked_by"] == town.both


def test_an_admin_of_the_directory_without_the_right_may_be_the_second_person(town: Town, people: People) -> None:
    make_administrator(people, town, town.manager)
    people.acts.request_push(town.both, town.viewer, WHY, press())
    people.acts.answer_push(town.manager, people.open_grant(town.manager).id, True, "", press())
    assert people.named("Sam Adeyemi").can_push


def test_nobody_asks_for_themselves_nor_for_somebody_who_has_it_or_left(town: Town, people: People) -> None:
    with pytest.raises(Refused, match="to themselves"):
        people.acts.request_push(town.both, town.both, WHY, press())
    with pytest.raises(Refused, match="has the right already"):
        people.acts.request_push(town.both, town.approver, WHY, press())
    with pytest.raises(Refused, match="Write down why"):
        people.acts.request_push(town.both, town.manager, "  ", press())
    with pytest.raises(ChangedMeanwhile):
        people.acts.request_push(town.both, "nobody", WHY, press())
    people.acts.set_active(town.both, town.manager, False, "")
    with pytest.raises(Refused, match="no longer active"):
        people.acts.request_push(town.both, town.manager, WHY, press())
    for actor in (town.approver, town.viewer):
        with pytest.raises(NotAllowed, match="Admin in Directory"):
            people.acts.request_push(actor, town.viewer, WHY, press())
    assert people.acts.grants(town.both) == ()


def test_neither_the_asker_nor_the_receiver_nor_a_bystander_confirms(town: Town, people: People) -> None:
    make_administrator(people, town, town.manager)
    people.acts.request_push(town.both, town.manager, WHY, press())
    reasons = {
        town.both: "You asked for this yourself; a second person has to answer.",
        town.manager: "The right would be your own; somebody else has to answer.",
        town.viewer: "This needs Standard in ERP Integrations and the privilege “Can push to accounting”, or "
        "Admin in Directory; Sam Adeyemi has Read Only in Directory. Ask an administrator.",
    }
    for actor, reason in reasons.items():
        grant = people.open_grant(actor)
        assert grant.may_answer == (reason,)
        for confirm in (True, False):
            with pytest.raises(NotAllowed) as refused:
                people.acts.answer_push(actor, grant.id, confirm, "No.", press())
            assert refused.value.reasons == (reason,)
    assert not people.named("Dana Whitfield").can_push


def test_a_refusal_needs_a_reason_and_ends_the_request(town: Town, people: People) -> None:
    people.acts.request_push(town.both, town.manager, WHY, press())
    grant = people.open_grant(town.approver)
    with pytest.raises(Refused, match="why the request is refused"):
        people.acts.answer_push(town.approver, grant.id, False, "", press())
    people.acts.answer_push(town.approver, grant.id, False, "Not needed.", press())
    with pytest.raises(NotAllowed, match="answered already: refused"):
        people.acts.answer_push(town.approver, grant.id, True, "", press())
    people.acts.request_push(town.both, town.manager, WHY, press())
    assert not people.named("Dana Whitfield").can_push


def test_rights_are_read_anew_at_the_moment_of_confirming(town: Town, people: People) -> None:
    """The asker is no administrator any more; the confirmer had the right when the request was shown."""
    make_administrator(people, town, town.manager)
    people.acts.request_push(town.manager, town.viewer, WHY, press())
    grant = people.open_grant(town.approver)
    assert grant.may_answer == ()
    draft = people.detail(town.both, town.manager).draft()
    people.acts.save(town.both, replace(draft, rights={**draft.rights, Tool.DIRECTORY: Right.STANDARD}))
    with pytest.raises(NotAllowed, match="who asked, may no longer ask"):
        people.acts.answer_push(town.approver, grant.id, True, "", press())
    people.acts.save(town.both, replace(people.detail(town.both, town.manager).draft(), rights=draft.rights))
    people.acts.withdraw_push(town.both, town.approver, "", press())
    with pytest.raises(NotAllowed, match="Can push to accounting"):
        people.acts.answer_push(town.approver, grant.id, True, "", press())
    people.acts.set_active(town.both, town.viewer, False, "")
    with pytest.raises(NotAllowed, match="withdrawn"):
        people.acts.answer_push(town.both, grant.id, True, "", press())
    assert not people.named("Sam Adeyemi").can_push


def test_the_same_press_asks_and_answers_once(town: Town, people: People) -> None:
    asked, confirmed = press(), press()
    first = people.acts.request_push(town.both, town.manager, WHY, asked)
    assert people.acts.request_push(town.both, town.manager, WHY, asked) == first
    grant = people.open_grant(town.approver)
    people.acts.answer_push(town.approver, grant.id, True, "", confirmed)
    people.acts.answer_push(town.approver, grant.id, True, "", confirmed)
    assert people.acts_of(town.manager) == ["push_request", "push_confirm"]
    with pytest.raises(Refused, match="already used for something else"):
        people.acts.answer_push(town.approver, grant.id, False, "", confirmed)


def test_the_right_is_taken_by_an_administrator_or_given_up(town: Town, people: People) -> None:
    with pytest.raises(NotAllowed, match="Admin in Directory"):
        people.acts.withdraw_push(town.approver, town.both, "", press())
    people.acts.withdraw_push(town.approver, town.approver, "Enough.", press())
    assert not people.named("Morgan Reyes").can_push
    with pytest.raises(ChangedMeanwhile, match="does not have the right"):
        people.acts.withdraw_push(town.both, town.approver, "", press())
    people.acts.request_push(town.both, town.viewer, WHY, press())
    people.acts.withdraw_push(town.both, town.viewer, "A mistake.", press())
    assert [each.state for each in people.acts.grants(town.both)] == [GrantState.WITHDRAWN]


def test_a_form_can_not_raise_anybody(town: Town, people: People) -> None:
    draft = people.detail(town.both, town.manager).draft()
    assert not hasattr(draft, "can_push")
    everything = replace(draft, rights=dict.fromkeys(Tool, Right.ADMIN), kinds={"commitment": (True, True)})
    people.acts.save(town.both, everything)
    assert not people.named("Dana Whitfield").can_push


@pytest.mark.parametrize("way", ["password", "account"])
def test_whoever_changes_how_an_approver_signs_in_does_not_get_their_right(
    town: Town, people: People, way: str
) -> None:
    """Otherwise an administrator could send as one person and sign in as the other to accept."""
    if way == "password":
        people.acts.set_password(town.both, town.approver, GOOD)
    else:
        draft = people.detail(town.both, town.approver).draft()
        people.acts.save(town.both, replace(draft, windows_account="BUILD\\lee.second"))
    assert not people.named("Morgan Reyes").can_push
    grant = people.open_grant(town.both)
    assert grant.mine and grant.reason.startswith("Lee Okafor changed how Morgan Reyes signs in")
    with pytest.raises(NotAllowed, match="You asked for this yourself"):
        people.acts.answer_push(town.both, grant.id, True, "", press())
    with pytest.raises(NotAllowed, match="would be your own"):
        people.acts.answer_push(town.approver, grant.id, True, "", press())
    make_administrator(people, town, town.manager)
    people.acts.answer_push(town.manager, grant.id, True, "", press())
    assert people.named("Morgan Reyes").can_push


def test_ones_own_password_and_a_person_without_the_right_lose_nothing(town: Town, people: People) -> None:
    people.knows(town.approver, GOOD)
    people.acts.set_password(town.both, town.viewer, GOOD)
    assert people.named("Morgan Reyes").can_push and people.acts.grants(town.both) == ()


@pytest.mark.parametrize("race", ["ask", "confirm"])
def test_two_people_at_once_make_one_grant(any_town: Town, race: str) -> None:
    people = people_of(any_town.store, any_town.desk.office)
    make_administrator(people, any_town, any_town.manager)
    gate, answers = threading.Barrier(2), []
    if race == "confirm":
        people.acts.request_push(any_town.both, any_town.viewer, WHY, press())
    grant = people.open_grant(any_town.both).id if race == "confirm" else ""

    def run(actor: str) -> None:
        acts = PeopleActs(people.office)
        gate.wait()
        try:
            if race == "ask":
                acts.request_push(actor, any_town.viewer, WHY, press())
            else:
                acts.answer_push(actor, grant, True, "", press())
            answers.append("done")
        except Refused:
            answers.append("refused")

    pair = (any_town.both, any_town.manager) if race == "ask" else (any_town.approver, any_town.manager)
    threads = [threading.Thread(target=run, args=(actor,)) for actor in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "refused"]
    assert len(people.acts.grants(any_town.both)) == 1
    assert people.named("Sam Adeyemi").can_push is (race == "confirm")


@pytest.mark.parametrize(
    ("asker", "receiver", "confirmer"),
    [("a", "a", None), ("a", "b", "a"), ("a", "b", "b"), ("a", "b", None)],
)
def test_the_database_refuses_a_grant_without_a_second_person(
    any_town: Town, asker: str, receiver: str, confirmer: str | None
) -> None:
    ids = {"a": any_town.both, "b": any_town.manager}
    grant = PushGrant(
        person_id=ids[receiver],
        state=GrantState.CONFIRMED if (asker, receiver) != ("a", "a") else GrantState.REQUESTED,
        requested_by=ids[asker],
        requested_at=any_town.desk.office.clock.now(),
        answered_by=ids[confirmer] if confirmer else None,
    )
    with pytest.raises(IntegrityError), any_town.store.sessions.begin() as session:
        session.add(grant)


def test_the_database_holds_one_open_request_for_a_person(any_town: Town) -> None:
    people = people_of(any_town.store, any_town.desk.office)
    people.acts.request_push(any_town.both, any_town.viewer, WHY, press())
    again = PushGrant(
        person_id=any_town.viewer,
        state=GrantState.REQUESTED,
        requested_by=any_town.manager,
        requested_at=any_town.desk.office.clock.now(),
    )
    with pytest.raises(DBAPIError), any_town.store.sessions.begin() as session:
        session.add(again)
