"""The acts of workflow 4 on both databases: what people do, what is refused, and what stays behind."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select, text

from erpdesk.core.errors import ChangedMeanwhile, ForPeople, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.workflows import audit
from erpdesk.workflows.console_rows import View
from erpdesk.workflows.rows import CommitmentDraft, ErpState, LineDraft
from tests.town import Town, press


def refusal(town: Town, **changes: object) -> tuple[str, ...]:
    """Why an approved commitment with these changes is not sent."""
    made = town.approved(**changes)
    result = town.desk.erp.send(town.manager, [made], press())
    assert result.done == ()
    return result.not_done[0].reasons


def test_a_new_commitment_is_a_draft_and_nothing_is_compulsory(any_town: Town) -> None:
    """C1."""
    draft = CommitmentDraft(type="Purchase order", project_id=any_town.project().id)
    made, changes = any_town.desk.commitments.save(any_town.manager, draft)
    detail = any_town.desk.queries.commitment(made, any_town.manager)
    assert detail.row.status == "Draft"
    assert detail.row.erp_state is ErpState.NOT_SENT
    assert changes.touched == {("commitment", made)}


def test_lines_by_amount_and_by_quantity(any_town: Town) -> None:
    town = any_town
    code, other = town.codes("M")[:2]
    by_quantity = town.draft(
        type="Purchase order",
        method="unit",
        lines=(
            LineDraft("", code.cost_code, "M", "Doors", Decimal("3"), "each", Decimal("0.835")),
            LineDraft("", other.cost_code, "M", "Freight", amount=Decimal("50.00")),
        ),
    )
    made, _ = town.desk.commitments.save(town.manager, by_quantity)
    detail = town.desk.queries.commitment(made, town.manager)
    assert [line.amount for line in detail.lines] == [Decimal("2.51"), Decimal("50.00")]
    assert detail.row.amount == Decimal("52.51")


def test_the_method_is_fixed_by_the_first_line(town: Town) -> None:
    """C2."""
    made, _ = town.desk.commitments.save(town.manager, town.draft())
    draft = town.draft(id=made, version=1, method="unit")
    with pytest.raises(Refused, match="fixed by the first line"):
        town.desk.commitments.save(town.manager, draft)
    emptied, _ = town.desk.commitments.save(town.manager, town.draft(id=made, version=1, method="unit", lines=()))
    assert town.desk.queries.commitment(emptied, town.manager).method == "unit"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (LineDraft("", "99-9999", "S", ""), "has no 99-9999 S in Sage"),
        (LineDraft("", "", "", ""), "choose a cost code"),
        (LineDraft("", "05-0000", "S", ""), "05-0000"),
    ],
)
def test_lines_need_a_code_of_the_job(town: Town, line: LineDraft, words: str) -> None:
    """C3."""
    with pytest.raises(Refused, match=words):
        town.desk.commitments.save(town.manager, town.draft(lines=(line,)))


def test_lines_are_closed_while_approved_but_the_title_is_not(town: Town) -> None:
    """C3."""
    made = town.approved(number="SC-7")
    detail = town.desk.queries.commitment(made, town.manager)
    assert "closed while the status is Approved" in detail.lines_locked
    kept = tuple(
        LineDraft(each.extra, each.cost_code, each.category, each.description, amount=each.amount, id=each.id)
        for each in detail.lines
    )
    town.desk.commitments.save(
        town.manager, town.draft(id=made, version=detail.version, title="Steel", number="SC-7", lines=kept)
    )
    with pytest.raises(Refused, match="closed while the status is Approved"):
        town.desk.commitments.save(town.manager, town.draft(id=made, version=detail.version + 1, lines=()))


def test_the_number_is_used_once(town: Town) -> None:
    town.desk.commitments.save(town.manager, town.draft(number="SC-1"))
    with pytest.raises(Refused, match="already used"):
        town.desk.commitments.save(town.manager, town.draft(number="SC-1"))


def test_a_stale_editor_is_told(any_town: Town) -> None:
    town = any_town
    made, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-1"))
    line = town.desk.queries.commitment(made, town.manager).lines[0]
    changed = LineDraft(line.extra, line.cost_code, line.category, line.description, amount=Decimal("2.00"), id=line.id)
    town.desk.commitments.save(town.manager, town.draft(id=made, version=1, number="SC-1", lines=(changed,)))
    with pytest.raises(ChangedMeanwhile, match="Somebody else saved"):
        town.desk.commitments.save(town.manager, town.draft(id=made, version=1, number="SC-1"))


def test_numbers_follow_the_last_pattern(town: Town) -> None:
    town.desk.commitments.save(town.manager, town.draft(number="STEEL-09"))
    assert town.desk.queries.next_number(town.project().id, "Subcontract", town.manager) == "STEEL-10"
    first = town.desk.queries.next_number(town.project().id, "Purchase order", town.manager)
    assert first.startswith("PO-0014-")
    assert not town.facts.commitment_id_taken(first)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "SC-1234567890"}, "13 characters; Sage takes 12"),
        ({"number": ""}, "Give the commitment a number"),
        ({"title": "T" * 31}, "31 characters; Sage takes 30"),
        ({"title": ""}, "Give the commitment a title"),
        ({"company_id": ""}, "Choose the contract company"),
        ({"lines": ()}, "Add at least one line"),
    ],
)
def test_send_is_refused_with_a_sentence(town: Town, changes: dict[str, object], words: str) -> None:
    """C4."""
    assert any(words in reason for reason in refusal(town, **changes))


def test_send_needs_a_synced_vendor(town: Town) -> None:
    """C4."""
    assert any(
        "not linked to a Sage vendor" in reason for reason in refusal(town, company_id=town.company(linked=False))
    )


def test_send_needs_the_status_approved(town: Town) -> None:
    """C4."""
    made, _ = town.desk.commitments.save(town.manager, town.draft())
    result = town.desk.erp.send(town.manager, [made], press())
    assert "Set it to Approved or Complete" in result.not_done[0].reasons[0]


def test_send_checks_the_width_of_lines(town: Town) -> None:
    code = town.codes()[0]
    long = (LineDraft("", code.cost_code, "S", "D" * 31, amount=Decimal("1.00")),)
    assert any("31 characters; Sage takes 30" in reason for reason in refusal(town, lines=long))


def test_a_sent_commitment_is_locked_and_can_be_retrieved(any_town: Town) -> None:
    """C5, J3."""
    town = any_town
    made, _ = town.sent(number="SC-1")
    detail = town.desk.queries.commitment(made, town.manager)
    assert detail.row.erp_state is ErpState.SENT
    assert "Retrieve it to edit it" in detail.locked
    with pytest.raises(Refused, match="waiting for accounting"):
        town.desk.commitments.save(town.manager, town.draft(id=made, version=detail.version))
    with pytest.raises(Refused, match="waiting for accounting"):
        town.desk.commitments.set_status(town.manager, made, "Draft", detail.version)
    assert town.desk.erp.retrieve(town.manager, [made], press()).done == (made,)
    after = town.desk.queries.commitment(made, town.manager)
    assert after.row.erp_state is ErpState.RETRIEVED
    assert after.locked == ""
    assert [offer.verb for offer in after.offers if offer.allowed] == ["send"]
    assert town.queue(View.READY_TO_EXPORT) == ()


def test_a_full_disk_is_explained_and_nothing_is_half_saved(town: Town) -> None:
    with town.store.engine.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
    town.store.engine.dispose()

    @event.listens_for(town.store.engine, "connect")
    def fill_the_disk(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    draft = town.draft(number="SC-FULL", description="D" * 10_000, lines=town.draft().lines * 300)
    with pytest.raises(ForPeople, match="disk is full"):
        town.desk.commitments.save(town.manager, draft)
    assert town.desk.queries.commitments() == ()
    small, _ = town.desk.commitments.save(town.manager, town.draft(number="SC-FULL", lines=()))
    assert town.desk.queries.commitment(small, town.manager).row.number == "SC-FULL"


def test_a_locked_database_is_explained(town: Town) -> None:
    town.store.engine.dispose()

    @event.listens_for(town.store.engine, "connect")
    def hurry(connection: Any, _: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    other = sqlite3.connect(town.folder / "erpdesk.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ForPeople, match="no other program holds the file"):
        town.desk.commitments.save(town.manager, town.draft())
    other.close()


def test_delete_is_for_drafts(any_town: Town) -> None:
    town = any_town
    made = town.approved()
    with pytest.raises(Refused, match="Only a Draft"):
        town.desk.commitments.delete(town.manager, made)
    version = town.desk.queries.commitment(made, town.manager).version
    town.desk.commitments.set_status(town.manager, made, "Draft", version)
    town.desk.commitments.delete(town.manager, made)
    with pytest.raises(ChangedMeanwhile):
        town.desk.queries.commitment(made, town.manager)


def test_the_trail_is_chained_and_has_an_entry_for_each_act(any_town: Town) -> None:
    town = any_town
    made, submission = town.sent()
    town.desk.erp.reject(town.approver, submission, "No.", press())
    with town.store.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert [entry.act for entry in entries if entry.ref == made] == ["create", "status", "send", "reject"]
    prev = audit.START
    for place, entry in enumerate(entries, 1):
        assert entry.seq == place
        assert entry.prev == prev
        prev = audit.entry_hash(entry)
        assert entry.hash == prev
    history = town.desk.queries.commitment(made, town.manager).history
    assert [row.act for row in history] == ["Rejected", "Sent to ERP", "Status changed", "Created"]
