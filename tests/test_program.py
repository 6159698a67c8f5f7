"""The program as a process: second starts, kills at any moment, and closing while a read hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from erpdesk import demo
from erpdesk.core.errors import ForPeople
from erpdesk.paths import CompanyPaths
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.sample import ties

CHILD = Path(__file__).with_name("program_child.py")
PATIENCE = 60


def company_in(home: Path) -> CompanyPaths:
    return CompanyPaths(home / "user" / "sample" / "company")


def sage_in(home: Path) -> Path:
    return home / "user" / "sample" / "sage"


@contextmanager
def running(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The window program in a process of its own; it tells on its output what happens."""
    env = {**os.environ, "ERPDESK_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    child = subprocess.Popen([sys.executable, str(CHILD), *words], env=env, stdout=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait(PATIENCE)
        assert child.stdout is not None
        child.stdout.close()


def hear(child: subprocess.Popen[str], word: str) -> str:
    """Reads the child's output up to a line that begins with ``word``."""
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith(word):
            return line.strip()
    raise AssertionError(f"the program ended with {child.wait(PATIENCE)} before it said {word}")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A machine with a prepared sample company, nothing opened yet."""
    demo.prepare(company_in(tmp_path), sage_in(tmp_path), transactions=300)
    return tmp_path


def test_a_second_start_brings_the_first_window_to_the_front(home: Path) -> None:
    with running(home, "front") as first:
        hear(first, "open")
        env = {**os.environ, "ERPDESK_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
        second = subprocess.run([sys.executable, "-m", "erpdesk", "--demo"], env=env, timeout=PATIENCE, check=False)
        assert second.returncode == 0
        hear(first, "front")


def test_the_command_line_waits_for_the_window_to_be_closed(home: Path) -> None:
    with running(home, "front") as first:
        hear(first, "open")
        env = {**os.environ, "ERPDESK_HOME": str(home)}
        words = [sys.executable, "-m", "erpdesk", "sync", "--demo"]
        refused = subprocess.run(words, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert refused.returncode == 1
        assert "one program at a time" in refused.stderr


def test_the_window_closes_while_a_read_hangs(home: Path) -> None:
    SandboxCompany(sage_in(home)).set_faults(hang="JCT_CURRENT__TRANSACTION")
    with running(home, "close-while-reading") as child:
        hear(child, "closing")
        assert child.wait(PATIENCE) == 0


def test_a_process_that_was_killed_leaves_no_lock_behind(home: Path) -> None:
    with running(home, "front") as first:
        hear(first, "open")
        first.send_signal(signal.SIGKILL)
        first.wait(PATIENCE)
    with running(home, "until-synced") as again:
        hear(again, "synced")
        assert again.wait(PATIENCE) == 0


@pytest.mark.timeout(300)
def test_killed_again_and_again_nothing_is_lost_and_nothing_goes_twice(home: Path) -> None:
    """Kills the program at growing ages, from its first steps until everything is exported; then looks into Sage."""
    sage = SandboxCompany(sage_in(home))
    before = _commitments(sage)
    for age in (0.4, 0.9, 1.5, 2.2, 3.2):
        with running(home, "front") as child:
            try:
                child.wait(age)
            except subprocess.TimeoutExpired:
                child.kill()
    with running(home, "until-synced") as child:
        said = hear(child, "synced")
        assert child.wait(PATIENCE) == 0
    ids = said.split()[1:]
    after = _commitments(sage)
    assert len(after) == len(set(after))
    assert sorted(set(after) - set(before)) == sorted(ids)
    with sage.connect() as door:
        assert ties(door) == []


def _commitments(sage: SandboxCompany) -> list[str]:
    with sage.connect() as door:
        return [row[0].strip() for row in door.execute("SELECT Commitment FROM JCM_MASTER__COMMITMENT")]


def test_a_half_made_sample_company_is_made_anew(tmp_path: Path) -> None:
    half = sage_in(tmp_path).with_name("sage.new")
    half.mkdir(parents=True)
    (half / "tsdata.db").write_bytes(b"half")
    made = demo.prepare(company_in(tmp_path), sage_in(tmp_path), transactions=300)
    assert made.settings.exists()
    with SandboxCompany(sage_in(tmp_path)).connect() as door:
        assert ties(door) == []
    assert not half.exists()


def test_a_wrong_sage_folder_is_explained(home: Path) -> None:
    from erpdesk.company import open_company
    from erpdesk.settings import CompanySettings

    company = company_in(home)
    settings = CompanySettings.load(company.settings)
    settings.changed(sage_folder=str(home / "nowhere")).save(company.settings)
    opened = open_company(company, lambda event: None)
    with pytest.raises(ForPeople, match="nowhere"):
        opened.read_once()
    opened.close()
    settings.changed(stand_in=False).save(company.settings)
    with pytest.raises(ForPeople, match="no way to read Sage"):
        open_company(company, lambda event: None)
