"""The console with many items: the oldest first, more ids than one query takes, counts that agree with the lists."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from erpdesk.models.commitments import Commitment, CommitmentLine
from erpdesk.models.people import Person, ProjectMember, Right, Tool, ToolRight
from erpdesk.workflows import erp_queue
from erpdesk.workflows.commitments import KIND
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.erp_kind import EXPORT_VIEWS
from tests.town import Town, press
from tests.workflows.console_town import Items


@pytest.fixture
def items(any_town: Town) -> Items:
    return Items(any_town, KIND)


@pytest.mark.parametrize("view", [View.READY_TO_EXPORT, View.SYNCED, View.FAILED_TO_EXPORT, View.ARCHIVED])
def test_the_first_rows_are_the_oldest_of_the_list(items: Items, view: View) -> None:
    for _ in range(3):
        items.at(view)
    whole = items.queue(view)
    assert len(whole) == 3
    for limit in (1, 2, 3, 50):
        first = items.town.console.queue(KIND, view, None, items.town.approver, limit)
        assert first == whole[:limit]


def test_the_first_rows_are_of_the_chosen_project_only(items: Items) -> None:
    town = items.town
    sent = items.sent()
    assert town.console.queue(KIND, View.READY_TO_EXPORT, sent.project_id, town.approver, 5) == (sent,)
    other = next(each.id for each in town.desk.queries.projects() if each.id != sent.project_id)
    assert town.console.queue(KIND, View.READY_TO_EXPORT, other, town.approver, 5) == ()


def test_counts_agree_with_the_lists_for_all_and_for_one_project(items: Items) -> None:
    town = items.town
    standing = [items.at(view) for view in EXPORT_VIEWS]
    project = standing[0].project_id
    for chosen in (None, project, next(each.id for each in town.desk.queries.projects() if each.id != project)):
        counts = town.console.counts(town.approver, chosen)
        for view in View:
            assert counts.count(KIND, view) == len(town.console.queue(KIND, view, chosen, town.approver)), view


def test_an_archived_item_that_is_gone_is_in_neither_count_nor_list(items: Items) -> None:
    town = items.town
    row = items.sent()
    town.desk.erp.reject(town.approver, row.id, "No.", press())
    assert town.desk.erp.archive(town.approver, [row.id], press()).done == (row.id,)
    assert town.console.counts(town.approver).count(KIND, View.ARCHIVED) == 1
    with town.store.writing() as session:
        session.execute(delete(CommitmentLine).where(CommitmentLine.commitment_id == row.item_id))
        session.execute(delete(Commitment).where(Commitment.id == row.item_id))
    assert town.console.counts(town.approver).count(KIND, View.ARCHIVED) == 0
    assert items.queue(View.ARCHIVED) == ()


def test_more_ids_than_one_query_takes_are_looked_up(items: Items) -> None:
    town = items.town
    first, second = items.sent(), items.sent()
    ids = [second.id, *(f"nobody-{number}" for number in range(70_000)), first.id]
    with town.store.reading() as session:
        found = erp_queue.by_id(town.desk.office, session, ids)
    assert found == {second.id: second, first.id: first}
    preview = town.console.reject_preview(town.approver, ids)
    assert preview.order == (second.id, first.id)
    assert town.console.accept_preview(town.approver, ids).order == (second.id, first.id)


def test_a_bulk_of_more_ids_than_one_query_takes_does_what_is_there(items: Items) -> None:
    town = items.town
    row = items.sent()
    gone = [f"nobody-{number}" for number in range(40)]
    with pytest.MonkeyPatch.context() as small:
        small.setattr(erp_queue, "AT_ONCE", 7)
        result = town.desk.erp.reject_many(town.approver, [*gone, row.id], "No.", press())
    assert result.done == (row.id,)
    assert {each.reasons for each in result.not_done} == {
        ("This item is no longer there. The list has been read again.",)
    }


def test_who_may_not_look_at_a_kind_is_told_why(items: Items) -> None:
    town = items.town
    items.sent()
    assert not town.console.counts(town.approver).closed
    with town.store.writing() as session:
        session.execute(delete(ToolRight).where(ToolRight.person_id == town.approver))
        session.add(ToolRight(person_id=town.approver, tool=Tool.ERP_INTEGRATIONS, right=Right.NONE))
    counts = town.console.counts(town.approver)
    assert set(counts.of[KIND].values()) == {0}
    assert "Ask an administrator." in counts.closed[KIND]


def test_who_does_not_belong_to_the_chosen_project_is_told_so(items: Items) -> None:
    town = items.town
    project = items.sent().project_id
    with town.store.writing() as session:
        session.get_one(Person, town.approver).all_projects = False
        session.execute(delete(ProjectMember).where(ProjectMember.person_id == town.approver))
    assert not town.console.counts(town.approver).closed, "of other projects they may look at it"
    assert "does not belong to this project" in town.console.counts(town.approver, project).closed[KIND]
