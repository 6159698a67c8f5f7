"""The gate: a file with an open field is shown, goes to the stand-in or a test company, and never to a live one."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpdesk.core.errors import Refused
from erpdesk.models.people import Person, Right, Tool
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.layout_gate import trial_words, why_not_live
from erpdesk.workflows.ports import OpenField, Preview
from erpdesk.workflows.rows import ErpState, Level
from tests.town import Town, press
from tests.workflows.layout_town import open_title, with_layouts

TITLE = 4


def make_admin(town: Town) -> str:
    """Somebody who may confirm."""
    with town.store.writing() as session:
        found = session.get_one(Person, town.both)
        for given in found.rights:
            if given.tool is Tool.ERP_INTEGRATIONS:
                given.right = Right.ADMIN
    return town.both


def test_a_live_company_is_refused_with_the_field_and_how_to_settle_it(town: Town, tmp_path: Path) -> None:
    with_layouts(town, open_title(tmp_path / "layouts"))
    town.change_settings(stand_in=False)
    _, submission = town.sent()
    review = town.console.review(submission, None, town.approver)
    assert review.file_lines and review.sha256
    refused = [each.text for each in review.checks if each.level is Level.REFUSED]
    assert refused[0] == (
        "Field 4 of the C record (title) is inferred, and nobody confirmed it here. "
        "To settle it: Print the help topic (F1)."
    )
    assert not review.offers[0].allowed and refused[0] in review.offers[0].reasons
    with pytest.raises(Refused, match="never to a live one"):
        town.accept(submission)
    assert len(town.queue(View.READY_TO_EXPORT)) == 1


@pytest.mark.parametrize("kind", ["stand_in", "test_company"])
def test_the_stand_in_and_a_test_company_may_have_it_with_a_warning(town: Town, tmp_path: Path, kind: str) -> None:
    with_layouts(town, open_title(tmp_path / "layouts"))
    town.change_settings(**{"stand_in": False, "test_company": False, kind: True})
    made, submission = town.sent()
    review = town.console.review(submission, None, town.approver)
    warned = [each.text for each in review.checks if each.level is Level.WARNING]
    assert any(each.startswith("One field of this file is not settled") for each in warned)
    town.accept(submission)
    assert town.desk.queries.commitment(made, town.manager).row.erp_state is ErpState.EXPORTING


def test_a_confirmation_opens_the_way_and_a_withdrawal_closes_it(town: Town, tmp_path: Path) -> None:
    with_layouts(town, open_title(tmp_path / "layouts"))
    town.change_settings(stand_in=False)
    admin = make_admin(town)
    _, submission = town.sent()
    sha = town.console.review(submission, None, town.approver).sha256
    town.desk.layouts.confirm(admin, "jcc", "C", [TITLE], "Compared with Sage's help")
    town.desk.layouts.withdraw(admin, "jcc", "C", [TITLE], "It was the help of another release")
    with pytest.raises(Refused, match="never to a live one"):
        town.desk.erp.accept(town.approver, submission, "SC-77", sha, press())
    town.desk.layouts.confirm(admin, "jcc", "C", [TITLE], "Compared with the help of this release")
    review = town.console.review(submission, None, town.approver)
    assert review.sha256 == sha and review.offers[0].allowed, review.offers
    town.accept(submission)


def test_the_shipped_commitment_layout_is_open_to_a_live_company(town: Town) -> None:
    with_layouts(town)
    town.change_settings(stand_in=False)
    _, submission = town.sent()
    town.accept(submission)


def test_many_open_fields_are_counted_and_not_all_named() -> None:
    fields = tuple(OpenField("CCOI", at, f"f{at}", "M", "ask.") for at in range(2, 9))
    seen = Preview((), b"x", "y", (), fields)
    reasons = why_not_live(True, seen)
    assert reasons[0].endswith("is a guess, and nobody confirmed it here. To settle it: ask.")
    assert reasons[4] == "3 more fields are open; Layouts lists them."
    assert why_not_live(False, seen) == () and trial_words(True, seen) == ""
    assert trial_words(False, seen).startswith("7 fields of this file are not settled")
    assert why_not_live(True, Preview((), b"x", "y", ())) == ()
