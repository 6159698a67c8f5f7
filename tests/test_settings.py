"""Settings survive, mistakes in the file are named, and a half-written file never replaces a whole one."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpdesk.core.declared import Who
from erpdesk.core.errors import ForPeople
from erpdesk.settings import CompanySettings, about, declared, why_not


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
    for name in declared():
        told = about(name)
        assert told.title and told.help.endswith(".")
        assert "password" not in name and len(name) <= 32


def test_every_default_is_a_value_that_can_be_kept() -> None:
    empty = {name: why_not(name, each.default) for name, each in declared().items()}
    assert {name for name, why in empty.items() if why} == {"company"}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("sync_minutes", 0, "“Read Sage every” has to be a whole number from 1 to 1,440."),
        ("sync_minutes", True, "“Read Sage every” has to be a whole number from 1 to 1,440."),
        ("sync_minutes", "5", "“Read Sage every” has to be a whole number from 1 to 1,440."),
        ("number_is_sage_id", 1, "“Propose the contract number” has to be yes or no."),
        ("mail_tls", "none", "“Encryption” has to be one of STARTTLS, TLS from the start."),
        ("mail_from", "a@b.example\nBcc: c@d.example", "“From” has to be an e-mail address"),
        ("mail_from", "nobody", "“From” has to be an e-mail address"),
        ("mail_host", "mail.example.com\r\n", "“Mail server” has to be the name of a computer"),
        ("mail_user", "one\ntwo", "“User” has to be one line of text."),
        ("summary_time", "24:00", "“Daily summary from” has to be a time of day from 00:00 to 23:59."),
        ("summary_time", "7:00", "“Daily summary from” has to be a time of day from 00:00 to 23:59."),
    ],
)
def test_a_value_that_can_not_be_kept_gets_a_sentence(name: str, value: object, words: str) -> None:
    assert why_not(name, value).startswith(words)


def test_no_way_leads_to_mail_in_plain_text() -> None:
    assert {word for word, _ in about("mail_tls").choices} == {"starttls", "tls"}


def test_mail_is_off_until_a_server_is_set_up_and_in_the_sample_company() -> None:
    assert not CompanySettings().mails
    ready = CompanySettings(mail_host="mail.example.com", mail_from="books@example.com")
    assert ready.mails and not ready.changed(stand_in=True).mails


def test_the_parts_of_a_connection_change_with_the_set_up_only() -> None:
    assert {name for name in declared() if about(name).who is Who.SET_UP} == {
        *("company", "sage_folder", "odbc", "stand_in", "test_company", "date_format", "odbc_process", "odbc_program")
    }
