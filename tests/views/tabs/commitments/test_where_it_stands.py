"""Beside the contract: the map from the step tables, what the history says of accounting, and files in the list."""

from __future__ import annotations

import pytest

from erpdesk.views.tabs.commitments.page import CommitmentPage
from erpdesk.workflows.rows import CommitmentDetail
from tests.town import press
from tests.views.house import House

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def page(house: House) -> CommitmentPage:
    return house.commitments.page


def show(house: House, commitment: str) -> CommitmentDetail:
    house.reload()
    house.commitments.open(commitment)
    house.settle()
    detail = page(house).detail
    assert detail is not None
    return detail


def test_the_map_comes_from_the_step_tables_as_on_the_review(house: House) -> None:
    town = house.town
    made, submission = town.sent()
    detail = show(house, made)
    assert detail.map == town.console.review(submission, None, town.approver).map
    steps = page(house).map.steps()
    assert [step.text for step in steps] == [node.title for node in detail.map]
    current = next(step for step in steps if step.state == "current")
    assert (current.text, current.where) == ("Accept", "ERP Integrations")
    sent = next(step for step in steps if step.text == "Send")
    assert next(each.name for each in town.desk.queries.people() if each.id == town.manager) in sent.note


def test_the_history_says_what_a_rejection_changed_and_why(house: House) -> None:
    town = house.town
    made, submission = town.sent()
    town.desk.erp.reject(town.approver, submission, "The vendor is another one.", press())
    show(house, made)
    table = page(house).history.table
    rejected, sent = table.shown_rows()[:2]
    assert [rejected.act, rejected.field, rejected.before, rejected.after, rejected.why] == [
        *("Rejected", "ERP status", "Sent", "Rejected"),
        "The vendor is another one.",
    ]
    assert [sent.act, sent.field, sent.before, sent.after] == ["Sent to ERP", "ERP status", "Not sent", "Sent"]
    titles = [column.title for column in table.visible_columns()]
    assert titles == ["When", "Who", "What", "Field", "Before", "After", "Why"]


def test_the_list_counts_the_attachments_of_each_commitment(house: House) -> None:
    town = house.town
    made, without = town.approved(), town.approved()
    for name in ("scope.txt", "price.txt"):
        town.desk.attachments.add_bytes(town.manager, "commitment", made, name, name.encode())
    (gone, *_) = town.desk.attachments.listed(town.manager, "commitment", made)
    rows = {row.id: row.attachments for row in town.desk.queries.commitments()}
    assert (rows[made], rows[without]) == (2, 0)
    town.desk.attachments.remove(town.manager, gone.id, "Not ours.")
    assert town.desk.queries.commitment(made, town.manager).row.attachments == 1
