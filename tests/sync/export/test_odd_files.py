"""What is not a plain file under a name of the mailbox is never read or followed, and keeps only its own place."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from erpdesk.models.erp import ExportState
from erpdesk.sync.export.disk import DISK, Disk, NotPlain
from erpdesk.sync.export.kinds.kind import Place
from erpdesk.sync.export.mailbox import Mailbox, MailboxTrouble
from erpdesk.sync.export.moves import move_once
from erpdesk.sync.sandbox.operator import SandboxOperator
from tests.sync.export.every_kind import ALL, SAMPLES
from tests.sync.export.faulty_disk import Fault, FaultyDisk, broken, full
from tests.sync.export.yard import Yard
from tests.sync.stand_in_files import SPEC

S = ExportState


def a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def a_link(path: Path) -> None:
    target = path.parent / "elsewhere.txt"
    target.write_bytes(b"secret")
    path.symlink_to(target)


def a_link_to_nowhere(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


ODD: list[tuple[Callable[[Path], None], str]] = [
    (a_folder, "a folder"),
    (a_link, "a link"),
    (a_link_to_nowhere, "a link"),
]
if hasattr(os, "mkfifo"):
    ODD.append((a_pipe, "a pipe"))
NAMES = ("commitments.prn", "commitments.rej", "commitments.jcc")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company for several kinds, made once; tests copy it."""
    folder = tmp_path_factory.mktemp("odd") / "company"
    folder.mkdir()
    Yard.build(folder, SPEC).store.close()
    return folder


@pytest.fixture
def town(tmp_path: Path, built: Path) -> Iterator[Yard]:
    shutil.copytree(built, tmp_path / "company")
    yard = Yard.open(tmp_path / "company")
    yard.imports.mkdir(exist_ok=True)
    yield yard
    yard.store.close()


def accept(yard: Yard, kind: str, number: int = 1) -> str:
    sample = SAMPLES[kind]
    return yard.accept(sample.make(number), kind=ALL[kind], sage_id=sample.key(number))


def sage_imports_all(yard: Yard) -> None:
    while SandboxOperator(yard.sage).step():
        pass


def said(path: Path, what: str) -> str:
    return f"In Sage's mailbox {path.parent} stands {path.name}, which is {what}."


@pytest.mark.parametrize(
    ("make", "what", "name"),
    [(*odd, NAMES[(at + more) % 3]) for at, odd in enumerate(ODD) for more in ((0, 1) if at < 2 else (0,))],
)
def test_what_is_no_plain_file_keeps_its_own_place_and_no_other(
    town: Yard, make: Callable[[Path], None], what: str, name: str
) -> None:
    commitment, invoice = accept(town, "commitment"), accept(town, "invoice")
    exporter = town.exporter(live=False)
    exporter.recover()
    exporter.step()
    sage_imports_all(town)
    odd, kept = town.imports / name, town.folder / "kept"
    if there := odd.exists():
        odd.rename(kept)
    make(odd)
    again = town.exporter(live=False)
    report = again.recover()
    assert again.recovered and town.state(invoice) is S.IN_SAGE
    waits = accept(town, "commitment", 2)
    accept(town, "invoice", 2)
    report = again.step()
    assert town.state(commitment) is S.DELIVERED and (town.imports / ALL["invoice"].place.file).exists()
    for message in (town.row(commitment).message, town.row(waits).message, *report.troubles):
        assert message.startswith(said(odd, what)) and "Rename it or take it away." in message
    assert os.path.lexists(odd)
    assert not any(b"secret" in path.read_bytes() for path in (town.imports / "archive").rglob("*") if path.is_file())
    odd.rmdir() if what == "a folder" else odd.unlink()
    if there:
        kept.rename(odd)
    again.step()
    assert town.state(commitment) is S.POSTED


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_that_stands_there_before_keeps_its_own_place_and_no_other(town: Yard, name: str) -> None:
    (town.imports / name).mkdir()
    commitment, invoice = accept(town, "commitment"), accept(town, "invoice")
    exporter = town.exporter(live=False)
    exporter.recover()
    exporter.step()
    assert (town.state(commitment), town.state(invoice)) == (S.INTENT, S.DELIVERED)
    assert town.row(commitment).message.startswith(said(town.imports / name, "a folder"))
    (town.imports / name).rmdir()
    exporter.step()
    assert town.state(commitment) is S.DELIVERED


def test_a_folder_with_the_name_of_the_manifest_keeps_nothing(town: Yard) -> None:
    (town.imports / "commitments-manifest.json").mkdir()
    item = accept(town, "commitment")
    exporter = town.exporter(live=False)
    exporter.recover()
    report = exporter.step()
    assert town.state(item) is S.DELIVERED and not report.troubles
    sage_imports_all(town)
    exporter.step()
    assert town.state(item) is S.POSTED
    assert [path.name for path in town.imports.glob(".*manifest*")] == []


def test_a_link_to_the_database_leaves_it_as_it_is(town: Yard) -> None:
    item, database = accept(town, "commitment"), town.folder / "erpdesk.db"
    exporter = town.exporter(live=False)
    exporter.recover()
    exporter.step()
    sage_imports_all(town)
    mode = database.stat().st_mode
    (town.imports / "commitments.rej").unlink(missing_ok=True)
    (town.imports / "commitments.rej").symlink_to(database)
    exporter.step()
    exporter.recover()
    assert database.stat().st_mode == mode and town.state(item) is S.DELIVERED
    assert not any("SQLite" in result for _, result in town.evidence())


def test_a_place_that_cannot_be_written_keeps_no_other_from_sending(town: Yard) -> None:
    commitment, invoice, disk = accept(town, "commitment"), accept(town, "invoice"), FaultyDisk()
    exporter = town.exporter(live=False, disk=disk)
    exporter.recover()
    disk.faults.append(Fault("write", "*/staging/*.jcc.*", full()))
    report = exporter.step()
    assert (town.state(commitment), town.state(invoice)) == (S.INTENT, S.DELIVERED)
    assert "No space left on device" in town.row(commitment).message and len(report.troubles) == 1
    disk.heal()
    assert not exporter.step().troubles
    assert town.state(commitment) is S.DELIVERED


def test_a_place_that_cannot_be_swept_does_not_end_the_recovery(town: Yard) -> None:
    disk = FaultyDisk()
    exporter = town.exporter(live=False, disk=disk)
    disk.faults.append(Fault("list", "*/staging", broken(), times=1))
    report = exporter.recover()
    assert exporter.recovered and "Input/output error" in report.troubles[0]


def test_a_link_in_staging_does_not_end_a_recovery_that_looks_for_lost_files(town: Yard) -> None:
    invoice, database, backup = accept(town, "invoice"), town.folder / "erpdesk.db", town.folder / "backup.db"
    exporter = town.exporter(live=False)
    exporter.recover()
    exporter.step()
    town.store.close()
    shutil.copy(database, backup)
    accept(town, "commitment")
    exporter.step()
    sage_imports_all(town)
    town.store.close()
    shutil.copy(backup, database)
    restored = Yard.open(town.folder)
    (town.imports / "staging" / "x.jcc").symlink_to(database)
    again = restored.exporter(live=False)
    report = again.recover()
    assert again.recovered and "Exports are locked" in report.troubles[0]
    assert any(
        "cannot see what lies in Sage's mailbox" in each and "x.jcc is a link" in each for each in report.troubles
    )
    assert restored.state(invoice) is S.IN_SAGE
    assert not any("is a link" in each for each in again.recover().troubles), "it was swept out of staging"
    restored.store.close()


@pytest.fixture
def box(tmp_path: Path) -> Mailbox:
    made = Mailbox(tmp_path / "Imports", Place.named("commitments", "jcc"), disk=FaultyDisk())
    made.prepare()
    return made


def test_a_long_name_is_swept_and_one_that_cannot_be_moved_ends_no_sweep(tmp_path: Path) -> None:
    disk = FaultyDisk([Fault("rename", "*/staging/b.*", broken())])
    box = Mailbox(tmp_path / "Imports", Place.named("commitments", "jcc"), disk=disk)
    box.prepare()
    long = "x" * 240 + ".jcc"
    for name in ("a.1.jcc", "b.1.jcc", long):
        (box.staging / name).write_bytes(b"data")
    (box.staging / "loop.jcc").symlink_to(box.staging / "loop.jcc")
    assert set(box.sweep(frozenset())) >= {"a.1.jcc", long}
    assert "b.1.jcc" in {path.name for path in box.staging.iterdir()}
    assert all(path.name.startswith("unknown-") and path.name.endswith(".jcc") for path in box.burned.iterdir())
    disk.heal()
    assert "b.1.jcc" in box.sweep(frozenset())


def test_trouble_with_a_file_names_it(box: Mailbox) -> None:
    (box.archive / "X.1").write_bytes(b"a file where a folder should be")
    with pytest.raises(MailboxTrouble, match=r"cannot read files in Sage's mailbox .*\(archive/X\.1\)\. What was"):
        box.results("X.1.jcc")


def test_a_staged_link_is_not_sent_and_what_it_leads_to_stays(box: Mailbox) -> None:
    """Not even when it leads to the very bytes that were staged, or to the file in the mailbox."""
    box.file.write_bytes(b"theirs")
    (box.staging / "X.1.jcc").symlink_to(box.file)
    assert box.locate("X.1.jcc", "0" * 64).value == "missing"
    assert list(box.staging.iterdir()) == [] and box.file.read_bytes() == b"theirs"


@pytest.mark.parametrize(("make", "what"), ODD, ids=[make.__name__ for make, _ in ODD])
def test_the_disk_reads_and_protects_plain_files_only(tmp_path: Path, make: Callable[[Path], None], what: str) -> None:
    path = tmp_path / "odd"
    make(path)
    before = {each.name: each.lstat().st_mode for each in tmp_path.iterdir()}
    for act in (DISK.read, DISK.sha_of, DISK.make_read_only, DISK.must_be_plain):
        with pytest.raises(NotPlain) as refused:
            act(path)
        assert refused.value.what == what and refused.value.filename == str(path)
    assert {each.name: each.lstat().st_mode for each in tmp_path.iterdir()} == before
    DISK.must_be_plain(tmp_path / "nothing")


def test_a_plain_file_is_made_read_only(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"data")
    DISK.make_read_only(path)
    assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    with pytest.raises(FileNotFoundError):
        DISK.make_read_only(tmp_path / "nothing")


@pytest.mark.parametrize("halves", [False, True], ids=["one rename", "two halves"])
def test_a_link_in_the_place_of_a_file_is_not_taken_for_it(tmp_path: Path, halves: bool) -> None:
    """Ending a half-done move takes one of two names away; a link to the only one is no second name."""
    source, target = tmp_path / "staged.jcc", tmp_path / "commitments.jcc"
    source.write_bytes(b"data")
    target.symlink_to(source)
    with pytest.raises(FileExistsError):
        move_once(source, target, disk=FaultyDisk(halves=halves))
    assert source.read_bytes() == b"data" and target.is_symlink()


class Windows(Disk):
    """A disk that answers as Windows does for a reparse point."""

    def __init__(self, tag: int) -> None:
        super().__init__()
        self.tag = tag

    def _stat(self, path: Path, *, follow: bool = True) -> os.stat_result:
        found = os.stat(path, follow_symlinks=follow)
        answer = SimpleNamespace(st_mode=found.st_mode, st_file_attributes=0x400, st_reparse_tag=self.tag)
        return answer  # type: ignore[return-value]


@pytest.mark.parametrize("tag", [0xA0000003, 0xA000000C, 0xA000001D], ids=["junction", "symlink", "wsl link"])
def test_a_reparse_point_of_windows_that_leads_elsewhere_is_a_link(tmp_path: Path, tag: int) -> None:
    path = tmp_path / "commitments.prn"
    path.write_bytes(b"data")
    with pytest.raises(NotPlain) as refused:
        Windows(tag).read(path)
    assert refused.value.what == "a link"


def test_a_file_that_windows_keeps_compactly_is_a_file(tmp_path: Path) -> None:
    """Deduplicated and synchronized files are reparse points as well, but stand for themselves."""
    path = tmp_path / "commitments.prn"
    path.write_bytes(b"data")
    assert Windows(0x80000013).read(path) == b"data"
