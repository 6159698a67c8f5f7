"""Something is twice in Sage: who may acknowledge it, once, and what stays until Sage shows it once."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from erpdesk.core.errors import ChangedMeanwhile, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.models.erp import ExportState
from erpdesk.models.people import Right
from erpdesk.workflows.doubt_rows import Alarms, Shape
from erpdesk.workflows.rows import ErpState
from tests.town import Town, press
from tests.workflows.doubtful import export_of, in_state, newcomer, stands

NOTE = "Two imports; Lee deletes the second one."


def test_acknowledging_lets_exports_go_on_and_keeps_the_alarm(any_town: Town) -> None:
    made, submission = in_state(any_town, ExportState.DUPLICATE_ALARM)
    sage_id = export_of(any_town, submission).natural_key
    assert any_town.desk.doubts.alarms(any_town.viewer).items == ((submission, "commitment", sage_id),)
    rings, first = any_town.bell.rings, press()
    for _ in range(2):
        any_town.desk.alarm.acknowledge(any_town.approver, submission, NOTE, first)
    held = export_of(any_town, submission)
    assert (held.state, held.acknowledged_by) == (ExportState.DUPLICATE_ALARM, any_town.approver)
    assert held.acknowledged_at is not None and any_town.bell.rings > rings
    assert any_town.desk.doubts.alarms(any_town.viewer) == Alarms()
    assert any_town.desk.queries.commitment(made, any_town.manager).row.erp_state is ErpState.IN_DOUBT
    shown = any_town.desk.doubts.of(submission, any_town.approver)
    assert shown is not None and shown.shape is Shape.TWICE and shown.acknowledged_by == "Morgan Reyes"
    assert "Job Cost > Setup > Commitments" in shown.todo[1]
    with any_town.store.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "acknowledge")).all()
    assert [(each.ref, each.who, each.reason) for each in entries] == [(made, any_town.approver, NOTE)]


def test_who_may_acknowledge(town: Town) -> None:
    for right, push in itertools.product(Right, (True, False)):
        person = newcomer(town, right, push=push)
        _, submission = in_state(town, ExportState.DUPLICATE_ALARM)
        allowed = push and right in (Right.STANDARD, Right.ADMIN)
        shown = town.desk.doubts.of(submission, person)
        assert shown is not None
        offer = shown.offers[1]
        assert offer.allowed is allowed, (right, push, offer.reasons)
        if allowed:
            town.desk.alarm.acknowledge(person, submission, NOTE, press())
        else:
            with pytest.raises(Refused) as refused:
                town.desk.alarm.acknowledge(person, submission, NOTE, press())
            assert refused.value.reasons == offer.reasons


def test_only_what_is_there_twice_is_acknowledged(town: Town) -> None:
    _, submission = town.accepted()
    for export in ExportState:
        if export.name.startswith("CLOSED") or export is ExportState.DUPLICATE_ALARM:
            continue
        stands(town, submission, export)
        with pytest.raises(ChangedMeanwhile, match="more than once any more"):
            town.desk.alarm.acknowledge(town.approver, submission, NOTE, press())


def test_it_is_acknowledged_once_and_with_words(town: Town) -> None:
    _, submission = in_state(town, ExportState.DUPLICATE_ALARM)
    with pytest.raises(Refused, match="what you found"):
        town.desk.alarm.acknowledge(town.approver, submission, " - ", press())
    town.desk.alarm.acknowledge(town.approver, submission, NOTE, press())
    with pytest.raises(ChangedMeanwhile, match="already"):
        town.desk.alarm.acknowledge(town.both, submission, NOTE, press())


def test_an_alarm_of_another_project_stops_exports_and_names_nothing(town: Town) -> None:
    in_state(town, ExportState.DUPLICATE_ALARM)
    stranger = newcomer(town, all_projects=False)
    assert town.desk.doubts.alarms(stranger) == Alarms((), 1)
