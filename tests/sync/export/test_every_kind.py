"""What holds for every kind that goes to Sage: once, with its own final evidence, and never on a guess."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from erpdesk.models.erp import ExportState as S
from erpdesk.sync.export.states import FAILED
from tests.sync.export.every_kind import ALL, SAMPLES, KindYard
from tests.sync.export.yard import Yard


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds") / "company"
    folder.mkdir()
    KindYard.build(folder, ALL["commitment"]).yard.store.close()
    return folder


@pytest.fixture(params=sorted(ALL))
def place(request: pytest.FixtureRequest, built: Path, tmp_path: Path) -> Iterator[KindYard]:
    shutil.copytree(built, tmp_path / "company")
    yard = Yard.open(tmp_path / "company")
    yield KindYard(yard, ALL[request.param])
    yard.store.close()


def settle(place: KindYard, *, posts: bool = True, rounds: int = 8) -> None:
    exporter = place.yard.exporter(live=False)
    exporter.recover()
    for _ in range(rounds):
        exporter.step()
        place.sage_imports()
        if posts:
            place.sage_posts()
    exporter.recover()


def test_no_kind_is_left_out() -> None:
    assert set(SAMPLES) == set(ALL)


def test_two_items_go_in_once_each(place: KindYard) -> None:
    items = [place.accept(1), place.accept(2)]
    settle(place, rounds=10)
    assert [(place.yard.state(each), place.yard.row(each).message) for each in items] == [
        (S.POSTED, place.yard.row(each).message) for each in items
    ]
    files = {place.yard.file_of(each) for each in items}
    assert len(files) == (1 if place.kind.together else 2)
    assert place.yard.audit().count("arm") == 2


def test_only_its_own_final_evidence_says_posted(place: KindYard) -> None:
    item = place.accept(1)
    settle(place, posts=False)
    row = place.yard.row(item)
    if place.kind.posting:
        assert row.state is S.IN_SAGE and f"Post it in Sage: {place.kind.posting}." in row.message
        settle(place)
    assert place.yard.state(item) is S.POSTED, place.yard.row(item).message


def test_a_reject_by_sage_is_told_and_leaves_nothing_there(place: KindYard) -> None:
    item = place.accept(1)
    exporter = place.yard.exporter(live=False)
    exporter.recover()
    exporter.step()
    place.yard.sage.set_faults(reject_next="the period is closed.")
    settle(place)
    row = place.yard.row(item)
    # Of a budget Sage takes the lines that are sound, so that what came of it differs from what was approved.
    assert row.state is (S.CONFLICT if place.kind.letters == "*" else S.SAGE_REJECTED), row.message
    assert "eriod is closed" in row.message


def test_a_file_that_somebody_took_away_is_a_doubt_and_never_sent_again(place: KindYard) -> None:
    item = place.accept(1)
    exporter = place.yard.exporter(live=False)
    exporter.recover()
    exporter.step()
    (place.yard.imports / place.kind.place.file).rename(place.yard.folder / "taken")
    settle(place)
    assert place.yard.state(item) is S.IN_DOUBT
    assert place.kind.look_at in place.yard.row(item).message


def test_a_second_import_of_the_same_file_is_refused_or_raises_the_alarm(place: KindYard) -> None:
    """Fault 11: where Sage lets it in again, the next read says so."""
    item = place.accept(1)
    settle(place)
    assert place.yard.state(item) is S.POSTED, place.yard.row(item).message
    kept = place.yard.kept_set(item) / place.kind.place.file
    shutil.copy(kept, place.yard.imports / place.kind.place.file)
    (place.yard.imports / place.kind.place.file).chmod(0o644)
    place.sage_imports()
    place.sage_posts()
    place.yard.exporter(live=False).recover()
    twice = not place.kind.keyed
    assert place.yard.state(item) is (S.DUPLICATE_ALARM if twice else S.POSTED), place.yard.row(item).message


def test_an_unknown_job_is_refused_before_anything_is_sent(place: KindYard) -> None:
    item = place.accept(1)
    place.yard.alter("UPDATE JCM_MASTER__JOB SET Status = 'Closed'")
    settle(place)
    assert place.yard.state(item) in FAILED
    assert not list((place.yard.imports / "archive").glob(f"*/{place.kind.place.file}"))
