"""Orphans, late results, taken-over tries, restored backups: what recovery finds, and what it leaves alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.items import Load
from erpdesk.sync.export.journal import ExportJournal, JournalTrouble
from erpdesk.sync.export.kinds.commitments import COMMITMENT
from erpdesk.sync.export.store import Overtaken
from tests.sync.export.yard import ALONE, APPROVER, Yard, other


def test_staged_files_that_nothing_knows_are_burned(yard: Yard) -> None:
    exporter = yard.exporter()
    exporter.recover()
    for name in ("AAAAAAAAAA.1.jcc", ".AAAAAAAAAA.1.jcc.12.tmp"):
        (yard.imports / "staging" / name).write_bytes(b"half")
    exporter.recover()
    assert list((yard.imports / "staging").iterdir()) == []
    assert len(list((yard.imports / "burned").glob("unknown-*"))) == 2


def test_a_torn_staged_file_is_never_delivered(yard: Yard) -> None:
    item = yard.accept()
    hidden = yard.sage.data_file.with_suffix(".away")
    exporter = yard.exporter()
    exporter.recover()
    yard.sage.data_file.rename(hidden)
    exporter.step()
    (staged,) = (yard.imports / "staging").iterdir()
    staged.write_bytes(staged.read_bytes()[:40])
    hidden.rename(yard.sage.data_file)
    yard.run(exporter)
    row = yard.row(item)
    assert row.state is ExportState.POSTED and row.attempt == 2
    assert yard.audit()[:3] == ["accept", "stage", "burn"]


def test_a_worker_that_was_taken_over_cannot_arm(yard: Yard) -> None:
    yard.accept()
    old = yard.exporter(worker="old")
    old.recover()
    hidden = yard.sage.data_file.with_suffix(".away")
    yard.sage.data_file.rename(hidden)
    old.step()
    hidden.rename(yard.sage.data_file)
    (held,) = old.store.items((ExportState.STAGED,))
    yard.exporter(worker="new").recover()
    with pytest.raises(Overtaken):
        old.store.arm(Load((held,)), "", {})
    assert old.store.item(held.id).state is ExportState.STAGED


def test_a_late_delivery_finds_its_file_gone(yard: Yard) -> None:
    """The first worker stops between mark and rename; the second one finishes; the first wakes up."""
    item = yard.accept()

    class Asleep(BaseException):
        pass

    def sleep(point: str) -> None:
        if point == "journalled":
            raise Asleep

    old = yard.exporter(worker="old", at=sleep)
    old.recover()
    with pytest.raises(Asleep):
        old.step()
    (held,) = old.store.items((ExportState.ARMED,))
    yard.run(yard.exporter(worker="new"))
    assert yard.state(item) is ExportState.POSTED
    assert held.current is not None
    with pytest.raises(FileNotFoundError):
        old.mailboxes[COMMITMENT.place].deliver(held.current.file_name)
    assert yard.in_sage() == 1


def test_a_journal_that_sage_prints_late_goes_to_the_attempt_it_is_about(yard: Yard) -> None:
    first = yard.accept()
    exporter = yard.exporter()
    exporter.recover()
    exporter.step()
    yard.sage_imports()
    printed = (yard.imports / "commitments.prn").read_bytes()
    (yard.imports / "commitments.prn").unlink()
    exporter.step()
    assert yard.state(first) is ExportState.POSTED, "the bound for the journal is zero here"
    (yard.imports / "commitments.prn").write_bytes(printed)
    second = yard.accept(other(2))
    yard.run(exporter)
    assert yard.state(second) is ExportState.POSTED


def test_a_restored_backup_locks_exports_until_a_person_has_compared(yard: Yard) -> None:
    backup = yard.folder / "backup.db"
    shutil.copy(yard.folder / "erpdesk.db", backup)
    yard.accept()
    yard.run(yard.exporter())
    yard.store.close()
    shutil.copy(backup, yard.folder / "erpdesk.db")
    restored = Yard.open(yard.folder)
    item = restored.accept(other(2))
    exporter = restored.exporter()
    report = restored.run(exporter)[-1]
    assert "Exports are locked" in report.troubles[0] and "SC-21-001" in report.troubles[0]
    assert restored.state(item) is ExportState.INTENT
    assert "Exports are locked" in restored.row(item).message
    exporter.accept_journal(APPROVER)
    restored.run(exporter)
    assert restored.state(item) is ExportState.POSTED
    assert "reconcile" in restored.audit()
    again = restored.exporter()
    again.recover()
    assert again.locked == ""
    restored.store.close()


def journal(yard: Yard) -> ExportJournal:
    return yard.exporter().journal


def test_the_journal_anchors_the_audit_trail_and_chains_its_lines(yard: Yard) -> None:
    for number in (1, 2):
        yard.accept(other(number))
    yard.run(yard.exporter(timing=ALONE))
    head, *lines = [json.loads(line) for line in (yard.imports / "journal.jsonl").read_text("utf-8").splitlines()]
    assert [item["sage_id"] for line in lines for item in line["body"]["items"]] == ["SC-21-001", "SC-21-002"]
    assert (head["what"], lines[0]["prev"], lines[1]["prev"]) == ("head", head["hash"], lines[0]["hash"])
    assert lines[0]["body"]["audit_seq"] > 0 and len(lines[0]["body"]["audit_hash"]) == 64
    assert lines[0]["body"]["items"][0]["amount"] == "48521.23"


def test_a_line_cut_short_and_a_copy_left_behind_are_mended(yard: Yard) -> None:
    kept = journal(yard)
    kept.open()
    kept.append("armed", file="a.1.jcc", company="x")
    kept.append("armed", file="b.1.jcc", company="x")
    first, second = kept.copies
    whole = first.read_bytes()
    first.write_bytes(whole + b'{"at":"20')
    second.write_bytes(whole.splitlines(keepends=True)[0])
    again = journal(yard)
    again.open()
    assert first.read_bytes() == second.read_bytes() == whole
    assert again.knows("b.1.jcc") and not again.knows("c.1.jcc")


def test_a_lost_copy_is_made_again(yard: Yard) -> None:
    kept = journal(yard)
    kept.open()
    kept.append("armed", file="a.1.jcc", company="x")
    kept.copies[1].unlink()
    journal(yard).open()
    assert kept.copies[0].read_bytes() == kept.copies[1].read_bytes()


@pytest.mark.parametrize(("was", "now", "line"), [(b"SC-", b"SX-", 2), (b'"seq":1', b'"seq":3', 1)])
def test_a_changed_journal_stops_exports_with_a_sentence(yard: Yard, was: bytes, now: bytes, line: int) -> None:
    yard.accept()
    yard.run(yard.exporter())
    for path in journal(yard).copies:
        path.write_bytes(path.read_bytes().replace(was, now))
    item = yard.accept(other(2))
    report = yard.run(yard.exporter())[-1]
    assert f"was changed or damaged in line {line}" in report.troubles[0]
    assert yard.state(item) is ExportState.INTENT
    assert "was changed or damaged" in yard.row(item).message


def test_nothing_is_sent_before_the_last_run_was_looked_through(yard: Yard) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    assert "looked through" in exporter.step().troubles[0]
    assert yard.state(item) is ExportState.INTENT


def test_copies_that_contradict_each_other_are_not_merged(tmp_path: Path) -> None:
    for name in ("a", "b"):
        one = ExportJournal((tmp_path / name, tmp_path / f"{name}-2"))
        one.open()
        one.append("armed", file=f"{name}.jcc", company="x")
    with pytest.raises(JournalTrouble, match="contradict"):
        ExportJournal((tmp_path / "a", tmp_path / "b")).open()
