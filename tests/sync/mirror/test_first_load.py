"""The first load: everything that Sage holds, through either door, into a file that is current only when whole."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from erpdesk.core.clock import CLOCK
from erpdesk.core.errors import BadSageData, SageUnavailable
from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.tables import catalogue
from erpdesk.sync.sandbox.sample import make_sample
from tests.sync.mirror.kit import DOORS, Desk, alter, ask, copied, differences, door, sage_rows


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company with a hundred thousand job-cost transactions."""
    folder = tmp_path_factory.mktemp("large") / "sage"
    make_sample(folder, seed=7, transactions=100_000)
    return folder


def test_a_hundred_thousand_transactions_are_the_same_through_both_doors(large: Path, tmp_path: Path) -> None:
    """The stand-in's file and a real ODBC driver give the same mirror row for row, and it is what Sage holds (P12)."""
    desks = {}
    for kind in DOORS:
        desks[kind] = Desk(tmp_path / kind)
        began = time.monotonic()
        report = desks[kind].refresh(door(kind, large))
        assert report.ok and report.first_load and report.number == 1
        assert {table.title: table.rows for table in report.tables}["Job-cost transactions"] == 100_000
        assert time.monotonic() - began < 30
    for table in catalogue():
        assert desks["file"].rows(table) == desks["odbc"].rows(table) == sage_rows(large, table), table.title


@pytest.mark.parametrize("kind", DOORS)
def test_a_second_look_through_the_other_door_changes_nothing(kind: str, sample_folder: Path, tmp_path: Path) -> None:
    """Which driver reads makes no difference to what is kept: no row counts as changed."""
    desk = Desk(tmp_path / "mirror")
    assert desk.refresh(door(kind, sample_folder)).ok
    before = desk.everything()
    other = next(each for each in DOORS if each != kind)
    report = desk.refresh(door(other, sample_folder))
    assert report.ok and not report.changed and not report.first_load
    assert desk.everything() == before
    assert not list(differences(desk, sample_folder))


def test_progress_goes_from_nothing_to_all_for_each_table(sample_folder: Path, tmp_path: Path) -> None:
    """Somebody who waits sees each table with its rows done and its rows in all, in steps of at most 500."""
    seen: dict[str, list[tuple[int, int]]] = {}
    Desk(tmp_path).refresh(
        open_standin(sample_folder),
        progress=lambda title, done, total: seen.setdefault(title, []).append((done, total)),
    )
    assert list(seen) == [table.title for table in catalogue()]
    for table in catalogue():
        steps = seen[table.title]
        rows = ask(sample_folder, f'SELECT COUNT(*) FROM "{table.name}"')[0][0]
        assert steps[0] == (0, rows) and steps[-1] == (rows, rows)
        assert all(0 <= later[0] - sooner[0] <= 500 for sooner, later in pairwise(steps))


def test_the_new_file_is_sound_indexed_and_in_wal_mode(sample_folder: Path, tmp_path: Path) -> None:
    """After the load the file can be read while it is refreshed, and knows the version of its layout."""
    desk = Desk(tmp_path)
    desk.refresh(open_standin(sample_folder))
    assert desk.select("PRAGMA journal_mode") == [("wal",)]
    assert desk.select("PRAGMA integrity_check") == [("ok",)]
    assert desk.select("PRAGMA user_version")[0][0] > 0
    plan = desk.select("EXPLAIN QUERY PLAN SELECT * FROM category WHERE job = 'x' AND gone_run IS NULL")
    assert "USING INDEX" in plan[0][3]


def test_a_load_that_is_stopped_leaves_no_trace(sample_folder: Path, tmp_path: Path) -> None:
    """A stop in the middle of the first load: no mirror, no file, and the next load starts afresh."""
    desk = Desk(tmp_path)
    asked: list[str] = []
    report = desk.refresh(
        open_standin(sample_folder),
        progress=lambda title, done, total: asked.append(title),
        stop=lambda: "Categories" in asked,
    )
    assert report.stopped and not report.ok and report.number is None and desk.number is None
    assert list(tmp_path.iterdir()) == []
    assert desk.refresh(open_standin(sample_folder)).ok


def test_a_load_that_breaks_leaves_no_trace(sample_folder: Path, tmp_path: Path) -> None:
    """A bug or a kill in the middle: whatever it is, the half-built file is not current and goes."""
    desk = Desk(tmp_path / "mirror")

    def breaks(title: str, done: int, total: int) -> None:
        if title == "Commitments":
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        desk.refresh(open_standin(sample_folder), progress=breaks)
    assert desk.number is None and list((tmp_path / "mirror").iterdir()) == []


def test_a_folder_that_is_no_company_is_said_plainly(tmp_path: Path) -> None:
    """Wrong folder: a sentence, and no mirror."""
    desk = Desk(tmp_path / "mirror")
    with pytest.raises(SageUnavailable, match="is not there"):
        desk.refresh(open_standin(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(SageUnavailable, match=r"tsdata\.db is missing"):
        desk.refresh(open_standin(tmp_path / "empty"))
    assert desk.number is None


@pytest.mark.parametrize("kind", DOORS)
def test_a_missing_table_is_named(kind: str, sample_folder: Path, tmp_path: Path) -> None:
    """A table that erpdesk cannot do without: named with its words, and nothing is loaded."""
    folder = copied(sample_folder, tmp_path / "sage")
    alter(folder, "DROP TABLE APM_MASTER__VENDOR")
    desk = Desk(tmp_path / "mirror")
    with pytest.raises(BadSageData, match=r"APM_MASTER__VENDOR \(Vendors\)") as caught:
        desk.refresh(door(kind, folder))
    assert caught.value.next_step and desk.number is None


@pytest.mark.parametrize("kind", DOORS)
def test_what_some_companies_lack_is_no_obstacle(kind: str, sample_folder: Path, tmp_path: Path) -> None:
    """Without change order lines, ID formats or a column nobody is sure of the rest loads, and the report says so."""
    folder = copied(sample_folder, tmp_path / "sage")
    alter(
        folder,
        "DROP TABLE JCM_MASTER__COMMITMENT_CO_ITEM",
        "DROP TABLE TS_CTL_RECORD_3",
        "ALTER TABLE APM_MASTER__VENDOR DROP COLUMN Status",
        "ALTER TABLE JCM_MASTER__COMMITMENT DROP COLUMN Committed",
        "ALTER TABLE JCM_MASTER__COMMITMENT DROP COLUMN Amount",
    )
    desk = Desk(tmp_path / "mirror")
    report = desk.refresh(door(kind, folder))
    assert report.ok
    assert "TS_CTL_RECORD_3" in " ".join(report.lacking) and "Committed" in " ".join(report.lacking)
    assert desk.facts.commitment_id_format().width == 12
    first = desk.select("SELECT commitment FROM commitment ORDER BY commitment")[0][0]
    held = desk.facts.commitment(first)
    assert held and held.committed and held.amount == sum(item.amount for item in held.items)
    assert not any(vendor.inactive for vendor in desk.facts.vendors())
    assert "ID formats" not in {each.table for each in desk.facts.freshness()}


def test_the_age_of_the_rows_is_when_reading_began(sample_folder: Path, tmp_path: Path) -> None:
    """Freshness tells the time before the first row was read, never after (5.9)."""
    desk = Desk(tmp_path)
    before = CLOCK.now()
    desk.refresh(open_standin(sample_folder))
    after = CLOCK.now()
    fresh = desk.facts.freshness()
    assert [each.table for each in fresh] == [table.title for table in catalogue()]
    assert all(each.read_began is not None and before <= each.read_began <= after for each in fresh)
    assert all(each.problem == "" for each in fresh)
