"""Settings change in the file, in the audit trail and in the open program together, or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from erpdesk.core.changes import Changes
from erpdesk.core.declared import Group, Who
from erpdesk.core.errors import ChangedMeanwhile, ForPeople, NotAllowed, Refused
from erpdesk.models.audit import AuditEntry
from erpdesk.settings import CompanySettings, about, declared
from erpdesk.workflows.settings_acts import SettingsActs, finish_at_start, in_words
from tests.town import Town

CHILD = Path(__file__).parent / "settings_child.py"


def acts_of(town: Town) -> SettingsActs:
    path = town.folder / "settings.toml"
    if not path.exists():
        town.settings.save(path)
    return SettingsActs(town.desk.office, path, lambda settings: town.box.__setitem__(0, settings))


def kept(town: Town) -> CompanySettings:
    return CompanySettings.load(town.folder / "settings.toml")


def entries(town: Town) -> list[AuditEntry]:
    with town.store.reading() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.kind == "settings").order_by(AuditEntry.seq)))


def test_a_change_reaches_file_trail_and_open_program(any_town: Town) -> None:
    acts = acts_of(any_town)
    changes = acts.change(any_town.approver, "sync_minutes", 10, "  Sage is slow in the morning. ")
    assert changes == Changes.of("settings", "sync_minutes")
    assert kept(any_town).sync_minutes == 10 and any_town.settings.sync_minutes == 10
    (entry,) = entries(any_town)
    assert (json.loads(entry.before), json.loads(entry.after)) == (5, 10)
    assert (entry.who, entry.ref, entry.reason) == (any_town.approver, "sync_minutes", "Sage is slow in the morning.")
    assert not list(any_town.folder.glob("*.note"))


def test_a_change_to_the_same_value_is_no_change(town: Town) -> None:
    assert not acts_of(town).change(town.approver, "sync_minutes", 5)
    assert entries(town) == []


def test_several_change_together_or_not_at_all(town: Town) -> None:
    acts = acts_of(town)
    with pytest.raises(Refused) as refusal:
        acts.change_all(town.approver, {"mail_host": "mail.example.com", "mail_port": 0, "summary_time": "noon"})
    assert len(refusal.value.reasons) == 2
    assert kept(town).mail_host == "" and entries(town) == []
    acts.change_all(town.approver, {"mail_host": "mail.example.com", "mail_port": 465, "mail_tls": "tls"})
    assert (kept(town).mail_host, kept(town).mail_port, kept(town).mail_tls) == ("mail.example.com", 465, "tls")
    assert [each.ref for each in entries(town)] == ["mail_host", "mail_port", "mail_tls"]


def test_only_an_admin_of_the_tool_changes_settings(town: Town) -> None:
    acts = acts_of(town)
    for actor in (town.manager, town.viewer):
        with pytest.raises(NotAllowed, match="Admin in ERP Integrations"):
            acts.change(actor, "sync_minutes", 10)
        assert all(row.reasons for row in acts.rows(actor))
    assert kept(town).sync_minutes == 5


@pytest.mark.parametrize("name", [name for name in declared() if about(name).who is not Who.ADMIN])
def test_what_has_another_place_does_not_change_here(town: Town, name: str) -> None:
    with pytest.raises(Refused):
        acts_of(town).change(town.approver, name, "something else")
    assert entries(town) == []


def test_a_setting_waits_for_its_workflow(town: Town) -> None:
    acts = acts_of(town)
    shown = {row.name for row in acts.rows(town.approver)}
    assert "commitment_id_mask" in shown
    assert not shown & {name for name in declared() if about(name).needs}
    with pytest.raises(Refused, match="not here yet"):
        acts.change(town.approver, "project_template", "Standard")
    with pytest.raises(Refused, match="knows no setting"):
        acts.change(town.approver, "nonsense", "x")


def test_every_shown_setting_has_a_group_in_order_and_its_history(town: Town) -> None:
    acts = acts_of(town)
    acts.change(town.approver, "mail_tls", "tls", "The server wants it.")
    acts.change(town.both, "mail_tls", "starttls")
    rows = acts.rows(town.approver)
    groups = [row.group for row in rows]
    assert groups == sorted(groups, key=list(Group).index)
    history = next(row for row in rows if row.name == "mail_tls").history
    assert [(each.who, each.before, each.after, each.reason) for each in history] == [
        ("Lee Okafor", "TLS from the start", "STARTTLS", ""),
        ("Morgan Reyes", "STARTTLS", "TLS from the start", "The server wants it."),
    ]
    assert in_words(about("sync_minutes"), 1440) == "1,440 minutes"
    assert in_words(about("mail_user"), "") == "empty" and in_words(about("mail_port"), 1465) == "1465"


def test_somebody_elses_change_is_not_written_over(town: Town) -> None:
    acts = acts_of(town)
    acts.change(town.both, "sync_minutes", 30)
    with pytest.raises(ChangedMeanwhile, match="Read Sage every"):
        acts.change_all(town.approver, {"sync_minutes": 7}, "", seen={"sync_minutes": 5})
    assert kept(town).sync_minutes == 30


def test_what_another_hand_wrote_into_the_file_stays(town: Town) -> None:
    acts = acts_of(town)
    kept(town).changed(guard_percent=33).save(town.folder / "settings.toml")
    acts.change(town.approver, "sync_minutes", 7)
    assert (kept(town).guard_percent, kept(town).sync_minutes) == (33, 7)


@pytest.mark.parametrize(
    ("point", "happened"), [("noted", False), ("recorded", False), ("committed", True), ("written", True)]
)
def test_a_killed_program_leaves_a_change_whole_or_not_at_all(town: Town, point: str, happened: bool) -> None:
    acts = acts_of(town)
    path = town.folder / "settings.toml"
    ended = subprocess.run(
        [sys.executable, "-P", str(CHILD), str(town.folder / "erpdesk.db"), str(path), town.approver, point],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 9, ended.stderr.decode()
    assert bool(list(town.folder.glob("*.note"))) is (point != "written")
    assert finish_at_start(town.store, path) is (point == "committed")
    assert bool(entries(town)) is happened
    assert kept(town).sync_minutes == (11 if happened else 5)
    assert not list(town.folder.glob("*.note"))
    acts.change(town.approver, "sync_minutes", 12)
    assert kept(town).sync_minutes == 12


def test_the_next_change_finishes_what_a_killed_program_left(town: Town) -> None:
    acts = acts_of(town)
    path = town.folder / "settings.toml"
    subprocess.run(
        [sys.executable, "-P", str(CHILD), str(town.folder / "erpdesk.db"), str(path), town.approver, "committed"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert kept(town).sync_minutes == 5
    acts.change(town.approver, "stale_hours", 48, "Agreed.")
    assert (kept(town).sync_minutes, kept(town).stale_hours) == (11, 48)


def test_two_programs_that_change_at_once_lose_nothing(town: Town) -> None:
    acts = acts_of(town)
    path = town.folder / "settings.toml"
    others = [
        subprocess.Popen(
            [sys.executable, "-P", str(CHILD), str(town.folder / "erpdesk.db"), str(path), town.approver, name]
        )
        for name in ("full_read_hours", "query_seconds", "guard_percent")
    ]
    acts.change(town.approver, "stale_hours", 11, "Agreed.")
    assert [each.wait(60) for each in others] == [0, 0, 0]
    now = kept(town)
    assert (now.full_read_hours, now.query_seconds, now.guard_percent, now.stale_hours) == (11, 11, 11, 11)
    assert len(entries(town)) == 4


def test_a_file_that_can_not_be_written_changes_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    acts = acts_of(town)
    (town.folder / "settings.toml").unlink()
    elsewhere = SettingsActs(town.desk.office, town.folder / "none" / "settings.toml", lambda settings: None)
    with pytest.raises(ForPeople, match="can not be written"):
        elsewhere.change(town.approver, "sync_minutes", 10)
    assert entries(town) == []
    assert acts.rows(town.approver)


def test_two_programs_that_change_settings_at_once_lose_nothing(any_town: Town) -> None:
    first = acts_of(any_town)
    path = any_town.folder / "settings.toml"

    def another(point: str) -> None:
        if point == "committed":
            first.change(any_town.approver, "sign_in_at_accept", True, "Agreed.")

    second = SettingsActs(any_town.desk.office, path, lambda settings: None, another)
    second.change(any_town.approver, "stale_hours", 12, "Agreed.")
    assert (kept(any_town).stale_hours, kept(any_town).sign_in_at_accept) == (12, True)
    assert not list(any_town.folder.glob("*.note")) and not list(any_town.folder.glob("*.new"))


def test_what_a_newer_erpdesk_wrote_into_the_file_stays(town: Town) -> None:
    acts = acts_of(town)
    path = town.folder / "settings.toml"
    path.write_text(path.read_text() + '\n[later]\nword = "kept"\n')
    acts.change(town.approver, "stale_hours", 12, "Agreed.")
    assert 'word = "kept"' in path.read_text() and kept(town).stale_hours == 12
