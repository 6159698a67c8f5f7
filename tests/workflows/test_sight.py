"""What a person sees of projects to which they do not belong: nothing, by whichever read they ask."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import event, select

from erpdesk.core.errors import NotAllowed
from erpdesk.models.audit import AuditEntry
from erpdesk.models.people import Person, ProjectMember, Right, Tool
from erpdesk.workflows.console_rows import View
from tests.town import Town, press

MANY = 70_000
"""More ids than either database takes in one query."""


def leave(town: Town, person_id: str) -> str:
    """Takes a person out of every project but the second; answers their id."""
    with town.store.writing() as session:
        person = session.get_one(Person, person_id)
        person.all_projects, person.projects = False, [ProjectMember(project_id=town.project(1).id)]
    return person_id


@pytest.mark.parametrize(
    "read",
    [
        lambda town, actor, project: town.desk.queries.codes(project, actor),
        lambda town, actor, project: town.desk.queries.job_committed(project, actor),
        lambda town, actor, project: town.desk.queries.next_number(project, "Subcontract", actor),
        lambda town, actor, project: town.desk.queries.transactions(project, actor),
    ],
)
def test_what_belongs_to_a_project_is_read_only_by_its_members(
    town: Town, read: Callable[[Town, str, str], object]
) -> None:
    sam, (mine, other) = leave(town, town.viewer), (town.project(1).id, town.project(0).id)
    read(town, sam, mine)
    with pytest.raises(NotAllowed, match="do not belong to this project"):
        read(town, sam, other)


def test_the_confirmation_of_a_bulk_press_names_nothing_of_other_projects(any_town: Town) -> None:
    _, hidden = any_town.sent(title="Secret steel")
    dana = leave(any_town, any_town.both)
    for seen in (any_town.console.accept_preview(dana, [hidden]), any_town.console.reject_preview(dana, [hidden])):
        assert not seen.picks and not seen.cannot and seen.total == 0
    (not_done,) = any_town.desk.erp.reject_many(dana, [hidden], "No.", press()).not_done
    assert not_done.label == "An item that you may not see"
    assert any_town.console.queue("commitment", View.READY_TO_EXPORT, None, dana) == ()
    assert len(any_town.console.queue("commitment", View.READY_TO_EXPORT, None, any_town.approver)) == 1


def test_the_history_of_a_person_is_for_who_may_look_at_people_and_for_that_person(town: Town) -> None:
    with town.store.writing() as session:
        session.get_one(Person, town.viewer).rights = []
    with pytest.raises(NotAllowed):
        town.desk.people.history(town.viewer, town.both)
    town.desk.people.history(town.viewer, town.viewer)
    town.desk.people.history(town.both, town.viewer)


def test_the_audit_trail_is_for_members_of_every_project(town: Town) -> None:
    town.sent()
    with town.store.reading() as session:
        seq = session.scalars(select(AuditEntry.seq).where(AuditEntry.kind == "commitment")).first() or 0
    sam = town.viewer
    assert town.desk.trail.refusal(sam) == "" and town.desk.trail.detail(sam, seq) is not None
    leave(town, sam)
    assert "does not belong to all of them" in town.desk.trail.refusal(sam)
    for read in (
        lambda: town.desk.trail.source(sam),
        lambda: town.desk.trail.detail(sam, seq),
        lambda: town.desk.trail.choices(sam),
        lambda: town.desk.trail.check(sam),
    ):
        with pytest.raises(NotAllowed, match="does not belong to all of them"):
            read()
    with town.store.writing() as session:
        for given in session.get_one(Person, sam).rights:
            given.right = Right.NONE if given.tool in (Tool.ERP_INTEGRATIONS, Tool.DIRECTORY) else given.right
    assert "Standard in ERP Integrations" in town.desk.trail.refusal(sam)


def test_very_many_ids_are_previewed_on_either_database(any_town: Town) -> None:
    _, there = any_town.sent()
    ids = [uuid.uuid4().hex for _ in range(MANY)] + [there]
    assert [pick.submission_id for pick in any_town.console.accept_preview(any_town.approver, ids).picks] == [there]
    assert [pick.submission_id for pick in any_town.console.reject_preview(any_town.approver, ids).picks] == [there]


def test_ids_that_nobody_knows_are_answered_without_a_transaction_each(town: Town) -> None:
    begun = 0

    def count(_connection: object) -> None:
        nonlocal begun
        begun += 1

    ids = [uuid.uuid4().hex for _ in range(200)]
    event.listen(town.store.engine, "begin", count)
    try:
        result = town.desk.erp.reject_many(town.approver, ids, "No.", press())
    finally:
        event.remove(town.store.engine, "begin", count)
    assert [each.id for each in result.not_done] == ids and result.done == ()
    assert {each.reasons for each in result.not_done} == {
        ("This item is no longer there. The list has been read again.",)
    }
    assert begun < 10
