"""Try again, where nothing of a refused item ever left; and sending a file that waits for company at once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from erpdesk.core.errors import Refused
from erpdesk.models.base import new_id
from erpdesk.models.erp import Attempt, ExportFile, ExportState, Outbox
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.erp_acts import ErpActs
from tests.town import Town, press


def refused(town: Town, *, armed: bool = False) -> str:
    """An accepted item that was refused before arming, or (``armed``) after an earlier file had gone out."""
    _, submission = town.accepted()
    with town.store.writing() as session:
        row = session.scalars(select(Outbox).where(Outbox.submission_id == submission)).one()
        row.state, row.message, row.strikes = ExportState.REFUSED, "Vendor is inactive in Sage. Nothing was sent.", 3
        if armed:
            now = row.accepted_at
            file = ExportFile(
                id=new_id(),
                company=row.company,
                kind=row.kind,
                name="K.1-a.jcc",
                sha256="0",
                bytes=1,
                line_map="[]",
                staged_at=now,
                armed_at=now,
                worker="w",
            )
            session.add(file)
            session.flush()
            session.add(Attempt(outbox_id=row.id, n=1, file_id=file.id, sha256="0"))
    return submission


def outbox(town: Town, submission: str) -> Outbox:
    with town.store.reading() as session:
        return session.scalars(select(Outbox).where(Outbox.submission_id == submission)).one()


def acts(town: Town) -> ErpActs:
    return town.desk.erp


def test_what_never_left_goes_once_more_and_all_checks_are_made_again(town: Town) -> None:
    submission = refused(town)
    once = press()
    changes = acts(town).try_again(town.approver, submission, once)
    row = outbox(town, submission)
    assert (row.state, row.strikes) == (ExportState.INTENT, 0) and ("submission", submission) in changes.touched
    assert acts(town).try_again(town.approver, submission, once).touched == changes.touched, (
        "the same press is answered"
    )
    with pytest.raises(Refused, match="can be tried again"):
        acts(town).try_again(town.approver, submission, press())


def test_what_was_with_sage_already_is_only_rejected(town: Town) -> None:
    submission = refused(town, armed=True)
    with pytest.raises(Refused, match="only Reject leads on"):
        acts(town).try_again(town.approver, submission, press())
    assert outbox(town, submission).state is ExportState.REFUSED


def test_the_sender_does_not_try_again_and_the_button_says_so(town: Town) -> None:
    submission = refused(town)
    with pytest.raises(Refused):
        acts(town).try_again(town.manager, submission, press())
    (row,) = town.queue(View.FAILED_TO_EXPORT)
    offers = {each.verb: each for each in town.console.review(row.id, None, town.approver).offers}
    assert offers["try_again"].allowed and not offers["send_now"].allowed
    assert offers["send_now"].reasons == ("Only an accepted item that still waits for its file can be sent now.",)


def test_an_item_that_waits_for_its_file_can_be_sent_now(town: Town) -> None:
    _, submission = town.accepted()
    offers = {each.verb: each for each in town.console.review(submission, None, town.approver).offers}
    assert offers["send_now"].allowed
