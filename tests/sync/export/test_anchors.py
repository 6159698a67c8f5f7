"""The head of the audit trail in the export journal, and the check of one against the other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from erpdesk.core.errors import ForPeople
from erpdesk.sync.export.anchors import HEAD, note_head, read_anchors
from erpdesk.sync.export.journal import ExportJournal
from erpdesk.workflows.audit_check import Fault, Verdict, verify
from tests.sync.export.faulty_disk import Fault as DiskFault
from tests.sync.export.faulty_disk import FaultyDisk
from tests.sync.export.yard import APPROVER, Hands, Yard, checked_chain, other
from tests.workflows.trails import chain_anew, intruder


def check(yard: Yard) -> Verdict:
    """The trail against both copies of the journal, as the program does it."""
    return verify(yard.folder / "erpdesk.db", read_anchors(yard.exporter().journal.copies))


def lines(yard: Yard) -> list[dict[str, object]]:
    """The export journal beside the mailbox."""
    return [json.loads(line) for line in (yard.imports / "journal.jsonl").read_text("utf-8").splitlines()]


def test_the_head_is_noted_once_a_day_and_with_each_file(yard: Yard) -> None:
    yard.accept()
    exporter = yard.exporter()
    yard.run(exporter)
    yard.run(yard.exporter())
    assert [line["what"] for line in lines(yard)] == [HEAD, "armed"]
    assert not note_head(exporter.journal, exporter.store, exporter.clock)
    assert check(yard).anchors == 2 and check(yard).whole


def test_the_next_day_has_its_own_head(yard: Yard, hands: Hands) -> None:
    yard.accept()
    exporter = yard.exporter(clock=hands.clock)
    exporter.recover()
    exporter.step()
    hands.move(days=1)
    exporter.step()
    exporter.step()
    assert [line["what"] for line in lines(yard)].count(HEAD) == 2


def test_nothing_is_noted_of_an_empty_trail(yard: Yard) -> None:
    exporter = yard.exporter()
    yard.run(exporter)
    assert exporter.journal.entries == ()


def test_a_trail_cut_or_made_anew_after_a_file_went_out_is_found(yard: Yard) -> None:
    yard.accept()
    yard.run(yard.exporter())
    engine = yard.store.engine
    with intruder(engine) as connection:
        connection.exec_driver_sql("UPDATE audit SET reason = 'Nobody knows' WHERE seq = 1")
        chain_anew(connection)
    broken = check(yard).broken
    assert broken is not None and broken.fault is Fault.REDONE and "line 1" in broken.text
    with intruder(engine) as connection:
        connection.exec_driver_sql("DELETE FROM audit")
    broken = check(yard).broken
    assert broken is not None and broken.fault is Fault.CUT and "the trail ends with entry 0" in broken.text


def test_a_restored_backup_that_a_person_answered_for_does_not_cry_for_ever(yard: Yard) -> None:
    item = yard.accept()
    backup = yard.folder / "backup.db"
    shutil.copy(yard.folder / "erpdesk.db", backup)
    yard.run(yard.exporter())
    yard.store.close()
    shutil.copy(backup, yard.folder / "erpdesk.db")
    restored = Yard.open(yard.folder)
    broken = check(restored).broken
    assert broken is not None and broken.fault is Fault.CUT and "an older backup was put back" in broken.text
    exporter = restored.exporter()
    restored.run(exporter)
    exporter.accept_journal(APPROVER)
    restored.run(exporter)
    verdict = check(restored)
    assert verdict.whole and verdict.anchors >= 2, verdict
    assert verdict.notes and "a backup had been put back" in verdict.notes[0]
    assert restored.state(item)
    restored.store.close()


def test_a_journal_of_an_older_erpdesk_is_read(tmp_path: Path) -> None:
    """Without anchors in the word of a person, and without anchors at all."""
    copies = (tmp_path / "beside.jsonl", tmp_path / "home.jsonl")
    journal = ExportJournal(copies)
    journal.open()
    journal.append("armed", file="a.1.jcc", company="x", export_key="a", sage_id="SC-1", attempt=1)
    journal.append("reconciled", who="p", files=["a.1.jcc"])
    found = read_anchors(copies)
    assert found.notes == () and found.set_aside[0].seq == 0 and found.problem == ""
    again = ExportJournal(copies)
    again.open()
    assert len(again.entries) == 2


def test_a_copy_that_is_gone_is_named_and_one_that_was_changed_is_told(yard: Yard) -> None:
    yard.accept()
    yard.run(yard.exporter())
    first, second = yard.exporter().journal.copies
    second.unlink()
    found = read_anchors((first, second))
    assert found.missing == (str(second),) and found.copies == (str(first),) and len(found.notes) == 2
    shutil.copy(first, second)
    second.write_bytes(second.read_bytes().replace(b"SC-", b"SX-"))
    assert "was changed or damaged in line 2" in read_anchors((first, second)).problem
    verdict = check(yard)
    assert not verdict.whole and verdict.broken is not None and verdict.broken.fault is Fault.JOURNAL


def test_copies_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    for name in ("one", "two"):
        journal = ExportJournal((tmp_path / f"{name}.jsonl", tmp_path / f"{name}-again.jsonl"))
        journal.open()
        journal.append(HEAD, audit_seq=1, audit_hash=name)
    assert "contradict each other" in read_anchors((tmp_path / "one.jsonl", tmp_path / "two.jsonl")).problem


def test_a_journal_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"")
    disk = FaultyDisk([DiskFault("read", error=PermissionError(13, "Permission denied"))])
    with pytest.raises(ForPeople, match="can not be read: Permission denied"):
        read_anchors((path,), disk)


def test_entries_of_the_worker_name_the_try_and_what_was_seen(yard: Yard) -> None:
    item = yard.accept(other(2))
    yard.run(yard.exporter())
    with yard.store.sessions() as session:
        told = checked_chain(session)
    armed = next(each for each in told if each.act == "arm")
    proof = json.loads(armed.evidence)
    assert proof["attempt"] and len(proof["seen"]) == 2 and proof["submission"] == yard.row(item).submission_id
    assert (json.loads(armed.before), json.loads(armed.after)) == ({"export": "STAGED"}, {"export": "ARMED"})
    assert armed.reason == "Checked against Sage; on its way into the mailbox."
    assert armed.machine and armed.login and armed.version
    staged = json.loads(next(each for each in told if each.act == "stage").evidence)
    assert staged["attempt"] == proof["attempt"] and staged["file"].endswith(".jcc")
