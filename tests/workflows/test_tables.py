"""The tables of the commitment workflow, walked through as a whole."""

from __future__ import annotations

import itertools

import pytest

from erpdesk.core.errors import Refused
from erpdesk.models.commitments import CommitmentType
from erpdesk.models.erp import ExportState, SubmissionState
from erpdesk.models.people import Person, Right, Tool, ToolRight
from erpdesk.workflows import erp_item, review, rights
from erpdesk.workflows.commitment_status import (
    BUDGET_EFFECT,
    LINES_CLOSED,
    SENDABLE,
    STATUS_STEPS,
    StatusFacts,
    offers,
    set_status,
)
from erpdesk.workflows.commitments import WHY_LOCKED
from erpdesk.workflows.erp_item import ERP_STEPS, Facts
from erpdesk.workflows.rows import ErpState


def somebody(commitments: Right = Right.ADMIN, erp: Right = Right.ADMIN, *, push: bool = True) -> Person:
    given = [
        ToolRight(tool=Tool.COMMITMENTS, right=commitments),
        ToolRight(tool=Tool.ERP_INTEGRATIONS, right=erp),
    ]
    return Person(id="p", name="Pat", can_push=push, rights=given)


def test_every_export_state_means_something_to_people() -> None:
    assert set(erp_item.OF_EXPORT) == set(ExportState)
    for export in ExportState:
        assert erp_item.derive(SubmissionState.ACCEPTED, export) is erp_item.OF_EXPORT[export]


@pytest.mark.parametrize(
    ("submission", "state"),
    [
        (None, ErpState.NOT_SENT),
        (SubmissionState.PENDING, ErpState.SENT),
        (SubmissionState.RETRIEVED, ErpState.RETRIEVED),
        (SubmissionState.REJECTED, ErpState.REJECTED),
        (SubmissionState.ACCEPTED, ErpState.EXPORTING),
    ],
)
def test_the_erp_state_follows_from_the_submission(submission: SubmissionState | None, state: ErpState) -> None:
    assert erp_item.derive(submission, None) is state


def test_a_rejected_failure_is_rejected_whatever_the_export_says() -> None:
    assert erp_item.derive(SubmissionState.REJECTED, ExportState.SAGE_REJECTED) is ErpState.REJECTED


def test_every_state_has_words_and_a_reason_when_locked() -> None:
    assert set(review.STATE_TEXT) == set(ErpState)
    assert set(WHY_LOCKED) == set(erp_item.LOCKED)


def test_only_reject_leads_a_person_out_of_failed() -> None:
    verbs = [
        verb
        for verb in ("send", "resend", "retrieve", "accept", "reject")
        if not ERP_STEPS.reasons(verb, ErpState.FAILED, Facts("commitment", somebody()))
    ]
    assert verbs == ["reject"]


def test_resend_only_after_a_rejection_and_send_after_a_retrieval() -> None:
    facts = Facts("commitment", somebody())
    assert ERP_STEPS.apply("resend", ErpState.REJECTED, facts) is ErpState.SENT
    assert ERP_STEPS.apply("send", ErpState.RETRIEVED, facts) is ErpState.SENT
    with pytest.raises(Refused):
        ERP_STEPS.apply("resend", ErpState.RETRIEVED, facts)


@pytest.mark.parametrize("verb", ["send", "resend", "retrieve", "accept", "reject"])
def test_each_button_explains_itself_in_every_state(verb: str) -> None:
    for state, person in itertools.product(ErpState, (somebody(), somebody(Right.NONE, Right.NONE, push=False))):
        offer = ERP_STEPS.offer(verb, state, Facts("commitment", person, "q", ("Not ready.",)))
        assert offer.allowed or all(reason.endswith((".", ")")) for reason in offer.reasons)
        assert offer.allowed or offer.reasons


@pytest.mark.parametrize(
    ("act", "commitments", "erp", "push", "allowed"),
    [
        ("commitment.send", Right.ADMIN, Right.NONE, False, True),
        ("commitment.send", Right.STANDARD, Right.ADMIN, True, False),
        ("commitment.accept", Right.NONE, Right.STANDARD, True, True),
        ("commitment.accept", Right.NONE, Right.ADMIN, True, True),
        ("commitment.accept", Right.ADMIN, Right.STANDARD, False, False),
        ("commitment.accept", Right.ADMIN, Right.READ_ONLY, True, False),
        ("commitment.reject", Right.NONE, Right.STANDARD, True, True),
        ("commitment.burn", Right.ADMIN, Right.ADMIN, True, False),
    ],
)
def test_rights(act: str, commitments: Right, erp: Right, push: bool, allowed: bool) -> None:
    assert (rights.why_not(somebody(commitments, erp, push=push), act) is None) is allowed


def test_every_act_of_the_life_has_a_permission() -> None:
    # Trying again is a second accept, and goes by its right.
    people_take = {step.verb for step in ERP_STEPS.steps if step.guards} - {"try_again"}
    assert {f"commitment.{verb}" for verb in people_take} <= set(rights.PERMISSIONS)


def test_nobody_accepts_what_they_sent() -> None:
    person = somebody()
    reasons = ERP_STEPS.reasons("accept", ErpState.SENT, Facts("commitment", person, person.id))
    assert reasons == ("You sent this item yourself; another approver has to decide on it.",)


@pytest.mark.parametrize("type_", list(CommitmentType))
def test_every_status_is_reached_from_every_other(type_: CommitmentType) -> None:
    statuses = list(type(STATUS_STEPS[type_].start))
    for now, wanted in itertools.permutations(statuses, 2):
        assert set_status(type_, now.value, wanted.value, StatusFacts(somebody(), "")) == wanted.value
    with pytest.raises(Refused, match="already"):
        set_status(type_, "Draft", "Draft", StatusFacts(somebody(), ""))


@pytest.mark.parametrize("type_", list(CommitmentType))
def test_a_locked_commitment_keeps_its_status_and_says_why(type_: CommitmentType) -> None:
    for offer in offers(type_, "Draft", StatusFacts(somebody(), "Synced.")):
        assert not offer.allowed
        assert offer.reasons == ("Synced.",)


def test_every_status_has_a_budget_effect() -> None:
    for table in STATUS_STEPS.values():
        assert set(type(table.start)) <= set(BUDGET_EFFECT)


def test_what_can_be_sent_has_closed_lines() -> None:
    assert {status.value for each in SENDABLE.values() for status in each} == set(LINES_CLOSED)


def test_the_life_draws_itself() -> None:
    drawn = ERP_STEPS.diagram()
    assert "SENT --> EXPORTING : Accounting, Accept and export" in drawn
    assert "EXPORTING --> SYNCED : erpdesk, Read back, equal" in drawn
