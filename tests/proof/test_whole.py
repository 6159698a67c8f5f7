"""Without Sage all the rest works (P16), bytes are the same anywhere (P18), a bad read changes no mirror (P12)."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from erpdesk.sync.sage.doors import open_standin
from erpdesk.sync.sage.reader import SageReader
from tests.proof.doors import MODES, FaultyDoor
from tests.proof.ground import Ground, budget, commitment
from tests.proof.properties import ALWAYS, broken
from tests.proof.site import Site
from tests.proof.times import SharedTime
from tests.sync.export.yard import Yard, payload_of
from tests.sync.mirror.kit import Desk, alter, differences, ignore, never

ROOT = Path(__file__).parents[2]
RENDER = """
import locale, sys
from contextlib import suppress
with suppress(locale.Error):
    locale.setlocale(locale.LC_ALL, "")
from erpdesk.sync.sage.layouts import load_layout
from erpdesk.sync.sage.render import Renderer
from erpdesk.workflows import document_text, snapshots
made = snapshots.from_text(sys.argv[1]), document_text.from_text(sys.argv[2])
print(*(Renderer(load_layout(name)).preview(each).sha256 for name, each in zip(("jcc", "jce"), made)))
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    Yard.build(tmp_path).store.close()
    site = Site.open(Ground(tmp_path, SharedTime()))
    yield site
    site.close()


def test_without_sage_people_go_on_and_nothing_is_called_done(site: Site) -> None:
    """Accepting works, nothing claims to be exported, and all goes out when Sage is there again."""
    away = site.ground.folder / "away"
    site.yard.sage.folder.rename(away)
    items = site.accept()
    for _ in range(3):
        report = site.exporter.recover()
        assert report.troubles or report.unavailable
        assert not site.exporter.step().posted
    assert [site.yard.state(item).value for item in items] == ["INTENT"] * 3
    away.rename(site.yard.sage.folder)
    assert broken(site.ground.books(), ALWAYS) == []
    assert site.rest() == []
    assert site.states() == ["POSTED"] * 3


def test_the_same_snapshot_gives_the_same_bytes_in_any_country_and_time_zone() -> None:
    chance = random.Random(3)
    documents = [payload_of(each) for each in (commitment(77, chance), budget(78, chance))]
    told = {
        subprocess.run(
            [sys.executable, "-c", RENDER, *documents],
            cwd=ROOT,
            env={**os.environ, "LC_ALL": language, "LANG": language, "TZ": zone, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for language, zone, seed in (("C", "UTC", "1"), ("de_DE.UTF-8", "Asia/Kolkata", "2"))
    }
    assert len(told) == 1 and len(told.pop().split()) == 2


@pytest.mark.parametrize("mode", MODES)
def test_a_read_that_goes_wrong_leaves_the_mirror_as_it_was(sample_folder: Path, tmp_path: Path, mode: str) -> None:
    """Faults 16 and 17: the run is not called good, and the mirror is the one before; or it read anew and is right."""
    sage = shutil.copytree(sample_folder, tmp_path / "sage")
    desk = Desk(tmp_path / "mirror")
    door = FaultyDoor(open_standin(sage))
    assert desk.refresh(door).ok
    before = desk.everything()
    changed: list[int] = []

    def change() -> None:
        if not changed:
            changed.append(1)
            alter(sage, "DELETE FROM APM_MASTER__VENDOR WHERE rowid = (SELECT MAX(rowid) FROM APM_MASTER__VENDOR)")

    door.mode, door.word, door.change = mode, "APM_MASTER__VENDOR", change
    with SageReader(door, query_timeout=0.3) as reader:
        try:
            report = desk.mirror.refresh(reader, ignore, never, full=True)
            good = report.ok
        except Exception as error:
            assert type(error).__module__.startswith("erpdesk"), error
            good = False
    assert door.struck
    if good:
        assert mode == "changes" and list(differences(desk, sage)) == []
    else:
        vendors = "sage_vendor" if "sage_vendor" in before else next(name for name in before if "vendor" in name)
        assert desk.everything()[vendors] == before[vendors]
    door.mode = ""
    assert desk.refresh(door).ok
    assert list(differences(desk, sage)) == []
