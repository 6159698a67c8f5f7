"""The doctor looks at a real folder: one volume, who may write, and that a rename has one winner."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from erpdesk.sync.doctor import mailbox
from erpdesk.sync.doctor.findings import Finding, Verdict


@pytest.fixture
def imports(tmp_path: Path) -> Path:
    folder = tmp_path / "sage" / "Imports"
    folder.mkdir(parents=True, mode=0o755)
    return folder


def looked(imports: Path, races: int = 20) -> dict[str, Finding]:
    return {finding.key: finding for finding in mailbox.look(imports, races)}


def test_a_sound_mailbox_passes_and_nothing_is_left_in_it(imports: Path) -> None:
    found = looked(imports)
    assert {key: finding.verdict for key, finding in found.items()} == dict.fromkeys(
        ("mailbox", "volume", "writable", "who", "race"), Verdict.PASS
    )
    assert list(imports.rglob("*")) == []


def test_the_race_is_run_a_thousand_times_unless_said_otherwise(imports: Path) -> None:
    race = next(finding for finding in mailbox.look(imports) if finding.key == "race")
    assert race.text == "in 1,000 races exactly one of two renames succeeded."


def test_a_folder_that_is_not_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    found = looked(tmp_path / "nowhere" / "Imports")
    assert found["mailbox"].verdict is Verdict.FAIL
    assert "is not there" in found["mailbox"].text and found["mailbox"].next_step


def test_a_mailbox_that_everybody_may_write_in_is_worth_a_look(imports: Path) -> None:
    imports.chmod(0o777)
    assert looked(imports)["who"].verdict is Verdict.LOOK


def test_a_disk_on_which_two_programs_can_both_win_fails(imports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that copies where it should rename, as some shares do."""

    def copy(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes())

    monkeypatch.setattr(mailbox, "move_once", copy)
    race = looked(imports)["race"]
    assert race.verdict is Verdict.FAIL
    assert race.text == "in 20 of 20 tries not exactly one of two renames succeeded."


def test_a_mailbox_where_erpdesk_may_not_write_says_so(imports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    found = looked(imports)["writable"]
    assert found.verdict is Verdict.FAIL and "No space left on device" in found.text
    assert list(imports.rglob("*")) == []
