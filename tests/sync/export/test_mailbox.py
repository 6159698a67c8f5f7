"""The mailbox: files move without ever overwriting, a half-done move is ended, and trouble is a sentence."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from erpdesk.models.erp import ExportState
from erpdesk.sync.export import moves as module
from erpdesk.sync.export.decide import Token
from erpdesk.sync.export.mailbox import Busy, Mailbox, MailboxTrouble, Occupied
from tests.sync.export.yard import Yard

NAME = "BCDFGHJKLM.1.jcc"
DATA = b'"C","SC-1"\r\n'
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def box(tmp_path: Path) -> Mailbox:
    made = Mailbox(tmp_path / "Imports")
    made.prepare()
    return made


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


@pytest.mark.parametrize("whole", [True, False], ids=["one rename", "two halves"])
def test_of_many_who_move_one_file_exactly_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """The fence of a delivery: two programs that race for the staged file never both have it."""
    if not whole:
        monkeypatch.setattr(module, "_renameat2", lambda: None)
    for turn in range(100):
        source = tmp_path / f"{turn}.jcc"
        source.write_bytes(DATA)
        start, won = threading.Barrier(3), list[int]()

        def move(number: int, source: Path = source, start: threading.Barrier = start, won: list[int] = won) -> None:
            start.wait()
            with suppress(FileNotFoundError):
                module.move_once(source, source.with_suffix(f".{number}"))
                won.append(number)

        movers = [threading.Thread(target=move, args=(number,)) for number in range(3)]
        for mover in movers:
            mover.start()
        for mover in movers:
            mover.join()
        assert [path.suffix for path in tmp_path.glob(f"{turn}.*")] == [f".{number}" for number in won]
        assert len(won) == 1


def test_the_loser_of_a_race_to_one_place_leaves_the_winners_file_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two programs deliver the same staged file; the second meets the first between its two halves."""
    monkeypatch.setattr(module, "_renameat2", lambda: None)
    source, target = tmp_path / "staged.jcc", tmp_path / "commitments.jcc"
    source.write_bytes(DATA)

    def the_other_one_ends() -> None:
        source.unlink()

    os.link(source, target)
    with pytest.raises(FileNotFoundError):
        module.move_once(source, target, between=the_other_one_ends)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_done(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    item = yard.accept()
    exporter = yard.exporter()
    exporter.recover()

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(module, "_renameat2", lambda: None)
        patch.setattr(os, call, full)
        report = exporter.step()
    assert "No space left on device" in report.troubles[0] and "erpdesk tries again by itself" in report.troubles[0]
    assert yard.state(item) is ExportState.INTENT
    assert list((yard.imports / "staging").iterdir()) == []
    yard.run(exporter)
    assert yard.state(item) is ExportState.POSTED


class SharingViolation(PermissionError):
    """What Windows says while a virus scanner or Sage holds a file open."""

    winerror = 32


def test_a_file_that_a_scanner_holds_for_a_moment_is_moved_after_all(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = 0
    rename = os.rename

    def held(source: Path, target: Path) -> None:
        nonlocal times
        times += 1
        if times < 3:
            raise SharingViolation(errno.EACCES, "in use")
        rename(source, target)

    box.stage(NAME, DATA)
    monkeypatch.setattr(module, "_WINDOWS", True)
    monkeypatch.setattr(os, "rename", held)
    box.deliver(NAME)
    assert times == 3 and box.locate(NAME, SHA) is Token.MAILBOX


def test_a_file_that_sage_holds_open_stays_and_is_busy(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(source: Path, target: Path) -> None:
        raise SharingViolation(errno.EACCES, "in use")

    box.stage(NAME, DATA)
    box.deliver(NAME)
    monkeypatch.setattr(module, "_WINDOWS", True)
    monkeypatch.setattr(module, "_TRIES", 2)
    monkeypatch.setattr(os, "rename", held)
    with pytest.raises(Busy, match="left where it is"):
        box.withdraw(NAME)
    assert box.file.read_bytes() == DATA


def test_an_import_folder_without_its_company_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MailboxTrouble, match="erpdesk cannot reach files in Sage's mailbox"):
        Mailbox(tmp_path / "nowhere" / "Imports").prepare()


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
