"""With Sage away decisions go on; what changed in Sage between an accept and the export is refused before sending."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from erpdesk.core.clock import Clock
from erpdesk.models.erp import ExportState, Outbox
from erpdesk.models.people import Person
from erpdesk.sync.export.exporter import Exporter, Timing
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.workflows.commitment_checks import form_problems
from erpdesk.workflows.commitments import KIND
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.erp_acts import ErpActs
from erpdesk.workflows.erp_console import Console
from erpdesk.workflows.rows import ErpState, QueueRow
from tests.town import Town, press
from tests.workflows.console_town import Items

REASON = "The server is down until tomorrow."


def accepted_on_old_data(town: Town) -> QueueRow:
    """An item that was accepted with a reason while what is known of Sage was two days old."""
    row = Items(town, KIND).sent(number="SC-77-001")
    now = Clock().now()
    later = replace(town.desk.office, clock=Clock(lambda: now + timedelta(hours=48)))
    page = Console(later).review(row.id, None, town.approver)
    ErpActs(later).accept(town.approver, row.id, row.sage_id, page.sha256, press(), REASON)
    return row


def export(town: Town) -> tuple[Outbox, Exporter]:
    """One round of the exporter, which reads Sage afresh."""
    exporter = Exporter(
        town.store.sessions,
        company=town.settings.company,
        imports=town.sage.imports,
        journal=town.folder / "journal",
        reader=FreshReader(open_standin(town.sage.folder)),
        id_problems=lambda _kind, sage_id: form_problems(
            sage_id, town.facts.commitment_id_format(), town.desk.office.settings().commitment_id_mask
        ),
        clock=Clock(),
        timing=Timing(),
    )
    exporter.recover()
    exporter.step()
    with town.store.reading() as session:
        return session.query(Outbox).one(), exporter


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE APM_MASTER__VENDOR SET Status = 'Inactive'", "is inactive in Sage"),
        ("UPDATE JCM_MASTER__COST_CODE SET Status = 'Closed'", "is closed in Sage. Choose another cost code"),
        ("UPDATE JCM_MASTER__JOB SET Status = 'Closed'", "is closed in Sage. Open it there"),
        (
            "INSERT INTO JCM_MASTER__COMMITMENT (Commitment, Commitment_Type, Vendor) VALUES ('SC-77-001', 'S', 'X')",
            "Sage has a commitment SC-77-001 already",
        ),
    ],
)
def test_what_changed_since_an_accept_on_old_data_refuses_before_sending(town: Town, change: str, words: str) -> None:
    row = accepted_on_old_data(town)
    with town.sage.changing() as books:
        books.execute(change)
    outbox, exporter = export(town)
    assert outbox.state is ExportState.REFUSED
    assert words in outbox.message and "Nothing was sent." in outbox.message
    assert not exporter.mailboxes[COMMITMENT.place].standing()
    assert not list(exporter.journal.armed(outbox.export_key))
    (failed,) = town.queue(View.FAILED_TO_EXPORT)
    assert failed.id == row.id and words in failed.message
    town.desk.erp.reject(town.approver, row.id, "Another vendor, please.", press())


def test_an_id_that_is_not_written_as_the_company_does_today_is_refused_before_sending(town: Town) -> None:
    row = accepted_on_old_data(town)
    town.change_settings(commitment_id_mask="AA-9999-999")
    outbox, exporter = export(town)
    assert outbox.state is ExportState.REFUSED
    assert "SC-77-001 does not match this company's format" in outbox.message and "Nothing was sent." in outbox.message
    assert not exporter.mailboxes[COMMITMENT.place].standing() and not list(exporter.journal.armed(outbox.export_key))
    town.desk.erp.reject(town.approver, row.id, "The IDs have four digits now.", press())


def test_what_was_accepted_by_somebody_who_left_since_goes(town: Town) -> None:
    """The right counts at the moment of the accept (P4); what is accepted is the company's, not the person's."""
    accepted_on_old_data(town)
    with town.store.writing() as session:
        approver = session.get_one(Person, town.approver)
        approver.active, approver.can_push = False, False
    outbox, _ = export(town)
    assert outbox.state is ExportState.DELIVERED


def test_unchanged_it_goes(town: Town) -> None:
    row = accepted_on_old_data(town)
    outbox, exporter = export(town)
    assert outbox.state is ExportState.DELIVERED
    assert exporter.mailboxes[COMMITMENT.place].standing()
    history = town.console.review(row.id, None, town.approver).history
    assert any(REASON in each.text for each in history)


def test_with_the_share_gone_review_accept_and_reject_work_and_accepted_stay_intents(town: Town) -> None:
    items = Items(town, KIND)
    first, second, third = items.sent(), items.sent(), items.sent()
    shutil.rmtree(town.sage.folder)
    page = town.console.review(first.id, None, town.approver)
    assert page.offers[0].allowed and page.read_at is not None
    town.desk.erp.accept(town.approver, first.id, first.sage_id, page.sha256, press())
    picks = town.console.accept_preview(town.approver, [second.id]).picks
    assert town.desk.erp.accept_many(town.approver, picks, press()).done == (second.id,)
    town.desk.erp.reject(town.approver, third.id, "No.", press())
    with town.store.reading() as session:
        assert {each.state for each in session.query(Outbox)} == {ExportState.INTENT}
    assert {row.state for row in town.queue(View.EXPORTING)} == {ErpState.EXPORTING}
    assert town.console.home(town.approver).exporting == 2
