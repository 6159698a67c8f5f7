"""The doctor of one company, and setting up another one: the password goes into the vault and nowhere else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import keyring.errors
import pytest

from erpdesk import caretaker, company, demo, sample, vault
from erpdesk.checkup import NO_RECORD_TEST, Checkup, patient_wait, proofs
from erpdesk.core.errors import ForPeople, Refused, SageUnavailable
from erpdesk.paths import CompanyPaths
from erpdesk.settings import CompanySettings
from erpdesk.sync.doctor.classify import Proof
from erpdesk.sync.doctor.draft import Draft
from erpdesk.sync.doctor.findings import Verdict
from erpdesk.sync.doctor.record_test import TypeVerdict
from erpdesk.sync.sage.connection import Connection
from erpdesk.sync.sandbox.company import SandboxCompany
from tests.sync.doctor.test_record_test import AT_STAND_IN
from tests.test_vault import Memory

CANARY = "canary-7f3a"


@pytest.fixture
def memory() -> Iterator[Memory]:
    """A vault that forgets at the end of a test and has no file."""
    before, used = keyring.get_keyring(), Memory()
    keyring.set_keyring(used)
    yield used
    keyring.set_keyring(before)


@pytest.fixture
def folder(tmp_path: Path) -> CompanyPaths:
    return demo.prepare(CompanyPaths(tmp_path / "company"), tmp_path / "sage", transactions=300)


@pytest.fixture
def checkup(folder: CompanyPaths) -> Checkup:
    return Checkup(folder, CompanySettings.load(folder.settings))


@pytest.fixture
def draft(folder: CompanyPaths) -> Draft:
    """The stand-in as a person would enter it, read through its driver."""
    sage = CompanySettings.load(folder.settings).sage_folder
    others = (("Database", f"{sage}/tsdata.db"), ("Timeout", "1000"))
    connection = Connection(driver="SQLite3", folder=sage, login="reader", others=others)
    return Draft(SandboxCompany(Path(sage)).name, sage, connection, process="inside")


def test_a_sound_draft_has_no_problems(draft: Draft) -> None:
    assert draft.at_fields() == {} and draft.problems() == ()


def test_each_problem_of_a_draft_stands_at_its_field(draft: Draft, tmp_path: Path) -> None:
    empty = Draft("  ", "", Connection())
    assert set(empty.at_fields()) == {"company", "folder", "way", "login"}
    assert empty.problems() == tuple(empty.at_fields().values()), "nothing is said twice"
    gone = replace(draft, folder=str(tmp_path / "gone"), program=str(tmp_path / "none.exe"))
    assert set(gone.at_fields()) == {"folder", "program"} and "is not there" in gone.problems()[0]
    twice = replace(draft, connection=replace(draft.connection, dsn="Books"))
    assert twice.at_fields() == {} and "Keep one of them" in twice.problems()[0]


def test_a_draft_that_reads_another_folder_is_refused(draft: Draft, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    apart = replace(draft, connection=replace(draft.connection, folder=str(other)))
    assert set(apart.at_fields()) == {"folder"}
    assert str(other) in apart.problems()[0] and draft.folder in apart.problems()[0]


def test_a_live_company_is_not_made_a_test_company_by_setting_it_up_anew(
    folder: CompanyPaths, draft: Draft, memory: Memory, tmp_path: Path
) -> None:
    """Neither the one that is kept there, nor the one that is open here under another name or path."""
    live = CompanySettings.load(folder.settings).changed(stand_in=False, odbc=draft.connection.text())
    live.save(folder.settings)
    (tmp_path / "drive").symlink_to(live.sage_folder, target_is_directory=True)
    drive = str(tmp_path / "drive")
    renamed = replace(draft, company="Trial", folder=drive, connection=replace(draft.connection, folder=drive))
    for checkup, each, target in (
        (Checkup(folder, live), draft, folder),
        (Checkup(folder, live), renamed, CompanyPaths(tmp_path / "site")),
        (Checkup(CompanyPaths(tmp_path / "none"), CompanySettings()), draft, folder),
    ):
        before = target.settings.read_bytes() if target.settings.exists() else b""
        with pytest.raises(Refused, match="is a live company") as refusal:
            checkup.save(replace(each, test_company=True), CANARY, target)
        assert 'company_kind_before = "live"' in str(refusal.value)
        assert (target.settings.read_bytes() if target.settings.exists() else b"") == before and memory.kept == {}
    live.changed(company_kind_before="live").save(folder.settings)
    Checkup(folder, live).save(replace(draft, test_company=True), "", folder)
    assert CompanySettings.load(folder.settings).test_company


def test_a_company_that_the_settings_call_a_test_company_unseen_has_no_record_test(folder: CompanyPaths) -> None:
    """Records would be booked in the live company before anything asked."""
    live = CompanySettings.load(folder.settings).changed(stand_in=False, odbc="DSN=Books")
    live.save(folder.settings)
    company.open_company(folder, lambda event: None).close()
    with pytest.raises(Refused, match="Open it once"):
        Checkup(folder, live.changed(test_company=True)).test_records()


def test_records_are_not_tested_where_reads_come_from_elsewhere(folder: CompanyPaths, tmp_path: Path) -> None:
    held = CompanySettings.load(folder.settings)
    apart = held.changed(odbc=f"DRIVER={{SQLite3}};DBQ={tmp_path / 'other'};Database={held.sage_folder}/tsdata.db")
    with pytest.raises(SageUnavailable, match="do not prove to be one folder"):
        Checkup(CompanyPaths(tmp_path / "nowhere"), apart).test_records()


def test_a_draft_with_problems_is_not_saved(checkup: Checkup, draft: Draft, memory: Memory, tmp_path: Path) -> None:
    target = CompanyPaths(tmp_path / "site")
    with pytest.raises(Refused):
        checkup.save(replace(draft, company=""), CANARY, target)
    assert not target.settings.exists() and memory.kept == {}


def test_the_password_is_kept_in_the_vault_and_in_no_file(
    checkup: Checkup, draft: Draft, memory: Memory, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    target = CompanyPaths(tmp_path / "site")
    checkup.try_out(draft, CANARY)
    assert memory.kept == {}, "trying out keeps nothing"
    checkup.save(draft, CANARY, target)
    assert memory.kept == {(vault.SERVICE, f"{draft.company}/reader"): CANARY}
    saved = CompanySettings.load(target.settings)
    assert (saved.company, saved.sage_folder, saved.stand_in) == (draft.company, draft.folder, False)
    assert Connection.parse(saved.odbc) == draft.connection
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert target.settings in written
    assert [path for path in written if CANARY.encode() in path.read_bytes()] == []
    assert CANARY not in caplog.text
    assert CANARY not in repr(draft) + repr(saved)


def test_an_empty_password_leaves_the_one_that_is_kept(
    checkup: Checkup, draft: Draft, memory: Memory, tmp_path: Path
) -> None:
    vault.keep(draft.company, "reader", CANARY)
    checkup.save(draft, "", CompanyPaths(tmp_path / "site"))
    assert list(memory.kept.values()) == [CANARY]


def test_a_vault_that_refuses_keeps_the_settings_as_they_were(
    checkup: Checkup, draft: Draft, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: str) -> None:
        raise keyring.errors.KeyringLocked("locked")

    monkeypatch.setattr(memory, "set_password", locked)
    target = CompanyPaths(tmp_path / "site")
    with pytest.raises(ForPeople, match="cannot be kept") as refusal:
        checkup.save(draft, CANARY, target)
    assert CANARY not in str(refusal.value) and not target.settings.exists()


def test_a_draft_is_tried_out_with_the_password_typed_or_the_one_kept(
    checkup: Checkup, draft: Draft, memory: Memory
) -> None:
    # The stand-in's driver takes its file from Database alone.
    draft = replace(draft, connection=replace(draft.connection, folder=""))
    typed = {each.key: each for each in checkup.try_out(draft, CANARY)}
    assert typed["login"].verdict is Verdict.PASS, typed["login"].line()
    assert "fresh" not in typed, "what is not kept yet was not read either"
    missing = {each.key: each for each in checkup.try_out(draft, "")}
    assert missing["login"].verdict is Verdict.FAIL and "No password is kept" in missing["login"].text
    vault.keep(draft.company, "reader", CANARY)
    kept = {each.key: each for each in checkup.try_out(draft, "")}
    assert kept["login"].verdict is Verdict.PASS


def test_a_live_company_refuses_the_test_of_record_types(checkup: Checkup) -> None:
    live = Checkup(CompanyPaths(Path("nowhere")), checkup.settings.changed(stand_in=False))
    assert live.why_no_record_test() == NO_RECORD_TEST
    with pytest.raises(Refused):
        live.test_records()
    trial = Checkup(CompanyPaths(Path("nowhere")), checkup.settings.changed(stand_in=False, test_company=True))
    assert trial.why_no_record_test() == ""


def test_the_company_of_a_folder(checkup: Checkup, tmp_path: Path) -> None:
    assert checkup.company_of(checkup.settings.sage_folder) == checkup.settings.company
    assert checkup.company_of(str(tmp_path / "nowhere")) == checkup.company_of("") == ""


def test_only_what_was_proven_is_kept() -> None:
    tested = (
        TypeVerdict("commitment", Proof("A", True, "Sage refused it.")),
        TypeVerdict("invoice", Proof("B", False, "Nothing was printed.")),
    )
    assert proofs(tested) == (("commitment", "A", "Sage refused it."),)


def test_a_patient_wait_ends_at_the_clock_and_at_a_stop() -> None:
    stop = threading.Event()
    assert patient_wait(0.01, stop)(lambda: False) is False
    assert patient_wait(60, stop)(lambda: True) is True
    stop.set()
    assert patient_wait(60, stop)(lambda: False) is False


class Resting:
    """Who runs the stand-in's imports by himself; notes whether he was told to wait."""

    def __init__(self) -> None:
        self.turns: list[bool] = []

    @property
    def paused(self) -> bool:
        return bool(self.turns and self.turns[-1])

    @paused.setter
    def paused(self, value: bool) -> None:
        self.turns.append(value)


def test_what_the_window_proves_is_kept_and_counts(folder: CompanyPaths) -> None:
    opened = company.open_company(folder, lambda event: None)
    try:
        sample.add_people(opened.store)
        people = {each.name: each.id for each in opened.desk.queries.people()}
        him = Resting()
        care = caretaker.Care(opened, folder, him)
        assert care.why_no_record_test(people[sample.VIEWER]), "a viewer may not"
        with pytest.raises(Refused):
            care.test_records(people[sample.VIEWER], lambda words: None, threading.Event())
        admin = next(each for each in people.values() if not care.why_no_record_test(each))
        assert {row.idempotency for row in care.classes()} == {"B"}
        news = care.test_records(admin, lambda words: None, threading.Event())
        assert (news.proven, news.unproven) == (len(AT_STAND_IN), ())
        assert {row.id: row.idempotency for row in care.classes()} == AT_STAND_IN
        assert him.turns == [True, False], "the mailbox was left alone meanwhile"
        assert ("Company", f"{opened.settings.company} (stand-in)") in care.facts()
    finally:
        opened.close()
