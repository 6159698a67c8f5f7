"""A database is opened with its own company's Sage, and with no other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from erpdesk import demo
from erpdesk.company import open_company
from erpdesk.core.errors import ForPeople, SageUnavailable
from erpdesk.paths import CompanyPaths
from erpdesk.settings import CompanySettings
from erpdesk.sync.sage.folders import control_name


@pytest.fixture
def place(tmp_path: Path) -> CompanyPaths:
    paths = demo.prepare(CompanyPaths(tmp_path / "company"), tmp_path / "sage", transactions=300)
    company = open_company(paths, lambda event: None)
    assert company.read_once().ok
    company.close()
    return paths


def change(paths: CompanyPaths, **values: object) -> CompanySettings:
    changed = CompanySettings.load(paths.settings).changed(**values)
    changed.save(paths.settings)
    return changed


def rename(folder: Path, name: bytes) -> None:
    raw = bytearray((folder / "tl.ctl").read_bytes())
    raw[16:50] = name.ljust(34)
    (folder / "tl.ctl").write_bytes(raw)


def test_another_name_in_the_settings_is_refused(place: CompanyPaths) -> None:
    change(place, company="Cascade Ridge Builders Inc.")
    with pytest.raises(ForPeople, match="belongs to the company"):
        open_company(place, lambda event: None)


def test_another_folder_is_refused_until_the_move_is_confirmed(place: CompanyPaths) -> None:
    before = CompanySettings.load(place.settings).sage_folder
    moved = Path(before).with_name("copy")
    shutil.copytree(before, moved)
    change(place, sage_folder=str(moved))
    with pytest.raises(ForPeople, match="another Sage than before"):
        open_company(place, lambda event: None)
    change(place, sage_moved_from=before)
    company = open_company(place, lambda event: None)
    assert company.read_once().ok
    company.close()
    open_company(place, lambda event: None).close()


def test_a_folder_that_shows_another_company_is_refused_also_while_open(place: CompanyPaths) -> None:
    folder = Path(CompanySettings.load(place.settings).sage_folder)
    company = open_company(place, lambda event: None)
    jobs = company.facts.jobs()
    rename(folder, b"TEST COPY")
    assert control_name(folder) == "TEST COPY"
    with pytest.raises(SageUnavailable, match="now holds the company “TEST COPY”"):
        company.read_once()
    assert company.facts.jobs() == jobs
    company.close()
    with pytest.raises(ForPeople, match="TEST COPY"):
        open_company(place, lambda event: None)


def test_a_folder_without_a_control_file_has_no_name(tmp_path: Path) -> None:
    assert control_name(tmp_path) == ""
