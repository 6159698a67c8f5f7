"""One item's trouble is its own: the others go on, and each says what keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from erpdesk.core.errors import BadSageData
from erpdesk.models.erp import ExportState
from erpdesk.models.erp import ExportState as S
from erpdesk.sync.export.exporter import Timing
from erpdesk.sync.export.kinds.commitments import COMMITMENT, CommitmentReadBack, snapshot_of
from erpdesk.sync.export.kinds.kind import ExportKind, Wanted
from erpdesk.sync.export.kinds.natural import Read, Seen
from erpdesk.sync.sage.probe import Capabilities
from erpdesk.sync.sage.session import Session
from erpdesk.sync.sage.standing import FreshReader
from erpdesk.workflows.documents import Document
from tests.sync.export.test_loop import double
from tests.sync.export.yard import APPROVER, Hands, Yard, other


class Picky(CommitmentReadBack):
    """A read-back that breaks on one commitment."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error

    def why_not(self, sage: FreshReader, document: Document) -> tuple[str, ...]:
        if self.error and snapshot_of(document).sage_id == "SC-21-001":
            raise self.error
        return super().why_not(sage, document)


class Blind(CommitmentReadBack):
    """A Sage user that lost the right to read commitments: an empty table, and no error."""

    def read(self, session: Session, known: Capabilities, wanted: Sequence[Wanted]) -> Read:
        return Read([Seen() for _ in wanted], 0)


def with_read_back(read_back: CommitmentReadBack) -> tuple[ExportKind, ...]:
    """Commitments that are looked for in another way."""
    return (replace(COMMITMENT, read_back=read_back),)


@pytest.mark.loud
def test_an_item_that_meets_a_bug_says_so_and_the_others_go_on(yard: Yard, caplog: pytest.LogCaptureFixture) -> None:
    poison, good = yard.accept(), yard.accept(other(2))
    picky = Picky(ZeroDivisionError("a bug that one item meets"))
    exporter = yard.exporter(kinds=with_read_back(picky))
    reports = yard.run(exporter)
    exporter.recover()
    exporter.step()
    assert yard.state(good) is ExportState.POSTED
    assert "Something unexpected went wrong with this item" in yard.row(poison).message
    assert any("SC-21-001: Something unexpected" in text for report in reports for text in report.troubles)
    assert [record.exc_info is not None for record in caplog.records] == [True], "logged once, not at each try"
    picky.error = None
    yard.run(exporter)
    assert yard.state(poison) is ExportState.POSTED


def test_a_row_of_sage_that_cannot_be_read_keeps_one_item_and_not_the_others(yard: Yard) -> None:
    bad, good, third = yard.accept(), yard.accept(other(2)), yard.accept(other(3))
    picky = Picky(BadSageData("Sage holds a value that its driver cannot hand over."))
    exporter = yard.exporter(kinds=with_read_back(picky))
    exporter.recover()
    exporter.step()
    assert [yard.state(each) for each in (bad, good, third)] == [S.INTENT, S.DELIVERED, S.DELIVERED]
    assert "cannot hand over" in yard.row(bad).message, "its own trouble, not that it waits for another"
    yard.run(exporter)
    assert [yard.state(each) for each in (good, third)] == [S.POSTED, S.POSTED]
    assert "cannot hand over" in yard.row(bad).message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE JCM_MASTER__JOB SET JTD_Cost = 'junk' WHERE Job = '21-001'", "21-001"),
        ("UPDATE JCM_MASTER__CATEGORY SET JTD_Cost = 'junk'", "21-001 05-100 SUB"),
        ("UPDATE JCM_MASTER__COST_CODE SET Group_Cost_Code = 7 WHERE Cost_Code = '05-100'", "21-001 05-100"),
    ],
)
def test_an_unreadable_row_is_named_and_is_not_taken_for_absent(yard: Yard, change: str, words: str) -> None:
    item = yard.accept()
    yard.alter(change)
    yard.run(yard.exporter())
    row = yard.row(item)
    assert row.state is ExportState.STAGED
    assert "Sage holds" in row.message and f"{words}, but erpdesk cannot read its row" in row.message
    assert "any more" not in row.message and "has no" not in row.message


def test_an_unreadable_row_that_the_commitment_does_not_use_is_no_matter(yard: Yard) -> None:
    item = yard.accept()
    yard.alter("UPDATE JCM_MASTER__COST_CODE SET Group_Cost_Code = 7 WHERE Cost_Code = '05-000'")
    yard.run(yard.exporter())
    assert yard.state(item) is ExportState.POSTED


def test_a_database_that_hiccups_after_staging_finds_its_own_file_again(yard: Yard) -> None:
    once: list[str] = []

    def at(point: str) -> None:
        if point == "staged_file" and not once:
            once.append(point)
            raise OperationalError("INSERT", {}, Exception("database is locked"))

    item = yard.accept()
    exporter = yard.exporter(at=at)
    exporter.recover()
    assert "database is locked" in exporter.step().troubles[0]
    report = exporter.step()
    assert yard.state(item) is ExportState.DELIVERED and not report.troubles
    assert yard.row(item).attempt == 1


def test_the_journal_of_another_import_starts_no_clock_and_takes_no_file_away(yard: Yard, hands: Hands) -> None:
    first, second = yard.accept(), yard.accept(other(2))
    exporter = yard.exporter(clock=hands.clock, timing=Timing(most=1))
    exporter.recover()
    exporter.step()
    yard.sage_imports()
    printed = (yard.imports / "commitments.prn").read_bytes()
    (yard.imports / "commitments.prn").unlink()
    exporter.step()
    hands.move(minutes=6)
    exporter.step()
    exporter.step()
    assert (yard.state(first), yard.state(second)) == (ExportState.POSTED, ExportState.DELIVERED)
    (yard.imports / "commitments.prn").write_bytes(printed)
    for _ in range(4):
        hands.move(minutes=6)
        exporter.step()
    row = yard.row(second)
    assert row.state is ExportState.DELIVERED and "commitments.jcc" in yard.mailbox()
    assert "lies a journal that is not about commitment SC-21-002. Move it out of the folder." in row.message
    (yard.imports / "commitments.prn").unlink()
    yard.run(exporter)
    assert yard.state(second) is ExportState.POSTED


@pytest.mark.parametrize("printed", [b"", b"\x00\xff" * 500])
def test_a_journal_that_says_nothing_takes_no_file_out_of_the_mailbox(yard: Yard, hands: Hands, printed: bytes) -> None:
    item = yard.accept()
    exporter = yard.exporter(clock=hands.clock, timing=Timing())
    exporter.recover()
    exporter.step()
    (yard.imports / "commitments.prn").write_bytes(printed)
    exporter.step()
    hands.move(minutes=6)
    exporter.step()
    assert yard.state(item) is ExportState.DELIVERED and "commitments.jcc" in yard.mailbox()
    assert "move the journal out of the folder" in yard.row(item).message


def test_nothing_goes_out_on_a_read_that_shows_far_fewer_commitments_than_ever(yard: Yard) -> None:
    for number in range(20, 25):
        yard.accept(other(number))
    yard.run(yard.exporter(), rounds=30)
    item = yard.accept()
    exporter = yard.exporter(kinds=with_read_back(Blind()))
    reports = yard.run(exporter)
    assert yard.state(item) is ExportState.STAGED and yard.mailbox() == set()
    assert "showed 5 before, so it cannot be told whether SC-21-001 is there" in yard.row(item).message
    assert any("cannot be told" in text for report in reports for text in report.troubles)
    yard.run(yard.exporter())
    assert yard.state(item) is ExportState.POSTED


def test_a_person_may_say_that_sage_holds_fewer_commitments_on_purpose(yard: Yard) -> None:
    for number in range(20, 25):
        yard.accept(other(number))
    yard.run(yard.exporter(), rounds=30)
    yard.alter("DELETE FROM JCM_MASTER__COMMITMENT WHERE Commitment <> 'SC-21-020'")
    item = yard.accept()
    exporter = yard.exporter()
    yard.run(exporter)
    assert yard.state(item) is ExportState.STAGED
    exporter.accept_fewer(APPROVER)
    yard.run(exporter)
    assert yard.state(item) is ExportState.POSTED
    assert [entry.body["who"] for entry in exporter.journal.entries if entry.what == "fewer"] == [APPROVER]


def test_in_a_small_company_a_few_deleted_commitments_are_no_lost_permission(yard: Yard) -> None:
    yard.accept(other(9))
    exporter = yard.exporter()
    yard.run(exporter)
    item = yard.accept()
    exporter.step()
    yard.alter("DELETE FROM JCM_MASTER__COMMITMENT")
    yard.sage.set_faults(reject_next="vendor insurance has expired.")
    yard.run(exporter)
    assert yard.state(item) is ExportState.SAGE_REJECTED


def test_a_second_copy_is_found_however_old_the_item_is(yard: Yard, hands: Hands) -> None:
    item = yard.accept()
    exporter = yard.exporter(clock=hands.clock)
    yard.run(exporter)
    hands.move(days=400)
    yard.alter("DROP INDEX IF EXISTS JCM_MASTER__COMMITMENT_KEY")
    double(yard)
    exporter.recover()
    assert yard.state(item) is ExportState.DUPLICATE_ALARM


def test_an_alarm_whose_records_were_all_deleted_is_in_doubt_and_holds_up_nobody(yard: Yard) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    yard.run(exporter)
    yard.alter("DROP INDEX IF EXISTS JCM_MASTER__COMMITMENT_KEY")
    double(yard)
    exporter.recover()
    assert yard.state(item) is ExportState.DUPLICATE_ALARM
    yard.alter("DELETE FROM JCM_MASTER__COMMITMENT")
    after = yard.accept(other(2))
    yard.run(exporter)
    row = yard.row(item)
    assert row.state is ExportState.IN_DOUBT
    assert row.message.startswith("Sage does not show commitment SC-21-001 any more")
    assert yard.state(after) is ExportState.POSTED


def test_a_conflict_whose_record_was_deleted_says_that_it_is_gone(yard: Yard) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    yard.sage_imports()
    yard.alter("UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = 48000 WHERE Item_Number = 1")
    exporter.step()
    assert yard.state(item) is ExportState.CONFLICT
    yard.alter("DELETE FROM JCM_MASTER__COMMITMENT")
    exporter.recover()
    row = yard.row(item)
    assert row.state is ExportState.IN_DOUBT and "does not show commitment SC-21-001 any more" in row.message
