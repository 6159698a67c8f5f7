"""A database is opened with its own company's Sage, and with no other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from erpdesk import demo
from erpdesk.company import open_company
from erpdesk.core.clock import CLOCK
from erpdesk.core.errors import ForPeople, SageUnavailable
from erpdesk.database import Store, open_store
from erpdesk.identity import confirm, differs, kind_of, spent
from erpdesk.models.audit import AuditEntry
from erpdesk.models.company import CompanyIdentity
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
    assert CompanySettings.load(place.settings).sage_moved_from == "", "a confirmation counts once"
    open_company(place, lambda event: None).close()
    change(place, sage_folder=before)
    with pytest.raises(ForPeople, match="another Sage than before"):
        open_company(place, lambda event: None)


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


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path / "site" / "erpdesk.db", backups=tmp_path / "backups")
    yield made
    made.close()


@dataclass
class File:
    """The settings file of one company, as ``confirm`` finds it and leaves it."""

    store: Store
    held: CompanySettings

    def open(self, **values: object) -> None:
        """Changes the settings and opens the company once more."""
        self.held = self.held.changed(**values)
        confirm(self.store, self.held, CLOCK, self._spend)

    def _spend(self) -> None:
        self.held = spent(self.held)

    def acts(self) -> list[tuple[str, dict[str, object]]]:
        """What the audit trail tells of the company."""
        with self.store.reading() as session:
            entries = session.scalars(select(AuditEntry).where(AuditEntry.kind == "company").order_by(AuditEntry.seq))
            return [
                (
                    each.act,
                    {
                        "before": json.loads(each.before),
                        "after": json.loads(each.after),
                        **json.loads(each.evidence or "{}"),
                    },
                )
                for each in entries
            ]


@pytest.fixture
def live(store: Store) -> File:
    file = File(store, CompanySettings(company="C", sage_folder="/sage", odbc="DSN=old"))
    file.open()
    return file


def test_one_confirmation_confirms_one_move(live: File) -> None:
    """The same folder read by another driver is confirmed; a copy is asked about again."""
    live.open(odbc="DSN=new", sage_moved_from="/sage")
    assert live.held.sage_moved_from == ""
    with pytest.raises(ForPeople, match="another Sage than before"):
        live.open(sage_folder="/copy-of-sage")
    moved = {
        "before": {"sage_folder": "/sage", "odbc": "DSN=old"},
        "after": {"sage_folder": "/sage", "odbc": "DSN=new"},
    }
    assert live.acts() == [("moved", {**moved, "confirmed": "/sage"})]


def test_a_confirmation_that_nothing_needed_is_not_left_for_later(live: File) -> None:
    live.open(sage_moved_from="/sage", company_kind_before="live")
    assert (live.held.sage_moved_from, live.held.company_kind_before) == ("", "")
    assert [(act, body["before"]) for act, body in live.acts()] == [
        ("unused", "sage_moved_from"),
        ("unused", "company_kind_before"),
    ]


def test_a_refused_change_leaves_its_confirmation_and_nothing_else(live: File) -> None:
    """Two changes, one confirmed: the other one is named, and the person need not write the first anew."""
    with pytest.raises(ForPeople, match="until now it was a live company"):
        live.open(sage_folder="/moved", sage_moved_from="/sage", test_company=True)
    assert live.held.sage_moved_from == "/sage" and live.acts() == []
    live.open(company_kind_before="live")
    assert [act for act, _ in live.acts()] == ["moved", "kind"]


@pytest.mark.parametrize(("kind", "word"), [("test_company", "a test company"), ("stand_in", "the stand-in")])
def test_a_live_company_becomes_another_kind_only_when_that_is_confirmed(live: File, kind: str, word: str) -> None:
    """From then on files with open fields would go to the same folder."""
    with pytest.raises(ForPeople, match=f"{word}; until now it was a live company") as refusal:
        live.open(**{kind: True})
    assert 'company_kind_before = "live"' in refusal.value.next_step and "real books" in refusal.value.next_step
    assert live.acts() == []
    live.open(company_kind_before="live")
    assert live.held.company_kind_before == ""
    ((act, body),) = live.acts()
    assert act == "kind" and (body["before"], body["after"], body["confirmed"]) == ("live", kind_of(live.held), "live")
    live.open()
    assert len(live.acts()) == 1


def test_a_test_company_becomes_live_without_a_question_and_stays_it(live: File) -> None:
    live.open(test_company=True, company_kind_before="live")
    live.open(test_company=False)
    assert [(body["before"], body["after"]) for _, body in live.acts()] == [("live", "test"), ("test", "live")]
    with pytest.raises(ForPeople, match="until now it was a live company"):
        live.open(test_company=True)


def test_the_kind_is_noted_in_a_database_of_an_older_erpdesk(live: File) -> None:
    with live.store.writing() as session:
        session.get_one(CompanyIdentity, 1).kind = ""
    live.open()
    assert [(act, body["after"]) for act, body in live.acts()] == [("kind", "live")]
    with pytest.raises(ForPeople, match="until now it was a live company"):
        live.open(test_company=True)


def test_a_confirmation_that_cannot_be_taken_out_confirms_nothing(live: File) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    asked = live.held.changed(sage_folder="/moved", sage_moved_from="/sage")
    with pytest.raises(ForPeople, match="No space left"):
        confirm(live.store, asked, CLOCK, full)
    assert live.acts() == [] and differs(live.store, asked) and not differs(live.store, live.held)


def test_nothing_is_read_from_one_company_while_files_go_to_another(place: CompanyPaths, tmp_path: Path) -> None:
    held = CompanySettings.load(place.settings)
    other = tmp_path / "other"
    shutil.copytree(held.sage_folder, other)
    rename(other, b"HARBOR POINT")
    odbc = f"DRIVER={{SQLite3}};DBQ={other};Database=file:{other / 'tsdata.db'}?mode=ro"
    change(place, odbc=odbc, sage_moved_from=held.sage_folder)
    company = open_company(place, lambda event: None)
    jobs = company.facts.jobs()
    with pytest.raises(SageUnavailable, match="read from “HARBOR POINT” in"):
        company.read_once()
    assert company.facts.jobs() == jobs
    company.close()
