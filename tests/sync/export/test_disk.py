"""What the export does to a disk: durably or not at all, with a disk that is really full as well."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from erpdesk.sync.export.disk import DISK, PAUSES, Disk
from erpdesk.sync.export.moves import move_once
from tests.sync.export.faulty_disk import Fault, FaultyDisk, ShareGone, WinError, broken, full

ROOT = Path(__file__).parents[3]
FULL = """
import json, resource, signal, sys
from pathlib import Path
from erpdesk.sync.export.journal import ExportJournal, JournalTrouble
from erpdesk.sync.export.kinds.kind import Place
from erpdesk.sync.export.mailbox import Mailbox, MailboxTrouble

folder = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
box = Mailbox(folder / "Imports", Place.named("commitments", "jcc"))
journal = ExportJournal((folder / "Imports" / "journal.jsonl", folder / "home" / "export.jsonl"))
box.prepare()
journal.open()
journal.append("armed", file="one.jcc")

def told(act, *given, **named):
    try:
        act(*given, **named)
    except (MailboxTrouble, JournalTrouble) as trouble:
        return str(trouble)
    return "done"

def all_files():
    return {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}

def both():
    return [
        told(box.stage, "X.1.jcc", b"x" * 9_000),
        told(box.stage, "Y.1.jcc", b"y", "m" * 9_000),
        told(journal.append, "armed", file="two.jcc", why="z" * 9_000),
    ]

before = all_files()
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, most))
small, after = both(), all_files()
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
print(json.dumps({"small": small, "before": before, "after": after, "large": both(), "lines": len(journal.entries)}))
"""


def test_a_disk_that_is_really_full_is_a_sentence_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    told = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    for sentence in told["small"][:2]:
        assert sentence.startswith(
            f"erpdesk cannot write files in Sage's mailbox {tmp_path / 'Imports'}: File too large."
        )
        assert sentence.endswith(
            "Check the drive, its free space and the right to write there. erpdesk tries again by itself."
        )
    assert told["small"][2].startswith("The export journal cannot be written: File too large (")
    assert "Nothing was exported; what was accepted stays accepted." in told["small"][2]
    assert told["after"] == told["before"]
    assert told["large"] == ["done"] * 3 and told["lines"] == 2


@pytest.mark.parametrize("error", [full(), broken()], ids=["full", "broken"])
@pytest.mark.parametrize("op", ["write", "fsync"])
def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, op: str, error: OSError) -> None:
    disk, path = FaultyDisk([Fault(op, "*", error)]), tmp_path / "file"
    with pytest.raises(OSError):
        disk.write_new(path, b"four")
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"before")
    for act in (disk.append, disk.replace):
        with pytest.raises(OSError):
            act(path, b"more")
        assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]


def test_a_file_is_written_read_added_to_and_cut(tmp_path: Path) -> None:
    path = tmp_path / "file"
    DISK.write_new(path, b"one")
    with pytest.raises(FileExistsError):
        DISK.write_new(path, b"two")
    DISK.append(path, b" and two")
    assert DISK.read(path) == b"one and two" and DISK.read(path, 3) == b"one" and DISK.size(path) == 11
    DISK.cut(path, 3)
    assert DISK.read(path) == b"one"
    DISK.replace(path, b"anew")
    assert DISK.read(path) == b"anew" and DISK.listing(tmp_path) == ("file",)
    assert DISK.sha_of(tmp_path / "nothing") == "" and DISK.size(tmp_path / "nothing") == -1


def test_nothing_is_there_only_where_somebody_can_look(tmp_path: Path) -> None:
    assert not DISK.exists(tmp_path / "file") and not DISK.lists(tmp_path / "file")
    for look in (DISK.exists, DISK.lists):
        with pytest.raises(FileNotFoundError):
            look(tmp_path / "share" / "file")
    disk = FaultyDisk()
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "file").touch()
    disk.lose(tmp_path / "share")
    for look in (disk.exists, disk.lists):
        with pytest.raises(ShareGone):
            look(tmp_path / "share" / "file")
    assert disk.exists(tmp_path) and not disk.is_dir(tmp_path / "share")


def test_a_link_leads_elsewhere_and_a_folder_does_not(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    assert DISK.is_link(tmp_path / "link") and DISK.is_dir(tmp_path / "link")
    assert not DISK.is_link(tmp_path / "folder") and not DISK.is_link(tmp_path / "nothing")
    assert DISK.volume(tmp_path / "folder") == DISK.volume(tmp_path)


def test_who_holds_a_file_for_a_moment_is_waited_for_by_the_disks_own_clock(tmp_path: Path) -> None:
    passed: list[float] = []
    disk = FaultyDisk([Fault("replace", "*", WinError(32), times=3)], pause=passed.append)
    disk.replace(tmp_path / "file", b"anew")
    assert passed == list(PAUSES[:3]) == disk.waited and disk.read(tmp_path / "file") == b"anew"
    disk.faults = [Fault("replace", "*", WinError(32))]
    with pytest.raises(PermissionError):
        disk.replace(tmp_path / "file", b"never")
    assert passed[3:] == list(PAUSES) and disk.listing(tmp_path) == ("file",)


def test_a_fault_strikes_where_and_as_often_as_it_is_told(tmp_path: Path) -> None:
    path, other = tmp_path / "a.jcc", tmp_path / "b.jcc"
    disk = FaultyDisk([Fault("read", "*/a.*", broken(), skip=1, times=1), Fault("read", "*/b.*", slow=90)])
    for each in (path, other):
        each.write_bytes(b"here")
    assert disk.read(path) == b"here"
    with pytest.raises(OSError):
        disk.read(path)
    assert disk.read(path) == disk.read(other) == b"here" and disk.waited == [90]
    disk.faults = [Fault("unlink", "*/a.*", broken(), after=True)]
    with pytest.raises(OSError):
        disk.unlink(path)
    assert not path.exists()
    with pytest.raises(ValueError, match="no such deed: renames"):
        Fault("renames")


@pytest.mark.parametrize("halves", [False, True], ids=["one rename", "two halves"])
def test_of_many_who_move_one_file_exactly_one_succeeds(tmp_path: Path, halves: bool) -> None:
    """The fence of a delivery: two programs that race for the staged file never both have it."""
    disk = FaultyDisk(halves=True) if halves else Disk()
    for turn in range(100):
        source = tmp_path / f"{turn}.jcc"
        source.write_bytes(b"data")
        start, won = threading.Barrier(3), list[int]()

        def move(number: int, source: Path = source, start: threading.Barrier = start, won: list[int] = won) -> None:
            start.wait()
            with suppress(FileNotFoundError):
                move_once(source, source.with_suffix(f".{number}"), disk=disk)
                won.append(number)

        movers = [threading.Thread(target=move, args=(number,)) for number in range(3)]
        for mover in movers:
            mover.start()
        for mover in movers:
            mover.join()
        assert [path.suffix for path in tmp_path.glob(f"{turn}.*")] == [f".{number}" for number in won]
        assert len(won) == 1


def test_the_loser_of_a_race_to_one_place_leaves_the_winners_file_there(tmp_path: Path) -> None:
    """Two programs deliver the same staged file; the second meets the first between its two halves."""
    source, target = tmp_path / "staged.jcc", tmp_path / "commitments.jcc"
    source.write_bytes(b"data")

    def the_other_one_ends() -> None:
        source.unlink()

    os.link(source, target)
    with pytest.raises(FileNotFoundError):
        move_once(source, target, between=the_other_one_ends, disk=FaultyDisk(halves=True))
    assert target.read_bytes() == b"data"
