"""Failed means not in Sage: said only when no import can bring it in any more, taken back when Sage shows it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal

import pytest

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.exporter import Exporter, Timing
from erpdesk.sync.export.store import Overtaken
from erpdesk.sync.sandbox.import_commitments import Withdrawn, import_commitments
from tests.sync.export.yard import SNAPSHOT, Hands, Yard, other

REASON = "vendor insurance has expired."


def rejected(yard: Yard) -> tuple[str, Exporter]:
    """An item that Sage has rejected and that failed for good."""
    item = yard.accept()
    exporter = yard.exporter()
    yard.sage.set_faults(reject_next=REASON)
    yard.run(exporter)
    assert yard.state(item) is ExportState.SAGE_REJECTED
    return item, exporter


def import_old_file(yard: Yard, item: str) -> None:
    """Somebody copies the file out of the archive and imports it by hand."""
    kept = yard.kept_set(item) / "commitments.jcc"
    shutil.copy(kept, yard.imports / "commitments.jcc")
    import_commitments(yard.sage)
    for name in yard.mailbox():
        (yard.imports / name).unlink()


@pytest.mark.parametrize("point", ["evidence", "decided", "archived_input", "archived"])
def test_a_second_import_while_the_reject_is_taken_in_is_never_failed_and_in_sage(yard: Yard, point: str) -> None:
    item = yard.accept()
    done: list[str] = []
    imported: list[str] = []

    def at(reached: str) -> None:
        if reached == point and imported and not done:
            done.append(reached)
            try:
                import_commitments(yard.sage)
            except Withdrawn:
                done.append("nothing to import")

    exporter = yard.exporter(at=at)
    exporter.recover()
    exporter.step()
    yard.sage.set_faults(reject_next=REASON)
    import_commitments(yard.sage)
    imported.append("rejected")
    for _ in range(4):
        exporter.step()
    assert done
    wanted = ExportState.SAGE_REJECTED if len(done) > 1 else ExportState.POSTED
    assert (yard.state(item), yard.in_sage()) == (wanted, 0 if len(done) > 1 else 1)
    assert yard.mailbox() == set()


def test_a_reject_is_final_only_when_sage_was_read_after_the_file_was_away(yard: Yard, hands: Hands) -> None:
    item = yard.accept()
    exporter = yard.exporter(timing=Timing(), clock=hands.clock)
    yard.sage.set_faults(reject_next=REASON)
    yard.run(exporter)
    row = yard.row(item)
    assert row.state is ExportState.DELIVERED and yard.mailbox() == set()
    assert "Vendor insurance has expired. erpdesk took the file away and looks into Sage once more." in row.message
    hands.set(days=1)
    exporter.step()
    assert yard.state(item) is ExportState.DELIVERED, "a clock that somebody set is no time that passed"
    hands.move(seconds=11)
    exporter.step()
    assert yard.state(item) is ExportState.SAGE_REJECTED
    assert yard.row(item).message == "Sage rejected it: Vendor insurance has expired."


def test_an_import_that_ends_after_the_file_was_put_away_counts(yard: Yard, hands: Hands) -> None:
    item = yard.accept()
    exporter = yard.exporter(timing=Timing(), clock=hands.clock)
    yard.sage.set_faults(reject_next=REASON)
    yard.run(exporter)
    import_old_file(yard, item)
    hands.move(seconds=11)
    exporter.step()
    assert yard.state(item) is ExportState.POSTED


def test_a_failed_item_that_shows_up_in_sage_is_synced_after_all(yard: Yard) -> None:
    item, exporter = rejected(yard)
    import_old_file(yard, item)
    report = exporter.recover()
    assert yard.state(item) is ExportState.POSTED and report.posted == (item,)
    assert "had failed, but is in Sage as approved" in yard.row(item).message
    assert yard.audit()[-2:] == ["sage_reject", "post"]


def test_a_failed_item_that_shows_up_changed_is_a_conflict(yard: Yard) -> None:
    item, exporter = rejected(yard)
    import_old_file(yard, item)
    yard.alter("UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = 48000 WHERE Item_Number = 1")
    exporter.recover()
    assert yard.state(item) is ExportState.CONFLICT
    assert "had failed, but is in Sage, and not as approved: Line 1 amount" in yard.row(item).message


def test_what_was_sent_back_and_shows_up_in_sage_is_told_and_does_not_go_again_under_another_id(yard: Yard) -> None:
    item, exporter = rejected(yard)
    yard.send_back(item)
    import_old_file(yard, item)
    second = yard.accept(other(2), again=item)
    report = exporter.recover()
    assert "SC-21-001 had failed and was sent back to the project side, but is in Sage now" in report.troubles[0]
    assert yard.state(item) is ExportState.SAGE_REJECTED
    yard.run(exporter)
    row = yard.row(second)
    assert row.state is ExportState.REFUSED
    assert "This commitment is in Sage already as SC-21-001" in row.message and "Nothing was sent." in row.message
    assert (yard.in_sage("SC-21-001"), yard.in_sage("SC-21-002")) == (1, 0)


def test_what_was_sent_back_goes_again_when_sage_does_not_have_it(yard: Yard) -> None:
    item, exporter = rejected(yard)
    yard.send_back(item)
    second = yard.accept(other(2), again=item)
    yard.run(exporter)
    assert yard.state(second) is ExportState.POSTED
    assert (yard.in_sage("SC-21-001"), yard.in_sage("SC-21-002")) == (0, 1)


@pytest.mark.parametrize(("amount", "state"), [("48250.10", ExportState.POSTED), ("48000.00", ExportState.CONFLICT)])
def test_a_revision_with_the_same_id_finds_what_the_one_before_left_in_sage(
    yard: Yard, amount: str, state: ExportState
) -> None:
    item, exporter = rejected(yard)
    yard.send_back(item)
    import_old_file(yard, item)
    lines = (replace(SNAPSHOT.lines[0], amount=Decimal(amount)), SNAPSHOT.lines[1])
    second = yard.accept(replace(SNAPSHOT, lines=lines), again=item)
    yard.run(exporter)
    assert yard.state(second) is state and yard.in_sage() == 1


def test_an_id_that_another_item_took_over_says_nothing_about_the_one_that_failed(yard: Yard) -> None:
    item, exporter = rejected(yard)
    second = yard.accept()
    yard.run(exporter)
    report = exporter.recover()
    assert (yard.state(item), yard.state(second)) == (ExportState.SAGE_REJECTED, ExportState.POSTED)
    assert not report.troubles


def test_an_item_that_is_sent_back_at_the_same_moment_stays_failed(yard: Yard) -> None:
    item, exporter = rejected(yard)
    held = exporter.store.item(item)
    yard.send_back(item)
    with pytest.raises(Overtaken):
        exporter.store.reopen(held, "post", "It is there.", ())
    assert yard.state(item) is ExportState.SAGE_REJECTED


def test_an_id_taken_after_the_last_check_fails_and_leaves_the_other_commitment_alone(yard: Yard) -> None:
    def take(point: str) -> None:
        if point == "checked":
            yard.key_in("SC-21-001")

    item = yard.accept()
    exporter = yard.exporter(at=take)
    yard.run(exporter)
    row = yard.row(item)
    assert row.state is ExportState.SAGE_REJECTED
    assert "The ID of commitment SC-21-001 was taken by another one" in row.message
    assert "Leave that one in Sage as it is" in row.message and "accept it with a free ID" in row.message
    assert not exporter.recover().troubles and yard.state(item) is ExportState.SAGE_REJECTED
    yard.send_back(item)
    second = yard.accept(other(2), again=item)
    yard.run(yard.exporter())
    assert yard.state(second) is ExportState.POSTED
