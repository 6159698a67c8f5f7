"""Settings survive, mistakes in the file are named, and a half-written file never replaces a whole one."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from erpdesk.core.errors import ForPeople
from erpdesk.settings import CompanySettings


def test_settings_survive(tmp_path: Path) -> None:
    kept = CompanySettings(company="Cascade", sync_minutes=7, stand_in=True)
    kept.save(tmp_path / "company" / "settings.toml")
    assert CompanySettings.load(tmp_path / "company" / "settings.toml") == kept
    assert [each.name for each in (tmp_path / "company").iterdir()] == ["settings.toml"]


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert CompanySettings.load(tmp_path / "none.toml") == CompanySettings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("company = ", "can not be read"),
        ("sync_minutes = 'often'", "sync_minutes"),
        ("stand_in = 1", "stand_in"),
        ("sync_minutes = 0", "sync_minutes"),
        ("sync_minutes = -5", "sync_minutes"),
        ("line_amount_limit = '1,000,000.00'", "line_amount_limit"),
        ("line_amount_limit = 'NaN'", "line_amount_limit"),
        ("company = ''", "company"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(ForPeople, match=words):
        CompanySettings.load(tmp_path / "s.toml")


def test_an_unknown_setting_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("company = 'Cascade'\nfrom_the_future = 1\n")
    assert CompanySettings.load(tmp_path / "s.toml").company == "Cascade"


def test_every_setting_explains_itself_and_none_is_a_secret() -> None:
    for each in fields(CompanySettings):
        assert each.metadata["title"] and each.metadata["help"].endswith(".")
        assert "password" not in each.name
