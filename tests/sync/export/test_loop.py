"""The whole way of an accepted item, with the real stand-in Sage: in Sage once and as approved, or not, and why."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from erpdesk.core.clock import CLOCK
from erpdesk.models.erp import ExportFile, ExportState, Outbox, Submission
from erpdesk.sync.export.exporter import CRASH_POINTS, Timing
from erpdesk.sync.sage.manifest import Manifest
from tests.sync.export.yard import ALONE, SNAPSHOT, Hands, Yard, other


def test_an_accepted_item_is_synced_only_after_it_was_read_back(yard: Yard) -> None:
    item = yard.accept()
    points: list[str] = []
    exporter = yard.exporter(at=points.append)
    exporter.recover()
    first = exporter.step()
    assert yard.state(item) is ExportState.DELIVERED
    assert first.exporting == 1 and not first.posted and not first.troubles
    assert "Job Cost > Tools > Import POs/Commitments" in yard.row(item).message
    assert yard.sage_imports()
    second = exporter.step()
    row = yard.row(item)
    assert row.state is ExportState.POSTED
    assert row.message == f"Commitment {SNAPSHOT.sage_id} is in Sage as approved."
    assert second.posted == (item,) and second.exporting == 0 and second.changes.kinds == {"commitment", "submission"}
    assert yard.in_sage() == 1
    assert yard.audit() == ["accept", "stage", "arm", "deliver", "post"]
    assert yard.mailbox() == set()
    assert [point for point in CRASH_POINTS if point not in points] == []


def test_the_evidence_of_an_attempt_is_kept_as_one_read_only_set(yard: Yard) -> None:
    item = yard.accept()
    yard.run(yard.exporter())
    kept = yard.kept_set(item)
    assert {path.name for path in kept.iterdir()} == {"commitments.jcc", "commitments.prn", "commitments-manifest.json"}
    assert all(not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) for path in kept.iterdir())
    assert ("odbc_master", "equal") in yard.evidence()
    assert ("journal", "accepted") in yard.evidence()
    with yard.store.sessions() as session:
        file = session.query(ExportFile).one()
    assert json.loads(file.line_map) == [
        {"letters": "C", "line": 1, "number": 0, "part": "", "sage_id": "SC-21-001"},
        {"letters": "CI", "line": 2, "number": 1, "part": "", "sage_id": "SC-21-001"},
        {"letters": "CI", "line": 3, "number": 2, "part": "", "sage_id": "SC-21-001"},
    ]
    assert file.armed_at and file.delivered_at and file.armed_at < file.delivered_at


def test_a_manifest_lies_beside_the_file_and_is_kept_with_its_evidence(yard: Yard) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    beside = Manifest.read((yard.imports / "commitments-manifest.json").read_text())
    data = (yard.imports / "commitments.jcc").read_bytes()
    assert beside.check(data) == ()
    assert beside.records == {"C": 1, "CI": 2}
    assert beside.totals["CI"]["amount"] == "48521.23" == str(SNAPSHOT.amount)
    assert beside.check(data.replace(b"48250.10", b"48250.01"))
    yard.run(exporter)
    kept = yard.kept_set(item) / "commitments-manifest.json"
    assert Manifest.read(kept.read_text()) == beside
    assert not (yard.imports / "commitments-manifest.json").exists()


def test_items_go_one_by_one_and_the_others_say_that_they_wait(yard: Yard) -> None:
    items = [yard.accept(other(number)) for number in range(1, 4)]
    exporter = yard.exporter(timing=ALONE)
    exporter.recover()
    exporter.step()
    assert [yard.state(item) for item in items] == [ExportState.DELIVERED, ExportState.INTENT, ExportState.INTENT]
    assert yard.row(items[1]).message == "Waits until Sage has imported SC-21-001; one file at a time."
    yard.run(exporter)
    assert [yard.state(item) for item in items] == [ExportState.POSTED] * 3
    assert [yard.in_sage(f"SC-21-00{number}") for number in range(1, 4)] == [1, 1, 1]


def test_other_data_than_approved_is_never_written(yard: Yard) -> None:
    item = yard.accept(approved="0" * 64)
    yard.run(yard.exporter())
    assert yard.state(item) is ExportState.REFUSED
    assert yard.row(item).message.startswith("The data changed since approval")
    assert yard.in_sage() == 0 and not any((yard.imports / "staging").iterdir())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE JCM_MASTER__JOB SET Status = 'Closed'", "Job 21-001 is closed in Sage"),
        ("DELETE FROM APM_MASTER__VENDOR", "Sage has no vendor STEELCO any more"),
        ("UPDATE APM_MASTER__VENDOR SET Status = 'Inactive'", "Vendor STEELCO is inactive in Sage"),
        ("UPDATE JCM_MASTER__COST_CODE SET Group_Cost_Code = 1", "Line 1: 05-100 is a group cost code in Sage"),
        ("UPDATE JCM_MASTER__CATEGORY SET Status = 'Closed'", "Line 2: 05-100 SUB is closed in Sage"),
        ("DELETE FROM JCM_MASTER__CATEGORY", "Line 1: job 21-001 has no 05-100 SUB in Sage"),
    ],
)
def test_what_changed_in_sage_since_approval_refuses_before_anything_is_sent(
    yard: Yard, change: str, words: str
) -> None:
    item = yard.accept()
    yard.alter(change)
    exporter = yard.exporter()
    yard.run(exporter)
    row = yard.row(item)
    assert row.state is ExportState.REFUSED
    assert words in row.message and row.message.endswith("Nothing was sent.")
    assert yard.mailbox() == set()
    assert not any((yard.imports / "staging").iterdir())
    assert [path.name for path in (yard.imports / "burned").iterdir()] == [yard.file_of(item)]
    assert [entry.what for entry in exporter.journal.entries] == ["head"]


def test_an_id_that_was_taken_meanwhile_refuses(yard: Yard) -> None:
    first, second = yard.accept(), yard.accept(other(2))
    yard.key_in("SC-21-001")
    yard.run(yard.exporter())
    assert yard.state(first) is ExportState.REFUSED
    assert "Sage has a commitment SC-21-001 already" in yard.row(first).message
    assert yard.state(second) is ExportState.POSTED


def test_a_reject_by_sage_carries_sages_reason_and_frees_the_mailbox(yard: Yard) -> None:
    item, after = yard.accept(), yard.accept(other(2))
    yard.sage.set_faults(reject_next="vendor insurance has expired.")
    yard.run(yard.exporter())
    row = yard.row(item)
    assert row.state is ExportState.SAGE_REJECTED
    assert row.message == "Sage rejected it: Vendor insurance has expired."
    assert yard.in_sage() == 0
    kept = yard.kept_set(item)
    assert {path.name for path in kept.iterdir() if path.suffix != ".json"} == {
        *("commitments.jcc", "commitments.prn", "commitments.rej"),
    }
    assert ("rejected", "gave back") in yard.evidence()
    assert yard.state(after) is ExportState.POSTED


def test_a_reject_for_an_id_that_is_there_as_approved_counts_as_in_sage(yard: Yard) -> None:
    """Sage was cut off between its tables and its journal, imported again, and refused what it already had."""
    item = yard.accept()
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    yard.sage_imports()
    (yard.imports / "commitments.prn").unlink()
    yard.sage_imports()
    assert b"already exists" in (yard.imports / "commitments.prn").read_bytes()
    exporter.step()
    assert yard.state(item) is ExportState.POSTED
    assert yard.in_sage() == 1


def test_what_differs_in_sage_is_a_conflict_until_it_is_corrected_there(yard: Yard) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    yard.sage_imports()
    yard.alter("UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = 48000 WHERE Item_Number = 1")
    exporter.step()
    row = yard.row(item)
    assert row.state is ExportState.CONFLICT
    assert "Line 1 amount: approved 48,250.10, in Sage 48,000.00" in row.message
    assert yard.mailbox() == set()
    yard.alter("UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = 48250.10 WHERE Item_Number = 1")
    assert exporter.recover().posted == (item,)


def test_what_goes_wrong_after_it_was_archived_is_seen_again(yard: Yard) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    yard.run(exporter)
    with yard.store.writing() as session:
        submission = session.get_one(Submission, session.get_one(Outbox, item).submission_id)
        submission.archived_at = CLOCK.now()
    yard.alter("DROP INDEX IF EXISTS JCM_MASTER__COMMITMENT_KEY")
    double(yard)
    exporter.recover()
    assert yard.state(item) is ExportState.DUPLICATE_ALARM
    with yard.store.reading() as session:
        assert session.get_one(Submission, submission.id).archived_at is None


def test_a_second_copy_in_sage_stops_all_exports_until_it_is_gone(yard: Yard) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    yard.run(exporter)
    assert yard.state(item) is ExportState.POSTED
    yard.alter("DROP INDEX IF EXISTS JCM_MASTER__COMMITMENT_KEY")
    double(yard)
    after = yard.accept(other(2))
    report = exporter.recover()
    assert yard.state(item) is ExportState.DUPLICATE_ALARM
    step = exporter.step()
    assert yard.state(after) is ExportState.INTENT
    assert "more than once" in step.troubles[0] and "more than once" in yard.row(after).message
    assert report.progress
    yard.alter("DELETE FROM JCM_MASTER__COMMITMENT WHERE Commitment = ' SC-21-001'")
    yard.run(exporter)
    assert [yard.state(each) for each in (item, after)] == [ExportState.POSTED] * 2


def double(yard: Yard) -> None:
    """A second record with the same ID, told apart by padding only, as raw Sage files can hold it."""
    names = [row[1] for row in yard.ask("PRAGMA table_info(JCM_MASTER__COMMITMENT)")]
    columns = ", ".join(f'"{name}"' for name in names)
    copied = ", ".join(f"' ' || \"{name}\"" if name == "Commitment" else f'"{name}"' for name in names)
    yard.alter(
        f"INSERT INTO JCM_MASTER__COMMITMENT ({columns}) SELECT {copied} FROM JCM_MASTER__COMMITMENT "
        "WHERE Commitment = 'SC-21-001'"
    )


def test_a_leftover_that_is_not_ours_blocks_and_is_shown_and_is_never_touched(yard: Yard) -> None:
    item = yard.accept()
    stray = yard.imports / "commitments.jcc"
    stray.write_bytes(b"somebody else's\r\n")
    (yard.imports / "commitments.prn").write_bytes(b"printed\r\n")
    exporter = yard.exporter()
    reports = yard.run(exporter)
    assert "does not come from an open export" in reports[-1].troubles[0]
    assert yard.state(item) is ExportState.INTENT
    assert "not erpdesk's" in yard.row(item).message
    assert stray.read_bytes() == b"somebody else's\r\n"
    for name in yard.mailbox():
        (yard.imports / name).unlink()
    yard.run(exporter)
    assert yard.state(item) is ExportState.POSTED


def test_a_stopped_import_is_taken_back_and_tried_again_with_pauses(yard: Yard, hands: Hands) -> None:
    item = yard.accept()
    exporter = yard.exporter(timing=Timing(), clock=hands.clock)
    yard.sage.set_faults(no_licence=True)
    yard.run(exporter)
    row = yard.row(item)
    assert row.state is ExportState.DELIVERED and yard.mailbox() == set()
    assert row.message == (
        "Sage stopped the import: all Job Cost licences are in use. Nothing was imported. "
        "erpdesk makes sure that nothing reaches Sage any more, then tries again by itself."
    )
    hands.move(seconds=9)
    assert exporter.step().look_again is not None
    assert yard.state(item) is ExportState.DELIVERED, "not there proves nothing before the file was away long enough"
    hands.move(minutes=2)
    yard.sage.set_faults(no_licence=False)
    exporter.step()
    yard.run(exporter)
    assert yard.state(item) is ExportState.POSTED
    assert yard.row(item).attempt == 2 and yard.in_sage() == 1
    assert yard.audit() == ["accept", "stage", "arm", "deliver", "release", "stage", "arm", "deliver", "post"]


def test_an_altered_or_lost_file_is_in_doubt_and_clears_when_sage_shows_it(yard: Yard) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    delivered = (yard.imports / "commitments.jcc").read_bytes()
    (yard.imports / "commitments.jcc").write_bytes(delivered.replace(b"48250.10", b"48250.11"))
    exporter.step()
    row = yard.row(item)
    assert row.state is ExportState.IN_DOUBT
    assert "is not in Sage's mailbox any more" in row.message and "not sent again by itself" in row.message
    (yard.imports / "commitments.jcc").write_bytes(delivered)
    yard.sage_imports()
    exporter.recover()
    assert yard.state(item) is ExportState.POSTED


def test_without_a_journal_sages_tables_decide_but_only_after_a_while(yard: Yard, hands: Hands) -> None:
    item = yard.accept()
    exporter = yard.exporter(timing=Timing(), clock=hands.clock)
    exporter.recover()
    exporter.step()
    yard.sage_imports()
    (yard.imports / "commitments.prn").unlink()
    hands.move(minutes=2)
    exporter.step()
    assert yard.state(item) is ExportState.DELIVERED
    assert "waits for Sage to print its journal" in yard.row(item).message
    hands.move(minutes=6)
    exporter.step()
    assert yard.state(item) is ExportState.POSTED


def test_a_journal_that_says_accepted_is_not_enough(yard: Yard, hands: Hands) -> None:
    item = yard.accept()
    exporter = yard.exporter(timing=Timing(), clock=hands.clock)
    exporter.recover()
    exporter.step()
    yard.sage_imports()
    yard.alter("DELETE FROM JCM_MASTER__COMMITMENT")
    exporter.step()
    assert yard.state(item) is ExportState.DELIVERED
    hands.move(minutes=6)
    exporter.step()
    assert yard.state(item) is ExportState.IN_DOUBT
    assert "says accepted, but Sage does not show" in yard.row(item).message


def test_a_sage_that_suddenly_shows_far_fewer_commitments_proves_no_absence(yard: Yard) -> None:
    for number in range(2, 7):
        yard.accept(other(number))
    yard.run(yard.exporter(), rounds=30)
    item = yard.accept()
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    yard.sage.set_faults(no_licence=True)
    yard.sage_imports()
    yard.alter("DELETE FROM JCM_MASTER__COMMITMENT")
    report = exporter.step()
    assert yard.state(item) is ExportState.DELIVERED
    assert "cannot be told whether" in report.troubles[0]


def test_a_sage_that_cannot_be_reached_delays_and_loses_nothing(yard: Yard) -> None:
    item = yard.accept()
    hidden = yard.sage.data_file.with_suffix(".away")
    exporter = yard.exporter()
    exporter.recover()
    yard.sage.data_file.rename(hidden)
    report = exporter.step()
    assert report.unavailable is not None
    assert yard.state(item) is ExportState.STAGED
    hidden.rename(yard.sage.data_file)
    yard.run(exporter)
    assert yard.state(item) is ExportState.POSTED and yard.row(item).attempt == 1


def test_a_mailbox_that_is_gone_is_a_sentence(yard: Yard, tmp_path: Path) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    exporter.recover()
    yard.sage.folder.rename(tmp_path / "elsewhere")
    report = exporter.step()
    assert "erpdesk cannot reach files in Sage's mailbox" in report.troubles[0]
    assert yard.state(item) is ExportState.INTENT
    (tmp_path / "elsewhere").rename(yard.sage.folder)
    yard.run(exporter)
    assert yard.state(item) is ExportState.POSTED
