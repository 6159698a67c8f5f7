"""The sample company is made through the real acts, once, and resumes after an interruption."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select, update

from erpdesk import sample
from erpdesk.models.people import Person, Right, Tool
from erpdesk.workflows.rows import ErpState
from tests.town import Town


def test_every_plan_ends_where_it_says(town: Town) -> None:
    sample.fill(town.desk)
    states = Counter(row.erp_state for row in town.desk.queries.commitments())
    assert states == {
        ErpState.EXPORTING: 4,
        ErpState.SENT: 4,
        ErpState.REJECTED: 1,
        ErpState.RETRIEVED: 1,
        ErpState.NOT_SENT: 3,
    }
    sample.fill(town.desk)
    assert len(town.desk.queries.commitments()) == len(sample.PLANS)


def test_an_interrupted_sample_is_completed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sample.PLANS
    monkeypatch.setattr(sample, "PLANS", whole[:5])
    sample.fill(town.desk)
    monkeypatch.setattr(sample, "PLANS", whole)
    sample.fill(town.desk)
    assert len(town.desk.queries.commitments()) == len(whole)


def test_people_and_companies_are_added_once(town: Town) -> None:
    before = (town.desk.queries.people(), town.desk.queries.companies(), town.desk.queries.projects())
    sample.add_people(town.store)
    sample.add_projects(town.store, town.facts)
    assert (town.desk.queries.people(), town.desk.queries.companies(), town.desk.queries.projects()) == before
    assert {each.name for each in before[1] if not each.sage_vendor} == set(sample.UNLINKED)


def test_everybody_of_the_sample_has_a_level_in_every_tool_and_can_be_played(town: Town) -> None:
    with town.store.reading() as session:
        people = {each.name: each for each in session.scalars(select(Person))}
    assert set(people) == {each.name for each in sample.PEOPLE}
    for person in people.values():
        assert {given.tool for given in person.rights} == set(Tool)
        assert person.all_projects and person.email.endswith("@example.com")
        assert person.windows_account is None and person.password == ""
    admins = [each.name for each in people.values() if each.right(Tool.DIRECTORY) is Right.ADMIN]
    assert admins == [sample.SECOND_APPROVER]
    assert [each.name for each in people.values() if each.can_push] == [sample.APPROVER, sample.SECOND_APPROVER]
    assert people[sample.MANAGER].invoice_administrator


def test_the_people_of_an_older_sample_get_what_they_lack_unless_somebody_changed_them(town: Town) -> None:
    with town.store.writing() as session:
        people = {each.name: each for each in session.scalars(select(Person))}
        for person in people.values():
            person.rights = [each for each in person.rights if each.tool is Tool.COMMITMENTS]
            person.all_projects, person.email = False, ""
        session.flush()
        session.execute(update(Person).values(version=1))
        session.execute(update(Person).where(Person.name == sample.VIEWER).values(version=2))
    sample.add_people(town.store)
    with town.store.reading() as session:
        people = {each.name: each for each in session.scalars(select(Person))}
    for name, person in people.items():
        changed = name == sample.VIEWER
        assert ({given.tool for given in person.rights} == set(Tool)) is not changed, name
        assert person.all_projects is not changed
