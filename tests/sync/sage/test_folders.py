"""What is read and where files go is one folder, or nothing is read at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.sage.folders import one_place, only_company, why_apart
from tests.corpus.company import rename_company
from tests.sync.mirror.kit import copied


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


def test_one_folder_by_any_name_is_one_place(sage: Path, tmp_path: Path) -> None:
    (tmp_path / "drive").symlink_to(sage, target_is_directory=True)
    for name in (sage, tmp_path / "drive", sage / "Imports" / "..", Path(f"{sage}/")):
        assert one_place(sage, name) and one_place(name, sage)
        assert why_apart(sage, str(name)) == ""


def test_a_network_drive_under_two_names_is_known_by_its_control_file(sage: Path, tmp_path: Path) -> None:
    """Two paths of which the system cannot tell that they are one, with one file behind both."""
    (tmp_path / "mapped").mkdir()
    (tmp_path / "mapped" / "tl.ctl").hardlink_to(sage / "tl.ctl")
    assert one_place(sage, tmp_path / "mapped")


def test_a_copy_of_the_company_is_another_place(sage: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(sage, copy)
    assert (copy / "tl.ctl").read_bytes() == (sage / "tl.ctl").read_bytes()
    assert not one_place(sage, copy)
    assert "do not prove to be one folder" in why_apart(sage, str(copy))


def test_another_company_is_named(sage: Path, tmp_path: Path) -> None:
    other = copied(sage, tmp_path / "other")
    rename_company(other, "Harbor Point Civil")
    assert why_apart(sage, str(other)).startswith(f"Sage would be read from “Harbor Point Civil” in {other}, but files")


@pytest.mark.parametrize("reads", [r"X:\Data", "nowhere", "a\0b"])
def test_what_cannot_be_reached_is_no_proof(sage: Path, reads: str) -> None:
    assert not one_place(sage, Path(reads))
    assert "do not prove" in why_apart(sage, reads)


def test_a_folder_that_is_away_is_still_itself(tmp_path: Path) -> None:
    """A drive that is down is told by what happens next, not as another company."""
    assert why_apart(tmp_path / "away", str(tmp_path / "away")) == ""


def test_a_connection_without_a_folder_cannot_be_compared(sage: Path) -> None:
    assert why_apart(sage, "") == ""


def test_a_connection_to_another_place_is_never_opened(sage: Path, tmp_path: Path) -> None:
    opened: list[Path] = []
    other = copied(sage, tmp_path / "other")
    with pytest.raises(SageUnavailable, match="do not prove") as refusal:
        only_company(lambda: opened.append(sage), sage, "", str(other))()
    assert opened == [] and "Nothing was read" in str(refusal.value) and "DBQ" in refusal.value.next_step
    only_company(lambda: opened.append(sage), sage, "", str(sage))()
    assert opened == [sage]
