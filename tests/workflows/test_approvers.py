"""The accountants’ report of who may push to accounting, and one's own daily summary, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from erpdesk.core.errors import NotAllowed
from erpdesk.models.people import GrantState, Person, Right, Tool
from erpdesk.workflows.approvers import ALL, FIRST_RUN, NONE
from erpdesk.workflows.people_rows import ApproverRow, FirstRun, Newcomer
from erpdesk.workflows.rights import KINDS
from tests.town import Town
from tests.workflows.people_town import GOOD, People, people_of, press

WHY = "Stands in for Morgan in December."


@pytest.fixture
def people(any_town: Town) -> People:
    return people_of(any_town.store, any_town.desk.office)


def row(people: People, actor: str, name: str) -> ApproverRow:
    return next(each for each in people.acts.approvers(actor) if each.name == name)


def test_a_grant_is_listed_with_both_people_its_moment_and_its_reason(any_town: Town, people: People) -> None:
    people.acts.request_push(any_town.both, any_town.manager, WHY, press())
    people.later(hours=3)
    people.acts.answer_push(any_town.approver, people.open_grant(any_town.approver).id, True, "", press())
    given = row(people, any_town.both, "Dana Whitfield")
    assert (given.given_by, given.confirmed_by, given.reason) == ("Lee Okafor", "Morgan Reyes", WHY)
    assert given.since == people.time[0]
    assert (given.exports, given.imports, given.projects) == (ALL, ALL, ALL)
    # Read Only in ERP Integrations: the privilege rests.
    assert not given.decides and row(people, any_town.both, "Morgan Reyes").decides
    assert row(people, any_town.both, "Morgan Reyes").since is None


def test_kinds_and_projects_are_said_in_words(any_town: Town, people: People) -> None:
    draft = people.detail(any_town.both, any_town.approver).draft()
    project = any_town.project().id
    kinds = {"vendor": (False, True), "budget": (True, False)}
    people.acts.save(any_town.both, replace(draft, kinds=kinds, all_projects=False, projects=frozenset({project})))
    shown = row(people, any_town.both, "Morgan Reyes")
    assert (shown.imports, shown.exports, shown.projects) == ("All but vendors", "All but budgets", "1")
    draft = people.detail(any_town.both, any_town.approver).draft()
    none = dict.fromkeys(KINDS, (False, False)) | {"commitment": (False, True)}
    people.acts.save(any_town.both, replace(draft, kinds=none, projects=frozenset()))
    shown = row(people, any_town.both, "Morgan Reyes")
    assert (shown.imports, shown.exports, shown.projects) == (NONE, "commitments", NONE)


def test_who_lost_the_privilege_or_left_is_not_listed(any_town: Town, people: People) -> None:
    people.acts.withdraw_push(any_town.both, any_town.approver, "Moved on.", press())
    assert [each.name for each in people.acts.approvers(any_town.both)] == ["Lee Okafor"]


def test_only_admins_of_erp_integrations_may_list_approvers(any_town: Town, people: People) -> None:
    with pytest.raises(NotAllowed, match="Admin in ERP Integrations"):
        people.acts.approvers(any_town.manager)
    assert people.acts.may_list_approvers(any_town.manager) and not people.acts.may_list_approvers(any_town.approver)


def test_those_of_the_first_run_are_listed_with_the_administrator_and_without_a_second_person(
    any_town: Town, people: People
) -> None:
    with any_town.store.writing() as session:
        for each in session.scalars(select(Person)):
            session.delete(each)
    first = Newcomer("Ada Quill", password=GOOD)
    approvers = (Newcomer("Bo Marsh", password=GOOD), Newcomer("Cy Lindt", password=GOOD))
    people.sign_in.first_run(FirstRun(first, approvers))
    administrator = people.named("Ada Quill").id
    shown = people.acts.approvers(administrator)
    assert [each.name for each in shown] == ["Bo Marsh", "Cy Lindt"]
    assert {(each.given_by, each.confirmed_by, each.since) for each in shown} == {
        ("Ada Quill", FIRST_RUN, people.time[0])
    }


def test_anybody_chooses_their_own_daily_summary_and_the_trail_says_so(any_town: Town, people: People) -> None:
    before = people.detail(any_town.viewer, any_town.viewer)
    assert before.digest
    changes = people.acts.set_digest(any_town.viewer, False)
    assert changes.touched == {("person", any_town.viewer)}
    after = people.detail(any_town.viewer, any_town.viewer)
    assert not after.digest and after.version == before.version + 1
    entry = people.audit(any_town.viewer)[-1]
    assert (entry.act, entry.who) == ("set_digest", any_town.viewer)
    assert (json.loads(entry.before), json.loads(entry.after)) == ({"digest": True}, {"digest": False})
    assert not people.acts.set_digest(any_town.viewer, False).touched
    assert len(people.audit(any_town.viewer)) == 1


def test_a_request_that_can_not_be_confirmed_any_more_can_still_be_refused(any_town: Town, people: People) -> None:
    draft = people.detail(any_town.both, any_town.manager).draft()
    people.acts.save(any_town.both, replace(draft, rights={**draft.rights, Tool.DIRECTORY: Right.ADMIN}))
    people.acts.request_push(any_town.manager, any_town.viewer, WHY, press())
    draft = people.detail(any_town.both, any_town.manager).draft()
    people.acts.save(any_town.both, replace(draft, rights={**draft.rights, Tool.DIRECTORY: Right.STANDARD}))
    grant = people.open_grant(any_town.approver)
    assert any("may no longer ask" in reason for reason in grant.may_answer) and grant.may_refuse == ()
    people.acts.answer_push(any_town.approver, grant.id, False, "Asked by nobody any more.", press())
    assert people.acts.grants(any_town.both)[0].state is GrantState.REFUSED
