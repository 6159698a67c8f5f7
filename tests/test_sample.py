"""The sample company is made through the real acts, once, and resumes after an interruption."""

from __future__ import annotations

from collections import Counter

import pytest

from erpdesk import sample
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
