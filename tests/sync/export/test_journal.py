"""The export journal against restored backups, lost copies and a second program (5.10)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.disk import DISK, Disk
from erpdesk.sync.export.journal import ExportJournal, JournalTrouble, items_of
from erpdesk.sync.export.locks import alone
from tests.sync.export.faulty_disk import Fault, FaultyDisk, ShareGone, WinError, broken, full
from tests.sync.export.yard import APPROVER, Yard, other

ROOT = Path(__file__).parents[3]
WRITER = """
import sys
from pathlib import Path
from erpdesk.sync.export.journal import ExportJournal
journal = ExportJournal((Path(sys.argv[1]), Path(sys.argv[2])))
journal.open()
print("open", flush=True)
sys.stdin.readline()
for number in range(25):
    journal.append("armed", file=f"child.{number}.jcc", company="x")
"""


@pytest.mark.parametrize("changed", [False, True])
def test_a_restored_database_knows_its_own_item_again_from_the_journal(yard: Yard, changed: bool) -> None:
    """The backup was made after the accept and before the file; Sage has the commitment from that very file."""
    item = yard.accept()
    backup = yard.folder / "backup.db"
    shutil.copy(yard.folder / "erpdesk.db", backup)
    yard.run(yard.exporter())
    assert yard.state(item) is ExportState.POSTED
    if changed:
        yard.alter("UPDATE JCM_MASTER__COMMITMENT_ITEM SET Amount = 48000 WHERE Item_Number = 1")
    yard.store.close()
    shutil.copy(backup, yard.folder / "erpdesk.db")
    restored = Yard.open(yard.folder)
    exporter = restored.exporter()
    restored.run(exporter)
    assert restored.state(item) is ExportState.INTENT and "Exports are locked" in restored.row(item).message
    exporter.accept_journal(APPROVER)
    restored.run(exporter)
    row = restored.row(item)
    assert row.state is (ExportState.CONFLICT if changed else ExportState.POSTED), row.message
    assert row.attempt == 2, "a number that was used is never used again"
    assert restored.in_sage() == 1
    restored.store.close()


def test_a_journal_that_is_gone_locks_exports_instead_of_beginning_anew(yard: Yard) -> None:
    yard.accept()
    first = yard.exporter()
    yard.run(first)
    for copy in first.journal.copies:
        copy.unlink()
    item = yard.accept(other(2))
    again = yard.exporter()
    report = yard.run(again)[-1]
    assert "Exports are locked: this database knows of files sent to Sage (1)" in report.troubles[0]
    assert yard.state(item) is ExportState.INTENT and "Exports are locked" in yard.row(item).message
    again.accept_journal(APPROVER)
    yard.run(again)
    assert yard.state(item) is ExportState.POSTED
    last = yard.exporter()
    last.recover()
    assert last.locked == ""


def test_a_journal_that_is_taken_away_while_the_program_runs_stops_the_next_file(yard: Yard) -> None:
    yard.accept()
    exporter = yard.exporter()
    yard.run(exporter)
    for copy in exporter.journal.copies:
        copy.unlink()
    item = yard.accept(other(2))
    report = exporter.step()
    assert "Lines of the export journal are gone" in report.troubles[0]
    assert yard.state(item) is ExportState.ARMED and yard.mailbox() == set()


def test_a_sage_folder_without_a_journal_is_not_given_that_of_another_company(yard: Yard) -> None:
    kept = yard.exporter().journal
    kept.open()
    kept.append("armed", file="a.1.jcc", company="Quarry Road Builders", export_key="a", sage_id="SC-1", attempt=1)
    kept.copies[0].unlink()
    item = yard.accept()
    report = yard.run(yard.exporter())[-1]
    assert "is about Quarry Road Builders, not about Harbor Point Builders" in report.troubles[0]
    assert "Check the Sage folder" in report.troubles[0]
    assert yard.state(item) is ExportState.INTENT and not kept.copies[0].exists()


def test_two_programs_add_to_one_chain(tmp_path: Path) -> None:
    copies = (tmp_path / "Imports" / "journal.jsonl", tmp_path / "home" / "export.jsonl")
    own = ExportJournal(copies)
    own.open()
    own.append("armed", file="own.jcc", company="x")
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, *map(str, copies)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None and child.stdin is not None
        assert child.stdout.readline() == "open\n"
        child.stdin.write("go\n")
        child.stdin.flush()
        for number in range(25):
            own.append("armed", file=f"own.{number}.jcc", company="x")
        assert child.wait(30) == 0
    again = ExportJournal(copies)
    again.open()
    assert len(again.entries) == 51
    assert sum(again.knows(f"child.{number}.jcc") for number in range(25)) == 25
    assert copies[0].read_bytes() == copies[1].read_bytes()


def test_a_line_of_another_program_is_read_before_the_next_is_added(tmp_path: Path) -> None:
    copies = (tmp_path / "a", tmp_path / "b")
    one, two = ExportJournal(copies), ExportJournal(copies)
    one.open()
    two.open()
    one.append("armed", file="one.jcc", company="x")
    two.append("armed", file="two.jcc", company="x")
    assert two.knows("one.jcc")
    one.append("armed", file="three.jcc", company="x")
    one.open()
    assert [entry.seq for entry in one.entries] == [1, 2, 3]


def test_a_program_that_holds_the_journal_too_long_is_a_sentence(tmp_path: Path) -> None:
    disk = FaultyDisk()
    journal = ExportJournal((tmp_path / "a", tmp_path / "b"), disk=disk)
    with alone(tmp_path / "a.lock"), pytest.raises(JournalTrouble, match="another program writes the export journal"):
        journal.open()
    assert sum(disk.waited) == pytest.approx(5)
    journal.open()


def test_lines_of_one_item_and_of_several_are_found_alike(tmp_path: Path) -> None:
    copies = (tmp_path / "a", tmp_path / "b")
    journal = ExportJournal(copies)
    journal.open()
    old = journal.append(
        "armed", file="OLD.1.jcc", company="x", export_key="OLD", attempt=1, sage_id="SC-1", macro=True
    )
    parts = [{"export_key": key, "attempt": 2, "sage_id": f"SC-{key}"} for key in ("ONE", "TWO")]
    new = journal.append("armed", file="ONE.2.jcc", company="x", kind="commitment", macro=False, items=parts)
    again = ExportJournal(copies)
    again.open()
    for each in (journal, again):
        assert items_of(each.entries[0]) == ({"export_key": "OLD", "attempt": 1, "sage_id": "SC-1"},)
        assert items_of(each.entries[1]) == tuple(parts)
        assert each.armed("OLD") == (old,) and each.armed("ONE") == each.armed("TWO") == (new,)
        assert each.armed("ELSE") == () and each.knows("ONE.2.jcc") and not each.knows("TWO.2.jcc")
        assert each.for_macro("OLD.1.jcc") and not each.for_macro("ONE.2.jcc")
    assert items_of(again.append("head", audit_seq=1)) == ()


def test_a_last_line_that_was_cut_short_is_made_whole_from_the_other_copy(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    first, second = journal.copies
    journal.append("armed", file="two.jcc")
    whole = first.read_bytes()
    second.write_bytes(whole[:-20])
    ExportJournal(journal.copies).open()
    assert second.read_bytes() == whole
    for path in journal.copies:
        path.write_bytes(whole[:-20])
    again = ExportJournal(journal.copies)
    again.open()
    assert [entry.body["file"] for entry in again.entries] == ["one.jcc"]
    assert first.read_bytes() == second.read_bytes() == whole[: whole.index(b"\n") + 1]


@pytest.mark.parametrize("error", [full(), broken(), WinError(32), ShareGone()], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("op", ["open", "write", "fsync"])
@pytest.mark.parametrize("copy", [0, 1], ids=["first copy", "second copy"])
def test_a_line_that_a_disk_does_not_take_is_a_sentence_and_mended_later(
    tmp_path: Path, copy: int, op: str, error: OSError
) -> None:
    disk = FaultyDisk()
    journal = opened(tmp_path, disk)
    before = journal.copies[copy].read_bytes()
    disk.faults.append(Fault(op, f"*/{journal.copies[copy].name}", error))
    with pytest.raises(JournalTrouble) as said:
        journal.append("armed", file="two.jcc")
    assert "The export journal cannot be written: " in said.value.what and str(error.strerror) in said.value.what
    assert said.value.kept.startswith("Nothing was exported") and "tries again by itself" in said.value.next_step
    assert not journal.knows("two.jcc")
    assert journal.copies[copy].read_bytes() == before, "nothing half left"
    disk.heal()
    journal.open()
    assert journal.knows("two.jcc") is (copy == 0), "what is at home already was taken over beside the mailbox"
    journal.append("armed", file="three.jcc")
    assert journal.copies[0].read_bytes() == journal.copies[1].read_bytes()
    check = ExportJournal(journal.copies)
    check.open()
    assert check.entries == journal.entries


def test_after_a_failed_flush_the_copy_is_written_as_a_new_file(tmp_path: Path) -> None:
    """What the system still shows of a line that it could not write may be gone after a power cut."""
    disk = FaultyDisk()
    journal = opened(tmp_path, disk)
    path = journal.copies[1]
    number = path.stat().st_ino
    disk.faults.append(Fault("fsync", f"*/{path.name}", broken(), times=1))
    with pytest.raises(JournalTrouble, match="Input/output error"):
        journal.append("armed", file="two.jcc")
    disk.done.clear()
    journal.append("armed", file="two.jcc")
    assert ("replace", next(name for op, name in disk.done if op == "write")) in disk.done
    assert path.stat().st_ino != number
    assert [entry.body["file"] for entry in journal.entries] == ["one.jcc", "two.jcc"]
    assert journal.copies[0].read_bytes() == journal.copies[1].read_bytes()


def test_a_journal_out_of_reach_is_a_sentence_and_no_new_one_is_begun(tmp_path: Path) -> None:
    disk = FaultyDisk()
    journal = opened(tmp_path, disk)
    disk.lose(journal.copies[0].parent)
    with pytest.raises(JournalTrouble, match=r"cannot be written.*Nothing was exported"):
        journal.append("armed", file="two.jcc")
    again = ExportJournal(journal.copies, disk=disk)
    with pytest.raises(JournalTrouble):
        again.open()
    disk.heal()
    journal.append("armed", file="two.jcc")
    assert len(journal.entries) == 2


def opened(folder: Path, disk: Disk = DISK) -> ExportJournal:
    """A journal in two copies that holds one line."""
    journal = ExportJournal((folder / "Imports" / "journal.jsonl", folder / "home" / "export.jsonl"), disk=disk)
    journal.open()
    journal.append("armed", file="one.jcc")
    return journal
