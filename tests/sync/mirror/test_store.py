"""The mirror's files: a mirror that cannot be used is built again, and old ones go once nobody looks at them."""

from __future__ import annotations

import resource
import threading
from pathlib import Path

import pytest

from erpdesk.core.errors import ForPeople
from erpdesk.sync.mirror.tables import SCHEMA
from erpdesk.sync.sage.doors import Connect, open_standin
from tests.sync.mirror.kit import Desk, alter, copied, damage, differences, open_mirror


@pytest.fixture
def connect(sample_folder: Path) -> Connect:
    return open_standin(sample_folder)


@pytest.fixture
def desk(connect: Connect, tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "mirror")
    assert made.refresh(connect).ok
    return made


def files(desk: Desk) -> set[str]:
    return {each.name for each in desk.folder.iterdir() if each.suffix == ".db"}


@pytest.mark.parametrize("version", [0, SCHEMA + 1, 99])
def test_a_mirror_of_another_version_is_built_again(version: int, desk: Desk, connect: Connect) -> None:
    """A layout that this program does not know answers nothing and is replaced; no migration, no guess."""
    db = open_mirror(desk.store.path(1))
    db.pragma("user_version", version)
    db.close()
    assert desk.facts.vendors() == ()
    report = desk.refresh(connect)
    assert report.ok and report.first_load and report.number == 2
    assert files(desk) == {"mirror-2.db"} and desk.facts.vendors()


def test_something_else_in_its_place_is_replaced(desk: Desk, connect: Connect) -> None:
    """A file that is no database: empty answers, then a new mirror under a new number."""
    desk.store.path(1).write_bytes(b"this is not a mirror " * 1000)
    assert desk.facts.jobs() == () and not desk.facts.commitment_id_taken("SC-0003-001")
    assert desk.refresh(connect).number == 2 and desk.facts.jobs()


def test_a_missing_file_is_built_again(desk: Desk, connect: Connect) -> None:
    """The number is known but the file is gone, as after a restore on another computer."""
    desk.store.path(1).unlink()
    assert desk.facts.jobs() == ()
    assert desk.refresh(connect).first_load and desk.facts.jobs()


def test_damage_inside_is_found_and_repaired(desk: Desk, sample_folder: Path, connect: Connect) -> None:
    """Pages that a disk lost: whoever meets them gets no wrong answer, and the next sync builds the mirror anew."""
    path = desk.store.path(1)
    for at in range(2 * 4096, path.stat().st_size - 4096, 4096):
        damage(path, at)
    assert desk.facts.vendors() == ()
    report = desk.refresh(connect)
    assert report.ok and report.first_load and not list(differences(desk, sample_folder))


def test_damage_that_only_the_merge_meets_is_repaired_in_the_same_run(
    desk: Desk, sample_folder: Path, connect: Connect
) -> None:
    """The run that stumbles over a damaged mirror builds a new one itself."""
    path = desk.store.path(1)
    for at in range(40 * 4096, path.stat().st_size - 4096, 4096):
        damage(path, at)
    report = desk.refresh(connect)
    assert report.ok and report.first_load and not list(differences(desk, sample_folder))


def test_whoever_looks_at_the_old_mirror_may_finish(desk: Desk, connect: Connect) -> None:
    """A new mirror becomes current while somebody reads the old one: that look ends undisturbed, then the file goes."""
    with desk.store.reading() as db:
        assert db is not None
        before = db.execute("SELECT COUNT(*) FROM vendor").get
        desk.number = None
        assert desk.refresh(connect).number == 2
        assert files(desk) == {"mirror-1.db", "mirror-2.db"}
        assert db.execute("SELECT COUNT(*) FROM vendor").get == before
        with desk.store.reading() as now:
            assert now is not None and str(now.filename).endswith("mirror-2.db")
    desk.store.sweep()
    assert files(desk) == {"mirror-2.db"}


def test_left_overs_of_a_killed_load_go(desk: Desk, connect: Connect) -> None:
    """Files of a load that was killed are removed before the next one; other people's files are not."""
    (desk.folder / "mirror-7.db").write_bytes(b"half")
    (desk.folder / "mirror-7.db-wal").write_bytes(b"half")
    (desk.folder / "mirror-notes.txt").write_bytes(b"mine")
    desk.store.path(1).unlink()
    report = desk.refresh(connect)
    assert report.number is not None
    assert files(desk) == {f"mirror-{report.number}.db"}
    assert (desk.folder / "mirror-notes.txt").exists() and not (desk.folder / "mirror-7.db-wal").exists()


@pytest.mark.parametrize("first", [True, False])
def test_a_full_disk_is_said_and_loses_nothing(first: bool, sample_folder: Path, tmp_path: Path) -> None:
    """No room to write: a sentence that says what to do; the earlier mirror answers on; with room it works again."""
    sage = copied(sample_folder, tmp_path / "sage")
    desk = Desk(tmp_path / "mirror")
    if not first:
        assert desk.refresh(open_standin(sage)).ok
        alter(sage, "UPDATE JCM_MASTER__CATEGORY SET Description = Description || '.'")
    vendors = desk.facts.vendors()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))
    try:
        with pytest.raises(ForPeople) as caught:
            desk.refresh(open_standin(sage))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.kept and caught.value.next_step
    assert desk.facts.vendors() == vendors
    assert (desk.number is None) is first
    assert desk.refresh(open_standin(sage)).ok and not list(differences(desk, sage))


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, connect: Connect) -> None:
    """Something stands where the company's folder should be."""
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(ForPeople, match="could not be written"):
        Desk(tmp_path / "taken" / "mirror").refresh(connect)


def test_two_refreshes_at_once_follow_each_other(desk: Desk, sample_folder: Path, connect: Connect) -> None:
    """Two threads ask for a refresh: both get one, and the mirror is whole."""
    outcomes: list[bool] = []
    threads = [threading.Thread(target=lambda: outcomes.append(desk.refresh(connect).ok)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True, True] and not list(differences(desk, sample_folder))
