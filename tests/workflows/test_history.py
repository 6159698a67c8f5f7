"""Every act that can stand in a record's history has words for people."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from erpdesk.sync.export.states import EXPORT_STEPS
from erpdesk.workflows.erp_item import ERP_STEPS
from erpdesk.workflows.field_changes import Change, changes
from erpdesk.workflows.history import ACT_WORDS
from erpdesk.workflows.history_rows import change_rows
from erpdesk.workflows.rows import LineDraft
from tests.town import Town, press


def test_every_act_has_words() -> None:
    people = {step.verb for step in ERP_STEPS.steps if step.guards}
    assert people | {step.verb for step in EXPORT_STEPS.steps} <= set(ACT_WORDS)


def test_an_edit_says_what_changed_in_words_and_nothing_else(town: Town) -> None:
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-1"))
    line = town.desk.queries.commitment(made, town.manager).lines[0]
    kept = LineDraft(line.extra, line.cost_code, line.category, line.description, amount=line.amount, id=line.id)
    other = next(each for each in town.desk.queries.companies() if each.id != town.company())
    draft = town.draft(id=made, version=1, number="SC-1", company_id=other.id, retainage_percent=Decimal("10.00"))
    more = replace(kept, id="", description="Paint", amount=Decimal("5"))
    lines = (replace(kept, amount=Decimal("2000.00")), more)
    town.desk.commitments.save(town.manager, replace(draft, lines=lines))
    first = next(each.name for each in town.desk.queries.companies() if each.id == town.company())
    assert town.desk.queries.commitment(made, town.manager).history[0].text == (
        f"contract company: {first} → {other.name}; line 1 amount: 1,234.56 → 2,000.00; "
        f"line 2 added: {line.cost_code} S, 5.00"
    )


def test_each_field_has_a_row_with_who_when_old_new_and_why(town: Town) -> None:
    made, submission = town.sent(number="SC-2")
    town.desk.erp.reject(town.approver, submission, "The wrong vendor", press())
    rows = change_rows(town.desk.queries.commitment(made, town.manager).history)
    assert [row.act for row in rows] == [row.act for row in town.desk.queries.commitment(made, town.manager).history]
    status = next(row for row in rows if row.act == "Status changed")
    assert (status.field, status.before, status.after) == ("Status", "Draft", "Approved")
    rejected = next(row for row in rows if row.act == "Rejected")
    assert rejected.why == "The wrong vendor" and rejected.who and rejected.at > status.at
    assert len({row.id for row in rows}) == len(rows)


def test_entries_of_the_worker_say_where_an_export_stood_and_why_it_moved(town: Town) -> None:
    made, submission = town.accepted(number="SC-3")
    town.fail(submission)
    newest = change_rows(town.desk.queries.commitment(made, town.manager).history)[0]
    assert (newest.who, newest.act, newest.field) == ("erpdesk", "Rejected by Sage", "Export to Sage")
    assert (newest.before, newest.after) == ("In Sage’s mailbox", "Rejected by Sage")
    assert newest.why == "Sage rejected it: not today."


def test_values_are_said_in_words() -> None:
    names = {"c1": "Hollis Steel"}
    assert changes({"company": None, "digest": True}, {"company": "c1", "digest": False}, names) == (
        Change("contract company", "", "Hollis Steel"),
        Change("digest", "Yes", "No"),
    )
    assert changes({"rights": {"Budget": "None"}}, {"rights": {"Budget": "Admin"}}, {}) == (
        Change("rights Budget", "None", "Admin"),
    )
    assert changes({"lines": [{"id": "1", "amount": "5"}]}, {"lines": []}, {}) == (Change("line 1 deleted", "5", ""),)
    assert changes(["a"], ["a", "b"], {}) == (Change("value", "a", "a, b"),)
    assert changes("Draft", "Draft", {}, "status") == ()
