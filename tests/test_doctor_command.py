"""``erpdesk doctor`` as a process: what people read, its exit codes, and no password anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from erpdesk import demo
from erpdesk.paths import CompanyPaths
from erpdesk.settings import CompanySettings
from erpdesk.sync.sandbox.company import SandboxCompany
from tests.sync.doctor.test_record_test import AT_STAND_IN
from tests.test_program import company_in, hear, running, sage_in

PATIENCE = 90
CANARY = "canary-7f3a"


def doctor(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ERPDESK_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-P", "-m", "erpdesk", "doctor", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    demo.prepare(company_in(tmp_path), sage_in(tmp_path), transactions=300)
    return tmp_path


def site(home: Path, **changes: object) -> CompanyPaths:
    """The stand-in as a company that was set up on this workstation."""
    folder = CompanyPaths(home / "site" / "company")
    CompanySettings.load(company_in(home).settings).changed(**changes).save(folder.settings)
    return folder


def test_the_sample_company_passes_and_every_line_begins_with_its_verdict(home: Path) -> None:
    done = doctor(home, "--demo")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert all(line.startswith(("PASS ", "LOOK ", "NOT LOOKED AT ")) for line in lines)
    assert any("in 1,000 races exactly one of two renames succeeded" in line for line in lines)
    asks = [line for line in lines if line.startswith("LOOK")]
    assert len(asks) == 1 and "Sage was never read. Press Read now" in asks[0]


def test_every_record_type_is_tested_and_printed(home: Path) -> None:
    done = doctor(home, "--demo", "--record-types")
    assert (done.returncode, done.stderr) == (0, "")
    for name, letter in AT_STAND_IN.items():
        assert f"\n{name}: {letter}. " in done.stdout
    assert "This list is not kept" in done.stdout
    imports = sage_in(home) / "Imports"
    assert [each.name for each in imports.iterdir() if each.is_file()] == []


def test_a_failed_line_ends_with_one(home: Path) -> None:
    with SandboxCompany(sage_in(home)).changing() as connection:
        connection.execute("ALTER TABLE JCM_MASTER__JOB RENAME TO GONE")
    done = doctor(home, "--demo", "--record-types")
    assert done.returncode == 1
    assert "FAIL          Tables: " in done.stdout and "JCM_MASTER__JOB" in done.stdout
    assert "commitment:" not in done.stdout, "nothing is imported where something fails"
    assert "Traceback" not in done.stdout + done.stderr


def test_without_a_company_it_says_what_to_do(tmp_path: Path) -> None:
    done = doctor(tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert "No company is set up on this workstation." in done.stderr and "--demo" in done.stderr


def test_a_live_company_is_never_tested(home: Path) -> None:
    sage = sage_in(home)
    text = f"DRIVER={{SQLite3}};Database=file:{sage / 'tsdata.db'}?mode=ro;Timeout=1000"
    site(home, stand_in=False, odbc=text, odbc_process="inside")
    done = doctor(home, "--record-types")
    assert done.returncode == 1
    assert "never in a live one" in done.stderr
    assert [each.name for each in (sage / "Imports").iterdir()] == []


def test_a_password_in_the_settings_is_refused_and_not_shown(home: Path) -> None:
    text = f"DRIVER={{SQLite3}};Database={sage_in(home) / 'tsdata.db'};UID=reader;PWD={CANARY}"
    site(home, stand_in=False, odbc=text)
    done = doctor(home)
    assert done.returncode == 1 and "holds a password" in done.stdout
    assert CANARY not in done.stdout + done.stderr


def test_an_open_window_keeps_the_mailbox_to_itself(home: Path) -> None:
    with running(home, "front") as first:
        hear(first, "open")
        done = doctor(home, "--demo", "--record-types")
    assert done.returncode == 1
    assert "erpdesk is open for this company" in done.stderr and "Nothing was imported." in done.stderr
