"""The mailbox: files move without ever overwriting, a half-done move is ended, and trouble is a sentence."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from pathlib import Path

import pytest

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.decide import Token
from erpdesk.sync.export.kinds.kind import Place
from erpdesk.sync.export.mailbox import Busy, Mailbox, MailboxTrouble, Occupied
from tests.sync.export.faulty_disk import Fault, FaultyDisk, ShareGone, WinError, broken, full, tear
from tests.sync.export.yard import Yard

PLACE = Place.named("commitments", "jcc")
NAME = "BCDFGHJKLM.1.jcc"
DATA = b'"C","SC-1"\r\n'
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def disk() -> FaultyDisk:
    return FaultyDisk()


@pytest.fixture
def box(tmp_path: Path, disk: FaultyDisk) -> Mailbox:
    made = Mailbox(tmp_path / "Imports", PLACE, disk=disk)
    made.prepare()
    return made


def copies(box: Mailbox) -> list[str]:
    """Where the bytes of the file lie, in the mailbox or in a folder of erpdesk's own."""
    found = (path for path in box.folder.rglob("*") if path.is_file() and path.read_bytes() == DATA)
    return sorted(path.relative_to(box.folder).as_posix() for path in found)


def test_a_file_goes_from_staging_into_the_mailbox_and_back_out(box: Mailbox) -> None:
    assert box.locate(NAME, SHA) is Token.MISSING
    box.stage(NAME, DATA)
    assert box.locate(NAME, SHA) is Token.STAGING
    box.deliver(NAME)
    assert box.locate(NAME, SHA) is Token.MAILBOX and box.standing() == ("commitments.jcc",)
    box.withdraw(NAME)
    assert box.locate(NAME, SHA) is Token.WITHDRAWN and box.standing() == ()


def test_nothing_is_overwritten_on_any_way(box: Mailbox) -> None:
    box.stage(NAME, DATA)
    with pytest.raises(Occupied):
        box.stage(NAME, b"other")
    box.file.write_bytes(b"somebody else's")
    with pytest.raises(Occupied, match="Nothing was overwritten"):
        box.deliver(NAME)
    assert box.file.read_bytes() == b"somebody else's"
    assert box.locate(NAME, SHA) is Token.STAGING
    assert [path.name for path in box.staging.iterdir()] == [NAME]


def test_a_journal_that_stands_there_blocks_a_delivery(box: Mailbox) -> None:
    box.stage(NAME, DATA)
    (box.folder / "commitments.prn").write_bytes(b"old")
    with pytest.raises(Occupied):
        box.deliver(NAME)


def test_a_delivery_cut_off_between_its_halves_counts_as_delivered(box: Mailbox) -> None:
    box.stage(NAME, DATA)
    os.link(box.staging / NAME, box.file)
    assert box.locate(NAME, SHA) is Token.MAILBOX
    assert list(box.staging.iterdir()) == []


def test_a_staged_file_that_left_under_its_other_name_is_never_sent_again(box: Mailbox, tmp_path: Path) -> None:
    box.stage(NAME, DATA)
    os.link(box.staging / NAME, box.file)
    box.file.rename(tmp_path / "taken.jcc")
    assert box.locate(NAME, SHA) is Token.MISSING
    assert list(box.staging.iterdir()) == []


def test_a_move_cut_off_between_its_halves_is_ended_by_the_same_move(box: Mailbox) -> None:
    box.stage(NAME, DATA)
    box.deliver(NAME)
    os.link(box.file, box.burned / NAME)
    box.withdraw(NAME)
    assert box.locate(NAME, SHA) is Token.WITHDRAWN and not box.file.exists()


def test_a_second_journal_of_one_attempt_is_kept_beside_the_first(box: Mailbox) -> None:
    for text in (b"first", b"second"):
        (box.folder / "commitments.prn").write_bytes(text)
        box.put_away(NAME, input_too=False)
    kept = box.archive / "BCDFGHJKLM.1"
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == {
        "commitments.prn": b"first",
        "commitments-2.prn": b"second",
    }


@pytest.mark.parametrize("op", ["write", "fsync", "rename", "link"])
def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_done(yard: Yard, op: str) -> None:
    item, disk = yard.accept(), FaultyDisk(halves=op == "link")
    exporter = yard.exporter(disk=disk)
    exporter.recover()
    disk.faults.append(Fault(op, "*/staging/*", full()))
    report = exporter.step()
    assert "No space left on device" in report.troubles[0] and "erpdesk tries again by itself" in report.troubles[0]
    assert yard.state(item) is ExportState.INTENT
    assert list((yard.imports / "staging").iterdir()) == []
    disk.heal()
    yard.run(exporter)
    assert yard.state(item) is ExportState.POSTED


@pytest.mark.parametrize("op", ["open", "write", "fsync", "replace"])
def test_a_manifest_that_does_not_fit_keeps_its_file_back(box: Mailbox, disk: FaultyDisk, op: str) -> None:
    disk.faults.append(Fault(op, "*manifest*", full()))
    with pytest.raises(MailboxTrouble, match="cannot write files"):
        box.stage(NAME, DATA, "{}")
    assert [path for path in box.folder.rglob("*") if path.is_file()] == []
    disk.heal()
    box.stage(NAME, DATA, "{}")
    box.deliver(NAME)
    assert (box.folder / PLACE.manifest).read_bytes() == b"{}"


def test_a_file_that_could_not_be_flushed_is_written_anew_under_a_new_name(box: Mailbox, disk: FaultyDisk) -> None:
    disk.faults.append(Fault("fsync", "*.tmp", broken(), times=1))
    with pytest.raises(MailboxTrouble, match="Input/output error"):
        box.stage(NAME, DATA)
    assert list(box.staging.iterdir()) == [] and box.locate(NAME, SHA) is Token.MISSING
    box.stage(NAME, DATA)
    flushed = [name for op, name in disk.done if op == "fsync" and name.endswith(".tmp")]
    assert len(flushed) == len(set(flushed)) == 2, "no descriptor was flushed twice"
    assert box.locate(NAME, SHA) is Token.STAGING


def test_a_torn_file_is_burned_and_never_delivered(box: Mailbox, disk: FaultyDisk) -> None:
    disk.faults.append(Fault("write", "*.tmp", torn=True, times=1))
    box.stage(NAME, DATA)
    assert box.locate(NAME, SHA) is Token.MISSING
    with pytest.raises(FileNotFoundError):
        box.deliver(NAME)
    box.stage(NAME, DATA)
    tear(box.staging / NAME)
    assert box.locate(NAME, SHA) is Token.MISSING and box.standing() == ()
    torn = [path.read_bytes() for path in box.burned.iterdir()]
    assert torn == [DATA[: len(DATA) // 2]] * 2


@pytest.mark.parametrize("code", [5, 32, 33])
def test_a_file_that_a_scanner_holds_for_a_moment_is_moved_after_all(box: Mailbox, disk: FaultyDisk, code: int) -> None:
    box.stage(NAME, DATA)
    disk.faults.append(Fault("rename", "*", WinError(code), times=7))
    box.deliver(NAME)
    assert sum(disk.waited) > 2 and box.locate(NAME, SHA) is Token.MAILBOX
    disk.faults.append(Fault("rename", "*", WinError(code), times=7))
    box.withdraw(NAME)
    assert copies(box) == [f"burned/{NAME}"]


@pytest.mark.parametrize("code", [5, 32, 33])
def test_a_file_that_is_held_for_ever_stays_and_is_busy(box: Mailbox, disk: FaultyDisk, code: int) -> None:
    box.stage(NAME, DATA)
    disk.faults.append(Fault("rename", "*", WinError(code)))
    with pytest.raises(Busy, match="left where it is"):
        box.deliver(NAME)
    assert copies(box) == [f"staging/{NAME}"], "no second copy"
    disk.heal()
    box.deliver(NAME)
    disk.faults.append(Fault("rename", "*", WinError(code)))
    for act in (box.withdraw, box.put_away):
        with pytest.raises(Busy, match="erpdesk tries again by itself, when Sage's import has ended"):
            act(NAME)
    assert copies(box) == ["commitments.jcc"] and 6 < sum(disk.waited) < 9


def test_another_error_of_a_rename_is_not_tried_again(box: Mailbox, disk: FaultyDisk) -> None:
    box.stage(NAME, DATA)
    disk.faults.append(Fault("rename", "*", broken()))
    with pytest.raises(MailboxTrouble, match="Input/output error"):
        box.deliver(NAME)
    assert disk.waited == [] and box.locate(NAME, SHA) is Token.STAGING


GONE = [ShareGone(), OSError(errno.EHOSTDOWN, "Host is down")]


@pytest.mark.parametrize("error", GONE, ids=["as if nothing were there", "an error"])
@pytest.mark.parametrize("halves", [False, True], ids=["one rename", "two halves"])
@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_a_share_that_goes_away_around_the_delivery(tmp_path: Path, when: str, halves: bool, error: OSError) -> None:
    """Nothing is said while nobody can look; when it is back, the listing decides."""
    folder, disk = tmp_path / "Imports", FaultyDisk(halves=halves)

    def at(point: str) -> None:
        if (point, when) == ("linked", "during"):
            disk.lose(folder, error)

    box = Mailbox(folder, PLACE, at=at, disk=disk)
    box.prepare()
    box.stage(NAME, DATA)
    if when == "before":
        disk.lose(folder, error)
    if when != "after":
        with pytest.raises(MailboxTrouble):
            box.deliver(NAME)
    else:
        box.deliver(NAME)
        disk.lose(folder, error)
    looks = (
        box.prepare,
        box.standing,
        lambda: box.locate(NAME, SHA),
        lambda: box.results(NAME),
        lambda: box.printed(NAME),
        lambda: box.sweep(frozenset()),
        lambda: box.stage(NAME, DATA),
        lambda: box.burn(NAME),
        lambda: box.withdraw(NAME),
        lambda: box.put_away(NAME),
    )
    for look in looks:
        with pytest.raises(MailboxTrouble, match=r"What was accepted stays accepted\. Check the drive"):
            look()
    disk.heal()
    assert box.locate(NAME, SHA) is (Token.STAGING if when == "before" else Token.MAILBOX)
    assert len(copies(box)) == 1


@pytest.mark.parametrize("error", [WinError(5), ShareGone(), broken()], ids=["held", "gone", "error"])
def test_a_rename_that_was_done_and_answered_with_an_error(box: Mailbox, disk: FaultyDisk, error: OSError) -> None:
    """The listing decides: on every way the file is where it went, once."""

    def lied(token: Token, act: str, *given: object) -> None:
        disk.faults.append(Fault("rename", "*", error, times=1, after=True))
        with suppress(MailboxTrouble, FileNotFoundError):
            getattr(box, act)(NAME, *given)
        assert disk.faults.pop().times == 0
        assert box.locate(NAME, SHA) is token and len(copies(box)) == 1

    lied(Token.STAGING, "stage", DATA)
    lied(Token.MAILBOX, "deliver")
    lied(Token.WITHDRAWN, "withdraw")
    box.stage(NAME, DATA)
    box.burn(NAME)
    (box.burned / NAME).rename(box.file)
    (box.burned / "BCDFGHJKLM.1-2.jcc").unlink()
    lied(Token.ARCHIVED, "put_away")


def test_what_a_person_does_to_a_file_in_the_mailbox(box: Mailbox, tmp_path: Path) -> None:
    """Deleted, edited by a byte, renamed: it is missing, and nothing is taken for it. A copy elsewhere changes
    nothing; a copy that is laid back after it was taken away is taken away as well."""
    box.stage(NAME, DATA)
    box.deliver(NAME)
    (tmp_path / "copy.jcc").write_bytes(DATA)
    (box.folder / "copy of commitments.jcc").write_bytes(DATA)
    assert box.locate(NAME, SHA) is Token.MAILBOX
    box.file.write_bytes(DATA.replace(b"1", b"2"))
    assert box.locate(NAME, SHA) is Token.MISSING and box.standing() == ("commitments.jcc",)
    box.file.unlink()
    assert box.locate(NAME, SHA) is Token.MISSING and box.standing() == ()
    with pytest.raises(FileNotFoundError):
        box.withdraw(NAME)
    box.file.write_bytes(DATA)
    box.file.rename(box.folder / "Commitments-old.jcc")
    assert box.locate(NAME, SHA) is Token.MISSING
    for _ in range(2):
        box.file.write_bytes(DATA)
        assert box.locate(NAME, SHA) is Token.MAILBOX
        box.withdraw(NAME)
        assert box.locate(NAME, SHA) is Token.WITHDRAWN and box.standing() == ()


def test_places_share_the_folders_and_leave_each_others_files_alone(box: Mailbox) -> None:
    other = Mailbox(box.folder, Place.named("estimates", "jce"))
    other.prepare()
    theirs = "NPQRSTVWXZ.1.jce"
    half = f".{theirs}.{'0' * 32}.tmp"
    for name in (theirs, "unknown.1.jce", half):
        (other.staging / name).write_bytes(DATA)
    for name in (NAME, "unknown.1.jcc", f".{NAME}.{'0' * 32}.tmp"):
        (box.staging / name).write_bytes(DATA)
    assert set(box.sweep(frozenset({NAME}))) == {"unknown.1.jcc", f".{NAME}.{'0' * 32}.tmp"}
    assert set(other.sweep(frozenset({theirs}))) == {"unknown.1.jce", half}
    assert {path.name for path in box.staging.iterdir()} == {NAME, theirs}
    box.deliver(NAME)
    assert box.standing() == ("commitments.jcc",) and other.standing() == ()
    (box.folder / "commitments.prn").write_bytes(b"printed")
    other.deliver(theirs)
    assert other.results(theirs) == (None, None) and box.results(NAME) == (b"printed", None)
    other.put_away(theirs)
    box.put_away(NAME)
    assert [path.name for path in (box.archive / "NPQRSTVWXZ.1").iterdir()] == ["estimates.jce"]
    assert box.printed(NAME) and not other.printed(theirs)


@pytest.mark.parametrize("name", ["staging", "archive", "burned"])
def test_a_folder_of_its_own_on_another_disk_is_refused(tmp_path: Path, name: str) -> None:
    """By one rename a file gets from one folder to the other, or not at all; between two disks it would be copied."""
    box = Mailbox(tmp_path / "Imports", PLACE, disk=FaultyDisk(volumes={name: 7}))
    with pytest.raises(MailboxTrouble, match=f"{name} lies on another disk than Sage's mailbox.*Nothing was sent"):
        box.prepare()


@pytest.mark.parametrize("there", [True, False], ids=["to a folder", "to nowhere"])
def test_a_staging_that_is_a_link_is_refused(tmp_path: Path, there: bool) -> None:
    box = Mailbox(tmp_path / "Imports", PLACE)
    box.folder.mkdir()
    if there:
        (tmp_path / "elsewhere").mkdir()
    box.staging.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MailboxTrouble, match=r"staging is a link to another place.*Make staging a plain folder"):
        box.prepare()


def test_an_import_folder_without_its_company_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MailboxTrouble, match="erpdesk cannot reach files in Sage's mailbox"):
        Mailbox(tmp_path / "nowhere" / "Imports", PLACE).prepare()


def test_a_staged_file_of_a_try_that_was_not_recorded_is_taken_as_it_is(box: Mailbox) -> None:
    box.stage(NAME, DATA)
    box.stage(NAME, DATA)
    assert [path.name for path in box.staging.iterdir()] == [NAME]
    with pytest.raises(Occupied, match=r"own folder .*staging lies another file") as said:
        box.stage(NAME, b"other")
    assert "mailbox" not in str(said.value)


def test_of_several_results_of_one_attempt_the_last_one_counts(box: Mailbox) -> None:
    for number in range(12):
        (box.folder / "commitments.prn").write_bytes(str(number).encode())
        box.put_away(NAME, input_too=False)
    assert box.results(NAME) == (b"11", None)
    (box.folder / "commitments.prn").write_bytes(b"late")
    assert box.results(NAME) == (b"late", None)
