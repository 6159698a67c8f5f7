"""The doctor's round over real companies: the stand-in's door, a driver here and in the helper, and every trouble."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from erpdesk.core.clock import CLOCK
from erpdesk.core.errors import SageUnavailable
from erpdesk.sync.doctor.checks import Sight, examine, healthy
from erpdesk.sync.doctor.findings import Finding, Verdict
from erpdesk.sync.sage import host_door, odbc_link
from erpdesk.sync.sage.connection import Connection
from erpdesk.sync.sage.doors import choose
from erpdesk.sync.sandbox.company import SandboxCompany
from tests.sync.doctor.clinic import by_key, patient
from tests.sync.mirror.kit import alter, copied
from tests.sync.sage.doorways import DRIVEN, WAYS, string, switch, way


@pytest.fixture
def sage(sample_folder: Path, tmp_path: Path) -> Path:
    return copied(sample_folder, tmp_path / "sage")


def sights() -> tuple[Sight, ...]:
    """What this process and the helper really see."""
    helper = host_door.look()
    return (
        Sight("by erpdesk itself", 64, tuple(odbc_link.manager().drivers())),
        Sight("by the helper program", helper.bits, helper.drivers),
    )


@pytest.mark.parametrize("kind", WAYS)
def test_a_sound_company_passes_line_by_line_and_is_left_as_it_was(kind: str, sage: Path) -> None:
    before = (sage / "tsdata.db").read_bytes()
    told: list[Finding] = []
    found = examine(patient(sage, connect=way(kind, sage), last_read=CLOCK.now), told.append)
    assert tuple(told) == found, "each finding is told as it is found"
    assert healthy(found)
    assert {each.key for each in found} >= {"folder", "login", "rights", "tables", "masks", "mailbox", "race", "fresh"}
    assert [each.line() for each in found if each.verdict in (Verdict.FAIL, Verdict.LOOK)] == []
    assert (sage / "tsdata.db").read_bytes() == before


@pytest.mark.parametrize("process", ["inside", "apart"])
def test_the_driver_is_found_where_it_is_and_proven_not_to_write(process: str, sage: Path) -> None:
    text = string(sage)
    found = by_key(
        examine(
            patient(
                sage,
                connection=Connection.parse(text),
                sights=sights,
                connect=choose(text, process),
                writable=choose(text, process, read_only=False),
            )
        )
    )
    assert found["drivers"].text == "“SQLite3” is installed."
    assert found["login"].verdict is Verdict.PASS
    assert found["rights"].verdict is Verdict.PASS and "Proven read-only" in found["rights"].text


def test_both_processes_are_named_with_their_bitness_and_drivers(sage: Path) -> None:
    connection = Connection.parse(string(sage))
    lines = [each.line() for each in examine(patient(sage, connection=connection, sights=sights))]
    seen = [line for line in lines if "Drivers seen" in line]
    assert len(seen) == 2 and all("(64-bit)" in line and "SQLite3" in line for line in seen)


@pytest.mark.parametrize("kind", DRIVEN)
def test_a_login_that_could_write_is_not_proven_and_the_line_says_what_to_do(kind: str, sage: Path) -> None:
    text = string(sage).replace("?mode=ro", "")
    process = "inside" if kind == "odbc" else "apart"
    found = by_key(examine(patient(sage, connect=way(kind, sage), writable=choose(text, process, read_only=False))))
    assert found["rights"].verdict is Verdict.LOOK
    assert "Not proven read-only" in found["rights"].text and "Write Access" in found["rights"].text


def test_a_driver_that_nobody_has_is_named_with_those_that_are_there(sage: Path) -> None:
    text = string(sage).replace("{SQLite3}", "{Timberline Data}")
    found = by_key(examine(patient(sage, connection=Connection.parse(text), sights=sights, connect=choose(text))))
    assert found["drivers"].verdict is Verdict.FAIL
    assert "“Timberline Data” is not installed" in found["drivers"].text and found["drivers"].next_step
    assert found["login"].verdict is Verdict.FAIL and found["login"].next_step
    assert found["mailbox"].verdict is Verdict.PASS, "the rest is looked at all the same"


def test_a_helper_that_cannot_be_started_is_worth_a_look_and_no_end(sage: Path) -> None:
    trouble = SageUnavailable("The helper cannot be started.", next_step="Name another.")
    connection = Connection.parse(string(sage))
    here = sights()[0]
    found = examine(patient(sage, connection=connection, sights=lambda: (here, trouble)))
    assert [each.verdict for each in found if each.text == "The helper cannot be started."] == [Verdict.LOOK]
    assert by_key(found)["drivers"].verdict is Verdict.PASS


@pytest.mark.parametrize("kind", DRIVEN)
def test_a_wrong_password_fails_in_plain_words(kind: str, sage: Path) -> None:
    switch(sage, wrong_password=True)
    found = by_key(examine(patient(sage, connect=way(kind, sage, more="UID=reader;PWD=hunter2", faults=True))))
    assert found["login"].verdict is Verdict.FAIL and found["login"].next_step
    assert "hunter2" not in " ".join(each.line() for each in found.values())
    assert "rights" not in found and "tables" not in found, "nothing can be said of what was not opened"


def test_a_folder_that_is_not_there(sage: Path) -> None:
    gone = sage / "nowhere"
    found = by_key(examine(patient(sage, folder=gone, connect=way("file", gone))))
    for key in ("folder", "login", "mailbox"):
        assert found[key].verdict is Verdict.FAIL and found[key].next_step, key


def test_a_folder_that_is_no_company_is_worth_a_look(sage: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = by_key(examine(patient(sage, folder=tmp_path / "empty")))
    assert found["folder"].verdict is Verdict.LOOK and "tl.ctl" in found["folder"].text


def test_reads_from_one_folder_and_files_to_another_fail(sage: Path, tmp_path: Path) -> None:
    other = copied(sage, tmp_path / "other")
    apart = Connection(driver="SQLite3", folder=str(other), login="op")
    found = by_key(examine(patient(sage, connection=apart)))["one_folder"]
    assert found.verdict is Verdict.FAIL and str(other) in found.text and str(sage) in found.text and found.next_step
    whole = by_key(examine(patient(sage, connection=replace(apart, folder=str(sage)))))["one_folder"]
    assert whole.verdict is Verdict.PASS


@pytest.mark.parametrize(("text", "way"), [("DSN=Books", "the data source Books"), ("Driver=x", "the connection")])
def test_a_connection_without_a_folder_is_worth_a_look(sage: Path, text: str, way: str) -> None:
    found = by_key(examine(patient(sage, connection=Connection.parse(text))))["one_folder"]
    assert found.verdict is Verdict.LOOK and found.text.startswith(f"{way} names no folder") and found.next_step
    assert "cannot be compared" in found.text


def test_the_folder_of_another_company_fails(sage: Path) -> None:
    found = by_key(examine(patient(sage, company="Harbor Point Civil")))
    assert found["folder"].verdict is Verdict.FAIL
    assert "not to “Harbor Point Civil”" in found["folder"].text and "right company" in found["folder"].next_step


def test_a_module_that_is_not_there_is_named_and_nothing_fails(sage: Path) -> None:
    alter(sage, "DROP TABLE CNM_MASTER__CONTRACT")
    found = examine(patient(sage))
    lacking = [each for each in found if each.title == "Not there"]
    assert healthy(found) and any("CNM_MASTER__CONTRACT" in each.text for each in lacking)


def test_a_table_that_erpdesk_cannot_do_without_fails(sage: Path) -> None:
    alter(sage, "ALTER TABLE JCM_MASTER__JOB RENAME TO GONE")
    found = by_key(examine(patient(sage)))
    assert found["tables"].verdict is Verdict.FAIL and found["tables"].next_step


def test_masks_that_cannot_be_read_are_said_so(sage: Path) -> None:
    alter(sage, "DELETE FROM TS_CTL_RECORD_3")
    found = by_key(examine(patient(sage, mask="AA-9999")))
    assert found["masks"].verdict is Verdict.LOOK and "cannot be read" in found["masks"].text


def test_a_format_in_the_settings_that_sage_would_not_take_fails(sage: Path) -> None:
    fits = by_key(examine(patient(sage, mask="AA-9999-999")))["masks"]
    too_long = by_key(examine(patient(sage, mask="AAAA-9999-9999-99")))["masks"]
    assert (fits.verdict, too_long.verdict) == (Verdict.PASS, Verdict.FAIL)
    assert "AAAA-9999-9999-99" in too_long.text and too_long.next_step


def test_the_age_of_the_last_reading(sage: Path) -> None:
    now = CLOCK.now()
    ages = {"never": None, "now": now, "old": now - timedelta(hours=2)}
    verdicts = {
        name: by_key(examine(patient(sage, last_read=lambda at=at: at)))["fresh"].verdict for name, at in ages.items()
    }
    assert verdicts == {"never": Verdict.LOOK, "now": Verdict.PASS, "old": Verdict.LOOK}


def test_a_mailbox_that_is_read_only_fails_with_what_to_do(sage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose rights refuse a new file; the administrator who may run this test is refused by hand."""

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, os.strerror(13), str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    found = by_key(examine(patient(sage)))
    assert found["writable"].verdict is Verdict.FAIL and "Permission denied" in found["writable"].text
    assert found["writable"].next_step and "race" not in found


def test_a_company_that_hangs_is_ended_by_the_clock(sage: Path) -> None:
    company = SandboxCompany(sage)
    company.set_faults(hang="*")
    found = by_key(examine(patient(sage, connect=company.connect, query_seconds=0.2)))
    assert found["tables"].verdict is Verdict.FAIL and "did not answer" in found["tables"].text


def test_a_stop_ends_the_round_where_it_is(sage: Path) -> None:
    stop = threading.Event()
    found = examine(patient(sage, stop=stop), lambda each: stop.set() if each.key == "folder" else None)
    assert "mailbox" not in by_key(found) and by_key(found)["folder"].verdict is Verdict.PASS
