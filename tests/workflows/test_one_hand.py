"""One person never counts as two: whoever set how somebody signs in could act as them, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from erpdesk.core.errors import NotAllowed, Refused
from erpdesk.models.people import GrantState, Right, Tool
from erpdesk.workflows import passwords
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.people_rows import PersonDraft
from tests.town import Town
from tests.workflows.people_town import BETTER, GOOD, People, people_of, press

DIRECTORY = {Tool.DIRECTORY: Right.ADMIN}
DECIDES = {Tool.ERP_INTEGRATIONS: Right.STANDARD, Tool.COMMITMENTS: Right.READ_ONLY}
WHY = "Stands in for Morgan in December."


@pytest.fixture
def people(any_town: Town, monkeypatch: pytest.MonkeyPatch) -> People:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=2, r=1, p=1))
    return people_of(any_town.store, any_town.desk.office)


def newcomer(people: People, actor: str, name: str, rights: dict[Tool, Right], password: str = "") -> str:
    made, _ = people.acts.save(actor, PersonDraft(name, all_projects=True, rights=rights))
    if password:
        people.acts.set_password(actor, made, password)
    return made


def why_not(people: People, actor: str) -> str:
    grant = people.open_grant(actor)
    with pytest.raises(NotAllowed) as refused:
        people.acts.answer_push(actor, grant.id, True, "", press())
    assert refused.value.reasons == grant.may_answer
    return " ".join(grant.may_answer)


def accept_refused(town: Town, actor: str, submission: str) -> str:
    """Why an accept is refused; the same at the button, in the preview of many, and at the act."""
    seen = town.desk.console.review(submission, None, actor)
    button = next(each for each in seen.offers if each.verb == "accept")
    with pytest.raises(Refused) as refused:
        town.desk.erp.accept(actor, submission, seen.row.sage_id, seen.sha256, press())
    assert not button.allowed and refused.value.reasons == button.reasons
    ((_, reasons),) = town.desk.console.accept_preview(actor, [submission]).cannot
    assert reasons == button.reasons
    return " ".join(button.reasons)


def test_an_administrator_alone_gets_nobody_the_push_right(any_town: Town, people: People) -> None:
    admin = any_town.both
    puppet = newcomer(people, admin, "Puppet One", DIRECTORY, GOOD)
    other = newcomer(people, admin, "Puppet Two", DECIDES, BETTER)
    people.acts.request_push(admin, other, WHY, press())
    assert people.sign_in.by_password("Puppet One", GOOD).id == puppet
    told = why_not(people, puppet)
    assert "Lee Okafor set how you sign in" in told and "Morgan Reyes could confirm it instead." in told
    # Signing in as the puppet and changing its password does not make it somebody else.
    people.acts.set_password(puppet, puppet, "a third way to walk", GOOD)
    assert "Lee Okafor set how you sign in" in why_not(people, puppet)
    assert people.acts.grants(any_town.approver)[0].may_answer == ()
    # The real person takes the sign-in over at a computer of their own.
    people.at("BUILD\\pat", "PC-PAT").acts.set_password(puppet, puppet, BETTER, "a third way to walk")
    people.acts.answer_push(puppet, people.open_grant(puppet).id, True, "", press())
    assert people.named("Puppet Two").can_push


def test_a_person_without_any_password_is_still_in_the_hands_of_who_added_them(any_town: Town, people: People) -> None:
    puppet = newcomer(people, any_town.both, "Puppet One", DIRECTORY)
    people.acts.request_push(any_town.both, any_town.viewer, WHY, press())
    assert "Lee Okafor set how you sign in" in why_not(people, puppet)


def test_whoever_set_the_sign_in_of_the_asker_or_the_receiver_confirms_nothing(any_town: Town, people: People) -> None:
    asker = newcomer(people, any_town.both, "Pat Asker", DIRECTORY, GOOD)
    people.acts.request_push(asker, any_town.viewer, WHY, press())
    assert "You set how Pat Asker signs in" in why_not(people, any_town.both)
    # What Pat asked before taking the sign-in over stays so.
    people.at("BUILD\\pat", "PC-PAT").acts.set_password(asker, asker, BETTER, GOOD)
    assert "You set how Pat Asker signs in" in why_not(people, any_town.both)
    receiver = newcomer(people, any_town.both, "Kim Receiver", DECIDES, GOOD)
    people.acts.withdraw_push(any_town.both, any_town.viewer, "", press())
    people.later(minutes=1)
    people.acts.request_push(asker, receiver, WHY, press())
    assert "You set how Kim Receiver signs in" in why_not(people, any_town.both)
    people.acts.answer_push(any_town.approver, people.open_grant(any_town.approver).id, True, "", press())


@pytest.mark.parametrize("way", ["password", "account"])
def test_a_request_does_not_outlive_a_change_of_the_sign_in(any_town: Town, people: People, way: str) -> None:
    draft = people.detail(any_town.both, any_town.manager).draft()
    people.acts.save(any_town.both, replace(draft, rights={**draft.rights, **DIRECTORY}))
    people.acts.request_push(any_town.manager, any_town.viewer, WHY, press())
    grant = people.open_grant(any_town.both)
    if way == "password":
        people.acts.set_password(any_town.both, any_town.viewer, GOOD)
    else:
        viewer = people.detail(any_town.both, any_town.viewer).draft()
        people.acts.save(any_town.both, replace(viewer, windows_account="BUILD\\sam"))
    assert [each.state for each in people.acts.grants(any_town.both)] == [GrantState.WITHDRAWN]
    assert people.acts_of(any_town.viewer)[-1] == "push_withdraw"
    with pytest.raises(NotAllowed, match="withdrawn"):
        people.acts.answer_push(any_town.both, grant.id, True, "", press())


def test_whoever_set_the_senders_sign_in_accepts_nothing_of_theirs(any_town: Town, people: People) -> None:
    people.acts.set_password(any_town.both, any_town.manager, GOOD)
    people.time[0] = people.time[0].replace(year=2020)  # the sign-in was set before; the town sends at the real time
    _, submission = any_town.sent()
    words = "You set how Dana Whitfield signs in; another approver decides."
    assert accept_refused(any_town, any_town.both, submission) == words
    # Dana takes the sign-in over: what was sent before stays with another approver, what is sent now does not.
    dana = people_of(any_town.store, any_town.desk.office).at("BUILD\\dana", "PC-DANA")
    dana.time[0] = any_town.desk.office.clock.now()
    dana.acts.set_password(any_town.manager, any_town.manager, BETTER, GOOD)
    assert people.named("Dana Whitfield").sign_in_set_by == ""
    assert accept_refused(any_town, any_town.both, submission) == words
    any_town.accept(submission)
    _, later = any_town.sent()
    seen = any_town.desk.console.review(later, None, any_town.both)
    any_town.desk.erp.accept(any_town.both, later, seen.row.sage_id, seen.sha256, press())


def test_an_approver_whose_sign_in_the_sender_set_does_not_decide_on_their_items(
    any_town: Town, people: People
) -> None:
    people.acts.set_password(any_town.both, any_town.approver, GOOD)
    draft = people.detail(any_town.both, any_town.manager).draft()
    people.acts.save(any_town.both, replace(draft, rights={**draft.rights, **DIRECTORY}))
    people.acts.answer_push(any_town.manager, people.open_grant(any_town.manager).id, True, "", press())
    made = any_town.approved()
    any_town.desk.erp.send(any_town.both, [made], press())
    (submission,) = (each.id for each in any_town.queue(View.READY_TO_EXPORT) if each.item_id == made)
    assert "Lee Okafor, who sent this, set how you sign in" in accept_refused(any_town, any_town.approver, submission)


def test_ones_own_password_takes_the_one_before_or_the_own_windows_account(any_town: Town, people: People) -> None:
    people.knows(any_town.both, GOOD)
    for wrong in ("", BETTER):
        with pytest.raises(NotAllowed, match="current password is not right"):
            people.acts.set_password(any_town.both, any_town.both, "totally other words", wrong)
    people.acts.set_password(any_town.both, any_town.both, "totally other words", GOOD)
    people.sign_in.check_again(any_town.both, "totally other words")
    people.change(any_town.viewer, windows_account="BUILD\\sam")
    for place in (people, people.at("BUILD\\lee", "PC-SAM")):
        with pytest.raises(NotAllowed, match="is not yours"):
            place.acts.set_password(any_town.viewer, any_town.viewer, BETTER)
    people.at("build\\SAM", "PC-SAM").acts.set_password(any_town.viewer, any_town.viewer, BETTER)
    assert people.sign_in.by_password("Sam Adeyemi", BETTER).id == any_town.viewer


def test_guessing_the_current_password_waits(any_town: Town, people: People) -> None:
    people.knows(any_town.both, GOOD)
    for _ in range(3):
        with pytest.raises(NotAllowed):
            people.acts.set_password(any_town.both, any_town.both, BETTER, "wrong words here")
    with pytest.raises(NotAllowed, match="wait 5 s"):
        people.acts.set_password(any_town.both, any_town.both, BETTER, GOOD)
