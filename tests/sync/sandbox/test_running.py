"""What can stop an import, for every program alike: faults, a full disk, a question on the screen, a silent end."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from erpdesk.sync.sandbox import reader
from erpdesk.sync.sandbox.company import SandboxCompany
from erpdesk.sync.sandbox.programs import PROGRAMS, Abandoned, Withdrawn, read_journal, run_import
from tests.sync.sandbox.looking import SOUND as LINES
from tests.sync.sandbox.looking import reasons, value

Lay = Callable[..., None]
COUNTED = {
    "import_estimates": "JCT_NEW__TRANSACTION",
    "import_commitments": "JCM_MASTER__COMMITMENT",
    "import_direct_costs": "JCT_NEW__TRANSACTION",
    "import_ap": "API_NEW__INVOICE",
}
every_program = pytest.mark.parametrize("name", PROGRAMS)


def count(company: SandboxCompany, name: str) -> int:
    """How many documents of the program's kind the company has."""
    found: int = value(company, f"SELECT COUNT(*) FROM {COUNTED[name]}")
    return found


@every_program
def test_a_sound_file_goes_in(company: SandboxCompany, lay: Lay, name: str) -> None:
    """One more document, a journal with the program's title, no rejects; the input stays."""
    lay(name, *LINES[name])
    before, program = count(company, name), PROGRAMS[name]
    steps: list[str] = []
    result = run_import(company, name, on_step=steps.append)
    assert reasons(result) == [""] * len(LINES[name])
    assert count(company, name) == before + 1
    assert steps == ["read", "committed", "rejects_written", "printed"]
    printed = read_journal(company, name).splitlines()
    assert (printed[0], printed[1].startswith(program.title)) == ("Small & Sons", True)
    assert printed[-1] == f"Records read {len(LINES[name])}   accepted {len(LINES[name])}   rejected 0"
    assert not (company.imports / program.reject).exists() and (company.imports / program.file).exists()
    assert not list(company.folder.rglob("*.tmp"))


@every_program
@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ({"lock": True}, "File is locked (status 85). Nothing was imported."),
        ({"btrieve_status": 84}, "Record or page is locked (status 84). Nothing was imported."),
        ({"no_licence": True}, "licences are in use. Nothing was imported."),
        ({"backup_window": True}, "File is locked (status 85). Nothing was imported."),
    ],
)
def test_stops(company: SandboxCompany, lay: Lay, name: str, faults: dict[str, bool], words: str) -> None:
    """The journal's last line says why in Sage's words; nothing was imported; afterwards it can be."""
    lay(name, *LINES[name])
    before = count(company, name)
    company.set_faults(**faults)
    assert run_import(company, name).stopped.endswith(words)
    assert read_journal(company, name).splitlines()[-1].endswith(words)
    company.set_faults(**dict.fromkeys(faults, False))
    assert count(company, name) == before
    assert not run_import(company, name).stopped


@every_program
def test_a_full_disk_leaves_nothing_half_done(company: SandboxCompany, lay: Lay, name: str) -> None:
    """Rejects and journal find no room: no row is in the tables, no paper lies there, and it can be run again."""
    lay(name, *LINES[name])
    before = count(company, name)
    company.set_faults(disk_full=True)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        run_import(company, name)
    assert count(company, name) == before
    assert [path.name for path in company.imports.iterdir()] == [PROGRAMS[name].file]
    company.set_faults(disk_full=False)
    result = run_import(company, name)
    assert (count(company, name), result.warned) == (before + 1, ())


def test_a_disk_that_fills_up_between_rejects_and_journal(
    company: SandboxCompany, lay: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operating system's own error in the middle: nothing is imported and no half paper is left."""
    name = "import_direct_costs"
    lay(name, *LINES[name], "garbage")
    calls: list[int] = []

    def fsync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        run_import(company, name)
    assert count(company, name) == 0
    assert [path.name for path in company.imports.iterdir()] == [PROGRAMS[name].file]


@every_program
def test_a_question_on_the_screen(company: SandboxCompany, lay: Lay, name: str) -> None:
    """The import waits until somebody answers; told to give up it ends without a word and without a row."""
    lay(name, *LINES[name])
    before = count(company, name)
    company.set_faults(prompt_hang=True)
    asked: list[int] = []

    def give_up() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(Abandoned):
        run_import(company, name, give_up=give_up)
    assert count(company, name) == before and read_journal(company, name) == ""

    def answered() -> bool:
        company.set_faults(prompt_hang=False)
        return False

    assert reasons(run_import(company, name, give_up=answered)) == [""] * len(LINES[name])
    assert count(company, name) == before + 1


@every_program
def test_an_import_that_never_prints(company: SandboxCompany, lay: Lay, name: str) -> None:
    """It does its work and no result is shown, not even rejects; that is what a time-out looks like from outside."""
    lay(name, *LINES[name], "garbage")
    before = count(company, name)
    company.set_faults(import_timeout=True)
    run_import(company, name)
    expected = before if name in ("import_commitments", "import_ap") else before + 1
    assert count(company, name) == expected
    assert [path.name for path in company.imports.iterdir()] == [PROGRAMS[name].file]


@every_program
def test_files_that_are_none(company: SandboxCompany, lay: Lay, name: str) -> None:
    """Empty, a folder, gone: stopped with a sentence, or withdrawn."""
    lay(name)
    assert "holds no records" in run_import(company, name).stopped
    (company.imports / PROGRAMS[name].file).unlink()
    with pytest.raises(Withdrawn):
        run_import(company, name)
    (company.imports / PROGRAMS[name].file).mkdir()
    assert "cannot be opened" in run_import(company, name).stopped


def test_sizes_are_bounded(company: SandboxCompany, lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is too long is refused, a file that is too large is not opened."""
    name = "import_direct_costs"
    lay(name, '"DC","' + "x" * reader.LONGEST_LINE, *LINES[name])
    assert reasons(run_import(company, name)) == ["layout_mismatch", ""]
    with (company.imports / PROGRAMS[name].file).open("r+b") as file:
        file.truncate(reader.LARGEST_FILE + 1)
    assert run_import(company, name).stopped == "direct.txt is larger than 64 MB. Nothing was imported."


def test_a_file_from_elsewhere(company: SandboxCompany, tmp_path: Path) -> None:
    """A person picks any file; rejects and journal lie in the mailbox."""
    picked = tmp_path / "picked.jcc"
    picked.write_bytes("\r\n".join((*LINES["import_commitments"], "")).encode())
    assert reasons(run_import(company, "import_commitments", file=picked)) == ["", ""]
    assert "Import file   picked.jcc" in read_journal(company, "import_commitments")
    with pytest.raises(ValueError, match="has no option"):
        run_import(company, "import_commitments", file=picked, options={"approved_estimate_change": True})


def test_a_journal_that_is_not_there_is_blank(company: SandboxCompany) -> None:
    """Nothing was printed yet."""
    assert [read_journal(company, name) for name in PROGRAMS] == ["", "", "", ""]


def test_others_keep_the_tables(company: SandboxCompany, lay: Lay) -> None:
    """While another program writes, the import waits; asked to give up, it prints nothing."""
    name = "import_ap"
    lay(name, *LINES[name])
    asked = threading.Event()

    def give_up() -> bool:
        asked.set()
        return True

    with closing(company.writable()) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            run_import(company, name, give_up=give_up)
        other.execute("ROLLBACK")
    assert asked.is_set() and read_journal(company, name) == ""
